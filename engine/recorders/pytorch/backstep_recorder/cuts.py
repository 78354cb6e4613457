"""Places where values leave the graph that gradients flow back through."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from types import FrameType
from typing import Any, NamedTuple, Optional

import torch

from .ops import KEY, CallSite, Op
from .sites import find_site
from .sources import resolve, site_of

Tensor = torch.Tensor

#: How often the parameters behind a cut are looked for, of one line.
_MOST_LOOKS = 3
#: Numbers that were read just before a backward() that finds nothing to do.
_MOST_READS = 4
#: Elements of a tensor that is read by which one made of them is known again.
_MOST_NUMBERS = 64


class CutOff(NamedTuple):
    """Why a tensor has no gradient."""

    tensor: weakref.ref[Tensor]
    #: "detach", "no-grad", "step" of an op whose result has no gradient, "read" of plain numbers.
    kind: str
    #: The function that was called.
    name: str
    site: Optional[CallSite]
    #: The op whose gradient ends there.
    source: Optional[weakref.ref[Op]]
    #: Numbers of the parameters behind it, where findings follow them.
    parameters: frozenset[int]
    #: It was not cut itself, but computed of what was.
    carried: bool = False
    #: How often in a row values were cut off at this place since the last pass, each made of the one before.
    times: int = 1
    #: How many passes had ended by then.
    passes: int = 0
    #: What was cut off belongs to the graph of an earlier pass.
    before: bool = False
    #: Of plain numbers that were read, some.
    numbers: frozenset[float] = frozenset()


class Cuts:
    """By tensor, why it has no gradient."""

    def __init__(self) -> None:
        #: By the id of the tensor that was cut off.
        self.found: dict[int, CutOff] = {}
        #: Gives what findings ask for: the numbers of the leaves behind some tensors.
        self._behind: Optional[Callable[[Iterable[Tensor]], frozenset[int]]] = None
        #: Is told of leaves that learn whose numbers are read.
        self._leaf_read: Optional[Callable[[Tensor, str, Optional[CallSite]], None]] = None
        #: Is told of the numbers of leaves behind what is read.
        self._result_read: Optional[
            Callable[[Iterable[int], str, Optional[CallSite]], None]
        ] = None
        self._looks: dict[Optional[CallSite], int] = {}
        self._known: dict[Optional[CallSite], frozenset[int]] = {}
        self._reads: deque[CutOff] = deque(maxlen=_MOST_READS)
        self._passes = 0
        #: The number of the newest op of the passes before.
        self._newest_before = 0

    @property
    def follows(self) -> bool:
        """Whether findings ask where cuts lead."""
        return self._behind is not None

    def follow(
        self,
        behind: Callable[[Iterable[Tensor]], frozenset[int]],
        leaf_read: Callable[[Tensor, str, Optional[CallSite]], None],
        result_read: Callable[[Iterable[int], str, Optional[CallSite]], None],
    ) -> None:
        """From now on parameters behind cuts are noted, by what numbers them, and leaves read."""
        self._behind = behind
        self._leaf_read = leaf_read
        self._result_read = result_read

    def cut(self, out: Tensor, kind: str, name: str, args: Sequence[Any], frame: FrameType) -> None:
        """A call has given a tensor that passes no gradient on."""
        if not out.is_floating_point() and self._behind is None:
            return
        given = [a for a in args if isinstance(a, Tensor) and a.requires_grad]
        node = next((a.grad_fn for a in given if a.grad_fn is not None), None)
        made = node.metadata.get(KEY) if node is not None else None
        site = find_site(frame)
        source = weakref.ref(made[0]) if made else None
        times = 1 + (self._times(made[0], site) if made else 0)
        behind = self._look(site, given)
        before = made is not None and made[0].seq < self._newest_before
        cut = CutOff(weakref.ref(out), kind, name, site, source, behind, False, times, self._passes)
        self._note(out, cut._replace(before=before))

    def _times(self, op: Op, site: Optional[CallSite]) -> int:
        cuts = (value.cut for value in op.values if value.cut is not None)
        own = (cut for cut in cuts if cut.site == site and cut.passes == self._passes)
        return max((cut.times for cut in own), default=0)

    def carry(self, out: Tensor, args: Iterable[Any]) -> None:
        """What is computed of a constant that was cut off is cut off there as well."""
        for a in args:
            if isinstance(a, (list, tuple)):
                self.carry(out, a)
                continue
            known = self.found.get(id(a)) if isinstance(a, Tensor) else None
            if known is not None and id(out) not in self.found:
                self._note(out, known._replace(carried=True))

    def shown_as(self, out: Tensor, tensor: Tensor) -> None:
        """A tensor has the numbers of another, and is cut off where that was."""
        known = self.found.get(id(tensor))
        if known is not None and out is not tensor:
            self._note(out, known)

    def read(self, tensor: Any, name: str, frame: FrameType) -> None:
        """Plain numbers of a tensor were read."""
        if not isinstance(tensor, Tensor):
            return
        if tensor.grad_fn is not None:
            made = tensor.grad_fn.metadata.get(KEY)
            source = weakref.ref(made[0]) if made else None
            site = find_site(frame)
            behind = self._look(site, [tensor])
            cut = CutOff(weakref.ref(tensor), "read", name, site, source, behind)
            self._reads.append(cut._replace(numbers=_numbers_of(tensor)))
            self._tell(tensor, behind, name, site)
        elif tensor.requires_grad:
            if self._leaf_read is not None:
                self._leaf_read(tensor, name, find_site(frame))
        else:
            known = self.found.get(id(tensor))
            if known is not None:
                self._reads.append(known._replace(numbers=_numbers_of(tensor)))
                if known.kind == "detach" and not known.carried:
                    self._tell(tensor, known.parameters, name, find_site(frame))

    def _tell(
        self, tensor: Tensor, behind: frozenset[int], name: str, site: Optional[CallSite]
    ) -> None:
        # A single number is read to be printed.
        if self._result_read is not None and tensor.numel() > 1:
            self._result_read(behind, name, site)

    def remade(self, out: Any) -> None:
        """A tensor was made of plain numbers: of those that were read last, where they are the same."""
        if not self._reads or not isinstance(out, Tensor) or not out.is_floating_point():
            return
        numbers = _numbers_of(out)
        reads = [read for read in self._reads if not numbers.isdisjoint(read.numbers)]
        if reads:
            behind = frozenset().union(*(read.parameters for read in reads))
            self._note(out, reads[-1]._replace(parameters=behind, carried=True))

    def forget_reads(self, newest: int) -> None:
        """A pass has ended: what was read before it has nothing to do with the next.

        ``newest`` is the number of the newest op by then.
        """
        self._reads.clear()
        self._passes += 1
        self._newest_before = newest

    def of_root(self, root: Any) -> Optional[CutOff]:
        """What cut a loss off: on the way to it, else the numbers that were read last."""
        found = self.found.get(id(root))
        return found if found is not None else self._reads[-1] if self._reads else None

    def _note(self, out: Tensor, cut: CutOff) -> None:
        key, found = id(out), self.found
        found[key] = cut._replace(tensor=weakref.ref(out, lambda _: found.pop(key, None)))

    def _look(self, site: Optional[CallSite], given: list[Tensor]) -> frozenset[int]:
        if self._behind is None:
            return frozenset()
        looks = self._looks[site] = self._looks.get(site, 0) + 1
        known = self._known.get(site, frozenset())
        if looks <= _MOST_LOOKS:
            known = self._known[site] = known | self._behind(given)
        return known


def _numbers_of(tensor: Tensor) -> frozenset[float]:
    """Some elements of a tensor, but for whole numbers, which anything may hold.

    To be called where no mode sees calls.
    """
    if tensor.layout != torch.strided or not tensor.is_contiguous():
        return frozenset()
    some = tensor.detach().view(-1)[:_MOST_NUMBERS].tolist()
    return frozenset(value for value in some if isinstance(value, float) and not value.is_integer())


def label_of(cut: CutOff) -> str:
    """The variable whose values were cut off; empty where that is not known."""
    op = cut.source() if cut.source is not None else None
    if op is None or op.site is None:
        return ""
    source, place = resolve(op.site.code, op.site.lasti)
    return source.label(place)


def shown_cut(cut: CutOff) -> dict[str, Any]:
    """A cut as the engine reads it."""
    site = None if cut.site is None else site_of(cut.site.code, cut.site.lasti)
    shown = {"kind": cut.kind, "name": cut.name, "site": site, "label": label_of(cut)}
    how = {"carried": cut.carried, "times": cut.times, "epoch": cut.passes, "before": cut.before}
    return {**shown, **how, "parameters": sorted(cut.parameters)}
