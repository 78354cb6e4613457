// How backpropagation works, on numbers small enough to check by hand.
//
// Part 1 is one expression. Press F5: the file stops at the first backward(), and each step of the debugger is one line of
// the chain rule. Part 2 builds a classifier from the same two operations, and teaches it to tell two moons apart.

import { data, manualSeed, nn, noGrad, optim, tensor, type Tensor } from "backstep";

// ── Part 1: an expression ──────────────────────────────────────────────────────────────────────────────────────────

const a = tensor(-4, { requiresGrad: true });
const b = tensor(2, { requiresGrad: true });

const sum = a.add(b); // −2
const product = a.mul(b); // −8
const shifted = product.add(b.pow(3)); // −8 + 8 = 0
const ratio = sum.div(2).sub(shifted).square(); // (−1 − 0)² = 1
const out = ratio.add(sum.relu()).add(b.mul(3)); // 1 + 0 + 6 = 7

out.backward();

// By hand: with u = sum / 2 − shifted = −1, out = u² + relu(sum) + 3 b.
//   d out / d a = 2 u · (1/2 − b)         = −2 · (−1.5)   = 3
//   d out / d b = 2 u · (1/2 − a − 3 b²)  + 3 = −2 · (−7.5) + 3 = 18
console.log(`out = ${out.item()}, d out / d a = ${a.grad?.item()}, d out / d b = ${b.grad?.item()}`);

// ── Part 2: a classifier made of such expressions ──────────────────────────────────────────────────────────────────

manualSeed(1337);

/** Weighs its inputs, sums them up, and lets only what is above zero pass. Every weight is a number of its own. */
class Neuron extends nn.Module {
  w: nn.Parameter[];
  b = new nn.Parameter(tensor(0));
  nonlinear: boolean;

  constructor(inputs: number, nonlinear: boolean) {
    super();
    this.nonlinear = nonlinear;
    const spread = 1 / Math.sqrt(inputs);
    this.w = Array.from(
      { length: inputs },
      () => new nn.Parameter(nn.init.uniform_(tensor(0), -2 * spread, 2 * spread)),
    );
  }

  // Each x is one coordinate of all points at once: the same expression, computed for every point.
  forward(xs: Tensor[]): Tensor {
    let act: Tensor = this.b;
    for (const [i, w] of this.w.entries()) act = act.add(w.mul(xs[i] as Tensor));
    return this.nonlinear ? act.relu() : act;
  }
}

class Layer extends nn.Module {
  neurons: nn.ModuleList<Neuron>;

  constructor(inputs: number, outputs: number, nonlinear = true) {
    super();
    this.neurons = new nn.ModuleList(Array.from({ length: outputs }, () => new Neuron(inputs, nonlinear)));
  }

  forward(xs: Tensor[]): Tensor[] {
    return this.neurons.map((neuron) => neuron.forward(xs));
  }
}

class Classifier extends nn.Module {
  hidden1 = new Layer(2, 16);
  hidden2 = new Layer(16, 16);
  output = new Layer(16, 1, false);

  forward(xs: Tensor[]): Tensor {
    const [score] = this.output.forward(this.hidden2.forward(this.hidden1.forward(xs)));
    return score as Tensor;
  }
}

const [points, classes] = data.moons(100, { noise: 0.1, seed: 1 }).tensors;
const [x, y] = points.unbind(1) as [Tensor, Tensor];
const side = classes.float().mul(2).sub(1); // class 0 becomes −1, class 1 becomes 1

const model = new Classifier();
const steps = 100;
const sgd = new optim.SGD(model.parameters(), { lr: 1 });
const slowDown = new optim.lrScheduler.LambdaLR(sgd, (step) => 1 - (0.9 * step) / steps);

for (let step = 0; step < steps; step++) {
  const score = model.forward([x, y]);
  // The hinge loss asks for a score beyond 1 on the right side, and is content with any more.
  const margin = score.mul(side);
  const loss = margin.neg().add(1).relu().mean();

  sgd.zeroGrad();
  loss.backward();
  sgd.step();
  slowDown.step();

  if (step % 10 === 9) {
    const right = noGrad(() => margin.gt(0).float().mean().item());
    console.log(`step ${step + 1} loss ${loss.item().toFixed(3)} accuracy ${(100 * right).toFixed(0)} %`);
  }
}
