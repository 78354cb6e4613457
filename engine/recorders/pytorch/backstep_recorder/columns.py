"""A tape as columns and tables: the engine's ``PassStructure`` and ``PassFacts``."""

from __future__ import annotations

from array import array
from inspect import unwrap
from math import isfinite, isinf, isnan
from os.path import abspath
from types import CodeType
from typing import Any, Optional

import torch

from .channel import Blob
from .cuts import CutOff
from .naming import Names
from .ops import Op, Slot
from .sites import Place
from .sources import site_of, source_of
from .tape import OUTPUT, Kind, Row, Tape
from .values import Value, Writes

#: Where the engine has no name for a dtype, a tensor is shown as one of these.
DTYPES = (
    "float32 float64 int64 bool uint8 int8 int16 int32 float16 bfloat16 complex64 complex128"
).split()

#: Bits of the engine's ``Held``.
VALUE, GRADIENT, ACCUMULATED = 1, 2, 4


class _Table:
    """Distinct entries, each with its number."""

    def __init__(self, first: Any) -> None:
        self.entries = [first]
        self._numbers: dict[Any, int] = {}

    def number(self, key: Any, entry: Any) -> int:
        if key not in self._numbers:
            self._numbers[key] = len(self.entries)
            self.entries.append(entry() if callable(entry) else entry)
        return self._numbers[key]


class Columns:
    """What crosses to the engine of one pass.

    JSON tables, and columns of numbers with their names and types.
    """

    def __init__(
        self,
        tape: Tape,
        names: Names,
        keep: dict[int, torch.Tensor],
        loss: Optional[float],
    ) -> None:
        self._tape = tape
        self._sites = _Table(None)
        self.columns: list[tuple[str, array[Any]]] = []
        self.tables: dict[str, Any] = {}
        self._structure(tape, names)
        self._facts(tape, keep, loss)

    def blobs(self) -> list[Blob]:
        """The columns' bytes."""
        return [column for _, column in self.columns]

    def header(self) -> dict[str, Any]:
        """The tables, and the columns in the order of their bytes: name, type code, length."""
        return {
            **self.tables,
            "columns": [[n, column.typecode, len(column)] for n, column in self.columns],
        }

    def _site(self, code: CodeType, lasti: int) -> int:
        return self._sites.number((id(code), lasti), lambda: site_of(code, lasti))

    def _site_of(self, op: Optional[Op]) -> int:
        return (
            self._site(op.site.code, op.site.lasti) if op is not None and op.site is not None else 0
        )

    def _structure(self, tape: Tape, names: Names) -> None:
        ops, labels, attributes = _Table(None), _Table(""), _Table({})
        ops.entries.clear()
        column: dict[str, array[Any]] = {
            **{
                name: array("I")
                for name in (
                    "op",
                    "label",
                    "site",
                    "attribute",
                    "shapeStart",
                    "inputStart",
                    "inputs",
                )
            },
            **{name: array("B") for name in ("nodeKind", "dtype", "requiresGrad")},
            "scope": array("i"),
            "shapes": array("d"),
            "backwardOrder": array("I", tape.backward_order),
        }
        for row in tape.rows:
            data = shown(row)
            column["op"].append(ops.number(row.name, {"name": row.name, "record": ""}))
            column["label"].append(labels.number(row.label, row.label) if row.label else 0)
            column["site"].append(self._site_of(row.op) if row.computed else 0)
            column["scope"].append(row.scope)
            kept = _attributes(row)
            column["attribute"].append(attributes.number(row.number, kept) if kept else 0)
            column["nodeKind"].append(row.kind)
            column["dtype"].append(_dtype_number(data))
            column["requiresGrad"].append(row.kind != Kind.CONSTANT)
            column["shapeStart"].append(len(column["shapes"]))
            column["shapes"].extend(data.shape if data is not None else ())
            column["inputStart"].append(len(column["inputs"]))
            column["inputs"].extend(source.number for source in row.sources)
        column["shapeStart"].append(len(column["shapes"]))
        column["inputStart"].append(len(column["inputs"]))
        self.columns = list(column.items())
        record = tape.record
        self.tables = {
            "pass": record.index,
            "kind": record.kind,
            "rows": len(tape.rows),
            "ops": ops.entries,
            "labels": labels.entries,
            "attributes": attributes.entries,
            "scopes": [scope._asdict() for scope in names.scopes],
            "roots": tape.roots(),
            "passSite": self._site(record.site.code, record.site.lasti) if record.site else 0,
            "cuts": self._cuts(tape),
            "backwardSites": self._backward_sites(tape),
            "surrogates": self._surrogates(tape),
            "dtypes": DTYPES,
        }
        self.tables["sites"] = self._sites.entries

    def _cuts(self, tape: Tape) -> list[dict[str, Any]]:
        rows_of = {
            row.op: row.number for row in tape.rows if row.op is not None and row.name != OUTPUT
        }
        found = []
        for row in tape.rows:
            cut = (
                row.value.cut
                if row.kind == Kind.CONSTANT and isinstance(row.value, Value)
                else None
            )
            kind = None if cut is None else _kind_of_cut(cut, row.value.data)
            if cut is None or kind is None:
                continue
            source = cut.source() if cut.source is not None else None
            site = self._site(cut.site.code, cut.site.lasti) if cut.site is not None else 0
            found.append(
                {"row": row.number, "kind": kind, "site": site, "source": rows_of.get(source)}
            )
        return found

    def _backward_sites(self, tape: Tape) -> list[tuple[int, int]]:
        found = []
        for row in tape.rows:
            if row.kind != Kind.FUNCTION or row.op is None or row.op.function is None:
                continue
            backward = getattr(row.op.function, "backward", None)
            code = getattr(
                unwrap(backward) if backward is not None else None, "__code__", None
            )
            if code is not None:
                line = _line_of_definition(code)
                place = Place(line, None, line, None)
                _, start, _, end = source_of(code.co_filename).range(place)
                site = {
                    "file": abspath(code.co_filename),
                    "line": line,
                    "column": start,
                    "endLine": line,
                    "endColumn": end,
                    "within": getattr(code, "co_qualname", f"{row.op.function.__name__}.backward"),
                }
                found.append((row.number, self._sites.number(("backward", id(code)), site)))
        return found

    @staticmethod
    def _surrogates(tape: Tape) -> list[tuple[int, str]]:
        """Functions whose class says in ``surrogate`` why its gradient is no derivative."""
        found = []
        for row in tape.rows:
            said = getattr(row.op.function, "surrogate", None) if row.op is not None else None
            if row.kind != Kind.FUNCTION or not said or not isinstance(said, (str, bool)):
                continue
            found.append(
                (row.number, said if isinstance(said, str) else "its class says surrogate")
            )
        return found

    def _facts(
        self, tape: Tape, keep: dict[int, torch.Tensor], loss: Optional[float]
    ) -> None:
        held, value_memory, gradient_memory = array("B"), array("I"), array("I")
        held_edges = array("I")
        memory: dict[int, int] = {}
        edge = 0
        for row in tape.rows:
            value = row.value.data if row.value is not None and not row.value.lost else None
            held.append(
                (VALUE if value is not None else 0)
                | (GRADIENT if row.gradient is not None else 0)
                | (ACCUMULATED if row.number in keep else 0)
            )
            value_memory.append(_memory(memory, value))
            gradient_memory.append(_memory(memory, row.gradient))
            for source, passed in zip(row.sources, row.passed):
                if _fits(passed, source):
                    held_edges.append(edge)
                edge += 1
        self.columns += [
            ("held", held),
            ("heldEdges", held_edges),
            ("valueMemory", value_memory),
            ("gradientMemory", gradient_memory),
        ]
        record = tape.record
        ran = {number for number in tape.backward_order if tape.rows[number].ran}
        self.tables.update(
            loss=None if loss is None else text_of(loss),
            steps=len(ran),
            failed=record.failed,
            parameters=[
                {"row": row.number, "identity": id(row.leaf), "learningRate": None}
                for row in tape.rows
                if row.kind == Kind.PARAMETER
            ],
        )


