// Kinds of mistakes in a backward, each beside its right twin: one pass with all of them. `kinds.test.ts` says what a check
// must say of each. A case is its operands, its forward, its right backward, and the wrong one.
import { cat, eye, F, manualSeed, ones, rand, randn, stack, tensor, where, zeros } from "backstep";
import {
  kind,
  matrix,
  positive,
  runAll,
  save,
  scalar,
  two,
  withVector,
  type Forward,
  type Make,
  type T,
} from "./kind.model.ts";

manualSeed(11);

// One of several inputs or outputs alone at fault.
const product: Forward = (ctx, a, b) => save(ctx, [a!, b!], a!.mul(b!));
kind(
  "SecondSign",
  two,
  product,
  ([a, b], g) => [g!.mul(b!), g!.mul(a!)],
  ([a, b], g) => [g!.mul(b!), g!.mul(a!).neg()],
);
kind(
  "FirstScale",
  two,
  product,
  ([a, b], g) => [g!.mul(b!), g!.mul(a!)],
  ([a, b], g) => [g!.mul(b!).mul(2), g!.mul(a!)],
);
kind(
  "NullForWeight",
  two,
  product,
  ([a, b], g) => [g!.mul(b!), g!.mul(a!)],
  ([, b], g) => [g!.mul(b!), null],
);
const outputs: Forward = (ctx, x) => {
  ctx.saveForBackward(x!);
  return [x!.sin(), x!.square()];
};
kind(
  "SecondOutputIgnored",
  matrix,
  outputs,
  ([x], s, q) => s!.mul(x!.cos()).add(q!.mul(x!).mul(2)),
  ([x], s) => s!.mul(x!.cos()),
);
kind(
  "SecondOutputSign",
  matrix,
  outputs,
  ([x], s, q) => s!.mul(x!.cos()).add(q!.mul(x!).mul(2)),
  ([x], s, q) => s!.mul(x!.cos()).sub(q!.mul(x!).mul(2)),
);
kind(
  "FirstOutputSlope",
  matrix,
  outputs,
  ([x], s, q) => s!.mul(x!.cos()).add(q!.mul(x!).mul(2)),
  ([x], s, q) => s!.mul(x!.sin()).add(q!.mul(x!).mul(2)),
);

// A factor in one term of a sum, or a term left out.
const polynomial: Forward = (ctx, x) => save(ctx, [x!], x!.pow(3).add(x!.square()));
kind(
  "TermFactor",
  matrix,
  polynomial,
  ([x], g) => g!.mul(x!.square().mul(3).add(x!.mul(2))),
  ([x], g) => g!.mul(x!.square().mul(3).add(x!)),
);
kind(
  "TermLeftOut",
  matrix,
  polynomial,
  ([x], g) => g!.mul(x!.square().mul(3).add(x!.mul(2))),
  ([x], g) => g!.mul(x!.square().mul(3)),
);
const swish: Forward = (ctx, x) => save(ctx, [x!], x!.mul(x!.sigmoid()));
const swishSlope = (x: T, factor: number): T =>
  x.sigmoid().add(x.mul(x.sigmoid()).mul(x.sigmoid().neg().add(1)).mul(factor));
kind(
  "SwishFactor",
  matrix,
  swish,
  ([x], g) => g!.mul(swishSlope(x!, 1)),
  ([x], g) => g!.mul(swishSlope(x!, 2)),
);
kind(
  "SwishTerm",
  matrix,
  swish,
  ([x], g) => g!.mul(swishSlope(x!, 1)),
  ([x], g) => g!.mul(swishSlope(x!, 0)),
);
const bilinear: Forward = (ctx, a, b) => save(ctx, [a!, b!], a!.mul(b!).add(a!.square()));
kind(
  "BilinearFactor",
  two,
  bilinear,
  ([a, b], g) => [g!.mul(b!.add(a!.mul(2))), g!.mul(a!)],
  ([a, b], g) => [g!.mul(b!.add(a!)), g!.mul(a!)],
);
const rms: Forward = (ctx, x) => {
  const r = x!.square().mean(1, true).rsqrt();
  return save(ctx, [x!, r], x!.mul(r));
};
const rmsBack =
  (factor: number, size: number): Backward =>
  ([x, r], g) =>
    g!.mul(r!).sub(g!.mul(x!).sum(1, true).div(size).mul(r!.pow(3)).mul(x!).mul(factor));
