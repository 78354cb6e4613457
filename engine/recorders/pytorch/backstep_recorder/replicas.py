"""DistributedDataParallel: which parameters the ranks promise each other to keep equal."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Iterable
from typing import Any, NamedTuple, Optional

import torch
from torch.distributed.algorithms.ddp_comm_hooks import default_hooks
from torch.nn.parallel import DistributedDataParallel

from .rank_calls import WORLD, Calls, Group, first_group, group_of


#: Hooks of torch that give the mean, and the dtype in which they reduce; None: the gradient's own.
_AVERAGING: dict[str, Optional[torch.dtype]] = {
    "allreduce_hook": None,
    "fp16_compress_hook": torch.float16,
    "bf16_compress_hook": torch.bfloat16,
}


class Replica:
    """One wrapped module."""

    def __init__(self, wrapper: DistributedDataParallel, number: int) -> None:
        self.wrapper = weakref.ref(wrapper)
        self.name = type(wrapper.module).__name__
        self.number = number
        #: Backward passes so far that a forward pass under gradients came before.
        self.passes = 0
        #: Whether such a forward pass waits for its backward pass, and asks it to reduce.
        self.pending = False
        self.armed = False
        #: Whether a hook of the script's own reduces, and the dtype in which a known one of torch does.
        self.hooked = False
        self.reduced_in: Optional[torch.dtype] = None

    @property
    def group(self) -> Group:
        """The process group that shares it."""
        wrapper: Any = self.wrapper()
        return group_of(wrapper.process_group) if wrapper is not None else WORLD


class Membership(NamedTuple):
    """The wrapper that reduces a parameter's gradient, and what the parameter is called there."""

    replica: Replica
    name: str


class Replicas:
    """The wrapped modules of this process."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._replicas: list[Replica] = []
        self._of: weakref.WeakKeyDictionary[Any, Replica] = weakref.WeakKeyDictionary()
        #: By the parameter's id.
        self.members: dict[int, Membership] = {}
        #: Those that the pass at hand reduces.
        self.reducing: list[Replica] = []
        #: Which pass it is of which wrappers: the same on all ranks, whatever else each of them runs.
        self.turn = ""
        wrapper: Any = DistributedDataParallel
        wrapper.__init__ = self._made(wrapper.__init__)
        wrapper.forward = self._forwarded(wrapper.forward)
        wrapper.register_comm_hook = self._hooked(wrapper.register_comm_hook)

    def _made(self, real: Any) -> Any:
        @functools.wraps(real)
        def init(wrapper: Any, module: Any, *args: Any, **kwargs: Any) -> None:
            group = group_of(first_group((*args, kwargs.get("process_group"))))
            self._calls.begin(f"DistributedDataParallel({type(module).__name__})", group)
            try:
                real(wrapper, module, *args, **kwargs)
            finally:
                self._calls.end()
            replica = Replica(wrapper, len(self._replicas))
            self._replicas.append(replica)
            self._of[wrapper] = replica
            ignored = getattr(wrapper, "parameters_to_ignore", ())
            for name, parameter in module.named_parameters():
                if parameter.requires_grad and name not in ignored:
                    self.members[id(parameter)] = Membership(replica, name)

        return init

    def _forwarded(self, real: Any) -> Any:
        @functools.wraps(real)
        def forward(wrapper: Any, *args: Any, **kwargs: Any) -> Any:
            replica = self._of.get(wrapper)
            if replica is not None and torch.is_grad_enabled():
                replica.pending = True
                replica.armed = wrapper.require_backward_grad_sync
            return real(wrapper, *args, **kwargs)

        return forward

    def _hooked(self, real: Any) -> Any:
        @functools.wraps(real)
        def register(wrapper: Any, state: Any, hook: Any) -> Any:
            replica = self._of.get(wrapper)
            if replica is not None:
                known = getattr(hook, "__module__", None) == default_hooks.__name__
                replica.hooked = not known or hook.__name__ not in _AVERAGING
                replica.reduced_in = _AVERAGING.get(hook.__name__) if known else None
            return real(wrapper, state, hook)

        return register

    def begin_pass(self, leaves: Iterable[torch.Tensor]) -> None:
        """A backward pass begins: what was forwarded and it reaches is reduced in it."""
        members = (self.members.get(id(leaf)) for leaf in leaves)
        reached = {member.replica.number for member in members if member is not None}
        taking = [one for one in self._replicas if one.pending and one.number in reached]
        self.reducing = [replica for replica in taking if replica.armed]
        for replica in taking:
            replica.passes += 1
            replica.armed = replica.pending = False
        self.turn = " ".join(f"{one.number}:{one.passes}" for one in taking)
        if self.reducing:
            last = self.reducing[-1]
            self._calls.begin(f"backward of {last.name}, its pass {last.passes}", last.group)

    def end_pass(self) -> None:
        """It has ended, and all reductions with it."""
        if self.reducing:
            self._calls.end()

    def joins(self, replica: Replica) -> bool:
        """Whether ranks may leave the training at different times, or reduce in another dtype."""
        wrapper: Any = replica.wrapper()
        join = getattr(wrapper, "_join_config", None)
        lowers = getattr(wrapper, "mixed_precision", None) is not None
        return lowers or bool(getattr(join, "enable", False))

    def parameters(self, replica: Replica) -> list[tuple[str, torch.Tensor]]:
        """All that the wrapper reduces."""
        wrapper: Any = replica.wrapper()
        if wrapper is None:
            return []
        named = wrapper.module.named_parameters()
        return [(name, one) for name, one in named if id(one) in self.members]
