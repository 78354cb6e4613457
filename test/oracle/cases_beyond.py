"""What a port reaches for that the list of signatures does not name, under the names one would guess."""

import torch
import torch.nn.functional as F
from torch import nn

from declare import Family, Result
from specs import bools, distinct, ints, literal, nonzero, normal, positive, probabilities, spread, tied, unit

family = Family("beyond")
case = family.case
INF = float("inf")

# ----------------------------------------------------------------- elementwise

for op, code, function, domain in [
    ("exp2", "x.exp2()", lambda x: x.exp2(), normal),
    ("frac", "x.frac()", lambda x: x.frac(), nonzero),
    ("logit", "x.logit()", lambda x: x.logit(), unit),
    ("fix", "x.trunc()", lambda x: x.trunc(), nonzero),
    ("F.hardswish", "F.hardswish(x)", F.hardswish, spread),
    ("F.softsign", "F.softsign(x)", F.softsign, nonzero),
    ("F.mish", "F.mish(x)", F.mish, spread),
    ("F.glu", "F.glu(x, 0)", lambda x: F.glu(x, 0), lambda *s: normal(4)),
    (
        "F.prelu",
        "F.prelu(x, tensor([0.2], { dtype: x.dtype }))",
        lambda x: F.prelu(x, torch.tensor([0.2], dtype=x.dtype)),
        nonzero,
    ),
]:
    case(op, code, lambda x, f=function: f(x), x=domain(6))
for op, code, function, left, right in [
    ("atan2", "x.atan2(y)", lambda x, y: x.atan2(y), nonzero, nonzero),
    ("hypot", "x.hypot(y)", lambda x, y: x.hypot(y), nonzero, nonzero),
    ("logaddexp", "x.logaddexp(y)", lambda x, y: x.logaddexp(y), normal, normal),
    ("remainder", "x.remainder(y)", lambda x, y: x.remainder(y), normal, nonzero),
    ("fmod", "x.fmod(y)", lambda x, y: x.fmod(y), normal, nonzero),
    ("xlogy", "x.xlogy(y)", lambda x, y: x.xlogy(y), positive, positive),
    ("copysign", "x.copysign(y)", lambda x, y: x.copysign(y), nonzero, lambda *s: nonzero(*s).constant()),
]:
    case(op, code, lambda x, y, f=function: f(x, y), x=left(2, 3), y=right(3))
case("remainder", "x.remainder(2)", lambda x: x.remainder(2), x=literal([-3.5, -1.0, 0.5, 4.25]))
case("remainder", "x.remainder(3)", lambda x: x.remainder(3), x=ints(-5, 9, 6))
case("fmod", "x.fmod(2)", lambda x: x.fmod(2), x=literal([-3.5, -1.0, 0.5, 4.25]))
case("floorDivide", "x.floorDivide(2)", lambda x: torch.div(x, 2, rounding_mode="floor"), x=ints(-5, 9, 6))
case("isnan", "x.isnan()", lambda x: x.isnan(), x=literal([0.0, float("nan"), INF]).constant())
case("isinf", "x.isinf()", lambda x: x.isinf(), x=literal([0.0, float("nan"), -INF]).constant())
case("isfinite", "x.isfinite()", lambda x: x.isfinite(), x=literal([0.0, float("nan"), INF]).constant())
case("nanToNum", "x.nanToNum()", lambda x: x.nan_to_num(), x=literal([1.5, float("nan"), INF, -INF]).constant())
case("nanToNum", "x.nanToNum(2)", lambda x: x.nan_to_num(2.0), x=literal([1.5, float("nan")]).constant())
case("clampMin", "x.clampMin(0.2)", lambda x: x.clamp_min(0.2), x=normal(5))
case("clampMax", "x.clampMax(0.2)", lambda x: x.clamp_max(0.2), x=normal(5))
case(
    "clamp",
    "x.clamp(lo, hi)",
    lambda x, lo, hi: x.clamp(lo, hi),
    x=normal(2, 3),
    lo=literal([-1.0, -0.5, 0.0]).constant(),
    hi=literal([1.0, 0.5, 0.2]).constant(),
)
case("logicalOr", "a.logicalOr(b)", torch.logical_or, a=bools(3), b=bools(3))
case(
    "allclose",
    "[x.allclose(x.add(1e-9)), x.allclose(x.add(1))]",
    lambda x: [True, False],
    x=normal(3).of("float64").constant(),
)
case("equal", "[x.equal(x.clone()), x.equal(x.add(1))]", lambda x: [True, False], x=normal(3).constant())

