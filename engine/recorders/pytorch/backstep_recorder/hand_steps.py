"""Steps that a script takes by itself, without an optimizer: ``w -= lr * w.grad``."""

from __future__ import annotations

import weakref
from collections import deque
from typing import Any, NamedTuple, Optional

import torch

from .ops import CallSite
from .parameter_book import ParameterBook, ParameterEntry
from .shards import own_part

Tensor = torch.Tensor

#: Larger parameters are not copied to be measured.
_MOST_MEASURED = 1 << 16
#: Steps of a parameter that are measured: early ones one by one, later ones ever more rarely.
_MEASURED = frozenset(digit * 10**power for digit in (1, 2, 5) for power in range(1, 6)) | {1, 2, 3, 5}
#: A statement asks for ``data`` right before it writes there.
_LAST_READ = 4


class Begun(NamedTuple):
    """A parameter that is about to be written."""

    entry: ParameterEntry
    parameter: Tensor
    #: What it was, where the step is measured.
    before: Optional[Tensor]


class _Line:
    """The steps that one line takes."""

    def __init__(self) -> None:
        self.parameters: dict[int, None] = {}
        self.samples: list[dict[str, float]] = []


class HandSteps:
    """Follows parameters that no optimizer holds and that the script moves by itself."""

    def __init__(self, book: ParameterBook) -> None:
        self._book = book
        self._lines: dict[Optional[CallSite], _Line] = {}
        #: By the number of a parameter: steps, those with a gradient that was used before, the pass of the last.
        self._counts: dict[int, tuple[int, int, int]] = {}
        self._shown: deque[tuple[weakref.ref[Tensor], Tensor]] = deque(maxlen=_LAST_READ)

    def shows(self, parameter: Any, data: Any) -> None:
        """``parameter.data`` was read, which may be written instead of the parameter."""
        if _learns(parameter) or isinstance(parameter, torch.nn.Parameter):
            self._shown.append((weakref.ref(data), parameter))

    def begins(self, target: Any, given: Any = None) -> Optional[Begun]:
        """A tensor is about to be written, or given data; what is known of it, where it is a parameter with a gradient."""
        if given is not None and any(data() is given for data, _ in self._shown):
            return None  # ``w.data -= …`` ends by assigning what it has written: one step, not two.
        parameter = target
        if not _learns(target):
            parameter = next((one for data, one in self._shown if data() is target), None)
        entry = None if parameter is None else self._book.known(parameter)
        if entry is None or entry.optimizers or entry.last_reached < 0:
            return None
        steps = self._counts.get(entry.number, (0, 0, -1))[0]
        is_measured = steps + 1 in _MEASURED and parameter.numel() <= _MOST_MEASURED
        return Begun(entry, parameter, own_part(parameter).detach().clone() if is_measured else None)

    def wrote(self, target: Any, site: Optional[CallSite]) -> None:
        """A tensor has been written that is no step: before the first pass, how a parameter starts."""
        parameter = target
        if not isinstance(target, torch.nn.Parameter):
            parameter = next((one for data, one in self._shown if data() is target), None)
        if parameter is not None:
            self._book.started(parameter, site)

    def ends(self, begun: Begun, site: Optional[CallSite]) -> None:
        """It has been written, at a line of the script."""
        entry, parameter, before = begun
        steps, stale, last = self._counts.get(entry.number, (0, 0, -1))
        if last != entry.last_reached:
            steps, stale = steps + 1, stale + entry.stale
        self._counts[entry.number] = (steps, stale, entry.last_reached)
        entry.used = entry.moved = True
        line = self._lines.setdefault(site, _Line())
        line.parameters[entry.number] = None
        if before is not None and parameter.grad is not None:
            line.samples.append(_sample(before, own_part(parameter), own_part(parameter.grad)))

    def history(self) -> list[tuple[Optional[CallSite], dict[str, Any]]]:
        """As the engine's ``HandStepHistory``, with the places as they are here."""
        found = []
        for site, line in self._lines.items():
            counts = [self._counts[number] for number in line.parameters]
            steps, stale = (max(count[i] for count in counts) for i in (0, 1))
            told = {"parameters": list(line.parameters), "steps": steps, "staleSteps": stale}
            found.append((site, {**told, "samples": line.samples}))
        return found


def _learns(tensor: Any) -> bool:
    return (
        isinstance(tensor, Tensor)
        and tensor.requires_grad
        and tensor.is_leaf
        and tensor.grad is not None
    )


def _sample(before: Tensor, now: Tensor, gradient: Tensor) -> dict[str, float]:
    change = (now.detach() - before).double().flatten()
    along = gradient.detach().to(change.device).double().flatten()
    update, slope = float(change.norm()), float(along.norm())
    product, weight = float(change @ along), float(before.double().norm())
    none = float("nan")
    return {
        "along": product / (update * slope) if update * slope > 0 else none,
        "ratio": update / weight if weight > 0 else none,
        "rate": update / slope if slope > 0 else none,
    }
