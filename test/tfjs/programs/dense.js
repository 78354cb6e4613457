import * as tf from "@tensorflow/tfjs";
import { numbers, show } from "./show.js";

const x = tf.tensor2d(numbers(24, 3), [6, 4]);
const target = tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], "int32"), 3).toFloat();
const w1 = tf.variable(tf.tensor2d(numbers(32, 5), [4, 8]));
const b1 = tf.variable(tf.zeros([8]));
const w2 = tf.variable(tf.tensor2d(numbers(24, 7), [8, 3]));
const optimizer = tf.train.momentum(0.1, 0.9);

for (let step = 0; step < 3; step++) {
  const loss = optimizer.minimize(() => {
    const hidden = tf.relu(tf.add(tf.matMul(x, w1), b1));
    const logits = hidden.matMul(w2);
    return tf.losses.softmaxCrossEntropy(target, logits);
  }, true);
  show("loss", loss);
}
show("w1", w1);
show("b1", b1);
show("w2", w2);
