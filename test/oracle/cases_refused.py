"""What PyTorch refuses: the kind of fault, and what the message must hold beside the op's name."""

import torch
import torch.nn.functional as F
from torch import autograd, nn, optim

from declare import Family
from specs import bools, ints, literal, normal, unit

family = Family("refused")
refuses = family.refuses


def at(*entries):
    return literal(list(entries), "int64")


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

# ----------------------------------------------------------------- dtypes

for op, call, function in [
    ("maximum", "maximum(1)", lambda x: torch.maximum(x, 1)),
    ("minimum", "minimum(0.5)", lambda x: torch.minimum(x, 0.5)),
    ("matmul", "matmul(2)", lambda x: x.matmul(2)),
    ("logicalAnd", "logicalAnd(1)", lambda x: x.logical_and(1)),
]:
    refuses(op, "dtype", f"x.{call}", function, x=normal(2))

refuses("mean", "dtype", "x.mean()", lambda x: x.mean(), mentions=["int64"], x=ints(0, 5, 3))
refuses("var", "dtype", "x.var(0)", lambda x: x.var(0), mentions=["int64"], x=ints(0, 5, 3))
refuses("softmax", "dtype", "x.softmax(0)", lambda x: x.softmax(0), mentions=["int64"], x=ints(0, 5, 3))
refuses("norm", "dtype", "x.norm()", lambda x: x.norm(), mentions=["int64"], x=ints(0, 5, 3))
refuses("neg", "dtype", "x.neg()", lambda x: -x, mentions=["bool"], x=bools(3))
refuses("sub", "dtype", "x.sub(y)", lambda x, y: x - y, mentions=["bool"], x=bools(3), y=bools(3))
refuses("pow", "value", "x.pow(-1)", lambda x: x.pow(-1), mentions=["-1"], x=ints(1, 5, 3))
refuses(
    "matmul",
    "dtype",
    "x.matmul(y)",
    lambda x, y: x @ y,
    mentions=["float32", "float64"],
    x=normal(2, 2).of("float32"),
    y=normal(2, 2).of("float64"),
)
refuses(
    "matmul",
    "dtype",
    "x.matmul(y)",
    lambda x, y: x @ y,
    mentions=["float32", "int64"],
    x=normal(2, 2),
    y=ints(0, 3, 2, 2),
)
refuses(
    "F.linear",
    "dtype",
    "F.linear(x, w)",
    F.linear,
    mentions=["float32", "float64"],
    x=normal(2, 2).of("float32"),
    w=normal(2, 2).of("float64"),
)
refuses(
    "F.conv2d",
    "dtype",
    "F.conv2d(x, w)",
    lambda x, w: F.conv2d(x, w),
    mentions=["float32", "float64"],
    x=normal(1, 1, 2, 2),
    w=normal(1, 1, 2, 2).of("float64"),
)
refuses(
    "maskedFill",
    "dtype",
    "x.maskedFill(m, 0)",
    lambda x, m: x.masked_fill(m, 0),
    mentions=["float32"],
    x=normal(3),
    m=normal(3),
)
refuses(
    "maskedSelect",
    "dtype",
    "x.maskedSelect(m)",
    lambda x, m: x.masked_select(m),
    mentions=["float32"],
    x=normal(3),
    m=normal(3),
)
refuses(
    "where",
    "dtype",
    "where(c, x, x)",
    lambda c, x: torch.where(c, x, x),
    mentions=["float32"],
    c=normal(3),
    x=normal(3),
)
refuses(
    "requiresGrad",
    "dtype",
    "x.requiresGrad_(true)",
    lambda x: x.requires_grad_(True),
    mentions=["int64"],
    x=ints(0, 3, 2),
)
refuses(
    "tensor",
    "dtype",
    'tensor([1, 2], { dtype: "int64", requiresGrad: true })',
    lambda: torch.tensor([1, 2], requires_grad=True),
    mentions=["int64"],
)
refuses("F.dropout", "value", "F.dropout(x, 1.5)", lambda x: F.dropout(x, 1.5), mentions=["1.5"], x=normal(3))

# ----------------------------------------------------------------- indices

