"""Optimizers: where twenty steps lead, with every option; learning rates that schedules give."""

import torch
from torch import optim
from torch.optim import lr_scheduler

from declare import ByDtype, Family
from specs import literal, normal

family = Family("optim")
case = family.case

STEPS = 20


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def js(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(js(v) for v in value) + "]"
    return "null" if value is None else str(value)


def js_options(options):
    return "{ " + ", ".join(f"{camel(k)}: {js(v)}" for k, v in options.items()) + " }"


# A loss with a curvature of its own in every direction, coupled, and not convex.
LOSS = "p.sub(goal).square().mul(scale).sum().add(p.mul(q.sum()).sin().sum()).add(q.square().sum())"


def loss_of(p, q, goal, scale):
    return (p - goal).square().mul(scale).sum() + (p * q.sum()).sin().sum() + q.square().sum()


INPUTS = dict(
    p=normal(4),
    q=normal(2),
    goal=literal([1.0, -2.0, 0.5, 0.0]).constant(),
    scale=literal([0.1, 1.0, 3.0, 0.5]).constant(),
)


def trajectory(make, p, q, goal, scale, after=lambda opt: None):
    opt = make([p, q])
    path = []
    for _ in range(STEPS):
        opt.zero_grad()
        loss_of(p, q, goal, scale).backward()
        opt.step()
        after(opt)
        path.append(p.detach().clone())
    return [torch.stack(path), q.detach().clone()]


def train(constructor, after=""):
    return (
        f"const opt = {constructor}; const path = [];"
        f" for (let i = 0; i < {STEPS}; i++) {{"
        f" opt.zeroGrad(); {LOSS}.backward(); opt.step(); {after}path.push(p.detach().clone()); }}"
        " return [stack(path), q.detach()]"
    )


OPTIMIZERS = [
    ("SGD", dict(lr=0.1)),
    ("SGD", dict(lr=0.05, momentum=0.9)),
    ("SGD", dict(lr=0.05, momentum=0.9, dampening=0.5)),
    ("SGD", dict(lr=0.05, momentum=0.9, nesterov=True)),
    ("SGD", dict(lr=0.1, weight_decay=0.1)),
    ("SGD", dict(lr=0.05, momentum=0.8, weight_decay=0.2, nesterov=True)),
    ("SGD", dict(lr=0.05, momentum=0.8, weight_decay=0.2, dampening=0.1)),
    ("SGD", dict(lr=0.01, maximize=True)),
    ("SGD", dict(lr=0.01, momentum=0.5, weight_decay=0.1, maximize=True)),
    ("Adam", dict(lr=0.1)),
    ("Adam", {}),
    ("Adam", dict(lr=0.1, betas=(0.5, 0.9))),
    ("Adam", dict(lr=0.1, eps=0.01)),
    ("Adam", dict(lr=0.1, weight_decay=0.1)),
    ("Adam", dict(lr=0.1, amsgrad=True)),
    ("Adam", dict(lr=0.2, betas=(0.8, 0.7), weight_decay=0.05, amsgrad=True)),
    ("Adam", dict(lr=0.1, maximize=True)),
    ("AdamW", dict(lr=0.1)),
    ("AdamW", {}),
    ("AdamW", dict(lr=0.1, weight_decay=0.3)),
    ("AdamW", dict(lr=0.1, weight_decay=0)),
    ("AdamW", dict(lr=0.1, betas=(0.7, 0.95), eps=0.001, weight_decay=0.1)),
    ("AdamW", dict(lr=0.1, amsgrad=True)),
    ("RMSprop", dict(lr=0.05)),
    ("RMSprop", {}),
    ("RMSprop", dict(lr=0.05, alpha=0.9)),
    ("RMSprop", dict(lr=0.05, eps=0.1)),
    ("RMSprop", dict(lr=0.02, momentum=0.9)),
    ("RMSprop", dict(lr=0.05, centered=True)),
    ("RMSprop", dict(lr=0.05, weight_decay=0.1)),
    ("RMSprop", dict(lr=0.02, alpha=0.95, momentum=0.5, centered=True, weight_decay=0.1)),
    ("Adagrad", dict(lr=0.3)),
    ("Adagrad", {}),
    ("Adagrad", dict(lr=0.3, lr_decay=0.1)),
    ("Adagrad", dict(lr=0.3, weight_decay=0.1)),
    ("Adagrad", dict(lr=0.3, initial_accumulator_value=0.5)),
    ("Adagrad", dict(lr=0.3, eps=0.01)),
    ("Adagrad", dict(lr=0.5, lr_decay=0.05, weight_decay=0.2, initial_accumulator_value=0.1)),
]
for name, options in OPTIMIZERS:
    case(
        f"optim.{name}",
        train(f"new optim.{name}([p, q], {js_options(options)})"),
        lambda p, q, goal, scale, n=name, o=options: trajectory(
            lambda params: getattr(optim, n)(params, **o), p, q, goal, scale
        ),
        label=f"{name}({js_options(options)})",
        # In float32 twenty steps feed rounding back into the gradient, and Adam divides by its small square.
        tolerance=ByDtype(float32={"relative": 1e-4, "absolute": 1e-5}),
        **INPUTS,
    )

# ----------------------------------------------------------------- parameter groups

for name, first, second, common in [
    ("SGD", dict(lr=0.1), {}, dict(lr=0.01, momentum=0.9)),
    ("SGD", dict(momentum=0.5), dict(weight_decay=0.3, lr=0.2), dict(lr=0.05)),
    ("Adam", dict(lr=0.2), dict(betas=(0.5, 0.5)), dict(lr=0.05)),
    ("AdamW", dict(weight_decay=0), dict(weight_decay=0.5), dict(lr=0.1)),
    ("RMSprop", dict(alpha=0.5), dict(centered=True), dict(lr=0.02)),
    ("Adagrad", dict(lr_decay=0.1), dict(lr=0.5), dict(lr=0.1)),
]:
    groups = f"[{{ params: [p], ...{js_options(first)} }}, {{ params: [q], ...{js_options(second)} }}]"
    case(
        f"optim.{name}",
        train(f"new optim.{name}({groups}, {js_options(common)})"),
        lambda p, q, goal, scale, n=name, a=first, b=second, c=common: trajectory(
            lambda params: getattr(optim, n)([{"params": [params[0]], **a}, {"params": [params[1]], **b}], **c),
            p,
            q,
            goal,
            scale,
        ),
        label=f"{name}: groups {js_options(first)} {js_options(second)}",
        dtypes=("float64",),
        **INPUTS,
    )

# ----------------------------------------------------------------- the loop around it


def skipped(p, q):
    opt = optim.SGD([p, q], lr=0.1, momentum=0.9, weight_decay=0.1)
    for i in range(4):
        opt.zero_grad(set_to_none=True)
        (p.square().sum() if i % 2 else (p * 2).sum() + q.sum()).backward()
        opt.step()
    return [p.detach(), q.detach()]


case(
    "optim.SGD",
    "const opt = new optim.SGD([p, q], { lr: 0.1, momentum: 0.9, weightDecay: 0.1 });"
    " for (let i = 0; i < 4; i++) { p.grad = null; q.grad = null;"
    " (i % 2 ? p.square().sum() : p.mul(2).sum().add(q.sum())).backward(); opt.step(); } return [p.detach(), q.detach()]",
    skipped,
    p=normal(3),
    q=normal(2),
    dtypes=("float64",),
    label="a parameter without a gradient stays",
)


def accumulated(p):
    opt = optim.Adam([p], lr=0.1)
    for _ in range(3):
        opt.zero_grad()
        for k in (1, 2):
            (p * k).square().sum().backward()
        opt.step()
    return p.detach()


case(
    "optim.Adam",
    "const opt = new optim.Adam([p], { lr: 0.1 }); for (let i = 0; i < 3; i++) { opt.zeroGrad();"
    " for (const k of [1, 2]) p.mul(k).square().sum().backward(); opt.step(); } return p.detach()",
    accumulated,
    p=normal(3),
    dtypes=("float64",),
    label="gradients accumulated",
)
case(
    "zeroGrad",
    "const opt = new optim.SGD([p], { lr: 0.1 }); p.square().sum().backward(); opt.zeroGrad(); p.sum().backward(); return p.grad",
    lambda p: torch.ones_like(p),
    p=normal(3),
    dtypes=("float64",),
    second=False,
)


def clipped(p, q, goal, scale):
    opt = optim.SGD([p, q], lr=0.1)
    path = []
    for _ in range(STEPS):
        opt.zero_grad()
        loss_of(p, q, goal, scale).backward()
        torch.nn.utils.clip_grad_norm_([p, q], 0.5)
        opt.step()
        path.append(p.detach().clone())
    return [torch.stack(path), q.detach()]


case(
    "optim.SGD",
    train("new optim.SGD([p, q], { lr: 0.1 })").replace(
        "opt.step();", "nn.utils.clipGradNorm_([p, q], 0.5); opt.step();"
    ),
    clipped,
    label="with clipGradNorm_",
    dtypes=("float64",),
    **INPUTS,
)

# ----------------------------------------------------------------- schedules


def rates(make, steps, lr, momentum=0.0):
    """The rates of the first group, before the first step and after each."""
    w = torch.zeros(1, requires_grad=True)
    opt = optim.SGD([w], lr=lr, momentum=momentum)
    schedule = make(opt)
    result = [opt.param_groups[0]["lr"]]
    for _ in range(steps):
        opt.step()
        schedule.step()
        result.append(opt.param_groups[0]["lr"])
    return torch.tensor(result, dtype=torch.float64)


SCHEDULES = [
    ("StepLR", "opt, 3", lambda o: lr_scheduler.StepLR(o, 3), 10),
    ("StepLR", "opt, 2, { gamma: 0.5 }", lambda o: lr_scheduler.StepLR(o, 2, gamma=0.5), 9),
    ("StepLR", "opt, 1, { gamma: 0.9 }", lambda o: lr_scheduler.StepLR(o, 1, gamma=0.9), 20),
    ("CosineAnnealingLR", "opt, 10", lambda o: lr_scheduler.CosineAnnealingLR(o, 10), 10),
    ("CosineAnnealingLR", "opt, 8, { etaMin: 0.02 }", lambda o: lr_scheduler.CosineAnnealingLR(o, 8, eta_min=0.02), 8),
    ("CosineAnnealingLR", "opt, 5", lambda o: lr_scheduler.CosineAnnealingLR(o, 5), 17),
    ("ExponentialLR", "opt, 0.8", lambda o: lr_scheduler.ExponentialLR(o, 0.8), 6),
    ("MultiStepLR", "opt, [2, 5], { gamma: 0.1 }", lambda o: lr_scheduler.MultiStepLR(o, [2, 5], gamma=0.1), 8),
    (
        "LambdaLR",
        "opt, (epoch) => 1 / (1 + epoch)",
        lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 1 / (1 + epoch)),
        5,
    ),
    (
        "OneCycleLR",
        "opt, 1, { totalSteps: 12 }",
        lambda o: lr_scheduler.OneCycleLR(o, 1.0, total_steps=12, cycle_momentum=False),
        11,
    ),
    (
        "OneCycleLR",
        'opt, 0.5, { totalSteps: 10, pctStart: 0.4, annealStrategy: "linear", divFactor: 10, finalDivFactor: 100 }',
        lambda o: lr_scheduler.OneCycleLR(
            o,
            0.5,
            total_steps=10,
            pct_start=0.4,
            anneal_strategy="linear",
            div_factor=10,
            final_div_factor=100,
            cycle_momentum=False,
        ),
        9,
    ),
    (
        "OneCycleLR",
        "opt, 1, { epochs: 3, stepsPerEpoch: 4 }",
        lambda o: lr_scheduler.OneCycleLR(o, 1.0, epochs=3, steps_per_epoch=4, cycle_momentum=False),
        11,
    ),
    (
        "OneCycleLR",
        "opt, 1, { totalSteps: 10, threePhase: true }",
        lambda o: lr_scheduler.OneCycleLR(o, 1.0, total_steps=10, three_phase=True, cycle_momentum=False),
        9,
    ),
]
for name, arguments, make, steps in SCHEDULES:
    case(
        f"optim.lrScheduler.{name}",
        f"const w = zeros([1], {{ requiresGrad: true }}); const opt = new optim.SGD([w], {{ lr: 0.4 }});"
        f" const schedule = new optim.lrScheduler.{name}({arguments}); const rates = [schedule.getLastLr()[0]];"
        f" for (let i = 0; i < {steps}; i++) {{ opt.step(); schedule.step(); rates.push(schedule.getLastLr()[0]); }}"
        ' return tensor(rates, { dtype: "float64" })',
        lambda make=make, steps=steps: rates(make, steps, 0.4),
        label=f"{name}({arguments})",
    )

