// Further kinds of mistakes, as `kinds.model.ts` has them: steps in loops, terms in the place of others, sums that run elsewhere.
import { arange, cat, F, manualSeed, noGrad, ones, rand, randn, stack, tensor, where, zeros } from "backstep";
import { kind, runAll, save, two, type Backward, type Forward, type T } from "./kind.model.ts";

manualSeed(5);

// What stands in a loop is wrong in every turn.
const recurrent: Forward = (ctx, x, w) => {
  let h = zeros([3]);
  const all: T[] = [];
  for (let t = 0; t < 4; t++) all.push((h = h.matmul(w!).add(x!.select(0, t)).tanh()));
  const y = stack(all);
  return save(ctx, [w!, y], y);
};
const through =
  (slope: (y: T) => T, weight: (w: T) => T, before: (y: T, t: number) => T): Backward =>
  ([w, y], g) => {
    let carried = zeros([3]);
    let ofWeight = zeros([3, 3]);
    const ofInputs: T[] = [];
    for (let t = 3; t >= 0; t--) {
      const step = carried.add(g!.select(0, t)).mul(slope(y!.select(0, t)));
      ofInputs.unshift(step);
      ofWeight = ofWeight.add(before(y!, t).outer(step));
      carried = step.matmul(weight(w!));
    }
    return [stack(ofInputs), ofWeight];
  };
const tanhSlope = (y: T): T => y.square().neg().add(1);
const bilinear = (x: T, w: T, y: T, g: T, used: T): T[] => [
  g.mul(y.matmul(w.t())),
  x.t().matmul(g.mul(y)),
  g.mul(x.matmul(used)),
];
const stateBefore = (y: T, t: number): T => (t > 0 ? y.select(0, t - 1) : zeros([3]));
const unrolled = through(tanhSlope, (w) => w.t(), stateBefore);
const sequence = (): T[] => [randn([4, 3]), randn([3, 3]).mul(0.5)];
kind(
  "NoSlopeInLoop",
  sequence,
  recurrent,
  unrolled,
  through(
    (y) => ones([...y.shape]),
    (w) => w.t(),
    stateBefore,
  ),
);
kind(
  "NoTransposeInLoop",
  sequence,
  recurrent,
  unrolled,
  through(tanhSlope, (w) => w, stateBefore),
);
kind(
  "StateOfSameTurn",
  sequence,
  recurrent,
  unrolled,
  through(
    tanhSlope,
    (w) => w.t(),
    (y, t) => y.select(0, t),
  ),
);
const decaying: Forward = (_, x) => {
  let h = tensor(0);
  const all: T[] = [];
  for (let t = 0; t < 5; t++) all.push((h = h.mul(0.9).add(x!.select(0, t))));
  return stack(all);
};
const decayed =
  (by: number): Backward =>
  (_, g) => {
    let carried = tensor(0);
    const all: T[] = [];
    for (let t = 4; t >= 0; t--) all.unshift((carried = carried.mul(by).add(g!.select(0, t))));
    return stack(all);
  };
kind("DecaySquared", () => [randn([5])], decaying, decayed(0.9), decayed(0.81));
const taps = [0, 1, 2];
const filtered: Forward = (ctx, x, k) => {
  const parts = taps.map((i) => x!.narrow(0, i, 6).mul(k!.select(0, i)));
  return save(ctx, [x!, k!], parts[0]!.add(parts[1]!).add(parts[2]!));
};
const unfiltered =
  (tapOf: (i: number) => number, startOf: (i: number) => number): Backward =>
  ([x, k], g) => {
    const parts = taps.map((i) => F.pad(g!.mul(k!.select(0, tapOf(i))), [i, 2 - i]));
    const ofTaps = taps.map((i) => x!.narrow(0, startOf(i), 6).mul(g!).sum());
    return [parts[0]!.add(parts[1]!).add(parts[2]!), stack(ofTaps)];
  };
const same = (i: number): number => i;
const filter = (): T[] => [randn([8]), randn([3])];
kind(
  "TapsReversed",
  filter,
  filtered,
  unfiltered(same, same),
  unfiltered((i) => 2 - i, same),
);
kind(
  "WindowOneOff",
  filter,
  filtered,
  unfiltered(same, same),
  unfiltered(same, (i) => Math.max(0, i - 1)),
);

