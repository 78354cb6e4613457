// Gradients that are right, and look as if they might not be. None of them may be called wrong.
import { autograd, F, manualSeed, nn, noGrad, randn, tensor, where, zeros, type Tensor } from "backstep";
import { constant, embeddingRows, probe } from "./probe.ts";

manualSeed(7);

type Context = autograd.Context;
const { Function: Fn } = autograd;

function pass(body: (leaf: (t: Tensor) => Tensor) => Tensor): void {
  body((t) => noGrad(() => t.clone()).requiresGrad_()).backward();
}

// Exactly on kinks.
pass((leaf) =>
  leaf(tensor([-1, 0, 0, 2]))
    .relu()
    .mul(tensor([1, 2, 3, 4]))
    .sum(),
);
pass((leaf) =>
  leaf(tensor([0, -0.5, 0]))
    .abs()
    .sum(),
);
pass((leaf) =>
  leaf(tensor([-1, 1, 0.3, 1]))
    .clamp(-1, 1)
    .mul(tensor([1, 2, 3, 4]))
    .sum(),
);
pass((leaf) => F.hardtanh(leaf(tensor([-1, 1, 0, 2])), -1, 1).sum());
// Ties.
pass((leaf) =>
  leaf(
    tensor([
      [1, 3, 3],
      [2, 2, 0],
    ]),
  )
    .amax(1)
    .sum(),
);
pass((leaf) =>
  leaf(
    tensor([
      [1, 3, 3],
      [2, 2, 0],
    ]),
  )
    .max(1)
    .values.sum(),
);
pass((leaf) =>
  leaf(tensor([1, 2, 2]))
    .maximum(tensor([1, 2, 1]))
    .sum(),
);
pass((leaf) =>
  F.maxPool2d(
    leaf(
      tensor([
        [
          [
            [1, 1],
            [1, 1],
          ],
        ],
      ]),
    ),
    2,
  ).sum(),
);
pass((leaf) =>
  leaf(tensor([3, 1, 1, 2]))
    .sort(0)
    .values.mul(tensor([1, 2, 3, 4]))
    .sum(),
);
// Saturation.
pass((leaf) =>
  leaf(tensor([-40, 40, 0, 800]))
    .sigmoid()
    .sum(),
);
pass((leaf) =>
  leaf(tensor([-30, 30, 9]))
    .tanh()
    .sum(),
);
pass((leaf) =>
  leaf(tensor([[100, 0, -100]]))
    .softmax(1)
    .mul(tensor([[1, 2, 3]]))
    .sum(),
);
pass((leaf) =>
  F.crossEntropy(
    leaf(
      tensor([
        [50, -50, 0],
        [0, 0, 0],
      ]),
    ),
    tensor([0, 2], { dtype: "int64" }),
  ),
);
// Large and small.
pass((leaf) =>
  leaf(randn([5]))
    .mul(1e6)
    .square()
    .mean(),
);
pass((leaf) =>
  leaf(randn([5]))
    .mul(1e-6)
    .exp()
    .sum(),
);
pass((leaf) =>
  leaf(randn([6]).mul(1e-5))
    .square()
    .sum(),
);
pass((leaf) =>
  leaf(randn([6]).mul(1e4))
    .square()
    .sum()
    .sqrt(),
);
// Sums that cancel.
pass((leaf) => {
  const x = leaf(randn([50]));
  return x.sub(x.mean()).sum().add(x.sum().mul(1e-3));
});
pass((leaf) =>
  F.layerNorm(leaf(randn([4, 16])), [16])
    .square()
    .sum(),
);
pass((leaf) =>
  leaf(randn([3, 8]))
    .softmax(1)
    .sum(),
);
pass((leaf) =>
  leaf(randn([4, 5]).add(1e3))
    .var(1)
    .sum(),
);
// A branch that is not taken has no derivative.
pass((leaf) => {
  const x = leaf(tensor([-1, 4, 9]));
  return where(x.gt(0), x.clamp({ min: 1e-3 }).sqrt(), zeros([3])).sum();
});
// Long chains.
pass((leaf) => {
  const w = leaf(randn([4, 4]).mul(0.4));
  let h = tensor([[1, 0, -1, 0.5]]);
  for (let t = 0; t < 40; t++) h = h.matmul(w).tanh();
  return h.square().sum();
});
// Mixed dtypes.
pass((leaf) =>
  leaf(randn([4]))
    .double()
    .mul(tensor([1, 2, 3, 4], { dtype: "float64" }))
    .sum(),
);
pass((leaf) =>
  leaf(randn([4]))
    .mul(tensor([1, 0, 1, 1], { dtype: "int64" }))
    .sum(),
);
// Draws that stay the same when the pass is replayed.
pass((leaf) =>
  F.dropout(leaf(randn([6, 6])), 0.5, true)
    .square()
    .sum(),
);
pass((leaf) =>
  new nn.BatchNorm1d(3)
    .forward(leaf(randn([7, 3])))
    .square()
    .mul(tensor([1, 2, 3]))
    .sum(),
);
pass((leaf) =>
  F.embedding(embeddingRows, leaf(randn([5, 3])))
    .square()
    .sum(),
);
pass((leaf) =>
  new nn.LSTM(3, 4)
    .forward(leaf(randn([5, 2, 3])))[0]
    .square()
    .sum(),
);

