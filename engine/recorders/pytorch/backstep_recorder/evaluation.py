"""Values of the script for people, and expressions evaluated in its frames."""

from __future__ import annotations

import contextlib
import ctypes
import re
from collections.abc import Iterable, Iterator
from threading import Event, Thread, get_ident
from types import CodeType, FrameType
from typing import Any, Optional

import torch

from .randomness import undisturbed

#: Parts of a value that are named one by one.
_MOST_PARTS = 200
_LONGEST_TEXT = 500
_LIMIT_SECONDS = 1.0
#: Expressions in braces, and doubled braces, among the plain text of a message.
_PARTS = re.compile(r"(\{\{|\}\}|\{[^{}]*\})")
_NEITHER = "yields neither true nor false"


def evaluate(expression: str, frame: FrameType) -> Any:
    """The value of an expression in a frame; it changes neither random numbers nor the grad mode.

    Raises TimeoutError when it takes longer than a second.
    """
    code = compile(expression, "<evaluate>", "eval")
    with _time_limit(_LIMIT_SECONDS), undisturbed():
        # One dictionary: a comprehension in the expression must see the frame's variables as well.
        return eval(code, {**frame.f_globals, **frame.f_locals})


def _is_expression(part: str) -> bool:
    return part.startswith("{") and part.endswith("}") and part not in ("{{", "}}")


def _compiled_part(part: str) -> CodeType:
    try:
        return compile(part[1:-1].strip(), "<log message>", "eval")
    except SyntaxError:  # It says how it is to be formatted, as in an f-string.
        return compile(f"f'''{part}'''", "<log message>", "eval")


def check_message(message: str) -> None:
    """Raises SyntaxError where an expression in a log message is none."""
    for part in _PARTS.split(message):
        if _is_expression(part):
            _compiled_part(part)


class Question:
    """What a breakpoint asks at places of a pass: whether its condition holds, and what to print.

    It sees the frame's variables, ``grad`` and ``value`` of the place; ``loss`` and ``step`` of the
    pass, where the script has no variables of these names.
    """

    def __init__(self, condition: str, message: str, frame: Optional[FrameType]) -> None:
        code = condition.strip()
        self._condition = compile(code, "<condition>", "eval") if code else None
        self._message = [
            _compiled_part(part)
            if _is_expression(part)
            else {"{{": "{", "}}": "}"}.get(part, part)
            for part in _PARTS.split(message)
            if part
        ]
        self._names = {**frame.f_globals, **frame.f_locals} if frame is not None else {}

    def ask(self, places: Iterable[dict[str, Any]], whole: dict[str, Any]) -> list[dict[str, Any]]:
        """One answer for each place; none after one that took too long."""
        answers: list[dict[str, Any]] = []
        try:
            with _time_limit(_LIMIT_SECONDS), undisturbed():
                for place in places:
                    answers.append(self._ask_at({**whole, **self._names, **place}))
        except TimeoutError:
            answers.append({"error": "it took longer than a second", "ended": True})
        return answers

    def _ask_at(self, names: dict[str, Any]) -> dict[str, Any]:
        try:
            if self._condition is not None:
                holds = _truth_of(eval(self._condition, names))
                if not holds:
                    return {"holds": False} if holds is not None else {"error": _NEITHER}
            text = "".join(
                part if isinstance(part, str) else _printed(eval(part, names))
                for part in self._message
            )
            return {"holds": True, "text": text}
        except TimeoutError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the expression throws
            return {"error": f"{type(error).__name__}: {error}"}


def _truth_of(value: Any) -> Optional[bool]:
    """What a condition says; None where it says neither. A gradient that has not come is false."""
    if isinstance(value, torch.Tensor):
        return bool(value) if value.numel() == 1 else None
    return bool(value) if value is None or isinstance(value, (bool, int, float)) else None


def _printed(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return f"{value.item():.4g}" if value.numel() == 1 else _text_of(value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


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
    ended, thread = Event(), get_ident()

    def watch() -> None:
        if not ended.wait(seconds):
            throw = ctypes.pythonapi.PyThreadState_SetAsyncExc
            throw(ctypes.c_ulong(thread), ctypes.py_object(TimeoutError))

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
