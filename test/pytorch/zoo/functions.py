"""Custom Functions whose backward is wrong, each with a twin that is right.

Each case has a forward, a wrong backward and a right one. ``python functions.py wrong`` applies
the wrong ones, ``python functions.py right`` the right ones: a pass for each, in their order.
"""

import sys

import torch
from torch.autograd import Function


class Case:
    """A forward with two backwards, and what it is applied to."""

    def __init__(self, kind, wrong, right, *inputs):
        self.kind, self.wrong, self.right, self.inputs = kind, wrong, right, inputs


CASES = []


def case(kind, forward, wrong, right, *inputs):
    """Notes a case; the Functions are named for the forward."""
    name = "".join(part.title() for part in forward.__name__.split("_"))
    made = [
        type(
            name + suffix,
            (Function,),
            {"forward": staticmethod(forward), "backward": staticmethod(backward)},
        )
        for suffix, backward in (("Wrong", wrong), ("Right", right))
    ]
    CASES.append(Case(kind, *made, *inputs))


def normal(*shape):
    return torch.randn(*shape, requires_grad=True)


def positive(*shape):
    return (torch.rand(*shape) + 0.5).requires_grad_()


torch.manual_seed(7)


# Sign.


def softsign(ctx, x):
    ctx.save_for_backward(x)
    return x / (1 + x.abs())


def softsign_wrong(ctx, grad):
    (x,) = ctx.saved_tensors
    return -grad / (1 + x.abs()) ** 2


def softsign_right(ctx, grad):
    (x,) = ctx.saved_tensors
    return grad / (1 + x.abs()) ** 2


case("sign", softsign, softsign_wrong, softsign_right, normal(4, 6))


def difference(ctx, minuend, subtrahend):
    return minuend - subtrahend


def difference_wrong(ctx, grad):
    return grad, grad


def difference_right(ctx, grad):
    return grad, -grad


case("sign", difference, difference_wrong, difference_right, normal(3, 4), normal(3, 4))


def reciprocal_root(ctx, x):
    y = x.rsqrt()
    ctx.save_for_backward(y)
    return y


def reciprocal_root_wrong(ctx, grad):
    (y,) = ctx.saved_tensors
    return 0.5 * grad * y**3


def reciprocal_root_right(ctx, grad):
    (y,) = ctx.saved_tensors
    return -0.5 * grad * y**3


case("sign", reciprocal_root, reciprocal_root_wrong, reciprocal_root_right, positive(5, 3))


# Scale.


def squared_norm(ctx, x):
    ctx.save_for_backward(x)
    return x.pow(2).sum()


def squared_norm_wrong(ctx, grad):
    (x,) = ctx.saved_tensors
    return grad * x


def squared_norm_right(ctx, grad):
    (x,) = ctx.saved_tensors
    return 2 * grad * x


case("scale", squared_norm, squared_norm_wrong, squared_norm_right, normal(4, 4))


def quartic(ctx, x):
    ctx.save_for_backward(x)
    return x**4


def quartic_wrong(ctx, grad):
    (x,) = ctx.saved_tensors
    return 3 * grad * x**3


def quartic_right(ctx, grad):
    (x,) = ctx.saved_tensors
    return 4 * grad * x**3


case("scale", quartic, quartic_wrong, quartic_right, normal(3, 5))


def temperature_softmax(ctx, logits, temperature):
    y = (logits / temperature).softmax(-1)
    ctx.save_for_backward(y)
    ctx.temperature = temperature
    return y


def temperature_softmax_wrong(ctx, grad):
    (y,) = ctx.saved_tensors
    return y * (grad - (grad * y).sum(-1, keepdim=True)), None


def temperature_softmax_right(ctx, grad):
    (y,) = ctx.saved_tensors
    return y * (grad - (grad * y).sum(-1, keepdim=True)) / ctx.temperature, None


case(
    "scale",
    temperature_softmax,
    temperature_softmax_wrong,
    temperature_softmax_right,
    normal(3, 5),
    2.5,
)


# A mean for a sum.


def batch_mean(ctx, x):
    ctx.rows = x.shape[0]
    return x.mean(0)


def batch_mean_wrong(ctx, grad):
    return grad.expand(ctx.rows, -1)


def batch_mean_right(ctx, grad):
    return grad.expand(ctx.rows, -1) / ctx.rows


case("batch-scale", batch_mean, batch_mean_wrong, batch_mean_right, normal(6, 4))


def mean_squares(ctx, prediction, target):
    ctx.save_for_backward(prediction, target)
    return (prediction - target).pow(2).mean()


def mean_squares_wrong(ctx, grad):
    prediction, target = ctx.saved_tensors
    return 2 * grad * (prediction - target), None


