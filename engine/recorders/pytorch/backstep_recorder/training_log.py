"""The training log: a few numbers of every pass, whether it is watched or not."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import Any, Optional

import torch

from .activation_rows import EVERY, QUANTITIES, ActivationRows
from .channel import Blob
from .parameter_book import ParameterBook, ParameterEntry
from .passes import Pass
from .shards import own_part

Tensor = torch.Tensor

#: As the engine's ``LOG_QUANTITIES`` has them: columns of a parameter, in this order.
_PARAMETER = ("gradient", "value", "update", "ratio", "zeros", "notFinite", "largest")
_GRADIENT, _VALUE, _UPDATE, _RATIO, _ZEROS, _NOT_FINITE, _LARGEST = range(len(_PARAMETER))

#: Programs that make ever new parameters, or call backward() from ever new places, are followed so
#: far.
_MOST_PARAMETERS = 5000
_MOST_LOSSES = 100
_MOST_GROUPS = 200
#: Larger parameters are not copied to see what moved them.
_MOST_COPIED = 1 << 22
#: Elements that are counted faster than two more tensors are made, and ones whose sum is exact in float32.
_FEW = 1 << 14
_MOST_SUMMED = 1 << 24
#: Seconds between two batches, and entries before one is handed over at once.
_BATCH_SECONDS = 0.25
_MOST_ENTRIES = 1 << 18


class _Row:
    """A parameter as the log follows it."""

    __slots__ = ("column", "before", "norm")

    def __init__(self, column: int) -> None:
        self.column = column
        #: A copy of what it was at the end of the pass before, and the norm of that.
        self.before: Optional[Tensor] = None
        self.norm = 0.0


class TrainingLog:
    """Collects numbers of passes, and hands them over as the engine's ``LogBatch``."""

    def __init__(self, book: ParameterBook) -> None:
        self._book = book
        self._start = self._taken = perf_counter()
        self._rows: list[dict[str, Any]] = []
        self._row_count = self._column_count = 0
        self._passes, self._digests, self._starts = array("I"), array("I"), array("I", [0])
        self._columns, self._values = array("I"), array("d")
        self._time = self._add_row("time", "time", 1)
        self._losses: dict[Any, int] = {}
        self._rates: dict[tuple[int, int], int] = {}
        self._parameters: dict[int, _Row] = {}
        self._activations = ActivationRows(
            lambda name, site: self._add_row("activation", name, len(QUANTITIES), (), site)
        )
        #: How many passes were watched.
        self._watched = 0

    @property
    def is_due(self) -> bool:
        """Whether what was collected should not wait any longer."""
        is_late = perf_counter() - self._taken >= _BATCH_SECONDS
        return bool(self._passes) and (is_late or len(self._values) > _MOST_ENTRIES)

    def ended(
        self,
        index: int,
        loss: Optional[float],
        site: Any,
        optimizers: Iterable[tuple[int, Any]],
        record: Optional[Pass],
    ) -> None:
        """A pass has ended: ``site`` called it, and these optimizers are about to use it.

        Of one that nobody watched there is no record.
        """
        first = len(self._values)
        if loss is not None:
            self._add_loss(loss, site)
        self._add_rates(optimizers)
        with torch.no_grad():
            self._add_parameters()
        digest = zlib.crc32(self._values[first:].tobytes(), zlib.crc32(self._columns[first:].tobytes()))
        self._add(self._time, perf_counter() - self._start)
        if record is not None:
            if self._watched % EVERY == 0:
                for column, value in self._activations.measure(record):
                    self._add(column, value)
            self._watched += 1
        self._passes.append(index)
        self._digests.append(digest)
        self._starts.append(len(self._values))

    def take(self) -> tuple[dict[str, Any], list[Blob]]:
        """The event for the engine, of what was collected since the last."""
        self._taken = perf_counter()
        columns = (self._passes, self._digests, self._starts, self._columns, self._values)
        header = {"event": "log", "rows": self._rows, "lengths": [len(part) for part in columns]}
        self._rows = []
        self._passes, self._digests, self._starts = array("I"), array("I"), array("I", [0])
        self._columns, self._values = array("I"), array("d")
        return header, list(columns)

    def _add(self, column: int, value: float) -> None:
        self._columns.append(column)
        self._values.append(value)

    def _add_row(
        self, kind: str, name: str, quantities: int, shape: Sequence[int] = (), site: Any = None
    ) -> int:
        row = {"id": self._row_count, "kind": kind, "name": name, "shape": list(shape)}
        self._rows.append({**row, "site": site})
        self._row_count += 1
        first = self._column_count
        self._column_count += quantities
        return first

    def _add_loss(self, loss: float, site: Any) -> None:
        key = None if site is None else (site.code, site.lasti)
        column = self._losses.get(key)
        if column is None:
            if len(self._losses) >= _MOST_LOSSES:
                return
            shown = None if site is None else self._book.site_of(site)
            column = self._losses[key] = self._add_row("loss", "loss", 1, (), shown)
        self._add(column, loss)

    def _add_rates(self, optimizers: Iterable[tuple[int, Any]]) -> None:
        for number, optimizer in optimizers:
            groups = optimizer.param_groups
            for place, group in enumerate(groups):
                column = self._rates.get((number, place))
                if column is None:
                    if len(self._rates) >= _MOST_GROUPS:
                        return
                    name = type(optimizer).__name__
                    name = name if len(groups) == 1 else f"{name} group {place}"
                    column = self._rates[number, place] = self._add_row("rate", name, 1)
                self._add(column, float(group.get("lr", 0.0)))

    def _add_parameters(self) -> None:
        known, grads, values = [], [], []
        for entry, tensor in self._book.alive():
            if tensor.layout is not torch.strided or tensor.is_complex() or tensor.numel() == 0:
                continue
            row = self._parameters.get(entry.number)
            if row is None:
                if len(self._parameters) >= _MOST_PARAMETERS:
                    continue
                name, site = self._book.describe(entry, tensor)
                column = self._add_row("parameter", name, len(_PARAMETER), entry.shape, site)
                row = self._parameters[entry.number] = _Row(column)
            known.append((row, entry))
            values.append(own_part(tensor))
            grads.append(dense_gradient(tensor))
        if not known:
            return
        norms = norms_of(values)
        measured = iter(_measure([grad for grad in grads if grad is not None]))
        updates = iter(self._updates([row for row, _ in known], values))
        for (row, entry), norm, grad in zip(known, norms, grads):
            self._add(row.column + _VALUE, norm)
            update = next(updates)
            if update is not None:
                self._add(row.column + _UPDATE, update)
                if row.norm > 0:
                    self._add(row.column + _RATIO, update / row.norm)
            row.norm = entry.norm = norm
            entry.gradient = None
            if grad is not None:
                length, zeros, not_finite, largest = next(measured)
                entry.gradient = length
                self._add(row.column + _GRADIENT, length)
                self._add(row.column + _ZEROS, zeros)
                self._add(row.column + _NOT_FINITE, not_finite)
                self._add(row.column + _LARGEST, largest)

    @staticmethod
    def _updates(rows: list[_Row], values: list[Tensor]) -> list[Optional[float]]:
        """How far each has moved since the pass before; and keeps what it is now."""
        found: list[Optional[float]] = [None] * len(rows)
        places, kept, now = [], [], []
        for place, (row, value) in enumerate(zip(rows, values)):
            before = row.before
            if before is None or before.shape != value.shape or before.dtype != value.dtype:
                row.before = value.clone() if value.numel() <= _MOST_COPIED else None
                continue
            places.append(place)
            kept.append(before)
            now.append(value)
        # What was kept becomes the difference, and then the copy of what is now.
        for before, value in zip(kept, now):
            before.sub_(value)
        for place, moved in zip(places, norms_of(kept)):
            found[place] = moved
        for before, value in zip(kept, now):
            before.copy_(value)
        return found


