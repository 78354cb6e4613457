"""What PyTorch refuses of the backward pass, of custom Functions, of writing in place, of modules and optimizers."""

import torch
from torch import autograd, nn, optim

from declare import Family
from specs import ints, normal

family = Family("refused_autograd")
refuses = family.refuses

# ----------------------------------------------------------------- the backward pass


def run(*steps):
    """Runs the steps in order; a lambda holds no statements."""
    return steps[-1]


refuses("backward", "autograd", "x.mul(2).backward()", lambda x: (x * 2).backward(), mentions=["[3]"], x=normal(3))
refuses(
    "backward",
    "autograd",
    "x.sum().backward()",
    lambda x: x.sum().backward(),
    x=normal(3).constant(),
    label="nothing requires a gradient",
)
refuses("backward", "autograd", "x.detach().sum().backward()", lambda x: x.detach().sum().backward(), x=normal(3))
refuses("backward", "autograd", "noGrad(() => x.sum()).backward()", lambda x: x.sum().detach().backward(), x=normal(3))
refuses(
    "backward",
    "shape",
    "x.mul(2).backward(g)",
    lambda x, g: (x * 2).backward(g),
    mentions=["[2]", "[3]"],
    x=normal(3),
    g=normal(2).constant(),
)


def twice(x):
    y = (x * x).sum()
    y.backward()
    y.backward()


def twice_shared(x):
    h = x.exp()
    h.sum().backward()
    (h * h).sum().backward()


refuses(
    "backward",
    "autograd",
    "const y = x.mul(x).sum(); y.backward(); y.backward()",
    twice,
    mentions=["retainGraph"],
    x=normal(3),
)
refuses(
    "backward",
    "autograd",
    "const h = x.exp(); h.sum().backward(); h.mul(h).sum().backward()",
    twice_shared,
    mentions=["retainGraph"],
    x=normal(3),
)
refuses(
    "grad",
    "autograd",
    "const y = x.mul(x).sum(); autograd.grad(y, [x]); autograd.grad(y, [x])",
    lambda x: (lambda y: run(autograd.grad(y, [x]), autograd.grad(y, [x])))((x * x).sum()),
    mentions=["retainGraph"],
    x=normal(3),
)
refuses(
    "grad",
    "autograd",
    "autograd.grad(x.mul(2), [x])",
    lambda x: autograd.grad(x * 2, [x]),
    mentions=["[3]"],
    x=normal(3),
)
refuses(
    "grad",
    "autograd",
    "autograd.grad(x.sum(), [y])",
    lambda x, y: autograd.grad(x.sum(), [y]),
    x=normal(3),
    y=normal(2),
    label="an input that is not used",
)
refuses(
    "grad",
    "autograd",
    "autograd.grad(x.sum(), [y])",
    lambda x, y: autograd.grad(x.sum(), [y]),
    x=normal(3),
    y=normal(2).constant(),
    label="an input without requiresGrad",
)
refuses(
    "grad",
    "shape",
    "autograd.grad(x.mul(2), [x], { gradOutputs: g })",
    lambda x, g: autograd.grad(x * 2, [x], grad_outputs=g),
    mentions=["[2]", "[3]"],
    x=normal(3),
    g=normal(2).constant(),
)


def saved_then_changed(x):
    h = x * 2
    y = h.square()
    h.add_(1)
    y.sum().backward()


def result_then_changed(x):
    h = x.exp()
    h.mul_(2)
    h.sum().backward()


def operand_changed(x, y):
    h = x * 2
    z = h * y
    h.zero_()
    z.sum().backward()


def view_changed(x):
    h = x * 2
    y = h.sin()
    h.select(0, 0).fill_(0)
    y.sum().backward()


def detached_changed(x):
    h = x * 2
    y = h.square()
    h.detach().add_(1)
    y.sum().backward()


def constant_changed(x, c):
    y = x * c
    c.add_(1)
    y.sum().backward()


def leaf_stepped(x):
    opt = optim.SGD([x], lr=0.1)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    opt.step()
    y.backward()