kind("RmsTermFactor", matrix, rms, rmsBack(1, 6), rmsBack(2, 6));
kind("RmsTermLeftOut", matrix, rms, rmsBack(1, 6), rmsBack(0, 6));
kind("RmsRowSize", matrix, rms, rmsBack(1, 6), rmsBack(1, 4));

// In one block of columns.
const gates: Forward = (ctx, x) => {
  const [i, f, o] = x!.chunk(3, 1) as [T, T, T];
  return save(ctx, [x!], cat([i.sigmoid(), f.sigmoid(), o.tanh()], 1));
};
const gatesBack =
  (slopes: (i: T, f: T, o: T) => [T, T, T]): Backward =>
  ([x], g) => {
    const [i, f, o] = x!.chunk(3, 1) as [T, T, T];
    return g!.mul(cat(slopes(i, f, o), 1));
  };
const slopeOf = (t: T): T => t.sigmoid().mul(t.sigmoid().neg().add(1));
const tanhSlope = (t: T): T => t.tanh().square().neg().add(1);
const rightGates = gatesBack((i, f, o) => [slopeOf(i), slopeOf(f), tanhSlope(o)]);
kind(
  "GateValueForSlope",
  matrix,
  gates,
  rightGates,
  gatesBack((i, f, o) => [slopeOf(i), f.sigmoid(), tanhSlope(o)]),
);
kind(
  "GateSlopeLeftOut",
  matrix,
  gates,
  rightGates,
  gatesBack((i, f, o) => [slopeOf(i), slopeOf(f), ones([4, 2]).add(o.mul(0))]),
);
kind(
  "GateSign",
  matrix,
  gates,
  rightGates,
  gatesBack((i, f, o) => [slopeOf(i).neg(), slopeOf(f), tanhSlope(o)]),
);
const cell: Forward = (ctx, x, c) => {
  const [i, o, u] = x!.chunk(3, 1) as [T, T, T];
  const next = c!.add(i.sigmoid().mul(u.tanh()));
  ctx.saveForBackward(x!, next);
  return [o.sigmoid().mul(next.tanh()), next];
};
const cellBack =
  (forget: boolean): Backward =>
  ([x, next], gh, gc) => {
    const [i, o, u] = x!.chunk(3, 1) as [T, T, T];
    const toCell = gc!.add(gh!.mul(o.sigmoid()).mul(tanhSlope(next!)));
    const outGate = gh!.mul(next!.tanh()).mul(forget ? o.sigmoid() : slopeOf(o));
    return [cat([toCell.mul(u.tanh()).mul(slopeOf(i)), outGate, toCell.mul(i.sigmoid()).mul(tanhSlope(u))], 1), toCell];
  };
kind("CellOutputGate", () => [randn([3, 6]), randn([3, 2])], cell, cellBack(false), cellBack(true));

