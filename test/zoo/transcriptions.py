"""The forward of every Function of the zoo in PyTorch, and what is wrong with its backward, for each input."""

import math

import torch
from torch import sigmoid, tanh

from kinds import (
    RIGHT,
    activation_derivative,
    batch_scale,
    mask,
    missing_reduction,
    missing_term,
    missing_upstream,
    overwrite,
    partial_elements,
    partial_outputs,
    scale,
    shift,
    sign,
    stale,
    surrogate_sign,
    swapped_inputs,
    turned_input,
    turned_result,
    unknown,
)

FUNCTIONS = {}
HAVE_KINKS = {"OwnRelu"}


def function(name, forward, *mistakes):
    """Inputs after those of the mistakes are right, or have no gradient."""
    assert name not in FUNCTIONS, f"{name} is there twice"
    FUNCTIONS[name] = (forward, mistakes)


def root_mean_square(x):
    return x.square().mean(1, keepdim=True).sqrt()


def normalised(x, mean, deviation_of, axis):
    """As batch and layer norm do it; the mean and the deviation may be those of constants."""
    variance = (deviation_of - deviation_of.mean(axis, keepdim=True)).square().mean(axis, keepdim=True)
    return (x - mean.mean(axis, keepdim=True)) / (variance + 1e-5).sqrt()


def squared_error(y, t):
    return ((y - t) ** 2).mean()


function("NegatedTanh", tanh, sign())
function("CubeTwice", lambda x: x**3, scale(2 / 3))
function("HotSoftmax", lambda x: torch.softmax(x / 0.7, 1), scale(0.7))
function("HalfSquare", lambda x: x * x, scale(1 / 2))
function("SummedMse", squared_error, batch_scale(30))
function("AveragedBias", lambda x, b: x + b, RIGHT, batch_scale(1 / 8))
function("LonelySigmoid", sigmoid, missing_upstream())
function("LonelyNorm", lambda x: (x * x).sum(), missing_upstream())
function("FirstRowBias", lambda x, b: x + b, RIGHT, missing_reduction())
function("FirstRowGain", lambda x, w: x * w, RIGHT, missing_reduction())
function("TurnedWeight", lambda x, w: x @ w, RIGHT, turned_result())
function("ForgottenTranspose", lambda x, w: x @ w, turned_input(1))
function("CrossedProduct", lambda a, b: a * b, swapped_inputs(1), swapped_inputs(0))
function("CrossedOrder", lambda a, b: a**2 * b.exp(), swapped_inputs(1), swapped_inputs(0))
function("TanhOfInput", tanh, activation_derivative(lambda x, act: act(x), tanh, lambda z: 1 - z**2))
function(
    "SigmoidTwice",
    sigmoid,
    activation_derivative(
        lambda x, act: act(x), sigmoid, lambda z: sigmoid(sigmoid(z)) * (1 - sigmoid(sigmoid(z)))
    ),
)
function(
    "StraightSoftplus",
    lambda x: (1 + x.exp()).log(),
    activation_derivative(lambda x, act: act(x), lambda z: (1 + z.exp()).log(), torch.ones_like),
)
function("DividedTanh", tanh, activation_derivative(lambda x, act: act(x), tanh, lambda z: 1 / (1 - tanh(z) ** 2)))
function("RmsNorm", lambda x: x / root_mean_square(x), missing_term(lambda x, held: x / root_mean_square(held)))
function("LayerNormNoMean", lambda x: normalised(x, x, x, 1), missing_term(lambda x, held: normalised(x, held, x, 1)))
function(
    "DiagonalSoftmax",
    lambda x: torch.softmax(x, 1),
    missing_term(lambda x, held: x.exp() / held.exp().sum(1, keepdim=True)),
)
function("ForgetfulSwish", lambda x: x * sigmoid(x), missing_term(lambda x, held: x * sigmoid(held)))
function("NoSkip", lambda x, w: x + x @ w, missing_term(lambda x, w, held_x, held_w: held_x + x @ w))
function("LastEmbedding", lambda table: table[[1, 3, 1, 0, 3, 3]], overwrite())
function("LastStepWeight", lambda x, w: x * w, RIGHT, overwrite())
function("LateRelu", torch.relu, mask(lambda x, held: x * (held > 0.5)))
function("OpenClamp", lambda x: x.clamp(-0.5, 0.5), mask(lambda x, held: x * (held < 0.5)))
function("InvertedDropout", lambda x, keep: x * keep, mask(lambda x, keep, *held: x * (1 - keep)))
function("OffByOne", torch.sin, shift(1, 0))
function("WrongRoll", lambda x: torch.cat([x[:, -2:], x[:, :-2]], 1), shift(1, 1))
function("FirstHalf", torch.exp, partial_elements(slice(0, 4)))
function("ForgottenHead", lambda x: torch.stack([tanh(x), tanh(2 * x), tanh(3 * x)]), partial_outputs(slice(0, 2)))
function("Stale", lambda x: x * x, stale())
function("Muddle", torch.sin, unknown())
function(
    "WeightedRms",
    lambda x, w: x / (root_mean_square(x) ** 2 + 1e-6).sqrt() * w,
    missing_term(lambda x, w, held, _: x / (root_mean_square(held) ** 2 + 1e-6).sqrt() * w),
)
function(
    "BatchNormNoVariance",
    lambda x: normalised(x, x, x, 0),
    missing_term(lambda x, held: normalised(x, x, held, 0)),
)
function(
    "LayerNormNoVariance",
    lambda x: normalised(x, x, x, 1),
    missing_term(lambda x, held: normalised(x, x, held, 1)),
)
function(
    "UnitRows",
    lambda x: x / (x * x).sum(1, keepdim=True).sqrt(),
    missing_term(lambda x, held: x / (held * held).sum(1, keepdim=True).sqrt()),
)
function(
    "ForgetfulGelu",
    torch.nn.functional.gelu,
    missing_term(lambda x, held: x * (1 + torch.erf(held / math.sqrt(2))) / 2),
)
function("UnscaledScores", lambda q, k: q @ k.t() / math.sqrt(3), scale(math.sqrt(3)), scale(math.sqrt(3)))
function("Difference", lambda a, b: a - b, RIGHT, sign())
function(
    "OpenGate",
    lambda a, b: a * sigmoid(b),
    RIGHT,
    activation_derivative(lambda a, b, act: a * act(b), sigmoid, sigmoid),
)
STRAIGHT_LAYER = activation_derivative(lambda x, w, b, act: act(x @ w + b), tanh, torch.ones_like)
function("StraightLayer", lambda x, w, b: tanh(x @ w + b), STRAIGHT_LAYER, STRAIGHT_LAYER, STRAIGHT_LAYER)
function("LosersPool", lambda x: x.reshape(-1, 2).amax(1), mask(lambda x, held: x.reshape(-1, 2).amin(1)))
function("ShiftedTail", lambda x: 2 * x[1:], shift(-1, 0))
function("UnturnedTranspose", lambda x: 2 * x.t(), turned_result())

function("Swish", torch.nn.functional.silu)
function("Rms", lambda x, w: x / root_mean_square(x) * w)
function("OwnRelu", torch.relu)
function("Pair", lambda x, y: (x * y, (x + y) ** 2))
function("MeanError", squared_error)
function("Reversal", lambda x: x * 1, surrogate_sign())