def dense_gradient(tensor: Tensor) -> Optional[Tensor]:
    """The elements of a parameter's gradient; of a sparse one those that it has."""
    grad = tensor.grad
    if grad is None:
        return None
    grad = own_part(grad)
    if grad.requires_grad:
        grad = grad.detach()
    if grad.layout is torch.sparse_coo:
        return grad.coalesce().values()
    return grad if grad.layout is torch.strided and not grad.is_complex() else None


def norms_of(tensors: list[Tensor]) -> list[float]:
    """The norm of each."""
    return _numbers_of(tensors, torch.linalg.vector_norm)


def _numbers_of(tensors: list[Tensor], measure: Callable[[Tensor], Tensor]) -> list[float]:
    """One number for each tensor.

    Other devices would be waited for at each number, and hand over those of a dtype all at once.
    """
    found = [0.0] * len(tensors)
    apart: dict[tuple[torch.device, torch.dtype], list[tuple[int, Tensor]]] = {}
    for place, tensor in enumerate(tensors):
        number = measure(tensor)
        if number.is_cpu:
            found[place] = number.item()
        else:
            apart.setdefault((number.device, number.dtype), []).append((place, number))
    for numbers in apart.values():
        together = torch.stack([number for _, number in numbers]).tolist()
        for (place, _), told in zip(numbers, together):
            found[place] = told
    return found


def _measure(grads: list[Tensor]) -> list[tuple[float, float, int, float]]:
    """Norm, share of zeros, how many are not finite, and the largest magnitude of each."""
    lengths = norms_of(grads)
    finite = [g for g, length in zip(grads, lengths) if length - length == 0 and g.numel() > 0]
    counts = iter(_numbers_of(finite, _nonzero))
    extremes = iter(_numbers_of([bound for grad in finite for bound in _bounds(grad)], _itself))
    found = []
    for grad, length in zip(grads, lengths):
        count = grad.numel()
        if count == 0:
            found.append((0.0, 0.0, 0, 0.0))
        elif length - length == 0:
            found.append((length, 1 - next(counts) / count, 0, max(-next(extremes), next(extremes))))
        else:
            within = grad[torch.isfinite(grad)].abs()
            largest = float(within.max()) if within.numel() > 0 else 0.0
            share = 1 - int(torch.count_nonzero(grad)) / count
            found.append((length, share, count - within.numel(), largest))
    return found


def _itself(number: Tensor) -> Tensor:
    return number


def _bounds(grad: Tensor) -> tuple[Tensor, Tensor]:
    """Its least element and its largest."""
    # torch 1 cannot tell them of halves on the CPU.
    return torch.aminmax(grad.float() if grad.dtype is torch.float16 else grad)


def _nonzero(grad: Tensor) -> Tensor:
    """How many elements of a finite tensor are not zero."""
    if grad.dtype is torch.float32 and grad.is_cpu and _FEW < grad.numel() <= _MOST_SUMMED:
        # The signs of many are summed twice as fast as elements are counted.
        return torch.sign(grad).abs_().sum()
    return torch.count_nonzero(grad)
