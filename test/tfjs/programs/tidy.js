import * as tf from "@tensorflow/tfjs";
import { numbers, show } from "./show.js";

const w = tf.variable(tf.tensor2d(numbers(9, 37), [3, 3]), true, "w");
const held = new Float32Array(numbers(3, 41));
for (let step = 0; step < 3; step++) {
  const x = tf.tensor2d(held, [1, 3]);
  const { value, grads } = tf.tidy(() =>
    tf.variableGrads(() => {
      const hidden = tf.tidy(() => x.matMul(w).sigmoid());
      const squared = hidden.square();
      return squared.mean();
    }),
  );
  w.assign(w.sub(grads.w.mul(0.5)));
  value.dispose();
  grads.w.dispose();
  x.dispose();
  // The program's own array, used again for the next batch.
  for (let i = 0; i < held.length; i++) held[i] = -held[i];
}
show("w", w);
console.log(`tensors ${tf.memory().numTensors > 0}`);
