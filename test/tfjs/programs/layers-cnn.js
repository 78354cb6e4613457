import * as tf from "@tensorflow/tfjs";
import { numbers, show } from "./show.js";

const initializer = (seed) => tf.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed });
const input = tf.input({ shape: [8, 8, 1] });
const convolved = tf.layers
  .conv2d({ filters: 3, kernelSize: 3, activation: "relu", kernelInitializer: initializer(1) })
  .apply(input);
const pooled = tf.layers.maxPooling2d({ poolSize: 2 }).apply(convolved);
const flat = tf.layers.flatten().apply(pooled);
const output = tf.layers.dense({ units: 2, kernelInitializer: initializer(2) }).apply(flat);
const model = tf.model({ inputs: input, outputs: output });
model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
const x = tf.tensor4d(numbers(3 * 64, 59), [3, 8, 8, 1]);
const y = tf.tensor2d(numbers(6, 61), [3, 2]);
for (let step = 0; step < 2; step++) console.log(`loss ${String(await model.trainOnBatch(x, y))}`);
model.getWeights().forEach((weight, i) => show(`weight ${i}`, weight));
