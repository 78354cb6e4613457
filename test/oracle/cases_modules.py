"""Modules with given weights: their outputs, their state, and the gradients of their parameters: see module_case.py."""

from functools import partial

import torch
from torch import nn

from declare import Family, Result
from module_case import declare_module
from specs import distinct, literal, normal, positive, spread

family = Family("modules")
case = family.case
module = partial(declare_module, case)

F64 = "{ dtype: $dtype }"

# ----------------------------------------------------------------- linear and convolution

module(
    "nn.Linear",
    f"new nn.Linear(3, 2, {F64})",
    lambda: nn.Linear(3, 2),
    "m.forward(x)",
    lambda m, x: m(x),
    x=normal(4, 3),
)
module(
    "nn.Linear",
    f"new nn.Linear(3, 2, {F64})",
    lambda: nn.Linear(3, 2),
    "m.forward(x)",
    lambda m, x: m(x),
    x=normal(2, 2, 3),
)
module(
    "nn.Linear", f"new nn.Linear(3, 2, {F64})", lambda: nn.Linear(3, 2), "m.forward(x)", lambda m, x: m(x), x=normal(3)
)
module(
    "nn.Linear",
    "new nn.Linear(3, 2, { bias: false, dtype: $dtype })",
    lambda: nn.Linear(3, 2, bias=False),
    "m.forward(x)",
    lambda m, x: m(x),
    x=normal(4, 3),
)
for text, options in [
    ("", {}),
    ("stride: 2, ", dict(stride=2)),
    ("padding: 1, ", dict(padding=1)),
    ('padding: "same", ', dict(padding="same")),
    ("dilation: 2, ", dict(dilation=2)),
    ("bias: false, ", dict(bias=False)),
]:
    module(
        "nn.Conv2d",
        f"new nn.Conv2d(2, 3, 2, {{ {text}dtype: $dtype }})",
        lambda o=options: nn.Conv2d(2, 3, 2, **o),
        "m.forward(x)",
        lambda m, x: m(x),
        x=normal(1, 2, 4, 4),
    )
module(
    "nn.Conv2d",
    "new nn.Conv2d(2, 2, [1, 3], { groups: 2, dtype: $dtype })",
    lambda: nn.Conv2d(2, 2, (1, 3), groups=2),
    "m.forward(x)",
    lambda m, x: m(x),
    x=normal(1, 2, 3, 4),
)
module(
    "nn.Conv1d",
    f"new nn.Conv1d(2, 3, 2, {F64})",
    lambda: nn.Conv1d(2, 3, 2),
    "m.forward(x)",
    lambda m, x: m(x),
    x=normal(1, 2, 4),
)
module(
    "nn.ConvTranspose2d",
    "new nn.ConvTranspose2d(2, 3, 2, { stride: 2, dtype: $dtype })",
    lambda: nn.ConvTranspose2d(2, 3, 2, stride=2),
    "m.forward(x)",
    lambda m, x: m(x),
    x=normal(1, 2, 2, 2),
)

# ----------------------------------------------------------------- norms

for training in (True, False):
    mode = "train" if training else "eval"
    for text, options in [
        ("", {}),
        ("momentum: 0.3, ", dict(momentum=0.3)),
        ("momentum: null, ", dict(momentum=None)),
        ("eps: 0.1, ", dict(eps=0.1)),
    ]:
        for name, make, shape in [
            ("BatchNorm2d", nn.BatchNorm2d, (2, 3, 2, 2)),
            ("BatchNorm1d", nn.BatchNorm1d, (4, 3)),
        ]:
            module(
                f"nn.{name}",
                f"new nn.{name}(3, {{ {text}dtype: $dtype }})",
                lambda make=make, o=options: make(3, **o),
                "[m.forward(x), m.runningMean, m.runningVar]",
                lambda m, x: [m(x), m.running_mean, m.running_var],
                state={"running_var": positive},
                label=f"{name}({text}{mode})",
                training=training,
                x=normal(*shape),
            )


