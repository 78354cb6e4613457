"""Layers whose sizes come with x, weights that are computed from others, and packs of sequences of several lengths."""

from functools import partial

import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize, remove_weight_norm, rnn, spectral_norm, weight_norm

from declare import Family
from module_case import declare_module
from specs import normal

family = Family("derived")
case = family.case
module = partial(declare_module, case)

# ----------------------------------------------------------------- lazy layers


def after(make, *shape):
    """A lazy layer that has seen an x of that shape, so that its state has sizes."""
    m = make()
    m(torch.zeros(*shape))
    return m


def instance_norm(axes, **options):
    """PyTorch 1.13's lazy one keeps running statistics where the ordinary one does not; later versions agree."""
    return getattr(nn, f"InstanceNorm{axes}d")(2, **options)


LAZY = [
    # constructor in JavaScript                       in PyTorch                                    shape of x
    ("LazyLinear(2, {", lambda: nn.LazyLinear(2), (2, 3)),
    ("LazyLinear(2, { bias: false,", lambda: nn.LazyLinear(2, bias=False), (4,)),
    ("LazyConv1d(2, 3, { padding: 1,", lambda: nn.LazyConv1d(2, 3, padding=1), (2, 3, 4)),
    ("LazyConv2d(4, 2, { groups: 2,", lambda: nn.LazyConv2d(4, 2, groups=2), (2, 2, 3, 3)),
    ("LazyConv2d(2, [1, 2], {", lambda: nn.LazyConv2d(2, (1, 2)), (2, 3, 3)),
    ("LazyConv3d(2, 2, { bias: false,", lambda: nn.LazyConv3d(2, 2, bias=False), (1, 2, 2, 3, 2)),
    ("LazyConvTranspose1d(2, 2, { stride: 2,", lambda: nn.LazyConvTranspose1d(2, 2, stride=2), (2, 3, 3)),
    ("LazyConvTranspose2d(4, 2, { groups: 2,", lambda: nn.LazyConvTranspose2d(4, 2, groups=2), (1, 2, 2, 2)),
    ("LazyConvTranspose3d(1, 2, {", lambda: nn.LazyConvTranspose3d(1, 2), (1, 2, 2, 1, 2)),
    ("LazyBatchNorm1d({", lambda: nn.LazyBatchNorm1d(), (4, 2)),
    ("LazyBatchNorm2d({", lambda: nn.LazyBatchNorm2d(), (2, 2, 2, 3)),
    ("LazyBatchNorm3d({ affine: false,", lambda: nn.LazyBatchNorm3d(affine=False), (2, 2, 2, 1, 2)),
    ("LazyInstanceNorm1d({ affine: true,", lambda: instance_norm(1, affine=True), (2, 2, 3)),
    ("LazyInstanceNorm2d({", lambda: instance_norm(2), (2, 2, 2, 2)),
    ("LazyInstanceNorm3d({ affine: true,", lambda: instance_norm(3, affine=True), (2, 2, 2, 2, 1)),
]
for text, make, shape in LAZY:
    name = text.split("(")[0]
    constructor = f"new nn.{text} dtype: $dtype }})"
    seen = partial(after, make, *shape)
    # Sizes from the state that is loaded, and from the first call before that.
    module(f"nn.{name}", constructor, seen, "m.forward(x)", lambda m, x: m(x), x=normal(*shape))
    module(
        f"nn.{name}",
        constructor + "; m.forward(x)",
        seen,
        "m.forward(x)",
        lambda m, x: m(x),
        label=f"{text} x), called before its state is loaded",
        x=normal(*shape),
    )

# ----------------------------------------------------------------- weights that are computed


class Lengths(nn.Module):
    """What parametrizations.weight_norm is from PyTorch 2.1 on."""

    def forward(self, g, v):
        return v * (g / v.norm(2, 1, keepdim=True))

    def right_inverse(self, w):
        return w.norm(2, 1, keepdim=True), w


def lengths_apart():
    return parametrize.register_parametrization(nn.Linear(3, 2), "weight", Lengths(), unsafe=True)


