// An autoencoder squeezes an image of 784 pixels through 24 numbers and draws it again.
//
// What it cannot keep, it must guess: the 24 numbers end up saying what matters about a digit. Goal: less than a third of
// the error of the best picture that looks the same for all of them.

import { data, F, manualSeed, nn, noGrad, optim, type Tensor } from "backstep";

manualSeed(2);

const trainSet = data.digits(3000, { seed: 1, noise: 0 });
const [testImages] = data.digits(500, { seed: 2, noise: 0 }).tensors;

class Autoencoder extends nn.Module {
  encoder = new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 24));
  decoder = new nn.Sequential(new nn.Linear(24, 128), new nn.ReLU(), new nn.Linear(128, 784));

  forward(images: Tensor): Tensor {
    const code = this.encoder.forward(images.flatten(1));
    return this.decoder.forward(code); // logits: their sigmoid is the ink of each pixel
  }
}

const model = new Autoencoder();
const adam = new optim.Adam(model.parameters(), { lr: 2e-3 });
const batches = new data.DataLoader(trainSet, { batchSize: 60, shuffle: true });

for (let epoch = 1; epoch <= 10; epoch++) {
  let total = 0;
  for (const [images] of batches) {
    const loss = F.binaryCrossEntropyWithLogits(model.forward(images), images.flatten(1));
    adam.zeroGrad();
    loss.backward();
    adam.step();
    total += loss.item();
  }
  console.log(`epoch ${epoch} loss ${(total / batches.length).toFixed(4)}`);
}

noGrad(() => {
  const flat = testImages.flatten(1);
  const drawn = model.forward(testImages).sigmoid();
  const error = F.mseLoss(drawn, flat).item();
  const average = trainSet.tensors[0].flatten(1).mean(0, true).expandAs(flat);
  const baseline = F.mseLoss(average, flat).item();
  console.log(
    `test error ${error.toFixed(4)}, of the average image ${baseline.toFixed(4)} (${(error / baseline).toFixed(2)})`,
  );
  show("seen", testImages.select(0, 0).squeeze(0));
  show("drawn from 24 numbers", drawn.select(0, 0).reshape(28, 28));
});

/** An image of [28, 28] as text, two rows of pixels a line. */
function show(title: string, image: Tensor): void {
  console.log(`${title}:`);
  const ink = image.tolist() as number[][];
  for (let row = 4; row < 26; row += 2) {
    console.log(ink[row]?.map((value) => (value > 0.6 ? "#" : value > 0.3 ? "+" : " ")).join(""));
  }
}
