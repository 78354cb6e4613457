"""Shapes that PyTorch refuses, and axes that are not there."""

import torch
import torch.nn.functional as F

from declare import Family
from specs import bools, normal

family = Family("refused_shapes")
refuses = family.refuses

# ----------------------------------------------------------------- shapes that do not go together

for op, code, function in [
    ("add", "x.add(y)", lambda x, y: x + y),
    ("sub", "x.sub(y)", lambda x, y: x - y),
    ("mul", "x.mul(y)", lambda x, y: x * y),
    ("div", "x.div(y)", lambda x, y: x / y),
    ("pow", "x.pow(y)", lambda x, y: x.pow(y)),
    ("maximum", "x.maximum(y)", lambda x, y: torch.maximum(x, y)),
    ("minimum", "x.minimum(y)", lambda x, y: torch.minimum(x, y)),
    ("gt", "x.gt(y)", lambda x, y: x > y),
    ("ge", "x.ge(y)", lambda x, y: x >= y),
    ("le", "x.le(y)", lambda x, y: x <= y),
    ("eq", "x.eq(y)", lambda x, y: x == y),
    ("lerp", "x.lerp(y, 0.5)", lambda x, y: x.lerp(y, 0.5)),
    ("where", "where(x.gt(0), x, y)", lambda x, y: torch.where(x > 0, x, y)),
    ("logicalAnd", "x.gt(0).logicalAnd(y.gt(0))", lambda x, y: torch.logical_and(x > 0, y > 0)),
    ("F.mseLoss", "F.mseLoss(x, y)", F.mse_loss),
    ("F.l1Loss", "F.l1Loss(x, y)", F.l1_loss),
    ("F.smoothL1Loss", "F.smoothL1Loss(x, y)", F.smooth_l1_loss),
    ("F.huberLoss", "F.huberLoss(x, y)", F.huber_loss),
]:
    refuses(op, "shape", code, function, mentions=["[2, 3]", "[4]"], x=normal(2, 3), y=normal(4))
refuses("add", "shape", "x.add(y)", lambda x, y: x + y, mentions=["[2, 3]", "[3, 2]"], x=normal(2, 3), y=normal(3, 2))
refuses("mul", "shape", "x.mul(y)", lambda x, y: x * y, mentions=["[0]", "[2]"], x=normal(0), y=normal(2))
refuses(
    "addcmul",
    "shape",
    "x.addcmul(y, z)",
    lambda x, y, z: x.addcmul(y, z),
    mentions=["[2]", "[3]"],
    x=normal(2),
    y=normal(3),
    z=normal(1),
)
refuses(
    "maskedFill",
    "shape",
    "x.maskedFill(m, 0)",
    lambda x, m: x.masked_fill(m, 0),
    mentions=["[2, 3]", "[2]"],
    x=normal(2, 3),
    m=bools(2),
)

# ----------------------------------------------------------------- matrices

