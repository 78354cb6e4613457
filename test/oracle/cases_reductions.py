"""Sums, extremes, norms, softmax, sorting: every form of dim, keepdim, ties, empty axes."""

import torch
import torch.nn.functional as F

from declare import Family
from specs import bools, distinct, ints, literal, nonzero, normal, positive, tied

family = Family("reductions")
case = family.case


def js(dim):
    return str(list(dim)) if isinstance(dim, (tuple, list)) else str(dim)


INF = float("inf")
DIMS = [0, 1, -1, (0,), (0, 2), (-1, 0), (0, 1, 2)]

SEVERAL = [
    # op           JavaScript's name   PyTorch
    ("sum", lambda x, d, k: x.sum(d, k)),
    ("mean", lambda x, d, k: x.mean(d, k)),
    ("amax", lambda x, d, k: x.amax(d, k)),
    ("amin", lambda x, d, k: x.amin(d, k)),
    ("logsumexp", lambda x, d, k: x.logsumexp(d, k)),
]
for op, function in SEVERAL:
    for dim in DIMS:
        for keep in (False, True):
            code = f"x.{op}({js(dim)}, true)" if keep else f"x.{op}({js(dim)})"
            runs = ("float64", "float32") if dim in (1, (0, 2)) else ("float64",)
            case(op, code, lambda x, f=function, d=dim, k=keep: f(x, d, k), x=distinct(2, 3, 2), dtypes=runs)
    case(op, f"x.{op}(0)", lambda x, f=function: f(x, 0, False), x=normal(4))
    case(op, f"x.t().{op}(1)", lambda x, f=function: f(x.t(), 1, False), x=normal(2, 3))
    case(op, f"x.{op}(1)", lambda x, f=function: f(x, 1, False), x=normal(0, 3), label="no rows")
    case(op, f"x.{op}(0)", lambda x, f=function: f(x, 0, False), x=normal(1, 3), label="size 1")
    case(op, f"x.{op}(0)", lambda x, f=function: f(x, 0, False), x=normal(), dtypes=("float64",), label="rank 0")

SPREADS = [
    ("var", lambda x, d, u, k: x.var(d, unbiased=u, keepdim=k)),
    ("std", lambda x, d, u, k: x.std(d, unbiased=u, keepdim=k)),
]
for op, function in SPREADS:
    for dim in (0, -1, (0, 2), (1,)):
        for option, unbiased, keep in [
            ("", True, False),
            (", { unbiased: false }", False, False),
            (", { keepdim: true }", True, True),
            (", { unbiased: false, keepdim: true }", False, True),
        ]:
            runs = ("float64", "float32") if dim == 0 else ("float64",)
            case(
                op,
                f"x.{op}({js(dim)}{option})",
                lambda x, f=function, d=dim, u=unbiased, k=keep: f(x, d, u, k),
                x=normal(2, 3, 2),
                dtypes=runs,
            )
case("var", "x.var()", lambda x: x.var(), x=normal(2, 3))
case("std", "x.std()", lambda x: x.std(), x=normal(2, 3))
case("var", "x.var({ unbiased: false })", lambda x: x.var(unbiased=False), x=normal(5))
case("std", "x.std({ unbiased: false })", lambda x: x.std(unbiased=False), x=normal(5))
case("var", "x.add(1000).var(0)", lambda x: (x + 1000).var(0), x=normal(6), dtypes=("float64",), label="far from zero")
case("var", "x.var(0, { unbiased: false })", lambda x: x.var(0, unbiased=False), x=normal(1, 2), label="of one")
case("var", "x.var(0)", lambda x: x.var(0), x=normal(1, 2).constant(), label="of one, unbiased: NaN")

