"""Shapes and views: values in their new places, gradients back in the old ones."""

import torch
import torch.nn.functional as F

from declare import Family
from specs import bools, ints, normal

family = Family("shapes")
case = family.case


def simple(rows):
    """Cases of one tensor; float32 as well only where values are combined, since moving them knows no dtype."""
    for op, code, function, shape in rows:
        case(op, code, function, x=normal(*shape), dtypes=("float64",))


simple(
    [
        ("view", "x.view(3, 2)", lambda x: x.view(3, 2), (2, 3)),
        ("view", "x.view([6])", lambda x: x.view(6), (2, 3)),
        ("view", "x.view(-1, 2)", lambda x: x.view(-1, 2), (2, 3)),
        ("view", "x.view(2, -1)", lambda x: x.view(2, -1), (2, 3, 2)),
        ("view", "x.view(1, 2, 1, 3)", lambda x: x.view(1, 2, 1, 3), (2, 3)),
        ("view", "x.view([])", lambda x: x.view(()), (1,)),
        ("view", "x.view(0, 5)", lambda x: x.view(0, 5), (2, 0)),
        ("view", "x.t().view(3, 1, 2)", lambda x: x.t().view(3, 1, 2), (2, 3)),
        ("view", "x.view(x.shape[0], -1)", lambda x: x.view(x.shape[0], -1), (2, 3, 2)),
        ("reshape", "x.reshape(3, 2)", lambda x: x.reshape(3, 2), (2, 3)),
        ("reshape", "x.reshape([4, -1])", lambda x: x.reshape(4, -1), (2, 3, 2)),
        ("reshape", "x.t().reshape(6)", lambda x: x.t().reshape(6), (2, 3)),
        ("reshape", "x.transpose(0, 2).reshape(2, -1)", lambda x: x.transpose(0, 2).reshape(2, -1), (2, 3, 2)),
        ("reshape", "x.reshape(-1)", lambda x: x.reshape(-1), ()),
        ("reshape", "x.expand(2, 3).reshape(6)", lambda x: x.expand(2, 3).reshape(6), (3,)),
        ("reshape", "x.reshape(0)", lambda x: x.reshape(0), (2, 0)),
        ("viewAs", "x.viewAs(x.t().contiguous())", lambda x: x.view(3, 2), (2, 3)),
        ("permute", "x.permute(2, 0, 1)", lambda x: x.permute(2, 0, 1), (2, 3, 4)),
        ("permute", "x.permute([1, 0])", lambda x: x.permute(1, 0), (2, 3)),
        ("permute", "x.permute(0, -1, 1)", lambda x: x.permute(0, -1, 1), (2, 3, 2)),
        ("permute", "x.permute(1, 2, 0).mul(2)", lambda x: x.permute(1, 2, 0) * 2, (2, 3, 2)),
        ("expand", "x.expand(2, 3)", lambda x: x.expand(2, 3), (3,)),
        ("expand", "x.expand(2, 3)", lambda x: x.expand(2, 3), (2, 1)),
        ("expand", "x.expand(-1, 4)", lambda x: x.expand(-1, 4), (2, 1)),
        ("expand", "x.expand([2, 3, 2])", lambda x: x.expand(2, 3, 2), (1, 2)),
        ("expand", "x.expand(3)", lambda x: x.expand(3), ()),
        ("expand", "x.expand(0, 2)", lambda x: x.expand(0, 2), (1, 2)),
        ("expand", "x.expand(2, 3).mul(x)", lambda x: x.expand(2, 3) * x, (3,)),
        ("repeat", "x.repeat(3)", lambda x: x.repeat(3), (2,)),
        ("repeat", "x.repeat(2, 3)", lambda x: x.repeat(2, 3), (2,)),
        ("repeat", "x.repeat([1, 2])", lambda x: x.repeat(1, 2), (2, 3)),
        ("repeat", "x.repeat(2, 1, 2)", lambda x: x.repeat(2, 1, 2), (2, 3)),
        ("repeat", "x.repeat(0, 2)", lambda x: x.repeat(0, 2), (2,)),
        ("broadcastTo", "x.broadcastTo([2, 3])", lambda x: x.broadcast_to((2, 3)), (1, 3)),
        ("broadcastTo", "x.broadcastTo([2, 2])", lambda x: x.broadcast_to((2, 2)), ()),
        ("transpose", "x.transpose(0, 1)", lambda x: x.transpose(0, 1), (2, 3)),
        ("transpose", "x.transpose(-1, 0)", lambda x: x.transpose(-1, 0), (2, 3, 4)),
        ("transpose", "x.transpose(1, 1)", lambda x: x.transpose(1, 1), (2, 3)),
        ("movedim", "x.movedim(0, 2)", lambda x: x.movedim(0, 2), (2, 3, 4)),
        ("movedim", "x.movedim(-1, 0)", lambda x: x.movedim(-1, 0), (2, 3, 4)),
        ("movedim", "x.movedim([0, 1], [2, 0])", lambda x: x.movedim((0, 1), (2, 0)), (2, 3, 4)),
        ("flatten", "x.flatten()", lambda x: x.flatten(), (2, 3, 2)),
        ("flatten", "x.flatten(1)", lambda x: x.flatten(1), (2, 3, 2)),
        ("flatten", "x.flatten(0, 1)", lambda x: x.flatten(0, 1), (2, 3, 2)),
        ("flatten", "x.flatten(-2)", lambda x: x.flatten(-2), (2, 3, 2)),
        ("flatten", "x.flatten()", lambda x: x.flatten(), ()),
        ("flatten", "x.t().flatten()", lambda x: x.t().flatten(), (2, 3)),
        ("flatten", "x.flatten(1)", lambda x: x.flatten(1), (0, 3, 2)),
        ("squeeze", "x.squeeze()", lambda x: x.squeeze(), (1, 2, 1, 3)),
        ("squeeze", "x.squeeze()", lambda x: x.squeeze(), (1, 1)),
        ("squeeze", "x.squeeze(0)", lambda x: x.squeeze(0), (1, 2, 1)),
        ("squeeze", "x.squeeze(-1)", lambda x: x.squeeze(-1), (1, 2, 1)),
        ("squeeze", "x.squeeze(1)", lambda x: x.squeeze(1), (1, 2, 1)),
        ("unsqueeze", "x.unsqueeze(0)", lambda x: x.unsqueeze(0), (2, 3)),
        ("unsqueeze", "x.unsqueeze(-1)", lambda x: x.unsqueeze(-1), (2, 3)),
        ("unsqueeze", "x.unsqueeze(1)", lambda x: x.unsqueeze(1), (2, 3)),
        ("unsqueeze", "x.unsqueeze(0)", lambda x: x.unsqueeze(0), ()),
        ("flip", "x.flip([0])", lambda x: x.flip([0]), (3, 2)),
        ("flip", "x.flip([0, 1])", lambda x: x.flip([0, 1]), (3, 2)),
        ("flip", "x.flip([-1])", lambda x: x.flip([-1]), (2, 3)),
        ("flip", "x.t().flip([0])", lambda x: x.t().flip([0]), (2, 3)),
        ("flip", "x.flip([0])", lambda x: x.flip([0]), (0, 2)),
        ("roll", "x.roll(1)", lambda x: x.roll(1), (2, 3)),
        ("roll", "x.roll(-2)", lambda x: x.roll(-2), (5,)),
        ("roll", "x.roll(1, 0)", lambda x: x.roll(1, 0), (3, 2)),
        ("roll", "x.roll(7, 1)", lambda x: x.roll(7, 1), (2, 3)),
        ("roll", "x.roll(-1, -1)", lambda x: x.roll(-1, -1), (2, 3)),
        ("roll", "x.roll([1, 2], [0, 1])", lambda x: x.roll((1, 2), (0, 1)), (3, 4)),
        ("split", "x.split(2, 0)", lambda x: x.split(2, 0), (5, 2)),
        ("split", "x.split(2, 1)", lambda x: x.split(2, 1), (2, 4)),
        ("split", "x.split([1, 3], -1)", lambda x: x.split([1, 3], -1), (2, 4)),
        ("split", "x.split([2, 0, 1], 0)", lambda x: x.split([2, 0, 1], 0), (3, 2)),
        ("split", "x.split(9, 0)", lambda x: x.split(9, 0), (3,)),
        ("split", "x.split(2, 0)[1].mul(2)", lambda x: x.split(2, 0)[1] * 2, (5, 2)),
        ("chunk", "x.chunk(2, 0)", lambda x: x.chunk(2, 0), (4, 2)),
        ("chunk", "x.chunk(3, 0)", lambda x: x.chunk(3, 0), (5,)),
        ("chunk", "x.chunk(4, 1)", lambda x: x.chunk(4, 1), (2, 5)),
        ("chunk", "x.chunk(1, 0)", lambda x: x.chunk(1, 0), (3,)),
        ("unbind", "x.unbind(0)", lambda x: x.unbind(0), (3, 2)),
        ("unbind", "x.unbind(1)", lambda x: x.unbind(1), (2, 3)),
        ("unbind", "x.unbind(-1)[1]", lambda x: x.unbind(-1)[1], (2, 3)),
        ("repeatInterleave", "x.repeatInterleave(2, 0)", lambda x: x.repeat_interleave(2, 0), (2, 3)),
        ("repeatInterleave", "x.repeatInterleave(3, 1)", lambda x: x.repeat_interleave(3, 1), (2, 2)),
        ("repeatInterleave", "x.repeatInterleave(2, -1)", lambda x: x.repeat_interleave(2, -1), (2, 2, 2)),
        ("repeatInterleave", "x.repeatInterleave(2)", lambda x: x.repeat_interleave(2), (2, 2)),
        ("tril", "x.tril()", lambda x: x.tril(), (3, 3)),
        ("tril", "x.tril(1)", lambda x: x.tril(1), (3, 4)),
        ("tril", "x.tril(-1)", lambda x: x.tril(-1), (4, 3)),
        ("tril", "x.tril(-9)", lambda x: x.tril(-9), (2, 3)),
        ("triu", "x.triu()", lambda x: x.triu(), (3, 3)),
        ("triu", "x.triu(1)", lambda x: x.triu(1), (3, 4)),
        ("triu", "x.triu(-1)", lambda x: x.triu(-1), (4, 3)),
        ("triu", "x.triu()", lambda x: x.triu(), (2, 3, 3)),
        ("diagonal", "x.diagonal()", lambda x: x.diagonal(), (3, 3)),
        ("diagonal", "x.diagonal()", lambda x: x.diagonal(), (2, 4)),
        ("diagonal", "x.diagonal(1)", lambda x: x.diagonal(1), (3, 3)),
        ("diag", "diag(x)", torch.diag, (3,)),
        ("diag", "diag(x)", torch.diag, (3, 3)),
        ("diag", "diag(x).matmul(diag(x))", lambda x: torch.diag(x) @ torch.diag(x), (3,)),
        ("diag", "diag(x, 1)", lambda x: torch.diag(x, 1), (2,)),
    ]
)
case(
    "expandAs",
    "x.expandAs(y)",
    lambda x, y: x.expand_as(y),
    x=normal(3),
    y=normal(2, 3).constant(),
    dtypes=("float64",),
)
case("expandAs", "x.expandAs(y)", lambda x, y: x.expand_as(y), x=normal(2, 1), y=normal(2, 3), dtypes=("float64",))

