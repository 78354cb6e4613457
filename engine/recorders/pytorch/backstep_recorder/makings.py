"""How constants of a pass were made: what findings about data argue from."""

from __future__ import annotations

import itertools
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any, Optional

import torch

from .cuts import CutOff, shown_cut
from .ops import CallSite
from .shards import own_part
from .sites import find_site
from .sources import resolve, site_of

Tensor = torch.Tensor

#: How many steps back a constant is followed.
_DEEPEST = 32
#: So many steps are noted from one pass to the next: a script that prepares its data is not
#: slowed down for ever.
_MOST_NOTED = 4000
#: Passes before which steps are noted, by their index: early ones one by one, later ones ever more rarely.
_FOLLOWED = frozenset(digit * 10**power - 1 for digit in (1, 2, 5) for power in range(6)) | {2, 3, 5}
#: Ops that make numbers that are not finite out of finite ones. They are not the cause of what was not finite before.
_MATH = frozenset(
    """__truediv__ __rtruediv__ div divide true_divide sqrt rsqrt log log2 log10 log1p
    __pow__ pow""".split()
)
#: They make tensors of arrays.
_MAKERS = frozenset("from_numpy tensor as_tensor asarray".split())
#: They pick entries by the numbers of an index.
_PICKERS = frozenset("__getitem__ index_select".split())
#: Ops that give positions beside values, by one that gives nothing else.
_POSITIONS = {"max": "argmax", "min": "argmin", "topk": "argsort", "sort": "argsort"}
#: Indices whose numbers are remembered, and how many of them each may have.
_MOST_INDICES, _LONGEST_INDEX = 8, 1 << 16
#: So many steps are told of one pass.
_MOST_TOLD = 400


class Making:
    """The call that made a constant, and what that was given."""

    __slots__ = ("name", "site", "shape", "attributes", "inputs", "depth", "epoch", "cut", "order")

    #: How many were noted before.
    _orders = itertools.count()

    def __init__(
        self,
        name: str,
        site: Optional[CallSite],
        shape: tuple[int, ...],
        attributes: dict[str, Any],
        inputs: tuple[Making, ...],
        epoch: int = 0,
        cut: Optional[CutOff] = None,
    ) -> None:
        #: How many passes had ended by then, and where a leaf was cut off the graph.
        self.epoch, self.cut = epoch, cut
        self.order = next(Making._orders)
        self.name, self.site, self.shape, self.attributes = name, site, shape, attributes
        self.depth = 1 + max((one.depth for one in inputs), default=0)
        if self.depth > _DEEPEST:
            self.depth, inputs = 0, ()
        self.inputs = inputs


class Makings:
    """By tensor, how it was made."""

    def __init__(self) -> None:
        #: Whether calls are noted now.
        self.active = False
        self._found: dict[int, tuple[weakref.ref[Tensor], Making]] = {}
        self._left = _MOST_NOTED
        self._indices: deque[tuple[Tensor, Making]] = deque(maxlen=_MOST_INDICES)
        self._passes = 0
        #: Gives where a tensor was cut off the graph.
        self.cut_of: Callable[[Tensor], Optional[CutOff]] = lambda _: None

    def ended(self, index: int) -> None:
        """A pass has ended; what is made from here on belongs to the next."""
        self.active, self._left = index + 1 in _FOLLOWED, _MOST_NOTED
        self._passes += 1

    def note(self, out: Any, name: str, args: Sequence[Any], kwargs: Any, frame: FrameType) -> None:
        """A call has given constants, or something else."""
        if not isinstance(out, (Tensor, tuple, list)):
            return
        self._left -= 1
        if self._left < 0:
            self.active = False
            return
        site = find_site(frame)
        given = _tensors_of(args)
        if name in _MATH and not all(_is_finite(one) for one in given):
            name = "unknown"
        if isinstance(out, Tensor):
            if out is not (args[0] if args else None):
                attributes = _attributes_of(name, args, kwargs or {}, out)
                if site is not None and name in _MAKERS:
                    source, place = resolve(site.code, site.lasti)
                    attributes.update(source.array(place))
                self._keep(out, self._made(name, site, out, attributes, given))
            return
        start = 0
        for one in out:
            if not isinstance(one, Tensor):
                continue
            place = {}
            if name in ("split", "chunk") and given:
                dim = _dim_of(args, kwargs or {}, 2) % max(1, one.dim())
                place = {"dim": dim, "start": start}
                start += one.shape[dim] if one.dim() else 0
            called = name if one.is_floating_point() else _POSITIONS.get(name, name)
            self._keep(one, self._made(called, site, one, place, given))

    def shown_as(self, out: Tensor, tensor: Tensor, frame: FrameType) -> None:
        """A tensor has the numbers of another, repeated perhaps."""
        if out.shape != tensor.shape:
            self.note(out, "expand", (tensor,), None, frame)
        elif out is not tensor:
            self._keep(out, self.of(tensor) or self._leaf(tensor))

    def forget(self, tensor: Any) -> None:
        """A constant is written: it is no longer what it was made as."""
        if self._found and isinstance(tensor, Tensor):
            self._found.pop(id(tensor), None)

    def of(self, tensor: Tensor) -> Optional[Making]:
        """How a tensor was made, where that was noted."""
        found = self._found.get(id(tensor))
        return found[1] if found is not None and found[0]() is tensor else None

    def _made(
        self,
        name: str,
        site: Optional[CallSite],
        out: Tensor,
        attributes: dict[str, Any],
        given: Sequence[Tensor],
    ) -> Making:
        inputs = tuple(self.of(one) or self._leaf(one) for one in given)
        if name in _PICKERS and len(given) == 2:
            inputs = (inputs[0], self._index(given[1], inputs[1]))
        return Making(name, site, tuple(out.shape), attributes, inputs, self._passes)

    def _index(self, tensor: Tensor, making: Making) -> Making:
        """How an index was made, or an earlier one with the same numbers: both pick the same entries."""
        if tensor.numel() > _LONGEST_INDEX or any(known is making for _, known in self._indices):
            return making
        for numbers, known in self._indices:
            if numbers.dtype == tensor.dtype and numbers.device == tensor.device:
                if torch.equal(numbers, tensor):
                    return known
        self._indices.append((tensor.detach().clone(), making))
        return making

    def _leaf(self, tensor: Tensor) -> Making:
        """What nobody has seen being made is told from all others by itself."""
        cut = self.cut_of(tensor)
        leaf = Making("leaf", None, tuple(tensor.shape), {}, (), self._passes, cut)
        self._keep(tensor, leaf)
        return leaf

    def _keep(self, tensor: Tensor, making: Making) -> None:
        key, found = id(tensor), self._found
        found[key] = (weakref.ref(tensor, lambda _: found.pop(key, None)), making)


