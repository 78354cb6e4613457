"""Sizes at which other code runs: whole vectors and their remainders, blocks of a kernel, several threads.

Inputs follow a formula and results are digests, see `wave` and `encode_digest`, so that the fixtures stay small.
"""

import torch
import torch.nn.functional as F

from declare import ByDtype, Family, Result
from specs import wave

family = Family("large")


# A sum of thousands of terms that cancel: in float32 its rounding is relative to the terms.
CANCELLING = ByDtype(float32={"relative": 2e-5, "absolute": 2e-5})


def case(op, code, function, **inputs):
    reduces = op.startswith(("F.conv", "F.batchNorm", "F.layerNorm", "F.groupNorm", "F.linear", "nn."))
    family.case(op, code, function, second=False, tolerance=CANCELLING if reduces else None, **inputs)


def index(count, *shape):
    """Positions that jump about and repeat, written out in the code as well: (i · 7919) mod count."""
    total = 1
    for n in shape:
        total *= n
    return torch.tensor([i * 7919 % count for i in range(total)]).reshape(shape)


def js_index(count, *shape):
    total = 1
    for n in shape:
        total *= n
    return (
        f"tensor(Array.from({{ length: {total} }}, (_, i) => (i * 7919) % {count}), {{ dtype: 'int64' }})"
        f".reshape({list(shape)})"
    )


# ----------------------------------------------------------------- elementwise

UNARY = [
    ("neg", "x.neg()", lambda x: -x),
    ("abs", "x.abs()", lambda x: x.abs()),
    ("exp", "x.exp()", lambda x: x.exp()),
    ("sin", "x.sin()", lambda x: x.sin()),
    ("tanh", "x.tanh()", lambda x: x.tanh()),
    ("sigmoid", "x.sigmoid()", lambda x: x.sigmoid()),
    ("relu", "x.relu()", lambda x: x.relu()),
    ("erf", "x.erf()", lambda x: x.erf()),
    ("square", "x.square()", lambda x: x.square()),
    ("floor", "x.mul(3).floor()", lambda x: (x * 3).floor()),
    ("clamp", "x.clamp(-0.5, 0.5)", lambda x: x.clamp(-0.5, 0.5)),
    ("pow", "x.pow(3)", lambda x: x.pow(3)),
    ("F.gelu", "F.gelu(x)", F.gelu),
    ("F.silu", "F.silu(x)", F.silu),
    ("F.softplus", "F.softplus(x)", F.softplus),
    ("F.elu", "F.elu(x)", F.elu),
    ("log", "x.abs().add(0.1).log()", lambda x: (x.abs() + 0.1).log()),
    ("sqrt", "x.abs().add(0.1).sqrt()", lambda x: (x.abs() + 0.1).sqrt()),
    ("rsqrt", "x.abs().add(0.1).rsqrt()", lambda x: (x.abs() + 0.1).rsqrt()),
]
for op, code, function in UNARY:
    for shape in ((1023,), (37, 129)):
        case(op, code, lambda x, f=function: f(x), x=wave(*shape, scale=2.5))
    case(
        op,
        code.replace("x.", "x.t().", 1) if "F." not in code else code.replace("x)", "x.t())"),
        lambda x, f=function: f(x.t()),
        x=wave(37, 53, scale=2.5),
    )
for op, code, function in [UNARY[2], UNARY[4], UNARY[6], UNARY[12]]:
    case(op, code, lambda x, f=function: f(x), x=wave(70001, scale=2.5))

for op, code, function in [
    ("add", "x.add(y)", lambda x, y: x + y),
    ("sub", "x.sub(y)", lambda x, y: x - y),
    ("mul", "x.mul(y)", lambda x, y: x * y),
    ("div", "x.div(y)", lambda x, y: x / y),
    ("maximum", "x.maximum(y)", torch.maximum),
]:
    for a, b in [
        ((1023,), (1023,)),
        ((64, 65), (65,)),
        ((64, 65), (64, 1)),
        ((64, 1), (1, 65)),
        ((65, 33), ()),
        ((3, 17, 19), (17, 1)),
        ((70001,), (70001,)),
        ((300, 257), (257,)),
        ((300, 257), (300, 1)),
    ]:
        case(op, code, lambda x, y, f=function: f(x, y), x=wave(*a), y=wave(*b, offset=2.5, phase=1.0))
    case(
        op,
        code.replace("x.", "x.t().", 1),
        lambda x, y, f=function: f(x.t(), y),
        x=wave(65, 64),
        y=wave(64, 65, offset=2.5, phase=1.0),
    )
