"""Model files about autograd.grad, hooks, retainGrad, custom Functions, views and writing in place."""

import torch
import torch.nn.functional as F
from torch import autograd

from cli_models import classes, leaf, model, t, values


def gradient_call(r, x):
    x = leaf(x)
    r.grad(x.pow(3).sum(), {"x": x})


model(
    "grad",
    """
import { tensor, autograd } from "backstep";

const x = tensor($x, { requiresGrad: true });
const y = x.pow(3).sum();
autograd.grad(y, [x]);
""",
    gradient_call,
    x=values(4),
)


def second_derivative(r, x):
    x = leaf(x, torch.float64)
    (g,) = r.grad((x.sin() * x).sum(), {"x": x}, create_graph=True)
    r.backward((g * g).sum(), leaves={"x": x})


model(
    "second-derivative",
    """
import { tensor, autograd } from "backstep";

const x = tensor($x, { dtype: "float64", requiresGrad: true });
const y = x.sin().mul(x).sum();
const [g] = autograd.grad(y, [x], { createGraph: true });
g.mul(g).sum().backward();
""",
    second_derivative,
    x=values(3),
)


def gradient_penalty(r, x, w, v):
    x, w, v = leaf(x), leaf(w), leaf(v)
    for _ in range(2):
        score = F.softplus(x @ w) @ v
        (g,) = r.grad(score.sum(), {"x": x}, create_graph=True)
        x.grad = w.grad = v.grad = None
        r.backward((g.norm(2, 1) - 1).pow(2).mean(), leaves={"x": x, "w": w, "v": v})
        with torch.no_grad():
            w.sub_(w.grad * 0.1)


model(
    "gradient-penalty",
    """
import { tensor, autograd, noGrad, F } from "backstep";

const x = tensor($x, { requiresGrad: true });
const w = tensor($w, { requiresGrad: true });
const v = tensor($v, { requiresGrad: true });
for (let i = 0; i < 2; i++) {
  const score = F.softplus(x.matmul(w)).matmul(v);
  const [g] = autograd.grad(score.sum(), [x], { createGraph: true });
  for (const leaf of [x, w, v]) leaf.grad = null;
  const penalty = g.norm(2, 1).sub(1).pow(2).mean();
  penalty.backward();
  noGrad(() => w.sub_(w.grad!.mul(0.1)));
}
""",
    gradient_penalty,
    x=values(3, 2),
    w=values(2, 4),
    v=values(4),
)


def retain_grad(r, x):
    x = leaf(x, torch.float64)
    h = x.exp()
    h.retain_grad()
    r.backward((h * h + h.sin()).sum(), leaves={"x": x})
    for i in range(3):
        r.log(h.grad[i])


model(
    "retain-grad",
    """
import { tensor } from "backstep";

const x = tensor($x, { dtype: "float64", requiresGrad: true });
const h = x.exp();
h.retainGrad();
h.mul(h).add(h.sin()).sum().backward();
for (let i = 0; i < 3; i++) console.log(h.grad!.select(0, i).item());
""",
    retain_grad,
    x=values(3),
)


def hooks(r, x):
    x = leaf(x)
    h = x * 3
    h.register_hook(lambda g: g.clamp(-0.5, 0.5))
    x.register_hook(lambda g: g * 2)
    r.backward((h * h).sum(), leaves={"x": x})


model(
    "hooks",
    """
import { tensor } from "backstep";

const x = tensor($x, { requiresGrad: true });
const h = x.mul(3);
h.registerHook((g) => g.clamp(-0.5, 0.5));
x.registerHook((g) => g.mul(2));
h.mul(h).sum().backward();
""",
    hooks,
    x=values(4),
)


def detached(r, x, y):
    x, y = leaf(x), leaf(y)
    h = x.sigmoid()
    r.backward((h.detach() * y * x).sum(), leaves={"x": x, "y": y})


model(
    "detached",
    """
import { tensor } from "backstep";

const x = tensor($x, { requiresGrad: true });
const y = tensor($y, { requiresGrad: true });
const h = x.sigmoid();
h.detach().mul(y).mul(x).sum().backward();
""",
    detached,
    x=values(3),
    y=values(3),
)


class CubeFunction(autograd.Function):
    @staticmethod
    def forward(ctx, x, scale):
        ctx.save_for_backward(x)
        ctx.scale = scale
        return x.pow(3) * scale

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * x.pow(2) * 3 * ctx.scale, None


def custom_function(r, x):
    x = leaf(x)
    r.backward(CubeFunction.apply(x.tanh(), 2).sum(), leaves={"x": x})


