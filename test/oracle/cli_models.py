"""Whole model files for `backstep run FILE --json --values`, each with the passes that PyTorch makes of it.

A declaration is a TypeScript file in which $x stands for the values of x, and a Python function that does the same and
records its passes. cli/NAME.ts is the file; cli/expected.json holds, a model a line, each pass's kind, loss and the
gradients of the leaves that it reached, and the numbers that the file printed.
"""

import random

import torch
import torch.nn.functional as F
from torch import autograd, nn, optim

from write import encode_float, encode_tensor, to_json

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


def write_cli_models(folder):
    folder.mkdir(exist_ok=True)
    lines = []
    for name, source, recorder in MODELS:
        (folder / f"{name}.ts").write_text(source, encoding="utf-8")
        lines.append(to_json({"name": name, "passes": recorder.passes, "printed": recorder.printed}))
    (folder / "expected.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


# ----------------------------------------------------------------- leaves and loops


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

# ----------------------------------------------------------------- autograd


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

# ----------------------------------------------------------------- modules: gradients under the parameters' paths


def load(module, **state):
    """The given state, and nothing else, in a module."""
    module.load_state_dict({key.replace("__", "."): t(value) for key, value in state.items()})
    return module


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 4)
        self.fc2 = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


NET = """
import { tensor, nn, F, optim, type Tensor } from "backstep";

class Net extends nn.Module {
  fc1 = new nn.Linear(3, 4);
  fc2 = new nn.Linear(4, 2);
  forward(x: Tensor) {
    return this.fc2.forward(F.relu(this.fc1.forward(x)));
  }
}

const net = new Net();
net.loadStateDict({
  "fc1.weight": tensor($w1),
  "fc1.bias": tensor($b1),
  "fc2.weight": tensor($w2),
  "fc2.bias": tensor($b2),
});
const x = tensor($x);
const target = tensor($target, { dtype: "int64" });
"""
NET_DATA = dict(w1=values(4, 3), b1=values(4), w2=values(2, 4), b2=values(2), x=values(5, 3), target=classes(2, 5))


def net_of(w1, b1, w2, b2):
    return load(Net(), fc1__weight=w1, fc1__bias=b1, fc2__weight=w2, fc2__bias=b2)


OPTIMIZERS = [
    ("sgd", "new optim.SGD(net.parameters(), { lr: 0.1 })", lambda p: optim.SGD(p, lr=0.1)),
    (
        "sgd-momentum",
        "new optim.SGD(net.parameters(), { lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 })",
        lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    ),
    ("adam", "new optim.Adam(net.parameters(), { lr: 0.05 })", lambda p: optim.Adam(p, lr=0.05)),
    (
        "adamw",
        "new optim.AdamW(net.parameters(), { lr: 0.05, weightDecay: 0.1 })",
        lambda p: optim.AdamW(p, lr=0.05, weight_decay=0.1),
    ),
    (
        "rmsprop",
        "new optim.RMSprop(net.parameters(), { lr: 0.01, centered: true })",
        lambda p: optim.RMSprop(p, lr=0.01, centered=True),
    ),
    ("adagrad", "new optim.Adagrad(net.parameters(), { lr: 0.1 })", lambda p: optim.Adagrad(p, lr=0.1)),
]
for name, constructor, make in OPTIMIZERS:

    def training(r, w1, b1, w2, b2, x, target, make=make):
        net = net_of(w1, b1, w2, b2)
        x, target = t(x), t(target, torch.int64)
        opt = make(net.parameters())
        for _ in range(5):
            opt.zero_grad()
            r.module_backward(F.cross_entropy(net(x), target), net)
            opt.step()

    model(
        f"train-{name}",
        NET + f"""const opt = {constructor};
for (let step = 0; step < 5; step++) {{
  opt.zeroGrad();
  const loss = F.crossEntropy(net.forward(x), target);
  loss.backward();
  opt.step();
}}
""",
        training,
        **NET_DATA,
    )


def scheduled(r, w1, b1, w2, b2, x, target):
    net = net_of(w1, b1, w2, b2)
    x, target = t(x), t(target, torch.int64)
    opt = optim.SGD([{"params": net.fc1.parameters()}, {"params": net.fc2.parameters(), "lr": 0.5}], lr=0.1)
    schedule = optim.lr_scheduler.StepLR(opt, 2, gamma=0.1)
    for _ in range(4):
        opt.zero_grad()
        r.module_backward(F.cross_entropy(net(x), target), net)
        nn.utils.clip_grad_norm_(net.parameters(), 0.3)
        opt.step()
        schedule.step()
        r.log(schedule.get_last_lr()[1])


