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

for text, make, spec in [
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
