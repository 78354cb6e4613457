"""The forward: each call of torch that makes a node leaves an Op in the node's ``metadata``."""

from __future__ import annotations

import itertools
import sys
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from sys import _getframe
from types import FrameType
from typing import Any, NamedTuple, Optional

import torch
from torch.overrides import TorchFunctionMode

from .cuts import Cuts
from .hand_steps import Begun, HandSteps
from .makings import Makings
from .old_modes import ModesOff
from .ops import (
    KEY,
    SLOTS,
    Given,
    Op,
    ParticularOp,
    Scope,
    Slot,
    StackedOp,
    Window,
    needs_grad,
    slot_of,
)
from .parameter_book import ParameterBook
from .randomness import random_state
from .roles import Role, may_draw, name_of, role_of
from .sites import direct_sites, find_site, stack_of
from .transforms import transformed
from .values import Value, Writes

Tensor = torch.Tensor

#: torch 1 has another stack of modes, which misses indexing.
OLD = torch.__version__.startswith("1.")

#: Members of an enumeration are looked up more slowly than names of a module.
_NONE, _OP, _READ, _CUT, _WRITER = Role.NONE, Role.OP, Role.READ, Role.CUT, Role.WRITER
_ASSIGN, _LEARNER = Role.ASSIGN, Role.LEARNER
_SWITCH, _MAKER = Role.SWITCH, Role.MAKER
_grad_enabled = torch.is_grad_enabled

#: Makes a named tuple without the call of its own constructor, which is in Python.
_given: Any = tuple.__new__
_new: Any = object.__new__
_reference = weakref.ref

#: A block in which no mode sees calls: in torch 1 the class of this name leaves modes on.
modes_off: Any = ModesOff if OLD else torch._C.DisableTorchFunction


class Level(IntEnum):
    """How much is noted of each call."""

    OFF = 0
    #: The op, its inputs and its line.
    LIGHT = 1
    #: The calls that led to it as well.
    FULL = 2


_OFF, _LIGHT, _FULL = Level.OFF, Level.LIGHT, Level.FULL
#: Says that a call is not one of those that are noted in the short way.
_NOT_USUAL = object()

#: Numbers calls in the order in which they were noted, of all threads.
numbers = itertools.count(1)


class _Call(NamedTuple):
    """What is known of a function of torch."""

    role: Role
    name: str
    #: Whether it may draw random numbers.
    draws: bool


_calls: dict[Any, _Call] = {}


