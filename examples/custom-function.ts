// A gradient written by hand, with a mistake in it.
//
// The file runs, prints a loss, and nothing seems wrong: gradients that are a little off still train, only worse. Run
// "Backstep: Compare with Finite Differences" and see which op is wrong, by how much, and in which line.

import { autograd, F, manualSeed, nn, randn, type Tensor } from "backstep";

manualSeed(3);

/** gain · x · σ(x): a smooth relu with a gain for each feature. x is [batch, features], gain is [features]. */
class GainedSwish extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor, gain: Tensor): Tensor {
    ctx.saveForBackward(x, gain);
    return x.mul(x.sigmoid()).mul(gain);
  }

  static backward(ctx: autograd.Context, grad: Tensor): [Tensor, Tensor] {
    const [x, gain] = ctx.savedTensors as [Tensor, Tensor];
    const s = x.sigmoid();
    // x · σ(x) is a product, so its derivative has two terms: σ(x) + x · σ(x) · (1 − σ(x)).
    const gradX = grad.mul(gain).mul(s.add(x.mul(s).mul(s.neg().add(1))));
    // Every row of the batch uses the same gain, so their gradients add up: this should be a sum. The mean has the right
    // shape and the right direction, and is 16 times too small.
    const gradGain = grad.mul(x).mul(s).mean(0);
    return [gradX, gradGain];
  }
}

class Regressor extends nn.Module {
  fc1 = new nn.Linear(6, 8);
  gain = new nn.Parameter(randn([8]));
  fc2 = new nn.Linear(8, 1);

  forward(x: Tensor): Tensor {
    const h = this.fc1.forward(x);
    const active = GainedSwish.apply(h, this.gain);
    return this.fc2.forward(active);
  }
}

const x = randn([16, 6]);
const target = x.square().sum(1, true).sqrt();

const model = new Regressor();
const loss = F.mseLoss(model.forward(x), target);
loss.backward();

console.log(`loss ${loss.item().toFixed(4)}`);
