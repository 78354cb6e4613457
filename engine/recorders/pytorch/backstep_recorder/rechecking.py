"""What the engine asks of an op that it compares with finite differences.

Numbers, never verdicts.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator, Sequence
from typing import Any, Optional

import torch

from .channel import Blob
from .forward_trace import trace
from .ops import Slot
from .randomness import is_as_before, undisturbed
from .replay import Replay, ReplayError, as_reals, dense, differentiable
from .tape import OUTPUT, Kind, Row, Tape

Tensor = torch.Tensor

#: Of each operand, the first index and how many along each axis, and what its integers are below.
Part = Sequence[dict[str, Any]]

#: What autocast may narrow inputs to.
_NARROW = frozenset((torch.bfloat16, torch.float16))
#: What torch raises where dtypes do not go together, and where a kernel has no such dtype.
_REFUSALS = (RuntimeError, TypeError, NotImplementedError)
#: What an op or a Function's own code raises where it is not defined.
_REFUSALS_ELSEWHERE = (RuntimeError, ValueError, ArithmeticError, AssertionError)


class OpUnderTest:
    """An op at its recorded inputs.

    With the results that the pass uses, flat, one behind the other.
    """

    def __init__(self, tape: Tape, row: Row, part: Optional[Part] = None) -> None:
        self.tape, self.row, self.part = tape, row, part
        self.coarse_because: Optional[str] = None
        try:
            self.replay = self._start_exact()
        except _REFUSALS as refusal:
            # What mixes in float32 tensors of its own can be run as it was recorded.
            self.replay = self._start(exact=False)
            self.coarse_because = f"{type(refusal).__name__}: {refusal}"

    def _start_exact(self) -> Replay:
        try:
            return self._start(exact=True)
        except _REFUSALS:
            op = self.row.op
            if self.row.kind != Kind.FUNCTION or op is None:
                raise
            replay = self._start(exact=True, wide=True)
            # The random numbers would be others in float64.
            if op.random is not None and not is_as_before(op.random):
                raise
            return replay

    def _start(self, exact: bool, wide: bool = False) -> Replay:
        replay = Replay(self.row, exact, wide)
        if self.part is not None:
            both = zip(replay.inputs, self.part)
            replay = replay.moved([_narrowed(tensor, **kept) for tensor, kept in both])
        replay.find_halved()
        given = [tensor.clone() for tensor in replay.inputs]
        with torch.no_grad():
            outputs = replay.outputs(given)
            self.base = replay.run([tensor.clone() for tensor in replay.inputs])
        #: Inputs that a Function wrote to and did not give back.
        self.changed = [
            i
            for i, (before, after) in enumerate(zip(replay.inputs, given))
            if self.row.kind == Kind.FUNCTION
            and not any(output.data_ptr() == after.data_ptr() for output in outputs)
            and not torch.equal(before.nan_to_num(), after.nan_to_num())
        ]
        # A backward may refuse what the forward takes.
        if exact and self.row.kind == Kind.FUNCTION:
            replay.gradients(torch.ones_like(self.base))
        return replay

    @property
    def coarse(self) -> bool:
        """Whether it rounds to less than float64."""
        return not self.replay.exact or self.base.dtype != torch.float64

    def reals(self, index: int) -> Tensor:
        """An input, flat."""
        return as_reals(self.replay.inputs[index]).reshape(-1).double()

    def product(self, weights: Tensor, inputs: Optional[list[Tensor]] = None) -> list[Tensor]:
        """Cotangents of the wanted inputs, flat."""
        return [found.reshape(-1).double() for found in self.replay.product(weights, inputs)]

    def without(self) -> list[int]:
        """The wanted inputs for which a Function's backward gives nothing."""
        if self.row.kind != Kind.FUNCTION:
            return []
        found = self.replay.gradients(torch.ones_like(self.base))
        return [i for i, gradient in zip(self.replay.wanted, found) if gradient is None]

    def names(self) -> list[str]:
        """What the op's tensor arguments are called.

        By the parameters of a Function's forward, else by place.
        """
        operands = self.row.sources[: len(self.replay.inputs)]
        names = [source.label or f"input {i}" for i, source in enumerate(operands)]
        op = self.replay.op
        if op.function is None:
            return names
        forward: Any = getattr(op.function, "forward")
        parameters = [p for p in inspect.signature(forward).parameters.values()]
        # With setup_context, forward is not given ctx.
        base: Any = torch.autograd.Function
        with_context = getattr(op.function, "setup_context", None) is getattr(
            base, "setup_context", None
        )
        parameters = parameters[1:] if with_context else parameters
        for place, argument in enumerate(op.args):
            if not isinstance(argument, Slot) or argument >= len(names):
                continue
            if (
                place < len(parameters)
                and parameters[place].kind is not inspect.Parameter.VAR_POSITIONAL
            ):
                names[argument] = parameters[place].name
            elif parameters and parameters[-1].kind is inspect.Parameter.VAR_POSITIONAL:
                names[argument] = f"{parameters[-1].name}[{place - len(parameters) + 1}]"
        return names

    def recorded_cotangent(self) -> Optional[Tensor]:
        """What the op was given in the run, flat as its results are.

        None where some of it is not known.
        """
        row = self.row
        if row.gradient is not None and not self._parts():
            gradients: list[Optional[Tensor]] = [row.gradient]
        else:
            gradients = self._part_gradients()
        if not gradients or any(gradient is None for gradient in gradients):
            return None
        flat = [
            as_reals(dense(g.detach())).reshape(-1).double() for g in gradients if g is not None
        ]
        joined = torch.cat(flat)
        return joined if joined.numel() == self.base.numel() else None

    def _parts(self) -> list[Row]:
        return [
            part for part in self.tape.rows if part.name == OUTPUT and part.sources[0] is self.row
        ]

    def _part_gradients(self) -> list[Optional[Tensor]]:
        """One gradient for each differentiable output of the op.

        Zeros for those that the pass does not use.
        """
        with torch.no_grad():
            outputs = self.replay.outputs([tensor.clone() for tensor in self.replay.inputs])
        found: list[Optional[Tensor]] = [torch.zeros_like(output) for output in outputs]
        for part in self._parts():
            if part.output >= len(found):
                return [None]
            found[part.output] = part.gradient
        return found

    def autocast_dtype(self) -> Optional[torch.dtype]:
        """What autocast made of the inputs in the run, as the gradients of the results show.

        None where they are no narrower than the inputs.
        """
        given = [self.row.gradient, *(part.gradient for part in self._parts())]
        narrow = {g.dtype for g in given if g is not None} & _NARROW
        wide = any(tensor.dtype == torch.float32 for tensor in self.replay.inputs)
        return narrow.pop() if wide and len(narrow) == 1 else None

    def autocast(self, dtype: torch.dtype) -> Any:
        """A block in which its inputs are narrowed as they were in the run."""
        device = self.replay.inputs[0].device.type
        return torch.autocast(device, dtype=dtype, cache_enabled=False)

    def recorded_products(self) -> list[Optional[Tensor]]:
        """What the op passed back in the run to each wanted input."""
        found: list[Optional[Tensor]] = []
        for index in self.replay.wanted:
            passed = self.row.passed[index]
            whole = None if passed is None else self.replay.averaged(index, dense(passed.detach()))
            flat = None if whole is None else as_reals(whole).reshape(-1).double()
            found.append(
                flat if flat is not None and flat.numel() == self.reals(index).numel() else None
            )
        return found


