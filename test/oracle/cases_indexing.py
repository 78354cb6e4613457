"""Reading and writing by index: slices, lists of indices, masks, gather and scatter, embeddings."""

import torch
import torch.nn.functional as F

from declare import Family
from specs import bools, ints, literal, normal

family = Family("indexing")
case = family.case
ALL = slice(None)


def at(*entries):
    """An index of one integer tensor per entry."""
    return literal(list(entries), "int64")


for op, code, function, shape in [
    ("select", "x.select(0, 1)", lambda x: x.select(0, 1), (3, 2)),
    ("select", "x.select(1, 0)", lambda x: x.select(1, 0), (3, 2)),
    ("select", "x.select(-1, -1)", lambda x: x.select(-1, -1), (2, 3)),
    ("select", "x.select(0, 2)", lambda x: x.select(0, 2), (4,)),
    ("select", "x.select(0, 0).mul(x.select(0, 1))", lambda x: x[0] * x[1], (2, 3)),
    ("narrow", "x.narrow(0, 1, 2)", lambda x: x.narrow(0, 1, 2), (4, 2)),
    ("narrow", "x.narrow(1, 0, 0)", lambda x: x.narrow(1, 0, 0), (2, 3)),
    ("narrow", "x.narrow(-1, 1, 1)", lambda x: x.narrow(-1, 1, 1), (2, 3)),
    ("slice", "x.slice(0, 1, 3)", lambda x: x[1:3], (4, 2)),
    ("slice", "x.slice(0, 1, null)", lambda x: x[1:], (4, 2)),
    ("slice", "x.slice(1, 0, null, 2)", lambda x: x[:, ::2], (2, 5)),
    ("slice", "x.slice(1, 1, 4, 2)", lambda x: x[:, 1:4:2], (2, 5)),
    ("slice", "x.slice(0, -2, null)", lambda x: x[-2:], (4, 2)),
    ("slice", "x.slice(0, 0, -1)", lambda x: x[:-1], (4, 2)),
    ("slice", "x.slice(0, 2, 99)", lambda x: x[2:99], (4,)),
    ("slice", "x.slice(0, 3, 1)", lambda x: x[3:1], (4,)),
    ("slice", "x.slice(-1, 1, null)", lambda x: x[..., 1:], (2, 3)),
    ("slice", "x.slice(0, 0, null, 3)", lambda x: x[::3], (7,)),
    ("slice", "x.slice(0, 1, null).sub(x.slice(0, 0, -1))", lambda x: x[1:] - x[:-1], (4,)),
    ("slice", "x.t().slice(0, 1, 3)", lambda x: x.t()[1:3], (2, 3)),
]:
    case(op, code, function, x=normal(*shape), dtypes=("float64",))

