"""Elementwise functions: each of them alone, broadcasting, numbers as operands, promotion, kinks, special values."""

import torch
import torch.nn.functional as F

from declare import Family
from specs import Spec, bools, distinct, ints, literal, nonzero, normal, positive, spread, tied, unit

family = Family("elementwise")
case = family.case


def apart(*shape):
    """Values away from every integer and half: nothing rounds differently, no kink is near."""
    return Spec(
        shape, lambda rng, count: [rng.randrange(-3, 3) + round(rng.uniform(0.1, 0.4), 3) for _ in range(count)]
    )


def above_one(*shape):
    return Spec(shape, lambda rng, count: [round(rng.uniform(1.1, 4), 3) for _ in range(count)])


# ----------------------------------------------------------------- functions of one tensor

UNARY = [
    # op           JavaScript            PyTorch                              where it is defined
    ("neg", "x.neg()", lambda x: -x, normal),
    ("abs", "x.abs()", lambda x: x.abs(), nonzero),
    ("sign", "x.sign()", lambda x: x.sign(), nonzero),
    ("floor", "x.floor()", lambda x: x.floor(), apart),
    ("ceil", "x.ceil()", lambda x: x.ceil(), apart),
    ("round", "x.round()", lambda x: x.round(), apart),
    ("trunc", "x.trunc()", lambda x: x.trunc(), apart),
    ("exp", "x.exp()", lambda x: x.exp(), normal),
    ("expm1", "x.expm1()", lambda x: x.expm1(), normal),
    ("log", "x.log()", lambda x: x.log(), positive),
    ("log1p", "x.log1p()", lambda x: x.log1p(), positive),
    ("log2", "x.log2()", lambda x: x.log2(), positive),
    ("log10", "x.log10()", lambda x: x.log10(), positive),
    ("sqrt", "x.sqrt()", lambda x: x.sqrt(), positive),
    ("rsqrt", "x.rsqrt()", lambda x: x.rsqrt(), positive),
    ("reciprocal", "x.reciprocal()", lambda x: x.reciprocal(), nonzero),
    ("square", "x.square()", lambda x: x.square(), normal),
    ("erf", "x.erf()", lambda x: x.erf(), normal),
    ("sin", "x.sin()", lambda x: x.sin(), spread),
    ("cos", "x.cos()", lambda x: x.cos(), spread),
    ("tan", "x.tan()", lambda x: x.tan(), unit),
    ("asin", "x.asin()", lambda x: x.asin(), unit),
    ("atan", "x.atan()", lambda x: x.atan(), spread),
    ("sinh", "x.sinh()", lambda x: x.sinh(), normal),
    ("cosh", "x.cosh()", lambda x: x.cosh(), normal),
    ("tanh", "x.tanh()", lambda x: x.tanh(), normal),
    ("sigmoid", "x.sigmoid()", lambda x: x.sigmoid(), spread),
    ("relu", "x.relu()", lambda x: x.relu(), nonzero),
    ("F.relu", "F.relu(x)", F.relu, nonzero),
    ("F.relu6", "F.relu6(x)", F.relu6, lambda *s: Spec(s, lambda r, n: [round(r.uniform(-3, 9), 3) for _ in range(n)])),
    ("F.leakyRelu", "F.leakyRelu(x)", F.leaky_relu, nonzero),
    ("F.elu", "F.elu(x)", F.elu, spread),
    ("F.selu", "F.selu(x)", F.selu, spread),
    ("F.gelu", "F.gelu(x)", F.gelu, spread),
    ("F.silu", "F.silu(x)", F.silu, spread),
    ("F.softplus", "F.softplus(x)", F.softplus, spread),
    ("F.sigmoid", "F.sigmoid(x)", torch.sigmoid, spread),
    ("F.logsigmoid", "F.logsigmoid(x)", F.logsigmoid, spread),
    ("F.hardtanh", "F.hardtanh(x, -1, 1)", F.hardtanh, spread),
]
for op, code, function, domain in UNARY:
    for shape in ((5,), (), (2, 3)):
        case(op, code, lambda x, f=function: f(x), x=domain(*shape))
    case(op, code, lambda x, f=function: f(x), x=domain(0, 3), dtypes=("float32",))

