"""Custom Functions: what their forward keeps, what their backward gives, what their context knows."""

from torch import autograd

from declare import Family
from specs import normal, positive

family = Family("functions")
case = family.case


class Cube(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.pow(3)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * x.pow(2) * 3


CUBE = (
    "class Cube extends autograd.Function {"
    " static forward(ctx, x) { ctx.saveForBackward(x); return x.pow(3); }"
    " static backward(ctx, grad) { const [x] = ctx.savedTensors; return grad.mul(x.pow(2)).mul(3); } } "
)


class Scaled(autograd.Function):
    @staticmethod
    def forward(ctx, x, y, factor):
        ctx.save_for_backward(x, y)
        ctx.factor = factor
        return x * y * factor

    @staticmethod
    def backward(ctx, grad):
        x, y = ctx.saved_tensors
        return grad * y * ctx.factor, grad * x * ctx.factor, None


SCALED = (
    "class Scaled extends autograd.Function {"
    " static forward(ctx, x, y, factor) { ctx.saveForBackward(x, y); ctx.factor = factor; return x.mul(y).mul(factor); }"
    " static backward(ctx, grad) { const [x, y] = ctx.savedTensors;"
    " return [grad.mul(y).mul(ctx.factor), grad.mul(x).mul(ctx.factor), null]; } } "
)


class SinCos(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sin(), x.cos()

    @staticmethod
    def backward(ctx, from_sin, from_cos):
        (x,) = ctx.saved_tensors
        return from_sin * x.cos() - from_cos * x.sin()


SINCOS = (
    "class SinCos extends autograd.Function {"
    " static forward(ctx, x) { ctx.saveForBackward(x); return [x.sin(), x.cos()]; }"
    " static backward(ctx, fromSin, fromCos) { const [x] = ctx.savedTensors;"
    " return [fromSin.mul(x.cos()).sub(fromCos.mul(x.sin()))]; } } "
)


class Straight(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.round()

    @staticmethod
    def backward(ctx, grad):
        return grad


STRAIGHT = (
    "class Straight extends autograd.Function {"
    " static forward(ctx, x) { return x.round(); } static backward(ctx, grad) { return grad; } } "
)


class Wrong(autograd.Function):
    """A wrong gradient is used as it is: the check finds it, the pass does not."""

    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 5


WRONG = (
    "class Wrong extends autograd.Function {"
    " static forward(ctx, x) { return x.mul(2); } static backward(ctx, grad) { return [grad.mul(5)]; } } "
)

CUSTOM = [
    (CUBE + "return Cube.apply(x)", lambda x, y: Cube.apply(x), "Cube"),
    (CUBE + "return Cube.apply(Cube.apply(x)).mul(y)", lambda x, y: Cube.apply(Cube.apply(x)) * y, "Cube of Cube"),
    (
        CUBE + "const h = x.mul(y); return Cube.apply(h).add(h)",
        lambda x, y: (lambda h: Cube.apply(h) + h)(x * y),
        "Cube in a graph",
    ),
    (SCALED + "return Scaled.apply(x, y, 2.5)", lambda x, y: Scaled.apply(x, y, 2.5), "Scaled"),
    (
        SCALED + "return Scaled.apply(x, y.detach(), 2)",
        lambda x, y: Scaled.apply(x, y.detach(), 2),
        "Scaled, one constant",
    ),
    (SCALED + "return Scaled.apply(x, x, 2)", lambda x, y: Scaled.apply(x, x, 2), "Scaled, the same twice"),
    (SINCOS + "return SinCos.apply(x)", lambda x, y: SinCos.apply(x), "SinCos"),
    (
        SINCOS + "const [s] = SinCos.apply(x); return s.mul(y)",
        lambda x, y: SinCos.apply(x)[0] * y,
        "SinCos, one output unused",
    ),
    (
        SINCOS + "const [s, c] = SinCos.apply(x); return s.mul(c)",
        lambda x, y: (lambda r: r[0] * r[1])(SinCos.apply(x)),
        "SinCos, both",
    ),
    (STRAIGHT + "return Straight.apply(x.mul(y))", lambda x, y: Straight.apply(x * y), "straight through"),
    (WRONG + "return Wrong.apply(x).mul(y)", lambda x, y: Wrong.apply(x) * y, "a wrong gradient"),
]
for code, function, label in CUSTOM:
    case("autograd.Function", code, function, x=normal(3), y=positive(3), label=label)


class Broadcast(autograd.Function):
    """A gradient that has grown by broadcasting is summed back to its argument's shape."""

    @staticmethod
    def forward(ctx, x):
        return x.expand(2, 3) * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2


case(
    "autograd.Function",
    "class Broadcast extends autograd.Function {"
    " static forward(ctx, x) { return x.expand(2, 3).mul(2); } static backward(ctx, grad) { return [grad.mul(2)]; } }"
    " return Broadcast.apply(x)",
    lambda x: Broadcast.apply(x),
    x=normal(3),
    label="a gradient that broadcasts",
)


class Picky(autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * y

    @staticmethod
    def backward(ctx, grad):
        x, y = ctx.saved_tensors
        return (grad * y if ctx.needs_input_grad[0] else None, grad * x if ctx.needs_input_grad[1] else None)


PICKY = (
    "class Picky extends autograd.Function {"
    " static forward(ctx, x, y) { ctx.saveForBackward(x, y); return x.mul(y); }"
    " static backward(ctx, grad) { const [x, y] = ctx.savedTensors;"
    " return [ctx.needsInputGrad[0] ? grad.mul(y) : null, ctx.needsInputGrad[1] ? grad.mul(x) : null]; } } "
)
case(
    "autograd.Function",
    PICKY + "return Picky.apply(x, y)",
    Picky.apply,
    x=normal(3),
    y=normal(3),
    label="needsInputGrad",
)
case(
    "autograd.Function",
    PICKY + "return Picky.apply(x, y)",
    Picky.apply,
    x=normal(3),
    y=normal(3).constant(),
    label="needsInputGrad, one constant",
)


class WithCount(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        positive_ones = (x > 0).sum()
        ctx.mark_non_differentiable(positive_ones)
        return x * 2, positive_ones

    @staticmethod
    def backward(ctx, grad, _):
        return grad * 2


case(
    "autograd.Function",
    "class WithCount extends autograd.Function {"
    " static forward(ctx, x) { const n = x.gt(0).sum(); ctx.markNonDifferentiable(n); return [x.mul(2), n]; }"
    " static backward(ctx, grad) { return [grad.mul(2)]; } } return WithCount.apply(x)",
    WithCount.apply,
    x=normal(4),
    label="an output that is not differentiable",
)


class Doubled(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        x.mul_(2)
        return x

    @staticmethod
    def backward(ctx, grad):
        return grad * 2


case(
    "autograd.Function",
    "class Doubled extends autograd.Function {"
    " static forward(ctx, x) { ctx.markDirty(x); x.mul_(2); return x; }"
    " static backward(ctx, grad) { return [grad.mul(2)]; } }"
    " const a = x.exp().add(0); const b = Doubled.apply(a); return [b, a.mul(x)]",
    lambda x: (lambda a: (lambda b: [b, a * x])(Doubled.apply(a)))(x.exp() + 0),
    x=normal(3),
    label="markDirty",
    second=False,
)
