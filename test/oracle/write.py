"""Writes fixtures: JSON, one case a line, floats with no more digits than they need to come back the same."""

import json
import math

import numpy
import torch

DTYPE_NAME = {torch.float32: "float32", torch.float64: "float64", torch.int64: "int64", torch.bool: "bool"}


class Digits(float):
    """A float that is written as the digits it was given."""

    def __new__(cls, value, digits):
        self = super().__new__(cls, value)
        self.digits = digits
        return self

    def __repr__(self):
        return self.digits


def encode_float(value, dtype):
    """A number as JSON has it; JSON has no NaN and no infinities, so those are strings."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return 0
    digits = str(numpy.float32(value)) if dtype == torch.float32 else repr(value)
    return Digits(value, digits.removesuffix(".0"))


def encode_tensor(t):
    """`{ dtype, shape, data }`, row-major; `requiresGrad` where it is true."""
    t = torch.zeros(t.shape, dtype=t.dtype) if t._is_zerotensor() else t  # a symbolic zero has no elements to read
    flat = t.detach().contiguous().flatten().tolist()
    data = [encode_float(v, t.dtype) for v in flat] if t.is_floating_point() else flat
    encoded = {"dtype": DTYPE_NAME[t.dtype], "shape": list(t.shape), "data": data}
    if t.requires_grad and t.is_leaf:
        encoded["requiresGrad"] = True
    return encoded


SAMPLES = 24


def encode_digest(t, weights):
    """Some elements of a large tensor, evenly spaced, and its weighted sum with the size of its terms."""
    flat = t.detach().flatten()
    count = flat.numel()
    picked = flat[[k * (count - 1) // (SAMPLES - 1) for k in range(SAMPLES)]]
    terms = flat.to(torch.float64) * weights.flatten().to(torch.float64)
    return {
        "dtype": DTYPE_NAME[t.dtype],
        "shape": list(t.shape),
        "samples": [encode_float(float(v), t.dtype) for v in picked],
        "weighted": encode_float(terms.sum().item(), torch.float64),
        "magnitude": encode_float(terms.abs().sum().item(), torch.float64),
    }


def encode_wave(t, parameters):
    """A large input: its values follow from these parameters."""
    encoded = {"dtype": DTYPE_NAME[t.dtype], "shape": list(t.shape), "wave": parameters}
    return {**encoded, "requiresGrad": True} if t.requires_grad else encoded


def to_json(value):
    """Compact JSON. The library's encoder calls float.__repr__ and would pass our digits by."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{to_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(to_json(v) for v in value) + "]"
    if isinstance(value, float):
        return repr(value) if isinstance(value, Digits) else to_json(encode_float(value, torch.float64))
    return json.dumps(value, ensure_ascii=False)


def write_cases(path, records):
    """A JSON array with one case a line, so that a diff shows the cases that changed."""
    lines = ",\n".join(to_json(record) for record in records)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
