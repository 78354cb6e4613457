"""The backward pass itself: accumulation, grad and createGraph, hooks, retainGrad, detach, noGrad, custom Functions."""

import torch
from torch import autograd

from declare import Family
from specs import literal, normal, positive

family = Family("autograd")
case = family.case

# ----------------------------------------------------------------- backward and .grad


def backward(x):
    (x * x).sum().backward()
    return x.grad


def accumulates(x):
    (x * x).sum().backward()
    x.sin().sum().backward()
    return x.grad


def with_gradient(x, g):
    (x * x).backward(g)
    return x.grad


def retained_twice(x):
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    return x.grad


def gradient_of_scalar(x):
    (x * x).sum().backward(torch.tensor(3.0, dtype=x.dtype))
    return x.grad


def two_paths(x):
    a = x * 2
    b = a.exp()
    (a * b + a).sum().backward()
    return x.grad


def unused(x, y):
    (x * 3).sum().backward()
    return [x.grad, torch.tensor(y.grad is None)]


def grad_reset(x):
    (x * x).sum().backward()
    x.grad = None
    x.sum().backward()
    return x.grad


case("backward", "x.mul(x).sum().backward(); return x.grad", backward, x=normal(2, 3))
case("backward", "x.mul(x).backward(); return x.grad", backward, x=normal())
case("backward", "x.mul(x).backward(); return x.grad", backward, x=normal(1, 1), label="one element is a scalar enough")
case("backward", "x.mul(x).sum().backward(); x.sin().sum().backward(); return x.grad", accumulates, x=normal(3))
case("backward", "x.mul(x).backward(g); return x.grad", with_gradient, x=normal(2, 3), g=normal(2, 3).constant())
case(
    "backward",
    "const y = x.mul(x).sum(); y.backward({ retainGraph: true }); y.backward(); return x.grad",
    retained_twice,
    x=normal(3),
)
case(
    "backward",
    "x.mul(x).sum().backward(tensor(3, { dtype: $dtype })); return x.grad",
    lambda x, dtype: gradient_of_scalar(x),
    x=normal(3),
)
case(
    "backward",
    "const a = x.mul(2), b = a.exp(); a.mul(b).add(a).sum().backward(); return x.grad",
    two_paths,
    x=normal(3),
)
case(
    "backward", "x.mul(3).sum().backward(); return [x.grad, tensor(y.grad === null)]", unused, x=normal(2), y=normal(2)
)
case("backward", "x.mul(x).sum().backward(); x.grad = null; x.sum().backward(); return x.grad", grad_reset, x=normal(2))


# Two outputs that share a graph, each with its own pass.
def shared(x):
    h = x.exp()
    h.sum().backward(retain_graph=True)
    first = x.grad.clone()
    (h * h).sum().backward()
    return [first, x.grad]


case(
    "backward",
    "const h = x.exp(); h.sum().backward({ retainGraph: true }); const first = x.grad.clone(); h.mul(h).sum().backward(); return [first, x.grad]",
    shared,
    x=normal(3),
    label="two passes over a shared part",
)

# ----------------------------------------------------------------- autograd.grad

GRAD = [
    (
        "return autograd.grad(x.pow(3).sum(), [x])",
        lambda x, y: autograd.grad(x.pow(3).sum(), [x]),
    ),
    (
        "return autograd.grad(x.mul(y).sum(), [y, x])",
        lambda x, y: autograd.grad((x * y).sum(), [y, x]),
    ),
    (
        "return autograd.grad(x.mul(y), [x], { gradOutputs: y.detach() })",
        lambda x, y: autograd.grad(x * y, [x], grad_outputs=y.detach()),
    ),
    (
        "const g = autograd.grad(x.pow(3).sum(), [x], { createGraph: true })[0]; return g.mul(y)",
        lambda x, y: autograd.grad(x.pow(3).sum(), [x], create_graph=True)[0] * y,
    ),
    (
        "const h = x.mul(y); return autograd.grad(h.exp().sum(), [h])",
        lambda x, y: (lambda h: autograd.grad(h.exp().sum(), [h]))(x * y),
    ),
    (
        "autograd.grad(x.mul(y).sum(), [x]); return tensor(x.grad === null)",
        lambda x, y: torch.tensor(x.grad is None),
    ),
    (
        "const [g] = autograd.grad(x.exp().sum(), [x], { createGraph: true });"
        " const [h] = autograd.grad(g.mul(y).sum(), [x], { createGraph: true }); return h.mul(g)",
        lambda x, y: (lambda g: autograd.grad((g * y).sum(), [x], create_graph=True)[0] * g)(
            autograd.grad(x.exp().sum(), [x], create_graph=True)[0]
        ),
    ),
    (
        "const [g] = autograd.grad(x.sin().sum(), [x], { createGraph: true }); g.square().sum().add(y.sum()).backward(); return [x.grad, y.grad]",
        lambda x, y: (lambda g: ((g.square().sum() + y.sum()).backward(), [x.grad, y.grad])[1])(
            autograd.grad(x.sin().sum(), [x], create_graph=True)[0]
        ),
    ),
]
for number, (code, function) in enumerate(GRAD):
    case("autograd.grad", code, function, x=normal(3), y=positive(3), label=f"{number}")


