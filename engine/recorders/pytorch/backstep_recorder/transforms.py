"""Whether torch is transforming or tracing what the script calls."""

from __future__ import annotations

from typing import Any, Callable

import torch

_tracing_state = torch._C._get_tracing_state
_transforms: Callable[[], bool] = torch._C._are_functorch_transforms_active
#: Whether the script has traced anything yet: until then nobody need ask, which takes as long as
#: a small op.
_has_traced = False


def _notice_tracing(owner: Any, name: str) -> None:
    real = getattr(owner, name)

    def trace(*args: Any, **kwargs: Any) -> Any:
        global _has_traced
        _has_traced = True
        return real(*args, **kwargs)

    setattr(owner, name, trace)


for _name in [name for name in dir(torch._C) if name.startswith("_create_") and "trac" in name]:
    _notice_tracing(torch._C, _name)
for _name in [name for name in dir(torch._C.ScriptModule) if name.startswith("_create_method_from_trace")]:
    _notice_tracing(torch._C.ScriptModule, _name)


def transformed() -> bool:
    """Whether vmap, torch.func or jit.trace is at work, whose tensors are not the script's."""
    return _transforms() or (_has_traced and _tracing_state() is not None)