// σ in place of σ′ and the like.
const sigmoid: Forward = (ctx, x) => {
  const y = x!.sigmoid();
  return save(ctx, [x!, y], y);
};
const sigmoidRight: Backward = ([, y], g) => g!.mul(y!).mul(y!.neg().add(1));
kind("SigmoidValue", matrix, sigmoid, sigmoidRight, ([, y], g) => g!.mul(y!));
kind("SigmoidHalf", matrix, sigmoid, sigmoidRight, ([, y], g) => g!.mul(y!.neg().add(1)));
kind("SigmoidOfInput", matrix, sigmoid, sigmoidRight, ([x], g) => g!.mul(x!).mul(x!.neg().add(1)));
kind("SigmoidTwice", matrix, sigmoid, sigmoidRight, ([, y], g) => g!.mul(y!.mul(y!.neg().add(1)).square()));
const tanh: Forward = (ctx, x) => {
  const y = x!.tanh();
  return save(ctx, [x!, y], y);
};
const tanhRight: Backward = ([, y], g) => g!.mul(y!.square().neg().add(1));
kind("TanhScalar", scalar(0.8814), tanh, tanhRight, ([, y], g) => g!.mul(y!.neg().add(1)));
kind("TanhPlus", matrix, tanh, tanhRight, ([, y], g) => g!.mul(y!.square().add(1)));
kind("TanhOfInput", matrix, tanh, tanhRight, ([x], g) => g!.mul(x!.square().neg().add(1)));
const exp: Forward = (ctx, x) => save(ctx, [x!], x!.exp());
kind(
  "ExpOfInput",
  scalar(1.7),
  exp,
  ([x], g) => g!.mul(x!.exp()),
  ([x], g) => g!.mul(x!),
);
kind(
  "LogSquare",
  positive,
  (ctx, x) => save(ctx, [x!], x!.log()),
  ([x], g) => g!.div(x!),
  ([x], g) => g!.div(x!.square()),
);
kind(
  "SqrtHalf",
  positive,
  (ctx, x) => save(ctx, [x!], x!.sqrt()),
  ([x], g) => g!.div(x!.sqrt().mul(2)),
  ([x], g) => g!.mul(x!.sqrt()),
);
kind(
  "ReciprocalSquare",
  positive,
  (ctx, x) => save(ctx, [x!], x!.reciprocal()),
  ([x], g) => g!.div(x!.square()).neg(),
  ([x], g) => g!.div(x!).neg(),
);
kind(
  "CubeSlope",
  matrix,
  (ctx, x) => save(ctx, [x!], x!.pow(3)),
  ([x], g) => g!.mul(x!.square()).mul(3),
  ([x], g) => g!.mul(x!).mul(3),
);
kind(
  "DivisorSlope",
  () => [randn([3, 4]), rand([3, 4]).add(1)],
  (ctx, a, b) => save(ctx, [a!, b!], a!.div(b!)),
  ([a, b], g) => [g!.div(b!), g!.mul(a!).div(b!.square()).neg()],
  ([a, b], g) => [g!.div(b!), g!.mul(a!).div(b!).neg()],
);
kind(
  "GatedSlope",
  two,
  (ctx, a, b) => save(ctx, [a!, b!], a!.mul(b!.sigmoid())),
  ([a, b], g) => [g!.mul(b!.sigmoid()), g!.mul(a!).mul(slopeOf(b!))],
  ([a, b], g) => [g!.mul(b!.sigmoid()), g!.mul(a!).mul(b!.sigmoid())],
);

// A sum over what was broadcast.
kind(
  "BroadcastFirstRow",
  withVector,
  product,
  ([x, w], g) => [g!.mul(w!), g!.mul(x!).sum(0)],
  ([x, w], g) => [g!.mul(w!), g!.mul(x!).select(0, 0)],
);
kind(
  "BroadcastMean",
  withVector,
  product,
  ([x, w], g) => [g!.mul(w!), g!.mul(x!).sum(0)],
  ([x, w], g) => [g!.mul(w!), g!.mul(x!).mean(0)],
);
kind(
  "BroadcastLastRow",
  withVector,
  product,
  ([x, w], g) => [g!.mul(w!), g!.mul(x!).sum(0)],
  ([x, w], g) => [g!.mul(w!), g!.mul(x!).select(0, 4)],
);
kind(
  "BiasWrongAxis",
  () => [randn([4, 4]), randn([4])],
  (_, x, b) => x!.add(b!),
  (_, g) => [g!, g!.sum(0)],
  (_, g) => [g!, g!.sum(1)],
);
kind(
  "WeightSummedEarly",
  withVector,
  product,
  ([x, w], g) => [g!.mul(w!), g!.mul(x!).sum(0)],
  ([x, w], g) => [g!.mul(w!), g!.sum(0).mul(x!.sum(0))],
);

