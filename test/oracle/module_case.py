"""How a case of a module with given weights is declared."""

import torch

from declare import ByDtype, Result
from specs import normal

# A norm over four numbers divides by what is left when they cancel: in float32 that is PyTorch's own rounding.
ROUNDED = ByDtype(float32={"relative": 1e-4, "absolute": 1e-5})


def declare_module(
    case, op, constructor, make, call, run, *, state=None, label=None, second=True, dtypes=None, training=True, **inputs
):
    """Declares a module for `case`: `constructor` and `make` build it, `call` and `run` use it as `m`.

    The JavaScript makes the module, loads the inputs s0, s1 … as its state under PyTorch's keys, and reports its
    parameters, in order, as leaves p0, p1 …
    """
    template = make()
    keys = list(template.state_dict())
    keys = [key for key in keys if not key.endswith("num_batches_tracked")]
    state = state or {}
    specs = {}
    for number, key in enumerate(keys):
        shape = tuple(template.state_dict()[key].shape)
        specs[f"s{number}"] = state.get(key, normal)(*shape).constant()
    entries = ", ".join(f'"{key}": s{number}' for number, key in enumerate(keys))
    load = f"m.loadStateDict({{ {entries} }}); " if keys else ""
    mode = "" if training else "m.eval(); "
    code = f"const m = {constructor}; {load}{mode}return {{ outputs: {call}, leaves: m.parameters() }}"

    def function(dtype=torch.float32, **tensors):
        m = make().to(dtype)
        m.train(training)
        loaded = {key: tensors.pop(f"s{number}") for number, key in enumerate(keys)}
        m.load_state_dict(loaded, strict=False)
        parameters = {f"p{number}": p for number, p in enumerate(m.parameters())}
        return Result(run(m, **tensors), **parameters)

    case(
        op,
        code,
        function,
        tolerance=ROUNDED if op in ("nn.MultiheadAttention", "nn.TransformerEncoderLayer") else None,
        label=label or constructor.replace(", $dtype", ""),
        second=second,
        dtypes=dtypes,
        **inputs,
        **specs,
    )
