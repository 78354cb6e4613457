// A gradient written by hand with tf.customGrad, and a mistake in it. Nothing fails, and it even trains.
//
// Run `npm install` in this folder, press F5, and then "Backstep: Compare with Finite Differences".

import * as tf from "@tensorflow/tfjs";

/** x · σ(x). */
const swish = tf.customGrad((x, save) => {
  save([x]);
  return {
    value: x.mul(tf.sigmoid(x)),
    gradFunc: (dy, [kept]) => {
      const s = tf.sigmoid(kept);
      // The derivative is σ(x) + x · σ(x) · (1 − σ(x)): its second term is missing.
      return dy.mul(s);
    },
  };
});

const x = tf.randomNormal([8, 4], 0, 1, "float32", 3);
const y = x.sum(1, true).square();
const w1 = tf.variable(tf.randomNormal([4, 8], 0, 0.5, "float32", 5));
const w2 = tf.variable(tf.randomNormal([8, 1], 0, 0.5, "float32", 6));
const optimizer = tf.train.sgd(0.02);

for (let step = 0; step < 20; step++) {
  const loss = optimizer.minimize(() => {
    const hidden = swish(x.matMul(w1));
    const predicted = hidden.matMul(w2);
    return tf.losses.meanSquaredError(y, predicted);
  }, true);
  if (step % 5 === 0) console.log(`step ${step}: loss ${loss.dataSync()[0].toFixed(4)}`);
}
