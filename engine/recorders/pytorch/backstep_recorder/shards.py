"""Fully sharded models: each rank holds a part of a parameter, which is whole only while ops run on it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple, Optional

import torch
import torch.distributed as dist

Tensor = torch.Tensor


#: Tensors of these classes are whole on each rank.
_WHOLE = frozenset((Tensor, torch.nn.Parameter))


class Shard(NamedTuple):
    """A parameter as ops read it, and the part of it that this rank keeps and steps."""

    whole: Tensor
    part: Tensor
    name: str
    #: Whether the next pass reduces the gradients of all ranks, and gives each rank its part.
    reduces: bool
    #: The dtype that gradients are reduced in; None: their own.
    reduced_in: Optional[torch.dtype]
    #: What their sum is divided by; None: by the number of ranks.
    divisor: Optional[float]
    #: The ranks that keep its parts together; None: all of them.
    ranks: Optional[list[int]]


def shards() -> Iterator[Shard]:
    """Those of all modules that ``fully_shard`` was applied to, once they have been whole."""
    states = sys.modules.get("torch.distributed._composable_state")
    for reference in list(getattr(states, "_module_state_mapping", {}).values()):
        state = reference()
        groups = getattr(state, "_fsdp_param_groups", None)
        for group in groups if groups is not None else [getattr(state, "_fsdp_param_group", None)]:
            for holder in getattr(group, "fsdp_params", ()):
                whole = getattr(holder, "_unsharded_param", None)
                if whole is not None:
                    yield _shard(group, holder, whole)


def _shard(group: Any, holder: Any, whole: Tensor) -> Shard:
    name = getattr(holder, "_param_fqn", None) or ""
    divisor = getattr(group, "gradient_divide_factor", None)
    # torch 2.6 keeps the factor within an op of nccl.
    is_usual = getattr(group, "reduce_scatter_reduce_op", None) is None
    # What passes that were not reduced have left is reduced with the next one.
    kept = whole.grad is not None or getattr(holder, "unsharded_accumulated_grad", None) is not None
    mesh = holder.sharded_param.device_mesh
    is_plain = mesh.ndim == 1 and len(holder.sharded_param.placements) == 1
    reduces = is_usual and is_plain and group.reduce_grads and not kept
    ranks = sorted(mesh.mesh.flatten().tolist())
    own = ranks if len(ranks) < dist.get_world_size() else None
    return Shard(whole, holder.sharded_param, name, reduces, holder.reduce_dtype, divisor, own)


def stepped_part(tensor: Tensor) -> Tensor:
    """The parameter of an optimizer that a leaf of a pass stands for: itself, as a rule."""
    if "torch.distributed.fsdp" not in sys.modules:
        return tensor
    return next((shard.part for shard in shards() if shard.whole is tensor), tensor)


def own_part(tensor: Tensor) -> Tensor:
    """What this rank holds of a tensor: to compute with a DTensor would call the other ranks."""
    if type(tensor) in _WHOLE:
        return tensor
    to_local = getattr(tensor, "to_local", None)
    found: Tensor = to_local() if to_local is not None else tensor
    return found


def in_its_place(part: Tensor) -> Tensor:
    """A tensor of the shape of the whole one, with this rank's part where it belongs and zeros elsewhere."""
    own = own_part(part).detach()
    whole = own.new_zeros(part.shape)
    if own.numel() == 0:
        return whole
    mesh: Any = getattr(part, "device_mesh")
    (placement,) = getattr(part, "placements")
    size = -(-part.shape[placement.dim] // mesh.size())
    start = size * mesh.get_local_rank()
    whole.narrow(placement.dim, start, own.shape[placement.dim]).copy_(own)
    return whole
