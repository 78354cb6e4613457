"""Names that a model file guesses: other forms of what there is, layers around it, optimizers and schedules."""

import torch
import torch.nn.functional as F
from torch import nn

from declare import ByDtype, Family
from specs import distinct, ints, literal, nonzero, normal, positive

family = Family("names")
case = family.case

for op, code, function, domain in [
    ("deg2rad", "x.deg2rad()", torch.deg2rad, normal),
    ("rad2deg", "x.rad2deg()", torch.rad2deg, normal),
    ("floatPower", "x.double().floatPower(2).to(x.dtype)", lambda x: torch.float_power(x, 2).to(x.dtype), normal),
    ("arctan", "x.arctan()", torch.arctan, normal),
    ("msort", "x.msort()", torch.msort, distinct),
    ("diagflat", "x.diagflat(1)", lambda x: torch.diagflat(x, 1), normal),
    ("ldexp", "x.ldexp(3)", lambda x: torch.ldexp(x, torch.tensor(3)), normal),
]:
    case(op, code, lambda x, f=function: f(x), x=domain(4))
case("logaddexp2", "x.logaddexp2(y)", torch.logaddexp2, x=normal(3), y=normal(3))
case("cov", "x.cov()", torch.cov, x=normal(2, 4))
case("corrcoef", "x.corrcoef()", torch.corrcoef, second=False, x=normal(2, 4))
case("mode", "x.mode(1).values", lambda x: x.mode(1).values, x=literal([[1.0, 2.0, 2.0], [3.0, 1.0, 1.0]]).constant())
case("histc", "x.histc(4, -1, 1)", lambda x: x.histc(4, -1, 1), x=normal(9).constant())
case("sumToSize", "x.sumToSize(1, 3)", lambda x: x.sum_to_size(1, 3), x=normal(2, 3))
case("selectScatter", "x.selectScatter(y, 0, 1)", lambda x, y: torch.select_scatter(x, y, 0, 1), x=normal(2, 3), y=normal(3))
case("sliceScatter", "x.sliceScatter(y, 1, 1, 3)", lambda x, y: torch.slice_scatter(x, y, 1, 1, 3, 1), x=normal(2, 3), y=normal(2, 2))
case("diagonalScatter", "x.diagonalScatter(y)", torch.diagonal_scatter, x=normal(3, 3), y=normal(3))
case("renorm", "x.renorm(2, 0, 1)", lambda x: x.renorm(2, 0, 1), second=False, x=normal(3, 4))
case("addbmm", "x.addbmm(a, b, { alpha: 2 })", lambda x, a, b: x.addbmm(a, b, alpha=2), x=normal(2, 2), a=normal(3, 2, 4), b=normal(3, 4, 2))
case("blockDiag", "blockDiag(x, y)", torch.block_diag, x=normal(2, 2), y=normal(3))
case("columnStack", "columnStack([x, y])", lambda x, y: torch.column_stack([x, y]), x=normal(3), y=normal(3, 2))
case("dstack", "dstack([x, y])", lambda x, y: torch.dstack([x, y]), x=normal(2, 3), y=normal(2, 3))
case("atleast3d", "atleast3d(x)", torch.atleast_3d, x=normal(2, 3))
case("trapezoid", "trapezoid(x, { dx: 0.5 })", lambda x: torch.trapezoid(x, dx=0.5), x=normal(2, 4))
case("bucketize", "bucketize(x, y)", lambda x, y: torch.bucketize(x, y), x=literal([0.0, 1.0, 2.5]).constant(), y=literal([0.0, 1.0, 2.0]).constant())
case("isin", "isin(x, y)", torch.isin, x=ints(0, 5, 6), y=literal([1, 3], "int64"))

case("F.pixelUnshuffle", "F.pixelUnshuffle(x, 2)", lambda x: F.pixel_unshuffle(x, 2), x=normal(1, 2, 4, 4))
case("F.channelShuffle", "F.channelShuffle(x, 2)", lambda x: x.reshape(1, 2, 2, 3).transpose(1, 2).reshape(1, 4, 3), x=normal(1, 4, 3))
case("F.unfold", "F.unfold(x, 2)", lambda x: F.unfold(x, 2), x=normal(1, 2, 4, 3))
case("F.unfold", "F.unfold(x, [2, 3], { dilation: 2, padding: 1, stride: [1, 2] })", lambda x: F.unfold(x, (2, 3), dilation=2, padding=1, stride=(1, 2)), x=normal(2, 2, 5, 6))
case("F.localResponseNorm", "F.localResponseNorm(x, 2)", lambda x: F.local_response_norm(x, 2), x=normal(1, 4, 2, 2))
case("F.localResponseNorm", "F.localResponseNorm(x, 3, 0.5, 0.5, 2)", lambda x: F.local_response_norm(x, 3, 0.5, 0.5, 2.0), x=normal(1, 4, 3))
case("F.bilinear", "F.bilinear(x, y, w, b)", F.bilinear, x=normal(2, 3), y=normal(2, 2), w=normal(4, 3, 2), b=normal(4))
case("ReflectionPad2d", "new nn.ReflectionPad2d(1).forward(x)", nn.ReflectionPad2d(1), x=normal(1, 1, 3, 3))
case("ZeroPad2d", "new nn.ZeroPad2d([1, 0, 2, 1]).forward(x)", nn.ZeroPad2d((1, 0, 2, 1)), x=normal(1, 1, 3, 3))
case("ConstantPad1d", "new nn.ConstantPad1d(2, 3).forward(x)", nn.ConstantPad1d(2, 3.0), x=normal(1, 2, 3))