CHANGED = [
    ("square", "const h = x.mul(2); const y = h.square(); h.add_(1); y.sum().backward()", saved_then_changed, "add_"),
    ("exp", "const h = x.exp(); h.mul_(2); h.sum().backward()", result_then_changed, "mul_"),
    (
        "sin",
        "const h = x.mul(2); const y = h.sin(); h.select(0, 0).fill_(0); y.sum().backward()",
        view_changed,
        "fill_",
    ),
    (
        "square",
        "const h = x.mul(2); const y = h.square(); h.detach().add_(1); y.sum().backward()",
        detached_changed,
        "add_",
    ),
    (
        "mul",
        "const opt = new optim.SGD([x], { lr: 0.1 }); const y = x.mul(x).sum(); y.backward({ retainGraph: true }); opt.step(); y.backward()",
        leaf_stepped,
        "step",
    ),
]
for op, code, function, _ in CHANGED:
    refuses(op, "autograd", code, function, mentions=["in place"], x=normal(3))
refuses(
    "mul",
    "autograd",
    "const h = x.mul(2); const z = h.mul(y); h.zero_(); z.sum().backward()",
    operand_changed,
    mentions=["in place"],
    x=normal(3),
    y=normal(3),
)
refuses(
    "mul",
    "autograd",
    "const y = x.mul(c); c.add_(1); y.sum().backward()",
    constant_changed,
    mentions=["in place"],
    x=normal(3),
    c=normal(3).constant(),
)

for op, code, function in [
    ("add_", "x.add_(1)", lambda x: x.add_(1)),
    ("mul_", "x.mul_(2)", lambda x: x.mul_(2)),
    ("zero_", "x.zero_()", lambda x: x.zero_()),
    ("fill_", "x.fill_(1)", lambda x: x.fill_(1)),
    ("relu_", "x.relu_()", lambda x: x.relu_()),
    ("add_", "x.select(0, 0).add_(1)", lambda x: x.select(0, 0).add_(1)),
    (
        "copy_",
        "x.narrow(0, 0, 2).copy_(x.detach().narrow(0, 1, 2))",
        lambda x: x.narrow(0, 0, 2).copy_(x.detach().narrow(0, 1, 2)),
    ),
]:
    refuses(op, "autograd", code, function, mentions=["leaf"], x=normal(3))
refuses(
    "add_",
    "shape",
    "x.mul(2).add_(y)",
    lambda x, y: (x * 2).add_(y),
    mentions=["[3]", "[2, 3]"],
    x=normal(3),
    y=normal(2, 3),
)
refuses(
    "copy_",
    "shape",
    "x.mul(2).copy_(y)",
    lambda x, y: (x * 2).copy_(y),
    mentions=["[3]", "[2]"],
    x=normal(3),
    y=normal(2),
)
refuses(
    "add_", "dtype", "x.add_(y)", lambda x, y: x.add_(y), mentions=["int64", "float32"], x=ints(0, 5, 3), y=normal(3)
)
refuses("mul_", "dtype", "x.mul_(0.5)", lambda x: x.mul_(0.5), mentions=["int64"], x=ints(0, 5, 3))
refuses("div_", "dtype", "x.div_(2)", lambda x: x.div_(2), mentions=["int64"], x=ints(0, 5, 3))
refuses(
    "add_",
    "value",
    "x.expand(2, 3).add_(y)",
    lambda x, y: x.expand(2, 3).add_(y),
    x=normal(3).constant(),
    y=normal(2, 3),
)

# A custom Function whose backward does not match its forward. PyTorch's own name is the class's.


