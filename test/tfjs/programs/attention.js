import * as tf from "@tensorflow/tfjs";
import { numbers, show } from "./show.js";

const x = tf.tensor3d(numbers(2 * 4 * 6, 23), [2, 4, 6]);
const weights = ["q", "k", "v"].map((name, i) => tf.variable(tf.tensor2d(numbers(36, 29 + i), [6, 6]), true, name));
const project = (w) => x.reshape([8, 6]).matMul(w).reshape([2, 4, 2, 3]).transpose([0, 2, 1, 3]);
const { value, grads } = tf.variableGrads(() => {
  const [q, k, v] = weights.map(project);
  const scores = tf.matMul(q, k, false, true).mul(1 / Math.sqrt(3));
  const mixed = tf.softmax(scores).matMul(v).transpose([0, 2, 1, 3]).reshape([2, 4, 6]);
  const mean = mixed.mean(-1, true);
  const centred = mixed.sub(mean);
  const variance = centred.square().mean(-1, true);
  return centred.mul(variance.add(1e-5).rsqrt()).abs().sum();
});
show("value", value);
for (const name of ["q", "k", "v"]) show(name, grads[name]);