BODY = (
    "const w = x.clone().detach().requiresGrad_(); const opt = new optim.{0}; {1}"
    "for (let i = 0; i < 7; i++) {{ opt.zeroGrad(); w.mul(w).mul(i + 1).sum().backward(); opt.step(); {2} }} return w.detach();"
)


def trained(optimizer, schedule=None):
    def run(x):
        w = x.clone().detach().requires_grad_()
        opt = optimizer([w], lr=0.05)
        made = schedule(opt) if schedule else None
        for i in range(7):
            opt.zero_grad()
            (w * w * (i + 1)).sum().backward()
            opt.step()
            if made:
                made.step()
        return w.detach()

    return run


for name in ["Adadelta", "Adamax", "NAdam", "RAdam"]:
    # One by one, 1.13's NAdam multiplies by the momentum twice, which PyTorch has mended since; all at once it does not.
    make = getattr(torch.optim, name)
    near = {"relative": 1e-8, "absolute": 1e-8} if name == "NAdam" else None  # its product of momenta is float32
    case(name, BODY.format(f"{name}([w], {{ lr: 0.05 }})", "", ""), tolerance=ByDtype(float64=near) if near else None, function=trained(lambda p, make=make, **o: make(p, foreach=True, **o)), x=nonzero(3).constant())
for js, make in [
    ("ASGD([w], { lr: 0.05, lambd: 0.01, t0: 2, weightDecay: 0.1 })", lambda p: torch.optim.ASGD(p, lr=0.05, lambd=0.01, t0=2, weight_decay=0.1)),
    ("Rprop([w], { lr: 0.05, etas: [0.4, 1.5], stepSizes: [1e-3, 0.3] })", lambda p: torch.optim.Rprop(p, lr=0.05, etas=(0.4, 1.5), step_sizes=(1e-3, 0.3))),
]:
    # 1.13 keeps ASGD's rate in float32.
    near = {"relative": 1e-6, "absolute": 1e-6}
    case(js.split("(")[0], BODY.format(js, "", ""), tolerance=ByDtype(float64=near), function=trained(lambda p, lr, make=make: make(p)), x=nonzero(3).constant())
S = torch.optim.lr_scheduler
for js, make in [
    ("LinearLR(opt, { totalIters: 4 })", lambda o: S.LinearLR(o, total_iters=4)),
    ("ConstantLR(opt, { factor: 0.5, totalIters: 3 })", lambda o: S.ConstantLR(o, factor=0.5, total_iters=3)),
    ("PolynomialLR(opt, { totalIters: 5, power: 2 })", lambda o: S.PolynomialLR(o, total_iters=5, power=2)),
    ("MultiplicativeLR(opt, (step) => 1 / step)", lambda o: S.MultiplicativeLR(o, lambda step: 1 / step)),
    ("CosineAnnealingWarmRestarts(opt, 2, { tMult: 2 })", lambda o: S.CosineAnnealingWarmRestarts(o, 2, T_mult=2)),
    ("CyclicLR(opt, 0.01, 0.1, { stepSizeUp: 2, stepSizeDown: 3 })", lambda o: S.CyclicLR(o, 0.01, 0.1, step_size_up=2, step_size_down=3)),
    (
        'CyclicLR(opt, 0.01, 0.1, { stepSizeUp: 2, mode: "triangular2", cycleMomentum: false })',
        lambda o: S.CyclicLR(o, 0.01, 0.1, step_size_up=2, mode="triangular2", cycle_momentum=False),
    ),
    (
        'CyclicLR(opt, 0.01, 0.1, { stepSizeUp: 2, mode: "exp_range", gamma: 0.9 })',
        lambda o: S.CyclicLR(o, 0.01, 0.1, step_size_up=2, mode="exp_range", gamma=0.9),
    ),
    (
        "SequentialLR(opt, [new optim.lrScheduler.LinearLR(opt, { totalIters: 3 }), new optim.lrScheduler.CosineAnnealingLR(opt, 4)], [3])",
        lambda o: S.SequentialLR(o, [S.LinearLR(o, total_iters=3), S.CosineAnnealingLR(o, 4)], [3]),
    ),
    (
        "SequentialLR(opt, [new optim.lrScheduler.ExponentialLR(opt, 0.8), new optim.lrScheduler.ConstantLR(opt, 0.5, 2), new optim.lrScheduler.StepLR(opt, 1)], [2, 5])",
        lambda o: S.SequentialLR(o, [S.ExponentialLR(o, 0.8), S.ConstantLR(o, 0.5, 2), S.StepLR(o, 1)], [2, 5]),
    ),
    (
        "ChainedScheduler([new optim.lrScheduler.ConstantLR(opt, 0.5, 3), new optim.lrScheduler.LinearLR(opt, 0.2, 1, 4), new optim.lrScheduler.PolynomialLR(opt, 6, 1), new optim.lrScheduler.ExponentialLR(opt, 0.9)])",
        lambda o: S.ChainedScheduler([S.ConstantLR(o, 0.5, 3), S.LinearLR(o, 0.2, 1, 4), S.PolynomialLR(o, 6, 1.0), S.ExponentialLR(o, 0.9)]),
    ),
]:
    made = f"const schedule = new optim.lrScheduler.{js}; "
    case(js.split("(")[0], BODY.format("SGD([w], { lr: 0.05 })", made, "schedule.step();"), trained(torch.optim.SGD, make), x=positive(3).constant())