# ----------------------------------------------------------------- reductions

for op, code, function in [
    ("median", "x.median()", lambda x: x.median()),
    ("median", "x.median(1)", lambda x: x.median(1)),
    ("kthvalue", "x.kthvalue(2, 1)", lambda x: x.kthvalue(2, 1)),
    ("nansum", "x.nansum()", lambda x: x.nansum()),
    ("cumprod", "x.cumprod(1)", lambda x: x.cumprod(1)),
    ("dist", "x.dist(x.mul(0.5))", lambda x: x.dist(x * 0.5)),
]:
    case(op, code, lambda x, f=function: f(x), x=distinct(2, 5))
case(
    "aminmax",
    "const { min, max } = x.aminmax(); return [min, max]",
    lambda x: tuple(x.aminmax()),
    x=distinct(2, 5).constant(),
)
case("all", "x.all(0)", lambda x: x.all(0), x=bools(3, 2))
case("any", "x.any(0, true)", lambda x: x.any(0, keepdim=True), x=bools(3, 2))
case("countNonzero", "x.countNonzero()", lambda x: x.count_nonzero(), x=ints(0, 3, 6))
case("unique", "x.unique()", lambda x: x.unique(), x=ints(0, 4, 8))
case("bincount", "x.bincount()", lambda x: x.bincount(), x=ints(0, 5, 8))
case("quantile", "x.quantile(0.3)", lambda x: x.quantile(0.3), x=distinct(7))
case("prod", "x.prod(1)", lambda x: x.prod(1), x=ints(-3, 4, 2, 3), label="of int64 over an axis")

# ----------------------------------------------------------------- matrices and shapes

case(
    "baddbmm",
    "b.baddbmm(x, y)",
    lambda b, x, y: b.baddbmm(x, y),
    b=normal(2, 2, 2),
    x=normal(2, 2, 3),
    y=normal(2, 3, 2),
)
case("addmv", "b.addmv(x, v)", lambda b, x, v: b.addmv(x, v), b=normal(2), x=normal(2, 3), v=normal(3))
case(
    "addmm",
    "b.addmm(x, y, { beta: 0.5 })",
    lambda b, x, y: b.addmm(x, y, beta=0.5),
    b=normal(4),
    x=normal(2, 3),
    y=normal(3, 4),
)
case("kron", "x.kron(y)", lambda x, y: torch.kron(x, y), x=normal(2, 2), y=normal(2, 3))
case("tensordot", "tensordot(x, y, 1)", lambda x, y: torch.tensordot(x, y, 1), x=normal(2, 3), y=normal(3, 2))
case("dot", "dot(x, y)", torch.dot, x=normal(3), y=normal(3))
case("matmul", "matmul(x, y)", torch.matmul, x=normal(2, 3), y=normal(3, 2))
case("T", "x.T", lambda x: x.T, x=normal(2, 3))
case("mT", "x.mT", lambda x: x.mT, x=normal(2, 3, 2))
for code, function, shape in [
    ("x.tile(2, 2)", lambda x: x.tile(2, 2), (2, 3)),
    ("x.rot90()", lambda x: x.rot90(), (2, 3)),
    ("x.fliplr()", lambda x: x.fliplr(), (2, 3)),
    ("x.flipud()", lambda x: x.flipud(), (2, 3)),
    ("x.swapaxes(0, 1)", lambda x: x.swapaxes(0, 1), (2, 3)),
    ("x.ravel()", lambda x: x.ravel(), (2, 3)),
    ("x.unflatten(1, [2, 2])", lambda x: x.unflatten(1, (2, 2)), (3, 4)),
    ("x.tensorSplit(3, 0)", lambda x: x.tensor_split(3, 0), (5,)),
    ("x.diagEmbed()", lambda x: x.diag_embed(), (2, 3)),
    ("x.reshapeAs(x.t())", lambda x: x.reshape(3, 2), (2, 3)),
    ("x.unfold(0, 3, 2)", lambda x: x.unfold(0, 3, 2), (7,)),
    ("x.unfold(1, 2, 1)", lambda x: x.unfold(1, 2, 1), (2, 4)),
    ("x.outer(x)", lambda x: x.outer(x), (3,)),
    ("hstack([x, x])", lambda x: torch.hstack([x, x]), (2, 2)),
    ("vstack([x, x])", lambda x: torch.vstack([x, x]), (2, 2)),
    (
        "x.repeatInterleave(tensor([1, 0, 2], { dtype: 'int64' }), 0)",
        lambda x: x.repeat_interleave(torch.tensor([1, 0, 2]), 0),
        (3, 2),
    ),
]:
    op = code.replace("x.", "", 1).split("(")[0]
    case(op, code, lambda x, f=function: f(x), x=normal(*shape), dtypes=("float64",))