class TooMany(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad, grad


class TooFew(autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        return x * y

    @staticmethod
    def backward(ctx, grad):
        return grad


class WrongShape(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.sum()

    @staticmethod
    def backward(ctx, grad):
        return torch.ones(2)


refuses(
    "TooMany",
    "autograd",
    "class TooMany extends autograd.Function { static forward(ctx, x) { return x.mul(2); }"
    " static backward(ctx, grad) { return [grad, grad]; } } TooMany.apply(x).sum().backward()",
    lambda x: TooMany.apply(x).sum().backward(),
    mentions=["2", "1"],
    x=normal(3),
)
refuses(
    "TooFew",
    "autograd",
    "class TooFew extends autograd.Function { static forward(ctx, x, y) { return x.mul(y); }"
    " static backward(ctx, grad) { return [grad]; } } TooFew.apply(x, y).sum().backward()",
    lambda x, y: TooFew.apply(x, y).sum().backward(),
    mentions=["1", "2"],
    x=normal(3),
    y=normal(3),
)
refuses(
    "WrongShape",
    "autograd",
    "class WrongShape extends autograd.Function { static forward(ctx, x) { return x.sum(); }"
    " static backward(ctx, grad) { return [ones([2])]; } } WrongShape.apply(x).backward()",
    lambda x: WrongShape.apply(x).backward(),
    mentions=["[2]", "[3]"],
    x=normal(3),
)
refuses(
    "registerHook",
    "autograd",
    "const h = x.mul(2); h.registerHook((g) => g.sum()); h.sum().backward()",
    lambda x: (lambda h: run(h.register_hook(lambda g: torch.ones(2)), h.sum().backward()))(x * 2),
    mentions=["[3]"],
    x=normal(3),
)
refuses(
    "registerHook",
    "autograd",
    "x.registerHook((g) => g)",
    lambda x: x.register_hook(lambda g: g),
    x=normal(3).constant(),
)
refuses("retainGrad", "autograd", "x.retainGrad()", lambda x: x.retain_grad(), x=normal(3).constant())
refuses(
    "requiresGrad", "autograd", "x.mul(2).requiresGrad_(false)", lambda x: (x * 2).requires_grad_(False), x=normal(3)
)

# ----------------------------------------------------------------- creation, modules, optimizers

refuses("tensor", "value", "tensor([[1, 2], [3]])", lambda: torch.tensor([[1, 2], [3]]))
refuses("zeros", "value", "zeros([2, -1])", lambda: torch.zeros(2, -1), mentions=["-1"])
refuses("arange", "value", "arange(0, 5, 0)", lambda: torch.arange(0, 5, 0), mentions=["0"])
refuses("arange", "value", "arange(0, 5, -1)", lambda: torch.arange(0, 5, -1), mentions=["-1"])
refuses("linspace", "value", "linspace(0, 1, -2)", lambda: torch.linspace(0, 1, -2), mentions=["-2"])
refuses("randint", "value", "randint(3, 3, [2])", lambda: torch.randint(3, 3, [2]), mentions=["3"])
refuses("eye", "value", "eye(-1)", lambda: torch.eye(-1), mentions=["-1"])
refuses(
    "loadStateDict",
    "value",
    "new nn.Linear(2, 3).loadStateDict({ weight: w })",
    lambda w: nn.Linear(2, 3).load_state_dict({"weight": w}),
    mentions=["bias"],
    w=normal(3, 2).constant(),
)
refuses(
    "loadStateDict",
    "shape",
    "new nn.Linear(2, 3).loadStateDict({ weight: w, bias: b })",
    lambda w, b: nn.Linear(2, 3).load_state_dict({"weight": w, "bias": b}),
    mentions=["weight", "[2, 3]", "[3, 2]"],
    w=normal(2, 3).constant(),
    b=normal(3).constant(),
)
refuses(
    "F.linear",
    "shape",
    "new nn.Linear(2, 3).forward(x)",
    lambda x: nn.Linear(2, 3)(x),
    mentions=["[4, 3]"],
    x=normal(4, 3),
    label="through nn.Linear",
)
refuses("SGD", "value", "new optim.SGD([x], { lr: -1 })", lambda x: optim.SGD([x], lr=-1), mentions=["-1"], x=normal(3))
refuses(
    "SGD",
    "value",
    "new optim.SGD([x], { lr: 0.1, momentum: -1 })",
    lambda x: optim.SGD([x], lr=0.1, momentum=-1),
    mentions=["momentum"],
    x=normal(3),
)
refuses(
    "SGD",
    "value",
    "new optim.SGD([x], { lr: 0.1, nesterov: true })",
    lambda x: optim.SGD([x], lr=0.1, nesterov=True),
    mentions=["momentum"],
    x=normal(3),
)
refuses("SGD", "value", "new optim.SGD([], { lr: 0.1 })", lambda: optim.SGD([], lr=0.1))
refuses(
    "Adam",
    "value",
    "new optim.Adam([x], { lr: 0.1, betas: [1, 0.9] })",
    lambda x: optim.Adam([x], lr=0.1, betas=(1.0, 0.9)),
    mentions=["betas"],
    x=normal(3),
)
refuses(
    "Adam",
    "autograd",
    "new optim.Adam([x.mul(2)], { lr: 0.1 })",
    lambda x: optim.Adam([x * 2], lr=0.1),
    mentions=["leaf"],
    x=normal(3),
)
