// Median milliseconds of a training step of the MLP on TensorFlow.js with its WebAssembly backend, as JSON.
const path = require("node:path");
const tf = require("@tensorflow/tfjs");
const wasm = require("@tensorflow/tfjs-backend-wasm");

const folder = path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm"));

async function main() {
  wasm.setWasmPaths(path.join(folder, "../wasm-out/"));
  await tf.setBackend("wasm");
  await tf.ready();
  const weights = (...shape) => tf.variable(tf.randomNormal(shape, 0, 0.1));
  const x = tf.randomUniform([64, 784]);
  const classes = Array.from({ length: 64 }, (_, i) => i % 10);
  const y = tf.oneHot(tf.tensor1d(classes, "int32"), 10).toFloat();
  const [w1, b1, w2, b2, w3, b3] = [
    ...[weights(784, 128), weights(128), weights(128, 64)],
    ...[weights(64), weights(64, 10), weights(10)],
  ];
  const optimizer = tf.train.momentum(0.01, 0.9);
  const loss = () =>
    tf.losses.softmaxCrossEntropy(y, x.matMul(w1).add(b1).relu().matMul(w2).add(b2).relu().matMul(w3).add(b3));
  const step = () => {
    const cost = optimizer.minimize(loss, true);
    cost.dataSync();
    cost.dispose();
  };
  for (let i = 0; i < 5; i++) step();
  const times = [];
  for (let i = 0; i < 60; i++) {
    const start = performance.now();
    step();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  console.log(JSON.stringify({ mlp: times[30] }));
}

void main();