case("meshgrid", "meshgrid(x, y)", lambda x, y: torch.meshgrid(x, y, indexing="ij"), x=normal(2), y=normal(3))

# ----------------------------------------------------------------- indexing

case(
    "indexCopy",
    "x.indexCopy(0, i, s)",
    lambda x, i, s: x.index_copy(0, i, s),
    x=normal(3, 2),
    i=literal([2, 0], "int64"),
    s=normal(2, 2),
)
case(
    "indexPut",
    "x.indexPut([i], s)",
    lambda x, i, s: x.index_put((i,), s),
    x=normal(3, 2),
    i=literal([2, 0], "int64"),
    s=normal(2, 2),
)
case(
    "indexPut",
    "x.indexPut([i, j], s)",
    lambda x, i, j, s: x.index_put((i, j), s),
    x=normal(3, 2),
    i=literal([2, 0], "int64"),
    j=literal([1, 1], "int64"),
    s=normal(2),
)
case(
    "maskedScatter",
    "x.maskedScatter(m, s)",
    lambda x, m, s: x.masked_scatter(m, s),
    x=normal(2, 3),
    m=literal([[1, 0, 1], [0, 1, 0]], "bool"),
    s=normal(6),
)
for op, code, write in [
    ("indexAdd_", "a.indexAdd_(0, i, s)", lambda a, i, s: a.index_add_(0, i, s)),
    ("indexCopy_", "a.indexCopy_(0, i, s)", lambda a, i, s: a.index_copy_(0, i, s)),
    ("indexPut_", "a.indexPut_([i], s)", lambda a, i, s: a.index_put_((i,), s)),
    ("indexFill_", "a.indexFill_(0, i, 3)", lambda a, i, s: a.index_fill_(0, i, 3)),
]:
    case(
        op,
        f"const a = x.mul(2); {code}; return a.mul(x)",
        lambda x, i, s, w=write: (lambda a: (w(a, i, s), a * x)[1])(x * 2),
        x=normal(3, 2),
        i=literal([2, 0], "int64"),
        s=normal(2, 2),
    )
case(
    "scatter_",
    "const a = x.mul(2); a.scatter_(1, i, s); return a.mul(x)",
    lambda x, i, s: (lambda a: (a.scatter_(1, i, s), a * x)[1])(x * 2),
    x=normal(2, 3),
    i=literal([[2], [0]], "int64"),
    s=normal(2, 1),
)
case(
    "scatterAdd_",
    "const a = x.mul(2); a.scatterAdd_(1, i, s); return a.mul(x)",
    lambda x, i, s: (lambda a: (a.scatter_add_(1, i, s), a * x)[1])(x * 2),
    x=normal(2, 3),
    i=literal([[2, 2], [0, 1]], "int64"),
    s=normal(2, 2),
)

# ----------------------------------------------------------------- more methods that write

for op, code, write, domain in [
    ("exp_", "a.exp_()", lambda a: a.exp_(), normal),
    ("sqrt_", "a.sqrt_()", lambda a: a.sqrt_(), positive),
    ("abs_", "a.abs_()", lambda a: a.abs_(), nonzero),
    ("tanh_", "a.tanh_()", lambda a: a.tanh_(), normal),
    ("sigmoid_", "a.sigmoid_()", lambda a: a.sigmoid_(), normal),
    ("pow_", "a.pow_(2)", lambda a: a.pow_(2), nonzero),
    ("log_", "a.log_()", lambda a: a.log_(), positive),
    ("square_", "a.square_()", lambda a: a.square_(), nonzero),
    ("reciprocal_", "a.reciprocal_()", lambda a: a.reciprocal_(), nonzero),
    ("triu_", "a.triu_()", lambda a: a.triu_(), normal),
    ("clampMin_", "a.clampMin_(0.1)", lambda a: a.clamp_min_(0.1), normal),
    ("floor_", "a.floor_()", lambda a: a.floor_(), nonzero),
    ("addcmul_", "a.addcmul_(x, x)", None, normal),
    ("lerp_", "a.lerp_(x, 0.25)", None, normal),
]:
    if op == "addcmul_":
        function = lambda x: (lambda a: (a.addcmul_(x, x), a * x)[1])(x * 2)
    elif op == "lerp_":
        function = lambda x: (lambda a: (a.lerp_(x, 0.25), a * x)[1])(x * 2)
    else:
        function = lambda x, w=write: (lambda a: (w(a), a * x)[1])(x * 2)
    case(op, f"const a = x.mul(2); {code}; return a.mul(x)", function, x=domain(2, 3), label=code)
