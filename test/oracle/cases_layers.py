"""Convolutions, pooling and norms as functions, with every option."""

import torch
import torch.nn.functional as F

from declare import Family
from specs import distinct, normal, positive

family = Family("layers")
case = family.case

# ----------------------------------------------------------------- convolutions

CONV2D = [
    # options in JavaScript                          in PyTorch                              x               weight
    ("", {}, (1, 2, 4, 3), (3, 2, 2, 2)),
    ("", {}, (2, 1, 3, 3), (1, 1, 1, 1)),
    ("", {}, (1, 1, 3, 3), (2, 1, 3, 3)),
    ("", {}, (2, 4, 4), (2, 2, 3, 3)),
    ("{ stride: 2 }", dict(stride=2), (1, 2, 5, 5), (2, 2, 2, 3)),
    ("{ stride: [1, 2] }", dict(stride=(1, 2)), (1, 1, 4, 5), (1, 1, 2, 2)),
    ("{ stride: 3 }", dict(stride=3), (1, 1, 6, 5), (1, 1, 2, 2)),
    ("{ padding: 1 }", dict(padding=1), (1, 2, 3, 3), (2, 2, 3, 3)),
    ("{ padding: [0, 2] }", dict(padding=(0, 2)), (1, 1, 3, 3), (1, 1, 2, 3)),
    ('{ padding: "same" }', dict(padding="same"), (1, 2, 4, 3), (1, 2, 3, 3)),
    ('{ padding: "same" }', dict(padding="same"), (1, 1, 4, 5), (1, 1, 2, 4)),
    ('{ padding: "valid" }', dict(padding="valid"), (1, 1, 4, 4), (2, 1, 3, 2)),
    ('{ padding: "same", dilation: 2 }', dict(padding="same", dilation=2), (1, 1, 5, 4), (1, 1, 3, 2)),
    ("{ dilation: 2 }", dict(dilation=2), (1, 1, 5, 5), (1, 1, 2, 3)),
    ("{ dilation: [2, 1] }", dict(dilation=(2, 1)), (1, 1, 5, 4), (1, 1, 3, 2)),
    ("{ groups: 2 }", dict(groups=2), (1, 4, 3, 3), (2, 2, 2, 2)),
    ("{ groups: 3 }", dict(groups=3), (1, 3, 3, 3), (6, 1, 2, 2)),
    (
        "{ stride: 2, padding: 1, dilation: 2, groups: 2 }",
        dict(stride=2, padding=1, dilation=2, groups=2),
        (1, 2, 6, 5),
        (2, 1, 2, 2),
    ),
    ("{ stride: 2, padding: 1 }", dict(stride=2, padding=1), (2, 2, 4, 4), (3, 2, 3, 3)),
    ("{ padding: 2 }", dict(padding=2), (1, 1, 2, 2), (1, 1, 3, 3)),
]
for text, options, x, w in CONV2D:
    bias = normal(w[0])
    tail = f", {text}" if text else ""
    case(
        "F.conv2d",
        f"F.conv2d(x, w, b{tail})",
        lambda x, w, b, o=options: F.conv2d(x, w, b, **o),
        x=normal(*x),
        w=normal(*w),
        b=bias,
    )
    case(
        "F.conv2d",
        f"F.conv2d(x, w, null{tail})",
        lambda x, w, o=options: F.conv2d(x, w, None, **o),
        x=normal(*x),
        w=normal(*w),
        dtypes=("float64",),
    )
case("F.conv2d", "F.conv2d(x, w)", lambda x, w: F.conv2d(x, w), x=normal(1, 1, 3, 3), w=normal(1, 1, 2, 2))
case(
    "F.conv2d",
    "F.conv2d(x.transpose(2, 3), w)",
    lambda x, w: F.conv2d(x.transpose(2, 3), w),
    x=normal(1, 2, 3, 4),
    w=normal(2, 2, 2, 2),
)
case(
    "F.conv2d",
    "F.conv2d(x, w)",
    lambda x, w: F.conv2d(x, w),
    x=normal(0, 1, 3, 3),
    w=normal(1, 1, 2, 2),
    label="no images",
    second=False,
)
case(
    "F.conv2d",
    "F.conv2d(x, w).relu().mean()",
    lambda x, w: F.conv2d(x, w).relu().mean(),
    x=normal(1, 2, 6, 7),
    w=normal(3, 2, 3, 3),
)

