import * as tf from "@tensorflow/tfjs";
import { numbers, show } from "./show.js";

const images = tf.tensor4d(numbers(2 * 8 * 8 * 2, 11), [2, 8, 8, 2]);
const kernel = tf.variable(tf.tensor4d(numbers(3 * 3 * 2 * 4, 13), [3, 3, 2, 4]));
const bias = tf.variable(tf.tensor1d(numbers(4, 17)));
const depthwise = tf.variable(tf.tensor4d(numbers(3 * 3 * 4, 19), [3, 3, 4, 1]));
const { value, grads } = tf.variableGrads(() => {
  const convolved = tf.conv2d(images, kernel, 1, "same").add(bias).elu();
  const pooled = tf.maxPool(convolved, 2, 2, "valid");
  const deep = tf.depthwiseConv2d(pooled, depthwise, 1, "same");
  return tf.avgPool(deep, 2, 2, "same").square().mean();
});
show("value", value);
for (const name of Object.keys(grads)) show(name, grads[name]);
