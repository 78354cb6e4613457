"""Runs the script as Python itself would, and tells the engine how it ended."""

from __future__ import annotations

import builtins
import runpy
import sys
import types
from os import getcwd
from os.path import abspath, dirname
from traceback import format_exception_only, walk_tb
from typing import Any, Optional, Union

from .replaced import original_builtins
from .sites import Owner, outermost, owner_of
from .sources import site_of
from .texts import text_of


def run_script(file: str, arguments: list[str]) -> None:
    """The script is ``__main__``, as if it had been started itself.

    Pickling and spawned processes look there.
    """
    path = abspath(file)
    main: Any = types.ModuleType("__main__")
    main.__dict__.update(
        __file__=file, __builtins__=builtins, __spec__=None, __loader__=None, __cached__=None
    )
    sys.modules["__main__"] = main
    sys.argv = [file, *arguments]
    sys.path[0] = dirname(path)
    text: Union[str, bytes, None] = text_of(path)
    if text is None:
        with open(path, "rb") as source:
            text = source.read()
    # What this file has from __future__ is none of the script's.
    code = compile(text, path, "exec", dont_inherit=True)
    exec(code, main.__dict__)


def run_module(name: str, arguments: list[str]) -> None:
    """As ``python -m NAME`` does."""
    sys.argv = [name, *arguments]
    sys.path[0] = getcwd()
    runpy.run_module(name, run_name="__main__", alter_sys=True)


for _runner in (run_script, run_module):
    outermost(_runner.__code__)


def failure_of(error: BaseException) -> Optional[dict[str, Any]]:
    """An exception for the engine.

    What, where in the script, and the script's frames, innermost first.
    """
    with original_builtins():
        return _failure_of(error)


def _failure_of(error: BaseException) -> Optional[dict[str, Any]]:
    if isinstance(error, SystemExit):
        return None
    if isinstance(error, SyntaxError) and error.filename:
        line, column = error.lineno or 1, error.offset or 1
        site: Optional[dict[str, Any]] = {
            "file": abspath(error.filename),
            "line": line,
            "column": column,
            "endLine": error.end_lineno or line if hasattr(error, "end_lineno") else line,
            "endColumn": max(column + 1, getattr(error, "end_offset", None) or 0),
        }
        return {
            "kind": "syntax",
            "message": f"{type(error).__name__}: {error.msg}",
            "site": site,
            "frames": [],
        }
    frames = []
    for frame, _ in walk_tb(error.__traceback__):
        if owner_of(frame.f_code) == Owner.SCRIPT:
            name = getattr(frame.f_code, "co_qualname", frame.f_code.co_name)
            frames.append(
                {"name": name, "site": site_of(frame.f_code, _instruction_of(error, frame))}
            )
    frames.reverse()
    text = "".join(format_exception_only(type(error), error)).strip()
    return {
        "kind": "exception",
        "message": text,
        "site": frames[0]["site"] if frames else None,
        "frames": frames,
    }


def thrown_by_us(error: BaseException) -> bool:
    """Whether it comes out of a frame of this package, or of what that has called in C."""
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    return bool(frames) and owner_of(frames[-1].f_code) == Owner.OURS


def _instruction_of(error: BaseException, frame: types.FrameType) -> int:
    at = error.__traceback__
    while at is not None:
        if at.tb_frame is frame:
            return at.tb_lasti
        at = at.tb_next
    return frame.f_lasti


def show(error: BaseException) -> None:
    """What the script itself wants to be done with an exception.

    That it came is the engine's to say.
    """
    if sys.excepthook is not sys.__excepthook__:
        sys.excepthook(type(error), error, error.__traceback__)
