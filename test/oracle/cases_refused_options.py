"""Options that PyTorch does not have, under names it does not know: it refuses them, and so does the engine."""

import torch
import torch.nn.functional as F
from torch import autograd, nn, optim

from declare import Family
from specs import ints, normal

family = Family("refused_options")
refuses = family.refuses

PAIR = dict(x=normal(2, 3), y=normal(2, 3))
IMAGE = dict(x=normal(1, 1, 4, 4), w=normal(1, 1, 2, 2))

# A port's mistakes: PyTorch's spelling, a slip of the pen, a number where the options stand.
for op, code, function, wrong, inputs in [
    ("add", "x.add(y, { alfa: 2 })", lambda x, y: torch.add(x, y, alfa=2), "alfa", PAIR),
    (
        "tensor",
        "tensor([1], { requires_gradient: true })",
        lambda: torch.tensor([1.0], requires_gradient=True),
        "requires_gradient",
        {},
    ),
    ("zeros", "zeros([2], { dtyp: 'float64' })", lambda: torch.zeros(2, dtyp=torch.float64), "dtyp", {}),
    ("randn", "randn([2], { type: 'float64' })", lambda: torch.randn(2, type=torch.float64), "type", {}),
    ("var", "x.var(0, { corection: 1 })", lambda x, y: x.var(0, corection=1), "corection", PAIR),
    (
        "F.crossEntropy",
        "F.crossEntropy(x, t, { labelSmooth: 0.1 })",
        lambda x, t: F.cross_entropy(x, t, label_smooth=0.1),
        "labelSmooth",
        dict(x=normal(2, 3), t=ints(0, 3, 2)),
    ),
    ("F.mseLoss", "F.mseLoss(x, y, { reduces: 'sum' })", lambda x, y: F.mse_loss(x, y, reduces="sum"), "reduces", PAIR),
    ("F.huberLoss", "F.huberLoss(x, y, { beta: 2 })", lambda x, y: F.huber_loss(x, y, beta=2.0), "beta", PAIR),
    (
        "F.smoothL1Loss",
        "F.smoothL1Loss(x, y, { delta: 2 })",
        lambda x, y: F.smooth_l1_loss(x, y, delta=2.0),
        "delta",
        PAIR,
    ),
    ("F.gelu", 'F.gelu(x, { approx: "tanh" })', lambda x, y: F.gelu(x, approx="tanh"), "approx", PAIR),
    ("F.gelu", 'F.gelu(x, { approximate: "sigmoid" })', lambda x, y: F.gelu(x, approximate="sigmoid"), "sigmoid", PAIR),
    ("F.softplus", "F.softplus(x, { bta: 2 })", lambda x, y: F.softplus(x, bta=2), "bta", PAIR),
    (
        "F.layerNorm",
        "F.layerNorm(x, [3], null, null, { epsilon: 1 })",
        lambda x, y: F.layer_norm(x, [3], epsilon=1),
        "epsilon",
        PAIR,
    ),
    ("F.normalize", "F.normalize(x, { axis: 0 })", lambda x, y: F.normalize(x, axis=0), "axis", PAIR),
    ("F.pad", 'F.pad(x, [1, 1], { kind: "reflect" })', lambda x, y: F.pad(x, [1, 1], kind="reflect"), "kind", PAIR),
    (
        "F.conv2d",
        "F.conv2d(x, w, null, { strides: 2 })",
        lambda x, w: F.conv2d(x, w, None, strides=2),
        "strides",
        IMAGE,
    ),
    ("F.maxPool2d", "F.maxPool2d(x, 2, { strides: 1 })", lambda x, w: F.max_pool2d(x, 2, strides=1), "strides", IMAGE),
    ("F.avgPool2d", "F.avgPool2d(x, 2, { pad: 1 })", lambda x, w: F.avg_pool2d(x, 2, pad=1), "pad", IMAGE),
    (
        "F.batchNorm",
        "F.batchNorm(x, null, null, null, null, { training: true, mom: 0.1 })",
        lambda x, w: F.batch_norm(x, None, None, training=True, mom=0.1),
        "mom",
        IMAGE,
    ),
    (
        "F.embedding",
        "F.embedding(t, x, { padding: 0 })",
        lambda x, t: F.embedding(t, x, padding=0),
        "padding",
        dict(x=normal(3, 2), t=ints(0, 3, 2)),
    ),
    (
        "backward",
        "x.sum().backward({ retainGraphs: true })",
        lambda x, y: x.sum().backward(retain_graphs=True),
        "retainGraphs",
        PAIR,
    ),
    (
        "grad",
        "autograd.grad(x.sum(), [x], { createGraphs: true })",
        lambda x, y: autograd.grad(x.sum(), [x], create_graphs=True),
        "createGraphs",
        PAIR,
    ),
    ("Linear", "new nn.Linear(2, 2, { biass: false })", lambda: nn.Linear(2, 2, biass=False), "biass", {}),
    ("Conv2d", "new nn.Conv2d(1, 1, 2, { strides: 2 })", lambda: nn.Conv2d(1, 1, 2, strides=2), "strides", {}),
    ("LSTM", "new nn.LSTM(2, 2, { layers: 2 })", lambda: nn.LSTM(2, 2, layers=2), "layers", {}),
    ("Embedding", "new nn.Embedding(2, 2, { padding: 0 })", lambda: nn.Embedding(2, 2, padding=0), "padding", {}),
    ("BatchNorm2d", "new nn.BatchNorm2d(2, { momentun: 1 })", lambda: nn.BatchNorm2d(2, momentun=1), "momentun", {}),
    ("LayerNorm", "new nn.LayerNorm(2, { epsilon: 1 })", lambda: nn.LayerNorm(2, epsilon=1), "epsilon", {}),
    (
        "SGD",
        "new optim.SGD([x], { lr: 0.1, momentom: 0.9 })",
        lambda x, y: optim.SGD([x], lr=0.1, momentom=0.9),
        "momentom",
        PAIR,
    ),
    (
        "Adam",
        "new optim.Adam([x], { lr: 0.1, momentum: 0.9 })",
        lambda x, y: optim.Adam([x], lr=0.1, momentum=0.9),
        "momentum",
        PAIR,
    ),
    (
        "AdamW",
        "new optim.AdamW([x], { lr: 0.1, decay: 0.9 })",
        lambda x, y: optim.AdamW([x], lr=0.1, decay=0.9),
        "decay",
        PAIR,
    ),
    (
        "StepLR",
        "new optim.lrScheduler.StepLR(new optim.SGD([x], { lr: 1 }), 1, { gama: 0.1 })",
        lambda x, y: optim.lr_scheduler.StepLR(optim.SGD([x], lr=1), 1, gama=0.1),
        "gama",
        PAIR,
    ),
]:
    refuses(op, "value", code, function, mentions=[wrong], **inputs)
