// Units that died: from one step on, a hidden layer is zero for every example, and no gradient comes past it again.
//
// The prices are in thousands and nobody scaled them. The first gradients are as large as the prices, and one step throws
// the biases so far below zero that relu answers every example with 0, whose derivative is 0 as well. The loss does not
// fail: it settles where a network without a hidden layer is best, at the average price, and stays there.
//
// Run "Backstep: Go to First Bad Step... > Dead units": the file is run again up to the step at which it happened. Colour the
// graph by zeros there, and step on over optimizer.step(). The fix: train on (price - mean) / deviation.

import { F, manualSeed, nn, optim, rand, type Tensor } from "backstep";

manualSeed(3);

const rooms = rand([128, 1]).mul(5).add(1); // 1 to 6 rooms
const prices = rooms.mul(90).add(60); // 150 to 600 thousand

class Prices extends nn.Module {
  hidden = new nn.Linear(1, 16);
  out = new nn.Linear(16, 1);

  forward(x: Tensor): Tensor {
    const h = F.relu(this.hidden.forward(x));
    return this.out.forward(h);
  }
}

const model = new Prices();
const optimizer = new optim.SGD(model.parameters(), { lr: 0.01 });

for (let step = 0; step <= 300; step++) {
  const loss = F.mseLoss(model.forward(rooms), prices);

  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  if (step < 5 || step % 100 === 0) console.log(`step ${step} loss ${loss.item().toFixed(1)}`);
}

const spread = prices.sub(prices.mean()).square().mean().item();
console.log(`the variance of the prices is ${spread.toFixed(1)}`);
