"""Methods that write: on results, on views of results (the base sees it, and so does its gradient), on leaves in noGrad."""

import torch

from declare import Family
from specs import bools, ints, literal, nonzero, normal, positive, spread

family = Family("inplace")
case = family.case


def body(statements, result):
    return f"const a = x.mul(2); {statements}; return {result}"


WRITES = [
    # op      JavaScript            PyTorch                                  needs
    ("add_", "a.add_(y)", lambda a, y: a.add_(y)),
    ("sub_", "a.sub_(y)", lambda a, y: a.sub_(y)),
    ("mul_", "a.mul_(y)", lambda a, y: a.mul_(y)),
    ("div_", "a.div_(y)", lambda a, y: a.div_(y)),
    ("copy_", "a.copy_(y)", lambda a, y: a.copy_(y)),
]
for op, code, write in WRITES:
    for shape in ((2, 3), (3,), (), (2, 1)):

        def both(x, y, write=write):
            a = x * 2
            write(a, y)
            return [a, a * x]

        case(op, body(code, "[a, a.mul(x)]"), both, x=normal(2, 3), y=nonzero(*shape), label=code)

        def returned(x, y, write=write):
            return write(x * 2, y)

        case(op, f"x.mul(2){code[1:]}", returned, x=normal(2, 3), y=nonzero(*shape), dtypes=("float64",))

NUMBERS = [
    ("add_", "a.add_(1.5)", lambda a: a.add_(1.5)),
    ("sub_", "a.sub_(1.5)", lambda a: a.sub_(1.5)),
    ("mul_", "a.mul_(-3)", lambda a: a.mul_(-3)),
    ("div_", "a.div_(4)", lambda a: a.div_(4)),
    ("neg_", "a.neg_()", lambda a: a.neg_()),
    ("relu_", "a.relu_()", lambda a: a.relu_()),
    ("clamp_", "a.clamp_(-1, 0.5)", lambda a: a.clamp_(-1, 0.5)),
    ("zero_", "a.zero_()", lambda a: a.zero_()),
    ("fill_", "a.fill_(2.5)", lambda a: a.fill_(2.5)),
]
for op, code, write in NUMBERS:

    def on_result(x, write=write):
        a = x * 2
        write(a)
        return [a, a * a]

    def on_select(x, write=write):
        a = x * 2
        write(a.select(0, 1))
        return [a, a * a]

    def on_narrow(x, write=write):
        a = x * 2
        write(a.narrow(1, 0, 2))
        return a * x

    def on_transpose(x, write=write):
        a = x * 2
        t = a.t()
        write(t[1])
        return [a, t]

    def base_after_view(x, write=write):
        a = x * 2
        row = a.select(0, 0)
        write(a)
        return [row, a]

    def twice(x, write=write):
        a = x * 2
        write(a.select(0, 0))
        b = a.exp()
        write(a.select(1, 1))
        return [a, b]

    def on_leaf(x, write=write):
        with torch.no_grad():
            write(x)
        return x * x

    view = "a.select(0, 1)" + code[1:]
    part = "a.narrow(1, 0, 2)" + code[1:]
    turned = "t.select(0, 1)" + code[1:]
    case(op, body(code, "[a, a.mul(a)]"), on_result, x=normal(2, 3))
    case(op, body(view, "[a, a.mul(a)]"), on_select, x=normal(2, 3))
    case(op, body(part, "a.mul(x)"), on_narrow, x=normal(2, 3))
    case(op, body(f"const t = a.t(); {turned}", "[a, t]"), on_transpose, x=normal(2, 3), label=f"t = a.t(); {turned}")
    case(
        op,
        body(f"const row = a.select(0, 0); {code}", "[row, a]"),
        base_after_view,
        x=normal(2, 3),
        label=f"row = a.select(0, 0); {code}",
    )
    case(op, f"noGrad(() => x{code[1:]}); return x.mul(x)", on_leaf, x=normal(2, 3))
    if op == "relu_":
        continue  # it keeps its result, so PyTorch refuses the second write
    first, second = "a.select(0, 0)" + code[1:], "a.select(1, 1)" + code[1:]
    case(
        op,
        body(f"{first}; const b = a.exp(); {second}", "[a, b]"),
        twice,
        x=normal(2, 2),
        label=f"{first}; b = a.exp(); {second}",
    )


