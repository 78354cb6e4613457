import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { numbers, show } from "./show.js";

setWasmPaths(new URL("../node_modules/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url).pathname);
await tf.setBackend("wasm");
const x = tf.tensor2d(numbers(12, 73), [3, 4]);
const w = tf.variable(tf.tensor2d(numbers(8, 79), [4, 2]));
const optimizer = tf.train.sgd(0.1);
for (let step = 0; step < 2; step++) {
  const loss = optimizer.minimize(() => x.matMul(w).tanh().square().mean(), true);
  show("loss", loss);
}
show("w", w);
console.log(tf.getBackend());
