import * as tf from "@tensorflow/tfjs";
import { numbers, show } from "./show.js";

const x = tf.tensor2d(numbers(24, 31), [4, 6]);
const positive = x.greater(0);
const gradient = tf.grad((v) => {
  const [left, right] = tf.split(v, 2, 1);
  const rows = tf.unstack(left);
  const joined = tf.concat([rows[0], rows[2].mul(2)]);
  const stacked = tf.stack([joined, joined.square()]);
  const picked = tf.gather(right, tf.tensor1d([0, 2, 2], "int32"));
  const part = tf.slice(picked, [0, 1], [3, 2]);
  const padded = tf.pad(part, [
    [1, 0],
    [0, 1],
  ]);
  const tiled = tf.tile(padded, [1, 2]);
  return tf.addN([stacked.sum(), tiled.mean(), tf.maximum(v, 0.1).min(), tf.where(positive, v, v.neg()).sum()]);
});
show("gradient", gradient(x));
