"""The states of torch's random generators."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

import torch


class RandomState(NamedTuple):
    """The state of the CPU's generator, and of each CUDA device's once CUDA is in use."""

    cpu: torch.Tensor
    cuda: tuple[torch.Tensor, ...]


def random_state() -> RandomState:
    """The states as they are now."""
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else ()
    return RandomState(torch.get_rng_state(), tuple(cuda))


def restore(state: RandomState) -> None:
    """Sets the generators back."""
    torch.set_rng_state(state.cpu)
    if state.cuda:
        torch.cuda.set_rng_state_all(list(state.cuda))


def is_as_before(state: RandomState) -> bool:
    """Whether nothing was drawn since."""
    now = random_state()
    return all(map(torch.equal, (now.cpu, *now.cuda), (state.cpu, *state.cuda)))


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """What runs here changes neither the script's random numbers nor its grad mode.

    And knows no autocast.
    """
    state = random_state()
    with torch.enable_grad(), torch.autocast("cpu", enabled=False):
        try:
            if torch.cuda.is_initialized():
                with torch.autocast("cuda", enabled=False):
                    yield
            else:
                yield
        finally:
            restore(state)