CONV1D = [
    ("", {}, (2, 2, 5), (3, 2, 2)),
    ("", {}, (2, 5), (3, 2, 2)),
    ("", {}, (1, 1, 3), (1, 1, 3)),
    ("{ stride: 2 }", dict(stride=2), (1, 2, 6), (2, 2, 3)),
    ("{ padding: 2 }", dict(padding=2), (1, 2, 4), (2, 2, 3)),
    ("{ padding: [1] }", dict(padding=(1,)), (1, 1, 4), (1, 1, 3)),
    ('{ padding: "same" }', dict(padding="same"), (1, 1, 5), (2, 1, 4)),
    ('{ padding: "valid" }', dict(padding="valid"), (1, 1, 5), (2, 1, 4)),
    ("{ dilation: 3 }", dict(dilation=3), (1, 1, 8), (1, 1, 3)),
    ("{ groups: 2 }", dict(groups=2), (1, 4, 4), (4, 2, 2)),
    ("{ stride: 3, padding: 1, dilation: 2 }", dict(stride=3, padding=1, dilation=2), (2, 1, 8), (2, 1, 2)),
]
for text, options, x, w in CONV1D:
    tail = f", {text}" if text else ""
    case(
        "F.conv1d",
        f"F.conv1d(x, w, b{tail})",
        lambda x, w, b, o=options: F.conv1d(x, w, b, **o),
        x=normal(*x),
        w=normal(*w),
        b=normal(w[0]),
    )

TRANSPOSED = [
    ("", {}, (1, 2, 2, 3), (2, 3, 2, 2)),
    ("{ stride: 2 }", dict(stride=2), (1, 2, 2, 3), (2, 1, 2, 2)),
    ("{ stride: 2 }", dict(stride=2), (2, 1, 2, 2), (1, 2, 3, 3)),
    ("{ padding: 1 }", dict(padding=1), (1, 1, 3, 3), (1, 2, 3, 3)),
    ("{ stride: 2, outputPadding: 1 }", dict(stride=2, output_padding=1), (1, 1, 2, 2), (1, 1, 3, 3)),
    (
        "{ stride: [2, 3], outputPadding: [1, 0] }",
        dict(stride=(2, 3), output_padding=(1, 0)),
        (1, 1, 2, 2),
        (1, 1, 2, 2),
    ),
    ("{ groups: 2 }", dict(groups=2), (1, 4, 2, 2), (4, 1, 2, 2)),
    ("{ dilation: 2 }", dict(dilation=2), (1, 1, 2, 3), (1, 1, 2, 2)),
    (
        "{ stride: 2, padding: 1, outputPadding: 1, groups: 2, dilation: 2 }",
        dict(stride=2, padding=1, output_padding=1, groups=2, dilation=2),
        (1, 2, 3, 2),
        (2, 2, 2, 2),
    ),
]
for text, options, x, w in TRANSPOSED:
    tail = f", {text}" if text else ""
    bias = normal(w[1] * options.get("groups", 1))
    case(
        "F.convTranspose2d",
        f"F.convTranspose2d(x, w, b{tail})",
        lambda x, w, b, o=options: F.conv_transpose2d(x, w, b, **o),
        x=normal(*x),
        w=normal(*w),
        b=bias,
    )
    if "[" in text:
        continue
    case(
        "F.convTranspose1d",
        f"F.convTranspose1d(x, w, b{tail})",
        lambda x, w, b, o=options: F.conv_transpose1d(x, w, b, **o),
        x=normal(*x[:3]),
        w=normal(*w[:3]),
        b=bias,
    )