def two_batches(m, x, y):
    m(x)
    m(y)
    m.eval()
    return [m(x), m.running_mean, m.running_var]


module(
    "nn.BatchNorm2d",
    f"new nn.BatchNorm2d(2, {F64})",
    lambda: nn.BatchNorm2d(2),
    "(m.forward(x), m.forward(y), m.eval(), [m.forward(x), m.runningMean, m.runningVar])",
    two_batches,
    state={"running_var": positive},
    label="two batches, then eval",
    x=normal(2, 2, 2, 2),
    y=normal(1, 2, 2, 2),
)
module(
    "nn.BatchNorm1d",
    "new nn.BatchNorm1d(2, { affine: false, dtype: $dtype })",
    lambda: nn.BatchNorm1d(2, affine=False),
    "m.forward(x)",
    lambda m, x: m(x),
    state={"running_var": positive},
    x=normal(2, 2, 3),
)
for text, make, shape in [
    ("new nn.LayerNorm(4, { dtype: $dtype })", lambda: nn.LayerNorm(4), (3, 4)),
    ("new nn.LayerNorm([3, 2], { dtype: $dtype })", lambda: nn.LayerNorm([3, 2]), (2, 3, 2)),
    ("new nn.LayerNorm(4, { eps: 0.1, dtype: $dtype })", lambda: nn.LayerNorm(4, eps=0.1), (3, 4)),
    (
        "new nn.LayerNorm(4, { elementwiseAffine: false, dtype: $dtype })",
        lambda: nn.LayerNorm(4, elementwise_affine=False),
        (3, 4),
    ),
    ("new nn.GroupNorm(2, 4, { dtype: $dtype })", lambda: nn.GroupNorm(2, 4), (2, 4, 3)),
    (
        "new nn.GroupNorm(2, 4, { affine: false, dtype: $dtype })",
        lambda: nn.GroupNorm(2, 4, affine=False),
        (2, 4, 2, 2),
    ),
]:
    module(text.split("(")[0][4:], text, make, "m.forward(x)", lambda m, x: m(x), x=normal(*shape))
module(
    "nn.LayerNorm",
    "new nn.LayerNorm(4)",
    lambda: nn.LayerNorm(4),
    "m.forward(x)",
    lambda m, x: m(x),
    x=normal(2, 4).of("float32"),
)


class RMSNorm(nn.Module):
    """torch.nn.RMSNorm, which came after 1.13."""

    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        return x * (x.square().mean(-1, keepdim=True) + self.eps).rsqrt() * self.weight


module(
    "nn.RMSNorm",
    "new nn.RMSNorm(4, { eps: 1e-6, dtype: $dtype })",
    lambda: RMSNorm(4),
    "m.forward(x)",
    lambda m, x: m(x),
    x=normal(3, 4),
)

# ----------------------------------------------------------------- embedding

for ids in (literal([0, 2, 2], "int64"), literal([[1, 3], [0, 1]], "int64")):
    module(
        "nn.Embedding",
        "new nn.Embedding(4, 3)",
        lambda: nn.Embedding(4, 3),
        "m.forward(i)",
        lambda m, i: m(i),
        i=ids,
        dtypes=("float32",),
    )
    module(
        "nn.Embedding",
        "new nn.Embedding(4, 3, { paddingIdx: 1, dtype: $dtype })",
        lambda: nn.Embedding(4, 3, padding_idx=1),
        "m.forward(i)",
        lambda m, i: m(i),
        i=ids,
    )

# ----------------------------------------------------------------- without parameters

