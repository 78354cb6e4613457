"""The stack of modes of torch 1, which calls a mode that calls the innermost one of the stack."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Optional

import torch

_core: Any = torch._C
_overrides: Any = torch.overrides


class ModesOff:
    """A block in which no mode sees calls."""

    def __enter__(self) -> None:
        _core._set_torch_function_mode(None)

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        _call_top()


def call_directly(kind: type) -> None:
    """Has torch call a mode of this kind itself while it is alone, and others with less ado."""
    global _direct
    _direct = kind
    _overrides._TorchFunctionStackMode.__torch_function__ = _call_innermost
    _overrides._push_mode, _overrides._pop_mode = _push_mode, _pop_mode


_direct: Optional[type] = None


def _call_innermost(self: Any, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
    mode = _core._pop_torch_function_stack()
    try:
        _core._set_torch_function_mode(self if _core._len_torch_function_stack() else None)
        return mode.__torch_function__(func, types, args, kwargs)
    finally:
        _core._push_on_torch_function_stack(mode)
        _core._set_torch_function_mode(self)


def _call_top() -> None:
    depth = _core._len_torch_function_stack()
    only = _core._get_function_stack_at(0) if depth == 1 else None
    if only is None or type(only) is not _direct:
        only = _overrides._TorchFunctionStackMode() if depth else None
    _core._set_torch_function_mode(only)


def _push_mode(mode: Any) -> None:
    _core._push_on_torch_function_stack(mode)
    _call_top()


def _pop_mode() -> Any:
    mode = _core._pop_torch_function_stack()
    _call_top()
    return mode