case(
    "where",
    "where(x.gt(y), x, y.mul(2))",
    lambda x, y: torch.where(x > y, x, y * 2),
    x=wave(129, 37),
    y=wave(37, phase=2.0),
)
case("maskedFill", "x.maskedFill(x.lt(0), 0.5)", lambda x: x.masked_fill(x < 0, 0.5), x=wave(3001))
case("lerp", "x.lerp(y, 0.3)", lambda x, y: x.lerp(y, 0.3), x=wave(3001), y=wave(3001, phase=2.0))
case(
    "addcmul",
    "x.addcmul(x, y, { value: 0.5 })",
    lambda x, y: x.addcmul(x, y, value=0.5),
    x=wave(129, 37),
    y=wave(37, phase=2.0),
)
case(
    "add_",
    "const a = x.mul(2); a.narrow(1, 5, 40).mul_(y); a.add_(1); return a.mul(x)",
    lambda x, y: (lambda a: (a.narrow(1, 5, 40).mul_(y), a.add_(1), a * x)[2])(x * 2),
    x=wave(70, 60),
    y=wave(40, phase=1.0),
)

# ----------------------------------------------------------------- reductions

for op, js_call, function in [
    ("sum", "sum({})", lambda x, *d: x.sum(*d)),
    ("mean", "mean({})", lambda x, *d: x.mean(*d)),
    ("amax", "amax({})", lambda x, *d: x.amax(*d)),
    ("logsumexp", "logsumexp({})", lambda x, *d: x.logsumexp(*d)),
    ("var", "var({})", lambda x, *d: x.var(*d)),
    ("std", "std({})", lambda x, *d: x.std(*d)),
    ("softmax", "softmax({})", lambda x, *d: x.softmax(*d)),
    ("logSoftmax", "logSoftmax({})", lambda x, *d: x.log_softmax(*d)),
    ("cumsum", "cumsum({})", lambda x, *d: x.cumsum(*d)),
    ("max", "max({})", lambda x, *d: x.max(*d)),
    ("prod", "prod({})", lambda x, *d: x.prod(*d)),
    ("argmax", "argmax({})", lambda x, *d: x.argmax(*d)),
    ("sort", "sort({})", lambda x, *d: torch.sort(x, dim=d[0], stable=True)),
]:
    for shape, dim in [((37, 129), 1), ((129, 37), 0), ((7, 33, 19), 1), ((3, 700), 1), ((700, 3), 0)]:
        if op == "prod" and 700 in shape:
            continue
        case(
            op,
            "x." + js_call.format(dim),
            lambda x, f=function, d=dim: f(x, d),
            x=wave(*shape, offset=1.0 if op == "prod" else 0.3, scale=0.1 if op == "prod" else 1.0),
        )
for op, function in [
    ("sum", torch.sum),
    ("mean", torch.mean),
    ("norm", torch.norm),
    ("var", torch.var),
    ("max", torch.max),
    ("min", torch.min),
]:
    for shape in ((70001,), (257, 300), (3001,)):
        case(op, f"x.{op}()", lambda x, f=function: f(x), x=wave(*shape))
    case(op, f"x.t().{op}()", lambda x, f=function: f(x.t()), x=wave(257, 300))
for dims in ([0, 2], [1, 2], [0, 1]):
    case("sum", f"x.sum({dims})", lambda x, d=dims: x.sum(d), x=wave(9, 33, 65))
    case("mean", f"x.mean({dims}, true)", lambda x, d=dims: x.mean(d, True), x=wave(9, 33, 65))
case("topk", "x.topk(5, 1)", lambda x: x.topk(5, 1), x=wave(9, 301))
case("argsort", "x.argsort(0)", lambda x: torch.sort(x, dim=0, stable=True).indices, x=wave(997))

# ----------------------------------------------------------------- matrices

