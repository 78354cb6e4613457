"""Which collective calls a rank makes, in which order, and where it waits in one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from sys import _getframe
from threading import current_thread, main_thread
from typing import Any, NamedTuple, Optional

import torch
import torch.distributed as dist
from torch.distributed.algorithms.join import Join

from .sites import find_site
from .sources import site_of

#: What all ranks of a group call together.
_COLLECTIVES = (
    "all_reduce broadcast reduce all_gather all_gather_into_tensor all_gather_single gather scatter reduce_scatter "
    "reduce_scatter_tensor reduce_scatter_single all_to_all all_to_all_single barrier monitored_barrier "
    "all_gather_object gather_object broadcast_object_list scatter_object_list "
    "init_process_group new_group"
).split()
#: What two ranks call, each its own half.
_BETWEEN_TWO = "send recv".split()

#: Those that take a tensor of one size from every rank, in one dtype.
_ALIKE = frozenset(("all_reduce", "broadcast", "reduce"))

#: Those that sum what the ranks have.
_REDUCING = frozenset(("all_reduce", "reduce_scatter", "reduce"))

#: To be told what a sum was divided by (None: by the number of ranks), and which call that was.
Reduced = Callable[[Optional[float], dict[str, Any]], None]

#: Says that a call begins, or, with None, that the last one has ended.
Tell = Callable[[Optional[dict[str, Any]]], None]


class Group(NamedTuple):
    """A process group, by what is the same on all of its ranks."""

    #: In order; None: all ranks.
    ranks: Optional[list[int]] = None
    #: As torch calls it: several groups may have the same ranks. None: the default group.
    name: Optional[str] = None


#: The group that `init_process_group` makes.
WORLD = Group()


class Calls:
    """Tells the engine of each collective call before it is made."""

    def __init__(self, tell: Tell, reduces: Callable[[Any, Group], Optional[Reduced]]) -> None:
        """``reduces`` is told of each tensor that the script reduces by itself and in which group; what it returns, of the result."""
        self._tell, self._reduces = tell, reduces
        self._depth = 0
        self._joins = 0
        self._follow_joins()
        for name in (*_COLLECTIVES, *_BETWEEN_TWO):
            real = getattr(dist, name, None)
            if real is not None:
                setattr(dist, name, self._wrapped(name, real))

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def call(*args: Any, **kwargs: Any) -> Any:
            if self._depth > 0 or current_thread() is not main_thread():
                return real(*args, **kwargs)
            group = kwargs.get("group") or first_group(args)
            given = args[0] if args else kwargs.get("tensor")
            what = f"{name}{_size(given)}" if name in _ALIKE else name
            known = _known(group)
            begun = self.begin(what, known, ordered=name not in _BETWEEN_TWO)
            reduced = self._reduces(given, known) if name in _REDUCING else None
            try:
                result = real(*args, **kwargs)
            finally:
                self.end()
            if reduced is not None and name == "all_reduce" and result is None:
                divides = _divides(kwargs.get("op", args[1] if len(args) > 1 else dist.ReduceOp.SUM))
                if divides is not None:
                    reduced(None if divides else 1, begun)
            return result

        return call

    def begin(self, what: str, group: Group, ordered: bool = True) -> dict[str, Any]:
        """A call that waits for the other ranks of a group begins.

        Where ranks may leave a training at different times, those that have left answer the others' calls by calls of their own.
        """
        self._depth += 1
        if self._depth > 1:
            return {}
        site = find_site(_getframe(1))
        where = site_of(site.code, site.lasti) if site is not None else None
        ordered = ordered and self._joins == 0
        ranks, name = group
        call = {"call": what, "group": ranks, "groupName": name, "ordered": ordered, "site": where}
        self._tell(call)
        return call

    def end(self) -> None:
        """It has ended."""
        self._depth -= 1
        if self._depth == 0:
            self._tell(None)

    def _follow_joins(self) -> None:
        real_enter, real_exit = Join.__enter__, Join.__exit__

        def enter(join: Any) -> Any:
            self._joins += 1
            return real_enter(join)

        def leave(join: Any, *raised: Any) -> Any:
            try:
                return real_exit(join, *raised)
            finally:
                self._joins -= 1

        setattr(Join, "__enter__", enter)
        setattr(Join, "__exit__", leave)


def _size(value: Any) -> str:
    """How many numbers of which kind are handed over; empty where that is no plain tensor."""
    if not isinstance(value, torch.Tensor) or value.layout is not torch.strided:
        return ""
    return f" of {value.numel()} {str(value.dtype).removeprefix('torch.')}"


def _divides(op: Any) -> Optional[bool]:
    """Whether a reduction is a mean, or a sum; None where it is something else."""
    if op == dist.ReduceOp.SUM:
        return False
    return True if op == getattr(dist.ReduceOp, "AVG", None) else None


def _is_group(value: Any) -> bool:
    kind = getattr(dist, "ProcessGroup", None)
    return kind is not None and isinstance(value, kind)


def first_group(values: Iterable[Any]) -> Any:
    """The first process group among a call's arguments; None where it is given none."""
    return next((value for value in values if _is_group(value)), None)


def _known(group: Any) -> Group:
    """What the engine is told of a process group; the default one where a call names none."""
    if group is None or not _is_group(group):
        return WORLD
    c10d: Any = dist.distributed_c10d
    if group is getattr(c10d, "_get_default_group", lambda: None)():
        return WORLD
    known = getattr(c10d, "get_process_group_ranks", None)
    ranks = sorted(known(group) if known is not None else c10d._pg_group_ranks.get(group, {}))
    world = getattr(c10d, "_world", None)
    names = world.pg_names if world is not None else c10d._pg_names
    return Group(ranks, names.get(group))


def group_of(group: Any) -> Group:
    """What the engine is told of a wrapper's process group."""
    return _known(group) if dist.is_initialized() else WORLD
