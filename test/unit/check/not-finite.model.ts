// Passes whose numbers are not finite, each for a reason of its own, and some that only hold an infinity. One a statement.
import { randn, tensor, where, zeros } from "backstep";

const x = tensor([0, 1, -2, 100], { requiresGrad: true });
x.log().sum().backward();
x.div(x).sum().backward();
x.exp().mul(x).sum().backward();
where(x.lt(50), x.exp(), x).sum().backward();
where(x.lt(50), x.clamp({ max: 50 }).exp(), x)
  .sum()
  .backward();

const scores = randn([3, 3], { requiresGrad: true });
const hidden = tensor([1, 1, 1, 0, 1, 0, 0, 0, 0]).reshape(3, 3).gt(0);
scores
  .maskedFill(hidden, -Infinity)
  .softmax(1)
  .mul(randn([3, 3]))
  .sum()
  .backward();
const causal = tensor([0, 1, 1, 0, 0, 1, 0, 0, 0]).reshape(3, 3).gt(0);
scores
  .maskedFill(causal, -Infinity)
  .softmax(1)
  .mul(randn([3, 3]))
  .sum()
  .backward();

const zero = zeros([3]).requiresGrad_();
zero.square().sum().sqrt().backward();
zero.norm().backward();
x.narrow(0, 0, 2)
  .mul(tensor([NaN, 1]))
  .sum()
  .backward();
tensor([1, 0.5], { requiresGrad: true }).acos().sum().backward();
tensor([1000, 0.5], { requiresGrad: true }).exp().sum().backward();