# Through a view: strides that are not those of a fresh tensor.
for op, code, function, domain in UNARY[:12]:
    case(op, code.replace("x.", "x.t()."), lambda x, f=function: f(x.t()), x=domain(2, 3), dtypes=("float64",))

# What a port reaches for next.
GUESSED = [
    ("acos", "x.acos()", lambda x: x.acos(), unit),
    ("acosh", "x.acosh()", lambda x: x.acosh(), above_one),
    ("asinh", "x.asinh()", lambda x: x.asinh(), normal),
    ("atanh", "x.atanh()", lambda x: x.atanh(), unit),
    ("erfc", "x.erfc()", lambda x: x.erfc(), normal),
    ("exp2", "x.exp2()", lambda x: x.exp2(), normal),
    ("F.tanh", "F.tanh(x)", torch.tanh, normal),
    ("F.mish", "F.mish(x)", F.mish, spread),
    ("F.hardsigmoid", "F.hardsigmoid(x)", F.hardsigmoid, normal),
    ("F.hardswish", "F.hardswish(x)", F.hardswish, normal),
    ("F.softsign", "F.softsign(x)", F.softsign, nonzero),
]
for op, code, function, domain in GUESSED:
    # PyTorch 1.13 holds hardsigmoid's 1/6 in single precision.
    tolerance = {"relative": 1e-7, "absolute": 1e-7} if op == "F.hardsigmoid" else None
    case(op, code, lambda x, f=function: f(x), x=domain(4), tolerance=tolerance)

OPTIONS = [
    ("F.leakyRelu", "F.leakyRelu(x, 0.2)", lambda x: F.leaky_relu(x, 0.2)),
    ("F.elu", "F.elu(x, 1.7)", lambda x: F.elu(x, 1.7)),
    ("F.gelu", 'F.gelu(x, { approximate: "tanh" })', lambda x: F.gelu(x, approximate="tanh")),
    ("F.softplus", "F.softplus(x, { beta: 2 })", lambda x: F.softplus(x, beta=2)),
    ("F.softplus", "F.softplus(x, { threshold: 3 })", lambda x: F.softplus(x, threshold=3)),
    ("F.softplus", "F.softplus(x, { beta: 0.5, threshold: 1 })", lambda x: F.softplus(x, beta=0.5, threshold=1)),
    ("F.hardtanh", "F.hardtanh(x, -2.5, 0.5)", lambda x: F.hardtanh(x, -2.5, 0.5)),
    ("clamp", "x.clamp(-1, 2)", lambda x: x.clamp(-1, 2)),
    ("clamp", "x.clamp({ min: -1 })", lambda x: x.clamp(min=-1)),
    ("clamp", "x.clamp({ max: 0.5 })", lambda x: x.clamp(max=0.5)),
    ("clamp", "x.clamp({ min: -0.5, max: 0.5 })", lambda x: x.clamp(min=-0.5, max=0.5)),
    ("clamp", "x.clamp(2, -1)", lambda x: x.clamp(2, -1)),
]
for op, code, function in OPTIONS:
    case(op, code, lambda x, f=function: f(x), x=spread(2, 4))