case(
    "add_",
    "const a = x.mul(2); a.add_(y, { alpha: -3 }); return a",
    lambda x, y: (x * 2).add_(y, alpha=-3),
    x=normal(3),
    y=normal(3),
    label="alpha",
)

# ----------------------------------------------------------------- layers and losses

case(
    "F.rmsNorm",
    "F.rmsNorm(x, [4], w, { eps: 1e-6 })",
    lambda x, w: x * (x.square().mean(-1, keepdim=True) + 1e-6).rsqrt() * w,
    x=normal(3, 4),
    w=normal(4),
)
case(
    "F.scaledDotProductAttention",
    "F.scaledDotProductAttention(q, k, v)",
    lambda q, k, v: ((q @ k.transpose(-2, -1)) / q.shape[-1] ** 0.5).softmax(-1) @ v,
    q=normal(2, 3, 4),
    k=normal(2, 3, 4),
    v=normal(2, 3, 4),
)
case(
    "F.scaledDotProductAttention",
    "F.scaledDotProductAttention(q, k, v, { isCausal: true })",
    lambda q, k, v: ((q @ k.transpose(-2, -1)) / 2).masked_fill(torch.ones(3, 3).triu(1).bool(), -INF).softmax(-1) @ v,
    q=normal(2, 3, 4),
    k=normal(2, 3, 4),
    v=normal(2, 3, 4),
)
case("F.pairwiseDistance", "F.pairwiseDistance(a, b)", F.pairwise_distance, a=normal(3, 2), b=normal(3, 2))
case("F.adaptiveAvgPool1d", "F.adaptiveAvgPool1d(x, 3)", lambda x: F.adaptive_avg_pool1d(x, 3), x=normal(1, 2, 5))
case("F.adaptiveMaxPool1d", "F.adaptiveMaxPool1d(x, 2)", lambda x: F.adaptive_max_pool1d(x, 2), x=distinct(1, 2, 5))
case(
    "F.instanceNorm",
    "F.instanceNorm(x, null, null, w, b)",
    lambda x, w, b: F.instance_norm(x, weight=w, bias=b),
    x=normal(2, 2, 4),
    w=normal(2),
    b=normal(2),
)

for text, make, inputs, call in [
    ("nn.MSELoss()", nn.MSELoss, dict(y=normal(3), t=normal(3)), "y, t"),
    ('nn.MSELoss({ reduction: "sum" })', lambda: nn.MSELoss(reduction="sum"), dict(y=normal(3), t=normal(3)), "y, t"),
    ("nn.L1Loss()", nn.L1Loss, dict(y=normal(3), t=normal(3)), "y, t"),
    ("nn.SmoothL1Loss({ beta: 0.5 })", lambda: nn.SmoothL1Loss(beta=0.5), dict(y=normal(3), t=normal(3)), "y, t"),
    ("nn.HuberLoss({ delta: 0.5 })", lambda: nn.HuberLoss(delta=0.5), dict(y=normal(3), t=normal(3)), "y, t"),
    ("nn.CrossEntropyLoss()", nn.CrossEntropyLoss, dict(y=normal(3, 4), t=ints(0, 4, 3)), "y, t"),
    (
        "nn.CrossEntropyLoss({ labelSmoothing: 0.1 })",
        lambda: nn.CrossEntropyLoss(label_smoothing=0.1),
        dict(y=normal(3, 4), t=ints(0, 4, 3)),
        "y, t",
    ),
    ("nn.NLLLoss()", nn.NLLLoss, dict(y=normal(3, 4), t=ints(0, 4, 3)), "y, t"),
    ("nn.BCELoss()", nn.BCELoss, dict(y=unit(3), t=unit(3).constant()), "y, t"),
    ("nn.BCEWithLogitsLoss()", nn.BCEWithLogitsLoss, dict(y=normal(3), t=unit(3).constant()), "y, t"),
    (
        'nn.KLDivLoss({ reduction: "batchmean" })',
        lambda: nn.KLDivLoss(reduction="batchmean"),
        dict(y=normal(2, 3), t=probabilities(2, 3, axis=1)),
        "y, t",
    ),
    ("nn.TripletMarginLoss()", nn.TripletMarginLoss, dict(a=normal(3, 2), b=normal(3, 2), c=normal(3, 2)), "a, b, c"),
    (
        "nn.CosineEmbeddingLoss()",
        nn.CosineEmbeddingLoss,
        dict(a=normal(2, 3), b=normal(2, 3), y=literal([1.0, -1.0]).constant()),
        "a, b, y",
    ),
]:
    case(
        text.split("(")[0],
        f"new {text}.forward({call})",
        lambda *tensors, make=make: make()(*tensors),
        label=text,
        **inputs,
    )