// One term of a gradient in the place of another.
const targets = (): T => F.oneHot(tensor([0, 2, 1, 3], { dtype: "int64" }), 5).float();
const crossEntropy: Forward = (ctx, z) => {
  const t = targets();
  const lp = z!.logSoftmax(1);
  return save(ctx, [z!, lp, t], lp.mul(t).sum().neg().div(4));
};
const logits = (): T[] => [randn([4, 5])];
const lessTarget =
  (p: (z: T, lp: T) => T, of: (t: T) => T = (t) => t): Backward =>
  ([z, lp, t], g) =>
    p(z!, lp!).sub(of(t!)).mul(g!).div(4);
const likely = lessTarget((_, lp) => lp.exp());
kind(
  "LogOfProbability",
  logits,
  crossEntropy,
  likely,
  lessTarget((_, lp) => lp),
);
kind(
  "SoftmaxAlongRows",
  logits,
  crossEntropy,
  likely,
  lessTarget((z) => z.softmax(0)),
);
kind(
  "TargetOneOff",
  logits,
  crossEntropy,
  likely,
  lessTarget(
    (_, lp) => lp.exp(),
    (t) => t.roll(1, 1),
  ),
);

// A factor or a step that is left out in all, or in one path.
const normalised: Forward = (ctx, x) => {
  const mean = x!.mean(0, true);
  const v = x!.sub(mean).square().mean(0, true);
  const s = v.add(0.1).sqrt();
  const h = x!.sub(mean).div(s);
  return save(ctx, [h, v, s], h);
};
const renormalised =
  (root: (v: T, s: T) => T, axis: number): Backward =>
  ([h, v, s], g) =>
    g!
      .sub(g!.mean(0, true))
      .sub(h!.mul(g!.mul(h!).mean(axis, true)))
      .div(root(v!, s!));
const batch = (): T[] => [randn([6, 3])];
kind(
  "EpsilonForgotten",
  batch,
  normalised,
  renormalised((_, s) => s, 0),
  renormalised((v) => v.sqrt(), 0),
);
kind(
  "MeanAlongOtherAxis",
  batch,
  normalised,
  renormalised((_, s) => s, 0),
  renormalised((_, s) => s, 1),
);
const scaled: Forward = (ctx, x) => {
  const r = x!.square().mean(-1, true).add(0.05).sqrt();
  return save(ctx, [x!, r], x!.div(r));
};
const rescaled =
  (root: (x: T, r: T) => T, power: number): Backward =>
  ([x, saved], g) => {
    const r = root(x!, saved!);
    return g!.div(r).sub(x!.mul(g!.mul(x!).mean(-1, true)).div(r.pow(power)));
  };
const rows = (): T[] => [randn([4, 6]).mul(0.3)];
kind(
  "EpsilonNowhere",
  rows,
  scaled,
  rescaled((_, r) => r, 3),
  rescaled((x) => x.square().mean(-1, true).sqrt(), 3),
);
kind(
  "PowerTooSmall",
  rows,
  scaled,
  rescaled((_, r) => r, 3),
  rescaled((_, r) => r, 2),
);
kind(
  "ProductTimesInput",
  () => [rand([3, 4]).add(0.5)],
  (ctx, x) => {
    const y = x!.prod(-1, true);
    return save(ctx, [x!, y], y);
  },
  ([x, y], g) => g!.mul(y!).div(x!),
  ([x, y], g) => g!.mul(y!).mul(x!),
);
kind(
  "InnerFunctionLeftOut",
  () => [randn([8])],
  (ctx, x) => save(ctx, [x!], x!.mul(x!.exp().log1p().tanh())),
  ([x], g) => {
    const t = x!.exp().log1p().tanh();
    return g!.mul(t.add(x!.mul(tanhSlope(t)).mul(x!.sigmoid())));
  },
  ([x], g) => {
    const t = x!.exp().log1p().tanh();
    return g!.mul(t.add(x!.mul(tanhSlope(t))));
  },
);
kind(
  "OneBranchDoubled",
  () => [randn([12]).mul(3)],
  (ctx, x) => save(ctx, [x!], x!.mul(x!.add(3).clamp(0, 6)).div(6)),
  ([x], g) => g!.mul(where(x!.lt(-3), zeros([12]), where(x!.gt(3), ones([12]), x!.mul(2).add(3).div(6)))),
  ([x], g) => g!.mul(where(x!.lt(-3), zeros([12]), where(x!.gt(3), ones([12]), x!.mul(2).add(3).div(3)))),
);

