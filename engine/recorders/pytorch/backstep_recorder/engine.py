"""Stands in front of autograd's engine: every backward pass of the process comes through here."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from sys import _getframe
from types import FrameType
from typing import Any, Optional, Protocol

import torch

from .launch import failure_of
from .ops import CallSite
from .passes import Pass
from .recorder import Level, Recorder, threads
from .sites import find_site
from .transforms import transformed


class PassObserver(Protocol):
    """Who is told of passes."""

    def wants(self, outer: Optional[Pass]) -> bool:
        """Whether the pass that is about to begin, inside of another or not, is to be watched."""

    def begins(self, leaves: Optional[Iterable[torch.Tensor]]) -> None:
        """A pass is about to run; of one that is not watched nobody knows its leaves."""

    def refused(self, roots: Sequence[Any], site: Optional[CallSite], error: BaseException) -> None:
        """A pass has thrown."""

    def starts(self, leaves: Optional[Iterable[torch.Tensor]]) -> None:
        """A pass that is inside of no other is about to run; unwatched, its leaves are unknown."""

    def returned(self) -> None:
        """It is over, by an exception or not; ``ended`` or ``passed_by`` follows."""

    def ended(self, record: Pass, frame: FrameType) -> None:
        """A watched pass has ended, and is the observer's to release; ``frame`` called it."""

    def passed_by(self, roots: Sequence[Any], kind: str, site: Optional[CallSite]) -> None:
        """A pass that was not watched has ended."""

    def stumbles(self, error: Exception, site: Optional[CallSite]) -> None:
        """The recorder itself has thrown, which the script is not to see if that can be helped."""


class _Own:
    """A block in which nothing of the script's runs: what is thrown there the recorder has thrown."""

    def __init__(self, observer: PassObserver, site: Optional[CallSite]) -> None:
        self._observer = observer
        self._site = site

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: Any, error: Optional[BaseException], __: Any) -> None:
        if isinstance(error, Exception):
            self._observer.stumbles(error, self._site)


class _Running(threading.local):
    #: The pass that this thread is in.
    outer: Optional[Pass] = None


class ExecutionEngine:
    """Takes the place of ``Variable._execution_engine``.

    Where torch.autograd, checkpointing and DDP look.
    """

    def __init__(self, real: Any, observer: PassObserver) -> None:
        self._real = real
        self._observer = observer
        self._running = _Running()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def run_backward(
        self,
        tensors: Any,
        gradients: Any,
        keep_graph: bool,
        create_graph: bool,
        *args: Any,
        **options: Any,
    ) -> Any:
        """As the engine's own, with the pass watched where somebody wants it."""
        recorder = threads.recorder
        if recorder is None or recorder.quiet or transformed():
            return self._real.run_backward(
                tensors, gradients, keep_graph, create_graph, *args, **options
            )
        observer = self._observer
        kind = "backward" if options.get("accumulate_grad", False) else "grad"
        if Recorder.level == Level.OFF or not observer.wants(self._running.outer):
            site = find_site(_getframe(1))
            if self._running.outer is None:
                with _Own(observer, site):
                    observer.starts(None)
                    observer.begins(None)
            try:
                return self._real.run_backward(
                    tensors, gradients, keep_graph, create_graph, *args, **options
                )
            except BaseException as error:
                observer.refused(tensors, site, error)
                raise
            finally:
                if self._running.outer is None:
                    with _Own(observer, site):
                        observer.returned()
                        observer.passed_by(tensors, kind, site)
        roots = [tensor for tensor in tensors if isinstance(tensor, torch.Tensor)]
        quiet, recorder.quiet = recorder.quiet, True
        was_entered = recorder.leave()
        try:
            site = find_site(_getframe(1))
            with _Own(observer, site):
                record = Pass(roots, site, create_graph, kind, self._running.outer, keep_graph)
                if self._running.outer is None:
                    observer.starts(record.leaves)
                observer.begins(record.leaves)
        finally:
            recorder.quiet = quiet
            if was_entered:
                recorder.enter()
        outer, self._running.outer = self._running.outer, record
        try:
            return self._real.run_backward(
                tensors, gradients, keep_graph, create_graph, *args, **options
            )
        except BaseException as error:
            record.failed, record.failure = True, failure_of(error)
            observer.refused(roots, site, error)
            raise
        finally:
            self._running.outer = outer
            with _Own(observer, site):
                record.end()
            quiet, recorder.quiet = recorder.quiet, True
            was_entered = recorder.leave()
            try:
                if outer is None:
                    with _Own(observer, site):
                        observer.returned()
                        observer.ended(record, _getframe(1))
            finally:
                recorder.quiet = quiet
                Recorder.writes.prune()
                if was_entered and Recorder.level != Level.OFF:
                    recorder.enter()


def install(observer: PassObserver) -> None:
    """Puts the stand-in in its place."""
    variable: Any = torch.autograd.Variable
    variable._execution_engine = ExecutionEngine(variable._execution_engine, observer)