# ----------------------------------------------------------------- modules: containers, hooks, state

CONTAINERS = (
    "const m = new (class Net extends nn.Module {"
    " layers = new nn.ModuleList([new nn.Linear(2, 3), new nn.Linear(3, 2)]);"
    " forward(x) { for (const layer of this.layers) x = layer.forward(x).tanh(); return x; } })();"
    ' m.loadStateDict({ "layers.0.weight": a, "layers.0.bias": b, "layers.1.weight": c, "layers.1.bias": d });'
    " return { outputs: [m.forward(x)], leaves: m.parameters() }"
)


class Listed(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(2, 3), nn.Linear(3, 2)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).tanh()
        return x


def listed(x, a, b, c, d):
    m = Listed()
    m.load_state_dict({"layers.0.weight": a, "layers.0.bias": b, "layers.1.weight": c, "layers.1.bias": d})
    return Result([m(x)], **{f"p{i}": p for i, p in enumerate(m.parameters())})


F32 = dict(
    x=normal(2, 2).of("float32"),
    a=normal(3, 2).of("float32").constant(),
    b=normal(3).of("float32").constant(),
    c=normal(2, 3).of("float32").constant(),
    d=normal(2).of("float32").constant(),
)
case("nn.ModuleList", CONTAINERS, listed, label="ModuleList", **F32)
case(
    "nn.ModuleDict",
    CONTAINERS.replace(
        "new nn.ModuleList([new nn.Linear(2, 3), new nn.Linear(3, 2)])",
        "new nn.ModuleDict({ 0: new nn.Linear(2, 3), 1: new nn.Linear(3, 2) })",
    ).replace("this.layers)", "this.layers.values())"),
    listed,
    label="ModuleDict",
    **F32,
)


def forward_hook(x, w, b):
    m = nn.Linear(2, 3)
    m.load_state_dict({"weight": w, "bias": b})
    m.register_forward_hook(lambda module, args, output: output * 2)
    return Result([m(x)], p0=m.weight, p1=m.bias)


def forward_pre_hook(x, w, b):
    m = nn.Linear(2, 3)
    m.load_state_dict({"weight": w, "bias": b})
    m.register_forward_pre_hook(lambda module, args: (args[0] + 1,))
    return Result([m(x)], p0=m.weight, p1=m.bias)


def backward_hook(x, w, b):
    m = nn.Linear(2, 3)
    m.load_state_dict({"weight": w, "bias": b})
    m.register_full_backward_hook(lambda module, grad_input, grad_output: (grad_input[0] * 10,))
    m(x).square().sum().backward()
    return [x.grad, m.weight.grad]