// Sums that run elsewhere.
const running: Forward = (ctx, x) => {
  const y = x!.cumprod(0);
  return save(ctx, [x!, y], y);
};
kind(
  "ProductsFromTheStart",
  () => [rand([5]).add(0.5)],
  running,
  ([x, y], g) => g!.mul(y!).flip(0).cumsum(0).flip(0).div(x!),
  ([x, y], g) => g!.mul(y!).cumsum(0).div(x!),
);
kind(
  "OwnPlaceLeftOut",
  () => [randn([5])],
  (_, x) => x!.cumsum(0),
  (_, g) => g!.flip(0).cumsum(0).flip(0),
  (_, g) => g!.flip(0).cumsum(0).flip(0).sub(g!),
);
kind(
  "FactorAfterSum",
  () => [randn([6])],
  (_, x) => x!.cumsum(0).div(arange(1, 7)),
  (_, g) => g!.div(arange(1, 7)).flip(0).cumsum(0).flip(0),
  (_, g) => g!.flip(0).cumsum(0).flip(0).div(arange(1, 7)),
);
kind(
  "MeansMultiplied",
  () => [randn([2, 3, 4]), randn([3])],
  (ctx, x, w) => save(ctx, [x!, w!], x!.mul(w!.reshape(3, 1))),
  ([x, w], g) => [g!.mul(w!.reshape(3, 1)), g!.mul(x!).sum([0, 2])],
  ([x, w], g) => [g!.mul(w!.reshape(3, 1)), g!.sum([0, 2]).mul(x!.mean([0, 2]))],
);

// Two inputs that are confused up to the sign; a turn that is not turned back; a row that gets nothing.
kind(
  "ArcTangentSwapped",
  two,
  (ctx, a, b) => save(ctx, [a!, b!], a!.atan2(b!)),
  ([a, b], g) => {
    const r = a!.square().add(b!.square());
    return [g!.mul(b!).div(r), g!.mul(a!).div(r).neg()];
  },
  ([a, b], g) => {
    const r = a!.square().add(b!.square());
    return [g!.mul(a!).div(r), g!.mul(b!).div(r).neg()];
  },
);
const angles = (): T => arange(12).reshape(4, 3).mul(0.3);
const turned: Forward = (_, x) => {
  const [c, s] = [angles().cos(), angles().sin()];
  const [a, b] = x!.chunk(2, 1) as [T, T];
  return cat([a.mul(c).sub(b.mul(s)), a.mul(s).add(b.mul(c))], 1);
};
const turnedBack =
  (sign: number): Backward =>
  (_, g) => {
    const [c, s] = [angles().cos(), angles().sin()];
    const [a, b] = g!.chunk(2, 1) as [T, T];
    return cat([a.mul(c).add(b.mul(s).mul(sign)), b.mul(c).sub(a.mul(s))], 1);
  };
kind("HalfTurnedBack", () => [randn([4, 6])], turned, turnedBack(1), turnedBack(-1));
const index = (): T => tensor([1, 3, 0, 4, 1, 2], { dtype: "int64" });
kind(
  "PaddingRow",
  () => [randn([5, 3])],
  (_, w) => w!.indexSelect(0, index()),
  (_, g) => zeros([5, 3]).indexAdd(0, index(), g!),
  (_, g) =>
    zeros([5, 3])
      .indexAdd(0, index(), g!)
      .mul(tensor([0, 1, 1, 1, 1]).unsqueeze(1)),
);
// A number of forward that is as large as a size by chance.
kind(
  "FactorLikeSize",
  () => [randn([6, 5]), randn([5, 4])],
  (ctx, x, w) => save(ctx, [x!, w!], x!.matmul(w!).mul(0.25)),
  ([x, w], g) => [g!.mul(0.25).matmul(w!.t()), x!.t().matmul(g!.mul(0.25))],
  ([x, w], g) => [g!.mul(0.25).matmul(w!.t()), x!.t().matmul(g!)],
);
// A kernel is no matrix that could be transposed: it is to be turned around.
const slid =
  (kernel: (w: T) => T): Backward =>
  ([x, w], g) => [
    F.conv1d(g!, kernel(w!).transpose(0, 1), null, { padding: 1 }),
    F.conv1d(F.pad(x!, [1, 1]).transpose(0, 1), g!.transpose(0, 1)).transpose(0, 1),
  ];
