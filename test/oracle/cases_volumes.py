"""Layers over three spatial axes: as functions with their options, as modules, and what PyTorch refuses of them."""

import torch.nn.functional as F
from torch import nn

from declare import Family
from module_case import declare_module
from specs import distinct, normal, positive

family = Family("volumes")
case = family.case
refuses = family.refuses


def module(*arguments, **options):
    declare_module(case, *arguments, **options)


# ----------------------------------------------------------------- convolutions

CONV3D = [
    # options in JavaScript                          in PyTorch                              x               weight
    ("", {}, (2, 2, 3, 4, 3), (3, 2, 2, 2, 2)),
    ("", {}, (2, 3, 3, 3), (2, 2, 1, 2, 3)),
    ("{ stride: [2, 1, 2] }", dict(stride=(2, 1, 2)), (1, 2, 5, 3, 4), (2, 2, 2, 2, 2)),
    ("{ padding: [1, 0, 2] }", dict(padding=(1, 0, 2)), (1, 1, 2, 3, 2), (1, 1, 3, 2, 3)),
    ('{ padding: "same" }', dict(padding="same"), (1, 1, 3, 4, 3), (2, 1, 2, 3, 4)),
    ('{ padding: "valid" }', dict(padding="valid"), (1, 1, 3, 3, 3), (2, 1, 3, 2, 1)),
    ("{ dilation: [2, 1, 2] }", dict(dilation=(2, 1, 2)), (1, 1, 5, 3, 4), (1, 1, 3, 2, 2)),
    ("{ groups: 2 }", dict(groups=2), (1, 4, 3, 2, 3), (4, 2, 2, 2, 2)),
    (
        "{ stride: 2, padding: 1, dilation: 2, groups: 2 }",
        dict(stride=2, padding=1, dilation=2, groups=2),
        (2, 2, 5, 4, 5),
        (4, 1, 2, 2, 2),
    ),
]
for text, options, x, w in CONV3D:
    tail = f", {text}" if text else ""
    case(
        "F.conv3d",
        f"F.conv3d(x, w, b{tail})",
        lambda x, w, b, o=options: F.conv3d(x, w, b, **o),
        x=normal(*x),
        w=normal(*w),
        b=normal(w[0]),
    )
case("F.conv3d", "F.conv3d(x, w)", F.conv3d, x=normal(1, 1, 3, 2, 3), w=normal(1, 1, 2, 2, 2))
case(
    "F.conv3d",
    "F.conv3d(x.transpose(2, 4), w)",
    lambda x, w: F.conv3d(x.transpose(2, 4), w),
    x=normal(1, 2, 2, 3, 4),
    w=normal(2, 2, 2, 2, 2),
)
case(
    "F.conv3d",
    "F.conv3d(x, w)",
    F.conv3d,
    x=normal(0, 1, 3, 3, 3),
    w=normal(1, 1, 2, 2, 2),
    label="no volumes",
    second=False,
)
case(
    "F.conv3d",
    "F.conv3d(x, w, null, { padding: 1 }).view(2, -1)",
    lambda x, w: F.conv3d(x, w, None, padding=1).view(2, -1),
    x=normal(2, 1, 2, 2, 2),
    w=normal(2, 1, 3, 3, 3),
    label="the result lies in order",
)

TRANSPOSED = [
    ("", {}, (2, 2, 2, 3, 2), (2, 3, 2, 2, 2)),
    ("", {}, (2, 2, 2, 3), (2, 1, 1, 2, 2)),
    ("{ stride: 2 }", dict(stride=2), (1, 2, 2, 2, 3), (2, 2, 3, 2, 2)),
    (
        "{ stride: [1, 2, 3], padding: [1, 0, 1] }",
        dict(stride=(1, 2, 3), padding=(1, 0, 1)),
        (1, 1, 3, 2, 2),
        (1, 2, 3, 2, 3),
    ),
    (
        "{ stride: 2, padding: 1, outputPadding: [1, 0, 1] }",
        dict(stride=2, padding=1, output_padding=(1, 0, 1)),
        (1, 1, 3, 2, 2),
        (1, 2, 3, 3, 3),
    ),
    ("{ dilation: [2, 1, 2], stride: 2 }", dict(dilation=(2, 1, 2), stride=2), (1, 1, 2, 2, 2), (1, 1, 2, 2, 2)),
    ("{ groups: 2, stride: 2, padding: 1 }", dict(groups=2, stride=2, padding=1), (1, 4, 2, 3, 2), (4, 2, 2, 2, 3)),
]
for text, options, x, w in TRANSPOSED:
    tail = f", {text}" if text else ""
    case(
        "F.convTranspose3d",
        f"F.convTranspose3d(x, w, b{tail})",
        lambda x, w, b, o=options: F.conv_transpose3d(x, w, b, **o),
        x=normal(*x),
        w=normal(*w),
        b=normal(w[1] * options.get("groups", 1)),
    )
