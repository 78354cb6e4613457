"""What each label of the zoo means: a wrong product, made of finite differences of the right forward.

Nothing here knows a `backward`: a kind says what becomes of the true product when this one mistake is made, and the
test holds what the zoo's `backward` gives against that.
"""

from dataclasses import dataclass

import torch

from differences import agree, flat_outputs

CLOSE = 1e-8


@dataclass(frozen=True)
class Mistake:
    kind: str
    product: object  # (Application, input's number) -> tensor; None where the label claims no more than a mistake


RIGHT = Mistake("right", lambda application, at: application.product(at))


def sign():
    """Minus the product."""
    return Mistake("sign", lambda application, at: -application.product(at))


def surrogate_sign():
    """The opposite of the gradient, on purpose and declared as such."""
    return Mistake("surrogate", sign().product)


def scale(factor):
    """The product times a constant."""
    return Mistake("scale", lambda application, at: factor * application.product(at))


def batch_scale(factor):
    """Off by a size of what the Function was applied to: too large by it, or too small."""

    def product(application, at):
        sizes = {n for x in application.inputs for n in (*x.shape, x.numel())}
        assert factor in sizes or 1 / factor in sizes, f"{factor} is no size"
        return factor * application.product(at)

    return Mistake("batch-scale", product)


def missing_upstream():
    """The product for a cotangent of ones, whatever the cotangent is."""
    return Mistake(
        "missing-upstream",
        lambda application, at: application.product(at, cotangent=torch.ones_like(application.cotangent)),
    )


def one_term(kind, which):
    """One of the outputs' contributions to an element instead of their sum."""

    def product(application, at):
        terms = application.jacobian(at) * application.cotangent
        kept = [row[row != 0][which] if (row != 0).any() else row.sum() for row in terms]
        return torch.stack(kept).reshape(application.inputs[at].shape)

    return Mistake(kind, product)


def missing_reduction():
    """Only the first contribution: the cotangent was not summed over what the input was repeated along."""
    return one_term("missing-reduction", 0)


def overwrite():
    """Only the last contribution: each was assigned over the one before."""
    return one_term("overwrite", -1)


def turned_result():
    """The product's transpose."""
    return Mistake("transpose", lambda application, at: application.product(at).t())


def turned_input(other):
    """The product as it would be if another input were its own transpose."""

    def product(application, at):
        turned = [x.t() if i == other else x for i, x in enumerate(application.inputs)]
        return application.product(at, inputs=turned)

    return Mistake("transpose", product)


def swapped_inputs(other):
    """The product that belongs to another input."""
    return Mistake("swapped-inputs", lambda application, at: application.product(other))


def activation_derivative(forward, activation, wrong):
    """The chain rule with a wrong local derivative: `forward` takes the activation as its last argument."""

    def product(application, at):
        met = []
        same_forward(application, lambda *inputs: forward(*inputs, lambda z: met.append(z) or activation(z)))
        (base,) = met

        def straight(z):
            return activation(base) + wrong(base) * (z - base)

        return application.product(at, forward=lambda *inputs: forward(*inputs, straight))

    return Mistake("activation-derivative", product)


def missing_term(forward):
    """One of the paths from an input held still: `forward` takes all inputs, and all of them once more as constants."""

    def product(application, at):
        def held(*inputs):
            return forward(*inputs, *application.inputs)

        same_forward(application, held)
        return application.product(at, forward=held)

    return Mistake("missing-term", product)


def mask(forward):
    """Another choice of what is passed on; `forward` makes it by the inputs, given once more as constants."""

    def product(application, at):
        truth = application.product(at)
        mistaken = application.product(at, forward=lambda *inputs: forward(*inputs, *application.inputs))
        same = (truth - mistaken).abs() <= CLOSE * truth.abs().max()
        assert (same | (truth == 0) | (mistaken == 0)).all(), "more than a mask differs"
        return mistaken

    return Mistake("mask", product)


def shift(by, axis):
    """The product moved along an axis."""
    return Mistake("shift", lambda application, at: application.product(at).roll(by, axis))


def partial_elements(rows):
    """Nothing for the elements that are not in these rows."""

    def product(application, at):
        truth = application.product(at)
        kept = torch.zeros_like(truth)
        kept[rows] = truth[rows]
        return kept

    return Mistake("partial", product)


def partial_outputs(rows):
    """Nothing from what is not in these rows of the result."""

    def product(application, at):
        output = application.forward(*application.inputs)
        kept = torch.zeros_like(output)
        kept[rows] = application.cotangent.reshape(output.shape)[rows]
        return application.product(at, cotangent=kept.flatten())

    return Mistake("partial", product)


def stale():
    """The product at the inputs of the next application, which wrote over those of this one."""
    return Mistake("stale", lambda application, at: application.product(at, inputs=application.later))


def unknown():
    """Wrong, and like none of the others: the label claims no more."""
    return Mistake("unknown", None)


def same_forward(application, forward):
    """A forward that was written once more, to take something apart, must still be the forward."""
    ours = flat_outputs(forward, application.inputs)
    assert agree(ours, flat_outputs(application.forward, application.inputs), CLOSE), "another forward"