case(
    "F.convTranspose2d",
    "F.convTranspose2d(x, w)",
    lambda x, w: F.conv_transpose2d(x, w),
    x=normal(1, 1, 2, 2),
    w=normal(1, 1, 2, 2),
)
case(
    "F.convTranspose1d",
    "F.convTranspose1d(x, w, null, { stride: 2 })",
    lambda x, w: F.conv_transpose1d(x, w, None, stride=2),
    x=normal(1, 2, 3),
    w=normal(2, 1, 3),
)

# ----------------------------------------------------------------- pooling

MAX_POOL = [
    ("2", (2,), {}, (1, 2, 4, 4)),
    ("2", (2,), {}, (2, 4, 4)),
    ("2", (2,), {}, (1, 1, 5, 3)),
    ("[2, 1]", ((2, 1),), {}, (1, 1, 4, 3)),
    ("3, { stride: 1 }", (3,), dict(stride=1), (1, 1, 4, 4)),
    ("2, { stride: [1, 2] }", (2,), dict(stride=(1, 2)), (1, 1, 3, 4)),
    ("3, { stride: 2, padding: 1 }", (3,), dict(stride=2, padding=1), (1, 1, 5, 4)),
    ("2, { dilation: 2 }", (2,), dict(dilation=2), (1, 1, 5, 5)),
    ("2, { stride: 1, dilation: 2 }", (2,), dict(stride=1, dilation=2), (1, 1, 4, 4)),
    ("2, { ceilMode: true }", (2,), dict(ceil_mode=True), (1, 1, 5, 3)),
    ("3, { stride: 2, padding: 1, ceilMode: true }", (3,), dict(stride=2, padding=1, ceil_mode=True), (1, 2, 4, 6)),
]
for text, size, options, x in MAX_POOL:
    case(
        "F.maxPool2d", f"F.maxPool2d(x, {text})", lambda x, s=size, o=options: F.max_pool2d(x, *s, **o), x=distinct(*x)
    )
    if "[" not in text:
        shape = x[:-2] + (x[-1] + 2,)
        case(
            "F.maxPool1d",
            f"F.maxPool1d(x, {text})",
            lambda x, s=size, o=options: F.max_pool1d(x, *s, **o),
            x=distinct(*shape),
        )
case(
    "F.maxPool2d",
    "F.maxPool2d(x, 2, { stride: 1 })",
    lambda x: F.max_pool2d(x, 2, stride=1),
    x=distinct(1, 1, 3, 3),
    label="an element that wins twice",
)
case(
    "F.maxPool2d",
    "F.maxPool2d(x.mul(0), 2)",
    lambda x: F.max_pool2d(x * 0, 2),
    x=normal(1, 1, 4, 4),
    label="ties: the first wins",
)
case(
    "F.maxPool2d",
    "F.maxPool2d(x.relu(), 2).square()",
    lambda x: F.max_pool2d(x.relu(), 2).square(),
    x=distinct(1, 2, 4, 4),
)

AVG_POOL = [
    ("2", (2,), {}, (1, 2, 4, 4)),
    ("2", (2,), {}, (2, 4, 4)),
    ("[2, 3]", ((2, 3),), {}, (1, 1, 4, 6)),
    ("3, { stride: 1 }", (3,), dict(stride=1), (1, 1, 4, 4)),
    ("3, { stride: 2, padding: 1 }", (3,), dict(stride=2, padding=1), (1, 1, 5, 4)),
    (
        "3, { stride: 2, padding: 1, countIncludePad: false }",
        (3,),
        dict(stride=2, padding=1, count_include_pad=False),
        (1, 1, 5, 4),
    ),
    ("2, { ceilMode: true }", (2,), dict(ceil_mode=True), (1, 1, 5, 3)),
    ("3, { stride: 2, padding: 1, ceilMode: true }", (3,), dict(stride=2, padding=1, ceil_mode=True), (1, 1, 4, 6)),
    (
        "3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }",
        (3,),
        dict(stride=2, padding=1, ceil_mode=True, count_include_pad=False),
        (1, 1, 4, 6),
    ),
]
for text, size, options, x in AVG_POOL:
    case("F.avgPool2d", f"F.avgPool2d(x, {text})", lambda x, s=size, o=options: F.avg_pool2d(x, *s, **o), x=normal(*x))
    if "[" not in text:
        shape = x[:-2] + (x[-1] + 1,)
        case(
            "F.avgPool1d",
            f"F.avgPool1d(x, {text})",
            lambda x, s=size, o=options: F.avg_pool1d(x, *s, **o),
            x=normal(*shape),
        )