case(
    "F.convTranspose3d",
    "F.convTranspose3d(x, w, null, { padding: 1 }).view(2, -1)",
    lambda x, w: F.conv_transpose3d(x, w, None, padding=1).view(2, -1),
    x=normal(2, 1, 3, 2, 2),
    w=normal(1, 2, 2, 3, 3),
    label="the result lies in order",
)

for text, make, shape in [
    ("nn.Conv3d(2, 3, 2, { dtype: $dtype })", lambda: nn.Conv3d(2, 3, 2), (1, 2, 3, 2, 3)),
    (
        "nn.Conv3d(2, 2, [3, 1, 2], { padding: [1, 0, 1], groups: 2, bias: false, dtype: $dtype })",
        lambda: nn.Conv3d(2, 2, (3, 1, 2), padding=(1, 0, 1), groups=2, bias=False),
        (2, 2, 3, 2, 2),
    ),
    (
        'nn.Conv3d(1, 2, 3, { padding: 1, paddingMode: "replicate", dtype: $dtype })',
        lambda: nn.Conv3d(1, 2, 3, padding=1, padding_mode="replicate"),
        (1, 1, 2, 3, 2),
    ),
    (
        "nn.ConvTranspose3d(2, 3, 2, { stride: 2, dtype: $dtype })",
        lambda: nn.ConvTranspose3d(2, 3, 2, stride=2),
        (1, 2, 2, 2, 2),
    ),
]:
    module(text.split("(")[0], f"new {text}", make, "m.forward(x)", lambda m, x: m(x), x=normal(*shape))

# ----------------------------------------------------------------- pooling

MAX_POOL = [
    ("2", 2, {}, (1, 2, 4, 4, 2)),
    ("2", 2, {}, (2, 2, 3, 4)),
    ("[1, 2, 3]", (1, 2, 3), {}, (1, 1, 2, 4, 3)),
    ("2, { stride: 1 }", 2, dict(stride=1), (1, 1, 3, 3, 3)),
    ("3, { stride: 2, padding: 1 }", 3, dict(stride=2, padding=1), (1, 1, 4, 3, 5)),
    ("2, { dilation: [2, 1, 2], stride: 1 }", 2, dict(dilation=(2, 1, 2), stride=1), (1, 1, 4, 3, 4)),
    ("2, { ceilMode: true }", 2, dict(ceil_mode=True), (1, 1, 3, 5, 3)),
    (
        "[3, 2, 2], { stride: [1, 2, 1], padding: [1, 0, 1] }",
        (3, 2, 2),
        dict(stride=(1, 2, 1), padding=(1, 0, 1)),
        (2, 1, 3, 4, 3),
    ),
]
for text, size, options, x in MAX_POOL:
    case(
        "F.maxPool3d",
        f"F.maxPool3d(x, {text})",
        lambda x, s=size, o=options: F.max_pool3d(x, s, **o),
        x=distinct(*x),
    )
for text, size, options in [
    ("2", 2, {}),
    ("3, { stride: 1, padding: 1 }", 3, dict(stride=1, padding=1)),
    ("2, { stride: 1, dilation: 2 }", 2, dict(stride=1, dilation=2)),
]:
    case(
        "F.maxPool3d",
        f"F.maxPool3d(x.mul(0), {text})",
        lambda x, s=size, o=options: F.max_pool3d(x * 0, s, **o),
        x=normal(1, 1, 4, 4, 4),
        label=f"ties: the first wins ({text})",
    )
    case(
        "F.maxPool3d",
        f"F.maxPool3d(x.sign(), {text}).add(F.maxPool3d(x.relu(), {text}))",
        lambda x, s=size, o=options: F.max_pool3d(x.sign(), s, **o) + F.max_pool3d(x.relu(), s, **o),
        x=normal(1, 2, 4, 3, 4),
        label=f"ties of some elements ({text})",
    )