for a, b in [
    ((64, 784), (784, 128)),
    ((65, 130), (130, 67)),
    ((1, 300), (300, 257)),
    ((257, 300), (300, 1)),
    ((127, 1), (1, 129)),
    ((31, 33), (33, 35)),
    ((128, 128), (128, 128)),
    ((8, 33, 17), (8, 17, 29)),
    ((8, 33, 17), (17, 29)),
    ((2, 3, 20, 30), (2, 3, 30, 20)),
    ((300,), (300, 65)),
    ((65, 300), (300,)),
    ((3001,), (3001,)),
]:
    case("matmul", "x.matmul(y)", lambda x, y: x @ y, x=wave(*a), y=wave(*b, phase=1.0))
case("matmul", "x.t().matmul(y)", lambda x, y: x.t() @ y, x=wave(130, 65), y=wave(130, 67, phase=1.0))
case("matmul", "x.matmul(y.t())", lambda x, y: x @ y.t(), x=wave(65, 130), y=wave(67, 130, phase=1.0))
case("matmul", "x.t().matmul(y.t())", lambda x, y: x.t() @ y.t(), x=wave(130, 65), y=wave(67, 130, phase=1.0))
case("matmul", "x.matmul(x.t())", lambda x: x @ x.t(), x=wave(65, 130))
case(
    "matmul",
    "x.matmul(y.transpose(1, 2))",
    lambda x, y: x @ y.transpose(1, 2),
    x=wave(4, 33, 16),
    y=wave(4, 33, 16, phase=1.0),
)
case("F.linear", "F.linear(x, w, b)", F.linear, x=wave(64, 300), w=wave(130, 300, phase=1.0), b=wave(130, phase=2.0))
case("F.linear", "F.linear(x, w, b)", F.linear, x=wave(4, 17, 30), w=wave(33, 30, phase=1.0), b=wave(33, phase=2.0))
case(
    "einsum",
    'einsum("bhqd,bhkd->bhqk", x, y)',
    lambda x, y: torch.einsum("bhqd,bhkd->bhqk", x, y),
    x=wave(2, 4, 17, 16),
    y=wave(2, 4, 19, 16, phase=1.0),
)
case("outer", "outer(x, y)", torch.outer, x=wave(129), y=wave(131, phase=1.0))

# ----------------------------------------------------------------- shapes and indexing

for op, code, function, shape in [
    ("permute", "x.permute(2, 0, 1).contiguous()", lambda x: x.permute(2, 0, 1).contiguous(), (17, 19, 23)),
    ("transpose", "x.transpose(0, 1).contiguous()", lambda x: x.t().contiguous(), (257, 131)),
    ("reshape", "x.transpose(0, 1).reshape(-1)", lambda x: x.t().reshape(-1), (257, 131)),
    ("flip", "x.flip([0, 1])", lambda x: x.flip([0, 1]), (67, 71)),
    ("roll", "x.roll([5, -7], [0, 1])", lambda x: x.roll((5, -7), (0, 1)), (67, 71)),
    ("repeat", "x.repeat(3, 2)", lambda x: x.repeat(3, 2), (33, 35)),
    ("repeatInterleave", "x.repeatInterleave(3, 1)", lambda x: x.repeat_interleave(3, 1), (33, 35)),
    ("tril", "x.tril(3)", lambda x: x.tril(3), (67, 71)),
    ("cat", "cat([x, x.mul(2), x.t().contiguous().t()], 1)", lambda x: torch.cat([x, x * 2, x], 1), (67, 71)),
    ("stack", "stack(x.unbind(1), 0)", lambda x: torch.stack(x.unbind(1), 0), (67, 71)),
    ("split", "x.split(16, 1)[3].mul(x.split(16, 1)[0])", lambda x: x.split(16, 1)[3] * x.split(16, 1)[0], (67, 71)),
    ("F.pad", "F.pad(x, [3, 5, 2, 1])", lambda x: F.pad(x, [3, 5, 2, 1]), (67, 71)),
    ("F.pad", 'F.pad(x, [3, 5], { mode: "reflect" })', lambda x: F.pad(x, [3, 5], mode="reflect"), (9, 7, 33)),
    ("slice", "x.slice(0, 3, 60, 7).slice(1, 5, null, 3)", lambda x: x[3:60:7, 5::3], (67, 71)),
    ("expand", "x.unsqueeze(1).expand(67, 9, 71).mul(1.5)", lambda x: x.unsqueeze(1).expand(67, 9, 71) * 1.5, (67, 71)),
]:
    case(op, code, lambda x, f=function: f(x), x=wave(*shape))
