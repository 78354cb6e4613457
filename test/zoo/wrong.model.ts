// Gradients with a mistake in each. The comment before a class names the cause that the checker must find.
import { autograd, F, manualSeed, randn, tensor, zeros, type Tensor } from "backstep";
import { applyToLeaves, constant, differentiate, embeddingRows, probe, rows } from "./probe.ts";

manualSeed(7);

type Context = autograd.Context;
const { Function: Fn } = autograd;

// expect: sign
class NegatedTanh extends Fn {
  static forward(ctx: Context, x: Tensor) {
    const y = x.tanh();
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, g: Tensor) {
    const [y] = ctx.savedTensors as [Tensor];
    return [g.mul(y.square().sub(1))];
  }
}
probe(NegatedTanh, randn([3, 5]));

// expect: scale
class CubeTwice extends Fn {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.pow(3);
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors as [Tensor];
    return [g.mul(x.square()).mul(2)];
  }
}
probe(CubeTwice, randn([7]));

// expect: scale
class HotSoftmax extends Fn {
  static forward(ctx: Context, x: Tensor) {
    const y = x.div(0.7).softmax(1);
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, g: Tensor) {
    const [y] = ctx.savedTensors as [Tensor];
    return [y.mul(g.sub(g.mul(y).sum(1, true)))]; // the temperature is forgotten
  }
}
probe(HotSoftmax, randn([3, 6]));

// expect: scale
class HalfSquare extends Fn {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.square();
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors as [Tensor];
    return [g.mul(x)];
  }
}
probe(HalfSquare, randn([4, 3]));

// expect: batch-scale
class SummedMse extends Fn {
  static forward(ctx: Context, y: Tensor, t: Tensor) {
    ctx.saveForBackward(y, t);
    return y.sub(t).square().mean();
  }
  static backward(ctx: Context, g: Tensor) {
    const [y, t] = ctx.savedTensors as [Tensor, Tensor];
    return [g.mul(y.sub(t)).mul(2), null]; // not divided by the count
  }
}
probe(
  SummedMse,
  randn([6, 5]),
  constant(
    Array.from({ length: 30 }, (_, i) => Math.sin(i)),
    6,
    5,
  ),
);

// expect: batch-scale
class AveragedBias extends Fn {
  static forward(ctx: Context, x: Tensor, b: Tensor) {
    return x.add(b);
  }
  static backward(_: Context, g: Tensor) {
    return [g, g.mean(0)];
  }
}
probe(AveragedBias, randn([8, 3]), randn([3]));

// expect: missing-upstream
class LonelySigmoid extends Fn {
  static forward(ctx: Context, x: Tensor) {
    const y = x.sigmoid();
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, _: Tensor) {
    const [y] = ctx.savedTensors as [Tensor];
    return [y.mul(y.neg().add(1))];
  }
}
probe(LonelySigmoid, randn([2, 6]));

// expect: missing-upstream
class LonelyNorm extends Fn {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.square().sum();
  }
  static backward(ctx: Context, _: Tensor) {
    const [x] = ctx.savedTensors as [Tensor];
    return [x.mul(2)];
  }
}
probe(LonelyNorm, randn([9]));

// expect: missing-reduction
class FirstRowBias extends Fn {
  static forward(_: Context, x: Tensor, b: Tensor) {
    return x.add(b);
  }
  static backward(_: Context, g: Tensor) {
    return [g, g.select(0, 0)];
  }
}
probe(FirstRowBias, randn([6, 4]), randn([4]));

// expect: missing-reduction
class FirstRowGain extends Fn {
  static forward(ctx: Context, x: Tensor, w: Tensor) {
    ctx.saveForBackward(x, w);
    return x.mul(w);
  }
  static backward(ctx: Context, g: Tensor) {
    const [x, w] = ctx.savedTensors as [Tensor, Tensor];
    return [g.mul(w), g.mul(x).select(0, 0)];
  }
}
probe(FirstRowGain, randn([5, 4]), randn([4]));

// expect: transpose
class TurnedWeight extends Fn {
  static forward(ctx: Context, x: Tensor, w: Tensor) {
    ctx.saveForBackward(x, w);
    return x.matmul(w);
  }
  static backward(ctx: Context, g: Tensor) {
    const [x, w] = ctx.savedTensors as [Tensor, Tensor];
    return [g.matmul(w.t()), g.t().matmul(x)];
  }
}
probe(TurnedWeight, randn([5, 4]), randn([4, 4]));

// expect: transpose
class ForgottenTranspose extends Fn {
  static forward(ctx: Context, x: Tensor, w: Tensor) {
    ctx.saveForBackward(x, w);
    return x.matmul(w);
  }
  static backward(ctx: Context, g: Tensor) {
    const [x, w] = ctx.savedTensors as [Tensor, Tensor];
    return [g.matmul(w), x.t().matmul(g)];
  }
}
probe(ForgottenTranspose, randn([5, 4]), randn([4, 4]));

