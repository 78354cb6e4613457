"""What a rank tells of each pass and each step, so that the engine can hold ranks against each other."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from typing import Any, Callable, Optional

import torch

from .columns import text_of
from .history import KeptPass
from .ops import Scope
from .passes import Pass
from .rank_calls import Calls, Group, Reduced, Tell
from .rank_numbers import numbers_of
from .replicas import Replicas
from .shards import Shard, in_its_place, shards
from .sites import CallSite
from .sources import site_of
from .tape import Kind, Row

Tensor = torch.Tensor
Write = Callable[[dict[str, Any]], None]

#: Stands in the place of a wrapped model's number for all fully sharded ones.
_SHARDED = -2


class RankReports:
    """Watches one rank."""

    def __init__(self, write: Write) -> None:
        self._write = write
        tell: Tell = lambda call: write({"event": "rank.call", "call": call})  # noqa: E731
        self._calls = Calls(tell, self._reduces)
        self._replicas = Replicas(self._calls)
        self._before: dict[int, Optional[list[float]]] = {}
        #: What parameters are called, by their id.
        self._names: dict[int, str] = {}
        #: Leaves of the last pass, its number, and the ids of those whose gradients the script reduces itself, with
        #: the group that does it first.
        self._leaves: list[weakref.ref[Tensor]] = []
        self._last = 0
        self._by_hand: dict[int, Group] = {}
        self._by_hand_passes = 0
        #: How many gradients the script has reduced by itself, by the group.
        self._reductions: dict[Optional[str], int] = {}
        #: Fully sharded parameters by the id of what ops read, and how many passes have reached some.
        self._shards: dict[int, Shard] = {}
        self._sharded_passes = 0
        #: The number of each optimizer, and how often it has stepped.
        self._steps: weakref.WeakKeyDictionary[Any, tuple[int, int]] = weakref.WeakKeyDictionary()
        self._optimizers = 0
        self._scale: Optional[float] = None
        self._follow_scalers()

    def _reduces(self, tensor: Any, group: Group) -> Optional[Reduced]:
        """A tensor is about to be reduced; to be called with how, once it has been, where that is a gradient."""
        name = None
        for leaf in (reference() for reference in self._leaves):
            gradient = leaf.grad if leaf is not None else None
            if gradient is tensor or (gradient is not None and _is_over(tensor, gradient)):
                self._by_hand.setdefault(id(leaf), group)
                name = self._names.get(id(leaf))
        if name is None or not tensor.dtype.is_floating_point:
            return None
        before = numbers_of(tensor)

        def reduced(divisor: Optional[float], call: dict[str, Any]) -> None:
            turn = self._reductions[group.name] = self._reductions.get(group.name, 0) + 1
            self._write(
                {
                    "event": "rank.reduction",
                    **{"turn": turn, "pass": self._last, "name": name, "site": call["site"]},
                    **{"group": group.ranks, "groupName": group.name},
                    **{"epsilon": torch.finfo(tensor.dtype).eps, "divisor": divisor},
                    **{"before": before, "after": numbers_of(tensor)},
                }
            )

        return reduced

    def begin_pass(self, leaves: Iterable[Tensor]) -> None:
        """A backward pass that nobody runs inside of another begins."""
        self._before = {}
        for key, member in self._replicas.members.items():
            wrapper = member.replica.wrapper()
            parameter = _parameter(wrapper, member.name) if wrapper is not None else None
            if parameter is not None and parameter.grad is not None:
                self._before[key] = numbers_of(parameter.grad)
        self._shards = {id(shard.whole): shard for shard in shards()}
        for key, shard in self._shards.items():
            self._before[key] = _numbers_in_place(shard)
        self._replicas.begin_pass(leaves)

    def end_pass(self) -> None:
        """It has ended; what it has computed is told with :meth:`passed`."""
        self._replicas.end_pass()

    def passed(self, kept: KeptPass) -> None:
        """Tells of a pass that has ended."""
        tape, record = kept.tape, kept.record
        kept.names  # noqa: B018 - labels
        readers = _first_readers(tape.rows)
        leaves = [
            self._leaf(row, kept, readers)
            for row in tape.rows
            if row.kind == Kind.PARAMETER and row.leaf is not None
        ]
        self._last = record.index
        self._leaves = [weakref.ref(row.leaf) for row in tape.rows if row.leaf is not None]
        seen = {id(row.leaf) for row in tape.rows if row.leaf is not None}
        leaves.extend(self._unused(seen))
        bad = any(_count(leaf[plane]) for leaf in leaves for plane in ("local", "after", "value"))
        first = _first_bad(tape.rows, readers) if bad or _is_bad(kept.loss) else None
        self._write(
            {
                "event": "rank.pass",
                "pass": record.index,
                "site": _site(record.site),
                "turn": self._turn(leaves),
                "leaves": leaves,
                "bad": first,
                "seed": torch.initial_seed(),
                "failed": record.failed,
            }
        )

    def _turn(self, leaves: list[dict[str, Any]]) -> Optional[str]:
        """What tells which passes of the ranks belong together; None of a pass of this rank alone."""
        if self._replicas.turn:
            return self._replicas.turn
        if any(leaf["model"] == _SHARDED for leaf in leaves):
            self._sharded_passes += 1
            return f"sharded {self._sharded_passes}"
        if not any(leaf["promise"] == "by-hand" for leaf in leaves):
            return None
        self._by_hand_passes += 1
        return f"by hand {self._by_hand_passes}"

    def _leaf(self, row: Row, kept: KeptPass, readers: dict[int, Row]) -> dict[str, Any]:
        leaf = row.leaf
        assert leaf is not None
        member = self._replicas.members.get(id(leaf))
        shard = self._shards.get(id(leaf))
        name = member.name if member is not None else shard.name if shard is not None else row.label
        self._names[id(leaf) if shard is None else id(shard.part)] = name
        reader = readers.get(row.number)
        accumulates = kept.record.kind == "backward"
        if shard is None:
            value, after = numbers_of(leaf), numbers_of(leaf.grad if accumulates else None)
        else:
            value, after = None, _numbers_in_place(shard) if accumulates else None
        return {
            "name": name or "parameter",
            "row": row.number,
            "op": reader.name if reader is not None else None,
            "site": _site(reader.op.site) if reader is not None and reader.op is not None else None,
            **self._promise(leaf, reader),
            "value": value,
            "before": self._before.get(id(leaf)),
            "local": numbers_of(row.gradient) if row.ran else None,
            "after": after,
        }

    def _unused(self, seen: set[int]) -> Iterator[dict[str, Any]]:
        """Parameters that the pass reduces and has not reached."""
        for replica in self._replicas.reducing:
            for name, parameter in self._replicas.parameters(replica):
                if id(parameter) in seen:
                    continue
                self._names[id(parameter)] = name
                yield {
                    "name": name,
                    "row": None,
                    "op": None,
                    "site": None,
                    **self._promise(parameter, None),
                    "value": numbers_of(parameter),
                    "before": self._before.get(id(parameter)),
                    "local": None,
                    "after": numbers_of(parameter.grad),
                }

    def _promise(self, leaf: Tensor, reader: Optional[Row]) -> dict[str, Any]:
        """What the ranks promise each other of a parameter, and whether this pass keeps it."""
        member = self._replicas.members.get(id(leaf))
        epsilon = torch.finfo(leaf.dtype).eps if leaf.dtype.is_floating_point else 0
        about = {
            **{"shape": list(leaf.shape), "epsilon": epsilon, "divisor": None},
            **{"model": -1, "group": None},
        }
        shard = self._shards.get(id(leaf))
        if shard is not None:
            if shard.reduced_in is not None:
                about["epsilon"] = max(epsilon, torch.finfo(shard.reduced_in).eps)
            about["divisor"] = shard.divisor
            promise = "shard" if shard.reduces else None
            return {**about, "promise": promise, "model": _SHARDED, "group": shard.ranks}
        if getattr(leaf, "placements", None) is not None:
            return {**about, "promise": None}
        if member is None:
            by_hand = self._by_hand.get(id(leaf))
            if by_hand is None:
                return {**about, "promise": None}
            return {**about, "promise": "by-hand", "group": by_hand.ranks}
        replica = member.replica
        if self._replicas.joins(replica):
            promise = None
        elif replica in self._replicas.reducing:
            promise = "hooked" if replica.hooked else "reduced"
            if replica.reduced_in is not None:
                about["epsilon"] = max(epsilon, torch.finfo(replica.reduced_in).eps)
        elif reader is not None and not _is_within(reader, replica.wrapper()):
            promise = "bypassed"
        else:
            promise = "postponed"
        return {**about, "promise": promise, "model": replica.number, "group": replica.group.ranks}

    def stepping(self, optimizer: Any, site: Optional[CallSite]) -> None:
        """Tells what an optimizer is about to step with."""
        if optimizer not in self._steps:
            self._steps[optimizer] = self._optimizers, 0
            self._optimizers += 1
        number, count = self._steps[optimizer]
        self._steps[optimizer] = number, count + 1
        gradients: list[dict[str, Any]] = []
        parts = {id(shard.part): shard.ranks for shard in self._shards.values()}
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                name = self._names.get(id(parameter))
                if name is None or parameter.grad is None:
                    continue
                if id(parameter) in parts:  # Each rank steps with a part of its own.
                    own = {"group": parts[id(parameter)], "numbers": None}
                    gradients.append({"name": name, "model": _SHARDED, **own})
                    continue
                member = self._replicas.members.get(id(parameter))
                by_hand = self._by_hand.get(id(parameter))
                if member is not None:
                    model, ranks = member.replica.number, member.replica.group.ranks
                elif by_hand is not None:
                    model, ranks = -1, by_hand.ranks
                else:
                    continue
                numbers = numbers_of(parameter.grad)
                gradients.append({"name": name, "model": model, "group": ranks, "numbers": numbers})
        rates = [
            {key: text_of(value) for key, value in group.items() if type(value) in (int, float)}
            for group in optimizer.param_groups
        ]
        self._write(
            {
                "event": "rank.step",
                "optimizer": {"number": number, "name": type(optimizer).__name__},
                "step": count + 1,
                "site": _site(site),
                "rates": rates,
                "scale": self._scale,
                "gradients": gradients,
            }
        )

    def _follow_scalers(self) -> None:
        """A scaler's scale is read where it steps an optimizer."""
        scaler: Any = getattr(getattr(torch, "amp", None), "GradScaler", None)
        scaler = scaler or torch.cuda.amp.GradScaler
        real = scaler.step

        def step(own: Any, *args: Any, **kwargs: Any) -> Any:
            scale = getattr(own, "_scale", None)
            self._scale = float(scale) if scale is not None else None
            return real(own, *args, **kwargs)

        scaler.step = step


