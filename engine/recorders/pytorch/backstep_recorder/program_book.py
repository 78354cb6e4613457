"""What a script does to its parameters, as data: what findings argue from besides recorded passes."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from sys import _getframe
from types import FrameType
from typing import Any, Optional

import torch

from .hand_steps import HandSteps
from .module_book import ModuleBook
from .ops import CallSite
from .parameter_book import ParameterBook
from .shards import own_part
from .sites import Owner, find_site, owner_of
from .sources import site_of

Tensor = torch.Tensor

#: A script that catches what backward() throws may do so for ever.
_MOST_REFUSALS = 100
#: So many norms of a call that clips tell their median.
_MOST_NORMS = 2048
#: Larger parameters are not copied to be measured.
_MOST_MEASURED = 1 << 20
#: A rate below this share of the largest so far is as good as none: three steps of a tenth each,
#: whatever their roundings, are many a recipe.
_NOTHING = 1e-3 * (1 - 1e-9)
#: Steps that are measured: early ones one by one, later ones ever more rarely.
_MEASURED = frozenset(digit * 10**power for digit in (1, 2, 5) for power in range(1, 6)) | {1, 2, 3, 5}


class _Optimizer:
    def __init__(self, number: int, optimizer: Any, site: Optional[CallSite], before: int) -> None:
        self.number, self.made_at, self.made_before = number, site, before
        self.optimizer = weakref.ref(optimizer)
        self.type = type(optimizer).__name__
        self.groups: list[dict[str, Any]] = []
        self.steps = self.empty_steps = self.idle_steps = self.stale_steps = 0
        self.fed_passes = self.discarded_passes = self.zeroed = 0
        #: Passes that fed it since its last step or reset, and since its last step.
        self.fed_since_reset = self.fed_since_step = 0
        #: Whether its gradients were reset and no pass has fed it since: they may be there as zeros.
        self.is_emptied = False
        #: Whether its steps run passes themselves, by a closure: it uses all that they compute.
        self.runs_passes = False
        self.largest_rate = self.last_rate = 0.0
        self.steps_at_nothing = 0
        self.step_site: Optional[CallSite] = None
        self.zero_site: Optional[CallSite] = None


class _Clip:
    def __init__(self, kind: str, site: Optional[CallSite]) -> None:
        self.kind, self.site, self.limit = kind, site, 0.0
        self.calls = self.active = self.late = 0
        self.norms: list[float] = []


class _Schedule:
    def __init__(self, scheduler: Any, optimizer: int, site: Optional[CallSite]) -> None:
        self.type, self.optimizer, self.made_at = type(scheduler).__name__, optimizer, site
        self.first_rates = [float(rate) for rate in getattr(scheduler, "base_lrs", ())]
        self.rates = self.first_rates
        self.steps, self.step_site = 0, site
        #: The lowest rate of the first group so far, and after how many steps it came.
        self.lowest, self.lowest_after = (*self.first_rates, 0.0)[0], 0

    def stepped(self, rates: list[float], site: Optional[CallSite]) -> None:
        """It has stepped, and these are the rates now."""
        self.steps, self.step_site, self.rates = self.steps + 1, site, rates
        # What comes down to the same again differs by roundings.
        rounding = 1e-9 * abs((*self.first_rates, 0.0)[0])
        if rates and rates[0] < self.lowest - rounding:
            self.lowest, self.lowest_after = rates[0], self.steps


class ProgramBook:
    """Follows the modules, optimizers, schedules and parameters of a script."""

    def __init__(self) -> None:
        self.modules = ModuleBook()
        self.parameters = ParameterBook(self.modules)
        self.hands = HandSteps(self.parameters)
        self._optimizers: list[_Optimizer] = []
        self._optimizer_of: dict[int, _Optimizer] = {}
        self._clips: dict[Optional[CallSite], _Clip] = {}
        self._schedules: dict[int, _Schedule] = {}
        self._passes: list[dict[str, Any]] = []
        self._updates: list[dict[str, Any]] = []
        self._before: list[tuple[int, Tensor, Tensor]] = []
        self._releases: list[Optional[CallSite]] = []
        self._refusals: list[dict[str, Any]] = []

    def optimizers(self) -> list[tuple[int, Any]]:
        """Those that are still there, by number."""
        alive = ((entry.number, entry.optimizer()) for entry in self._optimizers)
        return [(number, optimizer) for number, optimizer in alive if optimizer is not None]

    def module_made(self, module: torch.nn.Module, frame: Optional[FrameType]) -> None:
        """A module is being made; constructors of its own classes are passed by."""
        while frame is not None and _is_constructor_of(frame, module):
            frame = frame.f_back
        self.modules.made(module, find_site(frame))

    def optimizer_made(self, optimizer: Any, site: Optional[CallSite]) -> None:
        """An optimizer has been made."""
        entry = _Optimizer(len(self._optimizers), optimizer, site, len(self._passes))
        self._optimizers.append(entry)
        self._optimizer_of[id(optimizer)] = entry
        self._assign()
        self._note_groups(entry)

    def stepping(self, optimizer: Any, site: Optional[CallSite], runs_passes: bool) -> None:
        """An optimizer is about to step, by passes of its own where it is given a closure."""
        entry = self._entry_of(optimizer)
        if entry is None:
            return
        entry.steps += 1
        entry.step_site = site
        entry.runs_passes = runs_passes
        if entry.fed_since_step == 0 and not runs_passes:
            entry.idle_steps += 1
        entry.fed_since_step = entry.fed_since_reset = 0
        rates = [float(group.get("lr", 0.0)) for group in optimizer.param_groups]
        entry.last_rate = max(rates, default=0.0)
        entry.largest_rate = max(entry.largest_rate, entry.last_rate)
        at_nothing = entry.last_rate <= _NOTHING * entry.largest_rate
        entry.steps_at_nothing = entry.steps_at_nothing + 1 if at_nothing else 0
        given, stale, measured = 0, False, entry.steps in _MEASURED
        for parameter in _held(optimizer):
            if parameter.grad is None:
                continue
            given += 1
            known = self.parameters.of(parameter)
            stale = stale or known.stale
            known.used = known.moved = True
            if measured and parameter.numel() <= _MOST_MEASURED:
                self._before.append((known.number, parameter, own_part(parameter).detach().clone()))
        entry.empty_steps += not runs_passes and (given == 0 or entry.is_emptied)
        entry.stale_steps += stale

    def stepped(self, optimizer: Any) -> None:
        """The step is done."""
        entry = self._entry_of(optimizer)
        if entry is None:
            return
        if entry.runs_passes:
            for parameter in _held(optimizer):
                if parameter.grad is not None:
                    self.parameters.of(parameter).moved = True
        for number, parameter, before in self._before:
            moved = torch.linalg.vector_norm((own_part(parameter).detach() - before).double())
            norm = torch.linalg.vector_norm(before.double())
            sizes = {"update": _text(float(moved)), "weight": _text(float(norm))}
            self._updates.append({"parameter": number, "step": entry.steps, **sizes})
        self._before = []

    def zeroed(self, owned: Sequence[Tensor], owner: Any, site: Optional[CallSite]) -> None:
        """An optimizer or a module has reset the gradients of its parameters."""
        ids = {id(parameter) for parameter in owned}
        for entry in self._optimizers:
            optimizer = entry.optimizer()
            if optimizer is None:
                continue
            if optimizer is owner or any(id(held) in ids for held in _held(optimizer)):
                entry.zeroed += 1
                entry.is_emptied = True
                if not entry.runs_passes:
                    entry.discarded_passes += entry.fed_since_reset
                entry.fed_since_reset = 0
                entry.zero_site = site
        for parameter in owned:
            known = self.parameters.known(parameter)
            if known is not None:
                known.used = known.stale = False

    def clipped(
        self,
        kind: str,
        parameters: Sequence[Tensor],
        limit: float,
        norm: float,
        site: Optional[CallSite],
    ) -> None:
        """Gradients have been clipped; ``norm`` is what they had."""
        entry = self._clips.setdefault(site, _Clip(kind, site))
        entry.calls += 1
        entry.limit = limit
        entry.active += norm > limit
        known = [self.parameters.known(one) for one in parameters if one.grad is not None]
        entry.late += all(one is not None and one.used for one in known)
        if norm - norm == 0 and len(entry.norms) < _MOST_NORMS:
            entry.norms.append(norm)

    def scheduler_made(self, scheduler: Any, site: Optional[CallSite]) -> None:
        """A schedule of learning rates has been made."""
        entry = self._entry_of(getattr(scheduler, "optimizer", None))
        if entry is not None:
            self._schedules[id(scheduler)] = _Schedule(scheduler, entry.number, site)

    def scheduler_stepped(self, scheduler: Any, site: Optional[CallSite]) -> None:
        """A schedule has stepped."""
        entry = self._schedules.get(id(scheduler))
        if entry is not None:
            rates = getattr(scheduler, "_last_lr", entry.rates)
            entry.stepped([float(rate) for rate in rates], site)

    def refused(self, site: Optional[CallSite], cut: Optional[dict[str, Any]]) -> None:
        """backward() has found nothing to do; ``cut`` says why, where that is known."""
        if len(self._refusals) < _MOST_REFUSALS:
            self._refusals.append({"site": _shown(site), "cut": cut})

    def released(self, site: Optional[CallSite]) -> None:
        """backward() has come to a graph that had run and was released."""
        if len(self._releases) < _MOST_REFUSALS:
            self._releases.append(site)

    def ended(
        self,
        index: int,
        kind: str,
        loss: Optional[float],
        site: Optional[CallSite],
        reached: Sequence[tuple[Tensor, Optional[Tensor]]],
    ) -> None:
        """A pass has ended, and gave these leaves something."""
        shown = None if loss is None else _text(loss)
        self._passes.append({"index": index, "kind": kind, "loss": shown, "site": _shown(site)})
        self._assign()
        if kind == "backward":
            for number in self.parameters.ends(index, reached):
                entry = self._optimizers[number]
                entry.fed_passes += 1
                entry.is_emptied = False
                entry.fed_since_step += 1
                entry.fed_since_reset += 1
        self.modules.ends(self._number_of)

    def describe(self) -> dict[str, Any]:
        """As the engine's ``Training``, and what else rules look at."""
        self._assign()
        self.modules.look(self._number_of)
        return {
            "training": {
                "parameters": self.parameters.history(),
                "optimizers": [self._optimizer_history(entry) for entry in self._optimizers],
                "modules": self.modules.history(),
                "passes": self._passes,
                "clips": [_clip_history(entry) for entry in self._clips.values()],
                "schedules": [_schedule_history(entry) for entry in self._schedules.values()],
                "vainSwitches": self.parameters.vain_switches(),
                "handSteps": [
                    {
                        **told,
                        "site": _shown(site),
                        "samples": [{k: _text(v) for k, v in one.items()} for one in told["samples"]],
                    }
                    for site, told in self.hands.history()
                ],
            },
            "updates": self._updates,
            "releases": [
                {"site": _shown(site), "calledAt": _shown(site), "label": ""}
                for site in self._releases
            ],
            "refusals": self._refusals,
        }

    def _number_of(self, tensor: Tensor) -> int:
        return self.parameters.of(tensor).number

    def _entry_of(self, optimizer: Any) -> Optional[_Optimizer]:
        entry = self._optimizer_of.get(id(optimizer))
        return entry if entry is not None and entry.optimizer() is optimizer else None

    def _assign(self) -> None:
        """Groups may be added at any time."""
        for number, optimizer in self.optimizers():
            for parameter in _held(optimizer):
                self.parameters.assign(parameter, number)

    def _note_groups(self, entry: _Optimizer) -> None:
        optimizer = entry.optimizer()
        if optimizer is not None:
            entry.groups = [
                {
                    "options": {_camel(k): _plain(v) for k, v in group.items() if k != "params"},
                    "parameters": [self.parameters.of(one).number for one in group["params"]],
                }
                for group in optimizer.param_groups
            ]

    def _optimizer_history(self, entry: _Optimizer) -> dict[str, Any]:
        self._note_groups(entry)
        return {
            "id": entry.number,
            "type": entry.type,
            "madeAt": _shown(entry.made_at),
            "groups": entry.groups,
            "steps": entry.steps,
            "emptySteps": entry.empty_steps,
            "idleSteps": entry.idle_steps,
            "staleSteps": entry.stale_steps,
            "fedPasses": entry.fed_passes,
            "discardedPasses": entry.discarded_passes,
            "zeroed": entry.zeroed,
            "largestRate": _text(entry.largest_rate),
            "lastRate": _text(entry.last_rate),
            "stepsAtNothing": entry.steps_at_nothing,
            "stepSite": _shown(entry.step_site),
            "zeroSite": _shown(entry.zero_site),
            "madeBefore": entry.made_before,
        }


