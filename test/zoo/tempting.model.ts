// Right programs that tempt a checker to call them wrong: large and tiny numbers, sums that cancel, kinks and jumps exactly at
// a sample, saturation, ties, no elements. Each is a pass; none may be called wrong.
import {
  autograd,
  cat,
  F,
  full,
  manualSeed,
  maximum,
  noGrad,
  ones,
  rand,
  randn,
  tensor,
  where,
  zeros,
  type Tensor,
} from "backstep";

manualSeed(23);

const leaf = (made: Tensor): Tensor => noGrad(() => made.clone()).requiresGrad_();
const mask = (rows: number, columns: number): Tensor => randn([rows, columns]).gt(0.3);

class Square extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.square();
  }
  static backward(ctx: autograd.Context, grad: Tensor): Tensor {
    return grad.mul((ctx.savedTensors as [Tensor])[0]).mul(2);
  }
}
class Noisy extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor): Tensor {
    const noise = randn([...x.shape]);
    ctx.saveForBackward(noise);
    return x.mul(noise);
  }
  static backward(ctx: autograd.Context, grad: Tensor): Tensor {
    return grad.mul((ctx.savedTensors as [Tensor])[0]);
  }
}
class Straight extends autograd.Function {
  static surrogate = true;
  static forward(_: autograd.Context, x: Tensor): Tensor {
    return x.sign();
  }
  static backward(_: autograd.Context, grad: Tensor): Tensor {
    return grad;
  }
}

const hooked = leaf(randn([5])).mul(1);
hooked.registerHook((grad) => grad.mul(0.1));