AVG_POOL = [
    ("2", 2, {}, (1, 2, 4, 4, 2)),
    ("2", 2, {}, (2, 2, 3, 4)),
    ("[2, 1, 3]", (2, 1, 3), {}, (1, 1, 4, 2, 6)),
    ("3, { stride: 2, padding: 1 }", 3, dict(stride=2, padding=1), (1, 1, 5, 4, 3)),
    (
        "3, { stride: 2, padding: 1, countIncludePad: false }",
        3,
        dict(stride=2, padding=1, count_include_pad=False),
        (1, 1, 5, 4, 3),
    ),
    ("2, { ceilMode: true }", 2, dict(ceil_mode=True), (1, 1, 5, 3, 3)),
    (
        "3, { stride: 2, padding: 1, ceilMode: true }",
        3,
        dict(stride=2, padding=1, ceil_mode=True),
        (1, 1, 4, 6, 4),
    ),
    (
        "3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }",
        3,
        dict(stride=2, padding=1, ceil_mode=True, count_include_pad=False),
        (1, 1, 4, 6, 4),
    ),
]
for text, size, options, x in AVG_POOL:
    case(
        "F.avgPool3d",
        f"F.avgPool3d(x, {text})",
        lambda x, s=size, o=options: F.avg_pool3d(x, s, **o),
        x=normal(*x),
    )

for size, text, x in [
    (1, "1", (1, 2, 3, 4, 2)),
    (2, "2", (1, 1, 4, 3, 5)),
    ((2, 3, 1), "[2, 3, 1]", (1, 2, 5, 7, 2)),
    ((None, 2, 2), "[null, 2, 2]", (1, 2, 3, 5, 4)),
    (3, "3", (1, 2, 2, 2)),
]:
    case(
        "F.adaptiveAvgPool3d",
        f"F.adaptiveAvgPool3d(x, {text})",
        lambda x, s=size: F.adaptive_avg_pool3d(x, s),
        x=normal(*x),
    )
    case(
        "F.adaptiveMaxPool3d",
        f"F.adaptiveMaxPool3d(x, {text})",
        lambda x, s=size: F.adaptive_max_pool3d(x, s),
        x=distinct(*x),
    )
case(
    "F.adaptiveMaxPool3d",
    "F.adaptiveMaxPool3d(x.mul(0), 3)",
    lambda x: F.adaptive_max_pool3d(x * 0, 3),
    x=normal(1, 1, 4, 5, 4),
    label="ties: the first wins",
)



class LPPool3d(nn.Module):
    """torch.nn.LPPool3d with p = 2, which came after 1.13."""

    def forward(self, x):
        return (F.avg_pool3d(x**2, (2, 2, 1), stride=1) * 4).sqrt()


for text, make, spec in [
    ("nn.LPPool3d(2, [2, 2, 1], 1)", LPPool3d, normal(1, 1, 3, 3, 2)),
    ("nn.MaxPool3d(2)", lambda: nn.MaxPool3d(2), distinct(1, 1, 2, 4, 4)),
    ("nn.AvgPool3d([1, 2, 2])", lambda: nn.AvgPool3d((1, 2, 2)), normal(1, 1, 2, 4, 4)),
    ("nn.AdaptiveAvgPool3d([1, 2, null])", lambda: nn.AdaptiveAvgPool3d((1, 2, None)), normal(1, 2, 3, 5, 2)),
    ("nn.AdaptiveMaxPool3d(2)", lambda: nn.AdaptiveMaxPool3d(2), distinct(1, 2, 3, 5, 2)),
]:
    module(text.split("(")[0], f"new {text}", make, "m.forward(x)", lambda m, x: m(x), x=spec)

# ----------------------------------------------------------------- norms and dropout

for training in (True, False):
    mode = "train" if training else "eval"
    module(
        "nn.BatchNorm3d",
        "new nn.BatchNorm3d(3, { momentum: 0.3, dtype: $dtype })",
        lambda: nn.BatchNorm3d(3, momentum=0.3),
        "[m.forward(x), m.runningMean, m.runningVar]",
        lambda m, x: [m(x), m.running_mean, m.running_var],
        state={"running_var": positive},
        label=f"BatchNorm3d({mode})",
        training=training,
        x=normal(2, 3, 2, 1, 2),
    )
for shape in ((2, 2, 2, 3, 2), (2, 2, 3, 2)):
    module(
        "nn.InstanceNorm3d",
        "new nn.InstanceNorm3d(2, { affine: true, dtype: $dtype })",
        lambda: nn.InstanceNorm3d(2, affine=True),
        "m.forward(x)",
        lambda m, x: m(x),
        x=normal(*shape),
    )
module(
    "nn.Dropout3d",
    "new nn.Dropout3d(0.5)",
    lambda: nn.Dropout3d(0.5),
    "m.forward(x)",
    lambda m, x: m(x),
    training=False,
    label="Dropout3d in eval",
    x=normal(1, 2, 2, 2, 2),
)

