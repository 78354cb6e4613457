"""One op of a tape, run again on other inputs, in float64 where it can be."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator, Optional

import torch

from .ops import Op, Slot
from .randomness import restore
from .tape import Kind, Row

Tensor = torch.Tensor

#: Conversions: they would round a replay that is to be exact.
_CASTS = frozenset(("float", "half", "bfloat16", "double"))
#: They read one triangle of a matrix that is taken to be symmetric, and so is its gradient.
_SYMMETRIC = frozenset(
    "cholesky linalg_cholesky linalg_cholesky_ex linalg_eigh linalg_eigvalsh symeig".split()
)
#: They take their input to be logarithms that sum to one, and their gradient stays among those.
_NORMALISED = frozenset(("ctc_loss", "_ctc_loss"))
#: What they draw moves with the distribution, by an approximation of their own.
_PATHWISE = frozenset(("_standard_gamma", "_sample_dirichlet"))
_WIDE = {torch.complex64: torch.complex128}
if hasattr(torch, "complex32"):
    _WIDE[torch.complex32] = torch.complex128


class ReplayError(Exception):
    """Why an op cannot be run again."""


class Replay:
    """An op with its recorded inputs, in float64 or.

    Where ``exact`` is False, in their own dtypes. With ``wide``, tensors that its code makes without
    saying a dtype are in float64 too, as ``torch.zeros(n)``, which would not go with the inputs.
    """

    def __init__(self, row: Row, exact: bool = True, wide: bool = False) -> None:
        op = row.op
        if op is None or op.func is None:
            raise ReplayError("nobody noted how it was called")
        if op.name in _PATHWISE:
            raise ReplayError("its gradient is that of the distribution, not of the numbers drawn")
        self.row, self.op, self.exact, self.wide = row, op, exact, wide
        operands = row.sources[: len(op.inputs)]
        if any(source.value is None for source in operands):
            raise ReplayError("a value that it was computed from is not kept")
        if any(source.value.lost for source in operands if source.value is not None):
            raise ReplayError("a value that it was computed from was overwritten unseen")
        self.inputs = [self._widened(dense(s.value.data)) for s in operands if s.value is not None]
        self._normalises = op.name in _NORMALISED and _is_normalised(self.inputs[0])
        #: Which inputs get a gradient.
        self.wanted = [
            i
            for i, s in enumerate(operands)
            if s.kind != Kind.CONSTANT and differentiable(self.inputs[i])
        ]
        #: Which of them are symmetric matrices of which a Function's forward reads one triangle.
        self.halved: frozenset[int] = frozenset()

    def moved(self, inputs: list[Tensor]) -> Replay:
        """The same op on other inputs."""
        other = Replay.__new__(Replay)
        other.__dict__.update(self.__dict__, inputs=inputs)
        return other

    def find_halved(self) -> None:
        """Find the symmetric matrices of which a Function reads one triangle, as by cholesky.

        Its backward may share the gradient out among both triangles, as PyTorch's own does: only
        what is done to both alike counts then. A backward that gives the other triangle nothing
        is that of the triangle alone, and is held to it.
        """
        symmetric = [i for i in self.wanted if _is_symmetric(self.inputs[i])]
        if self.op.function is None or not symmetric:
            return
        with torch.no_grad():
            base = self.run([tensor.clone() for tensor in self.inputs])
        found = dict(zip(self.wanted, self.gradients(torch.ones_like(base))))
        self.halved = frozenset(i for i in symmetric if self._is_shared(i, base, found[i]))

    def _is_shared(self, index: int, base: Tensor, gradient: Optional[Tensor]) -> bool:
        """Whether a triangle that forward does not read gets a gradient."""
        if gradient is None:
            return False
        matrix = self.inputs[index]
        unread = []
        for kept, other, given in (
            (matrix.tril(), matrix.triu(1), gradient.triu(1)),
            (matrix.triu(), matrix.tril(-1), gradient.tril(-1)),
        ):
            tensors = [tensor.clone() for tensor in self.inputs]
            tensors[index] = kept + 2 * other
            try:
                with torch.no_grad():
                    is_same = torch.equal(self.run(tensors), base)
            except Exception:  # A Function may refuse what it was never given.
                is_same = False
            if is_same:
                unread.append(bool(given.any()))
        return unread == [True]

    def _widened(self, tensor: Tensor) -> Tensor:
        if self.exact and differentiable(tensor):
            return tensor.detach().to(_WIDE.get(tensor.dtype, torch.float64), copy=True)
        return tensor.detach().clone()

    def filled(self, argument: Any, tensors: list[Tensor]) -> Any:
        """An argument with tensors in place of its slots."""
        if isinstance(argument, Slot):
            return tensors[argument]
        if type(argument) in (tuple, list):
            return type(argument)(self.filled(part, tensors) for part in argument)
        if isinstance(argument, torch.dtype) and self.exact and argument.is_floating_point:
            return torch.float64
        return argument

    def outputs(self, tensors: list[Tensor]) -> list[Tensor]:
        """The results that may have a gradient."""
        op = self.op
        tensors = [self.averaged(i, tensor) for i, tensor in enumerate(tensors)]
        args = self.filled(op.args, tensors)
        kwargs = {key: self.filled(value, tensors) for key, value in op.kwargs.items()}
        if op.random is not None:
            restore(op.random)
        with self._defaults():
            result = self._call(op, args, kwargs)
        return [r for r in _flat(result) if isinstance(r, Tensor) and differentiable(r)]

    def averaged(self, index: int, tensor: Tensor) -> Tensor:
        """An input or its gradient, as the mean of both triangles where only one is read."""
        if index not in self.halved or tensor.shape[-1] != tensor.shape[-2]:
            return tensor
        return (tensor + tensor.mT) / 2

    def _call(self, op: Op, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        assert op.func is not None
        if op.name in _CASTS and self.exact:
            return args[0] * 1
        if op.name in _SYMMETRIC and isinstance(args[0], Tensor):
            args = ((args[0] + args[0].mH) / 2, *args[1:])
        if self._normalises and isinstance(args[0], Tensor):
            args = (args[0].log_softmax(-1), *args[1:])
        if not op.writes:
            return op.func(*args, **kwargs)
        result = args[0].clone()
        target = result
        if op.window is not None:
            shape, strides, offset = op.window
            target = result.as_strided(shape, strides, result.storage_offset() + offset)
        op.func(target, *args[1:], **kwargs)
        return result

    def run(self, tensors: list[Tensor]) -> Tensor:
        """The results flat, one behind the other; complex ones as pairs of reals."""
        outputs = [as_reals(result).reshape(-1) for result in self.outputs(tensors)]
        if not outputs:
            raise ReplayError("it has no result that could have a gradient")
        return torch.cat([output.to(outputs[0].dtype) for output in outputs])

    def product(self, weights: Tensor, inputs: Optional[list[Tensor]] = None) -> list[Tensor]:
        """The cotangents of the wanted inputs, as reals: by a custom Function's own backward."""
        tensors = self.inputs if inputs is None else inputs
        return [
            as_reals(torch.zeros_like(tensors[i]) if g is None else dense(g).detach())
            for i, g in zip(self.wanted, self.gradients(weights, inputs))
        ]

    def gradients(
        self, weights: Tensor, inputs: Optional[list[Tensor]] = None
    ) -> list[Optional[Tensor]]:
        """What autograd gives for the wanted inputs; None where it gives nothing."""
        tensors = list(self.inputs if inputs is None else inputs)
        given = [tensors[i].detach().clone().requires_grad_() for i in self.wanted]
        for i, leaf in zip(self.wanted, given):
            # A Function may write to what it is given, as to a leaf it may not.
            tensors[i] = leaf.clone() if self.op.function is not None else leaf
        out = self.run(tensors)
        if not out.requires_grad:
            return [None for _ in given]
        with self._defaults():
            return list(torch.autograd.grad(out, given, weights.to(out.dtype), allow_unused=True))

    @contextmanager
    def _defaults(self) -> Iterator[None]:
        default = torch.get_default_dtype()
        if self.wide:
            torch.set_default_dtype(torch.float64)
        try:
            yield
        finally:
            torch.set_default_dtype(default)


def _flat(result: Any) -> list[Any]:
    if isinstance(result, (tuple, list)):
        return [leaf for part in result for leaf in _flat(part)]
    return [result]


def _is_symmetric(tensor: Tensor) -> bool:
    if tensor.dim() < 2 or tensor.shape[-1] != tensor.shape[-2] or tensor.is_complex():
        return False
    off = (tensor - tensor.mT).abs().max() if tensor.numel() > 0 else torch.ones(())
    return tensor.shape[-1] > 1 and bool(off <= 1e-5 * tensor.abs().max())


def _is_normalised(logarithms: Tensor) -> bool:
    with torch.no_grad():
        return bool((logarithms.logsumexp(-1).abs() < 1e-3).all())


def differentiable(tensor: Tensor) -> bool:
    """Whether tensors of this dtype may have a gradient."""
    return tensor.is_floating_point() or tensor.is_complex()


def dense(tensor: Tensor) -> Tensor:
    """The tensor with a layout of rows."""
    return tensor if tensor.layout is torch.strided else tensor.to_dense()


def as_reals(tensor: Tensor) -> Tensor:
    """A complex tensor as pairs of reals."""
    return torch.view_as_real(tensor.resolve_conj()) if tensor.is_complex() else tensor
