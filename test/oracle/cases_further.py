"""Layers and functions that fewer models use: resizing, sampling, folding, bags, decoders, losses over several labels."""

from functools import partial

import torch
import torch.nn.functional as F
from torch import nn

from declare import Family, Result
from module_case import declare_module
from specs import ints, literal, normal, positive, spread

family = Family("further")
case = family.case
module = partial(declare_module, case)


def parameters(m):
    return Result((m[0] * m[-1]).sum(), p0=m[0], p1=m[1])


for shape, mode, corners in [
    ((1, 2, 4), "linear", False),
    ((1, 2, 4), "linear", True),
    ((1, 2, 3, 4), "bilinear", False),
    ((1, 2, 3, 4), "bilinear", True),
    ((1, 1, 4, 3), "bicubic", False),
    ((1, 1, 4, 3), "bicubic", True),
    ((1, 1, 2, 3, 2), "trilinear", False),
]:
    for size in [5, 2]:
        code = f'F.interpolate(x, {{ size: {size}, mode: "{mode}", alignCorners: {str(corners).lower()} }})'
        case("F.interpolate", code, lambda x, s=size, m=mode, c=corners: F.interpolate(x, size=s, mode=m, align_corners=c), x=normal(*shape))
case("F.interpolate", 'F.interpolate(x, { scaleFactor: 2, mode: "bilinear" })', lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"), x=normal(1, 1, 3, 2))
case("F.interpolate", 'F.interpolate(x, { scaleFactor: [1.5, 2], mode: "bicubic" })', lambda x: F.interpolate(x, scale_factor=(1.5, 2), mode="bicubic"), x=normal(1, 1, 4, 3))
case("F.interpolate", 'F.interpolate(x, { size: [2, 3], mode: "area" })', lambda x: F.interpolate(x, size=(2, 3), mode="area"), x=normal(1, 2, 4, 5))
case("F.interpolate", 'F.interpolate(x, { size: 7, mode: "nearest-exact" })', lambda x: F.interpolate(x, size=7, mode="nearest-exact"), x=normal(1, 2, 4))
case("F.upsample", "F.upsample(x, { scaleFactor: 2 })", lambda x: F.interpolate(x, scale_factor=2), x=normal(1, 1, 2, 2))
case("F.upsampleBilinear", "F.upsampleBilinear(x, { size: 4 })", lambda x: F.interpolate(x, size=4, mode="bilinear", align_corners=True), x=normal(1, 1, 2, 3))
case("nn.Upsample", 'new nn.Upsample({ scaleFactor: 2, mode: "bilinear" }).forward(x)', nn.Upsample(scale_factor=2, mode="bilinear"), x=normal(1, 1, 2, 3))
case("nn.UpsamplingBilinear2d", "new nn.UpsamplingBilinear2d({ scaleFactor: 2 }).forward(x)", nn.UpsamplingBilinear2d(scale_factor=2), x=normal(1, 1, 2, 3))
case("nn.UpsamplingNearest2d", "new nn.UpsamplingNearest2d({ scaleFactor: 2 }).forward(x)", nn.UpsamplingNearest2d(scale_factor=2), x=normal(1, 1, 2, 3))

GRID = [[[[-0.9, -0.31], [0.27, 0.83]], [[0.05, 0.62], [1.3, -1.2]]]]
for mode in ["bilinear", "nearest"]:
    for padding in ["zeros", "border"]:
        for corners in [False, True]:
            code = f'F.gridSample(x, g, {{ mode: "{mode}", paddingMode: "{padding}", alignCorners: {str(corners).lower()} }})'
            case("F.gridSample", code, lambda x, g, m=mode, p=padding, c=corners: F.grid_sample(x, g, m, p, c), second=False, x=normal(1, 2, 3, 4), g=literal(GRID))
case("F.affineGrid", "F.affineGrid(t, [2, 1, 2, 3])", lambda t: F.affine_grid(t, [2, 1, 2, 3], align_corners=False), t=normal(2, 2, 3))
case("F.affineGrid", "F.affineGrid(t, [1, 1, 3, 2], { alignCorners: true })", lambda t: F.affine_grid(t, [1, 1, 3, 2], align_corners=True), t=normal(1, 2, 3))

case("F.fold", "F.fold(x, [3, 4], 2)", lambda x: F.fold(x, (3, 4), 2), x=normal(1, 8, 6))
case("F.fold", "F.fold(x, 5, [2, 3], { dilation: 2, padding: 1, stride: [1, 2] })", lambda x: F.fold(x, 5, (2, 3), dilation=2, padding=1, stride=(1, 2)), x=normal(2, 12, 10))
case("nn.Fold", "new nn.Fold(4, 2, { stride: 2 }).forward(x)", nn.Fold(4, 2, stride=2), x=normal(1, 4, 4))
case("nn.ChannelShuffle", "new nn.ChannelShuffle(2).forward(x)", nn.ChannelShuffle(2), x=normal(1, 4, 2, 3).constant())
case("F.lpPool1d", "F.lpPool1d(x, 2, 2)", lambda x: F.lp_pool1d(x, 2, 2), x=positive(1, 2, 4))
case("F.lpPool2d", "F.lpPool2d(x, 3, 2)", lambda x: F.lp_pool2d(x, 3, 2), x=positive(1, 2, 4, 4))
case("nn.LPPool1d", "new nn.LPPool1d(2, 3, 2).forward(x)", nn.LPPool1d(2, 3, 2), x=positive(1, 2, 7))
case("nn.LPPool2d", "new nn.LPPool2d(2, [2, 3]).forward(x)", nn.LPPool2d(2, (2, 3)), x=positive(1, 1, 4, 6))

for code, make in [
    ("CELU(0.5)", nn.CELU(0.5)),
    ("Threshold(0.1, -2)", nn.Threshold(0.1, -2.0)),
    ("Hardshrink()", nn.Hardshrink()),
    ("Softshrink(0.3)", nn.Softshrink(0.3)),
    ("Tanhshrink()", nn.Tanhshrink()),
    ("Softmin(1)", nn.Softmin(1)),
]:
    case(f"nn.{code.split('(')[0]}", f"new nn.{code}.forward(x)", make, x=spread(2, 4))
case("nn.Softmax2d", "new nn.Softmax2d().forward(x)", nn.Softmax2d(), x=normal(1, 3, 2, 2))
for name, call, function in [
    ("relu_", "", F.relu_),
    ("elu_", ", 0.5", lambda x: F.elu_(x, 0.5)),
    ("celu_", ", 0.5", lambda x: F.celu_(x, 0.5)),
    ("selu_", "", F.selu_),
    ("leakyRelu_", ", 0.2", lambda x: F.leaky_relu_(x, 0.2)),
    ("hardtanh_", ", -0.5, 0.5", lambda x: F.hardtanh_(x, -0.5, 0.5)),
    ("threshold_", ", 0.1, 3", lambda x: F.threshold_(x, 0.1, 3.0)),
]:
    case(f"F.{name}", f"F.{name}(x.mul(2){call})", lambda x, f=function: f(x * 2), second=False, x=spread(6))

case("F.multilabelMarginLoss", "F.multilabelMarginLoss(x, t)", F.multilabel_margin_loss, second=False, x=normal(2, 4), t=literal([[3, 0, -1, 1], [2, -1, 0, 1]], "int64"))
case("F.multilabelMarginLoss", 'new nn.MultiLabelMarginLoss({ reduction: "none" }).forward(x, t)', nn.MultiLabelMarginLoss(reduction="none"), second=False, x=normal(2, 3), t=literal([[1, -1, 0], [0, 2, -1]], "int64"))
case("F.multilabelSoftMarginLoss", "F.multilabelSoftMarginLoss(x, t)", F.multilabel_soft_margin_loss, x=normal(2, 3), t=literal([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]]).constant())
case("nn.MultiLabelSoftMarginLoss", "new nn.MultiLabelSoftMarginLoss({ weight: w }).forward(x, t)", lambda x, t, w: nn.MultiLabelSoftMarginLoss(weight=w)(x, t), x=normal(2, 3), t=literal([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]]).constant(), w=positive(3).constant())
case("F.tripletMarginWithDistanceLoss", "F.tripletMarginWithDistanceLoss(a, p, n, { margin: 2, swap: true })", lambda a, p, n: F.triplet_margin_with_distance_loss(a, p, n, margin=2.0, swap=True), second=False, a=normal(3, 4), p=normal(3, 4), n=normal(3, 4))
case("nn.TripletMarginWithDistanceLoss", "new nn.TripletMarginWithDistanceLoss({ distanceFunction: (a, b) => a.sub(b).square().sum(-1) }).forward(a, p, n)", nn.TripletMarginWithDistanceLoss(distance_function=lambda a, b: (a - b).square().sum(-1)), second=False, a=normal(3, 2), p=normal(3, 2), n=normal(3, 2))
case("nn.PairwiseDistance", "new nn.PairwiseDistance({ p: 3, keepdim: true }).forward(a, b)", nn.PairwiseDistance(3, keepdim=True), a=normal(3, 4), b=normal(3, 4))

