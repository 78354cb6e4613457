"""Losses: every reduction and option, and the forms that must stay finite."""

import torch
import torch.nn.functional as F

from declare import Family
from specs import bools, ints, literal, normal, positive, probabilities, tied, unit

family = Family("losses")
case = family.case

REDUCTIONS = ("mean", "sum", "none")


def each_reduction(op, arguments, function, *, options="", **inputs):
    """The default and the three reductions; `function` takes the inputs and `reduction`."""
    plain = f", {{ {options} }}" if options else ""
    case(op, f"{op}({arguments}{plain})", function, **inputs)
    for reduction in REDUCTIONS:
        text = ", ".join(filter(None, [options, f'reduction: "{reduction}"']))

        def reduced(*tensors, reduction=reduction):
            return function(*tensors, reduction=reduction)

        case(op, f"{op}({arguments}, {{ {text} }})", reduced, **inputs)


# ----------------------------------------------------------------- regression

for a, b in [((2, 3), (2, 3)), ((4,), (4,)), ((), ())]:
    each_reduction("F.mseLoss", "y, t", F.mse_loss, y=normal(*a), t=normal(*b))
    each_reduction("F.l1Loss", "y, t", F.l1_loss, y=normal(*a), t=normal(*b))
    each_reduction("F.smoothL1Loss", "y, t", F.smooth_l1_loss, y=normal(*a), t=normal(*b))
    each_reduction("F.huberLoss", "y, t", F.huber_loss, y=normal(*a), t=normal(*b))
for beta in (0.5, 2):
    each_reduction(
        "F.smoothL1Loss",
        "y, t",
        lambda y, t, reduction="mean", b=beta: F.smooth_l1_loss(y, t, beta=b, reduction=reduction),
        options=f"beta: {beta}",
        y=normal(2, 3),
        t=normal(2, 3),
    )
    each_reduction(
        "F.huberLoss",
        "y, t",
        lambda y, t, reduction="mean", d=beta: F.huber_loss(y, t, delta=d, reduction=reduction),
        options=f"delta: {beta}",
        y=normal(2, 3),
        t=normal(2, 3),
    )
case(
    "F.smoothL1Loss",
    "F.smoothL1Loss(y, t, { beta: 0 })",
    lambda y, t: F.smooth_l1_loss(y, t, beta=0.0),
    y=normal(4),
    t=normal(4),
)
ZERO_RESIDUAL = dict(y=literal([0.0, 0.5, 2.0, -3.0]), t=literal([0.0, 0.0, 0.0, 0.0]).constant())
for op, function in [("F.mseLoss", F.mse_loss), ("F.smoothL1Loss", F.smooth_l1_loss), ("F.huberLoss", F.huber_loss)]:
    case(op, f"{op}(y, t)", function, **ZERO_RESIDUAL, label="a residual of zero")
KINK = dict(y=literal([0.0, 1.0, 2.0, -1.0]), t=literal([0.0, 0.0, 0.0, 0.0]).constant(), second=False)
case(
    "F.l1Loss",
    'F.l1Loss(y, t, { reduction: "none" })',
    lambda y, t: F.l1_loss(y, t, reduction="none"),
    **KINK,
    label="kink",
)
case("F.smoothL1Loss", "F.smoothL1Loss(y, t)", F.smooth_l1_loss, **KINK, label="kink")
case("F.huberLoss", "F.huberLoss(y, t)", F.huber_loss, **KINK, label="kink")
case("F.mseLoss", "F.mseLoss(y, t)", F.mse_loss, y=normal(3), t=normal(1).constant(), label="broadcast")
case("F.mseLoss", "F.mseLoss(y, t)", F.mse_loss, y=normal(2, 3), t=normal(3).constant(), label="broadcast")
case("F.mseLoss", "F.mseLoss(y.t(), t)", lambda y, t: F.mse_loss(y.t(), t), y=normal(2, 3), t=normal(3, 2))

# ----------------------------------------------------------------- classes

for shape, target in [
    ((3, 4), literal([0, 3, 1], "int64")),
    ((1, 2), literal([1], "int64")),
    ((4,), literal(2, "int64")),
    ((2, 3, 2), literal([[0, 2], [1, 1]], "int64")),
    ((1, 3, 2, 2), literal([[[0, 2], [1, 1]]], "int64")),
]:
    each_reduction("F.crossEntropy", "x, t", F.cross_entropy, x=normal(*shape), t=target)
    each_reduction("F.nllLoss", "x, t", F.nll_loss, x=normal(*shape), t=target)
    axis = 0 if len(shape) == 1 else 1
    each_reduction(
        "F.crossEntropy", "x, t", F.cross_entropy, x=normal(*shape), t=probabilities(*shape, axis=axis).constant()
    )