# Where a derivative does not exist, PyTorch has chosen one.
KINKS = [
    ("abs", "x.abs()", lambda x: x.abs(), [-1.0, 0.0, 2.0]),
    ("sign", "x.sign()", lambda x: x.sign(), [-1.0, 0.0, 2.0]),
    ("relu", "x.relu()", lambda x: x.relu(), [-1.0, 0.0, 2.0]),
    ("F.relu6", "F.relu6(x)", F.relu6, [-1.0, 0.0, 6.0, 7.0]),
    ("F.leakyRelu", "F.leakyRelu(x)", F.leaky_relu, [-1.0, 0.0, 2.0]),
    ("F.elu", "F.elu(x, 2)", lambda x: F.elu(x, 2.0), [-1.0, 0.0, 2.0]),
    ("F.selu", "F.selu(x)", F.selu, [-1.0, 0.0, 2.0]),
    ("F.hardtanh", "F.hardtanh(x, -1, 1)", F.hardtanh, [-1.0, 0.0, 1.0, 1.5]),
    ("clamp", "x.clamp(-1, 1)", lambda x: x.clamp(-1, 1), [-2.0, -1.0, 0.0, 1.0, 2.0]),
    ("round", "x.round()", lambda x: x.round(), [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5]),
    ("floor", "x.floor()", lambda x: x.floor(), [-2.0, -0.5, 0.0, 1.0]),
    ("ceil", "x.ceil()", lambda x: x.ceil(), [-2.0, -0.5, 0.0, 1.0]),
    ("trunc", "x.trunc()", lambda x: x.trunc(), [-2.7, -0.5, 0.0, 1.9]),
    ("sqrt", "x.sqrt()", lambda x: x.sqrt(), [0.0, 4.0]),
    ("square", "x.square()", lambda x: x.square(), [0.0, -3.0]),
    ("F.softplus", "F.softplus(x)", F.softplus, [0.0, 20.0, 21.0, -40.0]),
    ("F.logsigmoid", "F.logsigmoid(x)", F.logsigmoid, [0.0, 60.0, -60.0, 800.0, -800.0]),
    ("sigmoid", "x.sigmoid()", lambda x: x.sigmoid(), [0.0, 60.0, -60.0, 800.0, -800.0]),
    ("tanh", "x.tanh()", lambda x: x.tanh(), [0.0, 30.0, -30.0, 800.0, 0.001]),
    ("F.gelu", "F.gelu(x)", F.gelu, [0.0, 10.0, -10.0, -3.0]),
    ("F.gelu", 'F.gelu(x, { approximate: "tanh" })', lambda x: F.gelu(x, approximate="tanh"), [0.0, 10.0, -10.0]),
    ("F.silu", "F.silu(x)", F.silu, [0.0, 100.0, -100.0]),
    ("expm1", "x.expm1()", lambda x: x.expm1(), [0.0, 1e-6, -1e-6, 5.0]),
    ("log1p", "x.log1p()", lambda x: x.log1p(), [0.0, 1e-6, -1e-6, 5.0]),
    ("erf", "x.erf()", lambda x: x.erf(), [0.0, 1e-6, 3.0, -3.0, 7.0]),
    ("pow", "x.pow(2)", lambda x: x.pow(2), [-2.0, 0.0, 3.0]),
    ("pow", "x.pow(1)", lambda x: x.pow(1), [-2.0, 0.0, 3.0]),
    ("pow", "x.pow(0)", lambda x: x.pow(0), [-2.0, 0.0, 3.0]),
    ("pow", "x.pow(3)", lambda x: x.pow(3), [-2.0, 0.0, 3.0]),
    ("pow", "x.pow(-1)", lambda x: x.pow(-1), [-2.0, 0.5, 3.0]),
    ("pow", "x.pow(0.5)", lambda x: x.pow(0.5), [4.0, 0.0, 2.0]),
]
for op, code, function, values in KINKS:
    # Second derivatives jump there, and no convention is better than another.
    jumps = op in ("F.elu", "F.selu", "F.softplus")
    case(op, code, lambda x, f=function: f(x), x=literal(values), label=f"{code} at its kinks", second=not jumps)