for dims in ([(2, 3), (1, 3)], [(2, 3), (2, 3), (2, 3)], [(2, 3)], [(0, 3), (2, 3)]):
    names = "xyz"[: len(dims)]
    specs = {name: normal(*shape) for name, shape in zip(names, dims)}
    case("cat", f"cat([{', '.join(names)}], 0)", lambda *ts: torch.cat(ts, 0), **specs)
case("cat", "cat([x, y])", lambda x, y: torch.cat([x, y]), x=normal(2), y=normal(3))
case("cat", "cat([x, y], -1)", lambda x, y: torch.cat([x, y], -1), x=normal(2, 1), y=normal(2, 3))
case("cat", "cat([x, y], 1)", lambda x, y: torch.cat([x, y], 1), x=normal(2, 1, 2), y=normal(2, 2, 2))
case("cat", "cat([x, x], 1)", lambda x: torch.cat([x, x], 1), x=normal(2, 2))
case("cat", "cat([x, y.t()], 0)", lambda x, y: torch.cat([x, y.t()], 0), x=normal(1, 2), y=normal(2, 3))
case(
    "cat",
    "cat([x, y])",
    lambda x, y: torch.cat([x, y]),
    x=normal(2).of("float32"),
    y=normal(2).of("float64"),
    label="promotes",
)
case("cat", "cat([x, y])", lambda x, y: torch.cat([x, y]), x=ints(0, 5, 2), y=ints(0, 5, 3), label="of int64")
case("cat", "cat([x, y])", lambda x, y: torch.cat([x, y]), x=bools(2), y=bools(1), label="of bool")
for dim in (0, 1, 2, -1):
    case("stack", f"stack([x, y], {dim})", lambda x, y, d=dim: torch.stack([x, y], d), x=normal(2, 3), y=normal(2, 3))