for op, code, function, i in [
    ("index", "x.index([i])", lambda x, i: x[i], normal(2)),
    ("gather", "x.gather(0, i)", lambda x, i: x.gather(0, i), normal(1, 2)),
    ("scatter", "x.scatter(0, i, x)", lambda x, i: x.scatter(0, i, x), normal(1, 2)),
    ("scatterAdd", "x.scatterAdd(0, i, x)", lambda x, i: x.scatter_add(0, i, x), normal(1, 2)),
    ("indexSelect", "x.indexSelect(0, i)", lambda x, i: x.index_select(0, i), normal(2)),
    ("indexAdd", "x.indexAdd(0, i, x)", lambda x, i: x.index_add(0, i, x), normal(3)),
    ("take", "x.take(i)", lambda x, i: x.take(i), normal(2)),
    ("F.embedding", "F.embedding(i, x)", lambda x, i: F.embedding(i, x), normal(2)),
    ("F.oneHot", "F.oneHot(i, 3)", lambda x, i: F.one_hot(i, 3), normal(2)),
]:
    refuses(op, "dtype", code, function, mentions=["float32"], x=normal(3, 2), i=i)
for op, code, function, i, value in [
    ("index", "x.index([i])", lambda x, i: x[i], at(0, 3), "3"),
    ("index", "x.index([null, i])", lambda x, i: x[:, i], at(-4), "-4"),
    ("gather", "x.gather(0, i)", lambda x, i: x.gather(0, i), literal([[7, 0]], "int64"), "7"),
    ("gather", "x.gather(0, i)", lambda x, i: x.gather(0, i), literal([[-1, 0]], "int64"), "-1"),
    ("scatter", "x.scatter(0, i, 1)", lambda x, i: x.scatter(0, i, 1), literal([[5, 0]], "int64"), "5"),
    ("scatterAdd", "x.scatterAdd(0, i, x)", lambda x, i: x.scatter_add(0, i, x), literal([[5, 0]], "int64"), "5"),
    ("indexSelect", "x.indexSelect(0, i)", lambda x, i: x.index_select(0, i), at(4), "4"),
    ("indexAdd", "x.indexAdd(0, i, x)", lambda x, i: x.index_add(0, i, x), at(0, 1, 9), "9"),
    ("indexFill", "x.indexFill(0, i, 1)", lambda x, i: x.index_fill(0, i, 1), at(8), "8"),
    ("take", "x.take(i)", lambda x, i: x.take(i), at(6), "6"),
    ("F.embedding", "F.embedding(i, x)", lambda x, i: F.embedding(i, x), at(0, 3), "3"),
    ("F.embedding", "F.embedding(i, x)", lambda x, i: F.embedding(i, x), at(-1), "-1"),
    ("F.oneHot", "F.oneHot(i, 3)", lambda x, i: F.one_hot(i, 3), at(0, 4), "4"),
    ("F.oneHot", "F.oneHot(i)", lambda x, i: F.one_hot(i), at(-2), "-2"),
]:
    refuses(op, "value", code, function, mentions=[value], x=normal(3, 2), i=i, label=f"{code} with {value}")
