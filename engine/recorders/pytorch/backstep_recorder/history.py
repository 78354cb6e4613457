"""Passes of the run that can still be looked at, within a budget of bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Optional, Union

import torch

from .columns import text_of
from .naming import Names
from .ops import CallSite
from .passes import Pass
from .rechecking import Checker
from .recorder import Recorder
from .sources import site_of
from .tape import Tape
from .values import Keeper

Tensor = torch.Tensor


def loss_of(roots: Sequence[Any]) -> Optional[float]:
    """The number that a pass starts from, where it is one."""
    first = roots[0] if roots else None
    if not isinstance(first, Tensor) or first.numel() != 1 or first.is_complex():
        return None
    return float(first.detach())


def _bytes_of(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()


class KeptPass:
    """A pass that has ended. Its tape is made when somebody looks at it first."""

    def __init__(self, record: Pass) -> None:
        self.record = record
        self.loss = loss_of(record.roots)
        self._leaves = Keeper()
        self._keep_leaves()
        self._tape: Optional[Tape] = None
        self._names: Optional[Names] = None
        self._checker: Optional[Checker] = None

    @property
    def tape(self) -> Tape:
        """Its rows."""
        if self._tape is None:
            self._tape = Tape(self.record, self._leaves)
        return self._tape

    @property
    def is_read(self) -> bool:
        """Whether its tape has been made."""
        return self._tape is not None

    @property
    def names(self) -> Names:
        """Labels of its rows, and their scopes."""
        if self._names is None:
            self._names = Names(self.tape)
        return self._names

    @property
    def checker(self) -> Checker:
        """Runs its ops again."""
        if self._checker is None:
            self._checker = Checker(self.tape)
        return self._checker

    @property
    def accumulated(self) -> dict[int, Tensor]:
        """What each leaf's gradient was added up to by the end of the pass, by row."""
        found = {}
        for row in self.tape.rows:
            value = self._leaves.get(("grad", id(row.leaf))) if row.leaf is not None else None
            if value is not None and not value.lost:
                found[row.number] = value.data
        return found

    def bytes(self) -> int:
        """What its tensors take, about, whoever else may hold them too."""
        leaves = sum(_bytes_of(value.data) for value in self._leaves.values())
        return leaves + self.record.bytes()

    def settle(self) -> None:
        """Copies what the script may write to unseen."""
        self._leaves.settle()

    def release(self) -> None:
        """Gives up what it holds of the graph."""
        if not self.record.keep_graph:
            self.record.release()

    def _gradient_of(self, leaf: Tensor, given: Optional[Tensor]) -> Optional[Tensor]:
        """What a leaf's gradient was added up to.

        Where there was none before, or only zeros, it is what was given: nobody writes there, so
        that nobody need copy it.
        """
        total = leaf.grad
        if total is None or given is None:
            return total
        record = self.record
        if total._version != record.fresh.get(id(leaf)) or id(leaf) in record.shared:
            return total
        is_same = total.shape == given.shape and total.dtype == given.dtype
        is_its_own = is_same and not getattr(leaf, "_post_accumulate_grad_hooks", None)
        return given if is_its_own and given.layout is torch.strided else total

    def _keep_leaves(self) -> None:
        record = self.record
        for leaf, given in record.reached():
            self._leaves.keep(("value", id(leaf)), leaf)
            grad = self._gradient_of(leaf, given)
            if grad is not None and grad is given and grad is not leaf.grad:
                self._leaves.keep_own(("grad", id(leaf)), grad)
            else:
                self._leaves.keep(("grad", id(leaf)), grad)
        for root in record.roots:
            if root.grad_fn is None:
                self._leaves.keep(("value", id(root)), root)
                self._leaves.keep(("grad", id(root)), root.grad)
        Recorder.writes.hold(self._leaves)


class _Outline(NamedTuple):
    """What is told of a pass that is gone."""

    index: int
    kind: str
    loss: Optional[float]
    nodes: int
    site: Optional[CallSite]