def shown_makings(rows: Sequence[tuple[int, Making]]) -> dict[str, Any]:
    """How the constants of some rows were made: steps by number, and the last of each row."""
    steps: list[dict[str, Any]] = []
    numbers: dict[int, int] = {}

    def number_of(making: Making) -> int:
        known = numbers.get(id(making))
        if known is not None:
            return known
        inputs = [] if len(numbers) > _MOST_TOLD else [number_of(one) for one in making.inputs]
        numbers[id(making)] = len(steps)
        site = making.site
        steps.append(
            {
                "name": making.name,
                "site": None if site is None else site_of(site.code, site.lasti),
                "label": _label_of(site),
                "shape": list(making.shape),
                "attributes": making.attributes,
                "inputs": inputs,
                "epoch": making.epoch,
                "order": making.order,
                "cut": None if making.cut is None else shown_cut(making.cut),
            }
        )
        return numbers[id(making)]

    last = [(row, number_of(making)) for row, making in rows]
    return {"steps": steps, "rows": last}


def _label_of(site: Optional[CallSite]) -> str:
    if site is None:
        return ""
    source, place = resolve(site.code, site.lasti)
    return source.label(place)


def _tensors_of(args: Sequence[Any]) -> list[Tensor]:
    found: list[Tensor] = []
    for a in args:
        if isinstance(a, Tensor):
            found.append(a)
        elif isinstance(a, (list, tuple)):
            found += [one for one in a if isinstance(one, Tensor)]
    return found


def _is_finite(tensor: Tensor) -> bool:
    return not tensor.is_floating_point() or bool(torch.isfinite(own_part(tensor)).all())


def _attributes_of(
    name: str, args: Sequence[Any], kwargs: dict[str, Any], out: Tensor
) -> dict[str, Any]:
    """What rules ask of a step: which axes it turns, where the stretch begins that it takes."""
    source = args[0] if args and isinstance(args[0], Tensor) else None
    if source is None:
        return {}
    if name in ("roll", "flip"):
        place = 2 if name == "roll" else 1
        dims = kwargs.get("dims", args[place] if len(args) > place else None)
        if dims is None:
            return {"dims": [0] if source.dim() == 1 else []}
        axes = [dims] if isinstance(dims, int) else list(dims)
        return {"dims": [int(axis) % max(1, source.dim()) for axis in axes]}
    if name == "narrow" and len(args) == 4 and isinstance(args[2], int):
        return {"dim": int(args[1]) % max(1, source.dim()), "start": args[2]}
    if name == "__getitem__" and out.dim() == source.dim() - 1 and type(args[1]) is int:
        return {"at": args[1] % max(1, source.shape[0])}
    if name == "__getitem__" and out.dim() == source.dim():
        first = args[1][0] if isinstance(args[1], tuple) and args[1] else args[1]
        others = args[1][1:] if isinstance(args[1], tuple) else ()
        if isinstance(first, slice) and all(one == slice(None) for one in others):
            start = first.start
            if start is None or (isinstance(start, int) and start >= 0):
                return {"dim": 0, "start": start or 0}
    if name in ("__mul__", "mul") and len(args) == 2 and isinstance(args[1], (int, float)):
        return {"value": args[1]}
    return {}


def _dim_of(args: Sequence[Any], kwargs: dict[str, Any], place: int) -> int:
    return int(kwargs.get("dim", args[place] if len(args) > place else 0))