case("stack", "stack([x, y])", lambda x, y: torch.stack([x, y]), x=normal(), y=normal())
case("stack", "stack([x, y, x])", lambda x, y: torch.stack([x, y, x]), x=normal(2), y=normal(2))
case("stack", "stack(x.unbind(0), 1)", lambda x: torch.stack(x.unbind(0), 1), x=normal(3, 2))
case("triu", "ones([3, 3]).triu(1).gt(0)", lambda: torch.ones(3, 3).triu(1) > 0, label="a causal mask")
for op in ("triu", "tril"):
    case(op, f"x.{op}()", lambda x, op=op: getattr(x, op)(), x=bools(3, 3), label="of bool")
    case(op, f"x.{op}(1)", lambda x, op=op: getattr(x, op)(1), x=ints(1, 9, 3, 3), label="of int64")
for op, code, function in [
    ("permute", "x.permute(1, 0)", lambda x: x.permute(1, 0)),
    ("reshape", "x.reshape(3, 2)", lambda x: x.reshape(3, 2)),
    ("repeat", "x.repeat(2, 1)", lambda x: x.repeat(2, 1)),
    ("flip", "x.flip([1])", lambda x: x.flip([1])),
    ("roll", "x.roll(1, 1)", lambda x: x.roll(1, 1)),
]:
    case(op, code, function, x=ints(0, 9, 2, 3), label=f"{code} of int64")
    case(op, code, function, x=bools(2, 3), label=f"{code} of bool")

