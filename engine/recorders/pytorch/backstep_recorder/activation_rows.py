"""The rows of the training log that are activations: shares of zeros, of elements at a bound, of dead units."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Optional

import torch

from .ops import KEY, CallSite, Op, Scope
from .passes import Pass
from .sources import resolve, site_of

Tensor = torch.Tensor

#: Passes that are looked at, of those that are watched: the first, and every one of so many.
EVERY = 20
#: Larger activations are left out.
_MOST_ELEMENTS = 1 << 18
_MOST_ROWS = 1000
#: Elements this close to a bound hardly move any more.
_NEAR_BOUND = 0.01

#: As the engine's ``LOG_QUANTITIES`` has them.
QUANTITIES = ("zeros", "saturated", "dead")
_ZEROS, _SATURATED, _DEAD = range(len(QUANTITIES))

_RECTIFIERS = frozenset(("relu", "relu_"))
#: The values that an activation tends to.
_BOUNDS = {"sigmoid": (0.0, 1.0), "sigmoid_": (0.0, 1.0), "tanh": (-1.0, 1.0), "tanh_": (-1.0, 1.0)}

#: Makes a row of a name and a place, and returns its first column.
AddRow = Callable[[str, Optional[dict[str, Any]]], int]


class _Activation(NamedTuple):
    op: Op
    value: Tensor


class ActivationRows:
    """Measures the activations of passes."""

    def __init__(self, add_row: AddRow) -> None:
        self._add_row = add_row
        self._columns: dict[tuple[str, str, int, int], int] = {}

    def measure(self, record: Pass) -> Iterator[tuple[int, float]]:
        """A column and a number each, of one pass."""
        seen: dict[tuple[str, str, int], int] = {}
        paths: dict[int, dict[int, str]] = {}
        for op, value in _activations(record):
            path = _path_of(op.scope, paths)
            place = (path, op.name, id(op.site))
            seen[place] = times = seen.get(place, 0) + 1
            column = self._column_of(op, path, (*place, times))
            if column is None:
                continue
            yield column + _ZEROS, 1 - int(torch.count_nonzero(value)) / value.numel()
            bounds = _BOUNDS.get(op.name)
            if bounds is not None:
                yield column + _SATURATED, _near(value, *bounds)
            elif value.dim() > 1 and value.shape[0] > 1:
                yield column + _DEAD, _dead(value)

    def _column_of(self, op: Op, path: str, key: tuple[str, str, int, int]) -> Optional[int]:
        """The same op in the same call of a model has the same row in every pass."""
        column = self._columns.get(key)
        if column is None and len(self._columns) < _MOST_ROWS:
            name = _label_of(op.site) or " ".join(part for part in (path, op.name) if part)
            site = None if op.site is None else site_of(op.site.code, op.site.lasti)
            times = key[-1]
            column = self._add_row(f"{name} ({times})" if times > 1 else name, site)
            self._columns[key] = column
        return column


def _activations(record: Pass) -> list[_Activation]:
    """Those of a pass, in the order in which they were computed."""
    found = []
    for node in record.nodes:
        made = node.metadata.get(KEY)
        if made is None or (made[0].name not in _RECTIFIERS and made[0].name not in _BOUNDS):
            continue
        kept = made[1].get(0)
        if kept is None or kept.lost or kept.data.layout is not torch.strided:
            continue
        if kept.data.is_floating_point() and 0 < kept.data.numel() <= _MOST_ELEMENTS:
            found.append(_Activation(made[0], kept.data))
    return sorted(found, key=lambda one: one.op.seq)


def _path_of(scope: Optional[Scope], paths: dict[int, dict[int, str]]) -> str:
    """The path of the module that an op ran in, from the outermost one on."""
    if scope is None:
        return ""
    root = scope
    while root.parent is not None:
        root = root.parent
    names = paths.get(id(root.module))
    if names is None:
        modules = reversed(list(root.module.named_modules()))
        names = paths[id(root.module)] = {id(module): name for name, module in modules}
    return names.get(id(scope.module), "")


def _label_of(site: Optional[CallSite]) -> str:
    if site is None or not site.direct:
        return ""
    source, place = resolve(site.code, site.lasti)
    return source.label(place, 0, 1)


def _near(value: Tensor, low: float, high: float) -> float:
    near = (value < low + _NEAR_BOUND) | (value > high - _NEAR_BOUND)
    return int(near.sum()) / value.numel()


def _dead(value: Tensor) -> float:
    """The share of units that are zero for every example."""
    # Channels of images are on axis 1, units of anything else on the last.
    axis = 1 if value.dim() >= 4 else value.dim() - 1
    alive = (value != 0).movedim(axis, 0).flatten(1).any(1)
    return 1 - int(alive.sum()) / value.shape[axis]
