"""The modules that a script makes, by number, and what it does with them."""

from __future__ import annotations

import sys
import weakref
from typing import Any, Callable, Optional

import torch

from .ops import CallSite
from .sources import site_of

Tensor = torch.Tensor
Module = torch.nn.Module

#: Programs that make modules in a loop are followed so far.
_MOST_MODULES = 5000
#: More lines that call a module say no more.
_MOST_LINES = 8

#: So often parameters are looked for that came when their modules had been looked at.
_MOST_LOOKS = 20

_MODAL = (torch.nn.modules.dropout._DropoutNd, torch.nn.modules.batchnorm._BatchNorm)


class ModuleEntry:
    """What is known of one module."""

    def __init__(self, number: int, module: Module, site: Optional[CallSite]) -> None:
        self.number = number
        self.module = weakref.ref(module)
        self.type = type(module).__name__
        self.built_in = type(module).__module__.startswith("torch.")
        self.site = site
        self.is_modal = isinstance(module, _MODAL)
        self.calls = self.calls_in_training = 0
        self.recorded_in_training = self.recorded_in_evaluation = 0
        self.eval_at: Optional[CallSite] = None
        #: The module that it was part of when that was put in evaluation mode.
        self.eval_of: Optional[weakref.ref[Module]] = None
        #: Where its attribute ``requires_grad``, which means nothing to it, was set to True.
        self.told_at: Optional[CallSite] = None
        #: Lines that have called it since the last pass, and the most of one pass.
        self.lines: dict[CallSite, None] = {}
        self.most_lines: dict[CallSite, None] = {}
        #: Its own parameters, which modules have it by which name, and which have it in a plain
        #: list or dictionary: as they were when they could last be looked at.
        self.parameters: list[int] = []
        self.owners: list[tuple[int, str]] = []
        self.unregistered_in: list[dict[str, Any]] = []


class ModuleBook:
    """Notes where modules are made and how they are called."""

    def __init__(self) -> None:
        self._entries: list[ModuleEntry] = []
        #: By the id of a module, whether any of its parameters is trained in this pass.
        self._trained: dict[int, bool] = {}
        self._by_id: dict[int, ModuleEntry] = {}
        #: By the id of a parameter, its path and the module's number; made anew when modules are.
        self._owners: dict[int, tuple[weakref.ref[Tensor], str, int]] = {}
        self._looked_at = 0
        self._looks_left = _MOST_LOOKS
        #: How many there were when it was noted which module has which.
        self._seen = 0

    def made(self, module: Module, site: Optional[CallSite]) -> None:
        """A module is being made."""
        if len(self._entries) >= _MOST_MODULES:
            return
        entry = ModuleEntry(len(self._entries), module, site)
        self._entries.append(entry)
        self._by_id[id(module)] = entry

    def entry_of(self, module: Module) -> Optional[ModuleEntry]:
        """What is known of a module."""
        entry = self._by_id.get(id(module))
        return entry if entry is not None and entry.module() is module else None

    def called(self, module: Module, site_of_call: Callable[[], Optional[CallSite]]) -> None:
        """A module is being called."""
        entry = self.entry_of(module)
        if entry is None:
            return
        entry.calls += 1
        if module.training:
            entry.calls_in_training += 1
        if entry.is_modal and torch.is_grad_enabled():
            if module.training:
                entry.recorded_in_training += 1
            elif self._trains(entry):
                entry.recorded_in_evaluation += 1
        if len(entry.lines) < _MOST_LINES:
            site = site_of_call()
            if site is not None:
                entry.lines[site] = None

    def evaluated(self, module: Module, site: Optional[CallSite]) -> None:
        """``eval()`` was called on a module."""
        for one in module.modules():
            entry = self.entry_of(one)
            if entry is not None and entry.is_modal:
                entry.eval_at, entry.eval_of = site, weakref.ref(module)

    def told(self, module: Module, site: Optional[CallSite]) -> None:
        """A module was told to learn by an attribute that it does not have."""
        entry = self.entry_of(module)
        if entry is not None:
            entry.told_at = site

    def _trains(self, entry: ModuleEntry) -> bool:
        """Whether what it was put in evaluation mode with is trained.

        Not so what is frozen, nor a layer that is meant by itself.
        """
        whole = entry.eval_of() if entry.eval_of is not None else None
        if whole is None or whole is entry.module():
            return False
        known = self._trained.get(id(whole))
        if known is None:
            known = any(parameter.requires_grad for parameter in whole.parameters())
            self._trained[id(whole)] = known
        return known

    def ends(self, parameter_of: Callable[[Tensor], int]) -> None:
        """A pass has ended: what was called before belongs to it."""
        self._trained.clear()
        if self._seen != len(self._entries):
            self._seen = len(self._entries)
            self.look(parameter_of)
        for entry in self._entries:
            if entry.lines:
                if len(entry.lines) > len(entry.most_lines):
                    entry.most_lines = entry.lines
                entry.lines = {}

    def owner_of(self, tensor: Tensor) -> Optional[tuple[str, Optional[dict[str, Any]]]]:
        """The path of a parameter in its outermost module, and where its own module was made."""
        found = self._owners.get(id(tensor))
        if found is None or found[0]() is not tensor:
            if self._looked_at == len(self._entries) and found is None:
                # One that was put into a module later is looked for as well, but not for ever.
                if self._looks_left == 0 or not isinstance(tensor, torch.nn.Parameter):
                    return None
                self._looks_left -= 1
            self._look()
            found = self._owners.get(id(tensor))
        if found is None or found[0]() is not tensor:
            return None
        return found[1], _shown(self._entries[found[2]].site)

    def site_of(self, module: Module) -> Optional[CallSite]:
        """Where a module was made."""
        entry = self.entry_of(module)
        return entry.site if entry is not None else None

    def look(self, parameter_of: Callable[[Tensor], int]) -> None:
        """Notes which module has which, and its parameters, while they are there."""
        for entry in self._entries:
            module = entry.module()
            if module is not None:
                own = [one for one in module._parameters.values() if one is not None]
                entry.parameters = [parameter_of(one) for one in own]
                entry.owners, entry.unregistered_in = [], []
        for entry in self._entries:
            module = entry.module()
            for name, child in _children(module):
                known = self.entry_of(child)
                if known is not None:
                    known.owners.append((entry.number, name))
            for field, kind, child in _unregistered(module):
                known = self.entry_of(child)
                if known is not None:
                    where = {"module": entry.number, "field": field, "kind": kind}
                    known.unregistered_in.append(where)

    def holds(self, tensor: Tensor) -> bool:
        """Whether a module that is still there has a parameter now."""
        found = self._owners.get(id(tensor))
        module = self._entries[found[2]].module() if found is not None else None
        return module is not None and any(one is tensor for one in module._parameters.values())

    def history(self) -> list[dict[str, Any]]:
        """As the engine's ``ModuleHistory``, of what was seen when they were looked at."""
        return [_history_of(entry) for entry in self._entries]

    def _look(self) -> None:
        """Finds the path of every parameter from its outermost module on."""
        self._looked_at = len(self._entries)
        inner = {
            id(child) for entry in self._entries for _, child in _children(entry.module())
        }
        for entry in self._entries:
            module = entry.module()
            if module is None or id(module) in inner:
                continue
            for prefix, part in module.named_modules():
                known = self.entry_of(part)
                for name, parameter in part._parameters.items():
                    if parameter is None or known is None:
                        continue
                    path = f"{prefix}.{name}" if prefix else name
                    self._owners[id(parameter)] = (weakref.ref(parameter), path, known.number)


