"""When to stop, and what is done at the end of each pass."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from types import FrameType
from typing import Any, Optional

from .channel import Channel, EngineGone
from .history import History, KeptPass
from .passes import Pass
from .recorder import Level, Recorder, threads
from .requests import Requests
from .sites import frames_of

#: Ends a process whose engine is gone.
ENGINE_GONE_STATUS = 70


class Session:
    """One run of a script under the engine."""

    def __init__(self, channel: Optional[Channel], settings: dict[str, Any]) -> None:
        self._channel = channel
        self._level = Level.FULL if settings.get("recording") == "full" else Level.LIGHT
        self._stop: dict[str, Any] = settings.get("stopOn", {"kind": "none"})
        self._report: Optional[str] = settings.get("report")
        self._history = History(settings.get("historyBytes", 0), settings.get("historyLeast", 0))
        #: Passes are watched because some are kept to the end.
        self._keeps = settings.get("historyLeast", 0) > 0
        self._passes = 0
        self._structures: set[int] = set()

    def forked(self) -> None:
        """In a child process, a worker of a DataLoader say, nothing is recorded."""
        Recorder.level = Level.OFF
        threads.recorder, self._channel, self._stop, self._report = (
            None,
            None,
            {"kind": "none"},
            None,
        )
        self._keeps = False

    def wants(self, outer: Optional[Pass]) -> bool:
        """Passes inside of another are its own business."""
        return outer is not None or self._watches_next()

    def _watches_next(self) -> bool:
        kind = self._stop["kind"]
        if kind in ("every", "distinct", "first") or self._report is not None or self._keeps:
            return True
        return kind == "nth" and self._stop["n"] <= self._passes + 1

    def before_next(self) -> None:
        """Ops are only noted while somebody wants the next pass."""
        recorder = threads.recorder
        if recorder is None:
            return
        if self._watches_next():
            Recorder.level = self._level
            recorder.enter()
        else:
            self._history.settle()
            Recorder.level = Level.OFF
            recorder.leave()

    def passed_by(self) -> None:
        """A pass that nobody wanted has ended."""
        self._passes += 1
        self._listen()
        self.before_next()

    def ended(self, record: Pass, frame: FrameType) -> None:
        """A watched pass has ended: serves the engine if it is one to stop at."""
        record.index = self._passes
        self._passes += 1
        self._history.add(KeptPass(record))
        try:
            stops = self._channel is not None and self._stops_at(record)
            if self._channel is not None and (stops or self._report is not None):
                requests = Requests(self._channel, self._history, frames_of(frame))
                if self._report is not None:
                    requests.report(self._report == "values")
                if stops:
                    self._channel.write(
                        {"event": "stopped", "pass": record.index, **self._history.news()}
                    )
                    self._serve(requests)
        except EngineGone:
            leave()
        self._history.leave()
        self._listen()
        self.before_next()

    def _stops_at(self, record: Pass) -> bool:
        kind = self._stop["kind"]
        if kind == "distinct":
            key = record.structure_key()
            known = key in self._structures
            self._structures.add(key)
            return not known
        if kind == "nth":
            return bool(self._stop["n"] <= self._passes)
        return kind in ("every", "first")

    def _serve(self, requests: Requests) -> None:
        """Answers the engine, from the script's own thread, until it lets the script go on."""
        assert self._channel is not None
        while True:
            message, blob = self._channel.read()
            if message["method"] == "resume":
                self._stop = message.get("stopOn", self._stop)
                return
            requests.answer(message, blob)

    def _listen(self) -> None:
        """What the engine has said meanwhile: where to stop from now on."""
        try:
            while self._channel is not None and self._channel.waiting():
                message, _ = self._channel.read()
                if message["method"] == "stopOn":
                    self._stop = message["stopOn"]
        except EngineGone:
            leave()

    def finish(self, failure: Optional[dict[str, Any]], status: int) -> None:
        """The script has come to its end.

        Where passes are kept, they can be looked at until the engine has seen enough.
        """
        Recorder.level = Level.OFF
        if threads.recorder is not None:
            threads.recorder.quiet = True
        if self._channel is None:
            return
        end = {"passes": self._passes, "failure": failure, "status": status}
        try:
            if not self._history.empty:
                _end_as_python_does()
                self._channel.write({"event": "finished", **end, **self._history.news()})
                self._serve(Requests(self._channel, self._history, []))
            self._channel.write({"event": "ended", **end})
            self._channel.close()
        except EngineGone:
            leave()
        self._channel = None


def _end_as_python_does() -> None:
    """What Python does at its end is done now: threads and handlers are not kept waiting."""
    ends: Any = threading
    ends._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()


def leave() -> None:
    """Nobody is there any more to run the script for. No exception: the script might catch it."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(ENGINE_GONE_STATUS)
