"""Holds what the training log measures of tensors, all of them together, against one at a time."""

import math

import torch
from backstep_recorder.training_log import _measure, norms_of

torch.manual_seed(0)
grads = []
for dtype in (torch.float32, torch.float64, torch.bfloat16, torch.float16):
    sparse = torch.randn(64, 33).relu().to(dtype)
    broken = torch.randn(40).to(dtype)
    broken[3], broken[7], broken[9] = math.inf, math.nan, 0
    grads += [sparse, broken, torch.full((5,), math.nan).to(dtype), torch.zeros(3, 4, dtype=dtype)]
    grads += [torch.empty(0, dtype=dtype), torch.randn(6, 6).to(dtype).t()[::2], -torch.ones((), dtype=dtype)]
grads += [torch.full((3,), 1e-42), torch.randn(300, 301).relu(), torch.full((20000,), -1e-42)]

for grad, (norm, zeros, not_finite, largest), length in zip(grads, _measure(grads), norms_of(grads)):
    own = float(torch.linalg.vector_norm(grad)) if grad.numel() else 0.0
    numbers = grad.flatten().tolist()
    within = [abs(number) for number in numbers if math.isfinite(number)]
    assert length == norm == own or math.isnan(length) and math.isnan(norm) and math.isnan(own), (norm, own)
    if numbers:
        assert math.isclose(zeros, numbers.count(0) / len(numbers), abs_tol=1e-12), (grad, zeros)
    assert not_finite == len(numbers) - len(within), (grad, not_finite)
    assert largest == max(within, default=0.0), (grad, largest)
print("measured", len(grads))