def _history_of(entry: ModuleEntry) -> dict[str, Any]:
    module = entry.module()
    holders = [number for number, _ in entry.owners]
    return {
        "id": entry.number,
        "type": entry.type,
        "name": entry.owners[0][1] if entry.owners else "",
        "madeAt": _shown(entry.site),
        "builtIn": entry.built_in,
        "calls": entry.calls,
        "definesBackward": callable(getattr(module, "backward", None)),
        "callsInTraining": entry.calls_in_training,
        "isModal": entry.is_modal,
        "recordedInTraining": entry.recorded_in_training,
        "recordedInEvaluation": entry.recorded_in_evaluation,
        "evalAt": _shown(entry.eval_at),
        "toldAt": _shown(entry.told_at),
        "readInTraining": 0,
        "readAt": None,
        "parameters": entry.parameters,
        "parents": holders,
        "places": max((holders.count(number) for number in holders), default=0),
        "aliases": _aliases_of(entry),
        "aliasSite": None,
        "callLines": [_shown(site) for site in entry.most_lines],
        "unregisteredIn": [] if entry.owners else entry.unregistered_in,
    }


def _children(module: Optional[Module]) -> list[tuple[str, Module]]:
    modules = module.__dict__.get("_modules") if module is not None else None
    return [(name, child) for name, child in (modules or {}).items() if child is not None]


def _unregistered(module: Optional[Module]) -> list[tuple[str, str, Module]]:
    """Modules in plain lists and dictionaries, in which nothing is registered."""
    found = []
    for field, value in list(module.__dict__.items()) if module is not None else ():
        if field.startswith("_"):
            continue
        if isinstance(value, (list, tuple)):
            found += [(field, "array", one) for one in value if isinstance(one, Module)]
        elif isinstance(value, dict):
            found += [(field, "object", one) for one in value.values() if isinstance(one, Module)]
    return found


def _shown(site: Optional[CallSite]) -> Optional[dict[str, Any]]:
    return None if site is None else site_of(site.code, site.lasti)


def _aliases_of(entry: ModuleEntry) -> list[str]:
    """By which names the script has a module, where it is itself in none."""
    module, main = entry.module(), sys.modules.get("__main__")
    if module is None or main is None or entry.owners:
        return []
    holders = [main, *(one for one in vars(main).values() if type(one).__module__ == "__main__")]
    held = [(name, value) for holder in holders for name, value in _attributes_of(holder)]
    return list(dict.fromkeys(name for name, value in held if value is module))


def _attributes_of(holder: Any) -> list[tuple[str, Any]]:
    return list(getattr(holder, "__dict__", {}).items())
