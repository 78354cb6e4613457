"""Losses and layers as PyTorch refuses them: targets, options, sizes."""

import torch.nn.functional as F

from declare import Family
from specs import literal, normal, unit

family = Family("refused_layers")
refuses = family.refuses


def at(*entries):
    """An index tensor of these entries."""
    return literal(list(entries), "int64")


# ----------------------------------------------------------------- losses

refuses("F.crossEntropy", "value", "F.crossEntropy(x, t)", F.cross_entropy, mentions=["3"], x=normal(2, 3), t=at(0, 3))
refuses(
    "F.crossEntropy", "value", "F.crossEntropy(x, t)", F.cross_entropy, mentions=["-1"], x=normal(2, 3), t=at(-1, 0)
)
refuses("F.nllLoss", "value", "F.nllLoss(x, t)", F.nll_loss, mentions=["4"], x=normal(2, 3), t=at(0, 4))
refuses(
    "F.multiMarginLoss",
    "value",
    "F.multiMarginLoss(x, t)",
    F.multi_margin_loss,
    mentions=["3"],
    x=normal(2, 3),
    t=at(0, 3),
)
refuses(
    "F.crossEntropy",
    "shape",
    "F.crossEntropy(x, t)",
    F.cross_entropy,
    mentions=["[2, 3]", "[4]"],
    x=normal(2, 3),
    t=at(0, 1, 2, 0),
)
refuses(
    "F.nllLoss", "shape", "F.nllLoss(x, t)", F.nll_loss, mentions=["[2, 3]", "[4]"], x=normal(2, 3), t=at(0, 1, 2, 0)
)
refuses(
    "F.crossEntropy",
    "shape",
    "F.crossEntropy(x, t)",
    F.cross_entropy,
    mentions=["[2, 3]", "[2, 4]"],
    x=normal(2, 3),
    t=unit(2, 4),
)
refuses(
    "F.crossEntropy",
    "shape",
    "F.crossEntropy(x, t, { weight: w })",
    lambda x, t, w: F.cross_entropy(x, t, weight=w),
    mentions=["[2]"],
    x=normal(2, 3),
    t=at(0, 1),
    w=unit(2),
)
refuses(
    "F.crossEntropy",
    "dtype",
    "F.crossEntropy(x, t)",
    F.cross_entropy,
    mentions=["float32"],
    x=normal(2, 3),
    t=normal(2),
)
refuses("F.nllLoss", "dtype", "F.nllLoss(x, t)", F.nll_loss, mentions=["float32"], x=normal(2, 3), t=normal(2))
refuses(
    "F.crossEntropy",
    "value",
    'F.crossEntropy(x, t, { reduction: "avg" })',
    lambda x, t: F.cross_entropy(x, t, reduction="avg"),
    mentions=["avg"],
    x=normal(2, 3),
    t=at(0, 1),
)
refuses(
    "F.mseLoss",
    "value",
    'F.mseLoss(x, y, { reduction: "average" })',
    lambda x, y: F.mse_loss(x, y, reduction="average"),
    mentions=["average"],
    x=normal(2),
    y=normal(2),
)
refuses(
    "F.crossEntropy",
    "value",
    "F.crossEntropy(x, t, { labelSmoothing: 1.5 })",
    lambda x, t: F.cross_entropy(x, t, label_smoothing=1.5),
    mentions=["1.5"],
    x=normal(2, 3),
    t=at(0, 1),
)
refuses(
    "F.binaryCrossEntropy",
    "shape",
    "F.binaryCrossEntropy(p, t)",
    F.binary_cross_entropy,
    mentions=["[2, 1]", "[2]"],
    p=unit(2, 1),
    t=unit(2),
)
refuses(
    "F.binaryCrossEntropyWithLogits",
    "shape",
    "F.binaryCrossEntropyWithLogits(z, t)",
    F.binary_cross_entropy_with_logits,
    mentions=["[2, 1]", "[2]"],
    z=normal(2, 1),
    t=unit(2),
)
refuses(
    "F.binaryCrossEntropy",
    "value",
    "F.binaryCrossEntropy(p, t)",
    F.binary_cross_entropy,
    mentions=["1.5"],
    p=literal([0.5, 1.5]),
    t=unit(2),
)
refuses(
    "F.huberLoss",
    "value",
    "F.huberLoss(x, y, { delta: 0 })",
    lambda x, y: F.huber_loss(x, y, delta=0),
    mentions=["0"],
    x=normal(2),
    y=normal(2),
)
refuses(
    "F.smoothL1Loss",
    "value",
    "F.smoothL1Loss(x, y, { beta: -1 })",
    lambda x, y: F.smooth_l1_loss(x, y, beta=-1),
    mentions=["-1"],
    x=normal(2),
    y=normal(2),
)

