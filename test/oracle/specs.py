"""What an input of a case is made of: its shape, its distribution, its dtype.

A spec holds no numbers. They are drawn from a generator seeded with the case's id and the input's name, so that adding
a case changes no other. Floats are rounded to three decimals: they read well and stay short in the fixtures.
"""

import math
import random
from dataclasses import dataclass, replace

import torch

TORCH_DTYPE = {"float32": torch.float32, "float64": torch.float64, "int64": torch.int64, "bool": torch.bool}


@dataclass(frozen=True)
class Spec:
    shape: tuple
    draw: object  # (random.Random, count) -> list of numbers
    dtype: object = None  # None: whatever the run's floating dtype is
    requires_grad: bool = True
    wave: object = None  # of large inputs: what the fixture holds instead of their values

    def tensor(self, seed, dtype):
        """The tensor that this input is, in a run of the case at `dtype`."""
        count = math.prod(self.shape)
        flat = self.draw(random.Random(seed), count)
        result = torch.tensor(flat, dtype=TORCH_DTYPE[self.dtype or dtype]).reshape(self.shape)
        return result.requires_grad_(self.requires_grad)

    def of(self, dtype):
        """The same input, always of this dtype."""
        return replace(self, dtype=dtype, requires_grad=self.requires_grad and dtype.startswith("float"))

    def constant(self):
        """The same input without a gradient."""
        return replace(self, requires_grad=False)

    @property
    def follows_run(self):
        """Whether a run at another floating dtype changes this input."""
        return self.dtype is None


def _floats(one):
    return lambda rng, count: [round(one(rng), 3) for _ in range(count)]


def normal(*shape):
    """Standard normal values."""
    return Spec(shape, _floats(lambda rng: rng.gauss(0, 1)))


def positive(*shape):
    """Values in [0.2, 3]."""
    return Spec(shape, _floats(lambda rng: rng.uniform(0.2, 3)))


def unit(*shape):
    """Values in [0.1, 0.9]: probabilities, arguments of asin."""
    return Spec(shape, _floats(lambda rng: rng.uniform(0.1, 0.9)))


def nonzero(*shape):
    """Values of either sign with a magnitude in [0.3, 2]: divisors."""
    return Spec(shape, _floats(lambda rng: rng.choice((-1, 1)) * rng.uniform(0.3, 2)))


def spread(*shape):
    """Values in [-6, 6]: both tails of an activation."""
    return Spec(shape, _floats(lambda rng: rng.uniform(-6, 6)))


def distinct(*shape):
    """Values no two of which are equal, in a random order."""

    def draw(rng, count):
        values = [round(0.37 * (i - count / 2) + 0.1, 3) for i in range(count)]
        rng.shuffle(values)
        return values

    return Spec(shape, draw)


def tied(*shape):
    """Values out of {-1, 0.5, 2}: most of them occur several times."""
    return Spec(shape, lambda rng, count: [rng.choice((-1.0, 0.5, 2.0)) for _ in range(count)])


def wave(*shape, offset=0.3, scale=1.0, phase=0.0):
    """offset + scale · sin(0.37 i + phase) at flat position i: large, and known to both sides without being stored."""

    def draw(rng, count):
        return [offset + scale * math.sin(0.37 * i + phase) for i in range(count)]

    return Spec(shape, draw, wave={"offset": offset, "scale": scale, "phase": phase})


def probabilities(*shape, axis):
    """Positive values that sum to one over `axis`."""

    def draw(rng, count):
        raw = torch.tensor([rng.uniform(0.2, 1) for _ in range(count)], dtype=torch.float64).reshape(shape)
        return (raw / raw.sum(axis, keepdim=True)).flatten().tolist()

    return Spec(shape, draw)


def ints(low, high, *shape):
    """int64 in [low, high)."""
    return Spec(shape, lambda rng, count: [rng.randrange(low, high) for _ in range(count)], "int64", False)


def bools(*shape):
    """A mask."""
    return Spec(shape, lambda rng, count: [rng.random() < 0.5 for _ in range(count)], "bool", False)


def literal(nested, dtype=None):
    """Exactly these values. Without a dtype they are floats of the run's dtype."""
    shape = torch.tensor(nested).shape
    flat = torch.tensor(nested, dtype=torch.float64).flatten().tolist()
    return Spec(tuple(shape), lambda rng, count: flat, dtype, dtype is None or dtype.startswith("float"))
