"""Dtypes and indices that PyTorch refuses."""

import torch
import torch.nn.functional as F

from declare import Family
from specs import bools, ints, literal, normal

family = Family("refused_indices")
refuses = family.refuses


def at(*entries):
    """An index tensor of these entries."""
    return literal(list(entries), "int64")


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