# ----------------------------------------------------------------- layers

for code, function, x, w, mentions in [
    ("F.conv2d(x, w)", lambda x, w: F.conv2d(x, w), (1, 3, 4, 4), (2, 2, 3, 3), ["[1, 3, 4, 4]", "[2, 2, 3, 3]"]),
    ("F.conv2d(x, w)", lambda x, w: F.conv2d(x, w), (1, 1, 2, 2), (1, 1, 3, 3), ["[1, 1, 2, 2]"]),
    ("F.conv2d(x, w)", lambda x, w: F.conv2d(x, w), (4, 4), (1, 1, 3, 3), ["[4, 4]"]),
    ("F.conv2d(x, w)", lambda x, w: F.conv2d(x, w), (1, 1, 4, 4), (1, 3, 3), ["[1, 3, 3]"]),
    (
        "F.conv2d(x, w, null, { groups: 2 })",
        lambda x, w: F.conv2d(x, w, None, groups=2),
        (1, 3, 4, 4),
        (2, 1, 3, 3),
        ["2"],
    ),
    (
        "F.conv2d(x, w, null, { stride: 0 })",
        lambda x, w: F.conv2d(x, w, None, stride=0),
        (1, 1, 4, 4),
        (1, 1, 3, 3),
        ["stride"],
    ),
    (
        "F.conv2d(x, w, null, { padding: -1 })",
        lambda x, w: F.conv2d(x, w, None, padding=-1),
        (1, 1, 4, 4),
        (1, 1, 3, 3),
        ["padding"],
    ),
    (
        'F.conv2d(x, w, null, { padding: "same", stride: 2 })',
        lambda x, w: F.conv2d(x, w, None, padding="same", stride=2),
        (1, 1, 4, 4),
        (1, 1, 3, 3),
        ["same"],
    ),
]:
    refuses("F.conv2d", "shape", code, function, mentions=mentions, x=normal(*x), w=normal(*w))