WHOLE = [
    ("sum", lambda x: x.sum(), normal),
    ("mean", lambda x: x.mean(), normal),
    ("prod", lambda x: x.prod(), nonzero),
    ("max", lambda x: x.max(), distinct),
    ("min", lambda x: x.min(), distinct),
    ("amax", lambda x: x.amax(), distinct),
    ("amin", lambda x: x.amin(), distinct),
    ("norm", lambda x: x.norm(), normal),
]
for op, function, domain in WHOLE:
    for shape in ((2, 3), (4,), (), (1, 1, 2)):
        case(op, f"x.{op}()", lambda x, f=function: f(x), x=domain(*shape))
    case(op, f"x.t().{op}()", lambda x, f=function: f(x.t()), x=domain(2, 3), dtypes=("float64",))
for op, function in [("sum", torch.sum), ("prod", torch.prod)]:
    case(op, f"x.{op}()", lambda x, f=function: f(x), x=normal(0), label="of nothing")
    case(op, f"x.{op}()", lambda x, f=function: f(x), x=normal(2, 0, 3), label="of nothing, three axes")
    case(op, f"x.{op}(1)", lambda x, f=function: f(x, 1), x=normal(2, 0), label="over an empty axis")
case("mean", "x.mean()", lambda x: x.mean(), x=normal(0).constant(), label="of nothing: NaN")
case("mean", "x.mean(1)", lambda x: x.mean(1), x=normal(2, 0).constant(), label="over an empty axis: NaN")

for dim in (0, 1, -1):
    for keep in (False, True):
        tail = f"{dim}, true" if keep else f"{dim}"
        case("prod", f"x.prod({tail})", lambda x, d=dim, k=keep: x.prod(d, k), x=nonzero(2, 3))
        case("max", f"x.max({tail})", lambda x, d=dim, k=keep: x.max(d, k), x=distinct(2, 3))
        case("min", f"x.min({tail})", lambda x, d=dim, k=keep: x.min(d, k), x=distinct(2, 3))
        case(
            "argmax",
            f"x.argmax({tail})",
            lambda x, d=dim, k=keep: x.argmax(d, k),
            x=distinct(2, 3),
            dtypes=("float32",),
        )
        case(
            "argmin",
            f"x.argmin({tail})",
            lambda x, d=dim, k=keep: x.argmin(d, k),
            x=distinct(2, 3),
            dtypes=("float32",),
        )
case("prod", "x.prod()", lambda x: x.prod(), x=literal([2.0, 0.0, 3.0]), label="one zero")
case("prod", "x.prod()", lambda x: x.prod(), x=literal([2.0, 0.0, 0.0]), label="two zeros")
case(
    "prod",
    "x.prod(0)",
    lambda x: x.prod(0),
    x=literal([[2.0, 0.0], [0.0, 4.0], [3.0, 5.0]]),
    label="zeros, over an axis",
)

# Ties: which element is named, and who gets the gradient.
for op, code, function in [
    ("max", "x.max()", lambda x: x.max()),
    ("min", "x.min()", lambda x: x.min()),
    ("max", "x.max(1)", lambda x: x.max(1)),
    ("min", "x.min(1)", lambda x: x.min(1)),
    ("amax", "x.amax(1)", lambda x: x.amax(1)),
    ("amin", "x.amin(0)", lambda x: x.amin(0)),
    ("amax", "x.amax([0, 1])", lambda x: x.amax((0, 1))),
    ("argmax", "x.argmax()", lambda x: x.argmax()),
    ("argmax", "x.argmax(1)", lambda x: x.argmax(1)),
    ("argmin", "x.argmin()", lambda x: x.argmin()),
    ("argmin", "x.argmin(1)", lambda x: x.argmin(1)),
]:
    ties = literal([[2.0, 5.0, 5.0, 2.0], [1.0, 1.0, 1.0, 1.0], [3.0, -4.0, 3.0, -4.0]])
    case(op, code, lambda x, f=function: f(x), x=ties, label=f"{code} with ties")
NAN = literal([[1.0, float("nan"), 3.0], [4.0, 2.0, 0.0]]).constant()
for op, code, function in [
    ("max", "x.max()", lambda x: x.max()),
    ("max", "x.max(1)", lambda x: x.max(1)),
    ("min", "x.min(1)", lambda x: x.min(1)),
    ("amax", "x.amax(0)", lambda x: x.amax(0)),
    ("argmax", "x.argmax(1)", lambda x: x.argmax(1)),
    ("sum", "x.sum(1)", lambda x: x.sum(1)),
    ("sort", "x.sort(1)", lambda x: x.sort(1)),
]:
    case(op, code, lambda x, f=function: f(x), x=NAN, label=f"{code} with NaN")

