"""Follows a run as a whole: its log, what it does to its parameters, and which passes to look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Optional

import torch

from .channel import Channel
from .cuts import CutOff, shown_cut
from .history import KeptPass, loss_of
from .makings import shown_makings
from .naming import Names
from .ops import CallSite
from .passes import Pass, nodes_behind
from .program_book import ProgramBook
from .recorder import Recorder, numbers
from .sources import site_of
from .tape import Kind
from .training_log import TrainingLog

Tensor = torch.Tensor

#: Passes that are looked at whatever they are: early ones one by one, later ones ever more rarely.
_LOOKED_AT = frozenset(digit * 10**power for digit in (1, 2, 5) for power in range(6)) | {3}
#: Programs whose graph follows their data may have a structure for each pass.
_MOST_STRUCTURES = 50
#: So many passes are watched one and all, lest something new in them is missed.
_WATCHED = 200


class Training:
    """What is told of a run beyond its passes."""

    def __init__(self, log: bool, findings: bool) -> None:
        self.book = ProgramBook()
        self.finds = findings
        self._log = TrainingLog(self.book.parameters) if log else None
        self._structures: set[int] = set()
        self._gradients: dict[int, tuple[int, int]] = {}
        self._was_finite = True
        if findings:
            parameters = self.book.parameters
            Recorder.cuts.follow(self._parameters_behind, parameters.read, parameters.result_read)
            Recorder.hands = self.book.hands
            Recorder.parameters = self.book.parameters
            Recorder.makings.active = True
            Recorder.makings.cut_of = lambda tensor: Recorder.cuts.found.get(id(tensor))
            self.book.parameters.making_of = Recorder.makings.of

    def watches(self, index: int) -> bool:
        """Whether the pass of a number is recorded, so that findings can look at it."""
        return self.finds and (index < _WATCHED or index + 1 in _LOOKED_AT)

    def begins(self, leaves: Optional[Iterable[Tensor]]) -> None:
        """A pass is about to run."""
        parameters = self.book.parameters
        if leaves is None:
            leaves = [tensor for _, tensor in parameters.alive() if tensor.grad is not None]
            self._gradients = parameters.gradients()
        parameters.begins(leaves)

    def refused(self, roots: Sequence[Any], site: Optional[CallSite], error: BaseException) -> None:
        """A pass has thrown: because it found nothing to do, or a graph that was released."""
        if not self.finds or not isinstance(error, RuntimeError):
            return
        if "backward through the graph a second time" in str(error):
            self.book.released(site)
        elif "does not require grad" in str(error) and roots:
            cut = Recorder.cuts.of_root(roots[0])
            self.book.refused(site, None if cut is None else shown_cut(cut))

    def ended(self, record: Pass, index: int) -> None:
        """A watched pass has ended."""
        self._note(index, record.kind, record.roots, record.site, record.reached(), record)

    def passed_by(
        self, roots: Sequence[Any], index: int, kind: str, site: Optional[CallSite]
    ) -> None:
        """A pass that nobody watched has ended: what it reached is seen by what was written."""
        self._note(index, kind, roots, site, self.book.parameters.written_since(self._gradients))

    def _note(
        self,
        index: int,
        kind: str,
        roots: Sequence[Any],
        site: Optional[CallSite],
        reached: Sequence[tuple[Tensor, Optional[Tensor]]],
        record: Optional[Pass] = None,
    ) -> None:
        loss = loss_of(roots)
        first = roots[0] if roots else None
        if self.finds and isinstance(first, Tensor) and first.is_leaf and first.requires_grad:
            # A loss that was made anew of numbers: a graph of nothing but itself.
            cut = Recorder.cuts.of_root(first)
            if cut is not None:
                self.book.refused(site, shown_cut(cut))
        if self._log is not None:
            self._log.ended(index, loss, site, self.book.optimizers(), record)
        self.book.ended(index, kind, loss, site, reached)
        Recorder.cuts.forget_reads(next(numbers))
        if self.finds:
            Recorder.makings.ended(index)

    def is_looked_at(self, record: Pass) -> bool:
        """Whether findings should look at a watched pass that has ended."""
        if not self.finds or record.kind != "backward":
            return False
        is_due = record.index + 1 in _LOOKED_AT
        if self._was_finite and not self.book.parameters.finite:
            self._was_finite, is_due = False, True
        if len(self._structures) < _MOST_STRUCTURES:
            key = record.structure_key()
            is_due = is_due or key not in self._structures
            self._structures.add(key)
        return is_due

    def tell(self, channel: Channel, everything: bool = False) -> None:
        """Hands the log over, where it should not wait any longer, or all of it."""
        if self._log is not None and (everything or self._log.is_due):
            header, blobs = self._log.take()
            if header["lengths"][0]:
                channel.write(header, blobs)

    def context(self, kept: KeptPass) -> dict[str, Any]:
        """What findings ask about a pass besides its recording."""
        parameters = []
        for row in kept.tape.rows:
            if row.kind == Kind.PARAMETER and row.leaf is not None:
                parameters.append((row.number, self.book.parameters.of(row.leaf).number))
            elif row.kind == Kind.CONSTANT and row.value is not None:
                known = self.book.parameters.known(row.value.data)
                if known is not None:
                    parameters.append((row.number, known.number))
        return {
            "parameters": parameters,
            "madeAt": self._made_at(kept.names),
            "cuts": [
                {
                    "row": row.number,
                    **shown_cut(row.value.cut),
                    "source": _row_of(kept, row.value.cut),
                }
                for row in kept.tape.rows
                if row.kind == Kind.CONSTANT and row.value is not None and row.value.cut
            ],
            "makings": shown_makings(
                [
                    (row.number, row.value.making)
                    for row in kept.tape.rows
                    if row.kind == Kind.CONSTANT and row.value is not None and row.value.making
                ]
            ),
        }

    def _made_at(self, names: Names) -> list[Optional[dict[str, Any]]]:
        found: list[Optional[dict[str, Any]]] = []
        for module in names.modules:
            site = self.book.modules.site_of(module) if module is not None else None
            found.append(None if site is None else site_of(site.code, site.lasti))
        return found

    def _parameters_behind(self, tensors: Iterable[Tensor]) -> frozenset[int]:
        given = list(tensors)
        leaves = [tensor for tensor in given if tensor.grad_fn is None and tensor.requires_grad]
        nodes = nodes_behind(tensor.grad_fn for tensor in given if tensor.grad_fn is not None)
        leaves += [node.variable for node in nodes if hasattr(node, "variable")]
        return frozenset(self.book.parameters.of(leaf).number for leaf in leaves)


def _row_of(kept: KeptPass, cut: CutOff) -> int:
    """The row whose values were cut off; -1 where it is none of the pass, or one of several."""
    op = cut.source() if cut.source is not None else None
    rows = [row.number for row in kept.tape.rows if op is not None and row.op is op]
    return rows[0] if len(rows) == 1 and not cut.carried else -1