SPECIAL = [float("nan"), float("inf"), float("-inf"), 0.0, 1.0, -1.0]
for op, code, function in [
    ("neg", "x.neg()", lambda x: -x),
    ("abs", "x.abs()", lambda x: x.abs()),
    ("sign", "x.sign()", lambda x: x.sign()),
    ("floor", "x.floor()", lambda x: x.floor()),
    ("round", "x.round()", lambda x: x.round()),
    ("exp", "x.exp()", lambda x: x.exp()),
    ("expm1", "x.expm1()", lambda x: x.expm1()),
    ("log", "x.log()", lambda x: x.log()),
    ("log1p", "x.log1p()", lambda x: x.log1p()),
    ("sqrt", "x.sqrt()", lambda x: x.sqrt()),
    ("rsqrt", "x.rsqrt()", lambda x: x.rsqrt()),
    ("reciprocal", "x.reciprocal()", lambda x: x.reciprocal()),
    ("square", "x.square()", lambda x: x.square()),
    ("erf", "x.erf()", lambda x: x.erf()),
    ("sin", "x.sin()", lambda x: x.sin()),
    ("atan", "x.atan()", lambda x: x.atan()),
    ("tanh", "x.tanh()", lambda x: x.tanh()),
    ("sigmoid", "x.sigmoid()", lambda x: x.sigmoid()),
    ("relu", "x.relu()", lambda x: x.relu()),
    ("clamp", "x.clamp(-1, 1)", lambda x: x.clamp(-1, 1)),
    ("F.softplus", "F.softplus(x)", F.softplus),
    ("maximum", "x.maximum(x.mul(0))", lambda x: torch.maximum(x, x * 0)),
    ("gt", "x.gt(0)", lambda x: x.gt(0)),
    ("eq", "x.eq(x)", lambda x: x.eq(x)),
    ("where", "where(x.gt(0), x, 0)", lambda x: torch.where(x > 0, x, torch.zeros((), dtype=x.dtype))),
    ("maskedFill", "x.maskedFill(x.ne(x), 7)", lambda x: x.masked_fill(x.ne(x), 7)),
]:
    # The values; a gradient through NaN and infinities is nobody's contract.
    case(op, code, lambda x, f=function: f(x), x=literal(SPECIAL).constant(), label=f"{code} of NaN and infinities")

# ----------------------------------------------------------------- two operands

BROADCASTS = [
    # left        right
    ((2, 3), (2, 3)),
    ((2, 3), (3,)),
    ((3,), (2, 3)),
    ((2, 3), ()),
    ((), (2, 3)),
    ((), ()),
    ((2, 1), (1, 3)),
    ((1,), (4,)),
    ((2, 1, 3), (4, 1)),
    ((1, 1), (2,)),
    ((0,), (1,)),
    ((2, 0), ()),
    ((0, 3), (1, 3)),
    ((2, 3, 1, 2), (3, 2, 1)),
]
BINARY = [
    # op       JavaScript        PyTorch                            left      right
    ("add", "x.add(y)", lambda x, y: x + y, normal, normal),
    ("sub", "x.sub(y)", lambda x, y: x - y, normal, normal),
    ("mul", "x.mul(y)", lambda x, y: x * y, normal, normal),
    ("div", "x.div(y)", lambda x, y: x / y, normal, nonzero),
    ("pow", "x.pow(y)", lambda x, y: x.pow(y), positive, normal),
    ("maximum", "x.maximum(y)", torch.maximum, normal, normal),
    ("minimum", "x.minimum(y)", torch.minimum, normal, normal),
]
for op, code, function, left, right in BINARY:
    for a, b in BROADCASTS:
        wide = (a, b) in (((2, 3), (3,)), ((2, 1), (1, 3)), ((), ()))
        runs = ("float64", "float32") if wide else ("float64",)
        case(op, code, lambda x, y, f=function: f(x, y), x=left(*a), y=right(*b), dtypes=runs)

for a, b in BROADCASTS[:9]:
    for op, code, function in [
        ("gt", "x.gt(y)", torch.gt),
        ("ge", "x.ge(y)", torch.ge),
        ("le", "x.le(y)", torch.le),
        ("lt", "x.lt(y)", torch.lt),
        ("eq", "x.eq(y)", torch.eq),
        ("ne", "x.ne(y)", torch.ne),
    ]:
        case(op, code, lambda x, y, f=function: f(x, y), x=tied(*a), y=tied(*b), dtypes=("float32",))