for op, code, function, a, b in [
    ("matmul", "x.matmul(y)", lambda x, y: x @ y, (2, 3), (4, 5)),
    ("matmul", "x.matmul(y)", lambda x, y: x @ y, (2, 3), (2, 3)),
    ("matmul", "x.matmul(y)", lambda x, y: x @ y, (3,), (4,)),
    ("matmul", "x.matmul(y)", lambda x, y: x @ y, (2, 3), (4,)),
    ("matmul", "x.matmul(y)", lambda x, y: x @ y, (2, 2, 3), (3, 3, 2)),
    ("matmul", "x.matmul(y)", lambda x, y: x @ y, (2, 2, 3), (2, 4, 2)),
    ("matmul", "x.matmul(y)", lambda x, y: x @ y, (), (2,)),
    ("mm", "x.mm(y)", lambda x, y: x.mm(y), (2, 3), (4, 5)),
    ("mm", "x.mm(y)", lambda x, y: x.mm(y), (2, 3), (3,)),
    ("mm", "x.mm(y)", lambda x, y: x.mm(y), (1, 2, 3), (3, 2)),
    ("bmm", "x.bmm(y)", lambda x, y: x.bmm(y), (2, 2, 3), (3, 3, 2)),
    ("bmm", "x.bmm(y)", lambda x, y: x.bmm(y), (2, 2, 3), (2, 2, 3)),
    ("bmm", "x.bmm(y)", lambda x, y: x.bmm(y), (2, 3), (3, 2)),
    ("mv", "x.mv(y)", lambda x, y: x.mv(y), (2, 3), (2,)),
    ("mv", "x.mv(y)", lambda x, y: x.mv(y), (2, 3), (3, 1)),
    ("dot", "x.dot(y)", lambda x, y: x.dot(y), (3,), (4,)),
    ("dot", "x.dot(y)", lambda x, y: x.dot(y), (2, 3), (3,)),
    ("outer", "outer(x, y)", torch.outer, (2, 3), (3,)),
    ("F.linear", "F.linear(x, y)", F.linear, (2, 3), (4, 2)),
    ("einsum", 'einsum("ij,jk->ik", x, y)', lambda x, y: torch.einsum("ij,jk->ik", x, y), (2, 3), (4, 5)),
]:
    shapes = [str(list(a)), str(list(b))]
    refuses(op, "shape", code, function, mentions=shapes, x=normal(*a), y=normal(*b))
refuses("t", "shape", "x.t()", lambda x: x.t(), mentions=["[2, 3, 4]"], x=normal(2, 3, 4))
refuses("trace", "shape", "x.trace()", lambda x: x.trace(), mentions=["[3]"], x=normal(3))
refuses("diag", "shape", "diag(x)", torch.diag, mentions=["[2, 2, 2]"], x=normal(2, 2, 2))
refuses("einsum", "value", 'einsum("ij,jk->iz", x, x)', lambda x: torch.einsum("ij,jk->iz", x, x), x=normal(2, 2))
refuses("einsum", "value", 'einsum("ij,jk->ik", x)', lambda x: torch.einsum("ij,jk->ik", x), x=normal(2, 2))
refuses(
    "einsum", "shape", 'einsum("ijk->i", x)', lambda x: torch.einsum("ijk->i", x), mentions=["[2, 2]"], x=normal(2, 2)
)
refuses(
    "einsum", "shape", 'einsum("ii->i", x)', lambda x: torch.einsum("ii->i", x), mentions=["[2, 3]"], x=normal(2, 3)
)
refuses(
    "addmm",
    "shape",
    "addmm(b, x, y)",
    torch.addmm,
    mentions=["[2, 3]", "[2, 4]"],
    b=normal(4),
    x=normal(2, 3),
    y=normal(2, 4),
)
refuses(
    "addmm",
    "shape",
    "addmm(b, x, y)",
    torch.addmm,
    mentions=["[5]", "[2, 4]"],
    b=normal(5),
    x=normal(2, 3),
    y=normal(3, 4),
)
refuses(
    "F.linear",
    "shape",
    "F.linear(x, w, b)",
    F.linear,
    mentions=["[3]"],
    x=normal(2, 3),
    w=normal(4, 3),
    b=normal(3),
)

# ----------------------------------------------------------------- shapes and views

