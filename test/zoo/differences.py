"""Derivatives in float64, from values of the function alone."""

import torch

STEP = 2.0**-10


def flat_outputs(forward, inputs):
    outputs = forward(*inputs)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    return torch.cat([output.reshape(-1) for output in outputs])


class Application:
    """A forward, what it is applied to, and the cotangents of all its outputs, one after the other."""

    def __init__(self, forward, inputs, cotangent, later):
        self.forward = forward
        self.inputs = inputs
        self.cotangent = cotangent
        self.later = later  # the inputs of the next application of the same Function, if there is one

    def product(self, at, *, forward=None, inputs=None, cotangent=None):
        """The vector-Jacobian product for input number `at`; here, or with another forward, elsewhere, from others."""
        product = self.jacobian(at, forward, inputs) @ (self.cotangent if cotangent is None else cotangent)
        return product.reshape(self.inputs[at].shape)

    def jacobian(self, at, forward=None, inputs=None):
        """[elements of input number `at`, elements of all outputs], by five-point differences."""
        f = self._along(at, forward or self.forward, self.inputs if inputs is None else inputs)
        rows = []
        for element in range(self.inputs[at].numel()):
            near = f(element, STEP) - f(element, -STEP)
            far = f(element, 2 * STEP) - f(element, -2 * STEP)
            rows.append((8 * near - far) / (12 * STEP))
        return torch.stack(rows)

    def slopes(self, at, element):
        """The product for one element from its left and from its right, the smaller first."""
        f = self._along(at, self.forward, self.inputs)
        here = f(element, 0)
        sides = [((f(element, step) - here) / step) @ self.cotangent for step in (-STEP, STEP)]
        return sorted(side.item() for side in sides)

    def autograd(self, at):
        """The vector-Jacobian product as PyTorch's own rules give it."""
        leaves = [x.clone().requires_grad_() for x in self.inputs]
        (product,) = torch.autograd.grad(flat_outputs(self.forward, leaves) @ self.cotangent, [leaves[at]])
        return product

    @staticmethod
    def _along(at, forward, inputs):
        def f(element, step):
            moved = inputs[at].clone()
            moved.view(-1)[element] += step
            return flat_outputs(forward, [*inputs[:at], moved, *inputs[at + 1 :]])

        return f


def agree(a, b, allowed):
    """Whether all elements agree, small against the largest of them."""
    return a.shape == b.shape and bool(((a - b).abs() <= allowed * max(a.abs().max(), b.abs().max())).all())