kind(
  "KernelNotTurned",
  () => [randn([2, 2, 5]), randn([3, 2, 3])],
  (ctx, x, w) => save(ctx, [x!, w!], F.conv1d(x!, w!, null, { padding: 1 })),
  slid((w) => w.flip([2])),
  slid((w) => w),
);
// A softmax, or a reduction, taken along another axis than that of forward.
const ofRows = (g: T, p: T): T => p.mul(g.sub(g.mul(p).sum(1, true)));
kind(
  "WeightsOfColumns",
  () => [randn([4, 4])],
  (ctx, x) => save(ctx, [x!], x!.div(2).softmax(1)),
  ([x], g) => ofRows(g!, x!.div(2).softmax(1)).div(2),
  ([x], g) => ofRows(g!, x!.div(2).softmax(0)).div(2),
);
kind(
  "MixedByColumns",
  () => [randn([5, 5]), randn([5, 3])],
  (ctx, s, v) => save(ctx, [s!, v!], s!.softmax(1).matmul(v!)),
  ([s, v], g) => [ofRows(g!.matmul(v!.t()), s!.softmax(1)), s!.softmax(1).t().matmul(g!)],
  ([s, v], g) => [ofRows(g!.matmul(v!.t()), s!.softmax(1)), s!.softmax(0).t().matmul(g!)],
);
const slope =
  (of: (x: T) => T): Backward =>
  ([x], g) =>
    g!.mul(of(x!));
for (const [name, of] of [
  ["SlopeOfColumns", (x: T) => x.softmax(0)],
  ["SharedEvenly", (x: T) => x.mul(0).add(0.25)],
] as const) {
  kind(
    name,
    () => [randn([4, 4])],
    (ctx, x) => save(ctx, [x!], x!.logsumexp(1, true)),
    slope((x) => x.softmax(1)),
    slope(of),
  );
}
// A size of x that forward has nothing to do with.
kind(
  "NumberLikeSize",
  () => [randn([3])],
  (ctx, x) => save(ctx, [x!], x!.square()),
  slope((x) => x.mul(2)),
  slope((x) => x.mul(6)),
);
kind(
  "VarianceForDeviation",
  () => [randn([3, 5])],
  (ctx, x) => save(ctx, [x!], x!.std(1, { unbiased: false, keepdim: true })),
  slope((x) =>
    x
      .sub(x.mean(1, true))
      .div(x.std(1, { unbiased: false, keepdim: true }))
      .div(5),
  ),
  slope((x) => x.sub(x.mean(1, true)).mul(2 / 5)),
);
const windows = (g: T, k: T): T => F.pad(g, [2, 2]).unfold(0, 3, 1).mv(k);
kind(
  "TapsNotTurned",
  () => [randn([7]), randn([3])],
  (ctx, x, k) => save(ctx, [x!, k!], x!.unfold(0, 3, 1).mv(k!)),
  ([x, k], g) => [windows(g!, k!.flip(0)), x!.unfold(0, 3, 1).t().mv(g!)],
  ([x, k], g) => [windows(g!, k!), x!.unfold(0, 3, 1).t().mv(g!)],
);
// A number that forward uses twice, as a temperature; a constant of a local derivative; a choice; the ends of a line.
const tempered = (x: T): T => x.div(0.3).logsumexp(1).mul(0.3);
kind(
  "TemperatureForgotten",
  () => [randn([4, 5])],
  (ctx, x) => save(ctx, [x!], tempered(x!)),
  ([x], g) => x!.div(0.3).softmax(1).mul(g!.unsqueeze(1)),
  ([x], g) => x!.softmax(1).mul(g!.unsqueeze(1)),
);
const bent = (x: T): T => where(x.gt(0), x, x.expm1().mul(0.6));
kind(
  "OneForConstant",
  () => [randn([4, 5])],
  (ctx, x) => save(ctx, [bent(x!)], bent(x!)),
  ([y], g) => g!.mul(where(y!.gt(0), ones([4, 5]), y!.add(0.6))),
  ([y], g) => g!.mul(where(y!.gt(0), ones([4, 5]), y!.add(1))),
);
const bound = (): T[] => [randn([4, 6]), tensor([0.4])];
kind(
  "BoundInverted",
  bound,
  (ctx, x, b) => save(ctx, [x!, b!], x!.minimum(b!)),
  ([x, b], g) => [g!.mul(x!.lt(b!).float()), g!.mul(x!.ge(b!).float()).sum().reshape(1)],
  ([x, b], g) => [g!.mul(x!.lt(b!).float()), g!.mul(x!.lt(b!).float()).sum().reshape(1)],
);
const cells = tensor([0, 2, 1, 3, 2], { dtype: "int64" });
const between = (f: T, table: T): T => {
  const [left, right] = [table.indexSelect(0, cells), table.indexSelect(0, cells.add(1))];
  return left.add(right.sub(left).mul(f));
};
const ends =
  (ofLeft: (f: T) => T, ofRight: (f: T) => T): Backward =>
  ([f, table], g) => [
    g!.mul(table!.indexSelect(0, cells.add(1)).sub(table!.indexSelect(0, cells))),
    zeros([5])
      .indexAdd(0, cells, g!.mul(ofLeft(f!)))
      .indexAdd(0, cells.add(1), g!.mul(ofRight(f!))),
  ];
