import * as tf from "@tensorflow/tfjs";
import { numbers, show } from "./show.js";

const initializer = (seed) => tf.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed });
const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 8, inputShape: [4], activation: "relu", kernelInitializer: initializer(1) }),
    tf.layers.batchNormalization(),
    tf.layers.dropout({ rate: 0.25, seed: 5 }),
    tf.layers.dense({ units: 3, activation: "softmax", kernelInitializer: initializer(2) }),
  ],
});
model.compile({ optimizer: tf.train.adam(0.05), loss: "categoricalCrossentropy", metrics: ["accuracy"] });
const x = tf.tensor2d(numbers(48, 53), [12, 4]);
const y = tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2], "int32"), 3).toFloat();
const history = await model.fit(x, y, {
  epochs: 2,
  batchSize: 6,
  shuffle: false,
  verbose: 0,
  callbacks: { onBatchEnd: () => show("between", tf.zeros([1])) },
});
console.log(JSON.stringify(history.history.loss));
model.getWeights().forEach((weight, i) => show(`weight ${i}`, weight));