for op, code, function in [
    ("index", f"x.index([{js_index(300, 900)}])", lambda x: x[index(300, 900)]),
    ("index", f"x.index([null, {js_index(17, 40)}])", lambda x: x[:, index(17, 40)]),
    ("index", f"x.index([{js_index(300, 900)}, {js_index(17, 900)}])", lambda x: x[index(300, 900), index(17, 900)]),
    ("indexSelect", f"x.indexSelect(0, {js_index(300, 900)})", lambda x: x.index_select(0, index(300, 900))),
    ("gather", f"x.gather(0, {js_index(300, 500, 17)})", lambda x: x.gather(0, index(300, 500, 17))),
    ("gather", f"x.gather(1, {js_index(17, 300, 40)})", lambda x: x.gather(1, index(17, 300, 40))),
    ("F.embedding", f"F.embedding({js_index(300, 30, 40)}, x)", lambda x: F.embedding(index(300, 30, 40), x)),
    ("maskedSelect", "x.maskedSelect(x.gt(0.2))", lambda x: x.masked_select(x > 0.2)),
    ("take", f"x.take({js_index(5100, 900)})", lambda x: x.take(index(5100, 900))),
]:
    case(op, code, lambda x, f=function: f(x), x=wave(300, 17))
case(
    "scatterAdd",
    f"x.scatterAdd(0, {js_index(300, 900, 17)}, s)",
    lambda x, s: x.scatter_add(0, index(300, 900, 17), s),
    x=wave(300, 17),
    s=wave(900, 17, phase=1.0),
)
case(
    "indexAdd",
    f"x.indexAdd(0, {js_index(300, 900)}, s)",
    lambda x, s: x.index_add(0, index(300, 900), s),
    x=wave(300, 17),
    s=wave(900, 17, phase=1.0),
)

# ----------------------------------------------------------------- layers

for text, options, x, w in [
    ("{ padding: 1 }", dict(padding=1), (4, 3, 28, 28), (16, 3, 3, 3)),
    ("{ padding: 1 }", dict(padding=1), (2, 16, 14, 14), (32, 16, 3, 3)),
    ("{ stride: 2, padding: 1 }", dict(stride=2, padding=1), (2, 8, 17, 19), (12, 8, 3, 3)),
    ("{ padding: 2 }", dict(padding=2), (2, 3, 15, 15), (7, 3, 5, 5)),
    ("{ groups: 4 }", dict(groups=4), (2, 8, 13, 13), (12, 2, 3, 3)),
    ("{ groups: 9, padding: 1 }", dict(groups=9, padding=1), (2, 9, 13, 13), (9, 1, 3, 3)),
    ("{ dilation: 3 }", dict(dilation=3), (2, 4, 17, 17), (5, 4, 3, 3)),
    ("{ stride: 4 }", dict(stride=4), (2, 3, 32, 32), (24, 3, 4, 4)),
    ("{}", {}, (4, 33, 9, 9), (17, 33, 1, 1)),
    ('{ padding: "same" }', dict(padding="same"), (1, 5, 20, 21), (6, 5, 4, 5)),
]:
    case(
        "F.conv2d",
        f"F.conv2d(x, w, b, {text})",
        lambda x, w, b, o=options: F.conv2d(x, w, b, **o),
        x=wave(*x),
        w=wave(*w, phase=1.0, offset=0.1),
        b=wave(w[0], phase=2.0),
    )
