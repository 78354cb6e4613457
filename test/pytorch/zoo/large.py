"""Custom Functions of real batches, each with its right twin: too large to be examined whole.

As in ``functions.py``: ``python large.py wrong`` applies the wrong ones, ``right`` the right ones.
"""

import math
import sys

import torch
import torch.nn.functional as F
from functions import CASES, case, main, normal

CASES.clear()
torch.manual_seed(17)


def gelu(ctx, x):
    ctx.save_for_backward(x)
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


def gelu_slope(x):
    return 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def gelu_wrong(ctx, grad):
    (x,) = ctx.saved_tensors
    return grad * gelu_slope(x)


def gelu_right(ctx, grad):
    (x,) = ctx.saved_tensors
    density = torch.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
    return grad * (gelu_slope(x) + x * density)


case("missing-term", gelu, gelu_wrong, gelu_right, normal(96, 512))


# Rows of 512 that belong together.


def root_mean_square(ctx, x, weight):
    inverse = torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)
    normed = x * inverse
    ctx.save_for_backward(normed, inverse, weight)
    return normed * weight


def by_weight(ctx, grad, reduced):
    normed, inverse, weight = ctx.saved_tensors
    g = grad * weight
    return inverse * (g - normed * (g * normed).mean(-1, keepdim=True)), reduced(grad * normed)


def root_mean_square_wrong(ctx, grad):
    return by_weight(ctx, grad, lambda t: t.mean(0))


def root_mean_square_right(ctx, grad):
    return by_weight(ctx, grad, lambda t: t.sum(0))


case(
    "batch-scale", root_mean_square, root_mean_square_wrong, root_mean_square_right,
    normal(96, 512), normal(512),
)


# Targets are indices along an axis that is cut.


def cross_entropy(ctx, logits, target):
    p = logits.softmax(-1)
    ctx.save_for_backward(p, target)
    return F.nll_loss(p.log(), target)


def cross_entropy_wrong(ctx, grad):
    p, target = ctx.saved_tensors
    return grad * (p - F.one_hot(target, p.shape[1])), None


def cross_entropy_right(ctx, grad):
    p, target = ctx.saved_tensors
    return grad * (p - F.one_hot(target, p.shape[1])) / len(p), None


case(
    "batch-scale", cross_entropy, cross_entropy_wrong, cross_entropy_right,
    normal(1500, 900), torch.randint(900, (1500,)),
)


# An axis is twice as long as another.


def gated(ctx, x):
    a, b = x.chunk(2, -1)
    gate = torch.sigmoid(b)
    ctx.save_for_backward(a, gate)
    return a * gate


def gated_wrong(ctx, grad):
    a, gate = ctx.saved_tensors
    return torch.cat([grad * gate, grad * a * gate], -1)


def gated_right(ctx, grad):
    a, gate = ctx.saved_tensors
    return torch.cat([grad * gate, grad * a * gate * (1 - gate)], -1)


case("activation-derivative", gated, gated_wrong, gated_right, normal(90, 800))


# A size that is written as a number: what a part lacks is no factor of the whole.


def column_means(ctx, x):
    return x.mean(0)


def column_means_wrong(ctx, grad):
    return (grad / 256).expand(320, 96, 64)


def column_means_right(ctx, grad):
    return (grad / 320).expand(320, 96, 64)


case("scale", column_means, column_means_wrong, column_means_right, normal(320, 96, 64))


# Sizes of rows that differ, of an op that moves elements: many entries of its Jacobian are alike.


def scattered_mean(ctx, messages, to):
    each = torch.ones_like(messages[:, 0])
    count = torch.zeros_like(messages[:20, 0]).index_add(0, to, each).clamp(min=1)
    ctx.save_for_backward(to, count)
    return torch.zeros_like(messages[:20]).index_add(0, to, messages) / count[:, None]


def scattered_mean_wrong(ctx, grad):
    to, _ = ctx.saved_tensors
    return grad[to], None


def scattered_mean_right(ctx, grad):
    to, count = ctx.saved_tensors
    return (grad / count[:, None])[to], None


case(
    "activation-derivative", scattered_mean, scattered_mean_wrong, scattered_mean_right,
    normal(60, 16), torch.arange(60) ** 2 % 39 % 20,
)


if __name__ == "__main__":
    main(sys.argv[1])