def third_derivative(x):
    y = x.pow(4).sum()
    for _ in range(3):
        (y,) = autograd.grad(y.sum(), [x], create_graph=True)
    return y


def hessian_vector(x, v):
    f = (x[0] * x[1] ** 2 + x.exp().sum() * x[2]).tanh()
    (g,) = autograd.grad(f, [x], create_graph=True)
    return autograd.grad(g, [x], grad_outputs=v)


def penalty(x, w):
    out = (x @ w).tanh().sum()
    (g,) = autograd.grad(out, [x], create_graph=True)
    return ((g.norm(2, 1) - 1) ** 2).mean()


def meta_step(x, w):
    loss = ((x @ w) ** 2).mean()
    (g,) = autograd.grad(loss, [w], create_graph=True)
    return ((x @ (w - 0.1 * g)) ** 2).mean()


case(
    "autograd.grad",
    "let y = x.pow(4).sum(); for (let i = 0; i < 3; i++) y = autograd.grad(y.sum(), [x], { createGraph: true })[0]; return y",
    third_derivative,
    x=normal(3),
    label="third derivative",
)
case(
    "autograd.grad",
    "const f = x.select(0, 0).mul(x.select(0, 1).pow(2)).add(x.exp().sum().mul(x.select(0, 2))).tanh();"
    " const [g] = autograd.grad(f, [x], { createGraph: true }); return autograd.grad(g, [x], { gradOutputs: v })",
    hessian_vector,
    x=normal(3),
    v=normal(3).constant(),
    label="Hessian times vector",
)
case(
    "autograd.grad",
    "const out = x.matmul(w).tanh().sum(); const [g] = autograd.grad(out, [x], { createGraph: true });"
    " return g.norm(2, 1).sub(1).pow(2).mean()",
    penalty,
    x=normal(2, 3),
    w=normal(3, 2),
    label="gradient penalty",
)
case(
    "autograd.grad",
    "const loss = x.matmul(w).pow(2).mean(); const [g] = autograd.grad(loss, [w], { createGraph: true });"
    " return x.matmul(w.sub(g.mul(0.1))).pow(2).mean()",
    meta_step,
    x=normal(4, 3),
    w=normal(3, 1),
    label="a step that is differentiated",
)

# ----------------------------------------------------------------- detach, noGrad, requiresGrad_

STOP = [
    ("x.mul(x.detach())", lambda x: x * x.detach()),
    ("x.detach().mul(2).add(x)", lambda x: x.detach() * 2 + x),
    ("noGrad(() => x.exp()).mul(x)", lambda x: x.exp().detach() * x),
    ("x.mul(2).detach().requiresGrad_(true).mul(x)", lambda x: (x * 2).detach() * x),
    (
        "const s = x.softmax(0); return s.mul(s.detach().log())",
        lambda x: (lambda s: s * s.detach().log())(x.softmax(0)),
    ),
    ("x.add(x.round().sub(x).detach())", lambda x: x + (x.round() - x).detach()),
]
for code, function in STOP:
    case("noGrad" if "noGrad" in code else "detach", code, function, x=normal(3))
case("noGrad", "noGrad(() => x.mul(2)).requiresGrad", lambda x: False, x=normal(3).of("float64"))
case("noGrad", "noGrad(() => 5)", lambda: 5)
case("detach", "[x.detach().requiresGrad, x.mul(1).requiresGrad]", lambda x: [False, True], x=normal(2).of("float64"))


def thawed(x):
    w = x.detach().clone().requires_grad_(True)
    (w * w).sum().backward()
    return w.grad


case(
    "requiresGrad_",
    "const w = x.detach().clone().requiresGrad_(true); w.mul(w).sum().backward(); return w.grad",
    thawed,
    x=normal(3),
)
case(
    "requiresGrad_",
    "x.requiresGrad_(false); return x.mul(2).requiresGrad",
    lambda x: False,
    x=normal(3).of("float64"),
    label="frozen",
)

# ----------------------------------------------------------------- retainGrad and hooks


def retain(x):
    h = x.exp()
    h.retain_grad()
    (h * h).sum().backward()
    return [h.grad, x.grad]


def retain_then_use_twice(x):
    h = x.exp()
    h.retain_grad()
    a = h * 2
    b = h.sin()
    (a * b).sum().backward()
    return [h.grad, x.grad]


case(
    "retainGrad",
    "const h = x.exp(); h.retainGrad(); h.mul(h).sum().backward(); return [h.grad, x.grad]",
    retain,
    x=normal(3),
)
case(
    "retainGrad",
    "const h = x.exp(); h.retainGrad(); const a = h.mul(2), b = h.sin(); a.mul(b).sum().backward(); return [h.grad, x.grad]",
    retain_then_use_twice,
    x=normal(3),
    label="used twice",
)


def hooked(x):
    h = x * 2
    h.register_hook(lambda g: g * 10)
    (h * h).sum().backward()
    return x.grad


def leaf_hook(x):
    x.register_hook(lambda g: g.clamp(-1, 1))
    (x * 3).pow(2).sum().backward()
    return x.grad