refuses("select", "value", "x.select(0, 3)", lambda x: x.select(0, 3), mentions=["3", "[3, 2]"], x=normal(3, 2))
refuses("select", "value", "x.select(1, -3)", lambda x: x.select(1, -3), mentions=["-3", "[3, 2]"], x=normal(3, 2))
refuses("select", "shape", "x.select(2, 0)", lambda x: x.select(2, 0), mentions=["2"], x=normal(3, 2))
refuses("narrow", "value", "x.narrow(0, 2, 2)", lambda x: x.narrow(0, 2, 2), mentions=["[3, 2]"], x=normal(3, 2))
refuses("narrow", "value", "x.narrow(0, 0, -1)", lambda x: x.narrow(0, 0, -1), mentions=["-1"], x=normal(3, 2))
refuses(
    "slice",
    "value",
    "x.slice(0, 0, null, 0)",
    lambda x: torch.ops.aten.slice(x, 0, 0, None, 0),
    mentions=["0"],
    x=normal(3),
)
refuses("slice", "value", "x.slice(0, 0, null, -1)", lambda x: x[::-1], mentions=["-1"], x=normal(3))
refuses("index", "shape", "x.index([0, 0, 0])", lambda x: x[0, 0, 0], mentions=["[3, 2]"], x=normal(3, 2))
refuses("index", "value", "x.index([5])", lambda x: x[5], mentions=["5"], x=normal(3, 2))
refuses("index", "shape", "x.index([m])", lambda x, m: x[m], mentions=["[2]", "[3, 2]"], x=normal(3, 2), m=bools(2))
refuses(
    "index",
    "shape",
    "x.index([i, j])",
    lambda x, i, j: x[i, j],
    mentions=["[2]", "[3]"],
    x=normal(3, 3),
    i=at(0, 1),
    j=at(0, 1, 2),
)
refuses(
    "gather",
    "shape",
    "x.gather(0, i)",
    lambda x, i: x.gather(0, i),
    mentions=["[2]", "[3, 2]"],
    x=normal(3, 2),
    i=at(0, 1),
)
refuses(
    "gather",
    "shape",
    "x.gather(0, i)",
    lambda x, i: x.gather(0, i),
    mentions=["[1, 3]", "[3, 2]"],
    x=normal(3, 2),
    i=ints(0, 2, 1, 3),
)
refuses(
    "scatter",
    "shape",
    "x.scatter(0, i, s)",
    lambda x, i, s: x.scatter(0, i, s),
    mentions=["[2, 2]", "[1, 2]"],
    x=normal(3, 2),
    i=ints(0, 1, 2, 2),
    s=normal(1, 2),
)
refuses(
    "indexSelect",
    "shape",
    "x.indexSelect(0, i)",
    lambda x, i: x.index_select(0, i),
    mentions=["[1, 2]"],
    x=normal(3, 2),
    i=ints(0, 2, 1, 2),
)
refuses(
    "indexAdd",
    "shape",
    "x.indexAdd(0, i, s)",
    lambda x, i, s: x.index_add(0, i, s),
    mentions=["[3, 2]"],
    x=normal(3, 2),
    i=at(0, 1),
    s=normal(3, 2),
)
refuses(
    "maskedSelect",
    "shape",
    "x.maskedSelect(m)",
    lambda x, m: x.masked_select(m),
    mentions=["[3, 2]", "[3]"],
    x=normal(3, 2),
    m=bools(3),
)
refuses(
    "F.embedding",
    "value",
    "F.embedding(i, x, { paddingIdx: 5 })",
    lambda x, i: F.embedding(i, x, padding_idx=5),
    mentions=["5"],
    x=normal(3, 2),
    i=at(0),
)

# ----------------------------------------------------------------- losses