case(
    "F.conv1d",
    "F.conv1d(x, w, b, { padding: 2, dilation: 2 })",
    lambda x, w, b: F.conv1d(x, w, b, padding=2, dilation=2),
    x=wave(3, 8, 101),
    w=wave(12, 8, 3),
    b=wave(12),
)
case(
    "F.convTranspose2d",
    "F.convTranspose2d(x, w, b, { stride: 2, padding: 1 })",
    lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2, padding=1),
    x=wave(2, 9, 13, 11),
    w=wave(9, 6, 4, 4),
    b=wave(6),
)
case("F.maxPool2d", "F.maxPool2d(x, 2)", lambda x: F.max_pool2d(x, 2), x=wave(4, 16, 28, 28))
case(
    "F.maxPool2d",
    "F.maxPool2d(x, 3, { stride: 2, padding: 1 })",
    lambda x: F.max_pool2d(x, 3, stride=2, padding=1),
    x=wave(2, 7, 33, 31),
)
case(
    "F.avgPool2d",
    "F.avgPool2d(x, 3, { stride: 2, padding: 1 })",
    lambda x: F.avg_pool2d(x, 3, stride=2, padding=1),
    x=wave(2, 7, 33, 31),
)
case(
    "F.adaptiveAvgPool2d",
    "F.adaptiveAvgPool2d(x, [5, 7])",
    lambda x: F.adaptive_avg_pool2d(x, (5, 7)),
    x=wave(2, 7, 33, 31),
)
case(
    "F.batchNorm",
    "F.batchNorm(x, null, null, w, b, { training: true })",
    lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True),
    x=wave(8, 16, 14, 14),
    w=wave(16, phase=1.0),
    b=wave(16, phase=2.0),
)
case(
    "F.layerNorm",
    "F.layerNorm(x, [130], w, b)",
    lambda x, w, b: F.layer_norm(x, [130], w, b),
    x=wave(64, 130),
    w=wave(130, phase=1.0),
    b=wave(130, phase=2.0),
)
case(
    "F.groupNorm",
    "F.groupNorm(x, 4, w, b)",
    lambda x, w, b: F.group_norm(x, 4, w, b),
    x=wave(3, 16, 9, 11),
    w=wave(16, phase=1.0),
    b=wave(16, phase=2.0),
)

# ----------------------------------------------------------------- losses

case(
    "F.crossEntropy",
    f"F.crossEntropy(x, {js_index(130, 64)})",
    lambda x: F.cross_entropy(x, index(130, 64)),
    x=wave(64, 130),
)
case(
    "F.crossEntropy",
    f"F.crossEntropy(x, {js_index(10, 4, 9, 11)})",
    lambda x: F.cross_entropy(x, index(10, 4, 9, 11)),
    x=wave(4, 10, 9, 11),
)
case("F.nllLoss", f"F.nllLoss(x, {js_index(130, 64)})", lambda x: F.nll_loss(x, index(130, 64)), x=wave(64, 130))
case("F.mseLoss", "F.mseLoss(x, t)", F.mse_loss, x=wave(257, 31), t=wave(257, 31, phase=1.0))
case(
    "F.binaryCrossEntropyWithLogits",
    "F.binaryCrossEntropyWithLogits(x, t)",
    F.binary_cross_entropy_with_logits,
    x=wave(257, 31),
    t=wave(257, 31, phase=1.0, offset=0.5, scale=0.5),
)

# ----------------------------------------------------------------- models


def mlp(x, a, b, c):
    h = F.relu(x @ a)
    return F.cross_entropy((h @ b).tanh() @ c, index(10, 64))


case(
    "matmul",
    f"F.crossEntropy(F.relu(x.matmul(a)).matmul(b).tanh().matmul(c), {js_index(10, 64)})",
    mlp,
    x=wave(64, 200),
    a=wave(200, 96, scale=0.1, offset=0.0, phase=1.0),
    b=wave(96, 64, scale=0.1, offset=0.0, phase=2.0),
    c=wave(64, 10, scale=0.1, offset=0.0, phase=3.0),
)
LSTM = (
    "const m = new nn.LSTM(16, 24, { dtype: $dtype });"
    ' m.loadStateDict({ "weight_ih_l0": w, "weight_hh_l0": u, "bias_ih_l0": b, "bias_hh_l0": b });'
    " return { outputs: m.forward(x)[0], leaves: m.parameters() }"
)


def lstm(x, w, u, b, dtype):
    m = torch.nn.LSTM(16, 24).to(dtype)
    m.load_state_dict({"weight_ih_l0": w, "weight_hh_l0": u, "bias_ih_l0": b, "bias_hh_l0": b})
    return Result([m(x)[0]], **{f"p{i}": p for i, p in enumerate(m.parameters())})


case(
    "nn.LSTM",
    LSTM,
    lstm,
    x=wave(12, 8, 16),
    w=wave(96, 16, scale=0.2, offset=0.0).constant(),
    u=wave(96, 24, scale=0.2, offset=0.0, phase=1.0).constant(),
    b=wave(96, scale=0.1).constant(),
)