for op, code, function, shape, mentions in [
    ("view", "x.view(4, 2)", lambda x: x.view(4, 2), (2, 3), ["[2, 3]", "[4, 2]"]),
    ("view", "x.t().view(6)", lambda x: x.t().view(6), (2, 3), ["[3, 2]", "[6]"]),
    ("view", "x.view(-1, -1)", lambda x: x.view(-1, -1), (2, 3), ["-1"]),
    ("view", "x.view(-1, 4)", lambda x: x.view(-1, 4), (2, 3), ["[2, 3]", "4"]),
    ("view", "x.view(-2, 3)", lambda x: x.view(-2, 3), (2, 3), ["-2"]),
    ("reshape", "x.reshape(5)", lambda x: x.reshape(5), (2, 3), ["[2, 3]", "[5]"]),
    ("reshape", "x.reshape(-1, 0)", lambda x: x.reshape(-1, 0), (2, 0), ["[-1, 0]"]),
    ("permute", "x.permute(0, 1)", lambda x: x.permute(0, 1), (2, 3, 4), ["[2, 3, 4]"]),
    ("permute", "x.permute(0, 0)", lambda x: x.permute(0, 0), (2, 3), ["0"]),
    ("permute", "x.permute(0, 2)", lambda x: x.permute(0, 2), (2, 3), ["2"]),
    ("expand", "x.expand(2, 4)", lambda x: x.expand(2, 4), (2, 3), ["[2, 3]", "[2, 4]"]),
    ("expand", "x.expand(3)", lambda x: x.expand(3), (2, 3), ["[2, 3]", "[3]"]),
    ("expand", "x.expand(-1, 3)", lambda x: x.expand(-1, 3), (3,), ["-1"]),
    ("repeat", "x.repeat(2)", lambda x: x.repeat(2), (2, 3), ["[2, 3]"]),
    ("broadcastTo", "x.broadcastTo([2, 2])", lambda x: x.broadcast_to((2, 2)), (3,), ["[3]", "[2, 2]"]),
    ("transpose", "x.transpose(0, 2)", lambda x: x.transpose(0, 2), (2, 3), ["2"]),
    ("movedim", "x.movedim(0, 3)", lambda x: x.movedim(0, 3), (2, 3), ["3"]),
    ("flatten", "x.flatten(3)", lambda x: x.flatten(3), (2, 3), ["3"]),
    ("squeeze", "x.squeeze(2)", lambda x: x.squeeze(2), (2, 3), ["2"]),
    ("unsqueeze", "x.unsqueeze(4)", lambda x: x.unsqueeze(4), (2, 3), ["4"]),
    ("flip", "x.flip([2])", lambda x: x.flip([2]), (2, 3), ["2"]),
    ("flip", "x.flip([0, 0])", lambda x: x.flip([0, 0]), (2, 3), ["0"]),
    ("roll", "x.roll(1, 5)", lambda x: x.roll(1, 5), (2, 3), ["5"]),
    ("roll", "x.roll([1, 2], [0])", lambda x: x.roll((1, 2), (0,)), (2, 3), []),
    ("split", "x.split([1, 1], 0)", lambda x: x.split([1, 1], 0), (3, 2), ["[3, 2]"]),
    ("split", "x.split(0, 0)", lambda x: x.split(0, 0), (3, 2), ["0"]),
    ("chunk", "x.chunk(0, 0)", lambda x: x.chunk(0, 0), (3, 2), ["0"]),
    ("unbind", "x.unbind(2)", lambda x: x.unbind(2), (3, 2), ["2"]),
    ("repeatInterleave", "x.repeatInterleave(-1, 0)", lambda x: x.repeat_interleave(-1, 0), (3,), ["-1"]),
    ("repeatInterleave", "x.repeatInterleave(2, 3)", lambda x: x.repeat_interleave(2, 3), (3,), ["3"]),
    ("tril", "x.tril()", lambda x: x.tril(), (3,), ["[3]"]),
    ("triu", "x.triu()", lambda x: x.triu(), (3,), ["[3]"]),
    ("diagonal", "x.diagonal()", lambda x: x.diagonal(), (3,), ["[3]"]),
    ("F.pad", "F.pad(x, [1])", lambda x: F.pad(x, [1]), (3,), ["1"]),
    ("F.pad", "F.pad(x, [1, 1, 1, 1])", lambda x: F.pad(x, [1, 1, 1, 1]), (3,), ["[3]"]),
    ("F.pad", "F.pad(x, [-2, -2])", lambda x: F.pad(x, [-2, -2]), (3,), ["[3]"]),
    ("F.pad", 'F.pad(x, [3, 0], { mode: "reflect" })', lambda x: F.pad(x, [3, 0], mode="reflect"), (1, 1, 3), ["3"]),
    ("F.pad", 'F.pad(x, [4, 0], { mode: "circular" })', lambda x: F.pad(x, [4, 0], mode="circular"), (1, 1, 3), ["4"]),
    ("item", "x.item()", lambda x: x.item(), (2,), ["[2]"]),
]:
    refuses(op, "shape", code, function, mentions=mentions, x=normal(*shape))