def masked(x, m):
    a = x * 2
    a.masked_fill_(m, 7)
    return [a, a * a]


case("maskedFill_", body("a.maskedFill_(m, 7)", "[a, a.mul(a)]"), masked, x=normal(2, 3), m=bools(2, 3))
case("maskedFill_", body("a.maskedFill_(m, 7)", "[a, a.mul(a)]"), masked, x=normal(2, 3), m=bools(3))


def masked_view(x, m):
    a = x * 2
    a[0].masked_fill_(m, -1)
    return a * x


case("maskedFill_", body("a.select(0, 0).maskedFill_(m, -1)", "a.mul(x)"), masked_view, x=normal(2, 3), m=bools(3))


def masked_scalar(x):
    a = x * 2
    a.masked_fill_(a > 0, 0.25)
    return [a, a * x]


def copied_scalar(x, y):
    a = x * 2
    a.copy_(y)
    return [a, a * x]


# A tensor of rank 0 has one element to write as well.
case("maskedFill_", body("a.maskedFill_(a.gt(0), 0.25)", "[a, a.mul(x)]"), masked_scalar, x=positive())
case("copy_", body("a.copy_(y)", "[a, a.mul(x)]"), copied_scalar, x=normal(), y=normal())
case("clamp_", "x.mul(2).clamp_(-0.1, 0.1)", lambda x: (x * 2).clamp_(-0.1, 0.1), x=positive())


# Writing another tensor into a part.
def copy_row(x, v):
    a = x * 2
    a.select(0, 1).copy_(v)
    return a * x


def copy_columns(x, v):
    a = x * 2
    a.narrow(1, 0, 2).copy_(v)
    return [a, a.sum(0)]


def copy_into_zeros(x, v):
    a = torch.zeros(3, 2, dtype=x.dtype)
    a.select(0, 0).copy_(x)
    a.select(0, 2).copy_(v)
    return a


def copy_view_of_view(x, v):
    a = x * 2
    a.narrow(0, 0, 1).select(1, 2).copy_(v)
    return a * a


def add_reshape(x, v):
    a = x * 2
    a.view(6).add_(v)
    return a * x


def add_slice(x, v):
    a = x * 2
    a[:, ::2].add_(v)
    return a * x


def mul_diagonal(x, v):
    a = x * 2
    a.diagonal().mul_(v)
    return a * x


def write_view_then_read_view(x, v):
    a = x * 2
    left, right = a.narrow(1, 0, 2), a.narrow(1, 1, 2)
    left.mul_(v)
    return [right, left * 3]


def chunks(x, v):
    a = x * 2
    for i, part in enumerate([a[0], a[1]]):
        part.add_(v * (i + 1))
    return a


case("copy_", body("a.select(0, 1).copy_(v)", "a.mul(x)"), copy_row, x=normal(2, 3), v=normal(3))
case("copy_", body("a.select(0, 1).copy_(v)", "a.mul(x)"), copy_row, x=normal(2, 3), v=normal())
case("copy_", body("a.narrow(1, 0, 2).copy_(v)", "[a, a.sum(0)]"), copy_columns, x=normal(2, 3), v=normal(2, 2))
case("copy_", body("a.narrow(1, 0, 2).copy_(v)", "[a, a.sum(0)]"), copy_columns, x=normal(2, 3), v=normal(2))
case(
    "copy_",
    "const a = zeros([3, 2], { dtype: $dtype }); a.select(0, 0).copy_(x); a.select(0, 2).copy_(v); return a",
    lambda x, v, dtype: copy_into_zeros(x, v),
    x=normal(2),
    v=normal(2),
    label="rows of zeros",
)
case(
    "copy_",
    body("a.narrow(0, 0, 1).select(1, 2).copy_(v)", "a.mul(a)"),
    copy_view_of_view,
    x=normal(2, 3),
    v=normal(1),
    label="a view of a view",
)
case("add_", body("a.view(6).add_(v)", "a.mul(x)"), add_reshape, x=normal(2, 3), v=normal(6))
case("add_", body("a.slice(1, 0, null, 2).add_(v)", "a.mul(x)"), add_slice, x=normal(2, 3), v=normal(2))
case("mul_", body("a.diagonal().mul_(v)", "a.mul(x)"), mul_diagonal, x=normal(3, 3), v=normal(3))
case(
    "mul_",
    body("const left = a.narrow(1, 0, 2), right = a.narrow(1, 1, 2); left.mul_(v)", "[right, left.mul(3)]"),
    write_view_then_read_view,
    x=normal(2, 3),
    v=normal(2),
    label="one view written, an overlapping one read",
)
case(
    "add_",
    body("for (let i = 0; i < 2; i++) a.select(0, i).add_(v.mul(i + 1))", "a"),
    chunks,
    x=normal(2, 3),
    v=normal(3),
    label="row after row",
)
case(
    "copy_",
    "const a = x.mul(2); a.select(0, 0).copy_(a.select(0, 1)); return a.mul(x)",
    lambda x: (lambda a: (a[0].copy_(a[1]), a * x)[1])(x * 2),
    x=normal(2, 3),
    label="row 1 over row 0",
)