refuses("F.crossEntropy", "value", "F.crossEntropy(x, t)", F.cross_entropy, mentions=["3"], x=normal(2, 3), t=at(0, 3))
refuses(
    "F.crossEntropy", "value", "F.crossEntropy(x, t)", F.cross_entropy, mentions=["-1"], x=normal(2, 3), t=at(-1, 0)
)
refuses("F.nllLoss", "value", "F.nllLoss(x, t)", F.nll_loss, mentions=["4"], x=normal(2, 3), t=at(0, 4))
refuses(
    "F.multiMarginLoss",
    "value",
    "F.multiMarginLoss(x, t)",
    F.multi_margin_loss,
    mentions=["3"],
    x=normal(2, 3),
    t=at(0, 3),
)
refuses(
    "F.crossEntropy",
    "shape",
    "F.crossEntropy(x, t)",
    F.cross_entropy,
    mentions=["[2, 3]", "[4]"],
    x=normal(2, 3),
    t=at(0, 1, 2, 0),
)
refuses(
    "F.nllLoss", "shape", "F.nllLoss(x, t)", F.nll_loss, mentions=["[2, 3]", "[4]"], x=normal(2, 3), t=at(0, 1, 2, 0)
)
refuses(
    "F.crossEntropy",
    "shape",
    "F.crossEntropy(x, t)",
    F.cross_entropy,
    mentions=["[2, 3]", "[2, 4]"],
    x=normal(2, 3),
    t=unit(2, 4),
)
refuses(
    "F.crossEntropy",
    "shape",
    "F.crossEntropy(x, t, { weight: w })",
    lambda x, t, w: F.cross_entropy(x, t, weight=w),
    mentions=["[2]"],
    x=normal(2, 3),
    t=at(0, 1),
    w=unit(2),
)
refuses(
    "F.crossEntropy",
    "dtype",
    "F.crossEntropy(x, t)",
    F.cross_entropy,
    mentions=["float32"],
    x=normal(2, 3),
    t=normal(2),
)
refuses("F.nllLoss", "dtype", "F.nllLoss(x, t)", F.nll_loss, mentions=["float32"], x=normal(2, 3), t=normal(2))
refuses(
    "F.crossEntropy",
    "value",
    'F.crossEntropy(x, t, { reduction: "avg" })',
    lambda x, t: F.cross_entropy(x, t, reduction="avg"),
    mentions=["avg"],
    x=normal(2, 3),
    t=at(0, 1),
)
refuses(
    "F.mseLoss",
    "value",
    'F.mseLoss(x, y, { reduction: "average" })',
    lambda x, y: F.mse_loss(x, y, reduction="average"),
    mentions=["average"],
    x=normal(2),
    y=normal(2),
)
refuses(
    "F.crossEntropy",
    "value",
    "F.crossEntropy(x, t, { labelSmoothing: 1.5 })",
    lambda x, t: F.cross_entropy(x, t, label_smoothing=1.5),
    mentions=["1.5"],
    x=normal(2, 3),
    t=at(0, 1),
)
refuses(
    "F.binaryCrossEntropy",
    "shape",
    "F.binaryCrossEntropy(p, t)",
    F.binary_cross_entropy,
    mentions=["[2, 1]", "[2]"],
    p=unit(2, 1),
    t=unit(2),
)
refuses(
    "F.binaryCrossEntropyWithLogits",
    "shape",
    "F.binaryCrossEntropyWithLogits(z, t)",
    F.binary_cross_entropy_with_logits,
    mentions=["[2, 1]", "[2]"],
    z=normal(2, 1),
    t=unit(2),
)
refuses(
    "F.binaryCrossEntropy",
    "value",
    "F.binaryCrossEntropy(p, t)",
    F.binary_cross_entropy,
    mentions=["1.5"],
    p=literal([0.5, 1.5]),
    t=unit(2),
)
refuses(
    "F.huberLoss",
    "value",
    "F.huberLoss(x, y, { delta: 0 })",
    lambda x, y: F.huber_loss(x, y, delta=0),
    mentions=["0"],
    x=normal(2),
    y=normal(2),
)
refuses(
    "F.smoothL1Loss",
    "value",
    "F.smoothL1Loss(x, y, { beta: -1 })",
    lambda x, y: F.smooth_l1_loss(x, y, beta=-1),
    mentions=["-1"],
    x=normal(2),
    y=normal(2),
)

# ----------------------------------------------------------------- layers

for code, function, x, w, mentions in [
    ("F.conv2d(x, w)", lambda x, w: F.conv2d(x, w), (1, 3, 4, 4), (2, 2, 3, 3), ["[1, 3, 4, 4]", "[2, 2, 3, 3]"]),
    ("F.conv2d(x, w)", lambda x, w: F.conv2d(x, w), (1, 1, 2, 2), (1, 1, 3, 3), ["[1, 1, 2, 2]"]),
    ("F.conv2d(x, w)", lambda x, w: F.conv2d(x, w), (4, 4), (1, 1, 3, 3), ["[4, 4]"]),
    ("F.conv2d(x, w)", lambda x, w: F.conv2d(x, w), (1, 1, 4, 4), (1, 3, 3), ["[1, 3, 3]"]),
    (
        "F.conv2d(x, w, null, { groups: 2 })",
        lambda x, w: F.conv2d(x, w, None, groups=2),
        (1, 3, 4, 4),
        (2, 1, 3, 3),
        ["2"],
    ),
    (
        "F.conv2d(x, w, null, { stride: 0 })",
        lambda x, w: F.conv2d(x, w, None, stride=0),
        (1, 1, 4, 4),
        (1, 1, 3, 3),
        ["stride"],
    ),
    (
        "F.conv2d(x, w, null, { padding: -1 })",
        lambda x, w: F.conv2d(x, w, None, padding=-1),
        (1, 1, 4, 4),
        (1, 1, 3, 3),
        ["padding"],
    ),
    (
        'F.conv2d(x, w, null, { padding: "same", stride: 2 })',
        lambda x, w: F.conv2d(x, w, None, padding="same", stride=2),
        (1, 1, 4, 4),
        (1, 1, 3, 3),
        ["same"],
    ),
]:
    refuses("F.conv2d", "shape", code, function, mentions=mentions, x=normal(*x), w=normal(*w))