for size, text, x in [
    (1, "1", (1, 2, 3, 4)),
    (2, "2", (1, 1, 4, 4)),
    (2, "2", (1, 1, 5, 3)),
    (3, "3", (1, 1, 4, 5)),
    ((2, 3), "[2, 3]", (1, 2, 5, 7)),
    ((1, 2), "[1, 2]", (2, 3, 5)),
    (3, "3", (1, 1, 2, 2)),
]:
    case(
        "F.adaptiveAvgPool2d",
        f"F.adaptiveAvgPool2d(x, {text})",
        lambda x, s=size: F.adaptive_avg_pool2d(x, s),
        x=normal(*x),
    )
    case(
        "F.adaptiveMaxPool2d",
        f"F.adaptiveMaxPool2d(x, {text})",
        lambda x, s=size: F.adaptive_max_pool2d(x, s),
        x=distinct(*x),
    )

# ----------------------------------------------------------------- norms

for shape in ((4, 2), (2, 3, 2), (2, 2, 3, 2)):
    c = shape[1]
    statistics = dict(m=normal(c).constant(), v=positive(c).constant())
    affine = dict(w=normal(c), b=normal(c))
    case(
        "F.batchNorm",
        "F.batchNorm(x, m, v, w, b)",
        lambda x, m, v, w, b: F.batch_norm(x, m, v, w, b),
        x=normal(*shape),
        **statistics,
        **affine,
    )
    case(
        "F.batchNorm",
        "[F.batchNorm(x, m, v, w, b, { training: true }), m, v]",
        lambda x, m, v, w, b: [F.batch_norm(x, m, v, w, b, training=True), m, v],
        x=normal(*shape),
        **statistics,
        **affine,
    )
    case(
        "F.batchNorm",
        "[F.batchNorm(x, m, v, null, null, { training: true, momentum: 0.3, eps: 0.1 }), m, v]",
        lambda x, m, v: [F.batch_norm(x, m, v, None, None, training=True, momentum=0.3, eps=0.1), m, v],
        x=normal(*shape),
        **statistics,
    )
    case("F.batchNorm", "F.batchNorm(x, m, v)", lambda x, m, v: F.batch_norm(x, m, v), x=normal(*shape), **statistics)
case(
    "F.batchNorm",
    "F.batchNorm(x, null, null, w, b, { training: true })",
    lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True),
    x=normal(4, 2),
    w=normal(2),
    b=normal(2),
)
case(
    "F.batchNorm",
    "[F.batchNorm(x.add(100), m, v, w, null, { training: true }), m, v]",
    lambda x, m, v, w: [F.batch_norm(x + 100, m, v, w, None, training=True), m, v],
    x=normal(5, 2),
    m=normal(2).constant(),
    v=positive(2).constant(),
    w=normal(2),
    dtypes=("float64",),
    label="far from zero",
    tolerance={"relative": 1e-8, "absolute": 1e-9},
)