LINEAR = "new nn.Linear(3, 2, { dtype: $dtype })"
CONV = "new nn.Conv2d(2, 3, 2, { dtype: $dtype })"
TRANSPOSED = "new nn.ConvTranspose1d(2, 3, 2, { dtype: $dtype })"
DERIVED = [
    ("weightNorm", f"nn.utils.weightNorm({LINEAR})", lambda: weight_norm(nn.Linear(3, 2)), (2, 3)),
    ("weightNorm", f"nn.utils.weightNorm({CONV})", lambda: weight_norm(nn.Conv2d(2, 3, 2)), (1, 2, 3, 3)),
    (
        "weightNorm",
        f'nn.utils.weightNorm({CONV}, "weight", 1)',
        lambda: weight_norm(nn.Conv2d(2, 3, 2), "weight", 1),
        (1, 2, 3, 2),
    ),
    (
        "weightNorm",
        f"nn.utils.weightNorm({LINEAR}, {{ dim: null }})",
        lambda: weight_norm(nn.Linear(3, 2), dim=None),
        (2, 3),
    ),
    (
        "removeWeightNorm",
        f"nn.utils.removeWeightNorm(nn.utils.weightNorm({LINEAR}))",
        lambda: remove_weight_norm(weight_norm(nn.Linear(3, 2))),
        (2, 3),
    ),
    ("parametrizations.weightNorm", f"nn.utils.parametrizations.weightNorm({LINEAR})", lengths_apart, (2, 3)),
    ("spectralNorm", f"nn.utils.spectralNorm({LINEAR})", lambda: spectral_norm(nn.Linear(3, 2)), (2, 3)),
    (
        "spectralNorm",
        f'nn.utils.spectralNorm({CONV}, "weight", 3)',
        lambda: spectral_norm(nn.Conv2d(2, 3, 2), n_power_iterations=3),
        (1, 2, 3, 2),
    ),
    (
        "spectralNorm",
        f"nn.utils.spectralNorm({TRANSPOSED}, {{ nPowerIterations: 2 }})",
        lambda: spectral_norm(nn.ConvTranspose1d(2, 3, 2), n_power_iterations=2),
        (1, 2, 3),
    ),
    (
        "parametrizations.spectralNorm",
        f"nn.utils.parametrizations.spectralNorm({LINEAR})",
        lambda: parametrizations.spectral_norm(nn.Linear(3, 2)),
        (2, 3),
    ),
]
for name, constructor, make, shape in DERIVED:
    for training in (True, False):
        module(
            f"nn.utils.{name}",
            constructor,
            make,
            "m.forward(x)",
            lambda m, x: m(x),
            training=training,
            # PyTorch's fused form takes the norm for a constant in the second derivative (gradgradcheck fails).
            second=name != "weightNorm" or "dim" in constructor or ", 1" in constructor,
            label=f"{constructor.replace(', { dtype: $dtype }', '')}, {'training' if training else 'evaluation'}",
            x=normal(*shape),
        )
# The vectors come nearer with each call.
module(
    "nn.utils.spectralNorm",
    f"nn.utils.spectralNorm({LINEAR})",
    lambda: spectral_norm(nn.Linear(3, 2)),
    "[m.forward(x), m.forward(x), m.weight_u, m.weight_v]",
    lambda m, x: [m(x), m(x), m.weight_u, m.weight_v],
    label="spectralNorm, called twice",
    x=normal(2, 3),
)


class Symmetric(nn.Module):
    def forward(self, w):
        return w.triu() + w.triu(1).transpose(-1, -2)


module(
    "nn.utils.parametrize.registerParametrization",
    "nn.utils.parametrize.registerParametrization(new nn.Linear(3, 3, { dtype: $dtype }), 'weight', "
    "new (class extends nn.Module { forward(w) { return w.triu().add(w.triu(1).mT); } })())",
    lambda: parametrize.register_parametrization(nn.Linear(3, 3), "weight", Symmetric()),
    "m.forward(x)",
    lambda m, x: m(x),
    label="a symmetric weight",
    x=normal(2, 3),
)

# ----------------------------------------------------------------- packs

UNSORTED = "[2, 4, 1]"


def pack(x, batch_first=False):
    return rnn.pack_padded_sequence(x, [2, 4, 1], batch_first=batch_first, enforce_sorted=False)


case(
    "nn.utils.rnn.packPaddedSequence",
    "const p = nn.utils.rnn.packPaddedSequence(x, [3, 2]); return [p.data, p.batchSizes]",
    lambda x: list(rnn.pack_padded_sequence(x, [3, 2])[:2]),
    x=normal(3, 2, 2),
)
case(
    "nn.utils.rnn.packPaddedSequence",
    f"const p = nn.utils.rnn.packPaddedSequence(x, tensor({UNSORTED}, {{ dtype: 'int64' }}), true, false); "
    "return [p.data, p.batchSizes, p.sortedIndices, p.unsortedIndices]",
    lambda x: list(pack(x, True)),
    x=normal(3, 4, 2),
)
for text, options in [
    ("", {}),
    (", { batchFirst: true }", dict(batch_first=True)),
    (", { paddingValue: -1, totalLength: 6 }", dict(padding_value=-1, total_length=6)),
]:
    case(
        "nn.utils.rnn.padPackedSequence",
        f"nn.utils.rnn.padPackedSequence(nn.utils.rnn.packPaddedSequence(x, {UNSORTED}, {{ enforceSorted: false }}){text})",
        lambda x, o=options: rnn.pad_packed_sequence(pack(x), **o),
        x=normal(4, 3, 2),
    )
