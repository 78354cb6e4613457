"""Making tensors: values, shapes, dtypes."""

import torch

from declare import Family
from specs import bools, ints, literal, normal

family = Family("creation")
case = family.case

# A tensor from nested arrays: numbers are float32 unless a dtype is named, booleans are bool.
for data, dtype in [
    (3.5, torch.float32),
    ([], torch.float32),
    ([1, 2, 3], torch.float32),
    ([[1, 2], [3, 4]], torch.float32),
    ([[[0.5], [1.5]], [[2.5], [-3.5]]], torch.float32),
    ([[], []], torch.float32),
    ([0.1, 1e-40, 3.4e38], torch.float32),
    (True, torch.bool),
    ([True, False], torch.bool),
    ([[True], [False]], torch.bool),
]:
    text = str(data).replace("True", "true").replace("False", "false")
    case("tensor", f"tensor({text})", lambda data=data, dtype=dtype: torch.tensor(data, dtype=dtype))

for name in ("float32", "float64", "int64", "bool"):
    dtype = getattr(torch, name)
    option = f'{{ dtype: "{name}" }}'
    case("tensor", f"tensor([0, 1, 2], {option})", lambda dtype=dtype: torch.tensor([0, 1, 2], dtype=dtype))
    case("tensor", f"tensor(1, {option})", lambda dtype=dtype: torch.tensor(1, dtype=dtype))
    case("tensor", f"tensor([true, false], {option})", lambda dtype=dtype: torch.tensor([True, False], dtype=dtype))
    case("zeros", f"zeros([2, 3], {option})", lambda dtype=dtype: torch.zeros(2, 3, dtype=dtype))
    case("ones", f"ones([3, 1], {option})", lambda dtype=dtype: torch.ones(3, 1, dtype=dtype))
    case("full", f"full([2, 2], 1, {option})", lambda dtype=dtype: torch.full((2, 2), 1, dtype=dtype))
    case("eye", f"eye(3, {option})", lambda dtype=dtype: torch.eye(3, dtype=dtype))
    if name != "bool":
        case("arange", f"arange(0, 5, 1, {option})", lambda dtype=dtype: torch.arange(0, 5, 1, dtype=dtype))
        case("arange", f"arange(7, -2, -3, {option})", lambda dtype=dtype: torch.arange(7, -2, -3, dtype=dtype))
    if name.startswith("float"):
        case("full", f"full([3], 0.1, {option})", lambda dtype=dtype: torch.full((3,), 0.1, dtype=dtype))
        case("full", f"full([], Infinity, {option})", lambda dtype=dtype: torch.full((), float("inf"), dtype=dtype))
        case("arange", f"arange(0, 1, 0.25, {option})", lambda dtype=dtype: torch.arange(0, 1, 0.25, dtype=dtype))
        case("arange", f"arange(1, 1, 1, {option})", lambda dtype=dtype: torch.arange(1, 1, 1, dtype=dtype))
        case("arange", f"arange(-1, 1.1, 0.3, {option})", lambda dtype=dtype: torch.arange(-1, 1.1, 0.3, dtype=dtype))
        for start, end, steps in [(0, 1, 5), (-3, 3, 4), (2, -1, 3), (1, 9, 1), (0, 1, 0), (0, 0.3, 7)]:
            case(
                "linspace",
                f"linspace({start}, {end}, {steps}, {option})",
                lambda s=start, e=end, n=steps, dtype=dtype: torch.linspace(s, e, n, dtype=dtype),
            )

for shape in ([], [0], [2, 0, 3], [1], [4], [2, 1, 2]):
    case("zeros", f"zeros({shape})", lambda shape=shape: torch.zeros(shape))
    case("ones", f"ones({shape})", lambda shape=shape: torch.ones(shape))
case("eye", "eye(4)", lambda: torch.eye(4))
case("eye", "eye(1)", lambda: torch.eye(1))
case("linspace", "linspace(0, 1, 3)", lambda: torch.linspace(0, 1, 3))
case("arange", "arange(0, 1, 0.5)", lambda: torch.arange(0, 1, 0.5))
# Whether JavaScript's 5 means an integer is not for the oracle to say.
case("arange", "arange(0, 5, 2)", lambda: torch.arange(0, 5, 2), dtype="any")
case("full", "full([2], 0.5)", lambda: torch.full((2,), 0.5))
case("full", "full([2], 3)", lambda: torch.full((2,), 3), dtype="any")

