// Two of the oldest learners, by gradient descent: a line through points, and a line between points.

import { data, F, manualSeed, nn, noGrad, optim, randn, stack, tensor } from "backstep";

manualSeed(11);

// ── Linear regression: y = 3 x − 2, seen through noise ─────────────────────────────────────────────────────────────

const x = randn([200, 1]);
const y = x
  .mul(3)
  .sub(2)
  .add(randn([200, 1]).mul(0.3));

const line = new nn.Linear(1, 1);
const sgd = new optim.SGD(line.parameters(), { lr: 0.1 });
for (let step = 0; step < 100; step++) {
  const loss = F.mseLoss(line.forward(x), y);
  sgd.zeroGrad();
  loss.backward();
  sgd.step();
}
console.log(`regression: y = ${line.weight.item().toFixed(2)} x + ${line.bias?.item().toFixed(2)} (it was 3 x − 2)`);

// The same line has a formula: slope = cov(x, y) / var(x). Descent must end where the formula points.
const exact = noGrad(() =>
  x
    .sub(x.mean())
    .mul(y.sub(y.mean()))
    .mean()
    .div(x.var({ unbiased: false }))
    .item(),
);
console.log(`by the formula its slope is ${exact.toFixed(2)}`);

// ── A support vector machine: the widest street between two clouds ────────────────────────────────────────────────

const count = 100;
const left = randn([count, 2])
  .mul(0.6)
  .add(tensor([-1.5, -1]));
const right = randn([count, 2])
  .mul(0.6)
  .add(tensor([1.5, 1]));
const points = stack([left, right]).reshape(2 * count, 2);
const side = stack([randn([count]).fill_(-1), randn([count]).fill_(1)]).reshape(2 * count);

const svm = new nn.Linear(2, 1);
const descent = new optim.SGD(svm.parameters(), { lr: 0.05, momentum: 0.9 });
const strictness = 10; // how much a point inside the street costs, against the street's width

for (let step = 0; step < 300; step++) {
  const score = svm.forward(points).squeeze(1);
  // The hinge loss: nothing for a point beyond the edge of the street, ever more for one inside it.
  const hinge = side.mul(score).neg().add(1).clamp({ min: 0 }).mean();
  const width = svm.weight.square().sum().mul(0.5); // the street is 2 / ‖w‖ wide
  const loss = width.add(hinge.mul(strictness));
  descent.zeroGrad();
  loss.backward();
  descent.step();
}

const margin = noGrad(() => side.mul(svm.forward(points).squeeze(1)));
const accuracy = margin.gt(0).float().mean().item();
const supports = margin.le(1.001).sum().item();
console.log(`svm: accuracy ${(100 * accuracy).toFixed(1)} %, held by ${supports} of ${2 * count} points`);
console.log(`street width ${(2 / noGrad(() => svm.weight.norm().item())).toFixed(2)}`);

// Moons cannot be told apart by a line; the same loss with a hidden layer can.
const [moons, classes] = data.moons(200, { seed: 4 }).tensors;
const sign = classes.float().mul(2).sub(1);
const kernel = new nn.Sequential(new nn.Linear(2, 32), new nn.ReLU(), new nn.Linear(32, 1));
const adam = new optim.Adam(kernel.parameters(), { lr: 0.02 });
for (let step = 0; step < 150; step++) {
  const loss = sign.mul(kernel.forward(moons).squeeze(1)).neg().add(1).clamp({ min: 0 }).mean();
  adam.zeroGrad();
  loss.backward();
  adam.step();
}
const bent = noGrad(() => sign.mul(kernel.forward(moons).squeeze(1)).gt(0).float().mean().item());
console.log(`hinge loss on moons with a hidden layer: accuracy ${(100 * bent).toFixed(1)} %`);