INDEX = [
    # JavaScript                PyTorch                         shape       index tensors
    ("x.index([1])", lambda x: x[1], (3, 2), {}),
    ("x.index([-1])", lambda x: x[-1], (3, 2), {}),
    ("x.index([null, 1])", lambda x: x[:, 1], (3, 2), {}),
    ("x.index([0, 1])", lambda x: x[0, 1], (3, 2), {}),
    ("x.index([null])", lambda x: x[:], (3, 2), {}),
    ("x.index([null, null, 1])", lambda x: x[:, :, 1], (2, 2, 3), {}),
    ("x.index([i])", lambda x, i: x[i], (3, 2), {"i": at(2, 0)}),
    ("x.index([i])", lambda x, i: x[i], (3, 2), {"i": at(1, 1, 1, 0)}),
    ("x.index([i])", lambda x, i: x[i], (3, 2), {"i": at(-1, 0)}),
    ("x.index([i])", lambda x, i: x[i], (3, 2), {"i": literal([[0, 1], [2, 2]], "int64")}),
    ("x.index([i])", lambda x, i: x[i], (3,), {"i": literal(1, "int64")}),
    ("x.index([i])", lambda x, i: x[i], (3, 2), {"i": ints(0, 3, 0)}),
    ("x.index([null, i])", lambda x, i: x[:, i], (2, 3), {"i": at(2, 0, 2)}),
    ("x.index([i, j])", lambda x, i, j: x[i, j], (3, 3), {"i": at(0, 1, 2), "j": at(2, 1, 0)}),
    ("x.index([i, j])", lambda x, i, j: x[i, j], (3, 3), {"i": at(0, 0, 0), "j": at(1, 1, 2)}),
    ("x.index([i, j])", lambda x, i, j: x[i, j], (3, 3), {"i": literal([[0], [2]], "int64"), "j": at(1, 2)}),
    ("x.index([i, 1])", lambda x, i: x[i, 1], (3, 2), {"i": at(2, 0)}),
    ("x.index([1, i])", lambda x, i: x[1, i], (3, 3), {"i": at(2, 0)}),
    ("x.index([i, null, j])", lambda x, i, j: x[i, :, j], (2, 2, 3), {"i": at(0, 1), "j": at(2, 0)}),
    ("x.index([null, i, j])", lambda x, i, j: x[:, i, j], (2, 2, 3), {"i": at(0, 1), "j": at(2, 0)}),
    ("x.index([i, j, null])", lambda x, i, j: x[i, j, :], (2, 2, 3), {"i": at(0, 1), "j": at(1, 1)}),
    ("x.index([0, null, i])", lambda x, i: x[0, :, i], (2, 2, 3), {"i": at(2, 0)}),
    ("x.index([i, null, 1])", lambda x, i: x[i, :, 1], (2, 2, 3), {"i": at(1, 0, 1)}),
    ("x.index([m])", lambda x, m: x[m], (4,), {"m": literal([1, 0, 0, 1], "bool")}),
    ("x.index([m])", lambda x, m: x[m], (3, 2), {"m": literal([1, 0, 1], "bool")}),
    ("x.index([m])", lambda x, m: x[m], (2, 3), {"m": literal([[1, 0, 1], [0, 1, 0]], "bool")}),
    ("x.index([m])", lambda x, m: x[m], (2, 3, 2), {"m": literal([[1, 0, 1], [0, 1, 0]], "bool")}),
    ("x.index([m])", lambda x, m: x[m], (3,), {"m": literal([0, 0, 0], "bool")}),
    ("x.index([null, m])", lambda x, m: x[:, m], (2, 3), {"m": literal([0, 1, 1], "bool")}),
    ("x.index([i, m])", lambda x, i, m: x[i, m], (2, 3), {"i": at(1, 0), "m": literal([1, 0, 1], "bool")}),
    ("x.index([1, m])", lambda x, m: x[1, m], (2, 3), {"m": literal([1, 0, 1], "bool")}),
    ("x.index([x.gt(0)])", lambda x: x[x > 0], (2, 3), {}),
    ("x.t().index([i])", lambda x, i: x.t()[i], (2, 3), {"i": at(2, 2, 0)}),
    ("x.index([i]).index([null, j])", lambda x, i, j: x[i][:, j], (3, 3), {"i": at(0, 2), "j": at(1, 1)}),
]
for code, function, shape, extra in INDEX:
    runs = ("float64", "float32") if code in ("x.index([i])", "x.index([m])") else ("float64",)
    case("index", code, function, x=normal(*shape), **extra, dtypes=runs)
case("index", "x.index([i])", lambda x, i: x[i], x=ints(0, 9, 4), i=at(3, 0, 3), label="of int64")
case("index", "x.index([i])", lambda x, i: x[i], x=bools(4), i=at(3, 0, 3), label="of bool")

GATHER = [
    # dim, shape of x, index
    (0, (3, 2), [[0, 1], [2, 2]]),
    (1, (2, 3), [[0], [2]]),
    (1, (2, 3), [[0, 0, 0, 2], [1, 2, 1, 2]]),
    (-1, (2, 3), [[2, 1, 0], [0, 0, 1]]),
    (0, (4,), [3, 3, 0]),
    (1, (3, 2), [[1, 0]]),
    (2, (1, 2, 3), [[[0, 2], [1, 1]]]),
]
for dim, shape, index in GATHER:
    case(
        "gather", f"x.gather({dim}, i)", lambda x, i, d=dim: x.gather(d, i), x=normal(*shape), i=literal(index, "int64")
    )
