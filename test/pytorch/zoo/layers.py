"""Layers and losses as people write them by hand, each with a wrong backward and its right twin.

As in ``functions.py``: ``python layers.py wrong`` applies the wrong ones, ``right`` the right ones.
"""

import math
import sys

import torch
from functions import CASES, case, main, normal, positive

CASES.clear()
torch.manual_seed(11)


# Normalisation.


def root_mean_square(ctx, x, weight):
    scale = torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-6)
    ctx.save_for_backward(x, weight, scale)
    return x * scale * weight


def root_mean_square_wrong(ctx, grad):
    x, weight, scale = ctx.saved_tensors
    return grad * weight * scale, (grad * x * scale).sum(0)


def root_mean_square_right(ctx, grad):
    x, weight, scale = ctx.saved_tensors
    g = grad * weight
    inner = (g * x).mean(-1, keepdim=True)
    return scale * g - scale**3 * x * inner, (grad * x * scale).sum(0)


case(
    "missing-term", root_mean_square, root_mean_square_wrong, root_mean_square_right,
    normal(4, 6), positive(6),
)


def standardised(ctx, x):
    deviation = x.var(0, unbiased=False, keepdim=True).add(1e-5).sqrt()
    ctx.normal = (x - x.mean(0, keepdim=True)) / deviation
    ctx.deviation = deviation
    return ctx.normal.clone()


def standardised_wrong(ctx, grad):
    return (grad - grad.mean(0, keepdim=True)) / ctx.deviation


def standardised_right(ctx, grad):
    agreement = (grad * ctx.normal).mean(0, keepdim=True)
    return (grad - grad.mean(0, keepdim=True) - ctx.normal * agreement) / ctx.deviation


case("any", standardised, standardised_wrong, standardised_right, normal(8, 3))


# Losses.


def focal(ctx, logits):
    p = torch.sigmoid(logits)
    ctx.save_for_backward(p)
    return -((1 - p) ** 2) * p.log()


def focal_wrong(ctx, grad):
    (p,) = ctx.saved_tensors
    return grad * (-((1 - p) ** 2) / p) * p * (1 - p)


def focal_right(ctx, grad):
    (p,) = ctx.saved_tensors
    return grad * (2 * (1 - p) * p.log() - (1 - p) ** 2 / p) * p * (1 - p)


case("any", focal, focal_wrong, focal_right, normal(5, 4))


def class_scores(ctx, logits, target):
    ctx.save_for_backward(logits, target)
    return -torch.log_softmax(logits, 1).gather(1, target[:, None]).mean()


def class_scores_wrong(ctx, grad):
    logits, target = ctx.saved_tensors
    p = torch.softmax(logits, 1)
    p[torch.arange(len(p)), target] -= 1
    return grad * p, None


def class_scores_right(ctx, grad):
    logits, target = ctx.saved_tensors
    p = torch.softmax(logits, 1)
    p[torch.arange(len(p)), target] -= 1
    return grad * p / len(p), None


case(
    "batch-scale", class_scores, class_scores_wrong, class_scores_right,
    normal(6, 5), torch.randint(5, (6,)),
)


def divergence(ctx, mean, log_variance):
    ctx.save_for_backward(mean, log_variance)
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance)


def divergence_wrong(ctx, grad):
    mean, log_variance = ctx.saved_tensors
    return grad * mean, grad * 0.5 * (log_variance - 1)


def divergence_right(ctx, grad):
    mean, log_variance = ctx.saved_tensors
    return grad * mean, grad * 0.5 * (log_variance.exp() - 1)


case(
    "activation-derivative",
    divergence,
    divergence_wrong,
    divergence_right,
    normal(4, 3),
    normal(4, 3),
)


def distances(ctx, a, b):
    ctx.save_for_backward(a, b)
    return ((a[:, None] - b[None]) ** 2).sum(-1)


def distances_wrong(ctx, grad):
    a, b = ctx.saved_tensors
    apart = grad[..., None] * 2 * (a[:, None] - b[None])
    return apart.sum(1), apart.sum(0)


def distances_right(ctx, grad):
    a, b = ctx.saved_tensors
    apart = grad[..., None] * 2 * (a[:, None] - b[None])
    return apart.sum(1), -apart.sum(0)


case("sign", distances, distances_wrong, distances_right, normal(4, 3), normal(5, 3))


def agreement(ctx, a, b):
    ctx.norms = a.norm(dim=1, keepdim=True), b.norm(dim=1, keepdim=True)
    ctx.save_for_backward(a, b)
    return (a * b).sum(1, keepdim=True) / (ctx.norms[0] * ctx.norms[1])


def agreement_wrong(ctx, grad):
    a, b = ctx.saved_tensors
    m, n = ctx.norms
    return grad * b / (m * n), grad * a / (m * n)