def mean_squares_right(ctx, grad):
    prediction, target = ctx.saved_tensors
    return 2 * grad * (prediction - target) / prediction.numel(), None


case(
    "batch-scale",
    mean_squares,
    mean_squares_wrong,
    mean_squares_right,
    normal(5, 4),
    torch.randn(5, 4),
)


def summed_rows(ctx, x):
    ctx.columns = x.shape[1]
    return x.sum(1)


def summed_rows_wrong(ctx, grad):
    return grad[:, None].expand(-1, ctx.columns) / ctx.columns


def summed_rows_right(ctx, grad):
    return grad[:, None].expand(-1, ctx.columns)


case("batch-scale", summed_rows, summed_rows_wrong, summed_rows_right, normal(4, 7))


# The gradient from above.


def sine(ctx, x):
    ctx.save_for_backward(x)
    return x.sin()


def sine_wrong(ctx, grad):
    (x,) = ctx.saved_tensors
    return x.cos()


def sine_right(ctx, grad):
    (x,) = ctx.saved_tensors
    return grad * x.cos()


case("missing-upstream", sine, sine_wrong, sine_right, normal(4, 5))


def log_cosh(ctx, x):
    ctx.save_for_backward(x)
    return x.cosh().log()


def log_cosh_wrong(ctx, grad):
    (x,) = ctx.saved_tensors
    return x.tanh() * torch.ones_like(grad)


def log_cosh_right(ctx, grad):
    (x,) = ctx.saved_tensors
    return x.tanh() * grad


case("missing-upstream", log_cosh, log_cosh_wrong, log_cosh_right, normal(3, 6))


# Reductions over what was broadcast.


def add_bias(ctx, x, bias):
    return x + bias


def add_bias_wrong(ctx, grad):
    return grad, grad[0]


def add_bias_right(ctx, grad):
    return grad, grad.sum(0)


case("missing-reduction", add_bias, add_bias_wrong, add_bias_right, normal(6, 3), normal(3))


def channel_scale(ctx, x, gain):
    ctx.save_for_backward(x, gain)
    return x * gain[None, :, None]


def channel_scale_wrong(ctx, grad):
    x, gain = ctx.saved_tensors
    return grad * gain[None, :, None], (grad * x).sum((0, 2)) / x.shape[0]


def channel_scale_right(ctx, grad):
    x, gain = ctx.saved_tensors
    return grad * gain[None, :, None], (grad * x).sum((0, 2))


case(
    "batch-scale",
    channel_scale,
    channel_scale_wrong,
    channel_scale_right,
    normal(4, 3, 5),
    normal(3),
)


# Transposes.


def product(ctx, a, b):
    ctx.save_for_backward(a, b)
    return a @ b


def product_wrong(ctx, grad):
    a, b = ctx.saved_tensors
    return grad @ b, a.t() @ grad


def product_right(ctx, grad):
    a, b = ctx.saved_tensors
    return grad @ b.t(), a.t() @ grad


case("transpose", product, product_wrong, product_right, normal(4, 4), normal(4, 4))


def projection(ctx, x, weight):
    ctx.save_for_backward(x, weight)
    return x @ weight.t()


def projection_wrong(ctx, grad):
    x, weight = ctx.saved_tensors
    return grad @ weight, x.t() @ grad


def projection_right(ctx, grad):
    x, weight = ctx.saved_tensors
    return grad @ weight, grad.t() @ x


case("transpose", projection, projection_wrong, projection_right, normal(5, 3), normal(3, 3))


def quadratic_form(ctx, x, matrix):
    ctx.save_for_backward(x, matrix)
    return x @ matrix @ x


def quadratic_form_wrong(ctx, grad):
    x, matrix = ctx.saved_tensors
    return grad * 2 * (matrix @ x), grad * torch.outer(x, x)


def quadratic_form_right(ctx, grad):
    x, matrix = ctx.saved_tensors
    return grad * (matrix @ x + matrix.t() @ x), grad * torch.outer(x, x)


case("any", quadratic_form, quadratic_form_wrong, quadratic_form_right, normal(5), normal(5, 5))


# Swapped.


def hadamard(ctx, left, right):
    ctx.save_for_backward(left, right)
    return left * right


def hadamard_wrong(ctx, grad):
    left, right = ctx.saved_tensors
    return grad * left, grad * right


def hadamard_right(ctx, grad):
    left, right = ctx.saved_tensors
    return grad * right, grad * left


case("swapped-inputs", hadamard, hadamard_wrong, hadamard_right, normal(4, 3), normal(4, 3))


def quotient(ctx, top, bottom):
    ctx.save_for_backward(top, bottom)
    return top / bottom


