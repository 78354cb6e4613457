/** Model files that sessions are written down of. They are kept as text, for some of them are wrong. */
export const MODELS = {
  "mlp.ts": `import { F, manualSeed, nn, randn, tensor, type Tensor } from "backstep";

manualSeed(7);

class Net extends nn.Module {
  fc1 = new nn.Linear(3, 4);
  fc2 = new nn.Linear(4, 2);
  override forward(x: Tensor): Tensor {
    const h = F.relu(this.fc1.forward(x));
    return this.fc2.forward(h);
  }
}

const net = new Net();
const x = randn([5, 3]);
const target = tensor([0, 1, 1, 0, 1], { dtype: "int64" });
for (let step = 0; step < 3; step++) {
  net.zeroGrad();
  const logits = net.forward(x);
  const loss = F.crossEntropy(logits, target);
  loss.backward();
  console.log(\`step \${step}\`);
}
`,
  "released.ts": `import { nn, randn } from "backstep";

const layer = new nn.Linear(64, 64);
const x = randn([64, 64]);
for (let step = 0; step < 6; step++) {
  layer.zeroGrad();
  const loss = layer.forward(x.mul(step + 1)).square().mean();
  loss.backward();
}
`,
  "cube.ts": `import { autograd, tensor, type Tensor } from "backstep";

class Cube extends autograd.Function {
  static override forward(ctx: autograd.Context, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.pow(3);
  }
  static override backward(ctx: autograd.Context, grad: Tensor): Tensor[] {
    const [x] = ctx.savedTensors as [Tensor];
    return [grad.mul(x.pow(2)).mul(2)];
  }
}

const x = tensor([1, -2, 3, 0.5], { requiresGrad: true });
const y = Cube.apply(x);
const loss = y.sum();
loss.backward();
`,
  "training-cube.ts": `import { autograd, nn, F, manualSeed, optim, randn, type Tensor } from "backstep";

manualSeed(3);

class Cube extends autograd.Function {
  static override forward(ctx: autograd.Context, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.pow(3);
  }
  static override backward(ctx: autograd.Context, grad: Tensor): Tensor[] {
    const [x] = ctx.savedTensors as [Tensor];
    return [grad.mul(x.pow(2)).mul(2)];
  }
}

const fc = new nn.Linear(3, 2);
const optimizer = new optim.SGD(fc.parameters(), { lr: 0.01, momentum: 0.9 });
for (let step = 0; step < 4; step++) {
  optimizer.zeroGrad();
  const h = fc.forward(randn([4, 3]));
  // From the third step on, through a Function whose gradient is wrong.
  const y = step < 2 ? h.tanh() : Cube.apply(h);
  const loss = F.mseLoss(y, randn([4, 2]));
  loss.backward();
  optimizer.step();
}
`,
  "terms.ts": `import { tensor } from "backstep";

const a = tensor([2, -3], { requiresGrad: true });
const b = tensor([5, 7], { requiresGrad: true });
const c = a.mul(b);
const d = c.mul(c);
const loss = d.sum();
loss.backward();
`,
  "lstm.ts": `import { manualSeed, nn, randn } from "backstep";

manualSeed(11);
const cell = new nn.LSTMCell(2, 3);
const head = new nn.Linear(3, 1);
let [h, c] = [randn([1, 3]), randn([1, 3])];
for (let t = 0; t < 3; t++) [h, c] = cell.forward(randn([1, 2]), [h, c]);
const loss = head.forward(h).square().sum();
loss.backward();
`,
  "shapes.ts": `import { randn } from "backstep";

const x = randn([2, 3], { requiresGrad: true });
const w = randn([4, 3]);
export const y = x.matmul(w);
`,
  "forgetful.ts": `import { randn } from "backstep";

const x = randn([2, 3], { requiresGrad: true });
console.log(x.sum().shape.length);
`,
  "typo.ts": `import { randn } from "backstep";

const x = randn([2, 3] { requiresGrad: true });
`,
  "masked-nan.ts": `import { tensor, where, zerosLike } from "backstep";

const x = tensor([4, 0, 1], { requiresGrad: true });
const root = x.sqrt();
const safe = where(x.gt(0), root, zerosLike(x));
const loss = safe.sum();
loss.backward();
`,
  "log-of-zero.ts": `import { tensor } from "backstep";

const p = tensor([[0.5, 0.25], [0, 0.25]], { requiresGrad: true });
const q = p.mul(2);
const surprise = q.log();
const loss = surprise.neg().mean();
loss.backward();
`,
  "thrower.ts": `import { tensor } from "backstep";

const x = tensor([1, 2], { requiresGrad: true });
const loss = x.mul(x).sum();
loss.backward();
  throw new Error("my own error");
`,
  "hidden-tokens.ts": `import { F, tensor } from "backstep";

const scores = tensor([[1, 2, 3], [4, 5, 6]], { requiresGrad: true });
const mask = tensor([[0, -Infinity, -Infinity], [0, 0, -Infinity]]);
const nothing = tensor([[false, false, false], [true, true, true]]);
const causal = F.softmax(scores.add(mask), -1);
const hidden = F.softmax(scores.maskedFill(nothing, -Infinity), -1);
const loss = causal.add(hidden).sum();
loss.backward();
`,
  "unhealthy.ts": `import { autograd, tensor, type Tensor } from "backstep";

class Frozen extends autograd.Function {
  static override forward(ctx: autograd.Context, x: Tensor, w: Tensor): Tensor {
    return x.mul(w);
  }
  static override backward(ctx: autograd.Context, grad: Tensor): (Tensor | null)[] {
    return [grad, null];
  }
}

const x = tensor([1, -2], { requiresGrad: true });
const w = tensor([3, 4], { requiresGrad: true });
const loud = x.mul(1e5);
const square = x.mul(x);
const faint = square.mul(1e-10);
const dead = x.abs().neg().relu();
const loss = Frozen.apply(loud.add(faint).add(dead), w).sum();
loss.backward();
`,
  "nested.ts": `import { autograd, enableGrad, tensor, type Tensor } from "backstep";

class Checkpoint extends autograd.Function {
  static override forward(ctx: autograd.Context, run: (x: Tensor) => Tensor, x: Tensor): Tensor {
    ctx.run = run;
    ctx.saveForBackward(x);
    return run(x);
  }
  static override backward(ctx: autograd.Context, grad: Tensor): (Tensor | null)[] {
    const again = ctx.savedTensors[0]!.detach().requiresGrad_();
    const y = enableGrad(() => (ctx.run as (x: Tensor) => Tensor)(again));
    return [null, autograd.grad(y, [again], { gradOutputs: grad })[0]!];
  }
}

const x = tensor([1, 2], { requiresGrad: true });
const h = x.mul(3);
const loss = Checkpoint.apply((t: Tensor) => t.mul(t), h).sum();
loss.backward();
`,
  "loop.ts": `import { randn } from "backstep";

const x = randn([2], { requiresGrad: true });
x.sum().backward();
console.log("looping");
for (;;);
`,
} as const;