class History:
    """Kept passes, the oldest first, which is let go first to stay within the budget.

    The last to end is kept while the script stands still after it, whatever it takes.
    """

    def __init__(self, budget: int, least: int, spare: int = 0) -> None:
        #: In bytes; how many are kept whatever they take; and how many bytes the newest alone may
        #: take beside what follows, where there is no budget.
        self._budget, self._least, self._spare = budget, least, spare
        self._kept: list[KeptPass] = []
        #: What each of them takes, and all together.
        self._sizes: list[int] = []
        self._size = 0
        #: By number, passes that the engine has not been told of: outlines of those that are gone.
        self._untold: dict[int, Union[KeptPass, _Outline]] = {}
        #: Rows of passes, by the id of where they were called, which is kept, and of how many nodes.
        self._rows: dict[tuple[int, int], int] = {}

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look at."""
        return not self._kept

    @property
    def newest(self) -> Optional[KeptPass]:
        """The last of them."""
        return self._kept[-1] if self._kept else None

    def add(self, kept: KeptPass) -> None:
        """Takes in a pass that has ended."""
        self._kept.append(kept)
        size = kept.bytes() if self._budget > 0 else 0
        self._sizes.append(size)
        self._size += size
        self._untold[kept.record.index] = kept
        self._shrink(max(1, self._least))

    def leave(self) -> None:
        """The script goes on: the newest may be too large to be kept beside what follows."""
        newest = self.newest
        is_small = newest is not None and self._spare > 0 and newest.bytes() <= self._spare
        self._shrink(max(self._least, 1) if is_small and self._budget == 0 else self._least)

    def settle(self) -> None:
        """Nobody watches the script's writes from here on."""
        for kept in self._kept:
            kept.settle()

    def find(self, index: int) -> Optional[KeptPass]:
        """The pass of a number."""
        return next((kept for kept in self._kept if kept.record.index == index), None)

    def news(self) -> dict[str, Any]:
        """Passes since the last time, as the engine's ``PassSummary`` has them; which are kept."""
        untold, self._untold = self._untold, {}
        told = untold.values()
        return {
            "passes": [
                self._summary_of(one) if isinstance(one, _Outline) else self._summary(one)
                for one in told
            ],
            "kept": [kept.record.index for kept in self._kept],
        }

    def summary(self, kept: KeptPass) -> dict[str, Any]:
        """Which pass it is."""
        kept.tape  # noqa: B018 - so that its rows are counted, not estimated
        return self._summary(kept)

    def _summary(self, kept: KeptPass, may_read: bool = True) -> dict[str, Any]:
        return self._summary_of(self._outline(kept, may_read))

    def _outline(self, kept: KeptPass, may_read: bool) -> _Outline:
        record, site = kept.record, kept.record.site
        key = (id(site), len(record.nodes))
        if kept.is_read or (may_read and key not in self._rows):
            self._rows[key] = len(kept.tape.rows)
        nodes = self._rows.get(key, len(record.nodes))
        return _Outline(record.index, record.kind, kept.loss, nodes, site)

    @staticmethod
    def _summary_of(outline: _Outline) -> dict[str, Any]:
        site = outline.site
        return {
            "pass": outline.index,
            "kind": outline.kind,
            "loss": None if outline.loss is None else text_of(outline.loss),
            "nodes": outline.nodes,
            "site": site_of(site.code, site.lasti) if site else None,
        }

    def _is_over(self) -> bool:
        return self._budget == 0 or self._size > self._budget

    def _shrink(self, least: int) -> None:
        while len(self._kept) > least and self._is_over():
            self._size -= self._sizes.pop(0)
            oldest = self._kept.pop(0)
            if oldest.record.index in self._untold:
                self._untold[oldest.record.index] = self._outline(oldest, may_read=False)
            oldest.release()