case("maximum", "maximum(x, y)", torch.maximum, x=normal(2, 3), y=normal(3))
case("minimum", "minimum(x, y)", torch.minimum, x=normal(2, 3), y=normal(2, 1))
case("maximum", "x.maximum(y)", torch.maximum, x=tied(12), y=tied(12), label="ties share the gradient")
case("minimum", "x.minimum(y)", torch.minimum, x=tied(12), y=tied(12), label="ties share the gradient")
case("add", "x.add(y, { alpha: -2.5 })", lambda x, y: torch.add(x, y, alpha=-2.5), x=normal(2, 3), y=normal(3))
case("sub", "x.sub(y, { alpha: 3 })", lambda x, y: torch.sub(x, y, alpha=3), x=normal(2, 3), y=normal(3))
case("mul", "x.t().mul(y)", lambda x, y: x.t() * y, x=normal(2, 3), y=normal(3, 2))
case("add", "x.add(x.t())", lambda x: x + x.t(), x=normal(3, 3))
case("mul", "x.mul(x)", lambda x: x * x, x=normal(3))
case("div", "x.div(x)", lambda x: x / x, x=nonzero(3))
case("sub", "x.unsqueeze(0).sub(x.unsqueeze(1)).abs()", lambda x: (x[None] - x[:, None]).abs(), x=distinct(4))
case("div", "x.div(y)", lambda x, y: x / y, x=literal([1.0, -1.0, 0.0]).constant(), y=literal([0.0] * 3).constant())
case("pow", "x.pow(y)", torch.pow, x=literal([0.0, 0.0, 2.0, 1.0]), y=literal([0.0, 2.0, 0.0, 5.0]), label="of zeros")
case("pow", "x.pow(y)", torch.pow, x=literal([-2.0, -2.0, -0.5]), y=literal([2.0, 3.0, -1.0]).constant(), label="whole")
case("pow", "x.pow(y)", torch.pow, x=literal([-2.0]).constant(), y=literal([0.5]).constant(), label="NaN")

NUMBERS = [
    ("add", "x.add(2.5)", lambda x: x + 2.5),
    ("add", "x.add(1.5, { alpha: 2 })", lambda x: torch.add(x, 1.5, alpha=2)),
    ("sub", "x.sub(2.5)", lambda x: x - 2.5),
    ("mul", "x.mul(-3)", lambda x: x * -3),
    ("mul", "x.mul(0)", lambda x: x * 0),
    ("div", "x.div(4)", lambda x: x / 4),
    ("pow", "x.pow(2)", lambda x: x.pow(2)),
    ("pow", "x.pow(1.5)", lambda x: x.pow(1.5)),
    ("pow", "x.pow(-2)", lambda x: x.pow(-2)),
    ("pow", "x.pow(0)", lambda x: x.pow(0)),
    ("pow", "x.pow(0.5)", lambda x: x.pow(0.5)),
    ("pow", "pow(2, x)", lambda x: torch.pow(2, x)),
    ("pow", "pow(0.5, x)", lambda x: torch.pow(0.5, x)),
    ("pow", "pow(0, x)", lambda x: torch.pow(0, x)),
    ("pow", "pow(1, x)", lambda x: torch.pow(1, x)),
    ("gt", "x.gt(1)", lambda x: x > 1),
    ("ge", "x.ge(1)", lambda x: x >= 1),
    ("le", "x.le(1)", lambda x: x <= 1),
    ("lt", "x.lt(1)", lambda x: x < 1),
    ("eq", "x.eq(1)", lambda x: x == 1),
    ("ne", "x.ne(1)", lambda x: x != 1),
]
for op, code, function in NUMBERS:
    case(op, code, lambda x, f=function: f(x), x=positive(2, 2))
    if not code.startswith("pow("):
        case(op, code, lambda x, f=function: f(x), x=positive(), dtypes=("float32",))

# ----------------------------------------------------------------- promotion

