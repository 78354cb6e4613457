// The classic mistake: nllLoss wants logarithms of probabilities, and gets raw scores.
//
// Nothing fails. The loss is minus the score of the right digit, so it can be made as small as one likes by making every
// score large: it sinks below zero, which no logarithm of a probability could do, and runs away. The fix is one word,
// F.crossEntropy in place of F.nllLoss, or F.logSoftmax before it.

import { data, F, manualSeed, nn, optim, type Tensor } from "backstep";

manualSeed(7);

const trainSet = data.digits(2000, { seed: 1 });

class Classifier extends nn.Module {
  fc1 = new nn.Linear(784, 128);
  fc2 = new nn.Linear(128, 64);
  fc3 = new nn.Linear(64, 10);

  forward(images: Tensor): Tensor {
    const h1 = F.relu(this.fc1.forward(images.flatten(1)));
    const h2 = F.relu(this.fc2.forward(h1));
    return this.fc3.forward(h2);
  }
}

const model = new Classifier();
const sgd = new optim.SGD(model.parameters(), { lr: 0.05 });

let step = 0;
for (const [images, labels] of new data.DataLoader(trainSet, { batchSize: 64, shuffle: true })) {
  const logits = model.forward(images);
  const loss = F.nllLoss(logits, labels);

  sgd.zeroGrad();
  loss.backward();
  sgd.step();
  step++;
  if (step % 5 === 0) console.log(`step ${step} loss ${loss.item().toFixed(3)}`);
}