BAG = dict(ids=ints(0, 5, 7), w=normal(5, 3), o=literal([0, 2, 2, 5], "int64"))
case("F.embeddingBag", "F.embeddingBag(ids, w, { offsets: o })", lambda ids, w, o: F.embedding_bag(ids, w, o), second=False, **BAG)
case("F.embeddingBag", 'F.embeddingBag(ids, w, { mode: "sum", perSampleWeights: s })', lambda ids, w, s: F.embedding_bag(ids, w, mode="sum", per_sample_weights=s), second=False, ids=ints(0, 5, 2, 3), w=normal(5, 3), s=normal(2, 3))
case("F.embeddingBag", 'F.embeddingBag(ids, w, { mode: "max" })', lambda ids, w: F.embedding_bag(ids, w, mode="max"), second=False, ids=literal([[0, 2], [1, 4]], "int64"), w=normal(5, 3))
module("nn.EmbeddingBag", "new nn.EmbeddingBag(4, 3, { dtype: $dtype })", lambda: nn.EmbeddingBag(4, 3), "m.forward(ids)", lambda m, ids: m(ids), second=False, ids=literal([[0, 3], [1, 3]], "int64"))
module("nn.Bilinear", "new nn.Bilinear(3, 2, 4, { dtype: $dtype })", lambda: nn.Bilinear(3, 2, 4), "m.forward(a, b)", lambda m, a, b: m(a, b), a=normal(2, 3), b=normal(2, 2))

