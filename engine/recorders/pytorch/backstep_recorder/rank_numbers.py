"""A tensor in a few numbers, by which ranks can be held against each other.

They are linear in the elements but for the norm: the mean of the ranks' numbers is the number of
their mean, so that the engine can tell a wrong reduction without seeing a tensor.
"""

from __future__ import annotations

from functools import cache
from typing import Optional

import torch

from .shards import own_part
from .values import is_freed

Tensor = torch.Tensor

#: Elements that are weighed at a time. A prime, so that no layout of a tensor repeats with it.
_PERIOD = 16_381

#: Squares of float64 may overflow, and JSON has no infinity.
_LARGEST = 1e300


@cache
def _weights(kind: int, length: int) -> Tensor:
    """Numbers between -1 and 1 that are the same in every process, and draw from no generator."""
    places = torch.arange(1, length + 1, dtype=torch.float64)
    return torch.sin(places * places * (0.7548776662466927, 0.5698402909980532)[kind])


def numbers_of(tensor: Optional[Tensor]) -> Optional[list[float]]:
    """Two weighed sums of the elements, their norm, and how many are not finite, which count as 0.

    None where there is no tensor, or one that cannot be read so.
    """
    if tensor is None:
        return None
    flat = own_part(tensor).detach()
    if is_freed(flat):
        return None
    if flat.layout is not torch.strided:
        flat = flat.to_dense()
    if flat.is_complex():
        flat = torch.view_as_real(flat.resolve_conj())
    flat = flat.reshape(-1).to("cpu", torch.float64)
    is_finite = torch.isfinite(flat)
    bad = int(flat.numel() - is_finite.sum())
    if bad:
        flat = torch.where(is_finite, flat, torch.zeros((), dtype=torch.float64))
    length = min(_PERIOD, max(1, flat.numel()))
    rows = -(-flat.numel() // length)
    padded = torch.nn.functional.pad(flat, (0, rows * length - flat.numel())).view(rows, length)
    sums = [float(_weights(1 - kind, rows) @ (padded @ _weights(kind, length))) for kind in (0, 1)]
    numbers = (*sums, float(torch.linalg.vector_norm(flat)))
    return [*(min(max(number, -_LARGEST), _LARGEST) for number in numbers), bad]