model(
    "train-schedule",
    NET
    + """const opt = new optim.SGD([{ params: net.fc1.parameters() }, { params: net.fc2.parameters(), lr: 0.5 }], { lr: 0.1 });
const schedule = new optim.lrScheduler.StepLR(opt, 2, { gamma: 0.1 });
for (let step = 0; step < 4; step++) {
  opt.zeroGrad();
  const loss = F.crossEntropy(net.forward(x), target);
  loss.backward();
  nn.utils.clipGradNorm_([...net.parameters()], 0.3);
  opt.step();
  schedule.step();
  console.log(schedule.getLastLr()[1]);
}
""",
    scheduled,
    **NET_DATA,
)


def frozen(r, w1, b1, w2, b2, x, target):
    net = net_of(w1, b1, w2, b2)
    for p in net.fc1.parameters():
        p.requires_grad_(False)
    loss = F.cross_entropy(net(t(x)), t(target, torch.int64))
    r.backward(loss, leaves={"fc2.weight": net.fc2.weight, "fc2.bias": net.fc2.bias})


model(
    "frozen",
    NET + """for (const p of net.fc1.parameters()) p.requiresGrad_(false);
F.crossEntropy(net.forward(x), target).backward();
""",
    frozen,
    **NET_DATA,
)


def sequential(r, w1, b1, w2, b2, x, y):
    net = nn.Sequential(nn.Linear(2, 3), nn.GELU(), nn.Linear(3, 1))
    net.load_state_dict({"0.weight": t(w1), "0.bias": t(b1), "2.weight": t(w2), "2.bias": t(b2)})
    x = leaf(x)
    r.module_backward(F.mse_loss(net(x).squeeze(1), t(y)), net, more={"x": x})


model(
    "sequential",
    """
import { tensor, nn, F } from "backstep";

const net = new nn.Sequential(new nn.Linear(2, 3), new nn.GELU(), new nn.Linear(3, 1));
net.loadStateDict({
  "0.weight": tensor($w1),
  "0.bias": tensor($b1),
  "2.weight": tensor($w2),
  "2.bias": tensor($b2),
});
const x = tensor($x, { requiresGrad: true });
const y = tensor($y);
F.mseLoss(net.forward(x).squeeze(1), y).backward();
""",
    sequential,
    w1=values(3, 2),
    b1=values(3),
    w2=values(1, 3),
    b2=values(1),
    x=values(4, 2),
    y=values(4),
)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(4, 12, bias=False)
        self.out = nn.Linear(4, 4, bias=False)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, -1)
        mask = torch.ones(3, 3, dtype=torch.bool).triu(1)
        scores = (q @ k.transpose(-2, -1) / 2).masked_fill(mask, float("-inf"))
        return self.out(scores.softmax(-1) @ v)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn = Attention()
        self.norm = nn.LayerNorm(4)

    def forward(self, x):
        return self.norm(x + self.attn(x))


def attention(r, qkv, out, gain, shift, x):
    net = load(Encoder(), attn__qkv__weight=qkv, attn__out__weight=out, norm__weight=gain, norm__bias=shift)
    r.module_backward(net(t(x)).pow(3).mean(), net)


model(
    "attention",
    """
import { tensor, ones, nn, type Tensor } from "backstep";

class Attention extends nn.Module {
  qkv = new nn.Linear(4, 12, { bias: false });
  out = new nn.Linear(4, 4, { bias: false });
  forward(x: Tensor) {
    const [q, k, v] = this.qkv.forward(x).chunk(3, -1);
    const mask = ones([3, 3], { dtype: "bool" }).triu(1);
    const scores = q.matmul(k.transpose(-2, -1)).div(2).maskedFill(mask, -Infinity);
    return this.out.forward(scores.softmax(-1).matmul(v));
  }
}
class Encoder extends nn.Module {
  attn = new Attention();
  norm = new nn.LayerNorm(4);
  forward(x: Tensor) {
    return this.norm.forward(x.add(this.attn.forward(x)));
  }
}

const encoder = new Encoder();
encoder.loadStateDict({
  "attn.qkv.weight": tensor($qkv),
  "attn.out.weight": tensor($out),
  "norm.weight": tensor($gain),
  "norm.bias": tensor($shift),
});
const x = tensor($x);
encoder.forward(x).pow(3).mean().backward();
""",
    attention,
    qkv=values(12, 4),
    out=values(4, 4),
    gain=values(4),
    shift=values(4),
    x=values(2, 3, 4),
)