def agreement_right(ctx, grad):
    a, b = ctx.saved_tensors
    m, n = ctx.norms
    cosine = (a * b).sum(1, keepdim=True) / (m * n)
    return grad * (b / (m * n) - cosine * a / m**2), grad * (a / (m * n) - cosine * b / n**2)


case("missing-term", agreement, agreement_wrong, agreement_right, normal(4, 5), normal(4, 5))


# Attention, recurrence, convolution.


def attention(ctx, scores, values):
    weights = torch.softmax(scores / math.sqrt(scores.shape[-1]), -1)
    ctx.save_for_backward(weights, values)
    return weights @ values


def attention_wrong(ctx, grad):
    weights, values = ctx.saved_tensors
    g = grad @ values.transpose(-1, -2)
    g = weights * (g - (g * weights).sum(-1, keepdim=True))
    return g, weights.transpose(-1, -2) @ grad


def attention_right(ctx, grad):
    weights, values = ctx.saved_tensors
    g = grad @ values.transpose(-1, -2)
    g = weights * (g - (g * weights).sum(-1, keepdim=True))
    return g / math.sqrt(weights.shape[-1]), weights.transpose(-1, -2) @ grad


case("scale", attention, attention_wrong, attention_right, normal(2, 4, 4), normal(2, 4, 3))


def recurrent_step(ctx, state, update, gate):
    z = torch.sigmoid(gate)
    ctx.save_for_backward(state, update, z)
    return z * state + (1 - z) * update


def recurrent_step_wrong(ctx, grad):
    state, update, z = ctx.saved_tensors
    return grad * z, grad * (1 - z), grad * (state - update) * z


def recurrent_step_right(ctx, grad):
    state, update, z = ctx.saved_tensors
    return grad * z, grad * (1 - z), grad * (state - update) * z * (1 - z)


case(
    "any", recurrent_step, recurrent_step_wrong, recurrent_step_right,
    normal(4, 3), normal(4, 3), normal(4, 3),
)


def filtered(ctx, x, taps):
    ctx.save_for_backward(x, taps)
    return x.unfold(1, len(taps), 1) @ taps


def filtered_wrong(ctx, grad):
    x, taps = ctx.saved_tensors
    gx = torch.zeros_like(x)
    for i, tap in enumerate(taps.flip(0)):
        gx[:, i : i + grad.shape[1]] += grad * tap
    return gx, (x.unfold(1, len(taps), 1) * grad[..., None]).sum((0, 1))


def filtered_right(ctx, grad):
    x, taps = ctx.saved_tensors
    gx = torch.zeros_like(x)
    for i, tap in enumerate(taps):
        gx[:, i : i + grad.shape[1]] += grad * tap
    return gx, (x.unfold(1, len(taps), 1) * grad[..., None]).sum((0, 1))


case("any", filtered, filtered_wrong, filtered_right, normal(2, 7), normal(3))


def low_rank(ctx, x, a, b):
    ctx.save_for_backward(x, a, b)
    return x @ a @ b


def low_rank_wrong(ctx, grad):
    x, a, b = ctx.saved_tensors
    return grad @ b.t() @ a.t(), x.t() @ grad @ b.t(), None


def low_rank_right(ctx, grad):
    x, a, b = ctx.saved_tensors
    return grad @ b.t() @ a.t(), x.t() @ grad @ b.t(), (x @ a).t() @ grad


case("partial", low_rank, low_rank_wrong, low_rank_right, normal(5, 4), normal(4, 2), normal(2, 3))


def capped(ctx, x):
    ctx.save_for_backward(x)
    return 3 * torch.tanh(x / 3)


def capped_wrong(ctx, grad):
    (x,) = ctx.saved_tensors
    return grad * (1 - torch.tanh(x) ** 2)


def capped_right(ctx, grad):
    (x,) = ctx.saved_tensors
    return grad * (1 - torch.tanh(x / 3) ** 2)


case("activation-derivative", capped, capped_wrong, capped_right, normal(4, 4))


def pooled(ctx, x, lengths):
    mask = torch.arange(x.shape[1])[None, :, None] < lengths[:, None, None]
    ctx.save_for_backward(mask, lengths)
    return (x * mask).sum(1) / lengths[:, None]


def pooled_wrong(ctx, grad):
    mask, lengths = ctx.saved_tensors
    shape = (*mask.shape[:2], grad.shape[1])
    return (grad / lengths[:, None])[:, None].expand(shape), None


def pooled_right(ctx, grad):
    mask, lengths = ctx.saved_tensors
    return (grad / lengths[:, None])[:, None] * mask, None


case("mask", pooled, pooled_wrong, pooled_right, normal(3, 5, 2), torch.tensor([2, 4, 3]))


if __name__ == "__main__":
    main(sys.argv[1])
