"""Tells the program's book of what a script makes and calls: modules, optimizers, schedules, clips."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from sys import _getframe
from typing import Any

import torch

from .program_book import ProgramBook, caller
from .recorder import Recorder, modes_off

Tensor = torch.Tensor


def follow(book: ProgramBook) -> None:
    """Puts every stand-in in its place; once, before the script runs."""
    _follow_modules(book)
    _follow_clips(book)
    _follow_schedules(book)
    _follow_parameters(book)
    _follow_numbers()


def _follow_modules(book: ProgramBook) -> None:
    module: Any = torch.nn.Module
    made, evaluated, reset = module.__init__, module.eval, module.zero_grad

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **kwargs)
        book.module_made(self, _getframe(1))

    def eval_(self: Any) -> Any:
        book.modules.evaluated(self, caller())
        return evaluated(self)

    def zero_grad(self: Any, *args: Any, **kwargs: Any) -> None:
        reset(self, *args, **kwargs)
        book.zeroed(list(self.parameters()), self, caller())

    module.__init__, module.eval, module.zero_grad = _like(init, made), eval_, zero_grad
    if not hasattr(module, "requires_grad"):
        module.requires_grad = _Told(book)


class _Told:
    """An attribute of modules that they do not have: whoever sets it means their parameters."""

    def __init__(self, book: ProgramBook) -> None:
        self._book = book

    def __get__(self, holder: Any, owner: Any = None) -> Any:
        if holder is not None and "requires_grad" in holder.__dict__:
            return holder.__dict__["requires_grad"]
        raise AttributeError("requires_grad")

    def __set__(self, holder: Any, value: Any) -> None:
        holder.__dict__["requires_grad"] = value
        self._book.modules.told(holder, caller() if value is True else None)

    def __delete__(self, holder: Any) -> None:
        if holder.__dict__.pop("requires_grad", self) is self:
            raise AttributeError("requires_grad")


def _follow_parameters(book: ProgramBook) -> None:
    parameter: Any = torch.nn.Parameter
    made = parameter.__new__

    def new(cls: Any, *args: Any, **kwargs: Any) -> Any:
        tensor = made(cls, *args, **kwargs)
        if book.parameters.passes > 0 and cls is parameter:
            book.parameters.constructed(tensor, caller())
        return tensor

    parameter.__new__ = staticmethod(_like(new, made))


def _follow_numbers() -> None:
    """Modes do not see what arrays of NumPy become."""
    owner: Any = torch
    theirs = owner.from_numpy

    def from_numpy(*args: Any, **kwargs: Any) -> Any:
        out = theirs(*args, **kwargs)
        if Recorder.cuts.follows:
            with modes_off():
                Recorder.cuts.remade(out)
                if Recorder.makings.active:
                    Recorder.makings.note(out, "from_numpy", (), None, _getframe(1))
        return out

    owner.from_numpy = _like(from_numpy, theirs)


def _follow_clips(book: ProgramBook) -> None:
    utils: Any = torch.nn.utils
    clip_norm, clip_value = utils.clip_grad_norm_, utils.clip_grad_value_

    def clip_grad_norm_(parameters: Any, max_norm: Any, *args: Any, **kwargs: Any) -> Any:
        given = _tensors(parameters)
        norm = clip_norm(given, max_norm, *args, **kwargs)
        book.clipped("norm", given, float(max_norm), float(norm), caller())
        return norm

    def clip_grad_value_(parameters: Any, clip_value_: Any, *args: Any, **kwargs: Any) -> None:
        given = _tensors(parameters)
        largest = max((float(p.grad.detach().abs().max()) for p in given if _has_any(p)), default=0)
        clip_value(given, clip_value_, *args, **kwargs)
        book.clipped("value", given, float(clip_value_), largest, caller())

    for owner in (utils, sys.modules["torch.nn.utils.clip_grad"]):
        setattr(owner, "clip_grad_norm_", clip_grad_norm_)
        setattr(owner, "clip_grad_value_", clip_grad_value_)


def _follow_schedules(book: ProgramBook) -> None:
    schedules: Any = torch.optim.lr_scheduler
    base: Any = getattr(schedules, "LRScheduler", None) or schedules._LRScheduler
    made = base.__init__

    def init(self: Any, optimizer: Any, *args: Any, **kwargs: Any) -> None:
        made(self, optimizer, *args, **kwargs)
        step = type(self).step
        if not hasattr(step, "backstep_tells"):
            type(self).step = _telling(step, book)
        book.scheduler_made(self, caller())

    base.__init__ = _like(init, made)


def _telling(step: Any, book: ProgramBook) -> Any:
    def step_and_tell(self: Any, *args: Any, **kwargs: Any) -> Any:
        done = step(self, *args, **kwargs)
        book.scheduler_stepped(self, caller())
        return done

    step_and_tell.backstep_tells = True  # type: ignore[attr-defined]
    return _like(step_and_tell, step)


def _like(ours: Any, theirs: Any) -> Any:
    """Says of itself what the function says that it stands for."""
    ours.__wrapped__, ours.__doc__ = theirs, theirs.__doc__
    return ours


def _tensors(parameters: Any) -> list[Tensor]:
    if isinstance(parameters, Tensor):
        return [parameters]
    given: Iterable[Tensor] = parameters
    return list(given)


def _has_any(parameter: Tensor) -> bool:
    return parameter.grad is not None and parameter.grad.numel() > 0