# ----------------------------------------------------------------- what PyTorch refuses

refuses(
    "F.maxPool3d",
    "shape",
    "F.maxPool3d(x, 5)",
    lambda x: F.max_pool3d(x, 5),
    mentions=["[1, 1, 3, 3, 3]"],
    x=normal(1, 1, 3, 3, 3),
)
refuses(
    "F.maxPool3d",
    "value",
    "F.maxPool3d(x, 2, { padding: 2 })",
    lambda x: F.max_pool3d(x, 2, padding=2),
    mentions=["padding"],
    x=normal(1, 1, 3, 3, 3),
)
refuses(
    "F.maxPool3d",
    "value",
    "F.maxPool3d(x, [2, 2])",
    lambda x: F.max_pool3d(x, (2, 2)),
    mentions=["kernelSize needs a number or 3 of them"],
    x=normal(1, 1, 3, 3, 3),
)
for name, function in (
    ("maxPool3d", F.max_pool3d),
    ("avgPool3d", F.avg_pool3d),
    ("adaptiveAvgPool3d", F.adaptive_avg_pool3d),
):
    refuses(
        f"F.{name}",
        "shape",
        f"F.{name}(x, 2)",
        lambda x, f=function: f(x, 2),
        mentions=["[N, C, D, H, W]", "[3, 3, 3]"],
        x=normal(3, 3, 3),
    )
refuses(
    "F.avgPool3d",
    "value",
    "F.avgPool3d(x, 2, { padding: 2 })",
    lambda x: F.avg_pool3d(x, 2, padding=2),
    mentions=["padding"],
    x=normal(1, 1, 3, 3, 3),
)
refuses(
    "BatchNorm3d",
    "shape",
    "new nn.BatchNorm3d(2).forward(x)",
    lambda x: nn.BatchNorm3d(2)(x),
    mentions=["[N, C, D, H, W]", "[2, 2, 3, 3]"],
    x=normal(2, 2, 3, 3),
)
refuses(
    "F.dropout1d",
    "shape",
    "F.dropout1d(x)",
    lambda x: F.dropout1d(x),
    mentions=["[2, 2, 3, 3]"],
    x=normal(2, 2, 3, 3),
)

for code, function, x, w, mentions in [
    ("F.conv3d(x, w)", F.conv3d, (1, 3, 3, 3, 3), (2, 2, 2, 2, 2), ["[1, 3, 3, 3, 3]", "[2, 2, 2, 2, 2]"]),
    ("F.conv3d(x, w)", F.conv3d, (1, 1, 2, 3, 3), (1, 1, 3, 3, 3), ["[1, 1, 2, 3, 3]"]),
    ("F.conv3d(x, w)", F.conv3d, (1, 1, 3, 3, 3), (1, 1, 3, 3), ["[N, C, D, H, W]", "[1, 1, 3, 3]"]),
    (
        "F.conv3d(x, w, null, { stride: [1, 2] })",
        lambda x, w: F.conv3d(x, w, None, stride=(1, 2)),
        (1, 1, 3, 3, 3),
        (1, 1, 2, 2, 2),
        ["stride needs a number or 3 of them"],
    ),
    (
        'F.conv3d(x, w, null, { padding: "same", stride: 2 })',
        lambda x, w: F.conv3d(x, w, None, padding="same", stride=2),
        (1, 1, 4, 4, 4),
        (1, 1, 3, 3, 3),
        ["same"],
    ),
]:
    refuses("F.conv3d", "shape", code, function, mentions=mentions, x=normal(*x), w=normal(*w))
refuses(
    "F.conv3d",
    "shape",
    "F.conv3d(x, w, b)",
    F.conv3d,
    mentions=["[3]"],
    x=normal(1, 1, 3, 3, 3),
    w=normal(2, 1, 2, 2, 2),
    b=normal(3),
)
refuses(
    "F.convTranspose3d",
    "shape",
    "F.convTranspose3d(x, w)",
    F.conv_transpose3d,
    mentions=["[1, 3, 2, 2, 2]"],
    x=normal(1, 3, 2, 2, 2),
    w=normal(2, 2, 3, 3, 3),
)
refuses(
    "F.convTranspose3d",
    "value",
    "F.convTranspose3d(x, w, null, { outputPadding: 1 })",
    lambda x, w: F.conv_transpose3d(x, w, None, output_padding=1),
    mentions=["outputPadding"],
    x=normal(1, 1, 2, 2, 2),
    w=normal(1, 1, 3, 3, 3),
)