def observer(x):
    seen = []
    h = x.exp()
    h.register_hook(lambda g: seen.append(g.clone()))
    (h * 3).sum().backward()
    return [seen[0], x.grad]


def removed(x):
    h = x * 2
    handle = h.register_hook(lambda g: g * 10)
    handle.remove()
    (h * h).sum().backward()
    return x.grad


def in_order(x):
    h = x * 2
    h.register_hook(lambda g: g + 1)
    h.register_hook(lambda g: g * 3)
    h.sum().backward()
    return x.grad


def hook_and_retain(x):
    h = x * 2
    h.register_hook(lambda g: g * 10)
    h.retain_grad()
    (h * h).sum().backward()
    return [h.grad, x.grad]


def hook_sees_sum(x):
    seen = []
    h = x * 2
    h.register_hook(lambda g: seen.append(g.clone()))
    (h.sin() + h.cos() + h).sum().backward()
    return [torch.tensor(len(seen)), seen[0]]


def hooked_loss(x):
    y = (x * x).sum()
    y.register_hook(lambda g: g * 0.5)
    y.backward()
    return x.grad


case(
    "registerHook",
    "const h = x.mul(2); h.registerHook((g) => g.mul(10)); h.mul(h).sum().backward(); return x.grad",
    hooked,
    x=normal(3),
)
case(
    "registerHook",
    "x.registerHook((g) => g.clamp(-1, 1)); x.mul(3).pow(2).sum().backward(); return x.grad",
    leaf_hook,
    x=normal(3),
)
case(
    "registerHook",
    "const seen = []; const h = x.exp(); h.registerHook((g) => { seen.push(g.clone()); }); h.mul(3).sum().backward(); return [seen[0], x.grad]",
    observer,
    x=normal(3),
    label="that returns nothing",
)
case(
    "registerHook",
    "const h = x.mul(2); const handle = h.registerHook((g) => g.mul(10)); handle.remove(); h.mul(h).sum().backward(); return x.grad",
    removed,
    x=normal(3),
    label="removed",
)
case(
    "registerHook",
    "const h = x.mul(2); h.registerHook((g) => g.add(1)); h.registerHook((g) => g.mul(3)); h.sum().backward(); return x.grad",
    in_order,
    x=normal(3),
    label="two, in order",
)
case(
    "registerHook",
    "const h = x.mul(2); h.registerHook((g) => g.mul(10)); h.retainGrad(); h.mul(h).sum().backward(); return [h.grad, x.grad]",
    hook_and_retain,
    x=normal(3),
    label="with retainGrad",
)
case(
    "registerHook",
    "const seen = []; const h = x.mul(2); h.registerHook((g) => { seen.push(g.clone()); });"
    " h.sin().add(h.cos()).add(h).sum().backward(); return [tensor(seen.length, { dtype: 'int64' }), seen[0]]",
    hook_sees_sum,
    x=normal(3),
    label="sees the whole gradient, once",
)
case(
    "registerHook",
    "const y = x.mul(x).sum(); y.registerHook((g) => g.mul(0.5)); y.backward(); return x.grad",
    hooked_loss,
    x=normal(3),
    label="on the loss",
)

# ----------------------------------------------------------------- graphs of a certain form


def deep(x):
    h = x
    for _ in range(50):
        h = (h * 0.9 + x * 0.1).tanh()
    return h


def fan(x):
    return sum((x * k).sin() for k in range(1, 9))


def diamond(x):
    a = x * 2
    b, c = a.exp(), a.sin()
    d = b * c
    return d + b - c


case(
    "backward",
    "let h = x; for (let i = 0; i < 50; i++) h = h.mul(0.9).add(x.mul(0.1)).tanh(); return h",
    deep,
    x=normal(3),
    label="deep",
)
case(
    "backward",
    "let s = x.sin(); for (let k = 2; k <= 8; k++) s = s.add(x.mul(k).sin()); return s",
    fan,
    x=normal(3),
    label="a fan",
)
case(
    "backward",
    "const a = x.mul(2), b = a.exp(), c = a.sin(), d = b.mul(c); return d.add(b).sub(c)",
    diamond,
    x=normal(3),
    label="a diamond",
)
case(
    "backward",
    "const [a, b] = x.chunk(2, 0); return a.mul(2).add(b.detach())",
    lambda x: (lambda a, b: a * 2 + b.detach())(*x.chunk(2, 0)),
    x=normal(4),
    label="half of it",
)
case(
    "backward",
    "x.double().mul(y)",
    lambda x, y: x.double() * y,
    x=normal(3).of("float32"),
    y=normal(3).of("float64"),
    label="across dtypes",
)
case(
    "backward",
    "x.mul(y.float()).double()",
    lambda x, y: (x * y.float()).double(),
    x=normal(3).of("float32"),
    y=normal(3).of("float64"),
    label="and back",
)
case(
    "backward",
    "where(x.gt(0), x.sqrt(), x.mul(0))",
    lambda x: torch.where(x > 0, x.sqrt(), x * 0),
    x=literal([4.0, 1.0, 0.25]),
    label="a branch not taken",
)