refuses(
    "F.conv2d",
    "shape",
    "F.conv2d(x, w, b)",
    lambda x, w, b: F.conv2d(x, w, b),
    mentions=["[3]"],
    x=normal(1, 1, 3, 3),
    w=normal(2, 1, 2, 2),
    b=normal(3),
)
refuses(
    "F.conv1d",
    "shape",
    "F.conv1d(x, w)",
    lambda x, w: F.conv1d(x, w),
    mentions=["[1, 3, 4]"],
    x=normal(1, 3, 4),
    w=normal(2, 2, 3),
)
refuses(
    "F.convTranspose2d",
    "shape",
    "F.convTranspose2d(x, w)",
    lambda x, w: F.conv_transpose2d(x, w),
    mentions=["[1, 3, 2, 2]"],
    x=normal(1, 3, 2, 2),
    w=normal(2, 2, 3, 3),
)
refuses(
    "F.convTranspose2d",
    "value",
    "F.convTranspose2d(x, w, null, { outputPadding: 1 })",
    lambda x, w: F.conv_transpose2d(x, w, None, output_padding=1),
    mentions=["outputPadding"],
    x=normal(1, 1, 2, 2),
    w=normal(1, 1, 3, 3),
)
refuses(
    "F.maxPool2d",
    "shape",
    "F.maxPool2d(x, 5)",
    lambda x: F.max_pool2d(x, 5),
    mentions=["[1, 1, 3, 3]"],
    x=normal(1, 1, 3, 3),
)
refuses(
    "F.maxPool2d",
    "value",
    "F.maxPool2d(x, 2, { padding: 2 })",
    lambda x: F.max_pool2d(x, 2, padding=2),
    mentions=["padding"],
    x=normal(1, 1, 3, 3),
)
refuses("F.maxPool2d", "shape", "F.maxPool2d(x, 2)", lambda x: F.max_pool2d(x, 2), mentions=["[3, 3]"], x=normal(3, 3))
refuses("F.maxPool2d", "value", "F.maxPool2d(x, 0)", lambda x: F.max_pool2d(x, 0), mentions=["0"], x=normal(1, 1, 3, 3))
refuses(
    "F.avgPool2d",
    "shape",
    "F.avgPool2d(x, 5)",
    lambda x: F.avg_pool2d(x, 5),
    mentions=["[1, 1, 3, 3]"],
    x=normal(1, 1, 3, 3),
)
refuses(
    "F.avgPool2d",
    "value",
    "F.avgPool2d(x, 2, { padding: 2 })",
    lambda x: F.avg_pool2d(x, 2, padding=2),
    mentions=["padding"],
    x=normal(1, 1, 3, 3),
)
refuses(
    "F.adaptiveAvgPool2d",
    "shape",
    "F.adaptiveAvgPool2d(x, 2)",
    lambda x: F.adaptive_avg_pool2d(x, 2),
    mentions=["[3, 3]"],
    x=normal(3, 3),
)
refuses(
    "F.layerNorm",
    "shape",
    "F.layerNorm(x, [4])",
    lambda x: F.layer_norm(x, [4]),
    mentions=["[4]", "[2, 3]"],
    x=normal(2, 3),
)
refuses(
    "F.layerNorm",
    "shape",
    "F.layerNorm(x, [3], w)",
    lambda x, w: F.layer_norm(x, [3], w),
    mentions=["[2]"],
    x=normal(2, 3),
    w=normal(2),
)
refuses(
    "F.groupNorm", "shape", "F.groupNorm(x, 2)", lambda x: F.group_norm(x, 2), mentions=["2", "3"], x=normal(2, 3, 4)
)
refuses(
    "F.batchNorm",
    "shape",
    "F.batchNorm(x, m, v)",
    lambda x, m, v: F.batch_norm(x, m, v),
    mentions=["[2]", "[4, 3]"],
    x=normal(4, 3),
    m=unit(2).constant(),
    v=unit(2).constant(),
)
refuses(
    "F.batchNorm",
    "shape",
    "F.batchNorm(x, null, null, null, null, { training: true })",
    lambda x: F.batch_norm(x, None, None, training=True),
    mentions=["[1, 3]"],
    x=normal(1, 3),
)
refuses("F.batchNorm", "value", "F.batchNorm(x, null, null)", lambda x: F.batch_norm(x, None, None), x=normal(2, 3))
refuses(
    "F.cosineEmbeddingLoss",
    "shape",
    "F.cosineEmbeddingLoss(a, b, y)",
    F.cosine_embedding_loss,
    mentions=["[3, 2]", "[3, 4]"],
    a=normal(3, 2),
    b=normal(3, 4),
    y=unit(3),
)
refuses(
    "F.tripletMarginLoss",
    "shape",
    "F.tripletMarginLoss(a, p, n)",
    F.triplet_margin_loss,
    mentions=["[3, 2]", "[3, 4]"],
    a=normal(3, 2),
    p=normal(3, 4),
    n=normal(3, 2),
)

