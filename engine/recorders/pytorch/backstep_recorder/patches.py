"""What a mode does not see.

Torch's own functions in Python, modules, custom Functions, TorchScript, optimizers, threads.
"""

from __future__ import annotations

import importlib
import threading
from sys import _getframe
from typing import Any, Callable, Optional, Protocol

import torch

from . import old_modes
from .ops import CallSite, Scope
from .program_book import ProgramBook, caller
from .recorder import OLD, Level, Recorder, modes_off, needs_grad, start, threads
from .roles import Role, may_draw
from .transforms import transformed

Tensor, Parameter = torch.Tensor, torch.nn.Parameter

_OPENED = (
    "torch.nn.functional",
    "torch.functional",
    "torch._tensor",
    "torch.nn.init",
    "torch.autograd",
    "torch.overrides",
)


class StepObserver(Protocol):
    """Who is told of an optimizer's steps."""

    def stepping(self, optimizer: Any, site: Optional[CallSite]) -> None:
        """An optimizer is about to step."""


def install(
    book: Optional[ProgramBook] = None, observer: Optional[StepObserver] = None
) -> None:
    """Puts every stand-in in its place; once, before the script runs.

    The book is told of what modules and optimizers do, the observer of their steps.
    """
    for module in _OPENED:
        _open_functions(importlib.import_module(module))
    _wrap_modules(book)
    _wrap_functions()
    _leave_out_first_gradients()
    _wrap_call(torch._C.ScriptFunction, "__call__", lambda function: f"jit.{function.name}")
    _wrap_call(torch._C.ScriptMethod, "__call__", lambda method: f"jit.{method.name}")
    if OLD:
        _mend_old_modes()
    _wrap_optimizers(book, observer)
    _record_threads()


def _idle(recorder: Optional[Recorder]) -> bool:
    return recorder is None or recorder.quiet or Recorder.level == Level.OFF or transformed()


def _plain(tensors: Any) -> bool:
    for t in tensors:
        if type(t) is not Tensor and type(t) is not Parameter and isinstance(t, Tensor):
            return False
    return True


def _open_functions(module: Any) -> None:
    """Functions in Python would arrive as one call each; what they call arrives instead.

    Subclasses of Tensor keep their overrides.
    """
    for name in ("has_torch_function", "has_torch_function_unary", "has_torch_function_variadic"):
        real = getattr(module, name, None)
        if real is None:
            continue
        if name == "has_torch_function":
            setattr(module, name, lambda tensors, real=real: not _plain(tensors) and real(tensors))
        elif name == "has_torch_function_variadic":
            setattr(
                module, name, lambda *tensors, real=real: not _plain(tensors) and real(*tensors)
            )
        else:
            setattr(module, name, _only_for_others(real))