// Overwritten where it should add up.
const twice: Forward = (_, x) => cat([x!.mul(2), x!.mul(3)], 1);
kind(
  "Overwritten",
  matrix,
  twice,
  (_, g) =>
    g!
      .narrow(1, 0, 6)
      .mul(2)
      .add(g!.narrow(1, 6, 6).mul(3)),
  (_, g) => g!.narrow(1, 6, 6).mul(3),
);
kind(
  "OverwrittenSteps",
  () => [randn([4])],
  (_, w) => cat([w!.reshape(1, 4), w!.reshape(1, 4), w!.reshape(1, 4)], 0),
  (_, g) => g!.sum(0),
  (_, g) => g!.select(0, 2),
);

// Softmax.
const softmax: Forward = (ctx, x) => {
  const y = x!.softmax(1);
  return save(ctx, [y], y);
};
const softmaxRight: Backward = ([y], g) => y!.mul(g!.sub(g!.mul(y!).sum(1, true)));
kind("SoftmaxDiagonal", matrix, softmax, softmaxRight, ([y], g) => g!.mul(y!).mul(y!.neg().add(1)));
kind("SoftmaxNoSum", matrix, softmax, softmaxRight, ([y], g) => g!.mul(y!));
kind(
  "SoftmaxOtherAxis",
  () => [randn([4, 4])],
  softmax,
  softmaxRight,
  ([y], g) => y!.mul(g!.sub(g!.mul(y!).sum(0, true))),
);

// The gradient from above.
const square: Forward = (ctx, x) => save(ctx, [x!], x!.square());
const squareRight: Backward = ([x], g) => g!.mul(x!).mul(2);
kind("UpstreamIgnored", matrix, square, squareRight, ([x]) => x!.mul(2));
kind("UpstreamSummed", matrix, square, squareRight, ([x], g) => x!.mul(2).mul(g!.sum()));
kind("UpstreamMean", matrix, square, squareRight, ([x], g) => x!.mul(2).mul(g!.mean()));
kind("UpstreamRowSummed", matrix, square, squareRight, ([x], g) => x!.mul(2).mul(g!.sum(1, true)));
kind("UpstreamWithoutSign", matrix, square, squareRight, ([x], g) => g!.abs().mul(x!).mul(2));
kind("UpstreamClipped", matrix, square, squareRight, ([x], g) => g!.mul(x!).mul(2).clamp(-0.2, 0.2));
kind("UpstreamNormalised", matrix, square, squareRight, ([x], g) => g!.div(g!.norm()).mul(x!).mul(2));
kind("UpstreamTwice", matrix, square, squareRight, ([x], g) => g!.mul(g!).mul(x!).mul(2));

// Rotated, flipped or shifted before instead of after it is multiplied.
const factors = rand([4, 6]).add(0.5);
kind(
  "RolledEarly",
  matrix,
  (_, x) => x!.roll(1, 1).mul(factors),
  (_, g) => g!.mul(factors).roll(-1, 1),
  (_, g) => g!.roll(-1, 1).mul(factors),
);
kind(
  "FlippedEarly",
  matrix,
  (_, x) => x!.flip(1).mul(factors),
  (_, g) => g!.mul(factors).flip(1),
  (_, g) => g!.flip(1).mul(factors),
);
const half = (x: T, sign: number): T => cat([x.narrow(1, 3, 3).mul(-sign), x.narrow(1, 0, 3).mul(sign)], 1);
kind(
  "RotatedEarly",
  matrix,
  (_, x) => x!.mul(2).add(half(x!, 1).mul(factors)),
  (_, g) => g!.mul(2).add(half(g!.mul(factors), -1)),
  (_, g) => g!.mul(2).add(half(g!, -1).mul(factors)),
);
kind(
  "NotFlippedBack",
  matrix,
  (_, x) => x!.flip(1).mul(2),
  (_, g) => g!.mul(2).flip(1),
  (_, g) => g!.mul(2),
);
kind(
  "RolledOn",
  matrix,
  (_, x) => x!.roll(2, 1),
  (_, g) => g!.roll(-2, 1),
  (_, g) => g!.roll(2, 1),
);

