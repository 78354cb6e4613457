import * as tf from "@tensorflow/tfjs";
import { show } from "./show.js";

const cube = tf.customGrad((x, save) => {
  save([x]);
  return { value: x.pow(tf.scalar(3)), gradFunc: (dy, [kept]) => dy.mul(kept.square().mul(2)) };
});

const x = tf.tensor1d([0.5, -1, 2]);
show("dx", tf.grad((v) => cube(v).sum())(x));
