"""Random programs: ops, views, broadcasting, writes in place and reuse, composed at random from a seed.

Every step is written in both languages at once. What PyTorch refuses in the backward pass (a value overwritten that was
still needed) and what leaves the range of well-behaved numbers is not kept; the next seed takes its place.
"""

import random

import torch

from declare import Family, flatten
from specs import normal

family = Family("programs")

COUNT = 400
STEPS = 8
SHAPES = [(2, 3), (3,), (1, 3), (2, 1), (3, 3), (), (2, 2, 3), (4,), (1,)]

SMOOTH = ["tanh", "sigmoid", "sin", "cos", "square", "neg", "erf", "atan"]
KINKED = ["relu", "abs"]


class Program:
    """A program under construction; its values are known, as each step runs when it is added."""

    def __init__(self, seed):
        self.rng = random.Random(f"programs/{seed}")
        self.inputs = {name: normal(*self.rng.choice(SHAPES)) for name in "xyz"}
        self.values = {name: spec.tensor(f"programs/{seed}/{name}", "float64") for name, spec in self.inputs.items()}
        self.js = []
        self.python = []
        self.results = []
        for _ in range(self.rng.randint(3, STEPS)):
            self.rng.choice(STEP_KINDS)(self)

    def pick(self, fits=lambda t: True):
        """A name whose value fits, newer ones more often; None when there is none."""
        names = [name for name, t in self.values.items() if fits(t)]
        return self.rng.choice(names[-4:] if self.rng.random() < 0.7 else names) if names else None

    def define(self, js, python):
        """Adds `const v = js`; what grows too large is squashed."""
        value = eval(python, {"torch": torch, **self.values})
        if value.numel() and value.detach().abs().max() > 20:
            js, python, value = f"{js}.tanh()", f"({python}).tanh()", value.tanh()
        name = f"v{len(self.results)}"
        self.results.append(name)
        self.values[name] = value
        self.js.append(f"const {name} = {js};")
        self.python.append((name, python))

    def write(self, js, python):
        """Adds a statement that changes a value in place."""
        eval(python, {"torch": torch, **self.values})
        self.js.append(f"{js};")
        self.python.append((None, python))

    def run(self, **inputs):
        scope = {"torch": torch, **inputs}
        for name, python in self.python:
            value = eval(python, scope)
            if name is not None:
                scope[name] = value
        return [scope[self.results[-1]], sum(scope[name].sum() * (k + 1) for k, name in enumerate(self.results))]

    def code(self):
        """The program; it returns its last result, and a sum that every result has a part in."""
        first, *rest = self.results
        total = f"{first}.sum()" + "".join(f".add({name}.sum().mul({k + 2}))" for k, name in enumerate(rest))
        return f"{' '.join(self.js)} return [{self.results[-1]}, {total}]"


def broadcastable(a, b):
    return all(m == n or 1 in (m, n) for m, n in zip(a.shape[::-1], b.shape[::-1]))


def unary(p):
    name = p.pick()
    op = p.rng.choice(SMOOTH + KINKED)
    p.define(f"{name}.{op}()", f"{name}.{op}()")


def number(p):
    name, op, c = p.pick(), p.rng.choice(["add", "sub", "mul", "div"]), p.rng.choice([0.5, 2, -1.5, 3])
    p.define(f"{name}.{op}({c})", f"{name}.{op}({c})")


def binary(p):
    left = p.pick()
    right = p.pick(lambda t: broadcastable(t, p.values[left]))
    op = p.rng.choice(["add", "sub", "mul", "maximum", "minimum"])
    p.define(f"{left}.{op}({right})", f"{left}.{op}({right})")


def quotient(p):
    left = p.pick()
    right = p.pick(lambda t: broadcastable(t, p.values[left]))
    p.define(f"{left}.div({right}.square().add(1))", f"{left}.div({right}.square().add(1))")


