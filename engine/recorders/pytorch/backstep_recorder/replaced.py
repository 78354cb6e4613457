"""What the script has put in the place of what Python, its library or torch had."""

from __future__ import annotations

import builtins
import json
import sys
from types import ModuleType
from typing import Any

import torch

from .own_builtins import ORIGINAL

#: Modules of the library that this package calls, or that the library needs for what it calls.
_LIBRARY = (
    *("array", "ast", "atexit", "collections", "contextlib", "ctypes", "enum", "functools", "gc"),
    *("inspect", "itertools", "json", "json.decoder", "json.encoder", "linecache", "math", "os"),
    *("os.path", "re", "select", "signal", "socket", "struct", "sys", "threading", "time"),
    *("traceback", "types", "weakref", "zlib"),
)
#: What a script sets as a matter of course.
_USUAL = {"argv", "displayhook", "excepthook", "last_traceback", "last_type", "last_value", "path"}
_USUAL |= {"ps1", "ps2", "stderr", "stdin", "stdout", "tracebacklimit"}
_MISSING = object()
_builtins = vars(builtins)


class Originals:
    """The names of some modules and classes as they were before the script ran."""

    def __init__(self) -> None:
        library = [sys.modules[name] for name in _LIBRARY if name in sys.modules]
        owners = [builtins, *library, torch, torch.autograd, torch.nn.Module, torch.optim.Optimizer]
        self._were = [
            (owner, _name_of(owner), dict(vars(owner))) for owner in (*owners, torch.Tensor)
        ]

    def replaced(self, *, unusable: bool = False) -> list[str]:
        """What is no longer what it was: "builtins.len", "torch.Tensor.detach".

        Or only what could be called, and now cannot.
        """
        return [
            f"{of}.{name}"
            for owner, of, were in self._were
            for name, (value, now) in _differences(owner, were).items()
            if not unusable or (callable(value) and not callable(now))
        ]

    def unreadable(self) -> list[str]:
        """What a tensor can no longer be asked, its ``grad_fn`` say, since a plain value hides it."""
        owner, of, were = self._were[-1]
        return [
            f"{of}.{name}"
            for name, (value, now) in _differences(owner, were).items()
            if hasattr(value, "__get__") and not hasattr(now, "__get__") and name[:2] != "__"
        ]


def _name_of(owner: Any) -> str:
    if not isinstance(owner, type):
        return str(owner.__name__)
    # Its module may be one that nobody imports from: torch._tensor, torch.nn.modules.module.
    return next(
        f"{module.__name__}.{owner.__name__}"
        for module in (torch, torch.nn, torch.optim)
        if getattr(module, owner.__name__, None) is owner
    )


def _differences(owner: Any, were: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What each name stood for, and what it stands for now."""
    now = vars(owner)
    found = {
        name: (value, now.get(name, _MISSING))
        for name, value in were.items()
        if now.get(name, _MISSING) is not value and not _is_usual(owner, name)
    }
    if isinstance(owner, type):
        # A name that a class gets hides the one that it has inherited.
        for name in now:
            if name not in were:
                hidden = [vars(base)[name] for base in owner.__mro__[1:] if name in vars(base)]
                if hidden:
                    found[name] = (hidden[0], now[name])
    return found


def _is_usual(owner: Any, name: str) -> bool:
    if owner is sys:
        return name in _USUAL
    return isinstance(owner, ModuleType) and owner is not builtins and name.startswith("__")


class original_builtins:  # noqa: N801 - named as what is written after "with"
    """A block in which the library finds Python's own builtins.

    The script's own code must not run in it. Not made with contextlib, which needs them itself.
    """

    def __enter__(self) -> None:
        now = _builtins.get
        self._changed = {
            name: now(name, _MISSING)
            for name, own in ORIGINAL.items()
            if now(name, _MISSING) is not own
        }
        for name in self._changed:
            _builtins[name] = ORIGINAL[name]

    def __exit__(self, *_: Any) -> None:
        for name, value in self._changed.items():
            if value is _MISSING:
                del _builtins[name]
            else:
                _builtins[name] = value


class script_builtins:  # noqa: N801 - as its sibling
    """A block in which code of the script's runs: it finds what the script has made of them."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: Any) -> None:
        pass


class Encoder(json.JSONEncoder):
    """What JSON has no form for is sent as text. Its methods are its own, whatever the script makes of those that it would inherit."""

    __init__ = json.JSONEncoder.__init__
    encode = json.JSONEncoder.encode
    iterencode = json.JSONEncoder.iterencode

    def default(self, o: Any) -> str:
        """As text."""
        return str(o)