// expect: swapped-inputs
class CrossedProduct extends Fn {
  static forward(ctx: Context, a: Tensor, b: Tensor) {
    ctx.saveForBackward(a, b);
    return a.mul(b);
  }
  static backward(ctx: Context, g: Tensor) {
    const [a, b] = ctx.savedTensors as [Tensor, Tensor];
    return [g.mul(a), g.mul(b)];
  }
}
probe(CrossedProduct, randn([3, 4]), randn([3, 4]));

// expect: swapped-inputs
class CrossedOrder extends Fn {
  static forward(ctx: Context, a: Tensor, b: Tensor) {
    ctx.saveForBackward(a, b);
    return a.square().mul(b.exp());
  }
  static backward(ctx: Context, g: Tensor) {
    const [a, b] = ctx.savedTensors as [Tensor, Tensor];
    return [g.mul(a.square()).mul(b.exp()), g.mul(a).mul(2).mul(b.exp())];
  }
}
probe(CrossedOrder, randn([6]), randn([6]));

// expect: activation-derivative
class TanhOfInput extends Fn {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.tanh();
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors as [Tensor];
    return [g.mul(x.square().neg().add(1))];
  }
}
probe(TanhOfInput, randn([4, 4]));

// expect: activation-derivative
class SigmoidTwice extends Fn {
  static forward(ctx: Context, x: Tensor) {
    const y = x.sigmoid();
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, g: Tensor) {
    const [y] = ctx.savedTensors as [Tensor];
    const s = y.sigmoid(); // y is already σ(x)
    return [g.mul(s).mul(s.neg().add(1))];
  }
}
probe(SigmoidTwice, randn([4, 4]));

// expect: activation-derivative
class StraightSoftplus extends Fn {
  static forward(_: Context, x: Tensor) {
    return F.softplus(x);
  }
  static backward(_: Context, g: Tensor) {
    return [g];
  }
}
probe(StraightSoftplus, randn([5, 2]));

// expect: activation-derivative
class DividedTanh extends Fn {
  static forward(ctx: Context, x: Tensor) {
    const y = x.tanh();
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, g: Tensor) {
    const [y] = ctx.savedTensors as [Tensor];
    return [g.div(y.square().neg().add(1))];
  }
}
probe(DividedTanh, randn([5, 2]).mul(0.5));

// expect: missing-term
class RmsNorm extends Fn {
  static forward(ctx: Context, x: Tensor) {
    const r = x.square().mean(1, true).sqrt();
    ctx.saveForBackward(r);
    return x.div(r);
  }
  static backward(ctx: Context, g: Tensor) {
    const [r] = ctx.savedTensors as [Tensor];
    return [g.div(r)]; // the root depends on x as well
  }
}
probe(RmsNorm, randn([3, 8]));

// expect: missing-term
class LayerNormNoMean extends Fn {
  static forward(ctx: Context, x: Tensor) {
    const c = x.sub(x.mean(1, true));
    const s = c.square().mean(1, true).add(1e-5).sqrt();
    const y = c.div(s);
    ctx.saveForBackward(y, s);
    return y;
  }
  static backward(ctx: Context, g: Tensor) {
    const [y, s] = ctx.savedTensors as [Tensor, Tensor];
    return [g.sub(y.mul(g.mul(y).mean(1, true))).div(s)]; // minus the mean of g is missing
  }
}
probe(LayerNormNoMean, randn([4, 8]));

// expect: missing-term
class DiagonalSoftmax extends Fn {
  static forward(ctx: Context, x: Tensor) {
    const y = x.softmax(1);
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, g: Tensor) {
    const [y] = ctx.savedTensors as [Tensor];
    return [g.mul(y)];
  }
}
probe(DiagonalSoftmax, randn([3, 6]));

// expect: missing-term
class ForgetfulSwish extends Fn {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.mul(x.sigmoid());
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors as [Tensor];
    return [g.mul(x.sigmoid())];
  }
}
probe(ForgetfulSwish, randn([3, 6]));

// expect: missing-term
class NoSkip extends Fn {
  static forward(ctx: Context, x: Tensor, w: Tensor) {
    ctx.saveForBackward(x, w);
    return x.add(x.matmul(w));
  }
  static backward(ctx: Context, g: Tensor) {
    const [x, w] = ctx.savedTensors as [Tensor, Tensor];
    return [g.matmul(w.t()), x.t().matmul(g)]; // the residual path is missing
  }
}
probe(NoSkip, randn([3, 5]), randn([5, 5]));

