// Functions that write to tensors of their own, as running means are, or draw random numbers. Running them again must
// leave no trace.
import { autograd, F, manualSeed, randn, zeros, type Tensor } from "backstep";

manualSeed(5);

const running = zeros([3]);
const table = zeros([2, 3]);
const mean = zeros([3]);
const variance = zeros([3]);
const own = { running, table, mean, variance };

function update(x: Tensor): void {
  running.mul_(0.5).add_(x.sum(0));
  table.select(0, 1).copy_(running);
  F.batchNorm(x, mean, variance, null, null, { training: true });
}

class Watches extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor): Tensor {
    update(x);
    ctx.saveForBackward(x);
    return x.square();
  }
  static backward(ctx: autograd.Context, grad: Tensor): Tensor {
    const [x] = ctx.savedTensors as [Tensor];
    return grad.mul(x).mul(2);
  }
}

class DependsOnIt extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor): Tensor {
    update(x);
    ctx.saveForBackward(x, table.clone());
    return x.mul(table.select(0, 1));
  }
  static backward(ctx: autograd.Context, grad: Tensor): Tensor {
    const [x, kept] = ctx.savedTensors as [Tensor, Tensor];
    return grad.mul(kept.select(0, 1)).add(grad.mul(x).sum(0));
  }
}

class Draws extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor): Tensor {
    const noise = randn([4, 3]);
    ctx.saveForBackward(noise);
    return x.mul(noise);
  }
  static backward(ctx: autograd.Context, grad: Tensor): Tensor {
    const [noise] = ctx.savedTensors as [Tensor];
    return grad.mul(noise);
  }
}

const elements = (): string => JSON.stringify(Object.values(own).map((tensor) => tensor.tolist()));

for (const Each of [Watches, DependsOnIt, Draws]) {
  const out = Each.apply(randn([4, 3], { requiresGrad: true }));
  const before = elements();
  out
    .mul(randn([4, 3]))
    .sum()
    .backward();
  if (elements() !== before) throw new Error(`${Each.name}: changed from ${before} to ${elements()}`);
  for (const [name, { dtype }] of Object.entries(own)) {
    if (dtype !== "float32") throw new Error(`${Each.name}: ${name} became ${dtype}`);
  }
}

const next = randn([3]);
manualSeed(5);
// What is drawn above: three times an input and a cotangent, and the noise.
for (let i = 0; i < 7; i++) randn([4, 3]);
if (!next.equal(randn([3]))) throw new Error("the random numbers went on elsewhere");
