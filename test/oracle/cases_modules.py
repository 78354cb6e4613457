"""Modules with given weights: their outputs, their state, and the gradients of their parameters.

The JavaScript of every case makes the module, loads the inputs s0, s1 … as its state under PyTorch's keys, and reports
its parameters, in order, as leaves p0, p1 …
"""

import torch
from torch import nn

from declare import ByDtype, Family, Result
from specs import bools, distinct, ints, literal, normal, positive, spread

family = Family("modules")
case = family.case


# A norm over four numbers divides by what is left when they cancel: in float32 that is PyTorch's own rounding.
ROUNDED = ByDtype(float32={"relative": 1e-4, "absolute": 1e-5})


def module(
    op, constructor, make, call, run, *, state=None, label=None, second=True, dtypes=None, training=True, **inputs
):
    """Declares a module: `constructor` and `make` build it, `call` and `run` use it as `m`."""
    template = make()
    keys = list(template.state_dict())
    keys = [key for key in keys if not key.endswith("num_batches_tracked")]
    state = state or {}
    specs = {}
    for number, key in enumerate(keys):
        shape = tuple(template.state_dict()[key].shape)
        specs[f"s{number}"] = state.get(key, normal)(*shape).constant()
    entries = ", ".join(f'"{key}": s{number}' for number, key in enumerate(keys))
    load = f"m.loadStateDict({{ {entries} }}); " if keys else ""
    mode = "" if training else "m.eval(); "
    code = f"const m = {constructor}; {load}{mode}return {{ outputs: {call}, leaves: m.parameters() }}"

    def function(dtype=torch.float32, **tensors):
        m = make().to(dtype)
        m.train(training)
        loaded = {key: tensors.pop(f"s{number}") for number, key in enumerate(keys)}
        m.load_state_dict(loaded, strict=False)
        parameters = {f"p{number}": p for number, p in enumerate(m.parameters())}
        return Result(run(m, **tensors), **parameters)

    case(
        op,
        code,
        function,
        tolerance=ROUNDED if op in ("nn.MultiheadAttention", "nn.TransformerEncoderLayer") else None,
        label=label or constructor.replace(", $dtype", ""),
        second=second,
        dtypes=dtypes,
        **inputs,
        **specs,
    )


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
    f"new nn.Conv2d(2, 2, [1, 3], {{ groups: 2, dtype: $dtype }})",
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
    f"new nn.BatchNorm1d(2, {{ affine: false, dtype: $dtype }})",
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

# ----------------------------------------------------------------- recurrent

for name, make in [("RNNCell", nn.RNNCell), ("GRUCell", nn.GRUCell)]:
    constructor = f"new nn.{name}(3, 2, {{ dtype: $dtype }})"
    module(
        f"nn.{name}",
        constructor,
        lambda make=make: make(3, 2),
        "m.forward(x, h)",
        lambda m, x, h: m(x, h),
        x=normal(2, 3),
        h=normal(2, 2),
    )
    module(
        f"nn.{name}",
        constructor,
        lambda make=make: make(3, 2),
        "m.forward(x, h)",
        lambda m, x, h: m(x, h),
        x=normal(3),
        h=normal(2),
    )
    module(
        f"nn.{name}",
        constructor,
        lambda make=make: make(3, 2),
        "m.forward(x, m.forward(x, h))",
        lambda m, x, h: m(x, m(x, h)),
        label=f"{name}, two steps",
        x=normal(1, 3),
        h=normal(1, 2),
    )
    module(
        f"nn.{name}",
        f"new nn.{name}(3, 2)",
        lambda make=make: make(3, 2),
        "m.forward(x, h)",
        lambda m, x, h: m(x, h),
        x=normal(2, 3).of("float32"),
        h=normal(2, 2).of("float32"),
    )
module(
    "nn.RNNCell",
    'new nn.RNNCell(3, 2, { nonlinearity: "relu", dtype: $dtype })',
    lambda: nn.RNNCell(3, 2, nonlinearity="relu"),
    "m.forward(x, h)",
    lambda m, x, h: m(x, h),
    x=normal(2, 3),
    h=normal(2, 2),
)
LSTM_CELL = "new nn.LSTMCell(3, 2, { dtype: $dtype })"
module(
    "nn.LSTMCell",
    LSTM_CELL,
    lambda: nn.LSTMCell(3, 2),
    "m.forward(x, [h, c])",
    lambda m, x, h, c: m(x, (h, c)),
    x=normal(2, 3),
    h=normal(2, 2),
    c=normal(2, 2),
)
module(
    "nn.LSTMCell",
    LSTM_CELL,
    lambda: nn.LSTMCell(3, 2),
    "m.forward(x, m.forward(x, [h, c]))",
    lambda m, x, h, c: m(x, m(x, (h, c))),
    label="LSTMCell, two steps",
    x=normal(1, 3),
    h=normal(1, 2),
    c=normal(1, 2),
)

