"""The leaves that a script learns, by number."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Optional

import torch
from torch.nn.parameter import is_lazy

from .makings import Making
from .module_book import ModuleBook
from .ops import CallSite
from .shards import own_part, stepped_part
from .sources import site_of
from .values import is_freed

Tensor = torch.Tensor

#: How often a layer of torch writes to a parameter while it draws it.
_DRAWN = 2


class ParameterEntry:
    """What is known of one leaf while the script runs."""

    def __init__(self, number: int, tensor: Tensor) -> None:
        self.number = number
        #: It may be let go of; it is then only a part of what happened.
        self.tensor = weakref.ref(tensor)
        #: What ops read in its place, where it is a part of a fully sharded parameter.
        self.whole: Optional[weakref.ref[Tensor]] = None
        self.shape = _shape_of(tensor)
        self.of_module = isinstance(tensor, torch.nn.Parameter)
        self.learns = bool(tensor.requires_grad)
        self.name = ""
        self.made_at: Optional[dict[str, Any]] = None
        #: Where it was written last before its first pass.
        self.written_at: Optional[CallSite] = None
        #: Where it was last told that it should not learn.
        self.frozen_at: Optional[CallSite] = None
        self.optimizers: set[int] = set()
        self.seen = self.reached = self.reached_by_zero = 0
        self.last_reached = self.first_seen = self.last_seen = -1
        #: Before how many passes its elements were read as plain numbers, and where and how last.
        self.reads = 0
        self.read_before = -1
        self.read_at: Optional[CallSite] = None
        self.read_by = ""
        self.read_behind = False
        #: Norms of it and of its gradient at the end of the last pass, where the log measures them.
        self.norm: Optional[float] = None
        self.gradient: Optional[float] = None
        #: The norm of it in the first pass, and how often it had been written by then.
        self.first_norm: Optional[float] = None
        self.first_version = -1
        self.moved = False
        self.written = False
        #: A step has used its gradient since that was last empty.
        self.used = False
        #: A pass has added to a gradient that a step had used.
        self.stale = False

    def is_of(self, tensor: Tensor) -> bool:
        """Whether it is about that tensor."""
        whole = self.whole() if self.whole is not None else None
        return self.tensor() is tensor or whole is tensor


class ParameterBook:
    """Numbers parameters, and notes what passes gave them."""

    def __init__(self, modules: ModuleBook) -> None:
        self._modules = modules
        self._entries: list[ParameterEntry] = []
        self._numbers: dict[int, ParameterEntry] = {}
        #: Lines that told leaves to require a gradient: before which pass first, and which leaves;
        #: none where it was new to one of them.
        self._told: dict[Optional[CallSite], tuple[int, Optional[set[int]]]] = {}
        #: Whether every gradient so far was finite.
        self.finite = True
        #: How many passes have ended.
        self.passes = 0
        #: How a tensor was made that is no module's, where that is followed.
        self.making_of: Callable[[Tensor], Optional[Making]] = lambda _: None

    @property
    def entries(self) -> list[ParameterEntry]:
        """All of them, by number."""
        return self._entries

    def of(self, tensor: Tensor) -> ParameterEntry:
        """What is known of a leaf, from now on if it is new."""
        entry = self._numbers.get(id(tensor))
        if entry is not None and entry.is_of(tensor):
            return entry
        part = stepped_part(tensor)
        if part is not tensor:
            entry = self._numbers[id(tensor)] = self.of(part)
            entry.whole = weakref.ref(tensor)
            return entry
        entry = self._numbers[id(tensor)] = ParameterEntry(len(self._entries), tensor)
        self._entries.append(entry)
        return entry

    def _held(self, leaf: Tensor) -> tuple[ParameterEntry, Tensor]:
        """What is known of a leaf, and what has its gradient: of a fully sharded parameter, the part of this rank."""
        entry = self.of(leaf)
        held = entry.tensor()
        return entry, leaf if held is None else held

    def known(self, tensor: Tensor) -> Optional[ParameterEntry]:
        """What is known of a tensor that may be no leaf."""
        entry = self._numbers.get(id(tensor))
        return entry if entry is not None and entry.tensor() is tensor else None

    def assign(self, tensor: Tensor, optimizer: int) -> None:
        """An optimizer holds it."""
        entry = self.of(tensor)
        if optimizer not in entry.optimizers:
            entry.optimizers.add(optimizer)
            self.describe(entry, tensor)

    def switched(self, tensor: Tensor, site: Optional[CallSite]) -> None:
        """The script has said whether a tensor is learned."""
        entry = self.known(tensor)
        if tensor.requires_grad:
            if entry is None or not entry.learns:
                self._told[site] = self.passes, None
            elif entry.reached > 0:
                before, told = self._told.get(site, (self.passes, set()))
                if told is not None:
                    self._told[site] = before, told | {entry.number}
            if entry is not None:
                entry.learns = True
        elif isinstance(tensor, torch.nn.Parameter) or entry is not None:
            entry = self.of(tensor)
            entry.frozen_at = site
            entry.learns = False

    def read(self, tensor: Tensor, name: str, site: Optional[CallSite]) -> None:
        """Plain numbers of a leaf that learns were read."""
        entry = self.known(tensor)
        if entry is None or entry.seen > 0 or entry.read_before == self.passes:
            return
        self._note_read(entry, name, site, False)

    def result_read(
        self, numbers: Iterable[int], name: str, site: Optional[CallSite]
    ) -> None:
        """Plain numbers were read of what had been computed of leaves, which are given by number."""
        for number in numbers:
            entry = self._entries[number]
            if entry.seen == 0 and entry.read_before != self.passes:
                self._note_read(entry, name, site, True)

    def _note_read(
        self, entry: ParameterEntry, name: str, site: Optional[CallSite], behind: bool
    ) -> None:
        entry.reads += 1
        entry.read_before = self.passes
        entry.read_at, entry.read_by, entry.read_behind = site, name, behind

    def vain_switches(self) -> list[dict[str, Any]]:
        """As the engine's ``VainSwitchHistory``."""
        return [
            {
                "site": None if site is None else self.site_of(site),
                "parameters": sorted(told),
                "before": before,
            }
            for site, (before, told) in self._told.items()
            if told is not None
        ]

    def started(self, parameter: Tensor, site: Optional[CallSite]) -> None:
        """A parameter has been written, by its module or by the script."""
        entry = self.of(parameter)
        if entry.first_seen < 0:
            entry.written_at = site

    def constructed(self, parameter: Tensor, site: Optional[CallSite]) -> None:
        """A parameter has been made.

        One that comes when passes have run is told from what was there by its line.
        """
        if self.passes > 0:
            self.of(parameter).made_at = None if site is None else self.site_of(site)

    def alive(self) -> Iterator[tuple[ParameterEntry, Tensor]]:
        """Those that are still there."""
        for entry in self._entries:
            tensor = entry.tensor()
            if tensor is not None:
                yield entry, tensor

    def gradients(self) -> dict[int, tuple[int, int]]:
        """Which gradient each has, and how often that was written."""
        return {
            entry.number: (id(tensor.grad), tensor.grad._version)
            for entry, tensor in self.alive()
            if tensor.grad is not None
        }

    def written_since(self, before: dict[int, tuple[int, int]]) -> list[tuple[Tensor, Tensor]]:
        """Those whose gradient is another than it was, with what it is now."""
        return [
            (tensor, tensor.grad)
            for entry, tensor in self.alive()
            if tensor.grad is not None
            and before.get(entry.number) != (id(tensor.grad), tensor.grad._version)
        ]

    def begins(self, leaves: Iterable[Tensor]) -> None:
        """A pass is about to add to the gradients of these leaves."""
        for read in leaves:
            entry, leaf = self._held(read)
            if not entry.used:
                entry.stale = False
            elif leaf.grad is None or not _holds_anything(leaf.grad):
                entry.used = entry.stale = False
            else:
                entry.stale = True

    def ends(self, index: int, reached: Iterable[tuple[Tensor, Optional[Tensor]]]) -> set[int]:
        """A pass has ended. Returns the numbers of the optimizers that it has given something."""
        fed: set[int] = set()
        self.passes += 1
        for read, given in reached:
            entry, leaf = self._held(read)
            entry.seen += 1
            entry.last_seen = index
            if entry.first_seen < 0:
                entry.first_seen = index
                entry.shape = _shape_of(leaf)
                self.describe(entry, leaf)
                entry.first_version = leaf._version
                entry.written = entry.written or leaf._version > _DRAWN
                entry.first_norm = _norm(leaf)
            elif leaf._version != entry.first_version:
                entry.moved = True  # Seen now: it may be gone when the script ends.
            if given is None or leaf.grad is None:
                continue
            entry.reached += 1
            entry.last_reached = index
            norm = entry.gradient if entry.gradient is not None else _norm(given)
            if norm == 0:
                entry.reached_by_zero += 1
            elif norm - norm != 0:
                self.finite = False
            fed |= entry.optimizers
        return fed

    def describe(
        self, entry: ParameterEntry, tensor: Tensor
    ) -> tuple[str, Optional[dict[str, Any]]]:
        """Its name, as well as can be told by now, and where it was made."""
        owner = self._modules.owner_of(tensor)
        if owner is not None:
            entry.name = owner[0]
            entry.made_at = entry.made_at or owner[1]
        elif not entry.name:
            main = sys.modules.get("__main__")
            names = main.__dict__.items() if main is not None else ()
            entry.name = next((name for name, value in list(names) if value is tensor), "")
        if entry.made_at is None and not entry.of_module:
            making = self.making_of(tensor)
            if making is not None and making.site is not None:
                entry.made_at = self.site_of(making.site)
        return entry.name or f"parameter {entry.number}", entry.made_at

    @staticmethod
    def site_of(site: CallSite) -> Optional[dict[str, Any]]:
        """A place as the engine has it."""
        return site_of(site.code, site.lasti)

    def history(self) -> list[dict[str, Any]]:
        """As the engine's ``ParameterHistory``."""
        return [self._history_of(entry) for entry in self._entries]

    def _history_of(self, entry: ParameterEntry) -> dict[str, Any]:
        tensor = entry.tensor()
        if tensor is not None:
            self.describe(entry, tensor)
            entry.shape = _shape_of(tensor)
            entry.learns = bool(tensor.requires_grad)
            if entry.first_version >= 0 and not entry.moved:
                entry.moved = (
                    tensor._version != entry.first_version or _norm(tensor) != entry.first_norm
                )
        return {
            "id": entry.number,
            "name": entry.name or f"parameter {entry.number}",
            "shape": list(entry.shape),
            "madeAt": entry.made_at,
            "ofModule": entry.of_module,
            "learns": entry.learns,
            "frozenAt": None if entry.frozen_at is None else self.site_of(entry.frozen_at),
            "optimizers": sorted(entry.optimizers),
            "seen": entry.seen,
            "reached": entry.reached,
            "reachedByZero": entry.reached_by_zero,
            "lastReached": entry.last_reached,
            "reads": entry.reads,
            "readAt": None if entry.read_at is None else self.site_of(entry.read_at),
            "readBy": entry.read_by,
            "readBehind": entry.read_behind,
            "firstSeen": entry.first_seen,
            "lastSeen": entry.last_seen,
            # Nothing can be said of what is gone with its module.
            "isMember": tensor is None or self._modules.holds(tensor),
            "moved": entry.moved,
            "written": entry.written,
            "writtenAt": self._written_at(entry),
        }

    def _written_at(self, entry: ParameterEntry) -> Optional[dict[str, Any]]:
        """Where it was written before its first pass, beside where its module was made."""
        if entry.written_at is None:
            return None
        site = self.site_of(entry.written_at)
        made = entry.made_at
        if site is None or made is None:
            return site
        is_own = (site["file"], site["line"]) == (made["file"], made["line"])
        return None if is_own else site


def _holds_anything(grad: Tensor) -> bool:
    found = own_part(grad).detach()
    if found.layout is torch.sparse_coo:
        found = found._values()
    return bool((found != 0).any())


def _shape_of(tensor: Tensor) -> tuple[int, ...]:
    """Empty where a lazy module has not been told its sizes yet."""
    return () if is_lazy(tensor) else tuple(tensor.shape)


def _norm(tensor: Tensor) -> float:
    """Not a number where there are no elements to read any more."""
    if is_freed(tensor):
        return float("nan")
    found = own_part(tensor).detach()
    if found.layout is torch.sparse_coo:
        found = found.coalesce().values()
    return float(torch.linalg.vector_norm(found))