case("gather", "x.gather(1, i)", lambda x, i: x.gather(1, i), x=normal(2, 3), i=ints(0, 3, 2, 0), label="nothing")
case("takeAlongDim", "x.takeAlongDim(i, 1)", lambda x, i: x.take_along_dim(i, 1), x=normal(2, 3), i=ints(0, 3, 2, 2))

SCATTER = [
    # dim, shape of x, index (no duplicates: their order is not defined), shape of src
    (0, (3, 2), [[0, 1], [2, 2]], (2, 2)),
    (1, (2, 4), [[3, 0], [1, 2]], (2, 2)),
    (-1, (2, 3), [[2, 1, 0], [0, 1, 2]], (2, 3)),
    (0, (4,), [3, 1], (2,)),
]
for dim, shape, index, source in SCATTER:
    spec = literal(index, "int64")
    case(
        "scatter",
        f"x.scatter({dim}, i, s)",
        lambda x, i, s, d=dim: x.scatter(d, i, s),
        x=normal(*shape),
        i=spec,
        s=normal(*source),
    )
    case("scatter", f"x.scatter({dim}, i, 7)", lambda x, i, d=dim: x.scatter(d, i, 7), x=normal(*shape), i=spec)
case(
    "scatter",
    "x.scatter(1, i, s)",
    lambda x, i, s: x.scatter(1, i, s),
    x=normal(2, 4),
    i=literal([[3], [1]], "int64"),
    s=normal(2, 3).constant(),  # larger than its index: PyTorch has no gradient for it
)
SCATTER_ADD = [
    (0, (3, 2), [[0, 1], [0, 2], [0, 1]], (3, 2)),
    (1, (2, 4), [[1, 1, 1], [0, 3, 0]], (2, 3)),
    (1, (2, 4), [[2, 2]], (1, 2)),
    (0, (4,), [3, 3, 3, 0, 3], (5,)),
    (-1, (1, 2, 3), [[[0, 0], [2, 1]]], (1, 2, 2)),
]
for dim, shape, index, source in SCATTER_ADD:
    case(
        "scatterAdd",
        f"x.scatterAdd({dim}, i, s)",
        lambda x, i, s, d=dim: x.scatter_add(d, i, s),
        x=normal(*shape),
        i=literal(index, "int64"),
        s=normal(*source),
    )
case(
    "scatter",
    "zeros([3, 4]).scatter(1, i.unsqueeze(1), 1)",
    lambda i: torch.zeros(3, 4).scatter(1, i.unsqueeze(1), 1),
    i=at(2, 0, 3),
    label="one-hot",
)

for dim, shape, index in [(0, (3, 2), [2, 0]), (1, (2, 3), [1, 1, 0]), (-1, (2, 3), [2]), (0, (4,), [3, 3, 3])]:
    case(
        "indexSelect",
        f"x.indexSelect({dim}, i)",
        lambda x, i, d=dim: x.index_select(d, i),
        x=normal(*shape),
        i=at(*index),
    )
case(
    "indexSelect",
    "x.indexSelect(0, i)",
    lambda x, i: x.index_select(0, i),
    x=normal(3, 2),
    i=ints(0, 3, 0),
    label="nothing",
)
for dim, shape, index, source in [
    (0, (3, 2), [2, 0], (2, 2)),
    (0, (3, 2), [1, 1, 1], (3, 2)),
    (1, (2, 3), [0, 0], (2, 2)),
    (-1, (2, 3), [2], (2, 1)),
    (0, (4,), [3, 1, 3], (3,)),
]:
    case(
        "indexAdd",
        f"x.indexAdd({dim}, i, s)",
        lambda x, i, s, d=dim: x.index_add(d, i, s),
        x=normal(*shape),
        i=at(*index),
        s=normal(*source),
    )