refuses(
    "F.pad",
    "value",
    'F.pad(x, [1, 1], { mode: "mirror" })',
    lambda x: F.pad(x, [1, 1], mode="mirror"),
    mentions=["mirror"],
    x=normal(1, 1, 3),
)
refuses(
    "cat",
    "shape",
    "cat([x, y], 0)",
    lambda x, y: torch.cat([x, y], 0),
    mentions=["[2, 3]", "[2, 2]"],
    x=normal(2, 3),
    y=normal(2, 2),
)
refuses(
    "cat",
    "shape",
    "cat([x, y], 0)",
    lambda x, y: torch.cat([x, y], 0),
    mentions=["[2, 3]", "[3]"],
    x=normal(2, 3),
    y=normal(3),
)
refuses("cat", "shape", "cat([x], 2)", lambda x: torch.cat([x], 2), mentions=["2"], x=normal(2, 3))
refuses("cat", "value", "cat([])", lambda: torch.cat([]))
refuses(
    "stack",
    "shape",
    "stack([x, y])",
    lambda x, y: torch.stack([x, y]),
    mentions=["[2, 3]", "[3]"],
    x=normal(2, 3),
    y=normal(3),
)
refuses("stack", "shape", "stack([x, x], 4)", lambda x: torch.stack([x, x], 4), mentions=["4"], x=normal(2, 3))
refuses("stack", "value", "stack([])", lambda: torch.stack([]))
refuses(
    "expandAs",
    "shape",
    "x.expandAs(y)",
    lambda x, y: x.expand_as(y),
    mentions=["[3]", "[2, 2]"],
    x=normal(3),
    y=normal(2, 2),
)

# ----------------------------------------------------------------- a dim that is not there, an axis that is empty

for op, call in [
    ("sum", "sum(2)"),
    ("mean", "mean(-3)"),
    ("prod", "prod(2)"),
    ("var", "var(2)"),
    ("std", "std(2)"),
    ("max", "max(2)"),
    ("min", "min(2)"),
    ("amax", "amax(2)"),
    ("amin", "amin(2)"),
    ("argmax", "argmax(2)"),
    ("argmin", "argmin(2)"),
    ("logsumexp", "logsumexp(2)"),
    ("cumsum", "cumsum(2)"),
    ("softmax", "softmax(2)"),
    ("logSoftmax", "logSoftmax(-3)"),
    ("sort", "sort(2)"),
    ("argsort", "argsort(2)"),
    ("topk", "topk(1, 2)"),
]:
    dim = call.rstrip(")").split("(")[1].split(", ")[-1]
    python = call.replace("logSoftmax", "log_softmax")
    refuses(op, "shape", f"x.{call}", lambda x, python=python: eval(f"x.{python}"), mentions=[dim], x=normal(2, 3))
refuses("sum", "shape", "x.sum([0, 0])", lambda x: x.sum((0, 0)), mentions=["0"], x=normal(2, 3))
refuses("norm", "shape", "x.norm(2, 5)", lambda x: x.norm(2, 5), mentions=["5"], x=normal(2, 3))
for op, code, function in [
    ("max", "x.max()", lambda x: x.max()),
    ("min", "x.min()", lambda x: x.min()),
    ("argmax", "x.argmax()", lambda x: x.argmax()),
    ("amax", "x.amax(0)", lambda x: x.amax(0)),
    ("max", "x.max(0)", lambda x: x.max(0)),
    ("argmin", "x.argmin(0)", lambda x: x.argmin(0)),
]:
    refuses(op, "shape", code, function, mentions=["[0, 2]"], x=normal(0, 2))
refuses("topk", "value", "x.topk(5, 0)", lambda x: x.topk(5, 0), mentions=["5", "[3]"], x=normal(3))
refuses("topk", "value", "x.topk(-1, 0)", lambda x: x.topk(-1, 0), mentions=["-1"], x=normal(3))