def quotient_wrong(ctx, grad):
    top, bottom = ctx.saved_tensors
    return -grad * top / bottom**2, grad / bottom


def quotient_right(ctx, grad):
    top, bottom = ctx.saved_tensors
    return grad / bottom, -grad * top / bottom**2


case("swapped-inputs", quotient, quotient_wrong, quotient_right, normal(3, 4), positive(3, 4))


# Derivatives of activations.


def hyperbolic(ctx, x):
    y = x.tanh()
    ctx.save_for_backward(x, y)
    return y


def hyperbolic_wrong(ctx, grad):
    x, _ = ctx.saved_tensors
    return grad * (1 - x**2)


def hyperbolic_right(ctx, grad):
    _, y = ctx.saved_tensors
    return grad * (1 - y**2)


case("activation-derivative", hyperbolic, hyperbolic_wrong, hyperbolic_right, normal(4, 4))


def logistic(ctx, x):
    y = x.sigmoid()
    ctx.save_for_backward(y)
    return y


def logistic_wrong(ctx, grad):
    (y,) = ctx.saved_tensors
    return grad * y


def logistic_right(ctx, grad):
    (y,) = ctx.saved_tensors
    return grad * y * (1 - y)


case("activation-derivative", logistic, logistic_wrong, logistic_right, normal(4, 5))


def soft_plus(ctx, x):
    ctx.save_for_backward(x)
    return x.exp().log1p()


def soft_plus_wrong(ctx, grad):
    return grad


def soft_plus_right(ctx, grad):
    (x,) = ctx.saved_tensors
    return grad * x.sigmoid()


case("activation-derivative", soft_plus, soft_plus_wrong, soft_plus_right, normal(5, 4))


def exponential_unit(ctx, x):
    y = torch.where(x > 0, x, x.exp() - 1)
    ctx.save_for_backward(x, y)
    return y


def exponential_unit_wrong(ctx, grad):
    x, y = ctx.saved_tensors
    return torch.where(x > 0, grad, grad * y)


def exponential_unit_right(ctx, grad):
    x, y = ctx.saved_tensors
    return torch.where(x > 0, grad, grad * (y + 1))


case("any", exponential_unit, exponential_unit_wrong, exponential_unit_right, normal(6, 4))


# Terms that are missing.


def swish(ctx, x):
    ctx.save_for_backward(x)
    return x * x.sigmoid()


def swish_wrong(ctx, grad):
    (x,) = ctx.saved_tensors
    return grad * x.sigmoid()


def swish_right(ctx, grad):
    (x,) = ctx.saved_tensors
    s = x.sigmoid()
    return grad * (s + x * s * (1 - s))


case("missing-term", swish, swish_wrong, swish_right, normal(4, 6))


def centred(ctx, x):
    return x - x.mean(-1, keepdim=True)


def centred_wrong(ctx, grad):
    return grad.clone()


def centred_right(ctx, grad):
    return grad - grad.mean(-1, keepdim=True)


case("missing-term", centred, centred_wrong, centred_right, normal(3, 6))


def row_softmax(ctx, x):
    y = x.softmax(-1)
    ctx.save_for_backward(y)
    return y


def row_softmax_wrong(ctx, grad):
    (y,) = ctx.saved_tensors
    return grad * y


def row_softmax_right(ctx, grad):
    (y,) = ctx.saved_tensors
    return y * (grad - (grad * y).sum(-1, keepdim=True))


case("missing-term", row_softmax, row_softmax_wrong, row_softmax_right, normal(3, 6))


def unit_rows(ctx, x):
    norm = x.norm(dim=-1, keepdim=True)
    ctx.save_for_backward(x, norm)
    return x / norm


def unit_rows_wrong(ctx, grad):
    _, norm = ctx.saved_tensors
    return grad / norm


def unit_rows_right(ctx, grad):
    x, norm = ctx.saved_tensors
    return grad / norm - x * (grad * x).sum(-1, keepdim=True) / norm**3


case("missing-term", unit_rows, unit_rows_wrong, unit_rows_right, normal(3, 5))


def skip(ctx, x):
    ctx.save_for_backward(x)
    return x + x.tanh()


def skip_wrong(ctx, grad):
    (x,) = ctx.saved_tensors
    return grad * (1 - x.tanh() ** 2)


def skip_right(ctx, grad):
    (x,) = ctx.saved_tensors
    return grad + grad * (1 - x.tanh() ** 2)


case("missing-term", skip, skip_wrong, skip_right, normal(4, 4))


# Contributions that overwrite each other.


def lookup(ctx, table, index):
    ctx.save_for_backward(table, index)
    return table[index]


def lookup_wrong(ctx, grad):
    table, index = ctx.saved_tensors
    out = torch.zeros_like(table)
    out[index] = grad
    return out, None