// The axis or the size of a mean.
kind(
  "MeanOfAll",
  matrix,
  (_, x) => x!.mean(1),
  (_, g) => g!.unsqueeze(1).expand([4, 6]).div(6),
  (_, g) => g!.unsqueeze(1).expand([4, 6]).div(24),
);
kind(
  "MeanOfRows",
  matrix,
  (_, x) => x!.mean(1),
  (_, g) => g!.unsqueeze(1).expand([4, 6]).div(6),
  (_, g) => g!.unsqueeze(1).expand([4, 6]).div(4),
);
const centred: Forward = (_, x) => x!.sub(x!.mean(1, true));
kind(
  "CentredOtherAxis",
  () => [randn([4, 4])],
  centred,
  (_, g) => g!.sub(g!.mean(1, true)),
  (_, g) => g!.sub(g!.mean(0, true)),
);
kind(
  "AttentionScale",
  () => [randn([4, 5]), randn([3, 5])],
  (ctx, q, k) => save(ctx, [q!, k!], q!.matmul(k!.t()).div(Math.sqrt(5))),
  ([q, k], g) => [g!.matmul(k!).div(Math.sqrt(5)), g!.t().matmul(q!).div(Math.sqrt(5))],
  ([q, k], g) => [g!.matmul(k!).div(Math.sqrt(5)), g!.t().matmul(q!)],
);

// Products of matrices.
const matmul: Forward = (ctx, a, b) => save(ctx, [a!, b!], a!.matmul(b!));
const squares: Make = () => [randn([4, 4]), randn([4, 4])];
const matmulRight: Backward = ([a, b], g) => [g!.matmul(b!.t()), a!.t().matmul(g!)];
kind("FactorNotTransposed", squares, matmul, matmulRight, ([a, b], g) => [g!.matmul(b!), a!.t().matmul(g!)]);
kind("ResultTransposed", squares, matmul, matmulRight, ([a, b], g) => [g!.matmul(b!.t()), g!.t().matmul(a!)]);
kind("GradientsSwapped", squares, matmul, matmulRight, ([a, b], g) => [a!.t().matmul(g!), g!.matmul(b!.t())]);

// An error in few elements, and a small one in all.
const firstOnly = tensor(Array.from({ length: 24 }, (_, i) => (i === 0 ? 0.5 : 1))).reshape(4, 6);
kind("OneElement", matrix, square, squareRight, ([x], g) => g!.mul(x!).mul(2).mul(firstOnly));
const lastColumn = cat([ones([4, 5]), zeros([4, 1])], 1);
kind("LastColumnLost", matrix, square, squareRight, ([x], g) => g!.mul(x!).mul(2).mul(lastColumn));
kind("SmallFactor", matrix, square, squareRight, ([x], g) => g!.mul(x!).mul(2.002));
kind(
  "SmallError",
  matrix,
  (ctx, x) => save(ctx, [x!], F.gelu(x!)),
  ([x], g) =>
    g!.mul(
      x!
        .div(Math.SQRT2)
        .erf()
        .add(1)
        .mul(0.5)
        .add(x!.mul(x!.square().mul(-0.5).exp()).div(Math.sqrt(2 * Math.PI))),
    ),
  ([x], g) =>
    g!.mul(
      x!
        .div(Math.SQRT2)
        .erf()
        .add(1)
        .mul(0.5)
        .add(x!.mul(x!.square().mul(-0.5).exp()).mul(0.405)),
    ),
);