class Checker:
    """Answers about one op after the other.

    It keeps the last one, for many questions come about it.
    """

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._last: Optional[OpUnderTest] = None
        #: The same op at a part of its operands.
        self._last_part: Optional[OpUnderTest] = None
        self._part: Optional[Part] = None

    def at(self, part: Optional[Part]) -> Checker:
        """The next answer is about the op at this part of its operands; at all of them for None."""
        self._part = part
        return self

    def _op(self, number: int) -> OpUnderTest:
        last = self._last if self._part is None else self._last_part
        if last is None or last.row.number != number or last.part != self._part:
            row = self._tape.rows[number]
            if not row.runnable:
                raise ReplayError("nobody noted how it was called")
            last = OpUnderTest(self._tape, row, self._part)
            if self._part is None:
                self._last = last
            else:
                self._last_part = last
        return last

    def start(self, number: int) -> tuple[dict[str, Any], list[Blob]]:
        """What there is to compare. Bytes: the results, then each input, as float64."""
        with undisturbed():
            if self._part is None:
                self._last = self._last_part = None
            op = self._op(number)
            shapes = [list(as_reals(tensor).shape) for tensor in op.replay.inputs]
            with torch.no_grad():
                outputs = op.replay.outputs([tensor.clone() for tensor in op.replay.inputs])
            shape = list(as_reals(outputs[0]).shape) if len(outputs) == 1 else [op.base.numel()]
            answer = {
                "outputShape": shape,
                "shapes": shapes,
                "dtypes": [str(tensor.dtype)[6:] for tensor in op.replay.inputs],
                "names": op.names(),
                "wanted": op.replay.wanted,
                "coarse": op.coarse,
                "refused": op.coarse_because,
                "function": op.row.kind == Kind.FUNCTION,
                "random": op.replay.op.random is not None and op.row.kind != Kind.FUNCTION,
                "changed": op.changed,
                "without": op.without(),
                "parts": _parts(outputs),
                "padding": _padding_row(op),
            }
            return answer, [op.base.double(), *(op.reals(i) for i in range(len(op.replay.inputs)))]

    def products(self, number: int, weights: bytes) -> tuple[dict[str, Any], list[Blob]]:
        """Cotangents of the wanted inputs, for each of some cotangents of the results."""
        with undisturbed():
            op = self._op(number)
            rows = torch.frombuffer(bytearray(weights), dtype=torch.float64).reshape(
                -1, op.base.numel()
            )
            return {}, [product for row in rows for product in op.product(row)]

    def products_at(
        self, number: int, index: int, moves: Sequence[Sequence[float]], weights: bytes
    ) -> tuple[dict[str, Any], list[Blob]]:
        """The same for one cotangent.

        With an element of an input (or, for -1, all along a direction) moved.
        """
        with undisturbed():
            op = self._op(number)
            cotangent, direction = self._weights_and_direction(op, weights)
            found: list[Blob] = []
            for element, step in moves:
                found.extend(
                    op.product(cotangent, _moved(op, index, int(element), step, direction))
                )
            return {}, found

    def samples(
        self, number: int, index: int, moves: Sequence[Sequence[float]], weights: bytes
    ) -> tuple[dict[str, Any], list[Blob]]:
        """⟨w, f(x + t) − f(x)⟩ for each move, and the magnitude of what was subtracted.

        The bytes are the cotangent w, and behind it the direction in which all elements move for
        element -1. Where the op refuses to be run, as a factorization of a matrix that is no longer
        positive definite, there is no number: a smaller step may lead to one.
        """
        with undisturbed(), torch.no_grad():
            op = self._op(number)
            cotangent, direction = self._weights_and_direction(op, weights)
            found = torch.empty(len(moves), 2, dtype=torch.float64)
            for row, (element, step) in zip(found, moves):
                moved = _moved(op, index, int(element), step, direction)
                try:
                    there = op.replay.run(moved)
                except _REFUSALS_ELSEWHERE:
                    row[0], row[1] = float("nan"), 0.0
                    continue
                row[0], row[1] = _difference(cotangent, op.base, there)
            return {}, [found]

    def forwards(
        self, number: int, blob: bytes, given: Sequence[Sequence[int]]
    ) -> tuple[dict[str, Any], list[Blob]]:
        """The results for each of some sets of inputs, of which the given ones are in the bytes.

        No numbers for a set that the op refuses, unless it refuses nearly all but its own inputs.
        """
        with undisturbed(), torch.no_grad():
            op = self._op(number)
            found: list[Tensor] = []
            refusals: list[Exception] = []
            for inputs in _unpacked(op, blob, given):
                try:
                    found.append(op.replay.run(inputs).double())
                except _REFUSALS_ELSEWHERE as refusal:
                    found.append(torch.full_like(op.base, float("nan"), dtype=torch.float64))
                    refusals.append(refusal)
            if len(refusals) > 3 * len(found) / 4:
                raise refusals[0]
            return {}, [*found]

    def forwards_of(
        self, number: int, index: int, moves: Sequence[Sequence[float]]
    ) -> tuple[dict[str, Any], list[Blob]]:
        """The results with one element of an input moved, for each move."""
        with undisturbed(), torch.no_grad():
            op = self._op(number)
            return {}, [
                op.replay.run(_moved(op, index, int(e), step, None)).double() for e, step in moves
            ]

    def ran(self, number: int) -> tuple[dict[str, Any], list[Blob]]:
        """What the op passed back in the run, and does now: in float64, in its own dtypes.

        Three arrays for each input that ``inputs`` names.
        """
        with undisturbed():
            op = self._op(number)
            cotangent = op.recorded_cotangent()
            if cotangent is None:
                return {"inputs": []}, []
            exact = op.product(cotangent)
            own = OpUnderTest.__new__(OpUnderTest)
            own.__dict__.update(op.__dict__, replay=Replay(op.row, exact=False))
            narrow = own.autocast_dtype()
            try:
                with contextlib.nullcontext() if narrow is None else own.autocast(narrow):
                    again = own.product(cotangent)
            except RuntimeError:  # Its operands have several dtypes, and nothing made them one.
                return {"inputs": []}, []
            found: list[Blob] = []
            inputs = []
            for index, ran, in_double, in_own in zip(
                op.replay.wanted, op.recorded_products(), exact, again
            ):
                if ran is not None:
                    inputs.append(index)
                    found += [ran, in_double, in_own]
            passed = op.row.passed[inputs[0]] if inputs else None
            dtype = narrow or (torch.float64 if passed is None else passed.dtype)
            return {"inputs": inputs, "dtype": str(dtype)[6:]}, found

    def trace(self, number: int) -> tuple[dict[str, Any], list[Blob]]:
        """The steps of a custom Function's forward."""
        with undisturbed():
            return trace(self._op(number).replay)

    @staticmethod
    def _weights_and_direction(op: OpUnderTest, blob: bytes) -> tuple[Tensor, Optional[Tensor]]:
        numbers = torch.frombuffer(bytearray(blob), dtype=torch.float64)
        count = op.base.numel()
        return numbers[:count], numbers[count:] if numbers.numel() > count else None


