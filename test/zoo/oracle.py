"""Writes oracle.json: what PyTorch's finite differences say of every Function of the zoo.  See README.md.

node test/zoo/write-applications.ts | /usr/bin/python3 test/zoo/oracle.py
"""

import json
import sys
from itertools import zip_longest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.append(str(HERE.parent / "oracle"))

import torch  # noqa: E402

from differences import Application, agree  # noqa: E402
from kinds import RIGHT  # noqa: E402
from transcriptions import FUNCTIONS, HAVE_KINKS  # noqa: E402
from write import encode_float, encode_tensor, write_cases  # noqa: E402

CLOSE = 1e-8


def read_tensor(recorded):
    return torch.tensor(recorded["data"], dtype=torch.float64).reshape(recorded["shape"])


def describe(name, recorded, later):
    forward, mistakes = FUNCTIONS[name]
    inputs = [read_tensor(x) for x in recorded["inputs"]]
    cotangents = [read_tensor(c) for c in recorded["cotangents"]]
    application = Application(forward, inputs, torch.cat([c.flatten() for c in cotangents]), later)
    outputs = forward(*inputs)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    assert [o.shape for o in outputs] == [c.shape for c in cotangents], "the forward has another shape"
    gradients = [
        describe_gradient(name, application, at, mistake)
        for at, (x, mistake) in enumerate(zip_longest(recorded["inputs"], mistakes, fillvalue=RIGHT))
        if x["requiresGrad"]
    ]
    kinds = {mistake.kind for mistake in mistakes} - {"right"}
    assert len(kinds) <= 1, f"one label, not {kinds}"
    return {
        "name": name,
        "kind": kinds.pop() if kinds else "right",
        "inputs": [encode_tensor(read_tensor(x).float()) for x in recorded["inputs"]],
        "cotangents": [encode_tensor(c.float()) for c in cotangents],
        "outputs": [encode_tensor(o) for o in outputs],
        "gradients": gradients,
    }


def describe_gradient(name, application, at, mistake):
    """`mistaken` is left out where the backward is right, and null where the label says no more than wrong."""
    truth = application.product(at)
    ruled = application.autograd(at)
    off = ((truth - ruled).abs() > CLOSE * truth.abs().max()).flatten().nonzero().flatten().tolist()
    described = {"input": at, "product": encode_tensor(truth)}
    if off:
        assert name in HAVE_KINKS, f"finite differences and autograd disagree at {off} of input {at}"
        described["kinks"] = [describe_kink(application, at, element, ruled) for element in off]
    if mistake is not RIGHT:
        mistaken = mistake.product and mistake.product(application, at)
        assert mistaken is None or not agree(mistaken, truth, 1e-2), f"nothing is wrong for input {at}"
        described["mistaken"] = None if mistaken is None else encode_tensor(mistaken)
    return described


def describe_kink(application, at, element, ruled):
    """Where the slopes from left and right differ, everything between them is right."""
    low, high = application.slopes(at, element)
    assert low - CLOSE <= ruled.flatten()[element] <= high + CLOSE, f"no kink at {element} of input {at}"
    return {"element": element, "between": [encode_float(v, torch.float64) for v in (low, high)]}


def main():
    recorded = json.load(sys.stdin)
    names = list(dict.fromkeys(r["name"] for r in recorded))
    if odd := set(names) ^ set(FUNCTIONS):
        raise SystemExit(f"in the zoo or in transcriptions.py, not in both: {', '.join(sorted(odd))}")
    records = []
    for name in names:
        mine, *more = [r for r in recorded if r["name"] == name]
        later = [read_tensor(x) for x in more[0]["inputs"]] if more else None
        try:
            records.append(describe(name, mine, later))
        except AssertionError as error:
            raise SystemExit(f"{name}: {error}") from error
    write_cases(HERE / "oracle.json", records)
    print(f"{len(records)} Functions")


if __name__ == "__main__":
    main()