# Integers and booleans.
for op, code, function in [
    ("sum", "x.sum()", lambda x: x.sum()),
    ("sum", "x.sum(0)", lambda x: x.sum(0)),
    ("prod", "x.prod()", lambda x: x.prod()),
    ("max", "x.max()", lambda x: x.max()),
    ("max", "x.max(1)", lambda x: x.max(1)),
    ("amin", "x.amin(0)", lambda x: x.amin(0)),
    ("argmax", "x.argmax(0)", lambda x: x.argmax(0)),
    ("cumsum", "x.cumsum(1)", lambda x: x.cumsum(1)),
    ("sort", "x.sort(1)", lambda x: torch.sort(x, dim=1, stable=True)),
]:
    case(op, code, lambda x, f=function: f(x), x=ints(-4, 5, 2, 3), label=f"{code} of int64")
case("sum", "x.sum()", lambda x: x.sum(), x=bools(5), label="of bool")
case("sum", "x.sum(1)", lambda x: x.sum(1), x=bools(2, 3), label="of bool")
case("any", "x.any()", lambda x: x.any(), x=bools(5))
case("all", "x.all()", lambda x: x.all(), x=bools(5))
case("any", "x.any(1)", lambda x: x.any(1), x=bools(2, 3))
case("all", "x.all(1)", lambda x: x.all(1), x=bools(2, 3))

# ----------------------------------------------------------------- norms

for p, text in [(1, "1"), (2, "2"), (3, "3"), (0.5, "0.5"), (INF, "Infinity"), (-INF, "-Infinity")]:
    for dim in (0, 1, (0, 1)):
        case(
            "norm",
            f"x.norm({text}, {js(dim)})",
            lambda x, p=p, d=dim: x.norm(p, d),
            x=nonzero(3, 4),
            dtypes=("float64",),
        )
    case("norm", f"x.norm({text}, 1, true)", lambda x, p=p: x.norm(p, 1, True), x=nonzero(2, 3))
    case("norm", f"x.norm({text})", lambda x, p=p: x.norm(p), x=nonzero(2, 3), dtypes=("float64",))
case("norm", "x.norm(0, 1)", lambda x: x.norm(0, 1), x=tied(2, 3).constant())
case("norm", "x.norm()", lambda x: x.norm(), x=literal([0.0, 0.0]), label="at zero", second=False)
case(
    "norm",
    "x.norm(2, 1)",
    lambda x: x.norm(2, 1),
    x=literal([[0.0, 0.0], [3.0, 4.0]]),
    label="a row of zeros",
    second=False,
)
case("norm", "x.norm(1, 0)", lambda x: x.norm(1, 0), x=literal([0.0, -2.0]), label="p = 1 at zero")
case(
    "norm",
    "x.norm(Infinity, 0)",
    lambda x: x.norm(INF, 0),
    x=literal([2.0, -2.0, 1.0]),
    label="p = Infinity with a tie",
)

# ----------------------------------------------------------------- softmax and its kin

for dim in (0, 1, 2, -1):
    case("softmax", f"x.softmax({dim})", lambda x, d=dim: x.softmax(d), x=normal(2, 3, 2))
    case("logSoftmax", f"x.logSoftmax({dim})", lambda x, d=dim: x.log_softmax(d), x=normal(2, 3, 2))
    case("F.softmin", f"F.softmin(x, {dim})", lambda x, d=dim: F.softmin(x, d), x=normal(2, 3, 2))
    case("cumsum", f"x.cumsum({dim})", lambda x, d=dim: x.cumsum(d), x=normal(2, 3, 2))
