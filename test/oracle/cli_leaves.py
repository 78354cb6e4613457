"""Model files about leaves: loops, accumulation, dtypes, what a pass reaches."""

import torch

from cli_models import leaf, model, t, values


def linear_regression(r, x, y, w, b):
    x, y, w, b = t(x), t(y), leaf(w), leaf(b)
    for _ in range(3):
        w.grad = b.grad = None
        loss = ((x @ w + b - y) ** 2).mean()
        r.backward(loss, leaves={"w": w, "b": b})
        with torch.no_grad():
            w -= 0.1 * w.grad
            b -= 0.1 * b.grad


model(
    "linear-regression",
    """
import { tensor, noGrad } from "backstep";

const x = tensor($x);
const y = tensor($y);
const w = tensor($w, { requiresGrad: true });
const b = tensor($b, { requiresGrad: true });
for (let i = 0; i < 3; i++) {
  w.grad = null;
  b.grad = null;
  const loss = x.matmul(w).add(b).sub(y).pow(2).mean();
  loss.backward();
  noGrad(() => {
    w.sub_(w.grad!.mul(0.1));
    b.sub_(b.grad!.mul(0.1));
  });
}
""",
    linear_regression,
    x=values(4, 2),
    y=values(4),
    w=values(2),
    b=values(1),
)


def accumulation(r, x, w):
    x, w = t(x), leaf(w)
    for i in range(3):
        r.backward((x[i] * w).sum().tanh(), leaves={"w": w})


model(
    "accumulation",
    """
import { tensor } from "backstep";

const x = tensor($x);
const w = tensor($w, { requiresGrad: true });
for (let i = 0; i < 3; i++) x.select(0, i).mul(w).sum().tanh().backward();
""",
    accumulation,
    x=values(3, 4),
    w=values(4),
)


def double_precision(r, x, w):
    x, w = t(x, torch.float64), leaf(w, torch.float64)
    for _ in range(2):
        r.backward((x @ w).logsumexp(0), leaves={"w": w})
        with torch.no_grad():
            w.sub_(w.grad)
            w.grad.zero_()


model(
    "double-precision",
    """
import { tensor, noGrad } from "backstep";

const x = tensor($x, { dtype: "float64" });
const w = tensor($w, { dtype: "float64", requiresGrad: true });
for (let i = 0; i < 2; i++) {
  x.matmul(w).logsumexp(0).backward();
  noGrad(() => {
    w.sub_(w.grad!);
    w.grad!.zero_();
  });
}
""",
    double_precision,
    x=values(3, 4),
    w=values(4),
)


def mixed_precision(r, a, b):
    a, b = leaf(a), leaf(b, torch.float64)
    r.backward((a.double() * b).sum(), leaves={"a": a, "b": b})
    a.grad = b.grad = None
    r.backward((a * b).exp().sum(), leaves={"a": a, "b": b})


model(
    "mixed-precision",
    """
import { tensor } from "backstep";

const a = tensor($a, { requiresGrad: true });
const b = tensor($b, { dtype: "float64", requiresGrad: true });
a.double().mul(b).sum().backward();
a.grad = null;
b.grad = null;
a.mul(b).exp().sum().backward();
""",
    mixed_precision,
    a=values(3),
    b=values(3),
)


def cotangent(r, x, g):
    x, g = leaf(x), t(g)
    r.backward(x.sin(), g, leaves={"x": x})


model(
    "cotangent",
    """
import { tensor } from "backstep";

const x = tensor($x, { requiresGrad: true });
x.sin().backward(tensor($g));
""",
    cotangent,
    x=values(2, 3),
    g=values(2, 3),
)


def retain_graph(r, x):
    x = leaf(x)
    y = (x * x).sum().sqrt()
    r.backward(y, leaves={"x": x}, retain_graph=True)
    r.backward(y, leaves={"x": x})


model(
    "retain-graph",
    """
import { tensor } from "backstep";

const x = tensor($x, { requiresGrad: true });
const y = x.mul(x).sum().sqrt();
y.backward({ retainGraph: true });
y.backward();
""",
    retain_graph,
    x=values(4),
)


def two_losses(r, x, w):
    x, w = t(x), leaf(w)
    h = (x @ w).tanh()
    r.backward(h.mean(), leaves={"w": w}, retain_graph=True)
    w.grad = None
    r.backward((h**2).sum(), leaves={"w": w})


model(
    "two-losses",
    """
import { tensor } from "backstep";

const x = tensor($x);
const w = tensor($w, { requiresGrad: true });
const h = x.matmul(w).tanh();
h.mean().backward({ retainGraph: true });
w.grad = null;
h.pow(2).sum().backward();
""",
    two_losses,
    x=values(3, 2),
    w=values(2, 2),
)


def reached_only(r, a, b):
    a, b = leaf(a), leaf(b)
    r.backward((a * 2).sum(), leaves={"a": a})
    r.backward((b * b).sum(), leaves={"b": b})


model(
    "reached-only",
    """
import { tensor } from "backstep";

const a = tensor($a, { requiresGrad: true });
const b = tensor($b, { requiresGrad: true });
a.mul(2).sum().backward();
b.mul(b).sum().backward();
""",
    reached_only,
    a=values(2),
    b=values(3),
)


def shared_leaf(r, w):
    w = leaf(w)
    r.backward(w.exp().sum() * w.sin().sum() + w[0], leaves={"w": w})


model(
    "shared-leaf",
    """
import { tensor } from "backstep";

const w = tensor($w, { requiresGrad: true });
w.exp().sum().mul(w.sin().sum()).add(w.select(0, 0)).backward();
""",
    shared_leaf,
    w=values(3),
)