METRICS = [1.0, 0.9, 0.9, 0.91, 0.9, 0.95, 0.8, 0.8001, 0.8, 0.85, 0.9, 0.9, 0.9, 0.7, 0.75, 0.8]
PLATEAUS = [
    ("{ patience: 1 }", dict(patience=1)),
    ("{ factor: 0.5, patience: 2 }", dict(factor=0.5, patience=2)),
    ('{ mode: "max", patience: 1 }', dict(mode="max", patience=1)),
    ("{ patience: 0, cooldown: 2 }", dict(patience=0, cooldown=2)),
    ("{ patience: 0, minLr: 0.03 }", dict(patience=0, min_lr=0.03)),
    ('{ patience: 1, threshold: 0.2, thresholdMode: "abs" }', dict(patience=1, threshold=0.2, threshold_mode="abs")),
    ("{ patience: 1, threshold: 0.15 }", dict(patience=1, threshold=0.15)),
]


def plateau(options):
    opt = optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.4)
    schedule = lr_scheduler.ReduceLROnPlateau(opt, **options)
    result = []
    for metric in METRICS:
        schedule.step(metric)
        result.append(opt.param_groups[0]["lr"])
    return torch.tensor(result, dtype=torch.float64)


for text, options in PLATEAUS:
    case(
        "optim.lrScheduler.ReduceLROnPlateau",
        "const opt = new optim.SGD([zeros([1], { requiresGrad: true })], { lr: 0.4 });"
        f" const schedule = new optim.lrScheduler.ReduceLROnPlateau(opt, {text}); const rates = [];"
        f" for (const metric of {METRICS}) {{ schedule.step(metric); rates.push(schedule.getLastLr()[0]); }}"
        ' return tensor(rates, { dtype: "float64" })',
        lambda o=options: plateau(o),
        label=f"ReduceLROnPlateau({text})",
    )


def scheduled(p, q, goal, scale, make):
    opt = optim.SGD([{"params": [p]}, {"params": [q], "lr": 0.02}], lr=0.1, momentum=0.5)
    schedule = make(opt)
    return trajectory(lambda params: opt, p, q, goal, scale, after=lambda opt: schedule.step())


for name, arguments, make in [
    ("StepLR", "opt, 5, { gamma: 0.5 }", lambda o: lr_scheduler.StepLR(o, 5, gamma=0.5)),
    ("CosineAnnealingLR", "opt, 20, { etaMin: 0.001 }", lambda o: lr_scheduler.CosineAnnealingLR(o, 20, eta_min=0.001)),
]:
    case(
        f"optim.lrScheduler.{name}",
        train(
            "new optim.SGD([{ params: [p] }, { params: [q], lr: 0.02 }], { lr: 0.1, momentum: 0.5 });"
            f" const schedule = new optim.lrScheduler.{name}({arguments})",
            after="schedule.step(); ",
        ),
        lambda p, q, goal, scale, make=make: scheduled(p, q, goal, scale, make),
        label=f"{name} over groups",
        dtypes=("float64",),
        **INPUTS,
    )