for shape, normalized in [((3, 4), [4]), ((2, 3, 4), [4]), ((2, 3, 2), [3, 2]), ((4,), [4])]:
    case(
        "F.layerNorm",
        f"F.layerNorm(x, {normalized}, w, b)",
        lambda x, w, b, n=normalized: F.layer_norm(x, n, w, b),
        x=normal(*shape),
        w=normal(*normalized),
        b=normal(*normalized),
    )
    case("F.layerNorm", f"F.layerNorm(x, {normalized})", lambda x, n=normalized: F.layer_norm(x, n), x=normal(*shape))
    case(
        "F.layerNorm",
        f"F.layerNorm(x, {normalized}, w, null, {{ eps: 0.1 }})",
        lambda x, w, n=normalized: F.layer_norm(x, n, w, None, eps=0.1),
        x=normal(*shape),
        w=normal(*normalized),
    )
# The norm of one number is zero whatever the number is.
case("F.layerNorm", "F.layerNorm(x, [1])", lambda x: F.layer_norm(x, [1]), x=normal(2, 1), dtypes=("float64",))
for shape, groups in [((2, 6), 2), ((2, 4, 3), 2), ((1, 4, 2, 2), 4), ((2, 3, 2, 2), 1), ((1, 6, 2), 3)]:
    c = shape[1]
    if c // groups * (len(shape) > 2) == 0 and c // groups == 1:
        continue
    case(
        "F.groupNorm",
        f"F.groupNorm(x, {groups}, w, b)",
        lambda x, w, b, g=groups: F.group_norm(x, g, w, b),
        x=normal(*shape),
        w=normal(c),
        b=normal(c),
    )
    case("F.groupNorm", f"F.groupNorm(x, {groups})", lambda x, g=groups: F.group_norm(x, g), x=normal(*shape))
    case(
        "F.groupNorm",
        f"F.groupNorm(x, {groups}, null, null, {{ eps: 0.5 }})",
        lambda x, g=groups: F.group_norm(x, g, None, None, eps=0.5),
        x=normal(*shape),
    )
for shape in ((2, 2, 3), (1, 2, 2, 3), (2, 3, 4)):
    case("F.instanceNorm", "F.instanceNorm(x)", F.instance_norm, x=normal(*shape))
for text, options in [
    ("", {}),
    (", { p: 1 }", dict(p=1)),
    (", { dim: 0 }", dict(dim=0)),
    (", { dim: -1 }", dict(dim=-1)),
    (", { p: 3, dim: 0 }", dict(p=3, dim=0)),
    (", { p: Infinity }", dict(p=float("inf"))),
]:
    case("F.normalize", f"F.normalize(x{text})", lambda x, o=options: F.normalize(x, **o), x=normal(2, 3))
case("F.normalize", "F.normalize(x, { dim: 0 })", lambda x: F.normalize(x, dim=0), x=normal(4))
case("F.normalize", "F.normalize(x)", lambda x: F.normalize(x), x=normal(2, 2, 2), label="three axes")

# ----------------------------------------------------------------- dropout where it is certain

case("F.dropout", "F.dropout(x, 0.5, false)", lambda x: F.dropout(x, 0.5, False), x=normal(2, 3))
case("F.dropout", "F.dropout(x, 0)", lambda x: F.dropout(x, 0.0), x=normal(2, 3))
case("F.dropout", "F.dropout(x, 1)", lambda x: F.dropout(x, 1.0), x=normal(2, 3))
case(
    "F.dropout",
    "const y = F.dropout(x, 0.25); return y.eq(0).logicalOr(y.eq(x.mul(1 / 0.75))).sum()",
    lambda x: torch.tensor(200),
    x=positive(200).constant().of("float64"),
    label="zero, or scaled",
)
for name, ours in (("alpha_dropout", "alphaDropout"), ("feature_alpha_dropout", "featureAlphaDropout")):
    call = getattr(F, name)
    case(f"F.{ours}", f"F.{ours}(x, 0.5)", lambda x, call=call: call(x, 0.5, False), x=normal(2, 3))
    case(f"F.{ours}", f"F.{ours}(x, 0, true)", lambda x, call=call: call(x, 0.0, True), x=normal(2, 3))
    case(f"F.{ours}", f"F.{ours}(x, 1, true)", lambda x, call=call: call(x, 1.0, True), x=normal(2, 3))
