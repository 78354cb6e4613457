"""Model files about losses, and about numbers that are not finite."""

import torch
import torch.nn.functional as F
from torch import optim

from cli_models import classes, leaf, model, t, values


def overflow(r, x):
    x = leaf(x)
    r.backward((x * 1000).exp().sum(), leaves={"x": x})


model(
    "overflow",
    """
import { tensor } from "backstep";

const x = tensor($x, { requiresGrad: true });
x.mul(1000).exp().sum().backward();
""",
    lambda r, x: overflow(r, x),
    x=values(3),
)


def not_a_number(r, x):
    x = leaf(x)
    r.backward((x - x).div(x - x).sum(), leaves={"x": x})


model(
    "not-a-number",
    """
import { tensor } from "backstep";

const x = tensor($x, { requiresGrad: true });
x.sub(x).div(x.sub(x)).sum().backward();
""",
    not_a_number,
    x=values(2),
)


def hinge(r, w, b, x, y):
    w, b, x = leaf(w), leaf(b), t(x)
    sign = torch.where(t(y) > 0, 1.0, -1.0)
    for _ in range(2):
        w.grad = b.grad = None
        margin = (1 - sign * (x @ w + b)).clamp(min=0)
        r.backward(margin.mean() + 0.01 * w.square().sum(), leaves={"w": w, "b": b})
        with torch.no_grad():
            w.sub_(w.grad * 0.5)
            b.sub_(b.grad * 0.5)


model(
    "hinge",
    """
import { tensor, where, noGrad } from "backstep";

const w = tensor($w, { requiresGrad: true });
const b = tensor($b, { requiresGrad: true });
const x = tensor($x);
const sign = where(tensor($y).gt(0), 1, -1);
for (let i = 0; i < 2; i++) {
  w.grad = null;
  b.grad = null;
  const margin = sign.mul(x.matmul(w).add(b)).neg().add(1).clamp({ min: 0 });
  const loss = margin.mean().add(w.square().sum().mul(0.01));
  loss.backward();
  noGrad(() => {
    w.sub_(w.grad!.mul(0.5));
    b.sub_(b.grad!.mul(0.5));
  });
}
""",
    hinge,
    w=values(2),
    b=values(1),
    x=values(5, 2),
    y=values(5),
)


def policy(r, w, states, actions, returns):
    w, states, actions, returns = leaf(w), t(states), t(actions, torch.int64), t(returns)
    logp = (states @ w).log_softmax(1).gather(1, actions.unsqueeze(1)).squeeze(1)
    entropy = -(logp.exp() * logp).sum()
    r.backward(-(logp * (returns - returns.mean())).sum() - 0.01 * entropy, leaves={"w": w})


model(
    "policy-gradient",
    """
import { tensor } from "backstep";

const w = tensor($w, { requiresGrad: true });
const states = tensor($states);
const actions = tensor($actions, { dtype: "int64" });
const returns = tensor($returns);
const logp = states.matmul(w).logSoftmax(1).gather(1, actions.unsqueeze(1)).squeeze(1);
const entropy = logp.exp().mul(logp).sum().neg();
const loss = logp.mul(returns.sub(returns.mean())).sum().neg().sub(entropy.mul(0.01));
loss.backward();
""",
    policy,
    w=values(3, 2),
    states=values(4, 3),
    actions=classes(2, 4),
    returns=values(4),
)


def autoencoder(r, enc, dec, x):
    enc, dec, x = leaf(enc), leaf(dec), t(x)
    opt = optim.RMSprop([enc, dec], lr=0.01, momentum=0.9)
    for _ in range(3):
        opt.zero_grad()
        code = (x @ enc).sigmoid()
        loss = F.binary_cross_entropy_with_logits(code @ dec, x.sigmoid())
        r.backward(loss, leaves={"enc": enc, "dec": dec})
        opt.step()


model(
    "autoencoder",
    """
import { tensor, optim, F } from "backstep";

const enc = tensor($enc, { requiresGrad: true });
const dec = tensor($dec, { requiresGrad: true });
const x = tensor($x);
const opt = new optim.RMSprop([enc, dec], { lr: 0.01, momentum: 0.9 });
for (let step = 0; step < 3; step++) {
  opt.zeroGrad();
  const code = x.matmul(enc).sigmoid();
  const loss = F.binaryCrossEntropyWithLogits(code.matmul(dec), x.sigmoid());
  loss.backward();
  opt.step();
}
""",
    autoencoder,
    enc=values(4, 2),
    dec=values(2, 4),
    x=values(3, 4),
)


def meta_learning(r, w, x, y):
    w, x, y = leaf(w, torch.float64), t(x, torch.float64), t(y, torch.float64)
    for _ in range(2):
        inner = ((x @ w - y) ** 2).mean()
        (g,) = r.grad(inner, {"w": w}, create_graph=True)
        w.grad = None
        outer = ((x @ (w - 0.1 * g) - y) ** 2).mean()
        r.backward(outer, leaves={"w": w})
        with torch.no_grad():
            w.sub_(w.grad * 0.1)


model(
    "meta-learning",
    """
import { tensor, autograd, noGrad } from "backstep";

const w = tensor($w, { dtype: "float64", requiresGrad: true });
const x = tensor($x, { dtype: "float64" });
const y = tensor($y, { dtype: "float64" });
for (let step = 0; step < 2; step++) {
  const inner = x.matmul(w).sub(y).pow(2).mean();
  const [g] = autograd.grad(inner, [w], { createGraph: true });
  w.grad = null;
  const outer = x.matmul(w.sub(g.mul(0.1))).sub(y).pow(2).mean();
  outer.backward();
  noGrad(() => w.sub_(w.grad!.mul(0.1)));
}
""",
    meta_learning,
    w=values(3),
    x=values(5, 3),
    y=values(5),
)


def deep_chain(r, x):
    x = leaf(x)
    h = x
    for _ in range(200):
        h = (h * 1.01).sin()
    r.backward(h.sum(), leaves={"x": x})


model(
    "deep-chain",
    """
import { tensor } from "backstep";

const x = tensor($x, { requiresGrad: true });
let h = x;
for (let i = 0; i < 200; i++) h = h.mul(1.01).sin();
h.sum().backward();
""",
    deep_chain,
    x=values(3),
)