class Swish extends Fn {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.mul(x.sigmoid());
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors as [Tensor];
    const s = x.sigmoid();
    return [g.mul(s.add(x.mul(s).mul(s.neg().add(1))))];
  }
}
probe(Swish, randn([3, 6]));

class Rms extends Fn {
  static forward(ctx: Context, x: Tensor, w: Tensor) {
    const r = x.square().mean(1, true).rsqrt();
    ctx.saveForBackward(x, w, r);
    return x.mul(r).mul(w);
  }
  static backward(ctx: Context, g: Tensor) {
    const [x, w, r] = ctx.savedTensors as [Tensor, Tensor, Tensor];
    const gw = g.mul(w);
    const through = gw.mul(x).mean(1, true).mul(r.pow(3)).mul(x);
    return [gw.mul(r).sub(through), g.mul(x).mul(r).sum(0)];
  }
}
probe(Rms, randn([3, 8]), randn([8]));

class OwnRelu extends Fn {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.clamp({ min: 0 });
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors as [Tensor];
    return [g.mul(x.gt(0).float())];
  }
}
probe(OwnRelu, tensor([-1, 0, 1e-9, 2, 0, -3]));

class Pair extends Fn {
  static forward(ctx: Context, x: Tensor, y: Tensor) {
    ctx.saveForBackward(x, y);
    return [x.mul(y), x.add(y).square()];
  }
  static backward(ctx: Context, product: Tensor, sum: Tensor) {
    const [x, y] = ctx.savedTensors as [Tensor, Tensor];
    const both = sum.mul(x.add(y)).mul(2);
    return [product.mul(y).add(both), product.mul(x).add(both)];
  }
}
probe(Pair, randn([4]), randn([4]));

class MeanError extends Fn {
  static forward(ctx: Context, y: Tensor, t: Tensor) {
    ctx.saveForBackward(y, t);
    return y.sub(t).square().mean();
  }
  static backward(ctx: Context, g: Tensor) {
    const [y, t] = ctx.savedTensors as [Tensor, Tensor];
    return [g.mul(y.sub(t)).mul(2 / y.numel()), null];
  }
}
probe(
  MeanError,
  randn([6, 5]),
  constant(
    Array.from({ length: 30 }, (_, i) => Math.sin(i)),
    6,
    5,
  ),
);

class Reversal extends Fn {
  static surrogate = "gradient reversal: the features are to become useless to the domain classifier";
  static forward(_: Context, x: Tensor) {
    return x.mul(1);
  }
  static backward(_: Context, g: Tensor) {
    return [g.neg()];
  }
}
probe(Reversal, randn([5]));
