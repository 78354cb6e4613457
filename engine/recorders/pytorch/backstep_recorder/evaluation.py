"""Values of the script for people, and expressions evaluated in its frames."""

from __future__ import annotations

import contextlib
import ctypes
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

import torch

from .randomness import undisturbed

#: Parts of a value that are named one by one.
_MOST_PARTS = 200
_LONGEST_TEXT = 500
_LIMIT_SECONDS = 1.0


def evaluate(expression: str, frame: FrameType) -> Any:
    """The value of an expression in a frame; it changes neither random numbers nor the grad mode.

    Raises TimeoutError when it takes longer than a second.
    """
    code = compile(expression, "<evaluate>", "eval")
    with _time_limit(_LIMIT_SECONDS), undisturbed():
        # One dictionary: a comprehension in the expression must see the frame's variables as well.
        return eval(code, {**frame.f_globals, **frame.f_locals})


def summary_of(name: str, value: Any, references: list[Any]) -> dict[str, Any]:
    """A value in a line.

    What has parts is put among the references, and named by its number from 1.
    """
    reference = 0
    if children_of(value):
        references.append(value)
        reference = len(references)
    return {
        "name": name,
        "text": _text_of(value),
        "type": type(value).__name__,
        "reference": reference,
    }


def _text_of(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        text = f"[{', '.join(map(str, value.shape))}] {str(value.dtype)[6:]}"
        if value.device.type != "cpu":
            text += f" {value.device}"
        if value.numel() == 1 and value.layout is torch.strided and not value.is_meta:
            text += f" {value.item():.6g}" if not value.is_complex() else f" {value.item()}"
        return text
    if isinstance(value, torch.nn.Module):
        return type(value).__name__
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - the script's own __repr__
        return f"<{type(value).__name__}: its repr raises {type(error).__name__}>"
    return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"


def children_of(value: Any) -> list[tuple[str, Any]]:
    """The named parts of a value; none of what is shown in full."""
    if isinstance(value, torch.nn.Module):
        parts = {**value._parameters, **value._buffers, **value._modules, **_plain_members(value)}
        return [(str(name), part) for name, part in parts.items()][:_MOST_PARTS]
    if isinstance(value, dict):
        return [(repr(key), part) for key, part in list(value.items())[:_MOST_PARTS]]
    if isinstance(value, (list, tuple)):
        return [(f"[{i}]", part) for i, part in enumerate(value[:_MOST_PARTS])]
    if isinstance(value, (str, bytes, int, float, complex, bool, torch.Tensor, type)) or callable(
        value
    ):
        return []
    return list(_plain_members(value).items())[:_MOST_PARTS]


def _plain_members(value: Any) -> dict[str, Any]:
    members = getattr(value, "__dict__", None)
    if not isinstance(members, dict):
        return {}
    return {name: part for name, part in members.items() if not name.startswith("_")}


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Ends Python code that runs for too long, by an exception thrown into this thread.

    On every platform.
    """
    ended, thread = threading.Event(), threading.get_ident()

    def watch() -> None:
        if not ended.wait(seconds):
            throw = ctypes.pythonapi.PyThreadState_SetAsyncExc
            throw(ctypes.c_ulong(thread), ctypes.py_object(TimeoutError))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
