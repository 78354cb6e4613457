"""Custom Functions whose mistake shows in a step of their forward, each with its right twin.

As in ``functions.py``: ``python causes.py wrong`` applies the wrong ones, ``right`` the right ones.
"""

import sys

import torch
from functions import CASES, case, main, normal, positive

CASES.clear()
torch.manual_seed(13)


# A factor of one step.


def gelu(ctx, x):
    ctx.save_for_backward(x)
    inner = 0.8 * (x + 0.04 * x**3)
    return 0.5 * x * (1 + torch.tanh(inner))


def gelu_wrong(ctx, grad):
    (x,) = ctx.saved_tensors
    t = torch.tanh(0.8 * (x + 0.04 * x**3))
    slope = (1 - t * t) * (1 + 0.12 * x * x)
    return grad * (0.5 * (1 + t) + 0.5 * x * slope)


def gelu_right(ctx, grad):
    (x,) = ctx.saved_tensors
    t = torch.tanh(0.8 * (x + 0.04 * x**3))
    slope = (1 - t * t) * 0.8 * (1 + 0.12 * x * x)
    return grad * (0.5 * (1 + t) + 0.5 * x * slope)


case("scale", gelu, gelu_wrong, gelu_right, normal(6, 5))


# A term of the product rule.


def focal(ctx, logits, target):
    p = torch.sigmoid(logits)
    right = torch.where(target, p, 1 - p)
    ctx.save_for_backward(right, target)
    return -((1 - right) ** 2 * right.log()).mean()


def focal_wrong(ctx, grad):
    right, target = ctx.saved_tensors
    by_right = -((1 - right) ** 2) / right
    sign = torch.where(target, 1.0, -1.0)
    return grad * by_right * right * (1 - right) * sign / right.numel(), None


def focal_right(ctx, grad):
    right, target = ctx.saved_tensors
    by_right = 2 * (1 - right) * right.log() - (1 - right) ** 2 / right
    sign = torch.where(target, 1.0, -1.0)
    return grad * by_right * right * (1 - right) * sign / right.numel(), None


case(
    "missing-term", focal, focal_wrong, focal_right,
    normal(4, 5), torch.arange(20).reshape(4, 5) % 3 == 0,
)


# One gate of several, of an op with several results.