refuses(
    "F.conv2d",
    "shape",
    "F.conv2d(x, w, b)",
    lambda x, w, b: F.conv2d(x, w, b),
    mentions=["[3]"],
    x=normal(1, 1, 3, 3),
    w=normal(2, 1, 2, 2),
    b=normal(3),
)
refuses(
    "F.conv1d",
    "shape",
    "F.conv1d(x, w)",
    lambda x, w: F.conv1d(x, w),
    mentions=["[1, 3, 4]"],
    x=normal(1, 3, 4),
    w=normal(2, 2, 3),
)
refuses(
    "F.convTranspose2d",
    "shape",
    "F.convTranspose2d(x, w)",
    lambda x, w: F.conv_transpose2d(x, w),
    mentions=["[1, 3, 2, 2]"],
    x=normal(1, 3, 2, 2),
    w=normal(2, 2, 3, 3),
)
refuses(
    "F.convTranspose2d",
    "value",
    "F.convTranspose2d(x, w, null, { outputPadding: 1 })",
    lambda x, w: F.conv_transpose2d(x, w, None, output_padding=1),
    mentions=["outputPadding"],
    x=normal(1, 1, 2, 2),
    w=normal(1, 1, 3, 3),
)
refuses(
    "F.maxPool2d",
    "shape",
    "F.maxPool2d(x, 5)",
    lambda x: F.max_pool2d(x, 5),
    mentions=["[1, 1, 3, 3]"],
    x=normal(1, 1, 3, 3),
)
refuses(
    "F.maxPool2d",
    "value",
    "F.maxPool2d(x, 2, { padding: 2 })",
    lambda x: F.max_pool2d(x, 2, padding=2),
    mentions=["padding"],
    x=normal(1, 1, 3, 3),
)
refuses("F.maxPool2d", "shape", "F.maxPool2d(x, 2)", lambda x: F.max_pool2d(x, 2), mentions=["[3, 3]"], x=normal(3, 3))
refuses("F.maxPool2d", "value", "F.maxPool2d(x, 0)", lambda x: F.max_pool2d(x, 0), mentions=["0"], x=normal(1, 1, 3, 3))
refuses(
    "F.avgPool2d",
    "shape",
    "F.avgPool2d(x, 5)",
    lambda x: F.avg_pool2d(x, 5),
    mentions=["[1, 1, 3, 3]"],
    x=normal(1, 1, 3, 3),
)
refuses(
    "F.avgPool2d",
    "value",
    "F.avgPool2d(x, 2, { padding: 2 })",
    lambda x: F.avg_pool2d(x, 2, padding=2),
    mentions=["padding"],
    x=normal(1, 1, 3, 3),
)
refuses(
    "F.adaptiveAvgPool2d",
    "shape",
    "F.adaptiveAvgPool2d(x, 2)",
    lambda x: F.adaptive_avg_pool2d(x, 2),
    mentions=["[3, 3]"],
    x=normal(3, 3),
)
refuses(
    "F.layerNorm",
    "shape",
    "F.layerNorm(x, [4])",
    lambda x: F.layer_norm(x, [4]),
    mentions=["[4]", "[2, 3]"],
    x=normal(2, 3),
)
refuses(
    "F.layerNorm",
    "shape",
    "F.layerNorm(x, [3], w)",
    lambda x, w: F.layer_norm(x, [3], w),
    mentions=["[2]"],
    x=normal(2, 3),
    w=normal(2),
)
refuses(
    "F.groupNorm", "shape", "F.groupNorm(x, 2)", lambda x: F.group_norm(x, 2), mentions=["2", "3"], x=normal(2, 3, 4)
)
refuses(
    "F.batchNorm",
    "shape",
    "F.batchNorm(x, m, v)",
    lambda x, m, v: F.batch_norm(x, m, v),
    mentions=["[2]", "[4, 3]"],
    x=normal(4, 3),
    m=unit(2).constant(),
    v=unit(2).constant(),
)
refuses(
    "F.batchNorm",
    "shape",
    "F.batchNorm(x, null, null, null, null, { training: true })",
    lambda x: F.batch_norm(x, None, None, training=True),
    mentions=["[1, 3]"],
    x=normal(1, 3),
)
refuses("F.batchNorm", "value", "F.batchNorm(x, null, null)", lambda x: F.batch_norm(x, None, None), x=normal(2, 3))
refuses(
    "F.cosineEmbeddingLoss",
    "shape",
    "F.cosineEmbeddingLoss(a, b, y)",
    F.cosine_embedding_loss,
    mentions=["[3, 2]", "[3, 4]"],
    a=normal(3, 2),
    b=normal(3, 4),
    y=unit(3),
)
refuses(
    "F.tripletMarginLoss",
    "shape",
    "F.tripletMarginLoss(a, p, n)",
    F.triplet_margin_loss,
    mentions=["[3, 2]", "[3, 4]"],
    a=normal(3, 2),
    p=normal(3, 4),
    n=normal(3, 2),
)
