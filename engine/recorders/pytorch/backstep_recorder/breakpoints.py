"""Which passes breakpoints may stop in.

Where in the pass, and whether it stops there, the engine decides: it reads the pass as any other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from os.path import abspath
from typing import Any, Optional

import torch

from .evaluation import check_message
from .history import KeptPass
from .ops import KEY, Op
from .sites import new_sites
from .sources import resolve, source_of
from .tape import Kind, Row

Tensor = torch.Tensor

#: Syntax at whose lines ops are made.
_CALLS = (ast.Call, ast.BinOp, ast.UnaryOp, ast.Subscript, ast.AugAssign, ast.Attribute)


class Breakpoints:
    """All that are set, as the engine's ``Breakpoint`` has them."""

    def __init__(self, given: Iterable[dict[str, Any]] = ()) -> None:
        self.statuses: list[dict[str, Any]] = []
        self._lines: dict[str, set[int]] = {}
        #: The ids of sites on them, of so many that were looked at; a site is never let go.
        self._sites: set[int] = set()
        self._sites_seen = 0
        self._filters: list[tuple[str, Optional[float]]] = []
        #: Set on names, which only the tape knows.
        self._named = False
        for one in given:
            status = self._verify(one)
            self.statuses.append(status)
            if not status["verified"]:
                continue
            if one["kind"] == "line":
                self._lines.setdefault(one["file"], set()).add(status["line"])
            elif one["kind"] == "exception":
                self._filters.append((one["filter"], _number(one.get("condition", ""))))
            else:
                self._named = True

    @property
    def empty(self) -> bool:
        """Whether nothing is to be watched for."""
        return not (self._lines or self._filters or self._named)

    @property
    def compares(self) -> bool:
        """Whether passes are to be compared with finite differences."""
        return any(name == "mismatch" for name, _ in self._filters)

    def may_stop(self, kept: KeptPass) -> bool:
        """Whether the engine must look at a pass; True where it is not plain that it need not."""
        record = kept.record
        if self._named or (self._lines and self._on_line(record.nodes)):
            return True
        for name, threshold in self._filters:
            if name == "uncaught":
                if record.failed:
                    return True
            elif name != "mismatch" and _FILTERS[name](kept.tape.rows, threshold):
                return True
        return False

    def _on_line(self, nodes: Iterable[Any]) -> bool:
        """Whether one of the nodes was made on a line that has a breakpoint."""
        for site in new_sites(self._sites_seen):
            lines = self._lines.get(abspath(site.code.co_filename))
            if lines and resolve(site.code, site.lasti)[1].line in lines:
                self._sites.add(id(site))
            self._sites_seen += 1
        if not self._sites:
            return False
        ops: Iterable[Optional[Op]] = (node.metadata.get(KEY, (None,))[0] for node in nodes)
        return any(op is not None and id(op.site) in self._sites for op in ops)

    @staticmethod
    def _verify(one: dict[str, Any]) -> dict[str, Any]:
        status = {"id": one["id"], "verified": False, "message": ""}
        condition, message = one.get("condition", "").strip(), one.get("logMessage", "")
        try:
            compile(condition or "None", "<condition>", "eval")
            check_message(message)
        except (SyntaxError, ValueError) as error:
            said = error.msg if isinstance(error, SyntaxError) else str(error)
            return {**status, "message": f"“{condition or message}” is not Python: {said}"}
        if one["kind"] != "line":
            return {**status, "verified": True}
        lines = _lines_of_calls(one["file"])
        if not lines:
            return {**status, "message": "The file cannot be read as Python."}
        there = min((line for line in lines if line >= one["line"]), default=None)
        if there is None:
            return {**status, "message": "There is no call on this line or after it."}
        return {**status, "verified": True, "line": there}


def _lines_of_calls(file: str) -> set[int]:
    try:
        tree = ast.parse("".join(source_of(file).lines))
    except (SyntaxError, ValueError):
        return set()
    return {node.lineno for node in ast.walk(tree) if isinstance(node, _CALLS)}


def _number(text: str) -> Optional[float]:
    try:
        return float(text)
    except ValueError:
        return None


def _shown(row: Row) -> Optional[Tensor]:
    value = row.value
    if value is None or value.lost or not value.data.is_floating_point():
        return None
    return value.data if value.data.layout is torch.strided else None


def _numbers(tensors: Iterable[Tensor], measure: Any) -> list[float]:
    """One number for each tensor, brought over from its device all at once."""
    with torch.no_grad():
        found = [measure(tensor.detach()).double().cpu() for tensor in tensors]
        return torch.stack(found).tolist() if found else []


def _norm(tensor: Tensor) -> Tensor:
    wide = tensor.float() if tensor.dtype in (torch.float16, torch.bfloat16) else tensor
    return torch.linalg.vector_norm(wide)


def _not_finite_forward(rows: list[Row], _: Optional[float]) -> bool:
    """An infinity that stands for a mask is none: the engine has the same rule."""
    found = [(row, value) for row in rows if (value := _shown(row)) is not None]
    sums = _numbers((value for _, value in found), torch.sum)
    bad: set[int] = set()
    for (row, value), total in zip(found, sums):
        if total - total == 0 or bool(torch.isfinite(value).all()):
            continue
        bad.add(row.number)
        if bool(torch.isnan(value).any()):
            return True
        if row.kind == Kind.CONSTANT:
            if bool((value == float("inf")).any()):
                return True
        elif not _is_masking(row) and not any(source.number in bad for source in row.sources):
            return True
    return False


def _is_masking(row: Row) -> bool:
    given = (*row.op.args, *row.op.kwargs.values()) if row.op is not None else ()
    return any(isinstance(one, float) and one in (float("inf"), -float("inf")) for one in given)


def _gradients(rows: list[Row]) -> list[Tensor]:
    found = (row.gradient for row in rows)
    return [g for g in found if g is not None and g.layout is torch.strided and g.numel() > 0]


def _not_finite_backward(rows: list[Row], _: Optional[float]) -> bool:
    return any(norm - norm != 0 for norm in _numbers(_gradients(rows), _norm))


def _exploding(rows: list[Row], threshold: Optional[float]) -> bool:
    limit = 1e3 if threshold is None else threshold
    return any(not norm <= limit for norm in _numbers(_gradients(rows), _norm))


def _vanishing(rows: list[Row], threshold: Optional[float]) -> bool:
    limit = 1e-8 if threshold is None else threshold
    return any(0 < norm < limit for norm in _numbers(_gradients(rows), _norm))


def _all_zero(rows: list[Row], _: Optional[float]) -> bool:
    return any(norm == 0 for norm in _numbers(_gradients(rows), _norm))


def _no_gradient(rows: list[Row], _: Optional[float]) -> bool:
    return any(row.kind == Kind.PARAMETER and row.gradient is None for row in rows)


_FILTERS = {
    "not-finite-forward": _not_finite_forward,
    "not-finite-backward": _not_finite_backward,
    "exploding": _exploding,
    "vanishing": _vanishing,
    "all-zero": _all_zero,
    "no-gradient": _no_gradient,
}