# ----------------------------------------------------------------- the backward pass


def run(*steps):
    """Runs the steps in order; a lambda holds no statements."""
    return steps[-1]


refuses("backward", "autograd", "x.mul(2).backward()", lambda x: (x * 2).backward(), mentions=["[3]"], x=normal(3))
refuses(
    "backward",
    "autograd",
    "x.sum().backward()",
    lambda x: x.sum().backward(),
    x=normal(3).constant(),
    label="nothing requires a gradient",
)
refuses("backward", "autograd", "x.detach().sum().backward()", lambda x: x.detach().sum().backward(), x=normal(3))
refuses("backward", "autograd", "noGrad(() => x.sum()).backward()", lambda x: x.sum().detach().backward(), x=normal(3))
refuses(
    "backward",
    "shape",
    "x.mul(2).backward(g)",
    lambda x, g: (x * 2).backward(g),
    mentions=["[2]", "[3]"],
    x=normal(3),
    g=normal(2).constant(),
)


def twice(x):
    y = (x * x).sum()
    y.backward()
    y.backward()


def twice_shared(x):
    h = x.exp()
    h.sum().backward()
    (h * h).sum().backward()


refuses(
    "backward",
    "autograd",
    "const y = x.mul(x).sum(); y.backward(); y.backward()",
    twice,
    mentions=["retainGraph"],
    x=normal(3),
)
refuses(
    "backward",
    "autograd",
    "const h = x.exp(); h.sum().backward(); h.mul(h).sum().backward()",
    twice_shared,
    mentions=["retainGraph"],
    x=normal(3),
)
refuses(
    "grad",
    "autograd",
    "const y = x.mul(x).sum(); autograd.grad(y, [x]); autograd.grad(y, [x])",
    lambda x: (lambda y: run(autograd.grad(y, [x]), autograd.grad(y, [x])))((x * x).sum()),
    mentions=["retainGraph"],
    x=normal(3),
)
refuses(
    "grad",
    "autograd",
    "autograd.grad(x.mul(2), [x])",
    lambda x: autograd.grad(x * 2, [x]),
    mentions=["[3]"],
    x=normal(3),
)
refuses(
    "grad",
    "autograd",
    "autograd.grad(x.sum(), [y])",
    lambda x, y: autograd.grad(x.sum(), [y]),
    x=normal(3),
    y=normal(2),
    label="an input that is not used",
)
refuses(
    "grad",
    "autograd",
    "autograd.grad(x.sum(), [y])",
    lambda x, y: autograd.grad(x.sum(), [y]),
    x=normal(3),
    y=normal(2).constant(),
    label="an input without requiresGrad",
)
refuses(
    "grad",
    "shape",
    "autograd.grad(x.mul(2), [x], { gradOutputs: g })",
    lambda x, g: autograd.grad(x * 2, [x], grad_outputs=g),
    mentions=["[2]", "[3]"],
    x=normal(3),
    g=normal(2).constant(),
)


def saved_then_changed(x):
    h = x * 2
    y = h.square()
    h.add_(1)
    y.sum().backward()


def result_then_changed(x):
    h = x.exp()
    h.mul_(2)
    h.sum().backward()


def operand_changed(x, y):
    h = x * 2
    z = h * y
    h.zero_()
    z.sum().backward()


def view_changed(x):
    h = x * 2
    y = h.sin()
    h.select(0, 0).fill_(0)
    y.sum().backward()


def detached_changed(x):
    h = x * 2
    y = h.square()
    h.detach().add_(1)
    y.sum().backward()


def constant_changed(x, c):
    y = x * c
    c.add_(1)
    y.sum().backward()


def leaf_stepped(x):
    opt = optim.SGD([x], lr=0.1)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    opt.step()
    y.backward()