// expect: overwrite
class LastEmbedding extends Fn {
  static forward(_: Context, table: Tensor) {
    return table.indexSelect(0, embeddingRows);
  }
  static backward(_: Context, g: Tensor) {
    const out = zeros([5, 3]).tolist();
    const gradient = g.tolist();
    embeddingRows.tolist().forEach((row, i) => (out[row as number] = gradient[i]!)); // assigned, not added
    return [tensor(out)];
  }
}
probe(LastEmbedding, randn([5, 3]));

// expect: overwrite
class LastStepWeight extends Fn {
  static forward(ctx: Context, x: Tensor, w: Tensor) {
    ctx.saveForBackward(x, w);
    return x.mul(w);
  }
  static backward(ctx: Context, g: Tensor) {
    const [x, w] = ctx.savedTensors as [Tensor, Tensor];
    let gw = zeros([4]);
    for (let t = 0; t < 6; t++) gw = g.select(0, t).mul(x.select(0, t));
    return [g.mul(w), gw];
  }
}
probe(LastStepWeight, randn([6, 4]), randn([4]));

// expect: mask
class LateRelu extends Fn {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.clamp({ min: 0 });
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors as [Tensor];
    return [g.mul(x.gt(0.5).float())];
  }
}
probe(LateRelu, randn([6, 6]));

// expect: mask
class OpenClamp extends Fn {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.clamp(-0.5, 0.5);
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors as [Tensor];
    return [g.mul(x.lt(0.5).float())]; // the lower bound is forgotten
  }
}
probe(OpenClamp, randn([6, 6]));

// expect: mask
class InvertedDropout extends Fn {
  static forward(ctx: Context, x: Tensor, keep: Tensor) {
    ctx.saveForBackward(keep);
    return x.mul(keep);
  }
  static backward(ctx: Context, g: Tensor) {
    const [keep] = ctx.savedTensors as [Tensor];
    return [g.mul(keep.neg().add(1)), null];
  }
}
probe(
  InvertedDropout,
  randn([4, 5]),
  constant(
    Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? 0 : 1)),
    4,
    5,
  ),
);

// expect: shift
class OffByOne extends Fn {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.sin();
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors as [Tensor];
    return [g.mul(x.cos()).roll(1, 0)];
  }
}
probe(OffByOne, randn([8]));

// expect: shift
class WrongRoll extends Fn {
  static forward(_: Context, x: Tensor) {
    return x.roll(2, 1);
  }
  static backward(_: Context, g: Tensor) {
    return [g.roll(-1, 1)];
  }
}
probe(WrongRoll, randn([3, 7]));

// expect: partial
class FirstHalf extends Fn {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.exp();
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors as [Tensor];
    const full = g.mul(x.exp());
    return [full.mul(rows(8, 4))];
  }
}
probe(FirstHalf, randn([8, 2]));

// expect: partial
class ForgottenHead extends Fn {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x
      .unsqueeze(0)
      .mul(tensor([1, 2, 3]).reshape(3, 1, 1))
      .tanh();
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors as [Tensor];
    const factor = tensor([1, 2, 3]).reshape(3, 1, 1);
    const y = x.unsqueeze(0).mul(factor).tanh();
    const each = g.mul(y.square().neg().add(1)).mul(factor);
    return [each.narrow(0, 0, 2).sum(0)];
  }
}
probe(ForgottenHead, randn([4, 3]));

// expect: stale
class Stale extends Fn {
  static forward(ctx: Context, x: Tensor) {
    ctx.kept = Stale.scratch;
    Stale.scratch.copy_(x.detach());
    return x.square();
  }
  static backward(ctx: Context, g: Tensor) {
    return [g.mul(ctx.kept as Tensor).mul(2)];
  }
  static scratch = zeros([4]);
}
const first = applyToLeaves(Stale, randn([4]));
applyToLeaves(Stale, randn([4])); // writes over what the first application has kept
differentiate(first);

// expect: unknown
class Muddle extends Fn {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.sin();
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors as [Tensor];
    return [g.mul(x.cos()).add(x.pow(5).mul(0.37)).mul(x.abs().add(0.3))];
  }
}
probe(Muddle, randn([9]));

// expect: missing-term
class WeightedRms extends Fn {
  static forward(ctx: Context, x: Tensor, w: Tensor) {
    const r = x.square().mean(-1, true).add(1e-6).rsqrt();
    ctx.saveForBackward(x, w, r);
    return x.mul(r).mul(w);
  }
  static backward(ctx: Context, g: Tensor) {
    const [x, w, r] = ctx.savedTensors as [Tensor, Tensor, Tensor];
    return [g.mul(w).mul(r), g.mul(x).mul(r).sum(0)];
  }
}
probe(WeightedRms, randn([4, 6]), randn([6]));

