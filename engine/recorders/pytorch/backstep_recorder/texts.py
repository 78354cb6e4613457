"""Texts that are run in place of those of files: of a fix that is tried, which nobody has written."""

from __future__ import annotations

import importlib.machinery
import linecache
import os
from collections.abc import Iterable
from types import CodeType
from typing import Any, Optional

_texts: dict[str, str] = {}


def text_of(file: str) -> Optional[str]:
    """What is run in place of what is in a file; None where that is run itself."""
    return _texts.get(os.path.realpath(file)) if _texts else None


def put_in_place(given: Iterable[dict[str, str]]) -> None:
    """Has these texts run, whether a file is the script or is imported."""
    for one in given:
        file, text = one["file"], one["text"].lstrip("\ufeff")
        _texts[os.path.realpath(file)] = text
        # Where tracebacks, and we, look for a file's lines. Without a time it is never read anew.
        linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    if _texts:
        _replace_in_imports()


def _replace_in_imports() -> None:
    loader: Any = importlib.machinery.SourceFileLoader
    get_code = loader.get_code

    def code_of(self: Any, name: str) -> Optional[CodeType]:
        text = text_of(self.path)
        if text is None:
            found: Optional[CodeType] = get_code(self, name)
            return found
        return compile(text, self.path, "exec", dont_inherit=True)

    loader.get_code = code_of