model(
    "custom-function",
    """
import { tensor, autograd, type Tensor } from "backstep";

class Cube extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor, scale: number) {
    ctx.saveForBackward(x);
    ctx.scale = scale;
    return x.pow(3).mul(scale);
  }
  static backward(ctx: autograd.Context, grad: Tensor) {
    const [x] = ctx.savedTensors;
    return [grad.mul(x.pow(2)).mul(3).mul(ctx.scale as number), null];
  }
}

const x = tensor($x, { requiresGrad: true });
const y = Cube.apply(x.tanh(), 2);
y.sum().backward();
""",
    custom_function,
    x=values(4),
)


class WrongFunction(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 3


def wrong_function(r, x):
    x = leaf(x)
    r.backward(WrongFunction.apply(x).square().sum(), leaves={"x": x})


model(
    "wrong-function",
    """
import { tensor, autograd, type Tensor } from "backstep";

class Wrong extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor) {
    return x.mul(2);
  }
  static backward(ctx: autograd.Context, grad: Tensor) {
    return grad.mul(3);
  }
}

const x = tensor($x, { requiresGrad: true });
const y = Wrong.apply(x).square().sum();
y.backward();
""",
    wrong_function,
    x=values(3),
)


class TwoFunction(autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * y, x + y

    @staticmethod
    def backward(ctx, product, total):
        x, y = ctx.saved_tensors
        return product * y + total, product * x + total


def two_outputs(r, x, y):
    x, y = leaf(x), leaf(y)
    product, total = TwoFunction.apply(x, y)
    r.backward((product * total).sum(), leaves={"x": x, "y": y})


model(
    "two-outputs",
    """
import { tensor, autograd, type Tensor } from "backstep";

class Two extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor, y: Tensor) {
    ctx.saveForBackward(x, y);
    return [x.mul(y), x.add(y)];
  }
  static backward(ctx: autograd.Context, product: Tensor, total: Tensor) {
    const [x, y] = ctx.savedTensors;
    return [product.mul(y).add(total), product.mul(x).add(total)];
  }
}

const x = tensor($x, { requiresGrad: true });
const y = tensor($y, { requiresGrad: true });
const [product, total] = Two.apply(x, y);
product.mul(total).sum().backward();
""",
    two_outputs,
    x=values(3),
    y=values(3),
)

# ----------------------------------------------------------------- views and writing in place


def in_place(r, x, v):
    x, v = leaf(x), leaf(v)
    a = x * 2
    a.select(0, 1).copy_(v)
    a.narrow(1, 0, 2).mul_(3)
    r.backward((a * a).sum(), leaves={"x": x, "v": v})


model(
    "in-place",
    """
import { tensor } from "backstep";

const x = tensor($x, { requiresGrad: true });
const v = tensor($v, { requiresGrad: true });
const a = x.mul(2);
a.select(0, 1).copy_(v);
a.narrow(1, 0, 2).mul_(3);
a.mul(a).sum().backward();
""",
    in_place,
    x=values(2, 3),
    v=values(3),
)


def filled_rows(r, w):
    w = leaf(w)
    out = torch.zeros(4, 2)
    for i in range(4):
        out.select(0, i).copy_(w * (i + 1))
    r.backward(out.pow(2).sum(), leaves={"w": w})


model(
    "filled-rows",
    """
import { tensor, zeros } from "backstep";

const w = tensor($w, { requiresGrad: true });
const out = zeros([4, 2]);
for (let i = 0; i < 4; i++) out.select(0, i).copy_(w.mul(i + 1));
out.pow(2).sum().backward();
""",
    filled_rows,
    w=values(2),
)


def views(r, x):
    x = leaf(x)
    y = x.t().unsqueeze(1).expand(3, 2, 2).permute(2, 0, 1).reshape(2, 6)
    r.backward((y[0] * y[1].exp()).sum(), leaves={"x": x})


model(
    "views",
    """
import { tensor } from "backstep";

const x = tensor($x, { requiresGrad: true });
const y = x.t().unsqueeze(1).expand(3, 2, 2).permute(2, 0, 1).reshape(2, 6);
y.select(0, 0).mul(y.select(0, 1).exp()).sum().backward();
""",
    views,
    x=values(2, 3),
)


def gathered(r, table, ids):
    table, ids = leaf(table), t(ids, torch.int64)
    rows = table[ids]
    r.backward((rows * rows.softmax(1)).sum(), leaves={"table": table})
    table.grad = None
    r.backward(table.gather(0, ids.view(2, 2)).pow(2).sum(), leaves={"table": table})


model(
    "gathered",
    """
import { tensor } from "backstep";

const table = tensor($table, { requiresGrad: true });
const ids = tensor($ids, { dtype: "int64" });
const rows = table.index([ids]);
rows.mul(rows.softmax(1)).sum().backward();
table.grad = null;
table.gather(0, ids.view(2, 2)).pow(2).sum().backward();
""",
    gathered,
    table=values(3, 2),
    ids=classes(3, 4),
)