def _numbers_in_place(shard: Shard) -> Optional[list[float]]:
    """Numbers of a rank's part of a gradient; those of all ranks add up to the numbers of the whole gradient."""
    gradient = shard.part.grad
    if gradient is None or not shard.reduces:
        return None
    return numbers_of(in_its_place(gradient))


def _parameter(wrapper: Any, name: str) -> Optional[Tensor]:
    try:
        found: Optional[Tensor] = wrapper.module.get_parameter(name)
    except AttributeError:
        return None
    return found


def _is_over(tensor: Any, gradient: Tensor) -> bool:
    """Whether a tensor lies where a gradient does, as a view or the detached alias of it."""
    if not isinstance(tensor, torch.Tensor) or tensor.numel() != gradient.numel():
        return False
    return tensor.layout is torch.strided and tensor.data_ptr() == gradient.data_ptr()


def _site(site: Optional[CallSite]) -> Optional[dict[str, Any]]:
    return site_of(site.code, site.lasti) if site is not None else None


def _first_readers(rows: list[Row]) -> dict[int, Row]:
    """By the number of a row: the op that reads it first."""
    found: dict[int, Row] = {}
    for row in rows:
        if row.op is not None:
            for source in row.sources:
                found.setdefault(source.number, row)
    return found


def _is_within(row: Row, module: Any) -> bool:
    """Whether an op was called within a module's call."""
    scope: Optional[Scope] = row.op.scope if row.op is not None else None
    while scope is not None and scope.module is not module:
        scope = scope.parent
    return scope is not None


def _is_bad(loss: Optional[float]) -> bool:
    return loss is not None and (loss != loss or loss in (float("inf"), float("-inf")))


def _count(numbers: Optional[list[float]]) -> float:
    return numbers[3] if numbers is not None else 0


def _has_bad(tensor: Optional[Tensor]) -> bool:
    return tensor is not None and bool(_count(numbers_of(tensor)))


def _first_bad(rows: list[Row], readers: dict[int, Row]) -> Optional[dict[str, Any]]:
    """Where the first number arose that is not finite: in forward order, else in backward order."""
    for row in rows:
        if row.value is not None and not row.value.lost and _has_bad(row.value.data):
            return _bad(row, readers, "forward")
    for row in reversed(rows):
        if _has_bad(row.gradient):
            return _bad(row, readers, "backward")
    return None


def _bad(row: Row, readers: dict[int, Row], when: str) -> dict[str, Any]:
    shown = row if row.computed else readers.get(row.number, row)
    site = _site(shown.op.site) if shown.op is not None else None
    label = "" if row.computed else row.label or "input"
    return {"row": row.number, "op": shown.name, "label": label, "site": site, "when": when}