def _only_for_others(real: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """As ``_plain`` has it, of one tensor: each activation asks."""

    def has_torch_function_unary(tensor: Any) -> bool:
        kind = type(tensor)
        if kind is Tensor or kind is Parameter or not isinstance(tensor, Tensor):
            return False
        return real(tensor)

    return has_torch_function_unary


def _leave_out_first_gradients() -> None:
    """The ones that backward() itself starts from are none of the script's ops."""
    owner: Any = torch.autograd
    # A name of PyTorch's own, which a later version may not have: then they are ops like any other.
    make = getattr(owner, "_make_grads", None)
    if make is None:
        return

    def make_unseen(*args: Any, **kwargs: Any) -> Any:
        recorder = threads.recorder
        if recorder is None or recorder.quiet:
            return make(*args, **kwargs)
        recorder.quiet = True
        try:
            return make(*args, **kwargs)
        finally:
            recorder.quiet = False

    owner._make_grads = make_unseen


def _wrap_modules(book: Optional[ProgramBook]) -> None:
    call = torch.nn.Module.__call__

    def call_in_scope(module: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
        recorder = threads.recorder
        if recorder is None or recorder.quiet or Recorder.level == Level.OFF:
            return call(module, *args, **kwargs)
        if book is not None:
            book.modules.called(module, caller)
        outer, recorder.scope = recorder.scope, Scope(recorder.scope, module)
        try:
            return call(module, *args, **kwargs)
        finally:
            recorder.scope = outer

    torch.nn.Module.__call__ = call_in_scope


def _wrap_functions() -> None:
    base: Any = torch.autograd.Function
    own = base.__dict__.get("apply")

    def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
        real = own.__get__(None, cls) if own is not None else super(base, cls).apply
        recorder = threads.recorder
        if (
            recorder is None
            or _idle(recorder)
            or not torch.is_grad_enabled()
            or not needs_grad(args)
        ):
            return real(*args, **kwargs)
        return recorder.record(cls.__name__, real, args, kwargs, function=cls)

    base.apply = classmethod(apply)


def _wrap_call(
    owner: Any, attribute: str, name_of: Callable[[Any], str], writes: bool = False
) -> None:
    """Notes each call of a method that no mode sees."""
    real, role = getattr(owner, attribute), Role.WRITER if writes else Role.OP

    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        recorder = threads.recorder
        if recorder is None or _idle(recorder):
            # Within a Function's forward nothing is noted, and what is shown may be written.
            if writes and recorder is not None and Recorder.level != Level.OFF:
                Recorder.writes.before(self)
            return real(self, *args, **kwargs)
        quiet, recorder.quiet = recorder.quiet, True
        try:
            operands = (self, *args) if isinstance(self, Tensor) else args
            if not torch.is_grad_enabled() or not needs_grad(operands):
                if writes:
                    Recorder.writes.before(self)
                    Recorder.makings.forget(self)
                out = real(self, *args, **kwargs)
                if isinstance(out, Tensor) and not out.requires_grad:
                    if Recorder.cuts.found:
                        Recorder.cuts.carry(out, operands)
                    if Recorder.makings.active and not needs_grad(operands):
                        Recorder.makings.note(
                            out, name_of(self), operands, kwargs, _getframe(1)
                        )
                return out
            func = real if isinstance(self, Tensor) else real.__get__(self)
            name = name_of(self)
            return recorder.record(name, func, operands, kwargs, role, draws=may_draw(name))
        finally:
            recorder.quiet = quiet

    setattr(owner, attribute, wrapped)


def _mend_old_modes() -> None:
    """In torch 1 modes do not see ``x[0]`` and ``x[0] = y``, and are called by way of another."""
    _wrap_call(Tensor, "__getitem__", lambda _: "__getitem__")
    _wrap_call(Tensor, "__setitem__", lambda _: "__setitem__", writes=True)
    # Its own check of the mode is what kept `_storage` from finding itself.
    tensor_class: Any = Tensor
    storage = tensor_class.storage

    def unseen_storage(tensor: Tensor) -> Any:
        with modes_off():
            return storage(tensor)

    tensor_class.storage = unseen_storage
    old_modes.call_directly(Recorder)


def _wrap_optimizers(book: Optional[ProgramBook], observer: Optional[StepObserver]) -> None:
    """An optimizer writes in place, without a graph.

    What is shown is copied first, and nothing else noted.
    """
    optimizer: Any = torch.optim.Optimizer
    made = optimizer.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        for name in ("step", "zero_grad"):
            method = getattr(type(self), name)
            if not getattr(method, "backstep_outside", False):
                setattr(type(self), name, _outside(method, name, book, observer))
        made(self, *args, **kwargs)
        if book is not None:
            book.optimizer_made(self, caller())

    optimizer.__init__ = init


def _outside(
    method: Any, name: str, book: Optional[ProgramBook], observer: Optional[StepObserver]
) -> Any:
    def run_outside(self: Any, *args: Any, **kwargs: Any) -> Any:
        if threads.recorder is None:
            return method(self, *args, **kwargs)
        if args or kwargs:  # A closure is recorded.
            closure = args[0] if args else kwargs.get("closure")
            with modes_off():
                _tell_before(book, observer, name, self, callable(closure))
            done = method(self, *args, **kwargs)
            with modes_off():
                _tell_after(book, name, self)
            return done
        with modes_off():
            if Recorder.writes.watches:
                held = [one for group in self.param_groups for one in group["params"]]
                grads = [grad for one in held if (grad := one.grad) is not None]
                Recorder.writes.before_each([*held, *grads] if name == "step" else grads)
            _tell_before(book, observer, name, self)
            done = method(self, *args, **kwargs)
            _tell_after(book, name, self)
            return done

    run_outside.__dict__.update(getattr(method, "__dict__", {}))
    run_outside.__name__, run_outside.__doc__ = getattr(method, "__name__", "step"), method.__doc__
    run_outside.backstep_outside = True  # type: ignore[attr-defined]
    return run_outside


def _tell_before(
    book: Optional[ProgramBook],
    observer: Optional[StepObserver],
    name: str,
    optimizer: Any,
    closure: bool = False,
) -> None:
    if name != "step":
        return
    if book is not None:
        book.stepping(optimizer, caller(), closure)
    if observer is not None:
        observer.stepping(optimizer, caller())


def _tell_after(book: Optional[ProgramBook], name: str, optimizer: Any) -> None:
    if name == "step":
        if book is not None:
            book.stepped(optimizer)
        return
    held = [one for group in optimizer.param_groups for one in group["params"]]
    grads = [one.grad for one in held if one.grad is not None]
    Recorder.writes.zeroed.update((id(grad), grad._version) for grad in grads)
    if book is not None:
        book.zeroed(held, optimizer, caller())


def _record_threads() -> None:
    """Each thread that the script starts has a recorder of its own."""
    thread_class: Any = threading.Thread
    bootstrap = thread_class._bootstrap_inner

    def bootstrap_inner(thread: Any) -> None:
        with start():
            bootstrap(thread)

    thread_class._bootstrap_inner = bootstrap_inner
