// A recurrent network forecasts a wave: it reads 30 values, one at a time, and says what comes next.
//
// Then it is left alone: it reads its own forecasts and draws the next 40 values. Goal: half the error of saying that
// tomorrow is like today.

import { cat, F, manualSeed, nn, noGrad, optim, stack, tensor, type Tensor } from "backstep";

manualSeed(9);

/** Two waves on top of each other, whose periods never meet. */
const signal = Array.from({ length: 600 }, (_, t) => Math.sin(t / 5) + 0.5 * Math.sin(t / 8.3 + 1));
const window = 30;

class Forecaster extends nn.Module {
  gru = new nn.GRU(1, 24, { batchFirst: true });
  readout = new nn.Linear(24, 1);

  // history is [batch, time, 1]; the forecast is [batch, 1].
  forward(history: Tensor): Tensor {
    const [outputs] = this.gru.forward(history);
    const last = outputs.select(1, -1);
    return this.readout.forward(last);
  }
}

/** The windows that start at `starts`, and the value after each. */
function examples(starts: number[]): [history: Tensor, next: Tensor] {
  const histories = starts.map((start) => tensor(signal.slice(start, start + window)).unsqueeze(1));
  const next = starts.map((start) => tensor([signal[start + window] as number]));
  return [stack(histories), stack(next)];
}

const split = 450;
const trainStarts = Array.from({ length: split - window }, (_, t) => t);
const testStarts = Array.from({ length: 600 - split - window }, (_, t) => split + t);

const model = new Forecaster();
const adam = new optim.Adam(model.parameters(), { lr: 0.01 });

for (let epoch = 1; epoch <= 12; epoch++) {
  let total = 0;
  for (let batch = 0; batch < 14; batch++) {
    const [history, next] = examples(trainStarts.filter((start) => start % 14 === batch));
    const loss = F.mseLoss(model.forward(history), next);
    adam.zeroGrad();
    loss.backward();
    nn.utils.clipGradNorm_(model.parameters(), 1); // a long chain of steps can make one gradient huge
    adam.step();
    total += loss.item();
  }
  if (epoch % 3 === 0) console.log(`epoch ${epoch} loss ${(total / 14).toFixed(5)}`);
}

noGrad(() => {
  const [history, next] = examples(testStarts);
  const error = F.mseLoss(model.forward(history), next).item();
  const lazy = F.mseLoss(history.select(1, -1), next).item();
  console.log(`test error ${error.toFixed(5)}, of repeating the last value ${lazy.toFixed(5)}`);

  let seen = tensor(signal.slice(split, split + window)).reshape(1, window, 1);
  let apart = 0;
  for (let step = 0; step < 40; step++) {
    const forecast = model.forward(seen);
    apart += Math.abs(forecast.item() - (signal[split + window + step] as number));
    seen = cat([seen.narrow(1, 1, window - 1), forecast.unsqueeze(1)], 1);
  }
  console.log(`on its own for 40 steps: ${(apart / 40).toFixed(3)} off on average`);
});