def lookup_right(ctx, grad):
    table, index = ctx.saved_tensors
    return torch.zeros_like(table).index_add(0, index, grad), None


case("overwrite", lookup, lookup_wrong, lookup_right, normal(5, 3), torch.tensor([0, 3, 3, 1, 3]))


def windows(ctx, x):
    ctx.length = x.shape[0]
    return x.unfold(0, 3, 1).sum(1)


def windows_wrong(ctx, grad):
    out = grad.new_zeros(ctx.length)
    for i in range(grad.shape[0]):
        out[i : i + 3] = grad[i]
    return out


def windows_right(ctx, grad):
    out = grad.new_zeros(ctx.length)
    for i in range(grad.shape[0]):
        out[i : i + 3] += grad[i]
    return out


case("overwrite", windows, windows_wrong, windows_right, normal(9))


# Masks.


def clamped(ctx, x):
    ctx.save_for_backward(x)
    return x.clamp(-0.8, 0.8)


def clamped_wrong(ctx, grad):
    (x,) = ctx.saved_tensors
    return grad * (x < 0.8)


def clamped_right(ctx, grad):
    (x,) = ctx.saved_tensors
    return grad * (x.abs() < 0.8)


case("mask", clamped, clamped_wrong, clamped_right, normal(5, 6))


def leaky(ctx, x):
    ctx.save_for_backward(x)
    return torch.where(x > 0, x, 0.1 * x)


def leaky_wrong(ctx, grad):
    (x,) = ctx.saved_tensors
    return torch.where(x > 0, grad, torch.zeros_like(grad))


def leaky_right(ctx, grad):
    (x,) = ctx.saved_tensors
    return torch.where(x > 0, grad, 0.1 * grad)


case("any", leaky, leaky_wrong, leaky_right, normal(5, 5))


# Shifts and parts.


def neighbours(ctx, x):
    return x.roll(1, 0)


def neighbours_wrong(ctx, grad):
    return grad.roll(1, 0)


def neighbours_right(ctx, grad):
    return grad.roll(-1, 0)


case("shift", neighbours, neighbours_wrong, neighbours_right, normal(7, 2))


def running_sum(ctx, x):
    return x.cumsum(0)


def running_sum_wrong(ctx, grad):
    return grad.cumsum(0)


def running_sum_right(ctx, grad):
    return grad.flip(0).cumsum(0).flip(0)


case("any", running_sum, running_sum_wrong, running_sum_right, normal(6, 2))


def joined(ctx, first, second):
    ctx.split = first.shape[0]
    return torch.cat((first, second))


def joined_wrong(ctx, grad):
    return grad[: ctx.split], torch.zeros_like(grad[ctx.split :])


def joined_right(ctx, grad):
    return grad[: ctx.split], grad[ctx.split :]


case("partial", joined, joined_wrong, joined_right, normal(3, 2), normal(4, 2))


def gated(ctx, value, gate):
    ctx.save_for_backward(value, gate.sigmoid())
    return value * gate.sigmoid()


def gated_wrong(ctx, grad):
    _, opened = ctx.saved_tensors
    return grad * opened, None


def gated_right(ctx, grad):
    value, opened = ctx.saved_tensors
    return grad * opened, grad * value * opened * (1 - opened)


case("partial", gated, gated_wrong, gated_right, normal(4, 3), normal(4, 3))


# Several outputs.


def sum_and_product(ctx, a, b):
    ctx.save_for_backward(a, b)
    return a + b, a * b


def sum_and_product_wrong(ctx, grad_sum, grad_product):
    a, b = ctx.saved_tensors
    return grad_sum, grad_sum + grad_product * a


def sum_and_product_right(ctx, grad_sum, grad_product):
    a, b = ctx.saved_tensors
    return grad_sum + grad_product * b, grad_sum + grad_product * a


case(
    "any", sum_and_product, sum_and_product_wrong, sum_and_product_right, normal(3, 3), normal(3, 3)
)


# What was kept is changed before backward comes.


def kept_root(ctx, x):
    ctx.root = x.sqrt()
    return ctx.root.clone()


def kept_root_wrong(ctx, grad):
    ctx.root.add_(1)
    return grad / (2 * ctx.root)


def kept_root_right(ctx, grad):
    return grad / (2 * ctx.root)


case("any", kept_root, kept_root_wrong, kept_root_right, positive(4, 4))


def main(which):
    for one in CASES:
        function = one.wrong if which == "wrong" else one.right
        result = function.apply(*one.inputs)
        results = result if isinstance(result, tuple) else (result,)
        sum((part * torch.randn_like(part)).sum() for part in results).backward()


if __name__ == "__main__":
    main(sys.argv[1])