// A step of forward that backward takes wrong, where the rest is right.
const attention: Forward = (ctx, q, v) => {
  const scores = q!.matmul(q!.t()).div(3);
  const p = scores.softmax(1);
  return save(ctx, [q!, v!, p, scores], p.matmul(v!));
};
const attentionBack =
  (rowTerm: number, values: 2 | 3): Backward =>
  (saved, g) => {
    const [q, v, p] = saved as [T, T, T];
    const toP = g!.matmul(v.t());
    const toScores = p.mul(toP.sub(toP.mul(p).sum(1, true).mul(rowTerm))).div(3);
    return [toScores.add(toScores.t()).matmul(q), saved[values]!.t().matmul(g!)];
  };
const queries: Make = () => [randn([4, 3]), randn([4, 2])];
kind("AttentionRowTerm", queries, attention, attentionBack(1, 2), attentionBack(0, 2));
kind("AttentionOfScores", queries, attention, attentionBack(1, 2), attentionBack(1, 3));
const scaled: Forward = (ctx, x, w) => {
  const r = x!.square().mean(1, true).add(0.01).rsqrt();
  return save(ctx, [x!, w!, r], x!.mul(r).mul(w!));
};
const scaledBack =
  (weighted: boolean, last: boolean): Backward =>
  (saved, g) => {
    const [x, w, r] = saved as [T, T, T];
    const h = x.mul(r);
    const toH = weighted ? g!.mul(w) : g!;
    const toX = toH.sub(h.mul(toH.mul(h).mean(1, true)));
    return [last ? toX.mul(r) : toX, g!.mul(h).sum(0)];
  };
const withWeight: Make = () => [randn([3, 5]), rand([5]).add(0.5)];
kind("NormWithoutWeight", withWeight, scaled, scaledBack(true, true), scaledBack(false, true));
kind("NormWithoutRoot", withWeight, scaled, scaledBack(true, true), scaledBack(true, false));
const carried: Forward = (ctx, f, c) => {
  const gate = f!.sigmoid();
  const next = gate.mul(c!).add(gate);
  return save(ctx, [gate, c!, next], next.tanh());
};
const carriedBack =
  (old: 1 | 2, slope: boolean): Backward =>
  (saved, g) => {
    const [gate, , next] = saved as [T, T, T];
    const toNext = slope ? g!.mul(next.tanh().square().neg().add(1)) : g!;
    const toGate = toNext.mul(saved[old]!).add(toNext);
    return [toGate.mul(gate).mul(gate.neg().add(1)), toNext.mul(gate)];
  };