KINDS = {
    "bool": bools(3),
    "int64": ints(1, 6, 3),
    "float32": positive(3).of("float32"),
    "float64": positive(3).of("float64"),
}
for left, x in KINDS.items():
    for right, y in KINDS.items():
        label = f"{left} with {right}"
        case("add", "x.add(y)", lambda x, y: x + y, x=x, y=y, label=f"add: {label}")
        case("mul", "x.mul(y)", lambda x, y: x * y, x=x, y=y, label=f"mul: {label}")
        case("gt", "x.gt(y)", lambda x, y: x > y, x=x, y=y, label=f"gt: {label}")
        case("eq", "x.eq(y)", lambda x, y: x == y, x=x, y=y, label=f"eq: {label}")
        if right != "bool":
            case("div", "x.div(y)", lambda x, y: x / y, x=x, y=y, label=f"div: {label}")
        if "bool" not in (left, right):
            case("sub", "x.sub(y)", lambda x, y: x - y, x=x, y=y, label=f"sub: {label}")
            # PyTorch takes the logarithm of the base in the base's own dtype.
            tolerance = None if left == right else {"relative": 1e-7, "absolute": 1e-7}
            case("pow", "x.pow(y)", lambda x, y: x.pow(y), x=x, y=y, label=f"pow: {label}", tolerance=tolerance)
            case("maximum", "x.maximum(y)", torch.maximum, x=x, y=y, label=f"maximum: {label}")
        case("where", "where(m, x, y)", torch.where, m=bools(3), x=x, y=y, label=f"where: {label}")
        # A tensor of rank 0 gives way to one with axes, of the same kind of number.
        rank0 = {"bool": bools(), "int64": ints(1, 6)}.get(right) or positive().of(right)
        case("add", "x.add(y)", lambda x, y: x + y, x=x, y=rank0, label=f"add: {left} with rank 0 {right}")

for left, x in KINDS.items():
    case("add", "x.add(2)", lambda x: x + 2, x=x, label=f"{left} + 2")
    case("add", "x.add(2.5)", lambda x: x + 2.5, x=x, label=f"{left} + 2.5")
    case("mul", "x.mul(3)", lambda x: x * 3, x=x, label=f"{left} * 3")
    case("mul", "x.mul(0.5)", lambda x: x * 0.5, x=x, label=f"{left} * 0.5")
    case("div", "x.div(2)", lambda x: x / 2, x=x, label=f"{left} / 2")
    case("gt", "x.gt(1.5)", lambda x: x > 1.5, x=x, label=f"{left} > 1.5")
    if left != "bool":
        case("pow", "x.pow(2)", lambda x: x.pow(2), x=x, label=f"{left} ** 2")
        case("pow", "x.pow(0.5)", lambda x: x.pow(0.5), x=x, label=f"{left} ** 0.5")
        case("neg", "x.neg()", lambda x: -x, x=x, label=f"-{left}")
        case("abs", "x.abs()", lambda x: x.abs(), x=x, label=f"|{left}|")
        case("relu", "x.relu()", lambda x: x.relu(), x=x, label=f"relu({left})")
        case("clamp", "x.clamp(2, 3)", lambda x: x.clamp(2, 3), x=x, label=f"clamp({left})")
        case("square", "x.square()", lambda x: x.square(), x=x, label=f"square({left})")
        case("sign", "x.sign()", lambda x: x.sign(), x=x, label=f"sign({left})")
    for op in ("exp", "log", "sqrt", "sin", "tanh", "sigmoid", "reciprocal", "erf"):
        if left == "bool" and op in ("log", "reciprocal"):
            continue
        case(op, f"x.{op}()", lambda x, op=op: getattr(x, op)(), x=x, label=f"{op}({left})")

# ----------------------------------------------------------------- logic and selection

case("logicalAnd", "a.logicalAnd(b)", torch.logical_and, a=bools(2, 3), b=bools(3))
case("logicalAnd", "a.logicalAnd(b)", torch.logical_and, a=tied(4).constant(), b=ints(0, 2, 4), label="not only bool")
case("logicalOr", "a.logicalOr(b)", torch.logical_or, a=bools(2, 3), b=bools(3))
case("logicalXor", "a.logicalXor(b)", torch.logical_xor, a=bools(2, 3), b=bools(3))
case("logicalNot", "a.logicalNot()", torch.logical_not, a=bools(5))
for m, a, b in [
    ((2, 3), (2, 3), (2, 3)),
    ((3,), (2, 1), ()),
    ((2, 1), (3,), (2, 3)),
    ((), (2,), (2,)),
    ((0,), (1,), ()),
]:
    case("where", "where(m, x, y)", torch.where, m=bools(*m), x=normal(*a), y=normal(*b))