for dim, shape, index in [(0, (3, 2), [2, 0]), (1, (2, 3), [1, 1]), (-1, (2, 3), [0]), (0, (4,), [3])]:
    case(
        "indexFill",
        f"x.indexFill({dim}, i, 5)",
        lambda x, i, d=dim: x.index_fill(d, i, 5),
        x=normal(*shape),
        i=at(*index),
    )

MASKED = [
    ((4,), literal([1, 0, 0, 1], "bool")),
    ((2, 3), literal([[1, 0, 1], [0, 1, 0]], "bool")),
    ((2, 3), literal([1, 0, 1], "bool")),
    ((3,), literal([0, 0, 0], "bool")),
    ((1, 3), literal([[1], [0]], "bool")),
]
for shape, mask in MASKED:
    case("maskedSelect", "x.maskedSelect(m)", lambda x, m: x.masked_select(m), x=normal(*shape), m=mask)
# PyTorch 1.13 puts the gradient in the wrong places here.
case(
    "maskedSelect",
    "x.t().maskedSelect(m)",
    lambda x, m: x.t().masked_select(m),
    x=normal(2, 2).constant(),
    m=bools(2, 2),
)
for shape, index in [((2, 3), [5, 0, 0]), ((4,), [3, -1]), ((2, 2), [[0, 1], [3, 3]])]:
    case("take", "x.take(i)", lambda x, i: x.take(i), x=normal(*shape), i=literal(index, "int64"))
case("take", "x.t().take(i)", lambda x, i: x.t().take(i), x=normal(2, 3), i=at(1, 5, 1))
case("nonzero", "x.nonzero()", lambda x: x.nonzero(), x=literal([[0.0, 2.0], [3.0, 0.0]]).constant())

for ids in ([0, 2, 2], [[1, 1], [3, 0]], [3]):
    spec = literal(ids, "int64")
    case("F.embedding", "F.embedding(i, t)", lambda i, t: F.embedding(i, t), i=spec, t=normal(4, 3))
    case(
        "F.embedding",
        "F.embedding(i, t, { paddingIdx: 2 })",
        lambda i, t: F.embedding(i, t, padding_idx=2),
        i=spec,
        t=normal(4, 3),
    )
case(
    "F.embedding",
    "F.embedding(i, t, { paddingIdx: -1 })",
    lambda i, t: F.embedding(i, t, padding_idx=-1),
    i=at(3, 0),
    t=normal(4, 2),
)
case(
    "F.embedding",
    "F.embedding(i, t)",
    lambda i, t: F.embedding(i, t),
    i=literal(2, "int64"),
    t=normal(4, 3),
    label="one id",
)
case(
    "F.embedding", "F.embedding(i, t)", lambda i, t: F.embedding(i, t), i=ints(0, 4, 0), t=normal(4, 3), label="no ids"
)
for ids, classes in [([0, 2, 1], 3), ([0, 2, 1], 5), ([[1, 0], [2, 2]], 3), (1, 2)]:
    case("F.oneHot", f"F.oneHot(i, {classes})", lambda i, n=classes: F.one_hot(i, n), i=literal(ids, "int64"))
case("F.oneHot", "F.oneHot(i)", lambda i: F.one_hot(i), i=at(0, 3, 1))

# Second use of what was indexed.
case(
    "gather",
    "x.logSoftmax(1).gather(1, i)",
    lambda x, i: x.log_softmax(1).gather(1, i),
    x=normal(2, 3),
    i=ints(0, 3, 2, 1),
)
case("index", "x.mul(x).index([i]).mul(x.index([i]))", lambda x, i: (x * x)[i] * x[i], x=normal(3), i=at(0, 0, 2))
case(
    "scatterAdd",
    "x.scatterAdd(0, i, s).square()",
    lambda x, i, s: x.scatter_add(0, i, s).square(),
    x=normal(3),
    i=at(1, 1),
    s=normal(2),
)
case(
    "F.embedding",
    "F.embedding(i, t).square()",
    lambda i, t: F.embedding(i, t).square(),
    i=at(1, 1, 0),
    t=normal(3, 2),
    label="squared",
)