const losses: readonly (() => Tensor)[] = [
  // Masks.
  () =>
    leaf(randn([8, 9]))
      .maskedFill(mask(8, 9), -1e9)
      .softmax(-1)
      .square()
      .sum(),
  () =>
    leaf(randn([8, 9]))
      .maskedFill(mask(8, 9), -1e20)
      .softmax(-1)
      .square()
      .sum(),
  () =>
    leaf(randn([8, 9]))
      .add(mask(8, 9).float().mul(-1e4))
      .logSoftmax(-1)
      .mul(rand([8, 9]))
      .mean(),
  () =>
    F.scaledDotProductAttention(leaf(randn([2, 6, 4])), leaf(randn([2, 6, 4])), leaf(randn([2, 6, 4])), {
      isCausal: true,
    })
      .square()
      .sum(),
  () => where(mask(6, 6), leaf(randn([6, 6])).exp(), zeros([6, 6])).sum(),
  // Large numbers, and sums that cancel.
  () =>
    leaf(randn([60]))
      .add(cat([full([1], 1e20), randn([59])]))
      .sum(),
  () =>
    leaf(cat([full([1], 1e12), randn([60])]))
      .mul(2)
      .sum(),
  () =>
    leaf(randn([60]))
      .mul(1e8)
      .sub(1e8)
      .square()
      .mean(),
  () =>
    leaf(randn([8, 8]).mul(1e6))
      .matmul(randn([8, 8]))
      .mean(),
  () =>
    leaf(randn([100]))
      .add(1e5)
      .var(),
  () =>
    leaf(randn([100]))
      .cumsum(0)
      .sub(3)
      .square()
      .sum(),
  () =>
    leaf(tensor([1e5]))
      .sin()
      .sum(),
  () =>
    leaf(tensor([0.5]))
      .mul(1e6)
      .sub(5e5)
      .tanh()
      .sum(),
  () =>
    leaf(tensor([0.3, 0.7]))
      .mul(1e4)
      .cos()
      .sum(),
  // Tiny ones.
  () =>
    leaf(randn([8]).mul(1e-30))
      .mul(1e20)
      .sum(),
  () =>
    leaf(tensor([1e-40, 1e-38, 1]))
      .mul(3)
      .sum(),
  () =>
    leaf(zeros([6]))
      .square()
      .sum(),
  () =>
    leaf(zeros([4, 4]))
      .matmul(zeros([4, 4]))
      .sum(),
  () =>
    F.layerNorm(leaf(zeros([3, 8])), [8])
      .square()
      .sum(),
  // Kinks, jumps and ties.
  () =>
    leaf(tensor([0, 0, 1, -1]))
      .relu()
      .sum(),
  () =>
    leaf(tensor([0.5, 1.5, -0.5]))
      .round()
      .mul(tensor([1, 2, 3]))
      .sum(),
  () =>
    leaf(tensor([1, 2, -3]))
      .floor()
      .sum(),
  () => leaf(tensor([2, 2, 2])).max(),
  () =>
    leaf(tensor([3, 1, 3, 1]))
      .sort(0)
      .values.mul(tensor([1, 2, 3, 4]))
      .sum(),
  () => maximum(leaf(tensor([1, 2])), leaf(tensor([1, 3]))).sum(),
  () => F.huberLoss(leaf(tensor([1, -1, 0.3])), zeros([3])),
  () => F.leakyRelu(leaf(zeros([4])), 0.1).sum(),
  () => F.hardtanh(leaf(tensor([-1, 1, 0]))).sum(),
  () =>
    leaf(tensor([0, 3, 4]))
      .abs()
      .pow(1.5)
      .sum(),
  // Saturation.
  () =>
    // Below -88.7 sigmoid is 0 in float32, and its logarithm is not finite.
    leaf(tensor([-85, 90, 30]))
      .sigmoid()
      .log()
      .mul(0.1)
      .sum()
      .mul(leaf(tensor(1))),
  () =>
    leaf(tensor([60, -60, 20]))
      .tanh()
      .sum(),
  () =>
    leaf(tensor([80, -80]))
      .exp()
      .sum(),
  () =>
    leaf(tensor([200, -200, 0]))
      .sub(leaf(tensor([1, 2, 3])))
      .sigmoid()
      .sum(),
  () => F.softplus(leaf(tensor([100, -100, 0]))).sum(),
  // Views, in-place ops, no elements, constants.
  () =>
    leaf(randn([0, 4]))
      .sum()
      .add(leaf(randn([3])).sum()),
  () =>
    leaf(randn([6, 4]))
      .t()
      .narrow(0, 1, 2)
      .contiguous()
      .square()
      .sum(),
  () =>
    leaf(randn([6]))
      .mul(2)
      .mul_(3)
      .add_(1)
      .square()
      .sum(),
  () =>
    leaf(randn([4]))
      .mul(noGrad(() => randn([4]).softmax(0)))
      .sum(),
  () =>
    F.dropout(leaf(randn([40])), 0.5, true)
      .square()
      .sum(),
  () =>
    leaf(randn([5, 1]))
      .expand([5, 7])
      .mul(randn([5, 7]))
      .sum(),
  // Functions that end nearer to a value than a step is long.
  () =>
    leaf(tensor([1e-30, 1e-7, 1e-5, 0.1]))
      .log()
      .sum(),
  () =>
    leaf(tensor([1e-12, 1e-4, 1]))
      .sqrt()
      .sum(),
  () =>
    leaf(tensor([0, 1e-6, 1]))
      .add(1e-5)
      .rsqrt()
      .sum(),
  () =>
    leaf(tensor([0.9999999, -0.9999, 0]))
      .acos()
      .sum(),
  // Functions and hooks.
  () => Square.apply(leaf(randn([60]).mul(100))).sum(),
  () => Square.apply(leaf(cat([full([1], 1e9), randn([60])]))).mean(),
  () =>
    Noisy.apply(leaf(randn([4, 5])))
      .square()
      .sum(),
  () =>
    Straight.apply(leaf(randn([6])).mul(2))
      .mul(ones([6]))
      .sum(),
  () => hooked.square().sum(),
];

for (const loss of losses) loss().backward();