class Conv(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3, padding=1)
        self.bn = nn.BatchNorm2d(2)
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(F.max_pool2d(F.relu(self.bn(self.conv(x))), 2).flatten(1))


def convolution(r, w, b, gain, shift, fw, fb, x, target):
    net = Conv()
    state = {"conv.weight": w, "conv.bias": b, "bn.weight": gain, "bn.bias": shift, "fc.weight": fw, "fc.bias": fb}
    net.load_state_dict({key: t(v) for key, v in state.items()}, strict=False)
    opt = optim.SGD(net.parameters(), lr=0.1)
    for _ in range(2):
        opt.zero_grad()
        r.module_backward(F.cross_entropy(net(t(x)), t(target, torch.int64)), net)
        opt.step()
    net.eval()
    opt.zero_grad()
    r.module_backward(F.cross_entropy(net(t(x)), t(target, torch.int64)), net)
    for i in range(2):
        r.log(net.bn.running_mean[i])
        r.log(net.bn.running_var[i])


model(
    "convolution",
    """
import { tensor, zeros, ones, nn, optim, F, type Tensor } from "backstep";

class Net extends nn.Module {
  conv = new nn.Conv2d(1, 2, 3, { padding: 1 });
  bn = new nn.BatchNorm2d(2);
  fc = new nn.Linear(8, 2);
  forward(x: Tensor) {
    return this.fc.forward(F.maxPool2d(F.relu(this.bn.forward(this.conv.forward(x))), 2).flatten(1));
  }
}

const net = new Net();
net.loadStateDict({
  "conv.weight": tensor($w),
  "conv.bias": tensor($b),
  "bn.weight": tensor($gain),
  "bn.bias": tensor($shift),
  "bn.running_mean": zeros([2]),
  "bn.running_var": ones([2]),
  "fc.weight": tensor($fw),
  "fc.bias": tensor($fb),
});
const x = tensor($x);
const target = tensor($target, { dtype: "int64" });
const opt = new optim.SGD(net.parameters(), { lr: 0.1 });
for (let step = 0; step < 2; step++) {
  opt.zeroGrad();
  F.crossEntropy(net.forward(x), target).backward();
  opt.step();
}
net.eval();
opt.zeroGrad();
F.crossEntropy(net.forward(x), target).backward();
for (let i = 0; i < 2; i++) {
  console.log(net.bn.runningMean.select(0, i).item());
  console.log(net.bn.runningVar.select(0, i).item());
}
""",
    convolution,
    w=values(2, 1, 3, 3),
    b=values(2),
    gain=values(2),
    shift=values(2),
    fw=values(2, 8),
    fb=values(2),
    x=values(3, 1, 4, 4),
    target=classes(2, 3),
)


def lstm(r, w, u, b, c, fw, fb, x, target):
    rnn = load(nn.LSTM(2, 3, batch_first=True), weight_ih_l0=w, weight_hh_l0=u, bias_ih_l0=b, bias_hh_l0=c)
    head = load(nn.Linear(3, 2), weight=fw, bias=fb)
    output, _ = rnn(t(x))
    loss = F.cross_entropy(head(output[:, -1]), t(target, torch.int64))
    named = {f"rnn.{k}": p for k, p in rnn.named_parameters()} | {f"head.{k}": p for k, p in head.named_parameters()}
    r.backward(loss, leaves=named)


model(
    "lstm",
    """
import { tensor, nn, F, type Tensor } from "backstep";

class Classifier extends nn.Module {
  rnn = new nn.LSTM(2, 3, { batchFirst: true });
  head = new nn.Linear(3, 2);
  forward(x: Tensor) {
    const [output] = this.rnn.forward(x);
    return this.head.forward(output.select(1, -1));
  }
}

const net = new Classifier();
net.loadStateDict({
  "rnn.weight_ih_l0": tensor($w),
  "rnn.weight_hh_l0": tensor($u),
  "rnn.bias_ih_l0": tensor($b),
  "rnn.bias_hh_l0": tensor($c),
  "head.weight": tensor($fw),
  "head.bias": tensor($fb),
});
const x = tensor($x);
const target = tensor($target, { dtype: "int64" });
F.crossEntropy(net.forward(x), target).backward();
""",
    lstm,
    w=values(12, 2),
    u=values(12, 3),
    b=values(12),
    c=values(12),
    fw=values(2, 3),
    fb=values(2),
    x=values(2, 4, 2),
    target=classes(2, 2),
)