CLASSES = literal([0, 3, 1, 3], "int64")
CLASS_OPTIONS = [
    ("weight: w", dict(weight=True)),
    ("ignoreIndex: 3", dict(ignore_index=3)),
    ("weight: w, ignoreIndex: 3", dict(weight=True, ignore_index=3)),
]
SMOOTHED = [
    ("labelSmoothing: 0.1", dict(label_smoothing=0.1)),
    ("weight: w, labelSmoothing: 0.2", dict(weight=True, label_smoothing=0.2)),
    ("ignoreIndex: 3, labelSmoothing: 0.1", dict(ignore_index=3, label_smoothing=0.1)),
    ("weight: w, ignoreIndex: 0, labelSmoothing: 0.3", dict(weight=True, ignore_index=0, label_smoothing=0.3)),
]


def weighted(function, options):
    """Passes the input `w` where the options ask for a weight."""
    plain = {k: v for k, v in options.items() if k != "weight"}

    def run(x, t, w=None, reduction="mean"):
        return function(x, t, weight=w if "weight" in options else None, reduction=reduction, **plain)

    return run


for text, options in CLASS_OPTIONS + SMOOTHED:
    inputs = dict(x=normal(4, 4), t=CLASSES)
    if "weight" in options:
        inputs["w"] = positive(4).constant()
    each_reduction("F.crossEntropy", "x, t", weighted(F.cross_entropy, options), options=text, **inputs)
    if "label_smoothing" not in options:
        each_reduction("F.nllLoss", "x, t", weighted(F.nll_loss, options), options=text, **inputs)
for text, options in [("weight: w", dict(weight=True)), SMOOTHED[0], SMOOTHED[1]]:
    inputs = dict(x=normal(3, 4), t=probabilities(3, 4, axis=1).constant())
    if "weight" in options:
        inputs["w"] = positive(4).constant()
    each_reduction("F.crossEntropy", "x, t", weighted(F.cross_entropy, options), options=text, **inputs)
case(
    "F.crossEntropy",
    "F.crossEntropy(x, t, { weight: w, ignoreIndex: 1, labelSmoothing: 0.1 })",
    lambda x, t, w: F.cross_entropy(x, t, weight=w, ignore_index=1, label_smoothing=0.1),
    x=normal(2, 3, 2),
    t=literal([[0, 1], [2, 1]], "int64"),
    w=positive(3).constant(),
    label="over places",
)
case(
    "F.crossEntropy",
    "F.crossEntropy(x, t)",
    F.cross_entropy,
    x=normal(2, 3),
    t=probabilities(2, 3, axis=1),
    label="gradient to the target",
)
case(
    "F.crossEntropy",
    "F.crossEntropy(x, t)",
    F.cross_entropy,
    x=literal([[1000.0, 0.0, -1000.0], [0.0, 800.0, 800.0]]),
    t=literal([2, 1], "int64"),
    label="far out",
)
case(
    "F.crossEntropy",
    "F.crossEntropy(x, t)",
    F.cross_entropy,
    x=normal(2, 3),
    t=literal([-100, 1], "int64"),
    label="-100 is ignored",
)
case("F.nllLoss", "F.nllLoss(x, t)", F.nll_loss, x=normal(2, 3), t=literal([-100, 1], "int64"), label="-100 is ignored")
case(
    "F.crossEntropy",
    "F.crossEntropy(x, t)",
    F.cross_entropy,
    x=normal(2, 3).constant(),
    t=literal([-100, -100], "int64"),
    label="nothing left: NaN",
)
case(
    "F.nllLoss",
    "F.nllLoss(x.logSoftmax(1), t)",
    lambda x, t: F.nll_loss(x.log_softmax(1), t),
    x=normal(3, 4),
    t=ints(0, 4, 3),
)
case(
    "F.crossEntropy",
    "F.crossEntropy(x.view(-1, 3), t.view(-1))",
    lambda x, t: F.cross_entropy(x.view(-1, 3), t.view(-1)),
    x=normal(2, 2, 3),
    t=ints(0, 3, 2, 2),
)

# ----------------------------------------------------------------- binary

