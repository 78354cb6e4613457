"""Gives this package's modules builtins of their own.

A script may set ``builtins.len``, or any other, to something else; what it changes is its own then.
"""

from __future__ import annotations

import builtins
import os
import sys
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader
from types import ModuleType

#: All of them as Python made them.
ORIGINAL = dict(vars(builtins))


class _Loader(SourceFileLoader):
    """Python gives a module that has builtins already no others."""

    def exec_module(self, module: ModuleType) -> None:
        """As Python's own."""
        vars(module)["__builtins__"] = ORIGINAL
        super().exec_module(module)


def install() -> None:
    """Before any other module of the package is loaded."""
    folder = os.path.dirname(os.path.abspath(__file__))
    # Not on sys.meta_path, where the script would see it.
    sys.path_importer_cache[folder] = FileFinder(folder, (_Loader, SOURCE_SUFFIXES))