const rest = (f: T): T => f.neg().add(1);
kind(
  "EndsExchanged",
  () => [rand([5]), randn([5])],
  (ctx, f, table) => save(ctx, [f!, table!], between(f!, table!)),
  ends(rest, (f) => f),
  ends((f) => f, rest),
);
// Too large for every hypothesis to be tried on all of it.
kind(
  "LargeSlopeOfInput",
  () => [randn([40, 30])],
  (ctx, x) => save(ctx, [x!], x!.tanh()),
  ([x], g) => g!.mul(tanhSlope(x!.tanh())),
  ([x], g) => g!.mul(tanhSlope(x!)),
);

const rowNormGradient =
  (axis: number): Backward =>
  ([y, scale], g) =>
    scale!.mul(g!.sub(g!.mean(axis, true)).sub(y!.mul(g!.mul(y!).mean(axis, true))));
kind(
  "RowNormOtherAxis",
  () => [randn([6, 8])],
  (ctx, x) => {
    const centred = x!.sub(x!.mean(1, true));
    const scale = centred.square().mean(1, true).add(0.01).rsqrt();
    const y = centred.mul(scale);
    return save(ctx, [y, scale], y);
  },
  rowNormGradient(1),
  rowNormGradient(0),
);

// What forward keeps, and no step of it reads.
kind(
  "KeptAside",
  () => [randn([4, 5])],
  (ctx, x) => {
    const near = noGrad(() => x!.mul(0.75).add(x!.round().mul(0.25)));
    return save(ctx, [x!, near], x!.pow(3));
  },
  ([x], g) => g!.mul(x!.square()).mul(3),
  ([, near], g) => g!.mul(near!.square()).mul(3),
);
// What all of a gradient is off by is the value of an operand, or a size and one less.
const warmth = (): T[] => [randn([4, 5]), tensor([1.7])];
kind(
  "TemperatureOnce",
  warmth,
  (ctx, x, t) => save(ctx, [x!, t!], x!.div(t!)),
  ([x, t], g) => [g!.div(t!), g!.mul(x!).div(t!.square()).sum().neg().reshape(1)],
  ([x, t], g) => [g!.div(t!), g!.mul(x!).div(t!).sum().neg().reshape(1)],
);
kind(
  "GainForgotten",
  warmth,
  (ctx, x, t) => save(ctx, [x!, t!], x!.mul(t!).tanh()),
  ([x, t], g) => {
    const inner = g!.mul(tanhSlope(x!.mul(t!).tanh()));
    return [inner.mul(t!), inner.mul(x!).sum().reshape(1)];
  },
  ([x, t], g) => {
    const inner = g!.mul(tanhSlope(x!.mul(t!).tanh()));
    return [inner, inner.mul(x!).sum().reshape(1)];
  },
);
// Half of it is the derivative of the square, though an operand happens to be 2.
kind(
  "HalfLikeOperand",
  () => [randn([4, 5]), tensor([2])],
  (ctx, x, t) => save(ctx, [x!, t!], x!.square().mul(t!)),
  ([x, t], g) => [g!.mul(x!).mul(t!).mul(2), g!.mul(x!.square()).sum().reshape(1)],
  ([x, t], g) => [g!.mul(x!).mul(t!), g!.mul(x!.square()).sum().reshape(1)],
);
const variance =
  (count: number): Backward =>
  ([x], g) =>
    g!.mul(x!.sub(x!.mean(0))).mul(2 / count);
