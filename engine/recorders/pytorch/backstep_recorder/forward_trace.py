"""A custom Function's forward once more, with each call of torch in it noted.

What autograd would differentiate if there were no Function: the engine looks there for the step
that a hand-written backward gets wrong.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from sys import _getframe
from typing import Any, Optional

import torch

from .channel import Blob
from .columns import attributes_of
from .cuts import Cuts
from .makings import Makings
from .naming import is_method
from .ops import KEY, Given, Op, Slot
from .randomness import restore
from .recorder import Level, Recorder, threads
from .replay import Replay, ReplayError, dense, differentiable
from .sources import resolve
from .values import Value, Writes

Tensor = torch.Tensor
#: One result of a node of autograd.
Target = tuple[Any, int]

#: What is larger, or longer, is not sent: a search through it would take long.
_MOST_STEPS = 1000
_MOST_ELEMENTS = 2**20
#: Longer expressions are named by what they compute.
_LONGEST_TEXT = 40


class _Context:
    """Stands in for the ``ctx`` of a Function, and keeps what backward would find there.

    Any other name on it is the script's to give.
    """

    def __init__(self, needs_input_grad: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs_input_grad
        self.saved_tensors: tuple[Any, ...] = ()
        self.materialize_grads = True
        self.backstep_names: list[str] = []

    def save_for_backward(self, *tensors: Any) -> None:
        """As torch's own."""
        self.saved_tensors = tensors
        variables = {id(value): name for name, value in _getframe(1).f_locals.items()}
        self.backstep_names = [
            variables.get(id(tensor), f"saved_tensors[{i}]") for i, tensor in enumerate(tensors)
        ]

    def save_for_forward(self, *tensors: Any) -> None:
        """As torch's own."""

    def mark_dirty(self, *tensors: Any) -> None:
        """As torch's own."""

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """As torch's own."""

    def set_materialize_grads(self, value: bool) -> None:
        """As torch's own."""


def _kept_on(context: _Context) -> list[tuple[str, Tensor]]:
    """The tensors that backward can read, and what the script calls them."""
    own = vars(_Context(()))
    stored = [(f"ctx.{name}", one) for name, one in vars(context).items() if name not in own]
    found = (*zip(context.backstep_names, context.saved_tensors), *stored)
    return [(name, one) for name, one in found if isinstance(one, Tensor)]


def trace(replay: Replay) -> tuple[dict[str, Any], list[Blob]]:
    """The steps of a Function's forward at its recorded inputs.

    Bytes: what the steps read that no step has made, then each step's results, as float64.
    """
    op = replay.op
    assert op.function is not None
    if any(tensor.is_complex() for tensor in replay.inputs):
        raise ReplayError("its numbers are complex")
    leaves = [
        tensor.detach().clone().requires_grad_() if differentiable(tensor) else tensor.clone()
        for tensor in replay.inputs
    ]
    # A Function may write to what it is given, as to a leaf it may not.
    given = [leaf.clone() if leaf.requires_grad else leaf for leaf in leaves]
    operands = {
        tensor.grad_fn: place for place, tensor in enumerate(given) if tensor.requires_grad
    }
    if op.random is not None:
        restore(op.random)
    args = replay.filled(op.args, given)
    with _noting():
        result, kept = _forward(op.function, args)
    outputs = [one for one in flat_results(result) if differentiable(one)]
    mine = {id(tensor) for tensor in (*leaves, *given)}
    others = [(name, tensor) for name, tensor in kept if id(tensor) not in mine]
    return _Steps(operands, len(given)).described(outputs, others)


def _forward(function: Any, args: tuple[Any, ...]) -> tuple[Any, list[tuple[str, Tensor]]]:
    """What it returns, and the tensors that it keeps for its backward."""
    base: Any = torch.autograd.Function
    own = getattr(base, "setup_context", None)
    context = _Context(tuple(isinstance(a, Tensor) and a.requires_grad for a in args))
    if getattr(function, "setup_context", None) is own:
        return function.forward(context, *args), _kept_on(context)
    result = function.forward(*args)
    function.setup_context(context, args, result)
    return result, _kept_on(context)


