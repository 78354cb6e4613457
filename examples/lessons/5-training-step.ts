// Lesson 5 of 5: a training step
//
// All of it together: a network with one hidden layer learns to read digits. F5 stops in the first step; F5 again goes on to
// the next one. Open a picture in the inspector by selecting "images" in the graph.

import { data, F, manualSeed, nn, noGrad, optim, type Tensor } from "backstep";

manualSeed(5);

class Reader extends nn.Module {
  hidden = new nn.Linear(784, 32);
  output = new nn.Linear(32, 10);

  forward(images: Tensor): Tensor {
    const pixels = images.flatten(1); // [64, 784]
    // ? What does the gradient of hidden.weight look like, seen as pictures of 28 × 28?
    const sums = this.hidden.forward(pixels);
    // ? Which of the 32 neurons learn from an image?
    const active = F.relu(sums);
    // ? 320 weights and 10 biases. Why does their gradient need the values of active?
    return this.output.forward(active); // one score a digit
  }
}

const reader = new Reader();
const sgd = new optim.SGD(reader.parameters(), { lr: 0.5 });
const digits = data.digits(1280, { seed: 1 });
const batches = new data.DataLoader(digits, { batchSize: 64, shuffle: true });

for (const [images, labels] of batches) {
  const scores = reader.forward(images);
  // ? In the first step the network knows nothing. What should the loss be?
  const loss = F.crossEntropy(scores, labels);

  sgd.zeroGrad(); // else the new gradient is added to the old one
  loss.backward();
  sgd.step(); // each weight −= 0.5 × its gradient
  console.log(`loss ${loss.item().toFixed(3)}`);
}

const right = noGrad(() => {
  const [images, labels] = digits.tensors as [Tensor, Tensor];
  return reader.forward(images).argmax(1).eq(labels).float().mean().item();
});
console.log(`${(100 * right).toFixed(0)} % of the digits are read after ${batches.length} steps`);

// ── Answers, in the order of the questions: the panel shows each at its stop ────────────────────────────────────────

// = Like digits: for each neuron it is the sum of the images, each times what arrives for it (lesson 3). The neuron is
// = moved towards the images that it should answer to, and away from the others.

// = Those that are above zero for it (lesson 2). Over 64 images nearly every neuron is, for some of them.

// = A weight gets what arrives times its input (lesson 2), so that the inputs of the forward pass are kept until the
// = backward pass has used them. This is what training needs so much memory for.

// = About log 10 = 2.30, as for guessing among ten (lesson 4). Much more would mean that the first weights are too large.