each_reduction("F.binaryCrossEntropy", "p, t", F.binary_cross_entropy, p=unit(2, 3), t=unit(2, 3).constant())
each_reduction(
    "F.binaryCrossEntropyWithLogits", "z, t", F.binary_cross_entropy_with_logits, z=normal(2, 3), t=unit(2, 3)
)
for shape in ((2, 3), (3,), (2, 1)):
    each_reduction(
        "F.binaryCrossEntropy",
        "p, t",
        lambda p, t, w, reduction="mean": F.binary_cross_entropy(p, t, weight=w, reduction=reduction),
        options="weight: w",
        p=unit(2, 3),
        t=unit(2, 3).constant(),
        w=positive(*shape).constant(),
    )
    each_reduction(
        "F.binaryCrossEntropyWithLogits",
        "z, t",
        lambda z, t, w, reduction="mean": F.binary_cross_entropy_with_logits(z, t, weight=w, reduction=reduction),
        options="weight: w",
        z=normal(2, 3),
        t=unit(2, 3).constant(),
        w=positive(*shape).constant(),
    )
each_reduction(
    "F.binaryCrossEntropyWithLogits",
    "z, t",
    lambda z, t, q, reduction="mean": F.binary_cross_entropy_with_logits(z, t, pos_weight=q, reduction=reduction),
    options="posWeight: q",
    z=normal(2, 3),
    t=unit(2, 3).constant(),
    q=positive(3).constant(),
)
each_reduction(
    "F.binaryCrossEntropyWithLogits",
    "z, t",
    lambda z, t, w, q, reduction="mean": F.binary_cross_entropy_with_logits(
        z, t, weight=w, pos_weight=q, reduction=reduction
    ),
    options="weight: w, posWeight: q",
    z=normal(2, 3),
    t=unit(2, 3).constant(),
    w=positive(3).constant(),
    q=positive(3).constant(),
)
EXTREME = dict(t=literal([1.0, 0.0, 1.0, 0.0, 0.5]).constant())
case(
    "F.binaryCrossEntropyWithLogits",
    "F.binaryCrossEntropyWithLogits(z, t)",
    F.binary_cross_entropy_with_logits,
    z=literal([-500.0, 500.0, 500.0, -500.0, 0.0]),
    **EXTREME,
    label="far out",
)
case(
    "F.binaryCrossEntropy",
    'F.binaryCrossEntropy(p, t, { reduction: "none" })',
    lambda p, t: F.binary_cross_entropy(p, t, reduction="none"),
    p=literal([0.0, 1.0, 1.0, 0.0, 0.5]),
    **EXTREME,
    second=False,
    label="at 0 and 1",
)

# ----------------------------------------------------------------- divergence

for log_target in (False, True):
    options = "logTarget: true" if log_target else ""
    target = normal(2, 3) if log_target else probabilities(2, 3, axis=1)

    def divergence(x, t, reduction="mean", log_target=log_target):
        return F.kl_div(x, t, reduction=reduction, log_target=log_target)

    each_reduction("F.klDiv", "x, t", divergence, options=options, x=normal(2, 3), t=target)
    text = ", ".join(filter(None, [options, 'reduction: "batchmean"']))
    case(
        "F.klDiv",
        f"F.klDiv(x, t, {{ {text} }})",
        lambda x, t, f=divergence: f(x, t, reduction="batchmean"),
        x=normal(2, 3),
        t=target,
    )
case(
    "F.klDiv",
    'F.klDiv(x, t, { reduction: "none" })',
    lambda x, t: F.kl_div(x, t, reduction="none"),
    x=normal(3),
    t=literal([0.0, 0.5, 0.5]).constant(),
    label="a target of zero",
)

# ----------------------------------------------------------------- margins


def signs(*shape):
    return literal([1.0, -1.0, 1.0, -1.0, -1.0, 1.0][: shape[0]]).constant()


for margin in (None, 0.5):
    text = "" if margin is None else f"margin: {margin}"
    more = {} if margin is None else {"margin": margin}

    def with_margin(function, more=more):
        return lambda *tensors, reduction="mean": function(*tensors, reduction=reduction, **more)

    each_reduction(
        "F.marginRankingLoss",
        "a, b, y",
        with_margin(F.margin_ranking_loss),
        options=text,
        a=normal(4),
        b=normal(4),
        y=signs(4),
    )
    each_reduction(
        "F.hingeEmbeddingLoss", "x, y", with_margin(F.hinge_embedding_loss), options=text, x=normal(4), y=signs(4)
    )
    each_reduction(
        "F.multiMarginLoss",
        "x, t",
        with_margin(F.multi_margin_loss),
        options=text,
        x=normal(3, 4),
        t=literal([0, 2, 3], "int64"),
    )
    each_reduction(
        "F.tripletMarginLoss",
        "a, p, n",
        with_margin(F.triplet_margin_loss),
        options=text,
        a=normal(3, 2),
        p=normal(3, 2),
        n=normal(3, 2),
    )
    each_reduction(
        "F.cosineEmbeddingLoss",
        "a, b, y",
        with_margin(F.cosine_embedding_loss),
        options=text,
        a=normal(4, 3),
        b=normal(4, 3),
        y=signs(4),
    )