def _parts(outputs: list[Tensor]) -> list[dict[str, Any]]:
    """Where each of several results lies among all of them, one behind the other."""
    if len(outputs) < 2:
        return []
    found, start = [], 0
    for index, output in enumerate(outputs):
        reals = as_reals(output)
        part = {"index": index, "shape": list(reals.shape), "start": start, "count": reals.numel()}
        found.append(part)
        start += reals.numel()
    return found


def _padding_row(op: OpUnderTest) -> Optional[int]:
    """The row of an embedding that has no gradient, and is not meant to have one."""
    args, kwargs = op.replay.op.args, op.replay.op.kwargs
    if op.replay.op.name != "embedding":
        return None
    found = kwargs.get("padding_idx", args[2] if len(args) > 2 else None)
    return found if isinstance(found, int) and found >= 0 else None


def _difference(weights: Tensor, base: Tensor, there: Tensor) -> tuple[float, float]:
    changed = (there != base) & ~(there.isnan() & base.isnan())
    if not bool(changed.any()):
        # The change may have been lost in what it was added to.
        return 0.0, float((weights * base.double()).abs().nan_to_num(0, 0, 0).sum())
    delta = float((weights * (there - base).double())[changed].sum())
    magnitude = weights.abs() * (there.abs() + base.abs()).double()
    return delta, float(magnitude[changed].sum())