# ----------------------------------------------------------------- padding

for code, pads, shape in [
    ("[1, 2]", [1, 2], (2, 3)),
    ("[0, 1, 2, 0]", [0, 1, 2, 0], (2, 3)),
    ("[1, 1, 1, 1]", [1, 1, 1, 1], (1, 2, 2, 2)),
    ("[-1, 0]", [-1, 0], (2, 3)),
    ("[-1, 2, 0, -1]", [-1, 2, 0, -1], (2, 3)),
    ("[0, 0]", [0, 0], (2,)),
    ("[1, 0, 0, 1, 1, 0]", [1, 0, 0, 1, 1, 0], (1, 2, 2)),
]:
    case("F.pad", f"F.pad(x, {code})", lambda x, p=pads: F.pad(x, p), x=normal(*shape))
    case("F.pad", f"F.pad(x, {code}, {{ value: 1.5 }})", lambda x, p=pads: F.pad(x, p, value=1.5), x=normal(*shape))
for mode in ("reflect", "replicate", "circular"):
    for pads, shape in [
        ([1, 2], (1, 2, 4)),
        ([2, 0], (2, 1, 3)),
        ([1, 1, 1, 0], (1, 2, 3, 2)),
        ([0, 1, 2, 1], (1, 1, 3, 3)),
    ]:
        case(
            "F.pad",
            f'F.pad(x, {pads}, {{ mode: "{mode}" }})',
            lambda x, p=pads, m=mode: F.pad(x, p, mode=m),
            x=normal(*shape),
        )
for mode in ("reflect", "replicate"):
    case(
        "F.pad",
        f'F.pad(x, [1, 2], {{ mode: "{mode}" }})',
        lambda x, m=mode: F.pad(x, [1, 2], mode=m),
        x=normal(2, 4),
        label=f"{mode} without a batch axis",
    )

# ----------------------------------------------------------------- chains of views, each with its own strides

CHAINS = [
    (
        "x.t().unsqueeze(1).expand(3, 2, 2).reshape(6, 2)",
        lambda x: x.t().unsqueeze(1).expand(3, 2, 2).reshape(6, 2),
        (2, 3),
    ),
    ("x.transpose(0, 1).flatten().view(3, 2).t()", lambda x: x.transpose(0, 1).flatten().view(3, 2).t(), (2, 3)),
    ("x.permute(2, 0, 1).select(1, 0).t()", lambda x: x.permute(2, 0, 1).select(1, 0).t(), (2, 3, 2)),
    ("x.chunk(2, 1)[1].squeeze(1).unsqueeze(0)", lambda x: x.chunk(2, 1)[1].squeeze(1).unsqueeze(0), (3, 2)),
    ("x.slice(0, 1, null).flip([1]).roll(1, 0)", lambda x: x[1:].flip([1]).roll(1, 0), (3, 2)),
    ("x.unfold(0, 2, 1)", lambda x: x.unfold(0, 2, 1), (4,)),
    ("x.diagonal().unsqueeze(1).mul(x)", lambda x: x.diagonal().unsqueeze(1) * x, (3, 3)),
    (
        "x.narrow(1, 1, 2).transpose(0, 1).contiguous().view(-1).exp()",
        lambda x: x[:, 1:3].t().contiguous().view(-1).exp(),
        (2, 3),
    ),
]
for code, function, shape in CHAINS:
    case("unfold" if "unfold" in code else "view", code, function, x=normal(*shape))