for spec, name in [(normal(2, 3), "x"), (ints(0, 9, 3), "ids"), (bools(2, 2), "mask"), (normal(0, 2), "none")]:
    case("zerosLike", "zerosLike(x)", lambda x: torch.zeros_like(x), x=spec, label=f"zerosLike(x) of {name}")
    case("onesLike", "onesLike(x)", lambda x: torch.ones_like(x), x=spec, label=f"onesLike(x) of {name}")

# A leaf made with requiresGrad collects a gradient.
case(
    "tensor",
    "const w = tensor([1, 2, 3], { requiresGrad: true }); w.mul(x).sum().backward(); return w.grad",
    lambda x: x.detach().clone(),
    x=normal(3).of("float32").constant(),
    label="requiresGrad",
)
for maker in ("zeros", "ones"):
    case(
        maker,
        f"const w = {maker}([2], {{ requiresGrad: true, dtype: $dtype }}); w.add(x).pow(2).sum().backward(); return w.grad",
        lambda x, dtype, maker=maker: 2 * (getattr(torch, maker)(2, dtype=dtype) + x.detach()),
        x=normal(2).constant(),
        label="requiresGrad",
    )

# Random numbers differ from PyTorch's; their shapes, dtypes and ranges do not.
for code, shape, dtype in [
    ("randn([2, 3])", (2, 3), torch.float32),
    ("randn([0])", (0,), torch.float32),
    ('randn([], { dtype: "float64" })', (), torch.float64),
    ("rand([4])", (4,), torch.float32),
    ('rand([2, 2], { dtype: "float64" })', (2, 2), torch.float64),
    ("randint(0, 5, [6])", (6,), torch.int64),
]:
    maker = code.split("(")[0]
    case(
        maker,
        f"const r = {code}; return zerosLike(r)",
        lambda shape=shape, dtype=dtype: torch.zeros(shape, dtype=dtype),
    )
case(
    "manualSeed",
    "manualSeed(3); const a = randn([5]); const b = randn([5]); manualSeed(3); const c = randn([5]);"
    " return [a.eq(c).sum(), a.eq(b).sum()]",
    lambda: [torch.tensor(5), torch.tensor(0)],
    label="same seed, same numbers",
)
case(
    "rand",
    "const r = rand([200]); return [r.ge(0).logicalAnd(r.lt(1)).sum()]",
    lambda: [torch.tensor(200)],
    label="in [0, 1)",
)
case(
    "randint",
    "const r = randint(-2, 3, [200]); return [r.ge(-2).logicalAnd(r.lt(3)).sum(), r.min(), r.max()]",
    lambda: [torch.tensor(200), torch.tensor(-2), torch.tensor(2)],
    label="in [low, high)",
)

# Conversions.
for source, spec in [
    ("float32", normal(3).of("float32")),
    ("float64", normal(3).of("float64")),
    ("int64", ints(-3, 4, 3)),
    ("bool", bools(3)),
]:
    case("float", "x.float()", lambda x: x.float(), x=spec, label=f"{source}.float()")
    case("double", "x.double()", lambda x: x.double(), x=spec, label=f"{source}.double()")
    for target in ("float32", "float64"):
        case(
            "to",
            f'x.to("{target}")',
            lambda x, target=target: x.to(getattr(torch, target)),
            x=spec,
            label=f"{source}.to({target})",
        )
for target, code in [("int64", "x.long()"), ("bool", "x.bool()"), ("int64", 'x.to("int64")'), ("bool", 'x.to("bool")')]:
    case(
        "to",
        code,
        lambda x, target=target: x.to(getattr(torch, target)),
        x=literal([-2.7, -0.5, 0.0, 0.5, 3.99]).of("float32"),
    )

case("clone", "x.clone()", lambda x: x.clone(), x=normal(2, 3))
case("clone", "x.t().clone()", lambda x: x.t().clone(), x=normal(2, 3))
case("contiguous", "x.t().contiguous()", lambda x: x.t().contiguous(), x=normal(2, 3))
case("detach", "x.mul(x.detach())", lambda x: x * x.detach(), x=normal(3))
case("item", "x.item()", lambda x: x.item(), x=normal().constant().of("float64"))
case("item", "x.item()", lambda x: x.item(), x=normal(1, 1).constant().of("float64"))
case("item", "x.item()", lambda x: x.item(), x=ints(3, 9))
case("shape", "[...x.shape]", lambda x: list(x.shape), x=normal(2, 0, 3).of("float32"))