kind("StateOfNextStep", two, carried, carriedBack(1, true), carriedBack(2, true));
kind("StateSlopeLeftOut", two, carried, carriedBack(1, true), carriedBack(1, false));
kind(
  "KernelNotTurned",
  () => [randn([1, 1, 5]), randn([1, 1, 2])],
  (ctx, x, w) => save(ctx, [x!, w!], F.conv1d(x!, w!)),
  ([x, w], g) => [F.conv1d(F.pad(g!, [1, 1]), w!.flip([2])), F.conv1d(x!, g!)],
  ([x, w], g) => [F.conv1d(F.pad(g!, [1, 1]), w!), F.conv1d(x!, g!)],
);
kind(
  "SumsFromTheStart",
  matrix,
  (_, x) => x!.cumsum(0),
  (_, g) => g!.flip([0]).cumsum(0).flip([0]),
  (_, g) => g!.cumsum(0),
);
kind(
  "AxesNotPutBack",
  () => [randn([2, 2, 2])],
  (_, x) => x!.permute(2, 0, 1),
  (_, g) => g!.permute(1, 2, 0),
  (_, g) => g!.permute(2, 0, 1),
);
kind(
  "ReshapedForTransposed",
  matrix,
  (_, x) => x!.t().mul(2),
  (_, g) => g!.t().mul(2),
  (_, g) => g!.reshape(4, 6).mul(2),
);
const classes = tensor([2, 0, 1, 1], { dtype: "int64" });
kind(
  "TargetNotTakenOff",
  () => [randn([4, 5])],
  (ctx, z) => save(ctx, [z!], F.crossEntropy(z!, classes, { reduction: "sum" })),
  ([z], g) => z!.softmax(1).sub(F.oneHot(classes, 5)).mul(g!),
  ([z], g) => z!.softmax(1).mul(g!),
);
kind(
  "OutputsExchanged",
  matrix,
  outputs,
  ([x], s, q) => s!.mul(x!.cos()).add(q!.mul(x!).mul(2)),
  ([x], s, q) => q!.mul(x!.cos()).add(s!.mul(x!).mul(2)),
);
const bent: Forward = (ctx, x) => save(ctx, [x!], where(x!.gt(0.1), x!.mul(3), x!.square()));
kind(
  "ConditionInverted",
  matrix,
  bent,
  ([x], g) => where(x!.gt(0.1), g!.mul(3), g!.mul(x!).mul(2)),
  ([x], g) => where(x!.gt(0.1), g!.mul(x!).mul(2), g!.mul(3)),
);
kind(
  "ConditionNotLookedAt",
  matrix,
  bent,
  ([x], g) => where(x!.gt(0.1), g!.mul(3), g!.mul(x!).mul(2)),
  ([x], g) => g!.mul(x!).mul(2),
);
kind(
  "MaskOfGradient",
  matrix,
  (ctx, x) => save(ctx, [x!], x!.relu()),
  ([x], g) => g!.mul(x!.gt(0).float()),
  ([x], g) => g!.relu().mul(x!.gt(0).float()),
);
kind(
  "FirstOfRepeated",
  () => [randn([3, 2])],
  (_, x) => x!.repeatInterleave(3, 0),
  (_, g) => g!.reshape(3, 3, 2).sum(1),
  (_, g) => g!.slice(0, 0, null, 3),
);
kind(
  "FormNotSymmetric",
  () => [randn([2, 3]), randn([3, 3])],
  (ctx, x, a) => save(ctx, [x!, a!], x!.matmul(a!).mul(x!).sum(1)),
  ([x, a], g) => {
    const u = g!.unsqueeze(1);
    return [u.mul(x!.matmul(a!).add(x!.matmul(a!.t()))), x!.mul(u).t().matmul(x!)];
  },
  ([x, a], g) => {
    const u = g!.unsqueeze(1);
    return [u.mul(x!.matmul(a!)).mul(2), x!.mul(u).t().matmul(x!)];
  },
);
kind(
  "FactorTakenForConstant",
  positive,
  (ctx, x) => save(ctx, [x!], x!.neg().add(2).square().mul(x!.log())),
  ([x], g) => g!.mul(x!.neg().add(2).square().div(x!).sub(x!.neg().add(2).mul(2).mul(x!.log()))),
  ([x], g) => g!.mul(x!.neg().add(2).square().div(x!)),
);
kind(
  "LengthNotDividedBy",
  matrix,
  (ctx, x) => {
    const length = x!.square().sum(0).sqrt();
    return save(ctx, [x!, length], length);
  },
  ([x, length], g) => x!.mul(g!.div(length!)),
  ([x], g) => x!.mul(g!),
);

