// A small classifier with TensorFlow.js, as it is: run `npm install` in this folder, and press F5.
//
// Each step of the training stops in its backward pass. Click a node to see its value, its gradient and what it passed on;
// "Backstep: Compare with Finite Differences" checks every op.

import * as tf from "@tensorflow/tfjs";

/** Two spirals of 40 points each, one a class. */
function spirals() {
  const points = [];
  const classes = [];
  for (let i = 0; i < 40; i++) {
    for (const side of [0, 1]) {
      const angle = i / 8 + Math.PI * side;
      points.push([(i / 40) * Math.cos(angle), (i / 40) * Math.sin(angle)]);
      classes.push(side);
    }
  }
  return { points: tf.tensor2d(points), target: tf.oneHot(tf.tensor1d(classes, "int32"), 2).toFloat() };
}

const { points, target } = spirals();
const w1 = tf.variable(tf.randomNormal([2, 16], 0, 1, "float32", 7));
const b1 = tf.variable(tf.zeros([16]));
const w2 = tf.variable(tf.randomNormal([16, 2], 0, 0.5, "float32", 9));
const b2 = tf.variable(tf.zeros([2]));
const optimizer = tf.train.adam(0.05);

function network(x) {
  const hidden = x.matMul(w1).add(b1).tanh();
  return hidden.matMul(w2).add(b2);
}

for (let step = 0; step < 100; step++) {
  const loss = optimizer.minimize(() => {
    const logits = network(points);
    return tf.losses.softmaxCrossEntropy(target, logits);
  }, true);
  if (step % 20 === 0) console.log(`step ${step}: loss ${loss.dataSync()[0].toFixed(4)}`);
}