kind(
  "BiasedGradient",
  () => [randn([6, 4])],
  (ctx, x) => save(ctx, [x!], x!.var(0)),
  variance(5),
  variance(6),
);
kind(
  "UnbiasedGradient",
  () => [randn([6, 4])],
  (ctx, x) => save(ctx, [x!], x!.var(0, { correction: 0 })),
  variance(6),
  variance(5),
);
// A number of forward that two sizes have the ratio of.
kind(
  "NumberLikeSizes",
  () => [randn([5, 6])],
  (ctx, x) => {
    const t = x!.div(5).tanh();
    return save(ctx, [t], t.mul(5));
  },
  ([t], g) => g!.mul(tanhSlope(t!)),
  ([t], g) => g!.mul(tanhSlope(t!)).mul(5),
);

// Too large to be examined whole: the mistake shows in a part of the rows.
kind(
  "VastMeanOfRows",
  () => [randn([300, 80])],
  (ctx, x) => save(ctx, [x!], x!.tanh().mean(0)),
  ([x], g) => tanhSlope(x!.tanh()).mul(g!).div(300),
  ([x], g) => tanhSlope(x!.tanh()).mul(g!),
);
kind(
  "VastSlope",
  () => [randn([300, 80])],
  (ctx, x) => save(ctx, [x!], x!.mul(x!.sigmoid())),
  ([x], g) => g!.mul(x!.sigmoid().add(x!.mul(x!.sigmoid()).mul(rest(x!.sigmoid())))),
  ([x], g) => g!.mul(x!.sigmoid()),
);
// One number for many results: its Jacobian is small, however many they are.
const manyOfOne = (): T[] => [randn([200, 200]), tensor([1.53])];
const squashed: Forward = (ctx, x, w) => save(ctx, [x!, w!], x!.mul(w!).tanh());
const ofGain =
  (slope: (x: T, w: T) => T): Backward =>
  ([x, w], g) => [g!.mul(tanhSlope(x!.mul(w!).tanh())).mul(w!), g!.mul(slope(x!, w!)).mul(x!).sum().reshape(1)];
kind(
  "ManyForOneSlope",
  manyOfOne,
  squashed,
  ofGain((x, w) => tanhSlope(x.mul(w).tanh())),
  ofGain(() => tensor(1)),
);
kind(
  "ManyForOneNull",
  manyOfOne,
  squashed,
  ofGain((x, w) => tanhSlope(x.mul(w).tanh())),
  ([x, w], g) => [g!.mul(tanhSlope(x!.mul(w!).tanh())).mul(w!), null],
);

// What a weight of ones hides: y is the factor of its gradient by chance.
kind(
  "WeightOfOnes",
  () => [randn([6, 6]), ones([6])],
  (ctx, x, w) => save(ctx, [x!, w!], x!.tanh().mul(w!)),
  ([x, w], g) => [g!.mul(w!).mul(tanhSlope(x!.tanh())), g!.mul(x!.tanh()).sum(0)],
  ([x, w], g) => [g!.mul(w!).mul(tanhSlope(x!.tanh())), g!.mul(x!.tanh()).sum(1)],
);
// Every element is past the bound.
kind(
  "ClippedEverywhere",
  () => [randn([4, 6])],
  (ctx, x) => save(ctx, [x!], x!.square()),
  ([x], g) => g!.mul(x!).mul(2),
  ([x], g) => g!.mul(x!).mul(2).clamp(-1e-4, 1e-4),
);
// A square matrix of which nobody sees that it is transposed.
kind(
  "BilinearTransposed",
  () => [randn([4, 5]), randn([5, 5]), randn([4, 5])],
  (ctx, x, w, y) => save(ctx, [x!, w!, y!], x!.matmul(w!).mul(y!).sum(1)),
  ([x, w, y], g) => bilinear(x!, w!, y!, g!.unsqueeze(1), w!),
  ([x, w, y], g) => bilinear(x!, w!, y!, g!.unsqueeze(1), w!.t()),
);
// The sum in a softmax's gradient runs over all groups.
kind(
  "GroupedSoftmaxSum",
  () => [randn([3, 8])],
  (ctx, x) => {
    const p = x!.view(3, 2, 4).softmax(2);
    return save(ctx, [p], p.view(3, 8));
  },
  ([p], g) => p!.mul(g!.view(3, 2, 4).sub(p!.mul(g!.view(3, 2, 4)).sum(2, true))).view(3, 8),
  ([p], g) => p!.view(3, 8).mul(g!.sub(p!.view(3, 8).mul(g!).sum(1, true))),
);
// The largest of a window, whose axis is taken away.
kind(
  "MaximumSharedOut",
  () => [randn([3, 8])],
  (ctx, x) => {
    const most = x!.view(3, 2, 4).amax(2);
    return save(ctx, [x!.view(3, 2, 4).ge(most.unsqueeze(2)).float()], most);
  },
  ([hot], g) => hot!.mul(g!.unsqueeze(2)).view(3, 8),
  (_, g) => g!.repeatInterleave(4, 1).div(4),
);
// A number that is added to every element of the gradient.
kind(
  "ProbabilitiesWithEpsilon",
  () => [randn([4, 5]), randn([4, 5]).softmax(1)],
  (ctx, x, p) => save(ctx, [x!, p!], p!.mul(x!.logSoftmax(1)).sum().neg()),
  ([x, p], g) => [x!.softmax(1).sub(p!).mul(g!), x!.logSoftmax(1).neg().mul(g!)],
  ([x, p], g) => [x!.softmax(1).add(0.125).sub(p!).mul(g!), x!.logSoftmax(1).neg().mul(g!)],
);