def _moved(
    op: OpUnderTest, index: int, element: int, step: float, direction: Optional[Tensor]
) -> list[Tensor]:
    if element >= 0 or direction is None:
        return _shifted(op.replay.inputs, index, element, step)
    inputs = list(op.replay.inputs)
    inputs[index] = moved = inputs[index].clone(memory_format=torch.contiguous_format)
    flat = as_reals(moved).view(-1)
    flat.add_((step * direction).to(flat.dtype))
    return inputs


def _narrowed(tensor: Tensor, ranges: Sequence[Sequence[int]], below: Optional[int]) -> Tensor:
    """A part of a tensor, in memory of its own."""
    for axis, (start, count) in enumerate(ranges):
        tensor = tensor.narrow(axis, start, count)
    if below is not None:
        tensor = torch.where(tensor >= below, tensor % below, tensor)
    return tensor.clone(memory_format=torch.contiguous_format)


def _shifted(inputs: Sequence[Tensor], index: int, element: int, step: float) -> list[Tensor]:
    copy = list(inputs)
    copy[index] = moved = copy[index].clone(memory_format=torch.contiguous_format)
    as_reals(moved).view(-1)[element] += step
    return copy


def _unpacked(
    op: OpUnderTest, blob: bytes, given: Sequence[Sequence[int]]
) -> Iterator[list[Tensor]]:
    """Sets of inputs from their numbers.

    Those that are not given are the recorded ones.
    """
    numbers = torch.frombuffer(bytearray(blob), dtype=torch.float64) if blob else torch.empty(0)
    at = 0
    for own in given:
        inputs = []
        for place, recorded in enumerate(op.replay.inputs):
            if place not in own:
                inputs.append(recorded.clone())
                continue
            reals = as_reals(recorded)
            part = numbers[at : at + reals.numel()].reshape(reals.shape)
            at += reals.numel()
            inputs.append(
                torch.view_as_complex(part.clone())
                if recorded.is_complex()
                else part.to(recorded.dtype, copy=True)
            )
        yield inputs
