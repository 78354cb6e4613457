/** What an example states that it reaches, and whether what it printed says so. */
export interface Goal {
  readonly text: string;
  met(output: string): boolean;
}

/** The last number that follows `before` in a text, or NaN. */
function last(output: string, before: RegExp): number {
  const numbers = [...output.matchAll(new RegExp(`${before.source}\\s*(-?[\\d.]+)`, "g"))].map((match) =>
    Number(match[1]),
  );
  return numbers[numbers.length - 1] ?? NaN;
}

/** By the example's name. */
export const GOALS: Readonly<Record<string, Goal>> = {
  "autoencoder.ts": {
    text: "less than a third of the average image's error",
    met: (output) => last(output, /\(/) < 1 / 3,
  },
  "char-transformer.ts": { text: "loss below 0.7", met: (output) => last(output, /loss/) < 0.7 },
  "cnn-digits.ts": { text: "over 97 % on the test set", met: (output) => last(output, /test/) > 97 },
  "custom-function.ts": { text: "runs, and its gradient is wrong", met: (output) => last(output, /loss/) > 0 },
  "dead-relu.ts": {
    text: "ends at the variance of the prices, its units dead",
    met: (output) => Math.abs(last(output, /loss/) / last(output, /prices is/) - 1) < 1e-3,
  },
  "digits-mlp.ts": { text: "over 95 % on the test set", met: (output) => last(output, /test/) > 95 },
  "exploding-rnn.ts": {
    text: "learns for 15 steps, and is NaN from step 17 on",
    met: (output) => /step 10 loss \d\.\d+e\+1\n[^]*step 17 loss NaN/.test(output),
  },
  "logits-into-nll.ts": { text: "the loss sinks below zero", met: (output) => last(output, /loss/) < 0 },
  "lstm-sentiment.ts": { text: "over 95 % on the test set", met: (output) => last(output, /test/) > 95 },
  "micrograd.ts": { text: "over 98 % of the moons", met: (output) => last(output, /accuracy/) > 98 },
  "policy-gradient.ts": { text: "mean balance over 150 steps", met: (output) => last(output, /balance/) > 150 },
  "regression-svm.ts": {
    text: "the slope of the formula, and 99 % on either side",
    met: (output) =>
      Math.abs(last(output, /regression: y =/) - last(output, /its slope is/)) < 0.02 &&
      last(output, /svm: accuracy/) >= 99,
  },
  "seq2seq.ts": { text: "over 95 % of the dates exactly right", met: (output) => last(output, /test/) > 95 },
  "timeseries.ts": {
    text: "half the error of repeating the last value",
    met: (output) => last(output, /test error/) < last(output, /last value/) / 2,
  },
};
