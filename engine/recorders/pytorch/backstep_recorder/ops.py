"""What is noted of one call of torch: enough to show it, and to run it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import CodeType, MappingProxyType
from typing import Any, Callable, NamedTuple, Optional

import torch

from .values import Value

Tensor = torch.Tensor

#: Under this key of a node's ``metadata`` lies ``(op, {output number: Value})``.
KEY = "backstep"


class Scope:
    """One call of a module."""

    __slots__ = ("parent", "module")

    def __init__(self, parent: Optional[Scope], module: torch.nn.Module) -> None:
        self.parent = parent
        self.module = module


class Slot(int):
    """Stands in an op's arguments for the tensor that is its input of this number."""


#: The slots of the first inputs.
SLOTS = [Slot(i) for i in range(16)]


def slot_of(index: int) -> Slot:
    """The slot of an input, the same object each time for the first ones."""
    return SLOTS[index] if index < len(SLOTS) else Slot(index)


class CallSite(NamedTuple):
    """An instruction of the script that called torch."""

    code: CodeType
    lasti: int
    #: The function of ``torch.nn.functional`` in between, where there is one.
    composite: Optional[CodeType]
    #: Whether the instruction itself made the call, with no frame of torch in between.
    direct: bool


class Given(NamedTuple):
    """An input of an op."""

    #: The node that made it, and which of that node's outputs it is; None for leaves and constants.
    node: Any
    output: int
    #: A leaf itself; the value of a constant, or of what no recorded op made; else None.
    payload: Any


class Window(NamedTuple):
    """The part of a base tensor that a write through a view reaches."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    #: Relative to the base's own.
    offset: int


class Op:
    """One call: what it was given, where it was written, and how to run it again.

    The graph owns the ops: they live as long as it does. Nothing that an op holds may lead back to
    its own node, or neither could ever be freed; so values are detached aliases, and inputs are
    named by their producers' (node, output).
    """

    __slots__ = (
        "seq",
        "name",
        "func",
        "args",
        "inputs",
        "site",
        "scope",
        "values",
        "noted",
        "__weakref__",
    )

    #: Place in the forward order.
    seq: float
    name: str
    func: Optional[Callable[..., Any]]
    #: Arguments, with a Slot where an input stands.
    args: tuple[Any, ...]
    inputs: list[Given]
    site: Optional[CallSite]
    scope: Optional[Scope]
    #: Values that it shows: those of inputs that nobody else keeps, and its results.
    values: list[Value]
    #: How many of them can be found by where they lie.
    noted: int

    # There is no more to say of most calls; a ParticularOp has these for itself.
    kwargs: Mapping[str, Any] = MappingProxyType({})
    #: State of the random generators before the call, where it may draw.
    random: Any = None
    #: Whether it writes to its first argument.
    writes: bool = False
    #: Where it writes through a view: that part of the base, which is then the first input.
    window: Optional[Window] = None
    stack: Optional[list[tuple[CodeType, int]]] = None
    #: The custom Function's class.
    function: Optional[type] = None


class StackedOp(Op):
    """A call of which the calls that led to it are noted as well."""

    __slots__ = ("stack",)


class ParticularOp(Op):
    """A call of which more is noted than its inputs and its place."""

    __slots__ = ("kwargs", "random", "writes", "window", "stack", "function")

    def __init__(self, seq: float, name: str) -> None:
        self.seq, self.name = seq, name
        self.func = self.site = self.scope = None
        self.args, self.inputs, self.values, self.noted = (), [], [], 0
        self.kwargs = {}
        self.random = self.window = self.stack = self.function = None
        self.writes = False


def needs_grad(args: Iterable[Any]) -> bool:
    """Whether a tensor among the arguments requires a gradient."""
    for a in args:
        if isinstance(a, Tensor):
            if a.requires_grad:
                return True
        elif (type(a) is list or type(a) is tuple) and needs_grad(a):
            return True
    return False