def _held(optimizer: Any) -> list[Tensor]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def _is_constructor_of(frame: FrameType, module: torch.nn.Module) -> bool:
    code = frame.f_code
    if owner_of(code) != Owner.SCRIPT:
        return True
    if code.co_name != "__init__" or code.co_argcount == 0:
        return False
    return frame.f_locals.get(code.co_varnames[0]) is module


def _shown(site: Optional[CallSite]) -> Optional[dict[str, Any]]:
    return None if site is None else site_of(site.code, site.lasti)


def _text(number: float) -> Any:
    """JSON has no number that is not finite; the engine reads these words as one."""
    if number - number == 0:
        return number
    return "NaN" if number != number else "Infinity" if number > 0 else "-Infinity"


def _plain(value: Any) -> Any:
    if isinstance(value, Tensor) and value.numel() == 1:
        value = value.item()
    if isinstance(value, float):
        return _text(value)
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(one.capitalize() for one in others)


def _clip_history(entry: _Clip) -> dict[str, Any]:
    norms = sorted(entry.norms)
    return {
        "kind": entry.kind,
        "site": _shown(entry.site),
        "limit": entry.limit,
        "calls": entry.calls,
        "active": entry.active,
        "late": entry.late,
        "smallestNorm": norms[0] if norms else "NaN",
        "medianNorm": norms[len(norms) // 2] if norms else "NaN",
    }


def _schedule_history(entry: _Schedule) -> dict[str, Any]:
    return {
        "optimizer": entry.optimizer,
        "type": entry.type,
        "madeAt": _shown(entry.made_at),
        "steps": entry.steps,
        "stepSite": _shown(entry.step_site),
        "lowestAfter": entry.lowest_after,
        "firstRates": entry.first_rates,
        "rates": entry.rates,
    }


def caller() -> Optional[CallSite]:
    """The line of the script that called what calls this."""
    return find_site(_getframe(2))