def accumulate(x):
    total = torch.zeros(3, dtype=x.dtype)
    for i in range(4):
        total.add_(x * (i + 1))
    return total * total


case(
    "add_",
    "const total = zeros([3], { dtype: $dtype }); for (let i = 0; i < 4; i++) total.add_(x.mul(i + 1)); return total.mul(total)",
    lambda x, dtype: accumulate(x),
    x=normal(3),
    label="a running total",
)
case("add_", "x.exp().add_(1).log()", lambda x: x.exp().mul(1).add_(1).log(), x=normal(3).constant())
case(
    "relu_", "x.mul(w).add_(b).relu_()", lambda x, w, b: (x * w).add_(b).relu_(), x=normal(4), w=normal(4), b=normal(4)
)
case("mul_", "x.add(1).mul_(y).sub_(y)", lambda x, y: (x + 1).mul_(y).sub_(y), x=normal(4), y=normal(4))
case("div_", "x.add(0).div_(y)", lambda x, y: (x + 0).div_(y), x=normal(4), y=positive(4))
case("clamp_", "x.add(0).clamp_(-2, 2)", lambda x: (x + 0).clamp_(-2, 2), x=spread(6))
case("clamp_", "x.add(0).clamp_({ min: 0 })", lambda x: (x + 0).clamp_(min=0), x=spread(6))

# Data that is not differentiated.
case("add_", "x.add_(1)", lambda x: x.add_(1), x=ints(0, 9, 3))
case("mul_", "x.mul_(2)", lambda x: x.mul_(2), x=ints(0, 9, 3))
case("fill_", "x.fill_(1)", lambda x: x.fill_(1), x=bools(3))
case("zero_", "x.zero_()", lambda x: x.zero_(), x=ints(0, 9, 3))
case("copy_", "x.copy_(y)", lambda x, y: x.copy_(y), x=ints(0, 9, 3), y=literal([1.7, -1.7, 3.0]).constant())
case("copy_", "x.copy_(y)", lambda x, y: x.copy_(y), x=normal(3).constant(), y=ints(0, 9, 3))
case(
    "add_",
    "x.add_(y)",
    lambda x, y: x.add_(y),
    x=normal(3).of("float32").constant(),
    y=normal(3).of("float64").constant(),
)
case("mul_", "x.detach().mul_(y)", lambda x, y: x.detach().clone().mul_(y), x=normal(3).constant(), y=ints(1, 4, 3))
case(
    "add_",
    "const base = x.clone(); base.t().select(0, 1).add_(10); base.view(6).narrow(0, 4, 2).zero_(); return base",
    lambda x: (lambda b: (b.t()[1].add_(10), b.view(6)[4:].zero_(), b)[2])(x.clone()),
    x=normal(2, 3).constant(),
    label="views share storage",
)
case(
    "detach",
    "const a = x.mul(1); a.detach().add_(1); return a",
    lambda x: (lambda a: (a.detach().add_(1), a)[1])(x * 1),
    x=normal(3),
    label="detach shares storage",
)
case(
    "zero_",
    "x.mul(3).sum().backward(); x.grad.zero_(); x.mul(2).sum().backward(); return x.grad",
    lambda x: torch.full_like(x, 2),
    x=normal(3).of("float64"),
    label="x.grad.zero_()",
    second=False,
)
