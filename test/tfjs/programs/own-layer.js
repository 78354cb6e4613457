import * as tf from "@tensorflow/tfjs";
import { numbers, show } from "./show.js";

class Scaled extends tf.layers.Layer {
  build() {
    this.scale = this.addWeight("scale", [1], "float32", tf.initializers.ones());
    this.built = true;
  }

  call(inputs) {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return tf.tidy(() => {
      const scaled = x.mul(this.scale.read());
      return scaled.tanh();
    });
  }

  computeOutputShape(shape) {
    return shape;
  }

  static get className() {
    return "Scaled";
  }
}
tf.serialization.registerClass(Scaled);

const model = tf.sequential();
model.add(tf.layers.embedding({ inputDim: 5, outputDim: 3, inputLength: 4 }));
model.layers[0].setWeights([tf.tensor2d(numbers(15, 67), [5, 3])]);
model.add(new Scaled());
model.add(tf.layers.globalAveragePooling1d({}));
const ids = tf.tensor2d([0, 1, 2, 3, 4, 4, 1, 0], [2, 4], "int32");
const optimizer = tf.train.sgd(0.1);
for (let step = 0; step < 2; step++) {
  const loss = optimizer.minimize(() => model.apply(ids, { training: true }).square().mean(), true);
  show("loss", loss);
}
model.getWeights().forEach((weight, i) => show(`weight ${i}`, weight));
