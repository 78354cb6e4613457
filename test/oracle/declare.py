"""How a family of cases is declared, run in PyTorch, and written down.

A declaration gives the same computation twice, side by side: as JavaScript in Backstep's API and as a Python function
over torch tensors. Both take the inputs by name.

    case("matmul", "x.matmul(y)", lambda x, y: x.matmul(y), x=normal(2, 3), y=normal(3, 4))

The JavaScript is an expression, or a body with `return`. What it returns is compared: a tensor, a number, a list of
those, or `{ values, indices }`. Module code returns `{ outputs, leaves }` (here: `Result`), where `leaves` are tensors
beside the inputs whose gradient is compared as well.

Every output is weighted with a fixed pattern of cosines before it is differentiated: see `pattern`. The runner
(test/unit/parity) knows the same formula, so that cotangents need not be stored.
"""

import inspect
import math
from collections import Counter

import torch

from specs import TORCH_DTYPE
from write import encode_digest, encode_tensor, encode_wave

torch.set_num_threads(1)
torch.set_default_dtype(torch.float32)

FLOATS = ("float64", "float32")


class Result:
    """Outputs, and leaves that the code made itself (the parameters of a module)."""

    def __init__(self, outputs, **leaves):
        self.outputs = outputs
        self.leaves = leaves


class ByDtype(dict):
    """A tolerance for each dtype that does not have the usual one."""


def pattern(like, offset):
    """The cotangent of the output (or the gradient) number `offset`: cos(0.7 i + 0.3 + offset) at flat position i."""
    values = [math.cos(0.7 * i + 0.3 + offset) for i in range(like.numel())]
    return torch.tensor(values, dtype=torch.float64).reshape(like.shape).to(like.dtype)


def weighted_sum(tensors):
    """What is differentiated: the sum of all floating tensors that depend on a leaf, each times its pattern."""
    terms = [(t * pattern(t, k)).sum() for k, t in enumerate(tensors) if differentiable(t)]
    return sum(t.to(torch.float64) for t in terms) if len({t.dtype for t in terms}) > 1 else sum(terms)


def differentiable(t):
    return isinstance(t, torch.Tensor) and t.is_floating_point() and t.requires_grad


def flatten(result):
    """Tensors and numbers of a result, in order."""
    if isinstance(result, (torch.Tensor, bool, int, float)):
        return [result]
    return [leaf for part in result for leaf in flatten(part)]


def call(function, tensors, **more):
    """A lambda takes the inputs by name; PyTorch's own functions have other names, so they take them by position."""
    code = getattr(function, "__code__", None)
    takes_any = code is not None and code.co_flags & inspect.CO_VARKEYWORDS
    if takes_any or (code is not None and set(tensors) <= set(code.co_varnames[: code.co_argcount])):
        return function(**tensors, **more)
    return function(*tensors.values(), **more)


def describe(spec):
    return "[" + ",".join(str(n) for n in spec.shape) + "]"