// expect: missing-term
class BatchNormNoVariance extends Fn {
  static forward(ctx: Context, x: Tensor) {
    const c = x.sub(x.mean(0));
    const s = c.square().mean(0).add(1e-5).sqrt();
    ctx.saveForBackward(c, s);
    return c.div(s);
  }
  static backward(ctx: Context, g: Tensor) {
    const [, s] = ctx.savedTensors as [Tensor, Tensor];
    return [g.sub(g.mean(0)).div(s)];
  }
}
probe(BatchNormNoVariance, randn([6, 4]));

// expect: missing-term
class LayerNormNoVariance extends Fn {
  static forward(ctx: Context, x: Tensor) {
    const c = x.sub(x.mean(-1, true));
    const s = c.square().mean(-1, true).add(1e-5).sqrt();
    ctx.saveForBackward(c, s);
    return c.div(s);
  }
  static backward(ctx: Context, g: Tensor) {
    const [, s] = ctx.savedTensors as [Tensor, Tensor];
    return [g.sub(g.mean(-1, true)).div(s)];
  }
}
probe(LayerNormNoVariance, randn([4, 6]));

// expect: missing-term
class UnitRows extends Fn {
  static forward(ctx: Context, x: Tensor) {
    const n = x.norm(2, 1, true);
    ctx.saveForBackward(n);
    return x.div(n);
  }
  static backward(ctx: Context, g: Tensor) {
    const [n] = ctx.savedTensors as [Tensor];
    return [g.div(n)];
  }
}
probe(UnitRows, randn([4, 6]));

// expect: missing-term
class ForgetfulGelu extends Fn {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.mul(x.div(Math.SQRT2).erf().add(1)).mul(0.5);
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors as [Tensor];
    return [g.mul(x.div(Math.SQRT2).erf().add(1).mul(0.5))];
  }
}
probe(ForgetfulGelu, randn([4, 5]));

// expect: scale
class UnscaledScores extends Fn {
  static forward(ctx: Context, q: Tensor, k: Tensor) {
    const s = 1 / Math.sqrt(q.shape[1]!);
    ctx.saveForBackward(q, k);
    return q.matmul(k.t()).mul(s);
  }
  static backward(ctx: Context, g: Tensor) {
    const [q, k] = ctx.savedTensors as [Tensor, Tensor];
    return [g.matmul(k), g.t().matmul(q)];
  }
}
probe(UnscaledScores, randn([4, 3]), randn([5, 3]));

// expect: sign
class Difference extends Fn {
  static forward(_: Context, a: Tensor, b: Tensor) {
    return a.sub(b);
  }
  static backward(_: Context, g: Tensor) {
    return [g, g];
  }
}
probe(Difference, randn([3, 4]), randn([3, 4]));

// expect: activation-derivative
class OpenGate extends Fn {
  static forward(ctx: Context, a: Tensor, b: Tensor) {
    const s = b.sigmoid();
    ctx.saveForBackward(a, s);
    return a.mul(s);
  }
  static backward(ctx: Context, g: Tensor) {
    const [a, s] = ctx.savedTensors as [Tensor, Tensor];
    return [g.mul(s), g.mul(a).mul(s)];
  }
}
probe(OpenGate, randn([3, 4]), randn([3, 4]));

// expect: activation-derivative
class StraightLayer extends Fn {
  static forward(ctx: Context, x: Tensor, w: Tensor, b: Tensor) {
    const y = x.matmul(w).add(b).tanh();
    ctx.saveForBackward(x, w, y);
    return y;
  }
  static backward(ctx: Context, g: Tensor) {
    const [x, w] = ctx.savedTensors as [Tensor, Tensor, Tensor];
    return [g.matmul(w.t()), x.t().matmul(g), g.sum(0)];
  }
}
probe(StraightLayer, randn([5, 4]), randn([4, 3]), randn([3]));

// expect: mask
class LosersPool extends Fn {
  static forward(ctx: Context, x: Tensor) {
    const v = x.reshape(-1, 2);
    const m = v.max(1);
    ctx.saveForBackward(m.indices);
    return m.values;
  }
  static backward(ctx: Context, g: Tensor) {
    const [i] = ctx.savedTensors as [Tensor];
    return [zeros([g.shape[0]!, 2]).scatter(1, i.neg().add(1).unsqueeze(1), g.unsqueeze(1)).reshape(-1)];
  }
}
probe(LosersPool, randn([12]));

// expect: shift
class ShiftedTail extends Fn {
  static forward(_: Context, x: Tensor) {
    return x.narrow(0, 1, x.shape[0]! - 1).mul(2);
  }
  static backward(_: Context, g: Tensor) {
    return [F.pad(g.mul(2), [0, 1])];
  }
}
probe(ShiftedTail, randn([8]));

// expect: transpose
class UnturnedTranspose extends Fn {
  static forward(_: Context, x: Tensor) {
    return x.t().mul(2);
  }
  static backward(_: Context, g: Tensor) {
    return [g.mul(2)];
  }
}
probe(UnturnedTranspose, randn([4, 4]));