for text, options in [("", {}), (", true, 0.5", dict(batch_first=True, padding_value=0.5))]:
    case(
        "nn.utils.rnn.padSequence",
        f"nn.utils.rnn.padSequence([a, b, c]{text})",
        lambda a, b, c, o=options: rnn.pad_sequence([a, b, c], **o),
        a=normal(2, 3),
        b=normal(4, 3),
        c=normal(1, 3),
    )
case(
    "nn.utils.rnn.unpadSequence",
    "nn.utils.rnn.unpadSequence(x, [2, 3], { batchFirst: true })",
    lambda x: rnn.unpad_sequence(x, torch.tensor([2, 3]), batch_first=True),
    x=normal(2, 3, 2),
)
case(
    "nn.utils.rnn.packSequence",
    "const p = nn.utils.rnn.packSequence([a, b], { enforceSorted: false }); "
    "return [p.data, p.batchSizes, ...nn.utils.rnn.unpackSequence(p)]",
    lambda a, b: [*rnn.pack_sequence([a, b], enforce_sorted=False)[:2], a * 1, b * 1],
    a=normal(2),
    b=normal(3),
)
for name, make in [("RNN", nn.RNN), ("GRU", nn.GRU), ("LSTM", nn.LSTM)]:
    for text, options in [("", {}), ("numLayers: 2, bidirectional: true, ", dict(num_layers=2, bidirectional=True))]:
        module(
            f"nn.{name}",
            f"new nn.{name}(2, 2, {{ {text}dtype: $dtype }})",
            lambda make=make, o=options: make(2, 2, **o),
            f"(([p, s]) => [p.data, ...[s].flat()])(m.forward(nn.utils.rnn.packPaddedSequence(x, {UNSORTED}, {{ enforceSorted: false }})))",
            lambda m, x: (lambda p, s: [p.data, s])(*m(pack(x))),
            label=f"{name}({text}a pack)",
            x=normal(4, 3, 2),
        )
    states = dict(h=normal(2, 3, 2), c=normal(2, 3, 2)) if name == "LSTM" else dict(h=normal(2, 3, 2))
    given = "[h, c]" if name == "LSTM" else "h"
    module(
        f"nn.{name}",
        f"new nn.{name}(2, 2, {{ bidirectional: true, dtype: $dtype }})",
        lambda make=make: make(2, 2, bidirectional=True),
        f"(([p, s]) => [p.data, ...[s].flat()])(m.forward(nn.utils.rnn.packPaddedSequence(x, {UNSORTED}, {{ enforceSorted: false }}), {given}))",
        (lambda m, x, h, c: (lambda p, s: [p.data, s])(*m(pack(x), (h, c))))
        if name == "LSTM"
        else (lambda m, x, h: (lambda p, s: [p.data, s])(*m(pack(x), h))),
        label=f"{name} with a given state and a pack",
        x=normal(4, 3, 2),
        **states,
    )

# ----------------------------------------------------------------- what is refused

REFUSED = [
    ("packPaddedSequence(x, [2, 4, 1])", lambda x: rnn.pack_padded_sequence(x, [2, 4, 1]), "enforceSorted: false"),
    ("packPaddedSequence(x, [4, 0, 0])", lambda x: rnn.pack_padded_sequence(x, [4, 0, 0]), "found 0"),
    (
        "padPackedSequence(nn.utils.rnn.packPaddedSequence(x, [4, 2, 1]), { totalLength: 3 })",
        lambda x: rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, [4, 2, 1]), total_length=3),
        "longest sequence, 4",
    ),
]
for text, function, mention in REFUSED:
    family.refuses(
        text.split("(")[0],
        "value",
        f"nn.utils.rnn.{text}",
        function,
        mentions=[mention],
        x=normal(4, 3, 2),
    )
family.refuses(
    "packPaddedSequence",
    "shape",
    "nn.utils.rnn.packPaddedSequence(x, [4, 2])",
    lambda x: rnn.pack_padded_sequence(x, [4, 2]),
    mentions=["2 lengths", "3 sequences", "batchFirst"],
    x=normal(4, 3, 2),
)
