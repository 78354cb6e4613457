"""What a function of torch is to the recorder, by its name."""

from __future__ import annotations

from enum import IntEnum
from typing import Any


class Role(IntEnum):
    """What is done about a call."""

    #: It makes no node: called as it is.
    NONE = 0
    OP = 1
    #: An op that writes to its first argument.
    WRITER = 2
    #: It passes no gradient on, and is meant not to.
    CUT = 3
    #: It gives plain numbers.
    READ = 4
    #: It gives its first argument other data.
    ASSIGN = 5
    #: An op that also writes to constants that it is given.
    LEARNER = 6
    #: It says whether its first argument is learned.
    SWITCH = 7
    #: It makes a tensor of plain numbers.
    MAKER = 8


_IGNORED = frozenset(
    """backward grad detach_ size dim numel stride register_hook
    register_post_accumulate_grad_hook is_floating_point is_complex retain_grad __len__ __bool__
    __index__ __format__ __repr__ __hash__ __contains__ __reduce_ex__ __deepcopy__
    __array__ _is_view is_contiguous data_ptr storage_offset element_size get_device _set_grad_enabled
    _record_function_enter _record_function_enter_new _record_function_exit storage untyped_storage
    __dlpack__ __dlpack_device__ is_same_size is_set_to share_memory_ is_shared is_pinned""".split()
)
_MAKERS = frozenset("tensor as_tensor asarray".split())
_READERS = frozenset("item tolist numpy __float__ __int__".split())
#: Properties that are views of their tensor.
_GETTERS = frozenset(("T", "mT", "H", "mH", "real", "imag"))
_WRITERS = frozenset(
    """__setitem__ __iadd__ __isub__ __imul__ __itruediv__ __ifloordiv__ __imod__ __ipow__
    __iand__ __ior__""".split()
)
#: They learn running statistics as they go.
_LEARNERS = frozenset(("batch_norm", "native_batch_norm", "instance_norm"))
_RANDOM = tuple(
    """dropout alpha_dropout feature_dropout bernoulli rand normal multinomial exponential uniform
    scaled_dot rrelu lstm gru rnn_ poisson
    _standard_gamma _sample_dirichlet binomial fractional_max native_dropout _sdpa""".split()
)


def role_of(func: Any) -> Role:
    """The role of a function that a mode was called for."""
    name = getattr(func, "__name__", "")
    if name in ("__get__", "__set__"):
        getter = getattr(getattr(func, "__self__", None), "__name__", "")
        if getter == "requires_grad":
            return Role.SWITCH if name == "__set__" else Role.NONE
        if getter == "data":
            return Role.CUT if name == "__get__" else Role.ASSIGN
        return Role.OP if name == "__get__" and getter in _GETTERS else Role.NONE
    if name == "requires_grad_":
        return Role.SWITCH
    if name in _IGNORED or not name:
        return Role.NONE
    if name in _MAKERS:
        return Role.MAKER
    if name in _READERS:
        return Role.READ
    if name == "detach":
        return Role.CUT
    if name in _WRITERS or (name.endswith("_") and not name.endswith("__")):
        return Role.WRITER
    return Role.LEARNER if name in _LEARNERS else Role.OP


def name_of(func: Any) -> str:
    """What an op is called: a property's getter by the property."""
    name: str = func.__name__
    return func.__self__.__name__ if name == "__get__" else name


def may_draw(name: str) -> bool:
    """Whether an op of this name may draw random numbers."""
    return name.startswith(_RANDOM)
