"""The states in which random generators start: the system seeds torch's, Python's, NumPy's.

torch's of other devices start from a number that is always the same.
"""

from __future__ import annotations

import importlib
import random
import sys
from typing import Any

import torch


def generator_states() -> dict[str, Any]:
    """The states as they are now, as JSON has them."""
    version, words, spare = random.getstate()
    states: dict[str, Any] = {
        "torch": bytes(torch.get_rng_state().tolist()).hex(),
        "python": [version, list(words), spare],
    }
    numpy = _numpy_random()
    if numpy is not None:
        kind, keys, *rest = numpy.get_state()
        states["numpy"] = [kind, keys.tolist(), *rest]
    return states


def restore_generators(states: dict[str, Any]) -> None:
    """Sets the generators to what they were in an earlier run."""
    torch.set_rng_state(torch.tensor(list(bytes.fromhex(states["torch"])), dtype=torch.uint8))
    version, words, spare = states["python"]
    random.setstate((version, tuple(words), spare))
    numpy = _numpy_random()
    if numpy is not None and "numpy" in states:
        numpy.set_state(tuple(states["numpy"]))


def _numpy_random() -> Any:
    """NumPy's generators, where torch has loaded NumPy; version 2 loads them when it is asked."""
    if "numpy" not in sys.modules:
        return None
    try:
        return importlib.import_module("numpy.random")
    except Exception:  # noqa: BLE001 - a NumPy that does not work is no matter of the recorder's
        return None