class Recorder(TorchFunctionMode):
    """Notes the calls of one thread."""

    # Nothing of the class is written while the script runs: that would make Python look up all of
    # its attributes anew.
    level = Level.LIGHT
    writes = Writes()
    cuts = Cuts()
    makings = Makings()
    #: Where findings are looked for.
    hands: Optional[HandSteps] = None
    parameters: Optional[ParameterBook] = None

    def __init__(self) -> None:
        super().__init__()
        #: The call of a module that the thread is in.
        self.scope: Optional[Scope] = None
        #: Whether calls are part of one that is noted already.
        self.quiet = False
        self.entered = False

    def enter(self) -> None:
        """Puts the recorder on the stack of modes."""
        if not self.entered:
            self.entered = True
            self.__enter__()

    def leave(self) -> bool:
        """Takes it off, for there it costs each call 1 to 4 µs; returns whether it was there.

        Not while the script has put others on top.
        """
        if not self.entered or torch._C._len_torch_function_stack() != 1:
            return False
        self.entered = False
        self.__exit__(None, None, None)
        return True

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Optional[dict[str, Any]] = None
    ) -> Any:
        call = _calls.get(func)
        if call is None:
            call = _calls[func] = _call_of(func)
        role, name, draws = call
        if role is _NONE or Recorder.level is _OFF or transformed():
            return func(*args, **kwargs) if kwargs else func(*args)
        if role is _SWITCH:
            out = func(*args, **kwargs) if kwargs else func(*args)
            if Recorder.parameters is not None and isinstance(args[0], Tensor):
                Recorder.parameters.switched(args[0], find_site(_getframe(1)))
            return out
        if role is _READ:
            if Recorder.cuts.follows and not self.quiet:
                Recorder.cuts.read(args[0], func.__name__, _getframe(1))
            return func(*args, **kwargs) if kwargs else func(*args)
        notes = not self.quiet and _grad_enabled()
        if notes and role is _OP and not kwargs and not draws:
            out = self._record_usual(name, func, args)
            if out is not _NOT_USUAL:
                return out
        needed = needs_grad(args) or (kwargs and needs_grad(kwargs.values()))
        if needed and notes and role is not _CUT and role is not _ASSIGN:
            return self.record(name, func, args, kwargs, role, None, draws)
        begun = None
        if role is _WRITER and args:
            Recorder.writes.before(args[0])
            Recorder.makings.forget(args[0])
            begun = self._begun(args[0])
        elif role is _ASSIGN:
            begun = self._begun(args[0], args[1])
        elif kwargs and kwargs.get("out") is not None:
            Recorder.writes.before(kwargs["out"])
        out = func(*args, **kwargs) if kwargs else func(*args)
        if begun is not None and Recorder.hands is not None:
            Recorder.hands.ends(begun, find_site(_getframe(1)))
        elif role is _WRITER and args and Recorder.makings.active and Recorder.hands is not None:
            Recorder.hands.wrote(args[0], find_site(_getframe(1)))
        if self.quiet:
            return out
        if isinstance(out, Tensor) and not out.requires_grad:
            if needed:
                if name == "data" and Recorder.hands is not None:
                    Recorder.hands.shows(args[0], out)
                kind = "detach" if role is _CUT else "no-grad"
                Recorder.cuts.cut(out, kind, name, args, _getframe(1))
            elif Recorder.cuts.found:
                Recorder.cuts.carry(out, args)
            if role is _MAKER and not needed and Recorder.cuts.follows:
                Recorder.cuts.remade(out)
        if Recorder.makings.active and not needed and role is not _WRITER:
            Recorder.makings.note(out, name, args, kwargs, _getframe(1))
        return out

    def _begun(self, target: Any, given: Any = None) -> Optional[Begun]:
        """What is known of a parameter that the script itself is about to write, or to give data."""
        if self.quiet or Recorder.hands is None:
            return None
        return Recorder.hands.begins(target, given)

    def _record_usual(self, name: str, func: Callable[..., Any], args: Sequence[Any]) -> Any:
        """What ``record`` does, for an op of tensors that are leaves, constants or made by such ops.

        Most are, and thousands in a step; so nothing is called here that can be avoided.
        """
        found: list[Any] = []
        inputs: list[Given] = []
        values: list[Value] = []
        needed = False
        for a in args:
            if isinstance(a, Tensor):
                if len(inputs) == len(SLOTS):
                    return _NOT_USUAL
                node = a.grad_fn
                if node is not None:
                    if KEY not in node.metadata:
                        return _NOT_USUAL
                    needed, given = True, (node, a.output_nr, None)
                elif a.requires_grad:
                    needed, given = True, (None, 0, a)
                else:
                    value = Value(a)
                    if Recorder.cuts.found:
                        value.cut = Recorder.cuts.found.get(id(a))
                    if Recorder.makings.active:
                        value.making = Recorder.makings.of(a)
                    values.append(value)
                    given = (None, 0, value)
                found.append(SLOTS[len(inputs)])
                inputs.append(_given(Given, given))
            elif type(a) is tuple or type(a) is list:
                return _NOT_USUAL
            else:
                found.append(a)
        if not needed:
            return _NOT_USUAL
        frame = _getframe(2)
        if Recorder.level is _FULL:
            op: Op = _new(StackedOp)
            op.stack = stack_of(frame)
        else:
            op = _new(Op)
        op.seq, op.name, op.func, op.args = next(numbers), name, func, tuple(found)
        op.inputs, op.values, op.noted, op.scope = inputs, values, 0, self.scope
        site = direct_sites.get((id(frame.f_code), frame.f_lasti))
        op.site = site if site is not None else find_site(frame)
        self.quiet = True
        try:
            result = func(*args)
        finally:
            self.quiet = False
        if isinstance(result, Tensor):
            node = result.grad_fn
            if node is None:
                if Recorder.cuts.follows:
                    Recorder.cuts.cut(result, "step", name, args, frame)
            elif KEY in node.metadata:
                self.tag(op, result, node)
            else:
                alias = result.detach()
                value = _new(Value)
                value.data, value.version, value.copied, value.cut = alias, alias._version, False, None
                value.making = None
                node.metadata[KEY] = (op, {result.output_nr: value})
                values.append(value)
        elif isinstance(result, (tuple, list)):
            quiet, self.quiet = self.quiet, True
            self._tag_each(op, result)
            self._cut_each(name, args, result, frame)
            self.quiet = quiet
        Recorder.writes.unread.append(_reference(op))
        return result

    def record(
        self,
        name: str,
        func: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Optional[dict[str, Any]],
        role: Role = _OP,
        function: Optional[type] = None,
        draws: bool = False,
    ) -> Any:
        """Runs a call and notes it; where it may draw, with the state of the random generators."""
        op = ParticularOp(next(numbers), name)
        op.func, op.scope = func, self.scope
        target = args[0] if role is _WRITER and args and isinstance(args[0], Tensor) else None
        base = target._base if target is not None and target._is_view() else None
        if target is None or base is None:
            op.args = self._template(op, args)
        else:  # What is written is a window of the base, and it is the base that gets a new node.
            op.window = window_of(target, base)
            op.args = (self.slot(op, base), *self._template(op, args[1:]))
        if kwargs:
            op.kwargs = {key: self._template(op, (value,))[0] for key, value in kwargs.items()}
        if role is _LEARNER:  # What it learns are vectors; no mode sees that it writes there.
            for value in op.values:
                if value.data.dim() == 1:
                    value.copy()
        if draws or function is not None:
            op.function, op.random = function, random_state()
        frame = _getframe(2)
        op.site = find_site(frame)
        if Recorder.level is _FULL:
            op.stack = stack_of(frame)
        if target is not None:
            op.writes = True
            Recorder.writes.note(op)
            Recorder.writes.before(target)
        quiet, self.quiet = self.quiet, True
        try:
            result = func(*args, **kwargs) if kwargs else func(*args)
            if target is not None:
                self.tag(op, target if base is None else base)
            elif isinstance(result, Tensor):
                node = result.grad_fn
                if node is not None:
                    self.tag(op, result, node)
                elif Recorder.cuts.follows and not quiet:
                    Recorder.cuts.cut(result, "step", name, args, frame)
            elif isinstance(result, (tuple, list)):
                self._tag_each(op, result)
                if not quiet:
                    self._cut_each(name, args, result, frame)
        finally:
            self.quiet = quiet
        Recorder.writes.note(op)
        return result

    def _tag_each(self, op: Op, results: Iterable[Any]) -> None:
        """The results of an op, which may be nested as those of ``torch.lstm`` in Python are."""
        for result in results:
            if isinstance(result, (tuple, list)):
                self._tag_each(op, result)
            else:
                self.tag(op, result)

    @staticmethod
    def _cut_each(name: str, args: Sequence[Any], results: Iterable[Any], frame: FrameType) -> None:
        """Positions that an op gives beside its values pass no gradient on."""
        if not Recorder.cuts.follows:
            return
        if name == "broadcast_tensors":
            # Losses call it. What it makes of a target has nothing to do with the prediction.
            given = args[0] if args and isinstance(args[0], (tuple, list)) else args
            for one, result in zip(given, results):
                if isinstance(result, Tensor) and not result.requires_grad:
                    Recorder.cuts.shown_as(result, one)
                    if Recorder.makings.active:
                        Recorder.makings.shown_as(result, one, frame)
            return
        for result in results:
            if isinstance(result, Tensor) and not result.requires_grad:
                Recorder.cuts.cut(result, "step", name, args, frame)

    @staticmethod
    def tag(op: Op, out: Any, node: Any = None) -> None:
        """Makes the op known to the node that it has made, with the value."""
        if node is None:
            node = out.grad_fn if isinstance(out, Tensor) else None
            if node is None:
                return
        metadata = node.metadata
        made = metadata.get(KEY)
        if made is None or made[0] is not op:
            for given in op.inputs:
                if given[0] is node:
                    return  # The op gave back its input.
            made = metadata[KEY] = (op, {})
        value = made[1][out.output_nr] = Value(out.detach())
        op.values.append(value)

    def _view_again(self, op: Op, view: Tensor) -> None:
        """After a write to the base, autograd makes its views anew, when they are asked for."""
        base = view._base
        assert base is not None
        window = window_of(view, base)
        again = ParticularOp(op.seq - 0.5, "view")
        again.func, again.args = torch.as_strided, (slot_of(0), *window)
        self.slot(again, base)
        again.site, again.scope = find_site(_getframe(3)), op.scope
        self.tag(again, view)
        Recorder.writes.note(again)

    def _template(self, op: Op, args: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments with slots for tensors."""
        found, inputs = [], op.inputs
        for a in args:
            if isinstance(a, Tensor):
                node = a.grad_fn
                if node is not None and KEY in node.metadata:  # What is usual, without a call.
                    found.append(slot_of(len(inputs)))
                    inputs.append(_given(Given, (node, a.output_nr, None)))
                else:
                    found.append(self.slot(op, a))
            elif type(a) is tuple or type(a) is list:
                found.append(type(a)(self._template(op, a)))
            else:
                found.append(a)
        return tuple(found)

    def slot(self, op: Op, tensor: Tensor) -> Slot:
        """Notes an input of the op."""
        node = tensor.grad_fn
        if not tensor.requires_grad:
            value = Value(tensor)
            if Recorder.cuts.found:
                value.cut = Recorder.cuts.found.get(id(tensor))
            if Recorder.makings.active:
                value.making = Recorder.makings.of(tensor)
            op.values.append(value)
            op.inputs.append(_given(Given, (None, 0, value)))
        elif node is None:
            op.inputs.append(_given(Given, (None, 0, tensor)))
        else:
            own = None
            if KEY not in node.metadata:
                if tensor._is_view() and tensor._base is not None and tensor._base.requires_grad:
                    self._view_again(op, tensor)
                else:
                    own = Value(tensor.detach())
                    op.values.append(own)
            op.inputs.append(_given(Given, (node, tensor.output_nr, own)))
        return slot_of(len(op.inputs) - 1)


def _call_of(func: Any) -> _Call:
    role = role_of(func)
    name = "" if role is _NONE else name_of(func)
    return _Call(role, name, may_draw(name))


def window_of(view: Tensor, base: Tensor) -> Window:
    """Which part of its base a view is."""
    return Window(tuple(view.shape), view.stride(), view.storage_offset() - base.storage_offset())


class _Threads(threading.local):
    recorder: Optional[Recorder] = None


#: The recorder of this thread.
threads = _Threads()


def start() -> Recorder:
    """Gives this thread a recorder."""
    threads.recorder = Recorder()
    return threads.recorder
