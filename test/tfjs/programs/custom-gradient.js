import * as tf from "@tensorflow/tfjs";
import { show } from "./show.js";

const cube = tf.customGrad((x, save) => {
  save([x]);
  return { value: x.pow(tf.scalar(3)), gradFunc: (dy, [kept]) => dy.mul(kept.square().mul(3)) };
});
const halves = tf.customGrad((a, b) => ({
  value: a.add(b).mul(0.5),
  gradFunc: (dy) => [dy.mul(0.5), dy.mul(0.5)],
}));

const x = tf.tensor1d([0.5, -1, 2]);
const y = tf.tensor1d([1, 2, 3]);
const [dx, dy] = tf.grads((a, b) => {
  const cubed = cube(a);
  const both = halves(cubed, b);
  return both.square().sum();
})([x, y]);
show("dx", dx);
show("dy", dy);