def lstm_cell(ctx, gates, before):
    i, f, g, o = gates.chunk(4, dim=1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    cell = f * before + i * g
    bounded = cell.tanh()
    ctx.save_for_backward(i, f, g, o, before, bounded)
    return o * bounded, cell


def lstm_gradients(ctx, by_hidden, by_cell, of_candidate):
    i, f, g, o, before, bounded = ctx.saved_tensors
    by_cell = by_cell + by_hidden * o * (1 - bounded**2)
    by_gates = (
        by_cell * g * i * (1 - i),
        by_cell * before * f * (1 - f),
        by_cell * i * of_candidate(g),
        by_hidden * bounded * o * (1 - o),
    )
    return torch.cat(by_gates, 1), by_cell * f


def lstm_cell_wrong(ctx, by_hidden, by_cell):
    return lstm_gradients(ctx, by_hidden, by_cell, lambda g: g * (1 - g))


def lstm_cell_right(ctx, by_hidden, by_cell):
    return lstm_gradients(ctx, by_hidden, by_cell, lambda g: 1 - g * g)


case(
    "activation-derivative", lstm_cell, lstm_cell_wrong, lstm_cell_right,
    normal(3, 8), normal(3, 2),
)


# What is kept of a loop.


def scan(ctx, decay, x):
    state, states = torch.zeros_like(x[0]), []
    for at in range(len(x)):
        state = decay[at] * state + x[at]
        states.append(state)
    found = torch.stack(states)
    ctx.save_for_backward(decay, found)
    return found


def scan_gradients(ctx, grad, back):
    decay, states = ctx.saved_tensors
    by_decay, by_x = torch.zeros_like(decay), torch.zeros_like(grad)
    by_state = torch.zeros_like(grad[0])
    for at in reversed(range(len(grad))):
        by_state = by_state + grad[at]
        by_x[at] = by_state
        if at > 0:
            by_decay[at] = by_state * states[at - back]
        by_state = by_state * decay[at]
    return by_decay, by_x


def scan_wrong(ctx, grad):
    return scan_gradients(ctx, grad, 0)


def scan_right(ctx, grad):
    return scan_gradients(ctx, grad, 1)


case("shift", scan, scan_wrong, scan_right, positive(5, 3), normal(5, 3))


def log_partition(ctx, scores, transitions):
    sums = [scores[0]]
    for at in range(1, len(scores)):
        sums.append(torch.logsumexp(sums[-1].unsqueeze(1) + transitions, dim=0) + scores[at])
    ctx.save_for_backward(transitions, torch.stack(sums))
    return torch.logsumexp(sums[-1], dim=0)


def log_partition_gradients(ctx, grad, adds_up):
    transitions, sums = ctx.saved_tensors
    by_scores, by_transitions = torch.zeros_like(sums), torch.zeros_like(transitions)
    by_sum = torch.softmax(sums[-1], 0) * grad
    for at in range(len(sums) - 1, 0, -1):
        by_scores[at] = by_sum
        flow = torch.softmax(sums[at - 1].unsqueeze(1) + transitions, 0) * by_sum
        by_transitions = by_transitions + flow if adds_up else flow
        by_sum = flow.sum(1)
    by_scores[0] = by_sum
    return by_scores, by_transitions


def log_partition_wrong(ctx, grad):
    return log_partition_gradients(ctx, grad, False)


def log_partition_right(ctx, grad):
    return log_partition_gradients(ctx, grad, True)


case(
    "overwrite", log_partition, log_partition_wrong, log_partition_right,
    normal(5, 4), normal(4, 4),
)


# An epsilon.


def standardised(ctx, x):
    centred = x - x.mean(-1, keepdim=True)
    variance = (centred * centred).mean(-1, keepdim=True)
    y = centred / torch.sqrt(variance + 0.01)
    ctx.save_for_backward(y, variance)
    return y


def standardised_gradient(y, deviation, grad):
    means = grad.mean(-1, keepdim=True) + y * (grad * y).mean(-1, keepdim=True)
    return (grad - means) / deviation


def standardised_wrong(ctx, grad):
    y, variance = ctx.saved_tensors
    return standardised_gradient(y, variance.sqrt(), grad)


def standardised_right(ctx, grad):
    y, variance = ctx.saved_tensors
    return standardised_gradient(y, (variance + 0.01).sqrt(), grad)


case("missing-term", standardised, standardised_wrong, standardised_right, normal(4, 6))


def softened(ctx, x):
    deviation = x.square().mean(-1, keepdim=True).sqrt() + 0.1
    ctx.save_for_backward(x, deviation)
    return x / deviation


def softened_gradient(x, deviation, rms, grad):
    inner = (grad * x).mean(-1, keepdim=True)
    return grad / deviation - x * inner / (deviation**2 * rms)


def softened_wrong(ctx, grad):
    x, deviation = ctx.saved_tensors
    return softened_gradient(x, deviation, deviation, grad)


def softened_right(ctx, grad):
    x, deviation = ctx.saved_tensors
    return softened_gradient(x, deviation, deviation - 0.1, grad)


case("activation-derivative", softened, softened_wrong, softened_right, normal(4, 6))


# In place.


def elu_in_place(ctx, x):
    low = x < 0
    x[low] = x[low].exp() - 1
    ctx.mark_dirty(x)
    ctx.save_for_backward(x)
    return x


def elu_in_place_wrong(ctx, grad):
    (y,) = ctx.saved_tensors
    return torch.where(y < 0, grad * y.exp(), grad)


def elu_in_place_right(ctx, grad):
    (y,) = ctx.saved_tensors
    return torch.where(y < 0, grad * (y + 1), grad)


case(
    "activation-derivative", elu_in_place, elu_in_place_wrong, elu_in_place_right,
    normal(5, 4) * 1,
)


# A mistake that no single step has: nothing may be said but where.


def two_slips(ctx, x):
    ctx.save_for_backward(x)
    return torch.sin(x) * torch.exp(-x * x) + torch.tanh(x)


def two_slips_wrong(ctx, grad):
    (x,) = ctx.saved_tensors
    bell = torch.exp(-x * x)
    return grad * (1.3 * x.cos() * bell - 2.2 * x * x.sin() * bell + 1 - torch.tanh(x))


def two_slips_right(ctx, grad):
    (x,) = ctx.saved_tensors
    bell = torch.exp(-x * x)
    return grad * (x.cos() * bell - 2 * x * x.sin() * bell + 1 - torch.tanh(x) ** 2)


case("unknown", two_slips, two_slips_wrong, two_slips_right, normal(5, 4))


# A forward that cuts itself off says nothing of its gradient.


def scaled_by_norm(ctx, x):
    with torch.no_grad():
        direction = x / x.norm()
    ctx.save_for_backward(x)
    return torch.tanh(x) * direction


def norm_gradient(x, grad):
    norm = x.norm()
    return grad / norm - x * (grad * x).sum() / norm**3


def scaled_by_norm_wrong(ctx, grad):
    (x,) = ctx.saved_tensors
    t = torch.tanh(x)
    return grad * (1 - t) * x / x.norm() + norm_gradient(x, grad * t)


def scaled_by_norm_right(ctx, grad):
    (x,) = ctx.saved_tensors
    t = torch.tanh(x)
    return grad * (1 - t * t) * x / x.norm() + norm_gradient(x, grad * t)


case("unknown", scaled_by_norm, scaled_by_norm_wrong, scaled_by_norm_right, normal(4, 4))


# Matrices.


def triple(ctx, left, middle, right):
    ctx.save_for_backward(left, middle, right)
    return left @ middle @ right


def triple_wrong(ctx, grad):
    left, middle, right = ctx.saved_tensors
    by_middle = left.t() @ (right.t() @ grad)
    return grad @ (middle @ right).t(), by_middle, (left @ middle).t() @ grad


def triple_right(ctx, grad):
    left, middle, right = ctx.saved_tensors
    by_middle = left.t() @ grad @ right.t()
    return grad @ (middle @ right).t(), by_middle, (left @ middle).t() @ grad


case("transpose", triple, triple_wrong, triple_right, normal(4, 4), normal(4, 4), normal(4, 4))


def contrast(ctx, left, right):
    scores = left @ right.t() / 0.5
    ctx.save_for_backward(left, right, scores.softmax(1))
    return -scores.log_softmax(1).diag().mean()


def contrast_gradients(ctx, grad, turned):
    left, right, p = ctx.saved_tensors
    by_scores = grad * (p - torch.eye(len(p))) / len(p) / 0.5
    return by_scores @ right, turned(by_scores) @ left


def contrast_wrong(ctx, grad):
    return contrast_gradients(ctx, grad, lambda scores: scores)


def contrast_right(ctx, grad):
    return contrast_gradients(ctx, grad, lambda scores: scores.t())


case("transpose", contrast, contrast_wrong, contrast_right, normal(5, 3), normal(5, 3))


# Sums over several axes, of which some are as long as others.


def shifted_channels(ctx, x, shift):
    scale = x.square().mean((1, 2), keepdim=True)
    ctx.save_for_backward(x, scale)
    return x * scale + shift[None, :, None, None]


def shifted_gradients(ctx, grad, axes, mean_axes):
    x, scale = ctx.saved_tensors
    count = x.shape[1] * x.shape[2]
    inner = (grad * x).sum(mean_axes, keepdim=True)
    return grad * scale + 2 * x * inner / count, grad.sum(axes)


def shifted_channels_wrong(ctx, grad):
    return shifted_gradients(ctx, grad, (0, 1, 3), (1, 2))


def shifted_channels_right(ctx, grad):
    return shifted_gradients(ctx, grad, (0, 2, 3), (1, 2))


case(
    "missing-reduction", shifted_channels, shifted_channels_wrong, shifted_channels_right,
    normal(2, 3, 3, 2), normal(3),
)


def spread_rows(ctx, x):
    ctx.save_for_backward(x)
    return x * x.mean((1, 2), keepdim=True)


def spread_gradient(ctx, grad, axes):
    (x,) = ctx.saved_tensors
    return grad * x.mean((1, 2), keepdim=True) + (grad * x).mean(axes, keepdim=True)


def spread_rows_wrong(ctx, grad):
    return spread_gradient(ctx, grad, (1, 3))


def spread_rows_right(ctx, grad):
    return spread_gradient(ctx, grad, (1, 2))


case("missing-reduction", spread_rows, spread_rows_wrong, spread_rows_right, normal(2, 3, 4, 3))


def instance_norm(ctx, x):
    centred = x - x.mean((2, 3), keepdim=True)
    scale = (centred.square().mean((2, 3), keepdim=True) + 0.01).rsqrt()
    ctx.save_for_backward(centred * scale, scale)
    return centred * scale


def instance_gradient(ctx, grad, axes):
    y, scale = ctx.saved_tensors
    inner = (grad * y).mean(axes, keepdim=True)
    return scale * (grad - grad.mean((2, 3), keepdim=True) - y * inner)


def instance_norm_wrong(ctx, grad):
    return instance_gradient(ctx, grad, (0, 2, 3))


def instance_norm_right(ctx, grad):
    return instance_gradient(ctx, grad, (2, 3))


case(
    "missing-reduction", instance_norm, instance_norm_wrong, instance_norm_right,
    normal(2, 2, 3, 3),
)


def row_norm(ctx, x, weight):
    centred = x - x.mean(1, keepdim=True)
    scale = (centred.square().mean(1, keepdim=True) + 0.01).rsqrt()
    ctx.save_for_backward(centred * scale, scale, weight)
    return centred * scale * weight


def row_norm_gradient(ctx, grad, first, second):
    y, scale, weight = ctx.saved_tensors
    by_y = grad * weight
    inner = (by_y * y).mean(second, keepdim=True)
    by_x = scale * (by_y - by_y.mean(first, keepdim=True) - y * inner)
    return by_x, (grad * y).sum(0)


def row_norm_wrong(ctx, grad):
    return row_norm_gradient(ctx, grad, 0, 0)


def row_norm_right(ctx, grad):
    return row_norm_gradient(ctx, grad, 1, 1)


# Larger than what is looked at element by element.
case("missing-reduction", row_norm, row_norm_wrong, row_norm_right, normal(24, 32), positive(32))


def row_norm_apart(ctx, x, weight):
    return row_norm(ctx, x, weight)


def row_norm_apart_wrong(ctx, grad):
    y, scale, weight = ctx.saved_tensors
    return scale * weight * grad, (grad * y).sum(0)


def row_norm_apart_right(ctx, grad):
    return row_norm_gradient(ctx, grad, 1, 1)


# Neither mean is there at all.
case(
    "any", row_norm_apart, row_norm_apart_wrong, row_norm_apart_right,
    normal(24, 32), positive(32),
)


# One number as a parameter of many: each mistake makes some number of times its gradient.


def clipped(ctx, x, scale):
    q = (x / scale).clamp(-1, 1)
    ctx.save_for_backward(x, scale)
    return q * scale


def clipped_gradients(ctx, grad):
    x, scale = ctx.saved_tensors
    inside = (x / scale).abs() <= 1
    return grad * inside, (grad * torch.where(inside, torch.zeros_like(x), x.sign())).sum()


def clipped_wrong(ctx, grad):
    x, scale = ctx.saved_tensors
    return clipped_gradients(ctx, grad)[0], (grad * (x / scale)).sum()


def clipped_right(ctx, grad):
    return clipped_gradients(ctx, grad)


case(
    "any", clipped, clipped_wrong, clipped_right,
    normal(30, 40), torch.tensor(0.5, requires_grad=True),
)


def clipped_twice(ctx, x, scale):
    return clipped(ctx, x, scale)


def clipped_twice_wrong(ctx, grad):
    by_x, by_scale = clipped_gradients(ctx, grad)
    return by_x, 2 * by_scale


def clipped_twice_right(ctx, grad):
    return clipped_gradients(ctx, grad)


# A number that somebody writes is one all the same.
case(
    "scale", clipped_twice, clipped_twice_wrong, clipped_twice_right,
    normal(30, 40), torch.tensor(0.5, requires_grad=True),
)


# The gradient of a softmax, written by hand.


def masked_attention(ctx, q, k):
    mask = torch.ones(len(q), len(k)).triu(1).bool()
    p = (q @ k.t()).masked_fill(mask, float("-inf")).softmax(-1)
    ctx.save_for_backward(q, k, p)
    return p


def masked_attention_gradients(ctx, grad, factor):
    q, k, p = ctx.saved_tensors
    by_scores = p * (grad - (grad * factor(p)).sum(-1, keepdim=True))
    return by_scores @ k, by_scores.t() @ q


def masked_attention_wrong(ctx, grad):
    return masked_attention_gradients(ctx, grad, torch.ones_like)


def masked_attention_right(ctx, grad):
    return masked_attention_gradients(ctx, grad, lambda p: p)


case(
    "activation-derivative", masked_attention, masked_attention_wrong, masked_attention_right,
    normal(5, 3), normal(5, 3),
)


# A mask that only one of several operands lacks, which is no other value.


def rectified(ctx, x, weight):
    before = x @ weight
    y = before.clamp(min=0)
    ctx.save_for_backward(x, weight, y)
    return y


def rectified_wrong(ctx, grad):
    x, weight, y = ctx.saved_tensors
    return (grad * (y > 0)) @ weight.t(), x.t() @ grad


def rectified_right(ctx, grad):
    x, weight, y = ctx.saved_tensors
    blocked = grad * (y > 0)
    return blocked @ weight.t(), x.t() @ blocked


case("mask", rectified, rectified_wrong, rectified_right, normal(6, 4), normal(4, 3))


# A path of each turn, whose operand is a part of a larger one.


def discretised(ctx, step, rate):
    state, states = torch.ones(len(step), len(rate)), []
    for at in range(step.shape[1]):
        state = torch.exp(step[:, at, None] * rate) * state + step[:, at, None]
        states.append(state)
    ctx.save_for_backward(step, rate, torch.stack(states, 1))
    return state


def discretised_gradients(ctx, grad, share):
    step, rate, states = ctx.saved_tensors
    by_step, by_rate = torch.zeros_like(step), torch.zeros_like(rate)
    for at in reversed(range(step.shape[1])):
        before = states[:, at - 1] if at > 0 else torch.ones_like(grad)
        decay = torch.exp(step[:, at, None] * rate)
        by_power = grad * before * decay
        by_step[:, at] = (share * by_power * rate + grad).sum(1)
        by_rate += (by_power * step[:, at, None]).sum(0)
        grad = grad * decay
    return by_step, by_rate


def discretised_wrong(ctx, grad):
    return discretised_gradients(ctx, grad, 0)


def discretised_right(ctx, grad):
    return discretised_gradients(ctx, grad, 1)


case("missing-term", discretised, discretised_wrong, discretised_right, positive(2, 4), normal(3))


# A copy that was kept before a write.


def doubled_then_cubed(ctx, x):
    copy = x.clone()
    y = x.clone()
    y.mul_(2)
    ctx.save_for_backward(copy, y)
    return y**3


def doubled_then_cubed_wrong(ctx, grad):
    copy, _ = ctx.saved_tensors
    return grad * 3 * copy**2 * 2


def doubled_then_cubed_right(ctx, grad):
    _, y = ctx.saved_tensors
    return grad * 3 * y**2 * 2


case("any", doubled_then_cubed, doubled_then_cubed_wrong, doubled_then_cubed_right, normal(4, 4))


def shifted_then_squashed(ctx, x, shift):
    y = x.clone()
    copy = y.clone()
    y.add_(shift)
    ctx.save_for_backward(copy, y)
    return y.sigmoid()


def squashed_gradients(z, grad):
    by_y = grad * z.sigmoid() * (1 - z.sigmoid())
    return by_y, by_y.sum(0)


def shifted_then_squashed_wrong(ctx, grad):
    return squashed_gradients(ctx.saved_tensors[0], grad)


def shifted_then_squashed_right(ctx, grad):
    return squashed_gradients(ctx.saved_tensors[1], grad)


case(
    "activation-derivative", shifted_then_squashed, shifted_then_squashed_wrong,
    shifted_then_squashed_right, normal(5, 4), normal(4),
)


# Values that forward only keeps, and targets that stand in no step.


def smoothed(p, target):
    kept = torch.full_like(p, 0.02)
    return kept.scatter_(1, target[:, None], 0.92)


def hard_entropy(ctx, logits, target):
    p = logits.softmax(-1)
    soft = smoothed(p, target)
    ctx.save_for_backward(p, soft, target)
    return torch.nn.functional.nll_loss(p.log(), target)


def hard_entropy_wrong(ctx, grad):
    p, soft, _ = ctx.saved_tensors
    return grad * (p - soft) / len(p), None


def hard_entropy_right(ctx, grad):
    p, _, target = ctx.saved_tensors
    return grad * (p - torch.nn.functional.one_hot(target, 5)) / len(p), None


case(
    "activation-derivative", hard_entropy, hard_entropy_wrong, hard_entropy_right,
    normal(6, 5), torch.randint(5, (6,)),
)


def soft_entropy(ctx, logits, target):
    p = logits.softmax(-1)
    soft = smoothed(p, target)
    ctx.save_for_backward(p, soft, target)
    return -(soft * p.log()).sum(-1).mean()


def soft_entropy_wrong(ctx, grad):
    p, _, target = ctx.saved_tensors
    return grad * (p - torch.nn.functional.one_hot(target, 5)) / len(p), None


def soft_entropy_right(ctx, grad):
    p, soft, _ = ctx.saved_tensors
    return grad * (p - soft) / len(p), None


case(
    "activation-derivative", soft_entropy, soft_entropy_wrong, soft_entropy_right,
    normal(6, 5), torch.randint(5, (6,)),
)


def cubed(ctx, x):
    ctx.near = x.detach() * 0.75 + x.detach().round() * 0.25
    ctx.save_for_backward(x)
    return x**3


def cubed_wrong(ctx, grad):
    return grad * 3 * ctx.near**2


def cubed_right(ctx, grad):
    return grad * 3 * ctx.saved_tensors[0] ** 2


case("activation-derivative", cubed, cubed_wrong, cubed_right, normal(4, 4))


# A convolution written with unfold, whose kernel backward turns around.


def unfolded(ctx, x, weight):
    columns = torch.nn.functional.unfold(x, 3, padding=1)
    ctx.save_for_backward(columns, weight)
    ctx.size = x.shape[-2:]
    return (weight.view(len(weight), -1) @ columns).view(len(x), -1, *ctx.size)


def unfolded_gradients(ctx, grad, kernel):
    columns, weight = ctx.saved_tensors
    flat = grad.flatten(2)
    by_columns = kernel(weight).reshape(len(weight), -1).t() @ flat
    by_weight = (flat @ columns.transpose(1, 2)).sum(0).view_as(weight)
    return torch.nn.functional.fold(by_columns, ctx.size, 3, padding=1), by_weight


def unfolded_wrong(ctx, grad):
    return unfolded_gradients(ctx, grad, lambda w: w.flip(-1, -2))


def unfolded_right(ctx, grad):
    return unfolded_gradients(ctx, grad, lambda w: w)


def unfolded_too(ctx, x, weight):
    return unfolded(ctx, x, weight)


def unfolded_too_wrong(ctx, grad):
    return unfolded_gradients(ctx, grad, lambda w: w.flip(-1))


unfolded_too_right = unfolded_right

case("shift", unfolded, unfolded_wrong, unfolded_right, normal(2, 2, 4, 5), normal(3, 2, 3, 3))
case(
    "transpose", unfolded_too, unfolded_too_wrong, unfolded_too_right,
    normal(2, 2, 4, 5), normal(3, 2, 3, 3),
)


# One scale of many elements, of which backward forgets a branch, or all but the share of a mean.


def bounded(ctx, x, scale):
    low, high = torch.full_like(scale, 0.8), torch.full_like(scale, 4)
    levels = torch.minimum(torch.maximum(x.exp() / scale, low), high)
    ctx.save_for_backward(x, scale)
    return levels * scale


def bounded_gradients(ctx, grad, ends, reduced):
    x, scale = ctx.saved_tensors
    levels = x.exp() / scale
    low, high = (levels < 0.8).to(grad), (levels > 4).to(grad)
    by_x = grad * x.exp() * (1 - low) * (1 - high)
    return by_x, reduced(grad * ends(0.8 * low, 4 * high)).view_as(scale)


def bounded_wrong(ctx, grad):
    return bounded_gradients(ctx, grad, lambda low, high: high, torch.sum)


def bounded_right(ctx, grad):
    return bounded_gradients(ctx, grad, lambda low, high: low + high, torch.sum)


def bounded_mean(ctx, x, scale):
    return bounded(ctx, x, scale)


def bounded_mean_wrong(ctx, grad):
    return bounded_gradients(ctx, grad, lambda low, high: low + high, torch.mean)


bounded_mean_right = bounded_right

case("partial", bounded, bounded_wrong, bounded_right, normal(6, 7), positive(1))
case(
    "batch-scale", bounded_mean, bounded_mean_wrong, bounded_mean_right, normal(6, 7), positive(1)
)


# Contributions that cancel where a factor is left out, and what is a constant in an exponent.


def sloped(ctx, scores, slope):
    steps = torch.arange(5.0).to(scores)
    p = (scores + slope * steps).softmax(-1)
    ctx.save_for_backward(p, steps)
    return p


def sloped_gradients(ctx, grad, factor):
    p, steps = ctx.saved_tensors
    by_scores = p * (grad - (grad * p).sum(-1, keepdim=True))
    return by_scores, (by_scores * factor(steps)).sum((0, 1)).view(1)


def sloped_wrong(ctx, grad):
    return sloped_gradients(ctx, grad, torch.ones_like)


def sloped_right(ctx, grad):
    return sloped_gradients(ctx, grad, lambda steps: steps)


case("activation-derivative", sloped, sloped_wrong, sloped_right, normal(4, 5), positive(1))


def power_mean(ctx, x, p):
    mean = x.pow(p).mean(-1)
    y = mean.pow(1 / p)
    ctx.save_for_backward(x, p, mean, y)
    return y


def power_mean_gradients(ctx, grad, through_root):
    x, p, mean, y = ctx.saved_tensors
    by_x = (grad * mean.pow(1 / p - 1)).unsqueeze(-1) * x.pow(p - 1) / x.shape[-1]
    through_power = (x.pow(p) * x.log()).mean(-1) / (p * mean)
    by_p = (grad * y * (through_power - through_root(mean, p))).sum()
    return by_x, by_p.view_as(p)


def power_mean_wrong(ctx, grad):
    return power_mean_gradients(ctx, grad, lambda mean, p: 0)


def power_mean_right(ctx, grad):
    return power_mean_gradients(ctx, grad, lambda mean, p: mean.log() / p**2)


case("missing-term", power_mean, power_mean_wrong, power_mean_right, positive(4, 6), positive(1))


# A stretch of forward in which two paths join, left out; a derivative that is taken elsewhere.


def mixed(ctx, x):
    m = torch.tanh(x)
    rolled = m.roll(1, -1) * 0.25 + m * 0.5 + m.roll(-1, -1) * 0.25
    ctx.save_for_backward(m)
    return rolled.exp()


def mixed_gradients(ctx, grad, back):
    (m,) = ctx.saved_tensors
    rolled = m.roll(1, -1) * 0.25 + m * 0.5 + m.roll(-1, -1) * 0.25
    return back(grad * rolled.exp()) * (1 - m * m)


def mixed_wrong(ctx, grad):
    return mixed_gradients(ctx, grad, lambda g: g)


def mixed_right(ctx, grad):
    return mixed_gradients(
        ctx, grad, lambda g: g.roll(-1, -1) * 0.25 + g * 0.5 + g.roll(1, -1) * 0.25
    )


case("activation-derivative", mixed, mixed_wrong, mixed_right, normal(4, 6))


def soft_maximum(ctx, x, sharpness):
    y = torch.logsumexp(sharpness * x, -1) / sharpness
    ctx.save_for_backward(x, sharpness, y)
    return y


def soft_maximum_gradients(ctx, grad, at):
    x, sharpness, y = ctx.saved_tensors
    p = (sharpness * x).softmax(-1)
    by_sharpness = grad * ((p * x).sum(-1) - y) / sharpness
    return grad.unsqueeze(-1) * at(x, sharpness).softmax(-1), by_sharpness.sum().view(1)


def soft_maximum_wrong(ctx, grad):
    return soft_maximum_gradients(ctx, grad, lambda x, sharpness: x)


def soft_maximum_right(ctx, grad):
    return soft_maximum_gradients(ctx, grad, lambda x, sharpness: sharpness * x)


case(
    "activation-derivative", soft_maximum, soft_maximum_wrong, soft_maximum_right,
    normal(5, 6), positive(1),
)


# A pooling that gives its indices as well is a step like any other.


def pooled(ctx, x):
    most, where = torch.nn.functional.max_pool2d(x, 2, return_indices=True)
    y = torch.tanh(most)
    ctx.save_for_backward(y, most, where)
    return y


def pooled_wrong(ctx, grad):
    _, most, where = ctx.saved_tensors
    return torch.nn.functional.max_unpool2d(grad * (1 - most * most), where, 2)


def pooled_right(ctx, grad):
    y, _, where = ctx.saved_tensors
    return torch.nn.functional.max_unpool2d(grad * (1 - y * y), where, 2)


case("activation-derivative", pooled, pooled_wrong, pooled_right, normal(2, 2, 4, 6))


# A context takes any name that torch's own does not have.


def noted(ctx, x):
    ctx.kept, ctx.names = torch.sin(x).detach(), ("x",)
    y = torch.tanh(x)
    ctx.save_for_backward(y)
    return y


def noted_wrong(ctx, grad):
    return grad * (1 - ctx.kept * ctx.kept)


def noted_right(ctx, grad):
    (y,) = ctx.saved_tensors
    return grad * (1 - y * y)


case("activation-derivative", noted, noted_wrong, noted_right, normal(4, 6))


# Tensors that a backward makes without a dtype do not go with float64.


def looked_up(ctx, table, at):
    ctx.save_for_backward(at)
    ctx.shape = table.shape
    return table[at]


def looked_up_wrong(ctx, grad):
    (at,) = ctx.saved_tensors
    found = torch.zeros(ctx.shape)
    return found.index_put((at,), grad), None


def looked_up_right(ctx, grad):
    (at,) = ctx.saved_tensors
    found = torch.zeros(ctx.shape)
    return found.index_put((at,), grad, accumulate=True), None


case(
    "overwrite", looked_up, looked_up_wrong, looked_up_right,
    normal(5, 3), torch.tensor([0, 2, 2, 4, 0, 2, 1]),
)


# Such random numbers are others in float64: the rounding of float32 is the lesser harm.


def dropped(ctx, x):
    kept = (torch.rand(x.shape) < 0.6) / 0.6
    ctx.save_for_backward(kept)
    return x * kept


def dropped_wrong(ctx, grad):
    (kept,) = ctx.saved_tensors
    return (grad * kept) @ torch.eye(grad.shape[1]) * -1


def dropped_right(ctx, grad):
    (kept,) = ctx.saved_tensors
    return (grad * kept) @ torch.eye(grad.shape[1])


case("sign", dropped, dropped_wrong, dropped_right, normal(6, 4))


# What is the same whatever the gradient from above, as long as that is not tiny.


def bounded_grad(ctx, x):
    ctx.save_for_backward(x)
    return torch.log1p(x.abs()) * x.sign()


def bounded_grad_wrong(ctx, grad):
    (x,) = ctx.saved_tensors
    return (grad / (1 + x.abs())).clamp(-1e-4, 1e-4)


def bounded_grad_right(ctx, grad):
    (x,) = ctx.saved_tensors
    return torch.where(x < 0, grad / (1 - x), grad / (x + 1))


case("missing-upstream", bounded_grad, bounded_grad_wrong, bounded_grad_right, normal(5, 6))


# Of a symmetric matrix forward reads one triangle, and backward shares its gradient out among both, as PyTorch's own do.


def symmetric(size, least):
    """A matrix of rank 3 and a little more, so that not every one near it is positive definite."""
    generator = torch.Generator().manual_seed(3)
    half = torch.randn(size, 3, generator=generator)
    return (half @ half.t() + least * torch.eye(size)).requires_grad_()


def log_determinant(ctx, a):
    root = torch.linalg.cholesky(a)
    ctx.save_for_backward(root)
    return 2 * root.diagonal().log().sum()


def log_determinant_wrong(ctx, grad):
    (root,) = ctx.saved_tensors
    return -grad * torch.cholesky_inverse(root)


def log_determinant_right(ctx, grad):
    (root,) = ctx.saved_tensors
    return grad * torch.cholesky_inverse(root)


case(
    "sign",
    log_determinant,
    log_determinant_wrong,
    log_determinant_right,
    symmetric(5, 1.0),
)


def kernel_solve(ctx, a, b):
    root = torch.linalg.cholesky(a)
    x = torch.cholesky_solve(b, root)
    ctx.save_for_backward(root, x)
    return x


def kernel_solve_wrong(ctx, grad):
    root, x = ctx.saved_tensors
    of_b = torch.cholesky_solve(grad, root)
    return of_b @ x.t(), of_b


def kernel_solve_right(ctx, grad):
    root, x = ctx.saved_tensors
    of_b = torch.cholesky_solve(grad, root)
    return -of_b @ x.t(), of_b


case(
    "sign",
    kernel_solve,
    kernel_solve_wrong,
    kernel_solve_right,
    symmetric(12, 1.0),
    normal(12, 2),
)


# A backward that gives nothing to the triangle that forward does not read is the derivative as well, with a mask or not.


def causal(ctx, scores):
    ahead = torch.ones_like(scores).triu(1).bool()
    p = scores.masked_fill(ahead, -torch.inf).softmax(-1)
    ctx.save_for_backward(p)
    return p


def causal_wrong(ctx, grad):
    (p,) = ctx.saved_tensors
    return p * (grad - (p * grad).sum(0))


def causal_right(ctx, grad):
    (p,) = ctx.saved_tensors
    return p * (grad - (p * grad).sum(-1, keepdim=True))


case("missing-reduction", causal, causal_wrong, causal_right, symmetric(6, 0.0))


if __name__ == "__main__":
    main(sys.argv[1])