CHANGED = [
    ("square", "const h = x.mul(2); const y = h.square(); h.add_(1); y.sum().backward()", saved_then_changed, "add_"),
    ("exp", "const h = x.exp(); h.mul_(2); h.sum().backward()", result_then_changed, "mul_"),
    (
        "sin",
        "const h = x.mul(2); const y = h.sin(); h.select(0, 0).fill_(0); y.sum().backward()",
        view_changed,
        "fill_",
    ),
    (
        "square",
        "const h = x.mul(2); const y = h.square(); h.detach().add_(1); y.sum().backward()",
        detached_changed,
        "add_",
    ),
    (
        "mul",
        "const opt = new optim.SGD([x], { lr: 0.1 }); const y = x.mul(x).sum(); y.backward({ retainGraph: true }); opt.step(); y.backward()",
        leaf_stepped,
        "step",
    ),
]
for op, code, function, _ in CHANGED:
    refuses(op, "autograd", code, function, mentions=["in place"], x=normal(3))
refuses(
    "mul",
    "autograd",
    "const h = x.mul(2); const z = h.mul(y); h.zero_(); z.sum().backward()",
    operand_changed,
    mentions=["in place"],
    x=normal(3),
    y=normal(3),
)
refuses(
    "mul",
    "autograd",
    "const y = x.mul(c); c.add_(1); y.sum().backward()",
    constant_changed,
    mentions=["in place"],
    x=normal(3),
    c=normal(3).constant(),
)

for op, code, function in [
    ("add_", "x.add_(1)", lambda x: x.add_(1)),
    ("mul_", "x.mul_(2)", lambda x: x.mul_(2)),
    ("zero_", "x.zero_()", lambda x: x.zero_()),
    ("fill_", "x.fill_(1)", lambda x: x.fill_(1)),
    ("relu_", "x.relu_()", lambda x: x.relu_()),
    ("add_", "x.select(0, 0).add_(1)", lambda x: x.select(0, 0).add_(1)),
    (
        "copy_",
        "x.narrow(0, 0, 2).copy_(x.detach().narrow(0, 1, 2))",
        lambda x: x.narrow(0, 0, 2).copy_(x.detach().narrow(0, 1, 2)),
    ),
]:
    refuses(op, "autograd", code, function, mentions=["leaf"], x=normal(3))
refuses(
    "add_",
    "shape",
    "x.mul(2).add_(y)",
    lambda x, y: (x * 2).add_(y),
    mentions=["[3]", "[2, 3]"],
    x=normal(3),
    y=normal(2, 3),
)
refuses(
    "copy_",
    "shape",
    "x.mul(2).copy_(y)",
    lambda x, y: (x * 2).copy_(y),
    mentions=["[3]", "[2]"],
    x=normal(3),
    y=normal(2),
)
refuses(
    "add_", "dtype", "x.add_(y)", lambda x, y: x.add_(y), mentions=["int64", "float32"], x=ints(0, 5, 3), y=normal(3)
)
refuses("mul_", "dtype", "x.mul_(0.5)", lambda x: x.mul_(0.5), mentions=["int64"], x=ints(0, 5, 3))
refuses("div_", "dtype", "x.div_(2)", lambda x: x.div_(2), mentions=["int64"], x=ints(0, 5, 3))
refuses(
    "add_",
    "value",
    "x.expand(2, 3).add_(y)",
    lambda x, y: x.expand(2, 3).add_(y),
    x=normal(3).constant(),
    y=normal(2, 3),
)

# A custom Function whose backward does not match its forward. PyTorch's own name is the class's.


