"""Whole model files for `backstep run FILE --json --values`, each with the passes that PyTorch makes of it.

A declaration is a TypeScript file in which $x stands for the values of x, and a Python function that does the same and
records its passes. cli/NAME.ts is the file; cli/expected.json holds, a model a line, each pass's kind, loss and the
gradients of the leaves that it reached, and the numbers that the file printed.
"""

import importlib
import random

import torch
from torch import autograd

from write import encode_float, encode_tensor, to_json

PARTS = ["cli_leaves", "cli_autograd", "cli_training", "cli_modules", "cli_numbers"]

# (name, source, Recorder), added to by the files above
MODELS = []


def values(*shape):
    """Standard normal numbers of three decimals; drawn when the model's name is known."""
    return ("floats", shape)


def classes(count, *shape):
    return ("classes", shape, count)


def draw(spec, rng):
    kind, shape, *rest = spec
    if shape:
        return [draw((kind, shape[1:], *rest), rng) for _ in range(shape[0])]
    return round(rng.gauss(0, 1), 3) if kind == "floats" else rng.randrange(rest[0])


class Recorder:
    """Runs passes and notes what `backstep run` has to report of them."""

    def __init__(self):
        self.passes = []
        self.printed = []

    def backward(self, loss, *args, leaves, **kwargs):
        loss.backward(*args, **kwargs)
        reached = {name: leaf.grad.clone() for name, leaf in leaves.items() if leaf.grad is not None}
        self._note("backward", loss, reached)

    def module_backward(self, loss, module, more=None):
        named = {name: p for name, p in module.named_parameters()}
        self.backward(loss, leaves={**named, **(more or {})})

    def grad(self, output, inputs, **kwargs):
        grads = autograd.grad(output, list(inputs.values()), **kwargs)
        self._note("grad", output, dict(zip(inputs, (g.clone() for g in grads))))
        return grads

    def log(self, number):
        self.printed.append(encode_float(float(number), torch.float64))

    def _note(self, kind, loss, leaves):
        value = encode_float(loss.item(), loss.dtype) if loss.dim() == 0 else None
        encoded = {name: encode_tensor(grad.detach()) for name, grad in leaves.items()}
        self.passes.append({"kind": kind, "loss": value, "leaves": encoded})


def model(name, source, run, **specs):
    rng = random.Random(name)
    data = {key: draw(spec, rng) for key, spec in specs.items()}
    for key, nested in data.items():
        source = source.replace(f"${key};", f"{to_json(nested)};").replace(f"${key})", f"{to_json(nested)})")
        source = source.replace(f"${key},", f"{to_json(nested)},")
    if "$" in source.replace("${", ""):
        raise SystemExit(f"{name}: something was not filled in")
    recorder = Recorder()
    run(recorder, **{key: nested for key, nested in data.items()})
    MODELS.append((name, source.lstrip("\n"), recorder))


def leaf(nested, dtype=torch.float32):
    return torch.tensor(nested, dtype=dtype, requires_grad=True)


def t(nested, dtype=torch.float32):
    return torch.tensor(nested, dtype=dtype)


def load(module, **state):
    """The given state, and nothing else, in a module."""
    module.load_state_dict({key.replace("__", "."): t(value) for key, value in state.items()})
    return module


def write_cli_models(folder):
    for part in PARTS:
        importlib.import_module(part)
    folder.mkdir(exist_ok=True)
    lines = []
    for name, source, recorder in MODELS:
        (folder / f"{name}.ts").write_text(source, encoding="utf-8")
        lines.append(to_json({"name": name, "passes": recorder.passes, "printed": recorder.printed}))
    (folder / "expected.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
