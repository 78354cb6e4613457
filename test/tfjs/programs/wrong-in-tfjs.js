import * as tf from "@tensorflow/tfjs";
import { numbers, show } from "./show.js";

// Two gradients of tfjs 4.22 itself are wrong: averages at a border are divided by fewer elements than their gradient is, and
// what was mirrored passes nothing back.
const x = tf.tensor4d(numbers(2 * 4 * 4, 83), [2, 4, 4, 1]);
const averaged = tf.grad((v) => tf.avgPool(v, 2, 1, "same").square().sum());
const mirrored = tf.grad((v) =>
  tf
    .mirrorPad(
      v,
      [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ],
      "reflect",
    )
    .square()
    .sum(),
);
show("averaged", averaged(x));
show("mirrored", mirrored(x));