def reduction(p):
    name = p.pick(lambda t: t.dim() > 0 and t.numel() > 0)
    if name is None:
        return unary(p)
    dim = p.rng.randrange(-p.values[name].dim(), p.values[name].dim())
    op, python = p.rng.choice([("sum", "sum"), ("mean", "mean"), ("logsumexp", "logsumexp"), ("amax", "amax")])
    if p.rng.random() < 0.5:
        p.define(f"{name}.{op}({dim}, true)", f"{name}.{python}({dim}, True)")
    else:
        p.define(f"{name}.{op}({dim})", f"{name}.{python}({dim})")


def along(p):
    name = p.pick(lambda t: t.dim() > 0 and t.numel() > 0)
    if name is None:
        return unary(p)
    dim = p.rng.randrange(p.values[name].dim())
    op, python = p.rng.choice([("softmax", "softmax"), ("logSoftmax", "log_softmax"), ("cumsum", "cumsum")])
    p.define(f"{name}.{op}({dim})", f"{name}.{python}({dim})")


def product(p):
    left = p.pick(lambda t: t.dim() == 2)
    if left is None:
        return binary(p)
    right = p.pick(lambda t: t.dim() in (1, 2) and t.shape[0] == p.values[left].shape[1])
    if right is None or p.rng.random() < 0.3:
        return p.define(f"{left}.matmul({left}.t())", f"{left}.matmul({left}.t())")
    p.define(f"{left}.matmul({right})", f"{left}.matmul({right})")


def view(p):
    name = p.pick(lambda t: t.dim() > 0 and t.numel() > 0)
    if name is None:
        return unary(p)
    value, rng = p.values[name], p.rng
    d = rng.randrange(value.dim())
    n = value.shape[d]
    i = rng.randrange(-n, n)
    start = rng.randrange(n)
    length = rng.randint(1, n - start)
    choices = [
        (f".unsqueeze({d})", f".unsqueeze({d})"),
        (f".select({d}, {i})", f".select({d}, {i})"),
        (f".narrow({d}, {start}, {length})", f".narrow({d}, {start}, {length})"),
        (f".transpose(0, {d})", f".transpose(0, {d})"),
        (f".flip([{d}])", f".flip([{d}])"),
        (f".roll(1, {d})", f".roll(1, {d})"),
        (".reshape(-1)", ".reshape(-1)"),
        (f".unbind({d})[{i % n}]", f".unbind({d})[{i % n}]"),
        (f".slice({d}, 0, null, 2)", f".transpose(0, {d})[::2].transpose(0, {d})"),
        (f".chunk(2, {d})[0]", f".chunk(2, {d})[0]"),
    ]
    if n == 1:
        sizes = [-1] * value.dim()
        sizes[d] = 3
        choices.append((f".expand({sizes})", f".expand({sizes})"))
    js, python = rng.choice(choices)
    p.define(name + js, name + python)


def gathered(p):
    name = p.pick(lambda t: t.dim() > 0 and t.numel() > 0)
    if name is None:
        return unary(p)
    n = p.values[name].shape[0]
    index = [p.rng.randrange(n) for _ in range(p.rng.randint(1, 3))]
    p.define(
        f'{name}.index([tensor({index}, {{ dtype: "int64" }})])',
        f"{name}[torch.tensor({index})]",
    )


def joined(p):
    name = p.pick(lambda t: t.dim() > 0)
    if name is None:
        return unary(p)
    other = p.pick(lambda t: t.shape == p.values[name].shape)
    d = p.rng.randrange(p.values[name].dim())
    op = p.rng.choice(["cat", "stack"])
    p.define(f"{op}([{name}, {other}], {d})", f"torch.{op}([{name}, {other}], {d})")


def stopped(p):
    name = p.pick()
    p.define(f"{name}.detach().mul({name})", f"{name}.detach().mul({name})")