LINEAR = dict(
    x=normal(2, 2).of("float32"),
    w=normal(3, 2).of("float32").constant(),
    b=normal(3).of("float32").constant(),
)
MADE = "const m = new nn.Linear(2, 3); m.loadStateDict({ weight: w, bias: b }); "
case(
    "registerForwardHook",
    MADE
    + "m.registerForwardHook((module, args, output) => output.mul(2)); return { outputs: [m.forward(x)], leaves: m.parameters() }",
    forward_hook,
    label="registerForwardHook",
    **LINEAR,
)
case(
    "registerForwardPreHook",
    MADE
    + "m.registerForwardPreHook((module, args) => [args[0].add(1)]); return { outputs: [m.forward(x)], leaves: m.parameters() }",
    forward_pre_hook,
    label="registerForwardPreHook",
    **LINEAR,
)
case(
    "registerFullBackwardHook",
    MADE + "m.registerFullBackwardHook((module, gradInput, gradOutput) => [gradInput[0].mul(10)]);"
    " m.forward(x).square().sum().backward(); return [x.grad, m.weight.grad]",
    backward_hook,
    label="registerFullBackwardHook",
    **LINEAR,
)
case(
    "nn.Module",
    "const m = new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm1d(2)); return Object.keys(m.stateDict()).length",
    lambda: 7,
    label="keys of a state",
)
case(
    "nn.Module",
    "const m = new nn.Linear(2, 2); m.forward(x).sum().backward(); m.zeroGrad(); m.forward(x).sum().backward(); return m.bias.grad",
    lambda x: torch.full((2,), 3.0),
    x=normal(3, 2).of("float32").constant(),
    label="zeroGrad",
)
case(
    "nn.Module",
    "const m = new nn.Sequential(new nn.Linear(2, 2)); m.apply((child) => { if (child instanceof nn.Linear) nn.init.ones_(child.weight); });"
    " return [...m.parameters()][0].detach()",
    lambda: torch.ones(2, 2),
    label="apply",
)
case(
    "nn.Module",
    "const m = new nn.Linear(2, 2); m.requiresGrad_(false); return [...m.parameters()].map((p) => p.requiresGrad)",
    lambda: [False, False],
    label="requiresGrad_",
)
case("tensor", "tensor(x.tolist(), { dtype: 'float64' })", lambda x: x, x=tied(2, 2).of("float64").constant())
case("numel", "[x.numel(), x.dim(), x.size(1), x.size(-1)]", lambda x: [6, 2, 3, 3], x=normal(2, 3).of("float64"))
case("randperm", "randperm(9).sort(0).values", lambda: torch.arange(9))
case("fullLike", "fullLike(x, 3)", lambda x: torch.full_like(x, 3), x=normal(2).constant())
case("empty", "empty([2, 0])", lambda: torch.empty(2, 0))
case("newZeros", "x.newZeros([2])", lambda x: x.new_zeros(2), x=normal(3).of("float64"))

# ----------------------------------------------------------------- and further out

for op, code, function in [
    ("logcumsumexp", "x.logcumsumexp(1)", lambda x: x.logcumsumexp(1)),
    ("cummax", "x.cummax(1)", lambda x: x.cummax(1)),
    ("cummin", "x.cummin(0)", lambda x: x.cummin(0)),
    ("diff", "x.diff()", lambda x: x.diff()),
    ("sinc", "x.sinc()", lambda x: x.sinc()),
    ("varMean", "x.varMean(1)", lambda x: torch.var_mean(x, 1)),
    ("F.celu", "F.celu(x, 0.5)", lambda x: F.celu(x, 0.5)),
    ("F.hardshrink", "F.hardshrink(x)", F.hardshrink),
    ("F.softshrink", "F.softshrink(x)", F.softshrink),
    ("F.tanhshrink", "F.tanhshrink(x)", F.tanhshrink),
    ("F.threshold", "F.threshold(x, 0.1, 20)", lambda x: F.threshold(x, 0.1, 20.0)),
]:
    case(op, code, lambda x, f=function: f(x), x=distinct(3, 4))
case("fmax", "x.fmax(y)", lambda x, y: x.fmax(y), x=normal(2, 3), y=normal(3))
case("fmin", "x.fmin(y)", lambda x, y: x.fmin(y), x=normal(2, 3), y=normal(3))
case("cross", "x.cross(y, 1)", lambda x, y: torch.cross(x, y, dim=1), x=normal(2, 3), y=normal(2, 3))
case("vdot", "x.vdot(y)", lambda x, y: x.vdot(y), x=normal(3), y=normal(3))
case("addr", "b.addr(x, y)", lambda b, x, y: b.addr(x, y), b=normal(2, 3), x=normal(2), y=normal(3))
case("F.pixelShuffle", "F.pixelShuffle(x, 2)", lambda x: F.pixel_shuffle(x, 2), x=normal(1, 4, 2, 3))
case(
    "F.poissonNllLoss",
    "F.poissonNllLoss(x, y)",
    lambda x, y: F.poisson_nll_loss(x, y),
    x=normal(4),
    y=positive(4).constant(),
)
case(
    "F.gaussianNllLoss",
    "F.gaussianNllLoss(x, y, v)",
    lambda x, y, v: F.gaussian_nll_loss(x, y, v),
    x=normal(4),
    y=normal(4),
    v=positive(4),
)