case("where", "where(m, x, 2.5)", lambda m, x: torch.where(m, x, 2.5), m=bools(3), x=normal(3))
case("where", "where(m, -1, x)", lambda m, x: torch.where(m, -1.0, x), m=bools(2, 3), x=normal(3))
case("where", "x.where(m, y)", lambda m, x, y: x.where(m, y), m=bools(2, 3), x=normal(3), y=normal(2, 1))
case("where", "where(x.gt(0), x.log(), 0)", lambda x: torch.where(x > 0, x.log(), 0.0), x=literal([2.0, 0.5, 1.0]))
for x, m in [((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 3), (2, 1)), ((2, 3), ()), ((0, 3), (3,))]:
    case("maskedFill", "x.maskedFill(m, -7)", lambda x, m: x.masked_fill(m, -7), x=normal(*x), m=bools(*m))
case(
    "maskedFill",
    "x.maskedFill(m, -Infinity).softmax(-1)",
    lambda x, m: x.masked_fill(m, float("-inf")).softmax(-1),
    x=normal(2, 4),
    m=literal([[0, 1, 0, 1], [0, 0, 0, 1]], "bool"),
)
case("maskedFill", "x.maskedFill(m, v)", lambda x, m, v: x.masked_fill(m, v), x=normal(2, 3), m=bools(3), v=normal())
case("maskedFill", "x.maskedFill(m, 2)", lambda x, m: x.masked_fill(m, 2), x=ints(0, 9, 4), m=bools(4))

case("lerp", "x.lerp(end, 0.3)", lambda x, end: x.lerp(end, 0.3), x=normal(2, 3), end=normal(2, 3))
case("lerp", "x.lerp(end, 0.75)", lambda x, end: x.lerp(end, 0.75), x=normal(2, 3), end=normal(3))
case("lerp", "x.lerp(end, w)", lambda x, end, w: x.lerp(end, w), x=normal(2, 3), end=normal(2, 3), w=unit(2, 3))
case("lerp", "x.lerp(end, w)", lambda x, end, w: x.lerp(end, w), x=normal(2, 1), end=normal(3), w=normal(2, 3))
case("addcmul", "x.addcmul(a, b)", lambda x, a, b: x.addcmul(a, b), x=normal(2, 3), a=normal(2, 3), b=normal(2, 3))
case(
    "addcmul",
    "x.addcmul(a, b, { value: -0.5 })",
    lambda x, a, b: x.addcmul(a, b, value=-0.5),
    x=normal(3),
    a=normal(2, 1),
    b=normal(2, 3),
)
case("addcdiv", "x.addcdiv(a, b)", lambda x, a, b: x.addcdiv(a, b), x=normal(3), a=normal(3), b=nonzero(3))

# ----------------------------------------------------------------- chains: the same tensor used twice

CHAINS = [
    ("mul", "x.mul(y).add(x).tanh()", lambda x, y: (x * y + x).tanh()),
    ("exp", "x.exp().mul(x.neg().exp()).add(y)", lambda x, y: x.exp() * (-x).exp() + y),
    ("div", "x.sigmoid().div(y.square().add(1))", lambda x, y: x.sigmoid() / (y.square() + 1)),
    ("sqrt", "x.square().add(y.square()).sqrt()", lambda x, y: (x.square() + y.square()).sqrt()),
    ("log", "x.exp().add(y.exp()).log()", lambda x, y: (x.exp() + y.exp()).log()),
]
for op, code, function in CHAINS:
    case(op, code, lambda x, y, f=function: f(x, y), x=nonzero(2, 3), y=nonzero(3))
