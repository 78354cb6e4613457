// Gradients that explode over time: each step back through the sequence multiplies them once more.
//
// The network reads 40 numbers and tells their sum. It learns that its state should grow, and makes its recurrent weights
// larger: a gradient that goes back 40 steps is multiplied by them 40 times, so a weight that is a fifth larger makes a gradient
// a thousand times as large. At step 15 it is 60 times what it was, its update throws the weights away, at step 16 the loss
// is 5e33, and from step 17 on it is NaN.
//
// Run "Backstep: Go to First Bad Step... > Exploding gradient", and "> Not finite" for where it ended. Colour the graph by
// gradient: from the loss down to the first number it grows step by step. The fix is one line between backward() and step():
// nn.utils.clipGradNorm_(model.parameters(), 1).

import { F, manualSeed, nn, optim, randn, zeros, type Tensor } from "backstep";

manualSeed(5);

const BATCH = 32;
const LENGTH = 40;
const UNITS = 16;

class Adder extends nn.Module {
  read = new nn.Linear(1, UNITS);
  repeat = new nn.Linear(UNITS, UNITS);
  tell = new nn.Linear(UNITS, 1);

  forward(numbers: Tensor): Tensor {
    let state = zeros([BATCH, UNITS]);
    for (const number of numbers.unbind(1)) {
      state = F.relu(this.read.forward(number.unsqueeze(1)).add(this.repeat.forward(state)));
    }
    return this.tell.forward(state);
  }
}

const model = new Adder();
nn.init.normal_(model.repeat.weight, 0, 0.2);
const optimizer = new optim.SGD(model.parameters(), { lr: 1e-2 });

for (let step = 0; step < 40; step++) {
  const numbers = randn([BATCH, LENGTH]);
  const loss = F.mseLoss(model.forward(numbers), numbers.sum(1, { keepdim: true }));

  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  if (step % 5 === 0 || step === 16 || step === 17) console.log(`step ${step} loss ${loss.item().toExponential(2)}`);
}
