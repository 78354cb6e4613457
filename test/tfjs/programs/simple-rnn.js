import * as tf from "@tensorflow/tfjs";
import { numbers, show } from "./show.js";

const initializer = (seed) => tf.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed });
const model = tf.sequential();
model.add(
  tf.layers.simpleRNN({
    units: 4,
    inputShape: [5, 3],
    kernelInitializer: initializer(1),
    recurrentInitializer: initializer(2),
  }),
);
model.add(tf.layers.dense({ units: 1, kernelInitializer: initializer(3) }));
model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
const x = tf.tensor3d(numbers(4 * 5 * 3, 43), [4, 5, 3]);
const y = tf.tensor2d(numbers(4, 47), [4, 1]);
await model.fit(x, y, { epochs: 2, batchSize: 2, shuffle: false, verbose: 0 });
model.getWeights().forEach((weight, i) => show(`weight ${i}`, weight));
