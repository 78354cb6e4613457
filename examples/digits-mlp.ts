// A network with two hidden layers learns to read handwritten digits.
//
// Put MNIST's four IDX files into examples/data to train on them; without them it trains on digits that Backstep renders:
// pen strokes, shifted, turned, slanted and thickened at random.

import { data, F, manualSeed, nn, noGrad, optim, type Tensor } from "backstep";

manualSeed(7);

const folder = new URL("./data/", import.meta.url);
const trainSet = data.mnist(folder, "train") ?? data.digits(6000, { seed: 1 });
const testSet = data.mnist(folder, "test") ?? data.digits(1000, { seed: 2 });

class Net extends nn.Module {
  fc1 = new nn.Linear(784, 128);
  fc2 = new nn.Linear(128, 64);
  fc3 = new nn.Linear(64, 10);

  forward(images: Tensor): Tensor {
    const x = images.flatten(1); // [batch, 1, 28, 28] → [batch, 784]
    const h1 = F.relu(this.fc1.forward(x));
    const h2 = F.relu(this.fc2.forward(h1));
    return this.fc3.forward(h2); // one score a digit; the loss turns them into probabilities
  }
}

/** The share of images whose highest score is that of their digit. */
function accuracy(model: Net, set: data.LabelledImages): number {
  let right = 0;
  noGrad(() => {
    for (const [images, labels] of new data.DataLoader(set, { batchSize: 500 })) {
      right += model.forward(images).argmax(1).eq(labels).sum().item();
    }
  });
  return right / set.length;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const net = new Net();
const sgd = new optim.SGD(net.parameters(), { lr: 0.05, momentum: 0.9 });
const batches = new data.DataLoader(trainSet, { batchSize: 64, shuffle: true });

for (let epoch = 1; epoch <= 5; epoch++) {
  let total = 0;
  for (const [images, labels] of batches) {
    const logits = net.forward(images);
    const loss = F.crossEntropy(logits, labels);

    sgd.zeroGrad();
    loss.backward();
    sgd.step();
    total += loss.item();
  }
  const loss = (total / batches.length).toFixed(3);
  console.log(
    `epoch ${epoch} loss ${loss} train ${percent(accuracy(net, trainSet))} test ${percent(accuracy(net, testSet))}`,
  );
}