def flat_results(result: Any) -> list[Tensor]:
    """The tensors among what a forward returns."""
    if isinstance(result, (tuple, list)):
        return [leaf for part in result for leaf in flat_results(part)]
    return [result] if isinstance(result, Tensor) else []


@contextlib.contextmanager
def _noting() -> Iterator[None]:
    """What is called here is noted, and nothing of it reaches what is known of the script."""
    recorder = threads.recorder
    if recorder is None:
        raise ReplayError("this thread notes nothing")
    kept = {
        name: getattr(Recorder, name)
        for name in ("level", "writes", "cuts", "makings", "hands", "parameters")
    }
    quiet, scope, entered = recorder.quiet, recorder.scope, recorder.entered
    Recorder.level, Recorder.writes, Recorder.hands = Level.LIGHT, Writes(), None
    Recorder.cuts, Recorder.makings, Recorder.parameters = Cuts(), Makings(), None
    recorder.quiet, recorder.scope = False, None
    recorder.enter()
    try:
        yield
    finally:
        if not entered:
            recorder.leave()
        recorder.quiet, recorder.scope = quiet, scope
        for name, value in kept.items():
            setattr(Recorder, name, value)


class _Steps:
    """The ops behind some outputs.

    All values have numbers: operands, then others, then results.
    """

    def __init__(self, operands: dict[Any, int], count: int) -> None:
        self._operands, self._count = operands, count
        self._ops: dict[Op, dict[Target, Value]] = {}
        self._others: dict[Any, int] = {}
        self._other_values: list[tuple[Tensor, str]] = []
        self._results: dict[Target, int] = {}
        #: Numbers of the places that steps are written at.
        self._sites: dict[tuple[int, int], int] = {}

    def described(
        self, outputs: list[Tensor], kept: list[tuple[str, Tensor]]
    ) -> tuple[dict[str, Any], list[Blob]]:
        """The header and the bytes; ``kept`` is what forward kept for backward."""
        self._collect([output.grad_fn for output in outputs])
        ops = sorted(self._ops, key=lambda op: op.seq)
        steps, results = [], []
        for op in ops:
            inputs = [
                self._number(given, self._name(op, place)) for place, given in enumerate(op.inputs)
            ]
            made = []
            for target, value in sorted(self._ops[op].items(), key=lambda item: item[0][1]):
                self._results[target] = len(results)
                made.append((target[1], len(results)))
                results.append(_kept(value))
            steps.append((op, inputs, made))
        first = self._count + len(self._other_values)
        following = [op for op, _, _ in steps[1:]] + [None]
        described = [
            {
                "name": op.name,
                "given": attributes_of(op),
                "inputs": [first + at if is_result else at for is_result, at in inputs],
                "results": [[output, first + at] for output, at in made],
                **self._place(op, after, len(made)),
            }
            for (op, inputs, made), after in zip(steps, following)
        ]
        only_kept = [(name, dense(one.detach())) for name, one in kept if self._is_new(one)]
        values = [tensor for tensor, _ in self._other_values] + results
        values += [tensor for _, tensor in only_kept]
        header = {
            "steps": described,
            "others": [name for _, name in self._other_values],
            "kept": [name for name, _ in only_kept],
            "shapes": [list(tensor.shape) for tensor in values],
            "dtypes": [str(tensor.dtype)[6:] for tensor in values],
            "outputs": [self._output(output, first) for output in outputs],
        }
        if sum(tensor.numel() for tensor in values) > _MOST_ELEMENTS:
            raise ReplayError("its forward makes too much to be sent")
        return header, [tensor.double() for tensor in values]

    def _collect(self, nodes: list[Any]) -> None:
        waiting, seen = [node for node in nodes if node is not None], set()
        while waiting:
            node = waiting.pop()
            if node in seen or node in self._operands:
                continue
            seen.add(node)
            made = node.metadata.get(KEY)
            if made is None:
                raise ReplayError("a step of its forward was not seen")
            op, values = made
            known = self._ops.setdefault(op, {})
            known.update({(node, output): value for output, value in values.items()})
            if len(self._ops) > _MOST_STEPS:
                raise ReplayError("its forward is too long")
            waiting += [given.node for given in op.inputs if given.node is not None]

    def _number(self, given: Given, name: str) -> tuple[bool, int]:
        """Whether a step has made it, and its number."""
        if given.node in self._operands:
            return False, self._operands[given.node]
        if (given.node, given.output) in self._results:
            return True, self._results[given.node, given.output]
        if isinstance(given.payload, Value):
            return False, self._other(id(given.payload), _kept(given.payload), name)
        if isinstance(given.payload, Tensor):
            return False, self._other(id(given.payload), given.payload.detach(), name)
        raise ReplayError("a step of its forward reads what nobody has kept")

    def _other(self, key: Any, tensor: Tensor, name: str) -> int:
        if tensor.is_complex():
            raise ReplayError("its numbers are complex")
        key = self._place_of(tensor) if tensor.layout is torch.strided else key
        if key not in self._others:
            self._others[key] = self._count + len(self._other_values)
            self._other_values.append((dense(tensor), name))
        return self._others[key]

    def _is_new(self, tensor: Tensor) -> bool:
        """Whether it is neither the result of a step nor read by one."""
        if tensor.is_complex() or (tensor.grad_fn, tensor.output_nr) in self._results:
            return False
        return tensor.grad_fn not in self._operands and self._place_of(tensor) not in self._others

    @staticmethod
    def _place_of(tensor: Tensor) -> Any:
        if tensor.layout is not torch.strided:
            return id(tensor)
        return tensor.data_ptr(), tuple(tensor.shape), tensor.stride(), tensor._version

    def _output(self, output: Tensor, first: int) -> Optional[int]:
        node = output.grad_fn
        if node in self._operands:
            return self._operands[node]
        at = self._results.get((node, output.output_nr))
        return None if at is None else first + at

    def _place(self, op: Op, after: Optional[Op], outputs: int) -> dict[str, Any]:
        """Where the step is written, a number for that place, and what its results are called."""
        if op.site is None:
            return {"site": 0, "line": None, "text": "", "labels": []}
        source, place = resolve(op.site.code, op.site.lasti)
        key = (id(op.site.code), op.site.lasti)
        site = self._sites.setdefault(key, len(self._sites) + 1)
        if op.writes:
            labels = [source.argument(place, 0, is_method(op))]
        else:
            labels = [source.label(place, at, outputs) for at in range(outputs)]
        # Of the ops that a call of a function makes, the last gives what the call does.
        ends = op.site.direct or _instruction(after) != _instruction(op)
        text = source.text(place) if ends else ""
        return {
            "site": site,
            "line": place.line,
            "text": text if len(text) <= _LONGEST_TEXT else "",
            "labels": labels if ends else [],
        }

    def _name(self, op: Op, place: int) -> str:
        """What the script calls an input of a step."""
        if op.site is None:
            return ""
        source, where = resolve(op.site.code, op.site.lasti)
        for argument, given in (*enumerate(op.args), *op.kwargs.items()):
            if isinstance(given, Slot) and given == place:
                return source.argument(where, argument, is_method(op))
        return ""


def _instruction(op: Optional[Op]) -> Any:
    """Where an op was called from."""
    return None if op is None or op.site is None else (op.site.code, op.site.lasti)


def _kept(value: Value) -> Tensor:
    if value.lost:
        raise ReplayError("a value of its forward was overwritten unseen")
    return dense(value.data.detach())
