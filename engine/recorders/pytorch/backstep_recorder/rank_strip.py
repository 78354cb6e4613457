"""A pass in a few numbers for each row, to be drawn beside the same pass of other ranks."""

from __future__ import annotations

import zlib
from array import array
from math import isfinite
from typing import Any, Optional

import torch

from .channel import Blob
from .history import KeptPass
from .rank_numbers import numbers_of
from .tape import Kind, Row

Tensor = torch.Tensor

_NOTHING = float("nan")


def strip_of(kept: KeptPass) -> tuple[dict[str, Any], list[Blob]]:
    """The norm of each row's gradient, and how many of its elements are not finite.

    Of parameters also the numbers that must be the same on all ranks: value, and reduced gradient.
    """
    norms, bad, compared = array("d"), array("d"), array("d")
    parameters = []
    for row in kept.tape.rows:
        norm, not_finite = _norm_of(row.gradient) if row.ran else (_NOTHING, 0)
        value = _value_of(row)
        norms.append(norm)
        bad.append(not_finite + (0 if value is None else _not_finite(value)))
        if row.kind == Kind.PARAMETER:
            parameters.append(row.number)
            for tensor in (value, kept.accumulated.get(row.number)):
                compared.extend(numbers_of(tensor) or (_NOTHING,) * 4)
    header = {"rows": len(kept.tape.rows), "key": _key(kept.tape.rows), "parameters": parameters}
    return header, [norms, bad, compared]


def _norm_of(gradient: Optional[Tensor]) -> tuple[float, int]:
    """A norm, and how many elements are not finite, which do not count in it."""
    if gradient is None:
        return _NOTHING, 0
    if gradient.layout is torch.strided and gradient.dtype in (torch.float32, torch.float64):
        norm = float(torch.linalg.vector_norm(gradient))
        if isfinite(norm):
            return norm, 0
    numbers = numbers_of(gradient)
    return (numbers[2], int(numbers[3])) if numbers is not None else (_NOTHING, 0)


def _value_of(row: Row) -> Optional[Tensor]:
    return row.value.data if row.value is not None and not row.value.lost else None


def _not_finite(tensor: Tensor) -> int:
    if not (tensor.dtype.is_floating_point or tensor.dtype.is_complex):
        return 0
    # A sum of finite numbers that overflows is looked at again.
    if tensor.layout is torch.strided and bool(torch.isfinite(tensor.sum())):
        return 0
    return int((~torch.isfinite(tensor.to_dense() if tensor.is_sparse else tensor)).sum())


def _key(rows: list[Row]) -> int:
    """Equal for passes of the same ops, wired the same way, in whichever process."""
    key = 0
    for row in rows:
        wired = f"{row.name} {[source.number for source in row.sources]}"
        key = zlib.crc32(wired.encode(), key)
    return key