class Family:
    """The cases of one fixture file."""

    def __init__(self, name):
        self.name = name
        self.records = []
        self._ids = Counter()

    def case(self, op, code, function, *, dtypes=None, second=True, tolerance=None, label=None, dtype="same", **inputs):
        """Declares a case; at both floating dtypes unless all of its inputs have a dtype of their own.

        `$dtype` in the code stands for the dtype of the run. `second=False` leaves out second derivatives.
        `tolerance` stands in the fixture; a `ByDtype` gives each run its own.
        `dtype="any"`: JavaScript has one kind of number, so the dtype of the result is not compared.
        """
        if dtypes is None:
            runs = FLOATS if "$dtype" in code or any(s.follows_run for s in inputs.values()) else ("float64",)
        else:
            runs = dtypes
        for run in runs:
            names_run = len(runs) > 1 or dtypes is not None
            allowed = tolerance.get(run) if isinstance(tolerance, ByDtype) else tolerance
            self._record(op, code, function, inputs, run, names_run, second, allowed, label, dtype)

    def refuses(self, op, kind, code, function, *, mentions=(), label=None, **inputs):
        """Declares what PyTorch refuses; the message must hold `op` and every string of `mentions`."""
        case_id = self._unique(op, code, inputs, "refused", label)
        tensors = {name: spec.tensor(f"{case_id}/{name}", "float32") for name, spec in inputs.items()}
        encoded = {name: encode_tensor(t) for name, t in tensors.items()}
        try:
            call(function, tensors)
        except (RuntimeError, IndexError, ValueError, TypeError, KeyError, AssertionError, NotImplementedError):
            pass
        else:
            raise SystemExit(f"{case_id}: PyTorch accepts this")
        self.records.append(
            {
                "id": case_id,
                "family": self.name,
                "op": op,
                "code": code.replace("$dtype", '"float32"'),
                "inputs": encoded,
                "throws": kind,
                "mentions": [op, *mentions],
            }
        )

    def _unique(self, op, code, inputs, run, label):
        shapes = " ".join(f"{name}{describe(spec)}" for name, spec in inputs.items())
        what = label or (code if len(code) <= 90 else op)
        case_id = " ".join(f"{self.name}/{op}: {what} {shapes} {run}".split())
        self._ids[case_id] += 1
        return case_id if self._ids[case_id] == 1 else f"{case_id} #{self._ids[case_id]}"

    def _record(self, op, code, function, inputs, run, names_run, second, tolerance, label, dtype):
        case_id = self._unique(op, code, inputs, run if names_run else "", label)
        # Both dtypes see the same numbers: the seed leaves the dtype out.
        seed = f"{self.name}/{op}/{label or code}"
        tensors = {name: spec.tensor(f"{seed}/{name}", run) for name, spec in inputs.items()}
        record = {
            "id": case_id,
            "family": self.name,
            "op": op,
            "code": code.replace("$dtype", f'"{run}"'),
            "inputs": {
                name: encode_wave(t, inputs[name].wave) if inputs[name].wave else encode_tensor(t)
                for name, t in tensors.items()
            },
        }
        needs_run = "$dtype" in code
        try:
            result = call(function, tensors, **({"dtype": TORCH_DTYPE[run]} if needs_run else {}))
        except Exception as error:
            raise SystemExit(f"{case_id}: {error}") from error
        extra = result.leaves if isinstance(result, Result) else {}
        outputs = flatten(result.outputs if isinstance(result, Result) else result)
        record["outputs"] = [encode_output(o, dtype) for o in outputs]
        leaves = {name: t for name, t in {**tensors, **extra}.items() if t.requires_grad and t.is_leaf}
        record.update(self._derivatives(outputs, leaves, second and run == "float64"))
        if tolerance is not None:
            record["tolerance"] = tolerance
        self.records.append(record)

    @staticmethod
    def _derivatives(outputs, leaves, second):
        if not leaves or not any(differentiable(o) for o in outputs):
            return {}
        names, tensors = list(leaves), list(leaves.values())
        total = weighted_sum(outputs)
        grads = torch.autograd.grad(total, tensors, create_graph=second, allow_unused=True)
        record = {"grads": {name: encode_gradient(g) for name, g in zip(names, grads)}}
        if second and any(g is not None and g.requires_grad for g in grads):
            curvature = weighted_sum([g for g in grads if g is not None])
            try:
                seconds = torch.autograd.grad(curvature, tensors, allow_unused=True)
            except RuntimeError as error:
                if "is not implemented" not in str(error):
                    raise
                return record
            record["second"] = {name: encode_gradient(g) for name, g in zip(names, seconds)}
        return record


LARGE = 400  # elements, from which on a fixture holds a digest


def encode(t):
    return encode_tensor(t) if t.numel() < LARGE else encode_digest(t, pattern(t.to(torch.float64), 0))


def encode_gradient(g):
    return None if g is None else encode(g)


def encode_output(output, dtype):
    if not isinstance(output, torch.Tensor):
        return {"number": output}
    encoded = encode(output)
    if dtype == "any":
        del encoded["dtype"]
    return encoded