// The index of the largest in each window is off by one.
kind(
  "NextOfWindow",
  () => [randn([5, 8])],
  (ctx, x) => {
    const windows = x!.view(5, 2, 4);
    return save(ctx, [windows.ge(windows.amax(2, true)).float()], windows.amax(2));
  },
  ([hot], g) => hot!.mul(g!.unsqueeze(2)).view(5, 8),
  ([hot], g) => hot!.mul(g!.unsqueeze(2)).roll(1, 2).view(5, 8),
);
// Channels that a pixel shuffle spreads over rows and columns, gathered as columns and rows.
const gathered = (g: T, ...order: number[]): T =>
  g
    .view(1, 2, 3, 2, 3, 2)
    .permute(...order)
    .reshape(1, 8, 3, 3);
kind(
  "ShuffledOtherwise",
  () => [randn([1, 8, 3, 3])],
  (_, x) => x!.view(1, 2, 2, 2, 3, 3).permute(0, 1, 4, 2, 5, 3).reshape(1, 2, 6, 6),
  (_, g) => gathered(g!, 0, 1, 3, 5, 2, 4),
  (_, g) => gathered(g!, 0, 1, 5, 3, 2, 4),
);
// Too large to be examined whole, and wrong at elements of which nothing is known but where they are.
const uneven = (x: T): T => x.roll(1, 0).mul(3).sin();
kind(
  "VastUneven",
  () => [randn([60, 70])],
  (ctx, x) => save(ctx, [x!], x!.sin()),
  ([x], g) => g!.mul(x!.cos()),
  ([x], g) => g!.mul(x!.cos()).mul(uneven(x!)),
);
// Too large as well, and of no other size than its table's.
const table = randn([60, 70]);
kind(
  "VastDivided",
  () => [randn([60, 70])],
  (_, x) => x!.mul(table),
  (_, g) => g!.mul(table),
  (_, g) => g!.mul(table).div(g!.numel()),
);
// Of each row something along the row itself is wrong, whatever leads there.
kind(
  "OtherNorm",
  () => [randn([6, 7]), randn([6, 7])],
  (ctx, a, b) =>
    save(
      ctx,
      [a!, b!],
      a!
        .mul(b!)
        .sum(1)
        .div(a!.norm(2, 1).mul(b!.norm(2, 1))),
    ),
  ([a, b], g) => cosineGradients(a!, b!, g!.unsqueeze(1), b!),
  ([a, b], g) => cosineGradients(a!, b!, g!.unsqueeze(1), a!),
);
function cosineGradients(a: T, b: T, g: T, used: T): T[] {
  const [ofA, ofB] = [a.norm(2, 1, true), b.norm(2, 1, true)];
  const both = ofA.mul(ofB);
  const cosine = a.mul(b).sum(1, true).div(both);
  return [
    g.mul(b.div(both).sub(cosine.mul(a).div(ofA.square()))),
    g.mul(a.div(both).sub(cosine.mul(b).div(used.square().sum(1, true)))),
  ];
}

runAll();
