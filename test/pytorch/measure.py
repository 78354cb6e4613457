"""Runs scripts one after the other, and prints a digest of what each leaves behind.

Its gradients, its tensors, its modules' weights and the state of the random numbers, bit by bit.
"""

import hashlib
import os
import runpy
import sys

import torch


def tensors_of(value, seen):
    """The tensors that a value leads to, in a fixed order."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, torch.Tensor):
        yield value
        if value.is_leaf and value.grad is not None:
            yield value.grad
    elif isinstance(value, torch.nn.Module):
        for _, part in sorted(value.state_dict(keep_vars=True).items()):
            if isinstance(part, torch.Tensor):
                yield from tensors_of(part, seen)
    elif isinstance(value, torch.optim.Optimizer):
        for state in value.state.values():
            yield from tensors_of(state, seen)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from tensors_of(part, seen)
    elif isinstance(value, dict):
        for part in value.values():
            yield from tensors_of(part, seen)


def digest_of(script):
    """Runs a script, and digests its variables."""
    torch.manual_seed(0)
    variables = runpy.run_path(script, run_name="__main__")
    found, seen, count = hashlib.sha256(), set(), 0
    for name in sorted(variables):
        if name.startswith("__"):
            continue
        for tensor in tensors_of(variables[name], seen):
            data = tensor.detach()
            data = (
                (data.to_dense() if data.layout is not torch.strided else data)
                .contiguous()
                .resolve_conj()
            )
            if data.dtype in (torch.bfloat16, torch.float16):
                data = data.float()
            found.update(str((tuple(data.shape), data.flatten().tolist())).encode())
            count += 1
    found.update(bytes(torch.get_rng_state().tolist()))
    return count, found.hexdigest()


if __name__ == "__main__":
    for path in sys.argv[1:]:
        count, digest = digest_of(path)
        print(os.path.basename(path), count, digest, flush=True)