for text, make, spec in [
    ("nn.ReLU()", nn.ReLU, spread(6)),
    ("nn.GELU()", nn.GELU, spread(6)),
    ("nn.SiLU()", nn.SiLU, spread(6)),
    ("nn.Tanh()", nn.Tanh, spread(6)),
    ("nn.Sigmoid()", nn.Sigmoid, spread(6)),
    ("nn.ELU()", nn.ELU, spread(6)),
    ("nn.LeakyReLU(0.2)", lambda: nn.LeakyReLU(0.2), spread(6)),
    ("nn.Softplus()", nn.Softplus, spread(6)),
    ("nn.Softmax(1)", lambda: nn.Softmax(1), normal(2, 3)),
    ("nn.LogSoftmax(1)", lambda: nn.LogSoftmax(1), normal(2, 3)),
    ("nn.Flatten()", nn.Flatten, normal(2, 3, 2)),
    ("nn.Identity()", nn.Identity, normal(2)),
    ("nn.MaxPool2d(2)", lambda: nn.MaxPool2d(2), distinct(1, 1, 4, 4)),
    ("nn.MaxPool2d(3, { stride: 1, padding: 1 })", lambda: nn.MaxPool2d(3, stride=1, padding=1), distinct(1, 1, 3, 3)),
    ("nn.AvgPool2d(2)", lambda: nn.AvgPool2d(2), normal(1, 1, 4, 4)),
    ("nn.AdaptiveAvgPool2d(2)", lambda: nn.AdaptiveAvgPool2d(2), normal(1, 2, 3, 5)),
]:
    module(text.split("(")[0], f"new {text}", make, "m.forward(x)", lambda m, x: m(x), x=spec)
module(
    "nn.Dropout",
    "new nn.Dropout(0.5)",
    lambda: nn.Dropout(0.5),
    "m.forward(x)",
    lambda m, x: m(x),
    training=False,
    label="Dropout in eval",
    x=normal(2, 3),
)

# ----------------------------------------------------------------- modules of modules

SEQUENTIAL = (
    "new nn.Sequential(new nn.Linear(3, 4, { dtype: $dtype }), new nn.GELU(), new nn.Linear(4, 2, { dtype: $dtype }))"
)
module(
    "nn.Sequential",
    SEQUENTIAL,
    lambda: nn.Sequential(nn.Linear(3, 4), nn.GELU(), nn.Linear(4, 2)),
    "m.forward(x)",
    lambda m, x: m(x),
    label="Sequential",
    x=normal(2, 3),
)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3))
        self.fc1 = nn.Linear(3, 3)
        self.norm = nn.LayerNorm(3)

    def forward(self, x):
        return self.norm(x + self.fc1(x).tanh() * self.scale)


BLOCK = (
    "new (class Block extends nn.Module { scale = new nn.Parameter(ones([3], { dtype: $dtype }));"
    " fc1 = new nn.Linear(3, 3, { dtype: $dtype }); norm = new nn.LayerNorm(3, { dtype: $dtype });"
    " forward(x) { return this.norm.forward(x.add(this.fc1.forward(x).tanh().mul(this.scale))); } })()"
)
module("nn.Module", BLOCK, Block, "m.forward(x)", lambda m, x: m(x), label="a residual block", x=normal(2, 3))


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(4, 3)
        self.out = nn.Linear(3, 4, bias=False)
        self.out.weight = self.embed.weight

    def forward(self, i):
        return self.out(self.embed(i).tanh())


case(
    "nn.Module",
    "const m = new (class Tied extends nn.Module { embed = new nn.Embedding(4, 3); out = new nn.Linear(3, 4, { bias: false });"
    " constructor() { super(); this.out.weight = this.embed.weight; }"
    " forward(i) { return this.out.forward(this.embed.forward(i).tanh()); } })();"
    ' m.loadStateDict({ "embed.weight": w, "out.weight": w });'
    " return { outputs: [m.forward(i)], leaves: m.parameters() }",
    lambda i, w: (
        lambda m: (m.load_state_dict({"embed.weight": w, "out.weight": w}), Result([m(i)], p0=m.embed.weight))[1]
    )(Tied()),
    label="tied weights",
    i=literal([0, 2, 2], "int64"),
    w=normal(4, 3).of("float32").constant(),
)

