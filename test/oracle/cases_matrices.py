"""Products of matrices, of every combination of ranks, and einsum."""

import torch
import torch.nn.functional as F

from declare import Family
from specs import ints, normal

family = Family("matrices")
case = family.case

RANKS = [
    # left            right
    ((3,), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((2, 3), (3, 4)),
    ((1, 3), (3, 1)),
    ((3,), (2, 3, 4)),
    ((2, 4, 3), (3,)),
    ((2, 3), (2, 3, 4)),
    ((2, 4, 3), (3, 2)),
    ((2, 3, 4), (2, 4, 2)),
    ((2, 3, 4), (1, 4, 2)),
    ((1, 3, 4), (2, 4, 2)),
    ((2, 1, 2, 3), (3, 3, 2)),
    ((2, 2, 2, 3), (2, 2, 3, 1)),
    ((3,), (2, 1, 3, 2)),
    ((2, 2, 1, 3), (3,)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((0,), (0,)),
    ((2, 0, 3), (3, 4)),
    ((0, 2, 3), (3, 2)),
    ((1, 1), (1, 1)),
]
for a, b in RANKS:
    case("matmul", "x.matmul(y)", lambda x, y: x.matmul(y), x=normal(*a), y=normal(*b))

# Operands that are views.
for code, function, a, b in [
    ("x.t().matmul(y)", lambda x, y: x.t() @ y, (3, 2), (3, 4)),
    ("x.matmul(y.t())", lambda x, y: x @ y.t(), (2, 3), (4, 3)),
    ("x.t().matmul(y.t())", lambda x, y: x.t() @ y.t(), (3, 2), (4, 3)),
    ("x.transpose(1, 2).matmul(y)", lambda x, y: x.transpose(1, 2) @ y, (2, 3, 2), (2, 3, 4)),
    ("x.matmul(y.transpose(-1, -2))", lambda x, y: x @ y.transpose(-1, -2), (2, 2, 3), (2, 4, 3)),
    ("x.permute(1, 0, 2).matmul(y)", lambda x, y: x.permute(1, 0, 2) @ y, (3, 2, 3), (2, 3, 2)),
    ("x.expand(2, 2, 3).matmul(y)", lambda x, y: x.expand(2, 2, 3) @ y, (2, 3), (2, 3, 2)),
    ("x.slice(1, 0, null, 2).matmul(y)", lambda x, y: x[:, ::2] @ y, (2, 5), (3, 2)),
    ("x.select(0, 1).matmul(y.select(1, 0))", lambda x, y: x[1] @ y[:, 0], (2, 3), (3, 2)),
    ("x.matmul(x.t())", lambda x, y: x @ x.t(), (2, 3), (1,)),
    ("x.matmul(x).matmul(y)", lambda x, y: x @ x @ y, (3, 3), (3, 2)),
    ("x.matmul(y).relu().matmul(y.t())", lambda x, y: (x @ y).relu() @ y.t(), (2, 3), (3, 4)),
]:
    case("matmul", code, function, x=normal(*a), y=normal(*b))
# Sizes that do not fill a block of a kernel.
for n, k, m in [(5, 7, 9), (9, 4, 3), (8, 13, 4), (1, 17, 5), (13, 1, 6), (16, 9, 17)]:
    case("matmul", "x.matmul(y)", lambda x, y: x @ y, x=normal(n, k), y=normal(k, m), second=False)

case("mm", "x.mm(y)", lambda x, y: x.mm(y), x=normal(2, 3), y=normal(3, 4))
case("mm", "x.mm(y)", lambda x, y: x.mm(y), x=normal(0, 3), y=normal(3, 4))
case("mm", "x.t().mm(y)", lambda x, y: x.t().mm(y), x=normal(3, 2), y=normal(3, 4))
case("bmm", "x.bmm(y)", lambda x, y: x.bmm(y), x=normal(2, 2, 3), y=normal(2, 3, 2))
case("bmm", "x.bmm(y)", lambda x, y: x.bmm(y), x=normal(1, 2, 3), y=normal(1, 3, 1))
case("bmm", "x.transpose(1, 2).bmm(x)", lambda x: x.transpose(1, 2).bmm(x), x=normal(2, 3, 2))
case("mv", "x.mv(v)", lambda x, v: x.mv(v), x=normal(2, 3), v=normal(3))
case("mv", "x.t().mv(v)", lambda x, v: x.t().mv(v), x=normal(2, 3), v=normal(2))
case("dot", "x.dot(v)", lambda x, v: x.dot(v), x=normal(4), v=normal(4))
case("dot", "x.dot(x)", lambda x: x.dot(x), x=normal(4))
case("dot", "x.dot(v)", lambda x, v: x.dot(v), x=normal(0), v=normal(0))
case("t", "x.t()", lambda x: x.t(), x=normal(2, 3))
case("t", "x.t()", lambda x: x.t(), x=normal(3))
case("t", "x.t()", lambda x: x.t(), x=normal(), dtypes=("float64",))
case("trace", "x.trace()", lambda x: x.trace(), x=normal(3, 3))
case("trace", "x.trace()", lambda x: x.trace(), x=normal(2, 4))
case("trace", "x.matmul(x).trace()", lambda x: (x @ x).trace(), x=normal(3, 3))
case("outer", "outer(x, y)", torch.outer, x=normal(2), y=normal(3))
case("outer", "outer(x, x)", lambda x: torch.outer(x, x), x=normal(3))
case("outer", "x.outer(y)", lambda x, y: x.outer(y), x=normal(2), y=normal(3))
case("matmul", "x.matmul(y)", lambda x, y: x @ y, x=ints(-3, 4, 2, 3), y=ints(-3, 4, 3, 2), label="of int64")

case("addmm", "addmm(b, x, y)", torch.addmm, b=normal(2, 4), x=normal(2, 3), y=normal(3, 4))
case("addmm", "addmm(b, x, y)", torch.addmm, b=normal(4), x=normal(2, 3), y=normal(3, 4))
case("addmm", "addmm(b, x, y)", torch.addmm, b=normal(2, 1), x=normal(2, 3), y=normal(3, 4))
case("addmm", "addmm(b, x, y)", torch.addmm, b=normal(), x=normal(2, 3), y=normal(3, 4))
for beta, alpha in [(0.5, 2), (0, 1), (1, 0), (-1, 0.25)]:
    case(
        "addmm",
        f"addmm(b, x, y, {{ beta: {beta}, alpha: {alpha} }})",
        lambda b, x, y, beta=beta, alpha=alpha: torch.addmm(b, x, y, beta=beta, alpha=alpha),
        b=normal(4),
        x=normal(2, 3),
        y=normal(3, 4),
    )

for shape in ((2, 3), (3,), (2, 2, 3), (0, 3)):
    case("F.linear", "F.linear(x, w, b)", F.linear, x=normal(*shape), w=normal(4, 3), b=normal(4))
    case("F.linear", "F.linear(x, w)", F.linear, x=normal(*shape), w=normal(4, 3))
case("F.linear", "F.linear(x, w, null)", lambda x, w: F.linear(x, w, None), x=normal(2, 3), w=normal(4, 3))

EINSUM = [
    # equation          shapes of the operands
    ("i->", [(3,)]),
    ("ij->ji", [(2, 3)]),
    ("ij->i", [(2, 3)]),
    ("ij->", [(2, 3)]),
    ("ii->", [(3, 3)]),
    ("ii->i", [(3, 3)]),
    ("ijk->kij", [(2, 3, 2)]),
    ("i,i->", [(3,), (3,)]),
    ("i,j->ij", [(2,), (3,)]),
    ("ij,j->i", [(2, 3), (3,)]),
    ("ij,jk->ik", [(2, 3), (3, 4)]),
    ("ij,jk", [(2, 3), (3, 4)]),
    ("ik,jk->ij", [(2, 3), (4, 3)]),
    ("ji,jk->ki", [(3, 2), (3, 4)]),
    ("ij,ij->ij", [(2, 3), (2, 3)]),
    ("ij,ij->", [(2, 3), (2, 3)]),
    ("bij,bjk->bik", [(2, 2, 3), (2, 3, 2)]),
    ("bij,jk->bik", [(2, 2, 3), (3, 2)]),
    ("bhqd,bhkd->bhqk", [(1, 2, 2, 3), (1, 2, 3, 3)]),
    ("bqhd,bkhd->bhqk", [(1, 2, 2, 3), (1, 3, 2, 3)]),
    ("...ij,...jk->...ik", [(2, 2, 3), (2, 3, 2)]),
    ("...i->...", [(2, 2, 3)]),
    ("ij,k->ijk", [(2, 2), (3,)]),
    ("i,j,k->ijk", [(2,), (2,), (3,)]),
    ("ij,jk,kl->il", [(2, 3), (3, 2), (2, 2)]),
    ("bi,ij,bj->b", [(2, 3), (3, 2), (2, 2)]),
    (" i j , j k -> i k ", [(2, 3), (3, 2)]),
]
for equation, shapes in EINSUM:
    names = "xyz"[: len(shapes)]
    case(
        "einsum",
        f'einsum("{equation}", {", ".join(names)})',
        lambda *operands, equation=equation: torch.einsum(equation, *operands),
        **{name: normal(*shape) for name, shape in zip(names, shapes)},
    )