for op, code, function in [
    ("F.softmax", "F.softmax(x, 0)", lambda x: F.softmax(x, 0)),
    ("F.logSoftmax", "F.logSoftmax(x, 0)", lambda x: F.log_softmax(x, 0)),
    ("logsumexp", "x.logsumexp(0)", lambda x: x.logsumexp(0)),
]:
    case(op, code, lambda x, f=function: f(x), x=normal(4))
    case(op, code, lambda x, f=function: f(x), x=normal(1, 3), label=f"{code} of one")
    case(op, code, lambda x, f=function: f(x), x=literal([1000.0, 999.0, -1000.0]), label=f"{code} far out")
    case(op, code, lambda x, f=function: f(x), x=normal(), label=f"{code} of rank 0", dtypes=("float64",))
case("softmax", "x.softmax(1)", lambda x: x.softmax(1), x=normal(0, 3), label="no rows")
case(
    "softmax",
    "x.softmax(1)",
    lambda x: x.softmax(1),
    x=literal([[0.0, -INF, 1.0]]),
    label="one -Infinity",
    second=False,
)
case(
    "logsumexp",
    "x.logsumexp(1)",
    lambda x: x.logsumexp(1),
    x=literal([[0.0, -INF, 1.0]]).constant(),
    label="one -Infinity",
)
case("logsumexp", "x.logsumexp(0)", lambda x: x.logsumexp(0), x=literal([-INF, -INF]).constant(), label="all -Infinity")
case("logsumexp", "x.logsumexp(0)", lambda x: x.logsumexp(0), x=literal([INF, 1.0]).constant(), label="Infinity")
case("cumsum", "x.cumsum(0)", lambda x: x.cumsum(0), x=normal(0, 2), label="no rows")
case("cumprod", "x.cumprod(0)", lambda x: x.cumprod(0), x=nonzero(4))

# ----------------------------------------------------------------- order

for dim in (0, 1, -1):
    for tail, descending in [("", False), (", true", True)]:
        case("sort", f"x.sort({dim}{tail})", lambda x, d=dim, r=descending: x.sort(d, r), x=distinct(3, 4))
    case("argsort", f"x.argsort({dim})", lambda x, d=dim: x.argsort(d), x=distinct(3, 4), dtypes=("float32",))
    for k in (1, 2, 3):
        case("topk", f"x.topk({k}, {dim})", lambda x, k=k, d=dim: x.topk(k, d), x=distinct(3, 4))
case("sort", "x.sort(0)", lambda x: torch.sort(x, dim=0, stable=True), x=tied(7), label="ties keep their order")
case("sort", "x.sort(0)", lambda x: x.sort(0), x=normal(0), label="of nothing")
case("sort", "x.sort(0)", lambda x: x.sort(0), x=normal(1), label="of one")
case("topk", "x.topk(1, 0).values", lambda x: x.topk(1, 0).values, x=normal(5))
case("topk", "x.topk(2, 1).values.sum(1)", lambda x: x.topk(2, 1).values.sum(1), x=distinct(2, 5))
case("sort", "x.sort(1).values.mul(w)", lambda x, w: x.sort(1).values * w, x=distinct(2, 3), w=normal(3))
case("max", "x.max(1).values.mul(2)", lambda x: x.max(1).values * 2, x=distinct(3, 3))
case("max", "x.max(1).indices", lambda x: x.max(1).indices, x=distinct(3, 3), dtypes=("float32",))
case("max", "x.max(y)", lambda x, y: x.max(y), x=distinct(3), y=normal(3))
case("min", "x.min(y)", lambda x, y: x.min(y), x=distinct(3), y=normal(3))

# ----------------------------------------------------------------- compositions that cancel

case(
    "mean", "x.sub(x.mean(0, true)).square().mean(0)", lambda x: (x - x.mean(0, True)).square().mean(0), x=normal(4, 2)
)
case("sum", "x.exp().div(x.exp().sum(1, true))", lambda x: x.exp() / x.exp().sum(1, keepdim=True), x=normal(2, 3))
case("sum", "x.mul(x.sum())", lambda x: x * x.sum(), x=positive(3))