# ----------------------------------------------------------------- init, clipping, housekeeping

for name, code, function in [
    ("constant_", "nn.init.constant_(x, 0.3)", lambda x: nn.init.constant_(x, 0.3)),
    ("zeros_", "nn.init.zeros_(x)", nn.init.zeros_),
    ("ones_", "nn.init.ones_(x)", nn.init.ones_),
    ("eye_", "nn.init.eye_(x)", nn.init.eye_),
]:
    case(f"nn.init.{name}", code, function, x=normal(2, 3).constant())
    case(
        f"nn.init.{name}",
        f"{code}; x.mul(x).sum().backward(); return [x.detach(), x.grad]",
        lambda x, f=function: (f(x), (x * x).sum().backward(), [x.detach(), x.grad])[2],
        x=normal(3, 3),
        label=f"{name} of a leaf",
    )

for limit in ("0.5", "100", "2.5"):
    case(
        "nn.utils.clipGradNorm_",
        f"x.mul(x).sum().add(y.pow(3).sum()).backward(); const n = nn.utils.clipGradNorm_([x, y], {limit}); return [n, x.grad, y.grad]",
        lambda x, y, limit=float(limit): (
            ((x * x).sum() + y.pow(3).sum()).backward(),
            [nn.utils.clip_grad_norm_([x, y], limit), x.grad, y.grad],
        )[1],
        x=normal(2, 2),
        y=normal(3),
        label=f"maxNorm {limit}",
        second=False,
    )
case(
    "nn.utils.clipGradNorm_",
    "x.mul(x).sum().backward(); const n = nn.utils.clipGradNorm_([x, y], 0.1); return [n, x.grad]",
    lambda x, y: ((x * x).sum().backward(), [nn.utils.clip_grad_norm_([x, y], 0.1), x.grad])[1],
    x=normal(3),
    y=normal(2),
    label="a tensor without a gradient",
)
for p, text in [(1, "1"), (float("inf"), "Infinity")]:
    case(
        "nn.utils.clipGradNorm_",
        f"x.mul(x).sum().backward(); const n = nn.utils.clipGradNorm_([x], 0.5, {{ normType: {text} }}); return [n, x.grad]",
        lambda x, p=p: ((x * x).sum().backward(), [nn.utils.clip_grad_norm_([x], 0.5, norm_type=p), x.grad])[1],
        x=normal(3),
        label=f"normType {text}",
    )
case(
    "nn.utils.clipGradValue_",
    "x.mul(x).sum().backward(); nn.utils.clipGradValue_([x], 0.5); return x.grad",
    lambda x: ((x * x).sum().backward(), nn.utils.clip_grad_value_([x], 0.5), x.grad)[2],
    x=normal(4),
)
case(
    "nn.Module",
    "const m = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU(), new nn.Linear(3, 1));"
    " return [...m.parameters()].map((p) => zerosLike(p))",
    lambda: [torch.zeros(3, 2), torch.zeros(3), torch.zeros(1, 3), torch.zeros(1)],
    label="order of parameters",
)
case(
    "nn.LSTM",
    "return [...new nn.LSTM(2, 3, { numLayers: 2 }).parameters()].map((p) => zerosLike(p))",
    lambda: [torch.zeros_like(p) for p in nn.LSTM(2, 3, num_layers=2).parameters()],
    label="order of parameters",
)
case(
    "nn.Module",
    "const m = new nn.Sequential(new nn.Dropout(0.5), new nn.BatchNorm1d(2)); m.eval();"
    " return [m.training, m.forward(x)]",
    lambda x: [False, x / (1 + 1e-5) ** 0.5],
    x=normal(3, 2).of("float32").constant(),
    label="eval reaches the children",
)
