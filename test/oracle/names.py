"""Writes torch-names.json: the public names of PyTorch 2 that a model file may reach for, a list for each namespace.

Run it with a PyTorch of the version that the census in docs/ops.md is to name; the file it writes is kept, so that
nothing else needs that PyTorch.
"""

import inspect
import json
import pathlib
import types

import torch
import torch.distributions
import torch.linalg
import torch.nn.functional as F
from torch import nn, optim

NOT_OF_A_USER = {"boolean_dispatch", "assert_int_or_pair", "handle_torch_function", "typename"}


def public(module, wanted):
    names = (name for name in dir(module) if not name.startswith("_") and name not in NOT_OF_A_USER)
    return sorted(name for name in names if wanted(getattr(module, name, None)))


def is_function(value):
    return not isinstance(value, (type, types.ModuleType)) and callable(value)


def is_class(value):
    return isinstance(value, type)


def torch_names():
    listed = set(torch.__all__) | {name for name in dir(torch._C._VariableFunctions) if not name.startswith("_")}
    listed |= {name for name in dir(torch) if isinstance(getattr(torch, name), torch.dtype)}
    kept = (name for name in listed if hasattr(torch, name) and not name.startswith(("_", "sym_")))
    return sorted(
        name
        for name in kept
        if not isinstance(getattr(torch, name), types.ModuleType)
        and not name.endswith("Storage")
        and name not in NOT_OF_A_USER
    )


def functional(value):
    return is_function(value) and (inspect.isbuiltin(value) or getattr(value, "__module__", "") in {F.__name__, "torch._jit_internal"})


names = {
    "torch": torch_names(),
    "Tensor": sorted(name for name in dir(torch.Tensor) if not name.startswith("_")),
    "nn": public(nn, is_class),
    "nn.functional": [name for name in public(F, functional) if not name.startswith("has_torch_function")],
    "optim": public(optim, is_class),
    "optim.lr_scheduler": sorted(optim.lr_scheduler.__all__),
    "nn.init": public(nn.init, inspect.isfunction),
    "nn.utils": sorted(nn.utils.__all__),
    "distributions": sorted(torch.distributions.__all__),
    "linalg": public(torch.linalg, inspect.isbuiltin),
}
path = pathlib.Path(__file__).with_name("torch-names.json")
path.write_text(json.dumps({"version": torch.__version__.split("+")[0], "names": names}, indent=1) + "\n")