OPTIONS = "dimFeedforward: 5, dropout: 0, dtype: $dtype"
for text, options in [("", {}), ("normFirst: true, ", dict(norm_first=True)), ('activation: "gelu", batchFirst: true, ', dict(activation="gelu", batch_first=True))]:
    module(
        "nn.TransformerDecoderLayer",
        f"new nn.TransformerDecoderLayer(4, 2, {{ {text}{OPTIONS} }})",
        lambda o=options: nn.TransformerDecoderLayer(4, 2, 5, 0.0, **o),
        "m.forward(x, y)",
        lambda m, x, y: m(x, y),
        second=False,
        dtypes=["float64"],
        x=normal(3, 2, 4),
        y=normal(2, 2, 4) if "batch_first" not in options else normal(3, 5, 4),
    )
module(
    "nn.Transformer",
    f"new nn.Transformer({{ dModel: 4, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 2, {OPTIONS} }})",
    lambda: nn.Transformer(4, 2, 1, 2, 5, 0.0),
    "m.forward(x, y, { tgtIsCausal: true })",
    lambda m, x, y: m(x, y, tgt_mask=torch.ones(3, 3, dtype=torch.bool).triu(1)),
    second=False,
    dtypes=["float64"],
    x=normal(2, 1, 4),
    y=normal(3, 1, 4),
)

case("nn.init.dirac_", "nn.init.dirac_(x.clone())", lambda x: nn.init.dirac_(x.clone()), x=normal(3, 2, 3).constant())
case("nn.init.dirac_", "nn.init.dirac_(x.clone(), 2)", lambda x: nn.init.dirac_(x.clone(), 2), x=normal(4, 2, 2, 3).constant())
case("nn.ParameterList", "const m = new nn.ParameterList([x, y]); return { outputs: m.get(0).mul(m.get(-1)).sum(), leaves: m.parameters() }", lambda x, y: parameters(nn.ParameterList([nn.Parameter(x), nn.Parameter(y)])), second=False, x=normal(3).constant(), y=normal(3).constant())