each_reduction("F.softMarginLoss", "x, y", F.soft_margin_loss, x=normal(4), y=signs(4))
case("F.softMarginLoss", "F.softMarginLoss(x, y)", F.soft_margin_loss, x=normal(2, 2), y=tied(2, 2).constant())
case(
    "F.multiMarginLoss",
    "F.multiMarginLoss(x, t)",
    F.multi_margin_loss,
    x=normal(4),
    t=literal(1, "int64"),
    label="one example",
)
case(
    "F.multiMarginLoss",
    "F.multiMarginLoss(x, t, { p: 2 })",
    lambda x, t: F.multi_margin_loss(x, t, p=2),
    x=normal(2, 3),
    t=ints(0, 3, 2),
)
case(
    "F.hingeEmbeddingLoss",
    "F.hingeEmbeddingLoss(x, y)",
    F.hinge_embedding_loss,
    x=normal(2, 2),
    y=literal([[1.0, -1.0], [-1.0, 1.0]]).constant(),
)
for shape, text, options in [
    ((3, 2), "", {}),
    ((3, 2), ", { dim: 0 }", dict(dim=0)),
    ((2, 3, 2), ", { dim: -1 }", dict(dim=-1)),
    ((2, 3, 2), "", {}),
    ((4,), ", { dim: 0 }", dict(dim=0)),
]:
    case(
        "F.cosineSimilarity",
        f"F.cosineSimilarity(a, b{text})",
        lambda a, b, o=options: F.cosine_similarity(a, b, **o),
        a=normal(*shape),
        b=normal(*shape),
    )
case(
    "F.cosineSimilarity",
    "F.cosineSimilarity(a, b)",
    F.cosine_similarity,
    a=normal(3, 2),
    b=normal(1, 2),
    label="broadcast",
)

# ----------------------------------------------------------------- in a model

case(
    "F.crossEntropy",
    "F.crossEntropy(x.matmul(w).add(b), t)",
    lambda x, w, b, t: F.cross_entropy(x @ w + b, t),
    x=normal(3, 2),
    w=normal(2, 4),
    b=normal(4),
    t=ints(0, 4, 3),
    label="of a linear layer",
)
case(
    "F.mseLoss",
    "F.mseLoss(x.matmul(w).tanh().squeeze(1), m.float())",
    lambda x, w, m: F.mse_loss((x @ w).tanh().squeeze(1), m.float()),
    x=normal(3, 2).of("float32"),
    w=normal(2, 1).of("float32"),
    m=bools(3),
    label="of a squeezed output",
)

# ----------------------------------------------------------------- labels without places in time

# The gradient of PyTorch's ctc_loss is that with respect to what log_softmax is taken of, and is compared through it.
for text, lengths, sizes, options in [
    ("", (5, 4), (2, 3), {}),
    (', { reduction: "sum" }', (5, 5), (3, 1), dict(reduction="sum")),
    (', { reduction: "none", blank: 2 }', (4, 5), (2, 0), dict(reduction="none", blank=2)),
    (", { zeroInfinity: true }", (2, 5), (3, 2), dict(zero_infinity=True)),
]:
    labels = torch.tensor([[1, 1, 3], [3, 0, 1]] if "blank" in options else [[1, 1, 3], [3, 2, 1]])
    case(
        "F.ctcLoss",
        f"F.ctcLoss(F.logSoftmax(x, -1), tensor({labels.tolist()}, {{ dtype: \"int64\" }}), {list(lengths)}, {list(sizes)}{text})",
        lambda x, a=labels, b=lengths, c=sizes, o=options: F.ctc_loss(F.log_softmax(x, -1), a, b, c, **o),
        x=normal(5, 2, 4),
    )
case(
    "F.ctcLoss",
    'F.ctcLoss(F.logSoftmax(x, -1), tensor([1, 2, 2], { dtype: "int64" }), [4, 3], [2, 1])',
    lambda x: F.ctc_loss(F.log_softmax(x, -1), torch.tensor([1, 2, 2]), (4, 3), (2, 1)),
    x=normal(4, 2, 3),
    label="labels of all sequences in a row",
)
