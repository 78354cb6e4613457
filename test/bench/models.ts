import * as F from "../../engine/api/functional/public.ts";
import * as nn from "../../engine/api/nn/public.ts";
import { SGD } from "../../engine/api/optim/sgd.ts";
import { runtime } from "../../engine/core/runtime.ts";
import { tensor } from "../../engine/core/creation.ts";
import { Tensor } from "../../engine/core/tensor.ts";
import type { SgdMove } from "../../engine/kernels/kernels.ts";
import { viewOf, type View } from "../../engine/core/view.ts";

let counter = 0;

/** Uniform numbers in [0, 1). */
export function random(shape: readonly number[], dtype: "float32" | "float64" = "float32"): Tensor {
  const out = Tensor.empty(shape, dtype);
  runtime.kernels.uniform(out, 1, (counter += 1_000_000));
  return out;
}

function classes(count: number): Tensor {
  return tensor(
    Array.from({ length: count }, (_, i) => i % 10),
    { dtype: "int64" },
  );
}

/** Forward, loss, backward and update of one model on one batch. */
export type Step = () => void;

function trainer(model: nn.Module, loss: () => Tensor): Step {
  const optimizer = new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
  return () => {
    optimizer.zeroGrad();
    loss().backward();
    optimizer.step();
  };
}

class Mlp extends nn.Module {
  fc1 = new nn.Linear(784, 128);
  fc2 = new nn.Linear(128, 64);
  fc3 = new nn.Linear(64, 10);
  override forward(x: Tensor): Tensor {
    return this.fc3.forward(F.relu(this.fc2.forward(F.relu(this.fc1.forward(x)))));
  }
}

/** 784-128-64-10, batch 64. */
export function mlpStep(): Step {
  const [model, x, y] = [new Mlp(), random([64, 784]), classes(64)];
  return trainer(model, () => F.crossEntropy(model.forward(x), y));
}

class Cnn extends nn.Module {
  weight1 = new nn.Parameter(random([16, 1, 3, 3]).sub(0.5));
  bias1 = new nn.Parameter(random([16]).sub(0.5));
  weight2 = new nn.Parameter(random([32, 16, 3, 3]).sub(0.5).mul(0.2));
  bias2 = new nn.Parameter(random([32]).sub(0.5));
  head = new nn.Linear(32 * 49, 10);
  override forward(x: Tensor): Tensor {
    const a = F.maxPool2d(F.relu(F.conv2d(x, this.weight1, this.bias1, { padding: 1 })), 2);
    const b = F.maxPool2d(F.relu(F.conv2d(a, this.weight2, this.bias2, { padding: 1 })), 2);
    return this.head.forward(b.flatten(1));
  }
}

/** 1 × 28 × 28, two 3 × 3 convolutions to 16 and 32 channels, each with relu and pooling; batch 32. */
export function cnnStep(): Step {
  const [model, x, y] = [new Cnn(), random([32, 1, 28, 28]), classes(32)];
  return trainer(model, () => F.crossEntropy(model.forward(x), y));
}

class Block extends nn.Module {
  q = new nn.Linear(128, 128);
  k = new nn.Linear(128, 128);
  v = new nn.Linear(128, 128);
  o = new nn.Linear(128, 128);
  up = new nn.Linear(128, 512);
  down = new nn.Linear(512, 128);
  scale1 = new nn.Parameter(random([128]));
  shift1 = new nn.Parameter(random([128]));
  scale2 = new nn.Parameter(random([128]));
  shift2 = new nn.Parameter(random([128]));
  override forward(x: Tensor): Tensor {
    const heads = (t: Tensor): Tensor => t.view(8, 64, 4, 32).transpose(1, 2);
    const h = F.layerNorm(x, [128], this.scale1, this.shift1);
    const q = heads(this.q.forward(h));
    const k = heads(this.k.forward(h));
    const v = heads(this.v.forward(h));
    const attention = F.softmax(q.matmul(k.transpose(2, 3)).div(32 ** 0.5), -1);
    const mixed = attention.matmul(v).transpose(1, 2).reshape(8, 64, 128);
    const y = x.add(this.o.forward(mixed));
    const wide = F.relu(this.up.forward(F.layerNorm(y, [128], this.scale2, this.shift2)));
    return y.add(this.down.forward(wide));
  }
}

/** Two blocks, width 128, 4 heads, 64 tokens, batch 8. */
export function transformerStep(): Step {
  const model = new nn.Sequential(new Block(), new Block());
  const [x, target] = [random([8, 64, 128]), random([8, 64, 128])];
  return trainer(model, () => F.mseLoss(model.forward(x), target));
}