def _line_of_definition(code: CodeType) -> int:
    """The line of the ``def``, not of the decorators above it."""
    lines = source_of(code.co_filename).lines
    for line_number in range(code.co_firstlineno, min(code.co_firstlineno + 20, len(lines)) + 1):
        if lines[line_number - 1].lstrip().startswith(("def ", "async def ")):
            return line_number
    return code.co_firstlineno


def text_of(number: float) -> str:
    """A number as JavaScript reads it: JSON has none that are not finite."""
    if isnan(number):
        return "NaN"
    if isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return repr(number)


def _fits(passed: Optional[torch.Tensor], source: Row) -> bool:
    """Whether a contribution has the shape of what it goes to.

    An op of several results has none itself: what they are passed is theirs.
    """
    like = shown(source)
    return passed is not None and like is not None and passed.shape == like.shape


def _memory(known: dict[int, int], tensor: Optional[torch.Tensor]) -> int:
    if tensor is None:
        return 0
    key = Writes.key(tensor)
    return known.setdefault(id(tensor) if key is None else key, len(known) + 1)


def shown(row: Row) -> Optional[torch.Tensor]:
    """What a row's shape and dtype are those of."""
    return row.value.data if row.value is not None else row.gradient


def _dtype_number(tensor: Optional[torch.Tensor]) -> int:
    name = str(tensor.dtype)[6:] if tensor is not None else "float32"
    return DTYPES.index(name) if name in DTYPES else 0


def _kind_of_cut(cut: CutOff, constant: torch.Tensor) -> Optional[str]:
    """Why a constant has no gradient, as recordings have a word for it; none where they have not.

    Findings know more kinds: a tensor made of numbers that were read, and steps whose result is
    made into a floating-point tensor again.
    """
    if cut.kind in ("detach", "no-grad"):
        return cut.kind
    has_gradients = constant.is_floating_point() or constant.is_complex()
    return "integer" if cut.kind == "step" and not has_gradients else None


def _attributes(row: Row) -> dict[str, Any]:
    """What a row was given besides tensors."""
    if row.name == OUTPUT:
        return {"index": row.output}
    return {} if row.op is None else attributes_of(row.op)


def attributes_of(op: Op) -> dict[str, Any]:
    """What a call was given besides tensors: by keyword, else by place."""
    found: dict[str, Any] = {}
    for place, argument in enumerate(op.args):
        if not isinstance(argument, Slot) and not _of_slots(argument):
            found[str(place)] = _plain(argument)
    for name, argument in op.kwargs.items():
        if not isinstance(argument, Slot) and argument is not None:
            found[name] = _plain(argument)
    return found


def _of_slots(argument: Any) -> bool:
    return isinstance(argument, (list, tuple)) and any(isinstance(part, Slot) for part in argument)


def _plain(value: Any) -> Any:
    """A value as the engine's attributes have it.

    What is no number, flag or list of numbers as text.
    """
    if isinstance(value, float) and not isfinite(value):
        return text_of(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(part, (int, float)) for part in value):
        return [part if isfinite(part) else None for part in value]
    return str(value)[:200]
