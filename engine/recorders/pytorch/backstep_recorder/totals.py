"""Sums of what several consumers passed back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

import torch


def total(tensors: Iterable[Optional[torch.Tensor]]) -> Optional[torch.Tensor]:
    """The sum of what is there; None where nothing is."""
    found = [tensor for tensor in tensors if tensor is not None]
    if not found:
        return None
    with torch.no_grad():
        result = found[0]
        for tensor in found[1:]:
            result = result + tensor
        return result