def gru_cell(r, w, u, b, c, x, h):
    cell = load(nn.GRUCell(2, 3), weight_ih=w, weight_hh=u, bias_ih=b, bias_hh=c)
    x, h = t(x), leaf(h)
    state = h
    for i in range(3):
        state = cell(x[i], state)
    r.backward(state.pow(2).sum(), leaves={**dict(cell.named_parameters()), "h0": h})


model(
    "gru-cell",
    """
import { tensor, nn } from "backstep";

const cell = new nn.GRUCell(2, 3);
cell.loadStateDict({
  weight_ih: tensor($w),
  weight_hh: tensor($u),
  bias_ih: tensor($b),
  bias_hh: tensor($c),
});
const x = tensor($x);
const h0 = tensor($h, { requiresGrad: true });
let h = h0;
for (let i = 0; i < 3; i++) h = cell.forward(x.select(0, i), h);
h.pow(2).sum().backward();
""",
    gru_cell,
    w=values(9, 2),
    u=values(9, 3),
    b=values(9),
    c=values(9),
    x=values(3, 1, 2),
    h=values(1, 3),
)


def embedding(r, table, w, ids, target):
    embed = load(nn.Embedding(5, 3, padding_idx=0), weight=table)
    w = leaf(w)
    h = embed(t(ids, torch.int64)).mean(1)
    r.backward(F.cross_entropy(h @ w, t(target, torch.int64)), leaves={"weight": embed.weight, "w": w})


model(
    "embedding",
    """
import { tensor, nn, F } from "backstep";

const embed = new nn.Embedding(5, 3, { paddingIdx: 0 });
embed.loadStateDict({ weight: tensor($table) });
const w = tensor($w, { requiresGrad: true });
const ids = tensor($ids, { dtype: "int64" });
const target = tensor($target, { dtype: "int64" });
const h = embed.forward(ids).mean(1);
F.crossEntropy(h.matmul(w), target).backward();
""",
    embedding,
    table=values(5, 3),
    w=values(3, 4),
    ids=classes(5, 2, 3),
    target=classes(4, 2),
)


class Scale(nn.Module):
    def __init__(self, start):
        super().__init__()
        self.log_scale = nn.Parameter(t(start))

    def forward(self, x):
        return x * self.log_scale.exp()


def parameter(r, start, x):
    scale = Scale(start)
    opt = optim.Adam(scale.parameters(), lr=0.1)
    for _ in range(3):
        opt.zero_grad()
        r.module_backward((scale(t(x)).std(0) - 1).square().sum(), scale)
        opt.step()


model(
    "parameter",
    """
import { tensor, nn, optim, type Tensor } from "backstep";

class Scale extends nn.Module {
  logScale = new nn.Parameter(tensor($start));
  forward(x: Tensor) {
    return x.mul(this.logScale.exp());
  }
}

const scale = new Scale();
const opt = new optim.Adam(scale.parameters(), { lr: 0.1 });
const x = tensor($x);
for (let step = 0; step < 3; step++) {
  opt.zeroGrad();
  scale.forward(x).std(0).sub(1).square().sum().backward();
  opt.step();
}
""",
    parameter,
    start=values(2),
    x=values(5, 2),
)


def tied(r, table, ids, target):
    embed = load(nn.Embedding(4, 3), weight=table)
    h = embed(t(ids, torch.int64)).tanh()
    r.backward(F.cross_entropy(h @ embed.weight.t(), t(target, torch.int64)), leaves={"weight": embed.weight})


model(
    "tied-weights",
    """
import { tensor, nn, F } from "backstep";

const embed = new nn.Embedding(4, 3);
embed.loadStateDict({ weight: tensor($table) });
const ids = tensor($ids, { dtype: "int64" });
const target = tensor($target, { dtype: "int64" });
const h = embed.forward(ids).tanh();
F.crossEntropy(h.matmul(embed.weight.t()), target).backward();
""",
    tied,
    table=values(4, 3),
    ids=classes(4, 3),
    target=classes(4, 3),
)

# ----------------------------------------------------------------- losses and numbers that are not finite


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
