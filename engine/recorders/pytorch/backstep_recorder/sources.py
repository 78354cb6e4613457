"""What the script's source says about a call.

Its range for an editor, and the variable that takes its result.
"""

from __future__ import annotations

import ast
from linecache import getlines
from os.path import abspath
from types import CodeType
from typing import Any, Optional, Union

from .array_orders import Scope, lone_order, variable_of
from .sites import Place, position

_MODULES = frozenset(("torch", "F", "nn", "functional"))
_SUBMODULES = frozenset(("nn", "functional", "linalg", "special", "fft"))


class Source:
    """One file, parsed once: its expressions by where they end."""

    def __init__(self, file: str) -> None:
        self.lines = getlines(file)
        self._by_end: dict[tuple[int, int], list[ast.AST]] = {}
        self._parent: dict[ast.AST, ast.AST] = {}
        self._arrays: dict[Place, dict[str, Any]] = {}
        try:
            tree = ast.parse("".join(self.lines))
        except (SyntaxError, ValueError):
            return
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                self._parent[child] = node
            if isinstance(node, (ast.expr, ast.AugAssign, ast.For)):
                self._by_end.setdefault(
                    (node.end_lineno or 0, node.end_col_offset or 0), []
                ).append(node)

    def _expression(self, place: Place) -> Optional[ast.AST]:
        """The syntax node that the instruction at a place belongs to."""
        if place.column is None or place.end_column is None:
            return None
        nodes: list[Any] = self._by_end.get((place.end_line, place.end_column), [])
        for node in nodes:
            if (node.lineno, node.col_offset) == (place.line, place.column):
                return node
        # A method call on a line of its own starts, for Python, at the method's name.
        for node in nodes:
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.lineno <= place.line
            ):
                return node
        return None

    def label(self, place: Place, output: int = 0, outputs: int = 1) -> str:
        """The variable that takes an output of the call; empty where none does."""
        node = self._expression(place)
        if node is None:
            return ""
        if isinstance(node, ast.AugAssign):
            return ast.unparse(node.target)
        parent = self._parent.get(node)
        if isinstance(parent, ast.AugAssign) and parent.target is node:
            return ast.unparse(node)
        if isinstance(parent, ast.NamedExpr):
            return parent.target.id
        if isinstance(parent, ast.AnnAssign):
            target: Optional[ast.expr] = parent.target
        elif isinstance(parent, ast.Assign):
            if node in parent.targets:
                return ast.unparse(node)
            target = parent.targets[0]
        else:
            return ""
        if isinstance(target, (ast.Tuple, ast.List)):
            flat = [leaf for part in target.elts for leaf in getattr(part, "elts", [part])]
            return ast.unparse(flat[output]) if output < len(flat) else ""
        name = ast.unparse(target) if target is not None else ""
        return name if outputs == 1 else f"{name}[{output}]"

    def argument(self, place: Place, index: Union[int, str], is_method: bool) -> str:
        """What the argument at an index, or of a keyword, is called, when it is a plain name.

        ``is_method``: the first argument is what the call's method is of.
        """
        node = self._expression(place)
        if isinstance(index, str):
            keywords = node.keywords if isinstance(node, ast.Call) else []
            return _name_of(next((one.value for one in keywords if one.arg == index), None))
        if isinstance(node, ast.Call):
            method = (
                is_method
                and isinstance(node.func, ast.Attribute)
                and not _is_module(node.func.value)
            )
            arguments = [node.func.value, *node.args] if method else list(node.args)  # type: ignore[attr-defined]
        elif isinstance(node, ast.BinOp):
            arguments = [node.left, node.right]
        elif isinstance(node, ast.AugAssign):
            arguments = [node.target, node.value]
        else:
            return ""
        return _name_of(arguments[index] if index < len(arguments) else None)

    def array(self, place: Place) -> dict[str, Any]:
        """Which variable a call makes a tensor of.

        Where that was put into an order drawn at random, the range of the statement that did so
        as well, and the variables that were not.
        """
        known = self._arrays.get(place)
        if known is None:
            known = self._arrays[place] = self._array(place)
        return known

    def _array(self, place: Place) -> dict[str, Any]:
        node = self._expression(place)
        name = variable_of(node)
        if node is None or not name:
            return {}
        order = lone_order(self._scope_of(node), name, place.line)
        if order is None:
            return {"variable": name}
        at = order.statement
        end = (at.end_lineno or at.lineno, at.end_col_offset or 0)
        moved = self.range(Place(at.lineno, at.col_offset, *end))
        return {"variable": name, "moved": list(moved), "kept": " ".join(order.kept)}

    def _scope_of(self, node: ast.AST) -> Scope:
        at: Optional[ast.AST] = node
        while at is not None:
            if isinstance(at, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                return at
            at = self._parent.get(at)
        return ast.Module([], [])

    def text(self, place: Place) -> str:
        """What is written there, where that is within one line, and its columns are known."""
        if place.column is None or place.end_column is None or place.line != place.end_line:
            return ""
        line = self.lines[place.line - 1] if 0 < place.line <= len(self.lines) else ""
        return line.encode()[place.column : place.end_column].decode(errors="replace")

    def range(self, place: Place) -> tuple[int, int, int, int]:
        """line, column, end line, end column; from 1, in UTF-16 units.

        The whole line where no columns are known.
        """
        if place.column is None or place.end_column is None:
            text = self.lines[place.line - 1] if 0 < place.line <= len(self.lines) else ""
            indent = len(text) - len(text.lstrip())
            return (
                place.line,
                indent + 1,
                place.line,
                len(text.rstrip().encode("utf-16-le")) // 2 + 1,
            )
        start = self._units(place.line, place.column) + 1
        return place.line, start, place.end_line, self._units(place.end_line, place.end_column) + 1

    def _units(self, line: int, column: int) -> int:
        if not 0 < line <= len(self.lines):
            return column
        before = self.lines[line - 1].encode()[:column].decode(errors="replace")
        return len(before.encode("utf-16-le")) // 2


def _name_of(node: Optional[ast.AST]) -> str:
    return ast.unparse(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""


def _is_module(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id in _MODULES
    return isinstance(node, ast.Attribute) and node.attr in _SUBMODULES


_sources: dict[str, Source] = {}
_places: dict[tuple[int, int], tuple[Source, Place, CodeType]] = {}
#: By the same keys, what the engine is told of places.
_shown: dict[tuple[int, int], dict[str, Any]] = {}


def source_of(file: str) -> Source:
    """A file's source, read once."""
    if file not in _sources:
        _sources[file] = Source(file)
    return _sources[file]


def resolve(code: CodeType, lasti: int) -> tuple[Source, Place]:
    """The source and place of an instruction, looked up once."""
    found = _places.get((id(code), lasti))
    if found is None:
        # The code object is kept, so that its id stays its own.
        found = _places[id(code), lasti] = (
            source_of(code.co_filename),
            position(code, lasti),
            code,
        )
    return found[:2]


def site_of(code: CodeType, lasti: int) -> dict[str, Any]:
    """An instruction as the engine's ``Site``."""
    found = _shown.get((id(code), lasti))
    if found is None:
        found = _shown[id(code), lasti] = _show(code, lasti)
    return found


def _show(code: CodeType, lasti: int) -> dict[str, Any]:
    source, place = resolve(code, lasti)
    line, column, end_line, end_column = source.range(place)
    name: str = getattr(code, "co_qualname", code.co_name)
    site = {
        "file": abspath(code.co_filename),
        "line": line,
        "column": column,
        "endLine": end_line,
        "endColumn": end_column,
    }
    return site if name == "<module>" else {**site, "within": name.replace("<locals>.", "")}