/** The pass of the MLP on the kernels alone: buffers that are reused, nothing recorded, no objects. */
export function bareMlpStep(): Step {
  const { kernels } = runtime;
  const sizes = [784, 128, 64, 10];
  const t = (x: View): View => ({ ...viewOf(x), shape: x.shape.toReversed(), strides: x.strides.toReversed() });
  const layers = sizes.slice(1).map((outs, i) => {
    const ins = sizes[i]!;
    const weight = random([outs, ins]).sub(0.5).mul(0.1);
    const bias = random([outs]);
    const batch = (): Tensor => Tensor.empty([64, outs], "float32");
    return {
      ...{ weight, bias, gradWeight: random([outs, ins]), gradBias: random([outs]) },
      ...{ bufferWeight: random([outs, ins]), bufferBias: random([outs]) },
      ...{ z: batch(), h: batch(), gradZ: batch(), gradH: batch() },
    };
  });
  const [x, y] = [random([64, 784]), classes(64)];
  const [losses, sums] = [Tensor.empty([64], "float32"), Tensor.empty([64], "float32")];
  const one: View = {
    ...viewOf(
      random([1])
        .mul(0)
        .add(1 / 64),
    ),
    shape: [64],
    strides: [0],
  };
  const total = Tensor.empty([], "float32");
  const sgd = { lr: 0.01, momentum: 0.9, dampening: 0, weightDecay: 0, nesterov: false, maximize: false };
  const move = (parameter: Tensor, grad: Tensor, momentum: Tensor): SgdMove => ({
    ...{ parameter, grad, momentum, out: parameter, first: false },
  });
  const moves = layers.flatMap((layer) => [
    move(layer.weight, layer.gradWeight, layer.bufferWeight),
    move(layer.bias, layer.gradBias, layer.bufferBias),
  ]);
  return () => {
    layers.forEach((layer, i) => {
      kernels.gemm(i === 0 ? x : layers[i - 1]!.h, t(layer.weight), layer.z, { bias: layer.bias });
      if (i < 2) kernels.unary("relu", layer.z, layer.h);
    });
    const last = layers[2]!;
    kernels.crossEntropy(last.z, y, losses, sums, -100);
    kernels.reduce("sum", losses, [0], total);
    kernels.crossEntropyBackward(one, last.z, y, sums, last.gradZ, -100);
    for (let i = 2; i >= 0; i--) {
      const layer = layers[i]!;
      if (i < 2) kernels.binary("reluBackward", layer.gradH, layer.z, layer.gradZ);
      kernels.gemm(t(layer.gradZ), i === 0 ? x : layers[i - 1]!.h, layer.gradWeight);
      kernels.reduce("sum", layer.gradZ, [0], layer.gradBias);
      if (i > 0) kernels.gemm(layer.gradZ, layer.weight, layers[i - 1]!.gradH);
    }
    kernels.sgd(moves, sgd);
  };
}

class Recurrent extends nn.Module {
  lstm = new nn.LSTM(64, 128);
  head = new nn.Linear(128, 10);
  override forward(x: Tensor): Tensor {
    const [, [h]] = this.lstm.forward(x);
    return this.head.forward(h.select(0, 0));
  }
}

/** Hidden 128, input 64, 32 steps, batch 16. */
export function lstmStep(): Step {
  const [model, x, y] = [new Recurrent(), random([32, 16, 64]), classes(16)];
  return trainer(model, () => F.crossEntropy(model.forward(x), y));
}

/** `count` products and sums in turn of tensors of one size, forward and backward. */
export function wideChain(count: number, size: number): Step {
  const x = random([size]).requiresGrad_();
  const a = random([size]);
  return () => {
    x.grad = null;
    let h: Tensor = x;
    for (let i = 0; i < count; i++) h = i % 2 === 0 ? h.mul(a) : h.add(a);
    h.sum().backward();
  };
}

/** 500 products and 500 sums of 16 elements, one after the other. */
export function tinyOpsStep(count = 1000): Step {
  const x = random([16]).requiresGrad_();
  const [a, b] = [random([16]).mul(0.01).add(1), random([16]).mul(0.01)];
  return () => {
    x.grad = null;
    let h: Tensor = x;
    for (let i = 0; i < count / 2; i++) h = h.mul(a).add(b);
    h.sum().backward();
  };
}

/** The scalar network of peers/scalar_mlp.py, every number a tensor. */
export function scalarMlpStep(): Step {
  const sizes = [2, 16, 16, 1];
  const scalar = (value: number): Tensor => tensor(value, { dtype: "float64" });
  const parameter = (): Tensor => scalar(Math.random() * 2 - 1).requiresGrad_();
  const layers = sizes.slice(1).map((outs, i) =>
    Array.from({ length: outs }, () => ({
      weights: Array.from({ length: sizes[i]! }, parameter),
      bias: parameter(),
    })),
  );
  const parameters = layers.flat().flatMap(({ weights, bias }) => [...weights, bias]);
  const optimizer = new SGD(parameters, { lr: 0.01 });
  const points = Array.from({ length: 100 }, () => [scalar(Math.random() * 2 - 1), scalar(Math.random() * 2 - 1)]);
  const signs = points.map(() => (Math.random() > 0.5 ? 1 : -1));
  return () => {
    let total = scalar(0);
    points.forEach((point, n) => {
      let h: readonly Tensor[] = point;
      layers.forEach((layer, l) => {
        h = layer.map(({ weights, bias }) => {
          let sum: Tensor = bias;
          for (let i = 0; i < weights.length; i++) sum = sum.add(weights[i]!.mul(h[i]!));
          return l < 2 ? sum.relu() : sum;
        });
      });
      total = total.add(h[0]!.mul(-signs[n]!).add(1).relu());
    });
    let penalty = scalar(0);
    for (const p of parameters) penalty = penalty.add(p.mul(p));
    optimizer.zeroGrad();
    total
      .mul(1 / 100)
      .add(penalty.mul(1e-4))
      .backward();
    optimizer.step();
  };
}