def fresh(p, fits=lambda t: True):
    """A result that owns its elements: writing into it or into its views is in order."""
    name = p.pick(lambda t: t.numel() > 0 and fits(t))
    if name is None:
        return None
    p.define(f"{name}.mul(1.5)", f"{name}.mul(1.5)")
    return p.results[-1]


def write(p):
    name = fresh(p)
    if name is None:
        return unary(p)
    other = p.pick(lambda t: t.shape == p.values[name].shape or t.dim() == 0)
    js, python = p.rng.choice(
        [
            (f"{name}.add_({other})", f"{name}.add_({other})"),
            (f"{name}.mul_({other})", f"{name}.mul_({other})"),
            (f"{name}.sub_(0.5)", f"{name}.sub_(0.5)"),
            (f"{name}.neg_()", f"{name}.neg_()"),
            (f"{name}.relu_()", f"{name}.relu_()"),
            (f"{name}.clamp_(-1, 1)", f"{name}.clamp_(-1, 1)"),
            (f"{name}.copy_({other})", f"{name}.copy_({other})"),
            (f"{name}.maskedFill_({name}.gt(0.5), 0.25)", f"{name}.masked_fill_({name}.gt(0.5), 0.25)"),
        ]
    )
    p.write(js, python)


def write_part(p):
    name = fresh(p, lambda t: t.dim() > 0)
    if name is None:
        return unary(p)
    value = p.values[name]
    d = p.rng.randrange(value.dim())
    i = p.rng.randrange(value.shape[d])
    part = p.rng.choice([f"{name}.select({d}, {i})", f"{name}.narrow({d}, {i}, 1)", f"{name}.transpose(0, {d})"])
    scalar = p.pick(lambda t: t.dim() == 0)
    changes = ["mul_(3)", "add_(1)", "neg_()", "fill_(0.75)", "zero_()"] + ([f"add_({scalar})"] if scalar else [])
    change = p.rng.choice(changes)
    if p.rng.random() < 0.5:  # something that has read it before, by value or as a view
        # Not reshape: whether it copies depends on how PyTorch lays out the result of an op on a transposed tensor.
        reader = p.rng.choice([f"{name}.add(1)", f"{name}.unsqueeze(0)", f"{name}.select({d}, {i})"])
        p.define(reader, reader)
    p.write(f"{part}.{change}", f"{part}.{change}")


STEP_KINDS = [unary, unary, number, binary, binary, quotient, reduction, along, product, view, view, gathered, joined]
STEP_KINDS += [stopped, write, write, write_part, write_part]


def is_well_behaved(program):
    """Whether PyTorch runs it forwards and backwards, and its numbers stay in range."""
    leaves = list(program.inputs)
    inputs = {name: program.values[name].detach().clone().requires_grad_(True) for name in leaves}
    try:
        outputs = flatten(program.run(**inputs))
        total = sum((o * o.detach().cos()).sum() for o in outputs)
        if not total.requires_grad:
            return False
        grads = torch.autograd.grad(total, list(inputs.values()), create_graph=True, allow_unused=True)
        second = sum(g.square().sum() for g in grads if g is not None)
        seconds = torch.autograd.grad(second, list(inputs.values()), allow_unused=True) if second.requires_grad else ()
    except RuntimeError:
        return False
    numbers = [t.detach() for t in (*outputs, *grads, *seconds) if t is not None]
    return all(bool(t.isfinite().all()) and (t.numel() == 0 or t.abs().max() < 1e4) for t in numbers)


def declare(count, seed=0):
    kept = 0
    while kept < count:
        seed += 1
        try:
            program = Program(seed)
        except RuntimeError:
            continue  # a write that PyTorch refuses at once
        if not program.results or not is_well_behaved(program):
            continue
        kept += 1
        inputs = {name: program.inputs[name] for name in program.inputs}
        family.case(
            "program",
            program.code(),
            program.run,
            label=f"program {seed}",
            dtypes=("float64",),
            tolerance={"relative": 1e-9, "absolute": 1e-11},
            **inputs,
        )


declare(COUNT)