class TooMany(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad, grad


class TooFew(autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        return x * y

    @staticmethod
    def backward(ctx, grad):
        return grad


class WrongShape(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.sum()

    @staticmethod
    def backward(ctx, grad):
        return torch.ones(2)


refuses(
    "TooMany",
    "autograd",
    "class TooMany extends autograd.Function { static forward(ctx, x) { return x.mul(2); }"
    " static backward(ctx, grad) { return [grad, grad]; } } TooMany.apply(x).sum().backward()",
    lambda x: TooMany.apply(x).sum().backward(),
    mentions=["2", "1"],
    x=normal(3),
)
refuses(
    "TooFew",
    "autograd",
    "class TooFew extends autograd.Function { static forward(ctx, x, y) { return x.mul(y); }"
    " static backward(ctx, grad) { return [grad]; } } TooFew.apply(x, y).sum().backward()",
    lambda x, y: TooFew.apply(x, y).sum().backward(),
    mentions=["1", "2"],
    x=normal(3),
    y=normal(3),
)
refuses(
    "WrongShape",
    "autograd",
    "class WrongShape extends autograd.Function { static forward(ctx, x) { return x.sum(); }"
    " static backward(ctx, grad) { return [ones([2])]; } } WrongShape.apply(x).backward()",
    lambda x: WrongShape.apply(x).backward(),
    mentions=["[2]", "[3]"],
    x=normal(3),
)
refuses(
    "registerHook",
    "autograd",
    "const h = x.mul(2); h.registerHook((g) => g.sum()); h.sum().backward()",
    lambda x: (lambda h: run(h.register_hook(lambda g: torch.ones(2)), h.sum().backward()))(x * 2),
    mentions=["[3]"],
    x=normal(3),
)
refuses(
    "registerHook",
    "autograd",
    "x.registerHook((g) => g)",
    lambda x: x.register_hook(lambda g: g),
    x=normal(3).constant(),
)
refuses("retainGrad", "autograd", "x.retainGrad()", lambda x: x.retain_grad(), x=normal(3).constant())
refuses(
    "requiresGrad", "autograd", "x.mul(2).requiresGrad_(false)", lambda x: (x * 2).requires_grad_(False), x=normal(3)
)

# ----------------------------------------------------------------- creation, modules, optimizers

refuses("tensor", "value", "tensor([[1, 2], [3]])", lambda: torch.tensor([[1, 2], [3]]))
refuses("zeros", "value", "zeros([2, -1])", lambda: torch.zeros(2, -1), mentions=["-1"])
refuses("arange", "value", "arange(0, 5, 0)", lambda: torch.arange(0, 5, 0), mentions=["0"])
refuses("arange", "value", "arange(0, 5, -1)", lambda: torch.arange(0, 5, -1), mentions=["-1"])
refuses("linspace", "value", "linspace(0, 1, -2)", lambda: torch.linspace(0, 1, -2), mentions=["-2"])
refuses("randint", "value", "randint(3, 3, [2])", lambda: torch.randint(3, 3, [2]), mentions=["3"])
refuses("eye", "value", "eye(-1)", lambda: torch.eye(-1), mentions=["-1"])
refuses(
    "loadStateDict",
    "value",
    "new nn.Linear(2, 3).loadStateDict({ weight: w })",
    lambda w: nn.Linear(2, 3).load_state_dict({"weight": w}),
    mentions=["bias"],
    w=normal(3, 2).constant(),
)
refuses(
    "loadStateDict",
    "shape",
    "new nn.Linear(2, 3).loadStateDict({ weight: w, bias: b })",
    lambda w, b: nn.Linear(2, 3).load_state_dict({"weight": w, "bias": b}),
    mentions=["weight", "[2, 3]", "[3, 2]"],
    w=normal(2, 3).constant(),
    b=normal(3).constant(),
)
refuses(
    "F.linear",
    "shape",
    "new nn.Linear(2, 3).forward(x)",
    lambda x: nn.Linear(2, 3)(x),
    mentions=["[4, 3]"],
    x=normal(4, 3),
    label="through nn.Linear",
)
refuses("SGD", "value", "new optim.SGD([x], { lr: -1 })", lambda x: optim.SGD([x], lr=-1), mentions=["-1"], x=normal(3))
refuses(
    "SGD",
    "value",
    "new optim.SGD([x], { lr: 0.1, momentum: -1 })",
    lambda x: optim.SGD([x], lr=0.1, momentum=-1),
    mentions=["momentum"],
    x=normal(3),
)
refuses(
    "SGD",
    "value",
    "new optim.SGD([x], { lr: 0.1, nesterov: true })",
    lambda x: optim.SGD([x], lr=0.1, nesterov=True),
    mentions=["momentum"],
    x=normal(3),
)
refuses("SGD", "value", "new optim.SGD([], { lr: 0.1 })", lambda: optim.SGD([], lr=0.1))
refuses(
    "Adam",
    "value",
    "new optim.Adam([x], { lr: 0.1, betas: [1, 0.9] })",
    lambda x: optim.Adam([x], lr=0.1, betas=(1.0, 0.9)),
    mentions=["betas"],
    x=normal(3),
)
refuses(
    "Adam",
    "autograd",
    "new optim.Adam([x.mul(2)], { lr: 0.1 })",
    lambda x: optim.Adam([x * 2], lr=0.1),
    mentions=["leaf"],
    x=normal(3),
)