LAYERS = [
    # options in JavaScript               in PyTorch                     shape of x
    ("", {}, (3, 2, 3)),
    ("", {}, (3, 3)),
    ("", {}, (1, 2, 3)),
    ("numLayers: 2, ", dict(num_layers=2), (3, 1, 3)),
    ("batchFirst: true, ", dict(batch_first=True), (2, 3, 3)),
    ("numLayers: 2, batchFirst: true, ", dict(num_layers=2, batch_first=True), (2, 2, 3)),
    ("bias: false, ", dict(bias=False), (2, 1, 3)),
    ("bidirectional: true, ", dict(bidirectional=True), (3, 1, 3)),
    ("numLayers: 2, bidirectional: true, ", dict(num_layers=2, bidirectional=True), (2, 1, 3)),
]
for name, make in [("RNN", nn.RNN), ("GRU", nn.GRU), ("LSTM", nn.LSTM)]:
    for text, options, shape in LAYERS:
        module(
            f"nn.{name}",
            f"new nn.{name}(3, 2, {{ {text}dtype: $dtype }})",
            lambda make=make, o=options: make(3, 2, **o),
            "m.forward(x).flat()",
            lambda m, x: m(x),
            label=f"{name}({text}x)",
            x=normal(*shape),
        )
    states = dict(h=normal(2, 1, 2), c=normal(2, 1, 2)) if name == "LSTM" else dict(h=normal(2, 1, 2))
    module(
        f"nn.{name}",
        f"new nn.{name}(3, 2, {{ numLayers: 2, dtype: $dtype }})",
        lambda make=make: make(3, 2, num_layers=2),
        "m.forward(x, [h, c]).flat()" if name == "LSTM" else "m.forward(x, h)",
        (lambda m, x, h, c: m(x, (h, c))) if name == "LSTM" else (lambda m, x, h: m(x, h)),
        label=f"{name} with a given state",
        x=normal(3, 1, 3),
        **states,
    )
module(
    "nn.LSTM",
    "new nn.LSTM(2, 3, { batchFirst: true, dtype: $dtype })",
    lambda: nn.LSTM(2, 3, batch_first=True),
    "m.forward(x)[0].select(1, -1)",
    lambda m, x: m(x)[0][:, -1],
    label="LSTM, last output",
    x=normal(2, 4, 2),
)
module(
    "nn.GRU",
    "new nn.GRU(3, 2)",
    lambda: nn.GRU(3, 2),
    "m.forward(x)",
    lambda m, x: m(x),
    x=normal(3, 2, 3).of("float32"),
)

# ----------------------------------------------------------------- attention

for text, options, shape in [
    ("", {}, (3, 2, 4)),
    ("batchFirst: true, ", dict(batch_first=True), (2, 3, 4)),
    ("bias: false, ", dict(bias=False), (3, 1, 4)),
]:
    module(
        "nn.MultiheadAttention",
        f"new nn.MultiheadAttention(4, 2, {{ {text}dtype: $dtype }})",
        lambda o=options: nn.MultiheadAttention(4, 2, **o),
        "m.forward(x, x, x)",
        lambda m, x: m(x, x, x),
        label=f"self-attention ({text})",
        x=normal(*shape),
        second=False,
    )
module(
    "nn.MultiheadAttention",
    "new nn.MultiheadAttention(4, 2, { batchFirst: true, dtype: $dtype })",
    lambda: nn.MultiheadAttention(4, 2, batch_first=True),
    "m.forward(q, k, v)",
    lambda m, q, k, v: m(q, k, v),
    label="attention to another sequence",
    q=normal(1, 2, 4),
    k=normal(1, 3, 4),
    v=normal(1, 3, 4),
)
CAUSAL = literal([[0, 1, 1], [0, 0, 1], [0, 0, 0]], "bool")
module(
    "nn.MultiheadAttention",
    "new nn.MultiheadAttention(4, 1, { batchFirst: true, dtype: $dtype })",
    lambda: nn.MultiheadAttention(4, 1, batch_first=True),
    "m.forward(x, x, x, { attnMask: mask })",
    lambda m, x, mask: m(x, x, x, attn_mask=mask),
    label="causal mask",
    x=normal(1, 3, 4),
    mask=CAUSAL,
    second=False,
)
module(
    "nn.MultiheadAttention",
    "new nn.MultiheadAttention(4, 2, { batchFirst: true, dtype: $dtype })",
    lambda: nn.MultiheadAttention(4, 2, batch_first=True),
    "m.forward(x, x, x, { keyPaddingMask: pad })",
    lambda m, x, pad: m(x, x, x, key_padding_mask=pad),
    label="padding mask",
    x=normal(2, 3, 4),
    pad=literal([[0, 0, 1], [0, 0, 0]], "bool"),
    second=False,
)
module(
    "nn.MultiheadAttention",
    "new nn.MultiheadAttention(4, 2, { batchFirst: true, dtype: $dtype })",
    lambda: nn.MultiheadAttention(4, 2, batch_first=True),
    "m.forward(x, x, x, { needWeights: false })[0]",
    lambda m, x: m(x, x, x, need_weights=False)[0],
    label="without weights",
    x=normal(1, 2, 4),
    second=False,
)
for text, options in [
    ("", {}),
    ("normFirst: true, ", dict(norm_first=True)),
    ('activation: "gelu", ', dict(activation="gelu")),
    ("batchFirst: true, ", dict(batch_first=True)),
]:
    for training in (True, False):
        module(
            "nn.TransformerEncoderLayer",
            f"new nn.TransformerEncoderLayer(4, 2, {{ dimFeedforward: 3, dropout: 0, {text}dtype: $dtype }})",
            lambda o=options: nn.TransformerEncoderLayer(4, 2, 3, dropout=0.0, **o),
            "m.forward(x)",
            lambda m, x: m(x),
            label=f"TransformerEncoderLayer ({text}{'train' if training else 'eval'})",
            training=training,
            x=normal(2, 1, 4),
            second=False,
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