// Moved to the wrong elements, or over the wrong number of them.
kind(
  "ColumnsNotPutBack",
  () => [randn([3, 2]), randn([3, 2])],
  (_, a, b) => stack([a!, b!], 2).reshape(3, 4),
  (_, g) => g!.reshape(3, 2, 2).unbind(2),
  (_, g) => g!.reshape(3, 2, 2).unbind(1),
);
const counts = tensor([
  [1, 1, 0, 0],
  [1, 1, 1, 1],
  [1, 1, 1, 0],
]);
kind(
  "CountOfOtherRows",
  () => [randn([3, 4])],
  (ctx, x) => save(ctx, [x!], x!.square().mul(counts).sum(1).div(counts.sum(1))),
  ([x], g) => counts.mul(x!.mul(2)).mul(g!.div(counts.sum(1)).unsqueeze(1)),
  ([x], g) => counts.mul(x!.mul(2)).mul(g!.div(4).unsqueeze(1)),
);
const affine: Forward = (ctx, x, w, b) => save(ctx, [x!, w!], x!.mul(w!).add(b!));
kind(
  "OfTheOther",
  () => [randn([4, 3]), randn([3]), randn([3])],
  affine,
  ([x, w], g) => [g!.mul(w!), g!.mul(x!).sum(0), g!.sum(0)],
  ([x, w], g) => [g!.mul(w!), g!.mul(x!).sum(0), g!.mul(x!).sum(0)],
);
kind(
  "MeanOverThree",
  () => [randn([2, 3, 2, 2]), randn([3])],
  (_, x, b) => x!.add(b!.reshape(1, 3, 1, 1)),
  (_, g) => [g!, g!.sum([0, 2, 3])],
  (_, g) => [g!, g!.mean([0, 2, 3])],
);
kind(
  "KernelTurned",
  () => [randn([1, 1, 4, 4]), randn([1, 1, 2, 2])],
  (ctx, x, w) => save(ctx, [x!, w!], F.conv2d(x!, w!)),
  ([x, w], g) => [F.convTranspose2d(g!, w!), F.conv2d(x!, g!)],
  ([x, w], g) => [F.convTranspose2d(g!, w!), F.conv2d(x!, g!).flip([2, 3])],
);

// A rotation, products of matrices with themselves, and their inverse.
kind(
  "TurnedOn",
  () => [randn([3, 4])],
  (_, x) => {
    const [a, b] = x!.chunk(2, 1) as [T, T];
    return cat([a.mul(0.6).sub(b.mul(0.8)), a.mul(0.8).add(b.mul(0.6))], 1);
  },
  (_, g) => {
    const [a, b] = g!.chunk(2, 1) as [T, T];
    return cat([a.mul(0.6).add(b.mul(0.8)), b.mul(0.6).sub(a.mul(0.8))], 1);
  },
  (_, g) => {
    const [a, b] = g!.chunk(2, 1) as [T, T];
    return cat([a.mul(0.6).sub(b.mul(0.8)), a.mul(0.8).add(b.mul(0.6))], 1);
  },
);
kind(
  "SquareOfMatrix",
  () => [randn([3, 3])],
  (ctx, a) => save(ctx, [a!], a!.matmul(a!)),
  ([a], g) => g!.matmul(a!.t()).add(a!.t().matmul(g!)),
  ([a], g) => a!.t().matmul(g!).mul(2),
);
kind(
  "InverseNotTransposed",
  () => [randn([3, 3]).add(eye(3).mul(4))],
  (ctx, a) => {
    const y = a!.inverse();
    return save(ctx, [y], y);
  },
  ([y], g) => y!.t().matmul(g!).matmul(y!.t()).neg(),
  ([y], g) => y!.matmul(g!).matmul(y!).neg(),
);
kind(
  "ScoresNotTransposed",
  () => [randn([3, 2]), randn([3, 2])],
  (ctx, q, k) => {
    const p = q!.matmul(k!.t()).softmax(1);
    return save(ctx, [q!, k!, p], p);
  },
  ([q, k, p], g) => {
    const toScores = p!.mul(g!.sub(g!.mul(p!).sum(1, true)));
    return [toScores.matmul(k!), toScores.t().matmul(q!)];
  },
  ([q, k, p], g) => {
    const toScores = p!.mul(g!.sub(g!.mul(p!).sum(1, true)));
    return [toScores.matmul(k!), toScores.matmul(q!)];
  },
);
kind(
  "RoundingPassedOn",
  () => [randn([3, 4])],
  (ctx, x) => save(ctx, [x!], x!.mul(4).round().div(4)),
  (_, g) => g!.mul(0),
  (_, g) => g!,
);

runAll();
