"""Recorded values: references to the script's own tensors, copied just before they are written."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Optional

import torch

from .shards import own_part

if TYPE_CHECKING:
    from .ops import Op

Tensor = torch.Tensor

#: Fewer entries are not looked through for those that nobody can show any more.
_WORTH_PRUNING = 4096


def is_freed(tensor: Tensor) -> bool:
    """Whether a tensor's storage was resized to nothing, as fully sharded models do between uses.

    Reading its elements would end the process.
    """
    try:
        if tensor.data_ptr():  # What is usual, at a tenth of the cost.
            return False
    except (RuntimeError, NotImplementedError):  # sparse, batched by vmap, fake
        pass
    own = own_part(tensor)
    if own.layout is not torch.strided or own.device.type == "meta" or own.numel() == 0:
        return False
    return Writes.key(own) == 0


class Value:
    """A tensor's elements at one version of its storage.

    An alias, until somebody is about to write there.
    """

    __slots__ = ("data", "version", "copied", "cut", "making")

    def __init__(self, alias: Tensor) -> None:
        self.data = alias
        self.version: int = alias._version
        self.copied = False
        #: Why a constant has no gradient, as ``Recorder.cuts`` has it.
        self.cut: Any = None
        #: How a constant was made, as ``Recorder.makings`` has it.
        self.making: Any = None

    @property
    def lost(self) -> bool:
        """Whether something that no hook of ours saw has overwritten it, or given its memory back."""
        return not self.copied and (self.data._version != self.version or is_freed(self.data))

    def copy(self) -> None:
        """Keeps what is there now, whoever writes to it."""
        if not self.copied and not self.lost:
            data = self.data
            self.data = (data.detach() if data.requires_grad else data).clone()
            self.copied = True


class Writes:
    """Who shows which storage, so that values are copied before they are written, and only then.

    What an op holds is looked through when the first write comes: most programs never write to what
    they have computed.
    """

    def __init__(self) -> None:
        self.unread: list[weakref.ref[Op]] = []
        self.shown: dict[Optional[int], list[tuple[weakref.ref[Op], int]]] = {}
        #: Values that belong to no op: those of leaves of passes that are kept.
        self.held: dict[Optional[int], list[tuple[weakref.ref[Keeper], Any]]] = {}
        #: By the id of a gradient that an optimizer has set to zero, how often it had been written
        #: by then: what is added to it next is all that it holds.
        self.zeroed: dict[int, int] = {}
        #: Entries of both, about, and how many the last pruning left.
        self._noted = 0
        self._left = 0

    @staticmethod
    def key(tensor: Tensor) -> Optional[int]:
        """Where the tensor's storage begins; None where it has none of its own."""
        try:
            offset = tensor.storage_offset()
            place: int = tensor.data_ptr()
            return place - offset * tensor.element_size() if offset else place
        except (RuntimeError, NotImplementedError):  # sparse, batched by vmap, fake
            return None

    def note(self, op: Op) -> None:
        """An op shows its values, but for those that were noted before."""
        self.unread.append(weakref.ref(op))

    def hold(self, keeper: Keeper) -> None:
        """Tensors of a kept pass are shown as well."""
        reference = weakref.ref(keeper)
        held, key_of = self.held, self.key
        kept = keeper.items()
        self._noted += len(kept)
        for name, value in kept:
            key = key_of(value.data)
            found = held.get(key)
            if found is None:
                held[key] = [(reference, name)]
            else:
                found.append((reference, name))

    @property
    def watches(self) -> bool:
        """Whether anything is shown that a write could spoil."""
        return bool(self.unread or self.shown or self.held)

    def before(self, written: Any) -> None:
        """A tensor, or each tensor of a list, is about to be written."""
        if isinstance(written, Tensor):
            self.before_each((written,))
        elif isinstance(written, (list, tuple)):  # torch._foreach_…_
            for one in written:
                self.before(one)

    def before_each(self, tensors: Iterable[Tensor]) -> None:
        """Each of some tensors is about to be written."""
        if self.unread:
            self._read()
        held, shown, key_of = self.held, self.shown, self.key
        for tensor in tensors:
            key = key_of(tensor)
            if key in held:
                for keeper_reference, name in held.pop(key):
                    keeper = keeper_reference()
                    kept = keeper.get(name) if keeper is not None else None
                    if kept is not None:
                        kept.copy()
            if key in shown:
                for reference, place in shown.pop(key):
                    op = reference()
                    value = op.values[place] if op is not None else None
                    if value is not None:
                        value.copy()

    def _read(self) -> None:
        unread, self.unread = self.unread, []
        shown, key_of = self.shown, self.key
        for reference in unread:
            op = reference()
            if op is None:
                continue
            values = op.values
            noted, count = op.noted, len(values)
            if noted == count:
                continue
            op.noted = count
            self._noted += count - noted
            for place in range(noted, count):
                key = key_of(values[place].data)
                found = shown.get(key)
                if found is None:
                    shown[key] = [(reference, place)]
                else:
                    found.append((reference, place))

    def prune(self) -> None:
        """Forgets what nobody can show any more."""
        self.unread = [one for one in self.unread if one() is not None]
        # Looked through when there is twice as much as was left, lest each pass pays for all.
        if self._noted < 2 * self._left + _WORTH_PRUNING:
            return
        shown = self.shown.items()
        self.shown = {
            k: alive for k, found in shown if (alive := [o for o in found if o[0]() is not None])
        }
        held = self.held.items()
        self.held = {
            k: alive for k, found in held if (alive := [o for o in found if o[0]() is not None])
        }
        entries = (*self.shown.values(), *self.held.values())
        self._left = self._noted = sum(len(found) for found in entries)


class Keeper:
    """Values that a pass shows and no op holds: those of leaves, and what their gradients are."""

    def __init__(self) -> None:
        self._kept: dict[Any, Value] = {}

    def keep(self, name: Any, tensor: Optional[Tensor]) -> None:
        """Shows a tensor by a name; None is nothing to show."""
        if tensor is not None:
            self._kept[name] = Value(tensor.detach())

    def keep_own(self, name: Any, tensor: Tensor) -> None:
        """Shows a tensor that nobody else has."""
        self._kept[name] = Value(tensor.detach() if tensor.requires_grad else tensor)

    def get(self, name: Any) -> Optional[Value]:
        """What is shown by a name."""
        return self._kept.get(name)

    def values(self) -> list[Value]:
        """All that is shown."""
        return list(self._kept.values())

    def items(self) -> list[tuple[Any, Value]]:
        """All that is shown, by name."""
        return list(self._kept.items())

    def settle(self) -> None:
        """Copies all that is shown."""
        for value in self._kept.values():
            value.copy()
