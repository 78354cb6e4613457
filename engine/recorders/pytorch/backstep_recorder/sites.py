"""Where in the script an op was called."""

from __future__ import annotations

import itertools
import os
import sysconfig
from enum import IntEnum
from types import CodeType, FrameType
from typing import NamedTuple, Optional

import torch

from .ops import CallSite

_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep
_TORCH = os.path.dirname(os.path.abspath(torch.__file__)) + os.sep
_FUNCTIONAL = (os.path.join(_TORCH, "nn", "functional.py"), os.path.join(_TORCH, "functional.py"))
_STDLIB = os.path.abspath(sysconfig.get_paths()["stdlib"]) + os.sep
_INSTALLED = ("site-packages", "dist-packages")


class Owner(IntEnum):
    """Whose a piece of code is."""

    SCRIPT = 0
    TORCH = 1
    #: A function of ``torch.nn.functional``, which is shown as a group of the ops that it calls.
    COMPOSITE = 2
    OURS = 3
    #: What of ours runs the script.
    RUNNER = 4


_SCRIPT, _RUNNER = Owner.SCRIPT, Owner.RUNNER
#: Places that were found before, oldest first. They keep the code objects alive whose ids are in
#: their keys.
_sites: dict[tuple[int, int, int, bool], CallSite] = {}
#: Those of calls that the script itself made, by the code's id and the instruction.
direct_sites: dict[tuple[int, int], CallSite] = {}

#: By the id of the code object, which is kept alive. Not by the code itself: from 3.12 its hash
#: reads all of it.
_owners: dict[int, tuple[Owner, CodeType]] = {}


def owner_of(code: CodeType) -> Owner:
    """Whose a code object is. Installed packages other than torch count as the script's."""
    found = _owners.get(id(code))
    if found is None:
        found = _owners[id(code)] = (_owner_of_file(code.co_filename), code)
    return found[0]


def _owner_of_file(name: str) -> Owner:
    if name.startswith(_OWN):
        return Owner.OURS
    if name in _FUNCTIONAL:
        return Owner.COMPOSITE
    if name.startswith((_TORCH, "<frozen", "<__array_function__")):
        return Owner.TORCH
    if name.startswith(_STDLIB) and not any(part in name for part in _INSTALLED):
        return Owner.TORCH
    return Owner.SCRIPT


def find_site(frame: Optional[FrameType]) -> Optional[CallSite]:
    """The instruction of the innermost frame that is the script's."""
    composite, direct, owners = None, True, _owners
    while frame is not None:
        code = frame.f_code
        found = owners.get(id(code))
        owner = found[0] if found is not None else owner_of(code)
        if owner is _SCRIPT:
            key = (id(code), frame.f_lasti, id(composite), direct)
            site = _sites.get(key)
            if site is None:
                site = _sites[key] = CallSite(code, frame.f_lasti, composite, direct)
                if direct and composite is None:
                    direct_sites[id(code), frame.f_lasti] = site
            return site
        if owner is _RUNNER:
            return None
        if owner is not Owner.OURS:
            direct = False
            if owner is Owner.COMPOSITE:
                composite = code
        frame = frame.f_back
    return None


def new_sites(seen: int) -> list[CallSite]:
    """Places that were found after so many others."""
    if seen == len(_sites):
        return []
    return list(itertools.islice(_sites.values(), seen, None))


def outermost(code: CodeType) -> None:
    """A frame of this code runs the script: no frame behind it is the script's."""
    _owners[id(code)] = (_RUNNER, code)


def stack_of(frame: Optional[FrameType]) -> list[tuple[CodeType, int]]:
    """The script's frames as (code, instruction), innermost first."""
    found, owners = [], _owners
    while frame is not None:
        code = frame.f_code
        known = owners.get(id(code))
        owner = known[0] if known is not None else owner_of(code)
        if owner is _SCRIPT:
            found.append((code, frame.f_lasti))
        elif owner is _RUNNER:
            break
        frame = frame.f_back
    return found


def frames_of(frame: Optional[FrameType]) -> list[FrameType]:
    """The script's frames themselves, innermost first."""
    found = []
    while frame is not None:
        if owner_of(frame.f_code) == Owner.SCRIPT:
            found.append(frame)
        frame = frame.f_back
    return found


class Place(NamedTuple):
    """A range of source: lines from 1, columns in bytes from 0.

    Columns are None before Python 3.11.
    """

    line: int
    column: Optional[int]
    end_line: int
    end_column: Optional[int]


def position(code: CodeType, lasti: int) -> Place:
    """Where an instruction is written."""
    if hasattr(code, "co_positions"):
        found = next(itertools.islice(code.co_positions(), lasti // 2, None), (None,) * 4)
        line, end_line, column, end_column = found
        if line is not None:
            return Place(line, column, end_line or line, end_column)
    line = code.co_firstlineno
    for start, stop, at in _lines_of(code):
        if start <= lasti < stop and at is not None:
            line = at
    return Place(line, None, line, None)


def _lines_of(code: CodeType) -> list[tuple[int, int, Optional[int]]]:
    if hasattr(code, "co_lines"):
        return list(code.co_lines())
    # Python 3.9 has a table of increments.
    found: list[tuple[int, int, Optional[int]]] = []
    line, start = code.co_firstlineno, 0
    for byte, step in zip(code.co_lnotab[::2], code.co_lnotab[1::2]):
        if byte:
            found.append((start, start + byte, line))
            start += byte
        line += step - 256 if step >= 128 else step
    found.append((start, len(code.co_code), line))
    return found
