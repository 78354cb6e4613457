import type { FaultPair } from "./program.ts";

/** A classifier's run: three classes that a plane tells apart. */
const CLASSES = `const x = randn([48, 4]);
const y = x.select(1, 0).gt(0).long().add(x.select(1, 1).gt(0).long());
`;
/** A regression's run. */
const LINE = `const x = randn([32, 3]);
const y = x.select(1, 0).mul(2).sub(x.select(1, 1)).unsqueeze(1);
`;
const MLP = `const net = new nn.Sequential(new nn.Linear(4, 16), new nn.ReLU(), new nn.Linear(16, 3));
`;
const REGRESSOR = `const net = new nn.Sequential(new nn.Linear(3, 16), new nn.Tanh(), new nn.Linear(16, 1));
`;

function loop(loss: string, optimizer = "new optim.SGD(net.parameters(), { lr: 0.1 })", steps = 12): string {
  return `const opt = ${optimizer};
for (let i = 0; i < ${steps}; i++) {
  opt.zeroGrad();
  const loss = ${loss};
  loss.backward();
  opt.step();
}
`;
}

/** Faults that the graph alone shows, each with what it would be if it were right. */
export const CERTAIN_FAULTS: readonly FaultPair[] = [
  {
    kind: "softmax-into-cross-entropy",
    about: "a layer",
    wrong: `${CLASSES}const net = new nn.Sequential(
  new nn.Linear(4, 16), new nn.ReLU(), new nn.Linear(16, 3),
  new nn.Softmax(1), // here
);
${loop("F.crossEntropy(net.forward(x), y)")}`,
    right: `${CLASSES}${MLP}${loop("F.crossEntropy(net.forward(x), y)")}`,
  },
  {
    kind: "softmax-into-cross-entropy",
    about: "through logSoftmax and nllLoss",
    wrong: `${CLASSES}${MLP}const probabilities = (t: Tensor) => t.softmax(1); // here
${loop("F.nllLoss(F.logSoftmax(probabilities(net.forward(x)), 1), y)")}`,
    right: `${CLASSES}${MLP}${loop("F.nllLoss(F.logSoftmax(net.forward(x), 1), y)")}`,
  },
  {
    kind: "softmax-into-cross-entropy",
    about: "a sigmoid, clamped",
    wrong: `${CLASSES}${MLP}const squash = (t: Tensor) => t.sigmoid().clamp(1e-6, 1 - 1e-6); // here
${loop("F.crossEntropy(squash(net.forward(x)), y)")}`,
    right: `${CLASSES}${MLP}${loop("F.crossEntropy(net.forward(x).mul(0.5), y)")}`,
  },
  {
    kind: "scores-into-nll",
    about: "raw scores",
    wrong: `${CLASSES}${MLP}const criterion = (t: Tensor) => F.nllLoss(t, y); // here
${loop("criterion(net.forward(x))")}`,
    right: `${CLASSES}${MLP}${loop("F.nllLoss(net.forward(x).logSoftmax(1), y)")}`,
  },
  {
    kind: "scores-into-nll",
    about: "probabilities",
    wrong: `${CLASSES}${MLP}const probabilities = (t: Tensor) => F.softmax(t, 1); // here
${loop("F.nllLoss(probabilities(net.forward(x)), y)")}`,
    right: `${CLASSES}${MLP}${loop("F.nllLoss(F.softmax(net.forward(x), 1).log(), y)")}`,
  },
  {
    kind: "sigmoid-into-bce-logits",
    about: "a layer",
    wrong: `const x = randn([32, 3]);
const y = x.select(1, 0).gt(0).float().unsqueeze(1);
const net = new nn.Sequential(
  new nn.Linear(3, 1),
  new nn.Sigmoid(), // here
);
${loop("F.binaryCrossEntropyWithLogits(net.forward(x), y)")}`,
    right: `const x = randn([32, 3]);
const y = x.select(1, 0).gt(0).float().unsqueeze(1);
const net = new nn.Sequential(new nn.Linear(3, 1), new nn.Sigmoid());
${loop("F.binaryCrossEntropy(net.forward(x), y)")}`,
  },
  {
    kind: "output-activation",
    about: "relu before targets below 0",
    wrong: `${LINE}const net = new nn.Sequential(
  new nn.Linear(3, 16), new nn.Tanh(), new nn.Linear(16, 1),
  new nn.ReLU(), // here
);
${loop("F.mseLoss(net.forward(x), y)", "new optim.SGD(net.parameters(), { lr: 0.05 })")}`,
    right: `${LINE}const net = new nn.Sequential(new nn.Linear(3, 16), new nn.Tanh(), new nn.Linear(16, 1), new nn.Softplus());
${loop("F.mseLoss(net.forward(x), y.abs())", "new optim.SGD(net.parameters(), { lr: 0.05 })")}`,
  },
  {
    kind: "output-activation",
    about: "tanh before targets beyond 1",
    wrong: `${LINE}${REGRESSOR}const bounded = (t: Tensor) => t.tanh(); // here
${loop("bounded(net.forward(x)).sub(y.mul(3)).square().mean()", "new optim.SGD(net.parameters(), { lr: 0.05 })")}`,
    right: `${LINE}${REGRESSOR}${loop("net.forward(x).tanh().sub(y.tanh()).square().mean()", "new optim.SGD(net.parameters(), { lr: 0.05 })")}`,
  },
  {
    kind: "output-activation",
    about: "relu before crossEntropy",
    wrong: `${CLASSES}class Net extends nn.Module {
  a = new nn.Linear(4, 16);
  b = new nn.Linear(16, 3);
  forward(t: Tensor) {
    t = F.relu(this.a.forward(t));
    return F.relu(this.b.forward(t)); // here
  }
}
const net = new Net();
${loop("F.crossEntropy(net.forward(x), y)")}`,
    right: `${CLASSES}${MLP}${loop("F.crossEntropy(net.forward(x), y)")}`,
  },
  {
    kind: "output-activation",
    about: "softmax over one unit",
    wrong: `const x = randn([32, 3]);
const y = x.select(1, 0).gt(0).float().unsqueeze(1);
const net = new nn.Linear(3, 1);
const chance = (t: Tensor) => F.softmax(t, 1); // here
${loop("F.mseLoss(chance(net.forward(x)), y)")}`,
    right: `const x = randn([32, 3]);
const y = x.select(1, 0).gt(0).float().unsqueeze(1);
const net = new nn.Linear(3, 1);
${loop("F.mseLoss(net.forward(x).sigmoid(), y)")}`,
  },
  {
    kind: "softmax-axis",
    about: "of scores, over the examples",
    wrong: `${CLASSES}${MLP}const logs = (t: Tensor) => F.logSoftmax(t, 0); // here
${loop("F.nllLoss(logs(net.forward(x)), y)")}`,
    right: `${CLASSES}${MLP}${loop("F.nllLoss(F.logSoftmax(net.forward(x), -1), y)")}`,
  },
  {
    kind: "softmax-axis",
    about: "of attention, over the queries",
    wrong: `const x = randn([4, 6, 8]);
const q = new nn.Linear(8, 8), k = new nn.Linear(8, 8), v = new nn.Linear(8, 8);
const net = new nn.ModuleList([q, k, v]);
function attend(t: Tensor): Tensor {
  const scores = q.forward(t).matmul(k.forward(t).transpose(1, 2)).div(Math.sqrt(8));
  const weights = scores.softmax(1); // here
  return weights.matmul(v.forward(t));
}
${loop("F.mseLoss(attend(x), x)")}`,
    right: `const x = randn([4, 6, 8]);
const q = new nn.Linear(8, 8), k = new nn.Linear(8, 8), v = new nn.Linear(8, 8);
const net = new nn.ModuleList([q, k, v]);
function attend(t: Tensor): Tensor {
  const scores = q.forward(t).matmul(k.forward(t).transpose(1, 2)).div(Math.sqrt(8));
  return scores.softmax(-1).matmul(v.forward(t));
}
${loop("F.mseLoss(attend(x), x)")}`,
  },
  {
    kind: "broadcast-in-loss",
    about: "mseLoss",
    wrong: `${LINE}${REGRESSOR}const flat = y.squeeze(1);
const criterion = (t: Tensor) => F.mseLoss(t, flat); // here
${loop("criterion(net.forward(x))")}`,
    right: `${LINE}${REGRESSOR}const flat = y.squeeze(1);
${loop("F.mseLoss(net.forward(x).squeeze(1), flat)")}`,
  },
  {
    kind: "broadcast-in-loss",
    about: "written out",
    wrong: `${LINE}${REGRESSOR}const flat = y.squeeze(1);
const criterion = (t: Tensor) => t.sub(flat).square().mean(); // here
${loop("criterion(net.forward(x))")}`,
    right: `${LINE}${REGRESSOR}${loop("net.forward(x).sub(y).square().mean()")}`,
  },
  {
    kind: "broadcast-in-loss",
    about: "a mask after the sum",
    wrong: `const enc = new nn.Linear(3, 4), net = enc;
const x = randn([2, 5, 3]);
const mask = tensor([[1, 1, 1, 0, 0], [1, 1, 0, 0, 0]]);
function divergence(): Tensor {
  const [mean, logVar] = enc.forward(x).chunk(2, -1);
  const kl = logVar!.add(1).sub(mean!.square()).sub(logVar!.exp()).sum(); // here
  return kl.mul(-0.5).mul(mask).mean();
}
${loop("divergence()", "new optim.SGD(net.parameters(), { lr: 0.01 })")}`,
    right: `const enc = new nn.Linear(3, 4), net = enc;
const x = randn([2, 5, 3]);
const mask = tensor([[1, 1, 1, 0, 0], [1, 1, 0, 0, 0]]);
function divergence(): Tensor {
  const [mean, logVar] = enc.forward(x).chunk(2, -1);
  return logVar!.add(1).sub(mean!.square()).sub(logVar!.exp()).sum(-1).mul(-0.5).mul(mask).mean();
}
${loop("divergence()", "new optim.SGD(net.parameters(), { lr: 0.01 })")}`,
  },
  {
    kind: "zero-grad-missing",
    about: "altogether",
    wrong: `${LINE}${REGRESSOR}const opt = new optim.SGD(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 10; i++) {
  F.mseLoss(net.forward(x), y).backward();
  opt.step(); // here
}
`,
    right: `${LINE}${REGRESSOR}const opt = new optim.SGD(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 10; i++) {
  for (let part = 0; part < 2; part++) F.mseLoss(net.forward(x.narrow(0, part * 16, 16)), y.narrow(0, part * 16, 16)).div(2).backward();
  opt.step();
  net.zeroGrad();
}
`,
  },
  {
    kind: "zero-grad-missing",
    about: "once an epoch",
    wrong: `${LINE}${REGRESSOR}const opt = new optim.SGD(net.parameters(), { lr: 0.01 });
for (let epoch = 0; epoch < 3; epoch++) {
  opt.zeroGrad();
  for (let i = 0; i < 4; i++) {
    F.mseLoss(net.forward(x), y).backward();
    opt.step(); // here
  }
}
`,
    right: `${LINE}${REGRESSOR}const opt = new optim.SGD(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 10; i++) {
  for (const p of net.parameters()) p.grad = null;
  F.mseLoss(net.forward(x), y).backward();
  opt.step();
}
`,
  },
  {
    kind: "no-update",
    about: "step never called",
    wrong: `${LINE}${REGRESSOR}const opt = new optim.SGD(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 10; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward(); // here
}
`,
    right: `${LINE}${REGRESSOR}${loop("F.mseLoss(net.forward(x), y)")}`,
  },
  {
    kind: "no-update",
    about: "zeroGrad between backward and step",
    wrong: `${LINE}${REGRESSOR}const opt = new optim.SGD(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 10; i++) {
  F.mseLoss(net.forward(x), y).backward();
  opt.zeroGrad(); // here
  opt.step();
}
`,
    right: `${LINE}${REGRESSOR}const opt = new optim.SGD(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 10; i++) {
  F.mseLoss(net.forward(x), y).backward();
  opt.step();
  opt.zeroGrad();
}
`,
  },
  {
    kind: "no-update",
    about: "one step after the loop",
    wrong: `${LINE}${REGRESSOR}const opt = new optim.SGD(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 20; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
}
opt.step(); // here
`,
    right: `${LINE}${REGRESSOR}${loop("F.mseLoss(net.forward(x), y)", "new optim.Adam(net.parameters(), { lr: 0.01 })")}`,
  },
  {
    kind: "params-not-in-optimizer",
    about: "the head alone",
    wrong: `${LINE}const body = new nn.Linear(3, 16), head = new nn.Linear(16, 1);
const opt = new optim.SGD(head.parameters(), { lr: 0.1 }); // here
for (let i = 0; i < 10; i++) {
  opt.zeroGrad();
  F.mseLoss(head.forward(body.forward(x).tanh()), y).backward();
  opt.step();
}
`,
    right: `${LINE}const body = new nn.Linear(3, 16).requiresGrad_(false), head = new nn.Linear(16, 1);
const opt = new optim.SGD(head.parameters(), { lr: 0.1 });
for (let i = 0; i < 10; i++) {
  opt.zeroGrad();
  F.mseLoss(head.forward(body.forward(x).tanh()), y).backward();
  opt.step();
}
`,
  },
  {
    kind: "params-not-in-optimizer",
    about: "those of another model",
    wrong: `${LINE}const make = () => new nn.Sequential(new nn.Linear(3, 8), new nn.Tanh(), new nn.Linear(8, 1));
const old = make(), net = make();
const opt = new optim.SGD(old.parameters(), { lr: 0.1 }); // here
for (let i = 0; i < 10; i++) {
  opt.zeroGrad();
  net.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
  opt.step();
}
`,
    right: `${LINE}const make = () => new nn.Sequential(new nn.Linear(3, 8), new nn.Tanh(), new nn.Linear(8, 1));
const old = make(), net = make();
old.eval();
${loop("F.mseLoss(net.forward(x), y)")}`,
  },
  {
    kind: "params-not-in-optimizer",
    about: "layers in a plain array",
    wrong: `${LINE}class Net extends nn.Module {
  hidden: nn.Linear[] = [];
  head = new nn.Linear(8, 1);
  constructor() {
    super();
    for (let i = 0; i < 2; i++) this.hidden.push(new nn.Linear(i === 0 ? 3 : 8, 8)); // here
  }
  forward(t: Tensor) {
    for (const layer of this.hidden) t = layer.forward(t).tanh();
    return this.head.forward(t);
  }
}
const net = new Net();
${loop("F.mseLoss(net.forward(x), y)")}`,
    right: `${LINE}class Net extends nn.Module {
  hidden = new nn.ModuleList([new nn.Linear(3, 8), new nn.Linear(8, 8)]);
  head = new nn.Linear(8, 1);
  forward(t: Tensor) {
    for (const layer of this.hidden) t = layer.forward(t).tanh();
    return this.head.forward(t);
  }
}
const net = new Net();
${loop("F.mseLoss(net.forward(x), y)")}`,
  },
  {
    kind: "frozen-by-mistake",
    about: "the whole model",
    wrong: `${LINE}const scale = tensor([1], { requiresGrad: true });
const net = new nn.Linear(3, 1);
net.requiresGrad_(false); // here
${loop("F.mseLoss(net.forward(x).mul(scale), y)")}`,
    right: `${LINE}const net = new nn.Linear(3, 1);
net.requiresGrad_(false);
net.requiresGrad_(true);
${loop("F.mseLoss(net.forward(x), y)")}`,
  },
  {
    kind: "frozen-by-mistake",
    about: "one weight of the last layer",
    wrong: `${LINE}${REGRESSOR}const [, , last] = [...net.children()];
(last as nn.Linear).weight.requiresGrad_(false); // here
${loop("F.mseLoss(net.forward(x), y)")}`,
    right: `${LINE}${REGRESSOR}const [first] = [...net.children()];
first!.requiresGrad_(false);
${loop("F.mseLoss(net.forward(x), y)")}`,
  },
  {
    kind: "detached-path",
    about: "argmax",
    wrong: `${CLASSES}${MLP}const classes = (t: Tensor) => t.argmax(1).float(); // here
${loop("F.mseLoss(classes(net.forward(x)), y.float())")}`,
    right: `${CLASSES}${MLP}${loop("F.crossEntropy(net.forward(x), y)")}`,
  },
  {
    kind: "detached-path",
    about: "features, with a head that learns",
    wrong: `${LINE}const body = new nn.Linear(3, 16), head = new nn.Linear(16, 1);
const net = new nn.ModuleList([body, head]);
function predict(t: Tensor): Tensor {
  const features = body.forward(t).tanh().detach(); // here
  return head.forward(features);
}
${loop("F.mseLoss(predict(x), y)")}`,
    right: `${LINE}const body = new nn.Linear(3, 16), head = new nn.Linear(16, 1);
const net = new nn.ModuleList([body, head]);
${loop("F.mseLoss(head.forward(body.forward(x).tanh()), y)")}`,
  },
  {
    kind: "detached-path",
    about: "a loss made of numbers",
    wrong: `${LINE}${REGRESSOR}const total = (t: Tensor) => tensor(F.mseLoss(t, y).item(), { requiresGrad: true }); // here
${loop("total(net.forward(x))")}`,
    right: `${LINE}${REGRESSOR}let seen = 0;
function total(t: Tensor): Tensor {
  const loss = F.mseLoss(t, y);
  seen += loss.item();
  return loss;
}
${loop("total(net.forward(x))")}`,
  },
  {
    kind: "detached-path",
    about: "noGrad around the encoder",
    wrong: `${LINE}const body = new nn.Linear(3, 16), head = new nn.Linear(16, 1);
const net = new nn.ModuleList([body, head]);
const encode = (t: Tensor) => noGrad(() => body.forward(t).tanh()); // here
${loop("F.mseLoss(head.forward(encode(x)), y)")}`,
    right: `${LINE}const body = new nn.Linear(3, 16), head = new nn.Linear(16, 1);
const net = head;
const encode = (t: Tensor) => noGrad(() => body.forward(t).tanh());
${loop("F.mseLoss(head.forward(encode(x)), y)")}`,
  },
  {
    kind: "parameter-reassigned",
    about: "after the optimizer was made",
    wrong: `${LINE}const net = new nn.Linear(3, 1);
const opt = new optim.SGD(net.parameters(), { lr: 0.1 });
net.weight = new nn.Parameter(randn([1, 3]).mul(0.1)); // here
for (let i = 0; i < 10; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
  opt.step();
}
`,
    right: `${LINE}const net = new nn.Linear(3, 1);
net.weight = new nn.Parameter(randn([1, 3]).mul(0.1));
${loop("F.mseLoss(net.forward(x), y)")}`,
  },
  {
    kind: "target-not-detached",
    about: "a bootstrapped value",
    wrong: `const net = new nn.Sequential(new nn.Linear(4, 16), new nn.Tanh(), new nn.Linear(16, 1));
const s = randn([16, 4]), next = randn([16, 4]), reward = rand([16, 1]);
function error(): Tensor {
  const target = reward.add(net.forward(next).mul(0.9)); // here
  return F.mseLoss(net.forward(s), target);
}
${loop("error()", "new optim.SGD(net.parameters(), { lr: 0.01 })")}`,
    right: `const net = new nn.Sequential(new nn.Linear(4, 16), new nn.Tanh(), new nn.Linear(16, 1));
const s = randn([16, 4]), next = randn([16, 4]), reward = rand([16, 1]);
function error(): Tensor {
  const target = reward.add(net.forward(next).mul(0.9)).detach();
  return F.mseLoss(net.forward(s), target);
}
${loop("error()", "new optim.SGD(net.parameters(), { lr: 0.01 })")}`,
  },
  {
    kind: "scrambled-axes",
    about: "times and examples",
    wrong: `const x = randn([7, 4, 5]), y = randn([4, 1]);
const net = new nn.Linear(35, 1);
const batch = (t: Tensor) => t.reshape(4, 7, 5); // here
${loop("F.mseLoss(net.forward(batch(x.mul(1)).flatten(1)), y)", "new optim.SGD(net.parameters(), { lr: 0.01 })")}`,
    right: `const x = randn([7, 4, 5]), y = randn([4, 1]);
const net = new nn.Linear(35, 1);
const batch = (t: Tensor) => t.transpose(0, 1);
${loop("F.mseLoss(net.forward(batch(x.mul(1)).flatten(1)), y)", "new optim.SGD(net.parameters(), { lr: 0.01 })")}`,
  },
  {
    kind: "scrambled-axes",
    about: "heads of attention",
    wrong: `const x = randn([2, 6, 8]), y = randn([2, 6, 8]);
const q = new nn.Linear(8, 8), net = q;
function attend(t: Tensor): Tensor {
  const heads = q.forward(t).view(2, 4, 6, 2); // here
  return heads.matmul(heads.transpose(-2, -1)).softmax(-1).matmul(heads).transpose(1, 2).reshape(2, 6, 8);
}
${loop("F.mseLoss(attend(x), y)")}`,
    right: `const x = randn([2, 6, 8]), y = randn([2, 6, 8]);
const q = new nn.Linear(8, 8), net = q;
function attend(t: Tensor): Tensor {
  const heads = q.forward(t).view(2, 6, 4, 2).transpose(1, 2);
  return heads.matmul(heads.transpose(-2, -1)).softmax(-1).matmul(heads).transpose(1, 2).reshape(2, 6, 8);
}
${loop("F.mseLoss(attend(x), y)")}`,
  },
  {
    kind: "unused-layer",
    about: "never called",
    wrong: `${LINE}class Net extends nn.Module {
  a = new nn.Linear(3, 8);
  b = new nn.Linear(8, 5); // here
  c = new nn.Linear(8, 1);
  forward(t: Tensor) {
    return this.c.forward(this.a.forward(t).tanh());
  }
}
const net = new Net();
${loop("F.mseLoss(net.forward(x), y)")}`,
    right: `${LINE}class Net extends nn.Module {
  a = new nn.Linear(3, 8);
  c = new nn.Linear(8, 1);
  forward(t: Tensor) {
    return this.c.forward(this.a.forward(t).tanh());
  }
}
const net = new Net();
${loop("F.mseLoss(net.forward(x), y)")}`,
  },
  {
    kind: "reused-layer",
    about: "one object at several places",
    wrong: `${LINE}const hidden = new nn.Linear(8, 8); // here
const net = new nn.Sequential(new nn.Linear(3, 8), new nn.Tanh(), hidden, new nn.Tanh(), hidden, new nn.Tanh(), new nn.Linear(8, 1));
${loop("F.mseLoss(net.forward(x), y)")}`,
    right: `${LINE}const hidden = () => new nn.Linear(8, 8);
const net = new nn.Sequential(new nn.Linear(3, 8), new nn.Tanh(), hidden(), new nn.Tanh(), hidden(), new nn.Tanh(), new nn.Linear(8, 1));
${loop("F.mseLoss(net.forward(x), y)")}`,
  },
  {
    kind: "loss-ignores-target",
    about: "the prediction itself",
    wrong: `${LINE}${REGRESSOR}const opt = new optim.SGD(net.parameters(), { lr: 0.1 });
for (let i = 0; i < 8; i++) {
  opt.zeroGrad();
  const prediction = net.forward(x);
  F.mseLoss(prediction, prediction.detach()).backward(); // here
  opt.step();
}
`,
    right: `${LINE}${REGRESSOR}${loop("F.mseLoss(net.forward(x), y)")}`,
  },
  {
    kind: "missing-activation",
    about: "three layers in a row",
    wrong: `${LINE}const net = new nn.Sequential(
  new nn.Linear(3, 16),
  new nn.Linear(16, 16), // here
  new nn.Tanh(),
  new nn.Linear(16, 1),
);
${loop("F.mseLoss(net.forward(x), y)")}`,
    right: `${LINE}const net = new nn.Sequential(new nn.Linear(3, 16), new nn.Tanh(), new nn.Linear(16, 16), new nn.Tanh(), new nn.Linear(16, 1));
${loop("F.mseLoss(net.forward(x), y)")}`,
  },
  {
    kind: "wrong-sign",
    about: "a minus",
    wrong: `${CLASSES}${MLP}const criterion = (t: Tensor) => F.crossEntropy(t, y).neg(); // here
${loop("criterion(net.forward(x))", "new optim.SGD(net.parameters(), { lr: 0.01 })")}`,
    right: `${CLASSES}${MLP}${loop("F.logSoftmax(net.forward(x), 1).gather(1, y.unsqueeze(1)).mean().neg()")}`,
  },
  {
    kind: "wrong-sign",
    about: "maximize",
    wrong: `${LINE}${REGRESSOR}const opt = new optim.SGD(net.parameters(), { lr: 0.01, maximize: true }); // here
for (let i = 0; i < 8; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
  opt.step();
}
`,
    right: `${LINE}${REGRESSOR}${loop("F.mseLoss(net.forward(x), y).neg()", "new optim.SGD(net.parameters(), { lr: 0.01, maximize: true })")}`,
  },
  {
    kind: "momentum-too-large",
    about: "1",
    wrong: `${LINE}${REGRESSOR}const opt = new optim.SGD(net.parameters(), { lr: 0.001, momentum: 1 }); // here
for (let i = 0; i < 8; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
  opt.step();
}
`,
    right: `${LINE}${REGRESSOR}${loop("F.mseLoss(net.forward(x), y)", "new optim.SGD(net.parameters(), { lr: 0.01, momentum: 0.9 })")}`,
  },
  {
    kind: "schedule-to-zero",
    about: "stepped at each batch",
    wrong: `${LINE}${REGRESSOR}const opt = new optim.SGD(net.parameters(), { lr: 0.1 });
const schedule = new optim.lrScheduler.StepLR(opt, 2, { gamma: 0.1 }); // here
for (let i = 0; i < 30; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
  opt.step();
  schedule.step();
}
`,
    right: `${LINE}${REGRESSOR}const opt = new optim.SGD(net.parameters(), { lr: 0.1 });
const schedule = new optim.lrScheduler.CosineAnnealingLR(opt, 30);
for (let i = 0; i < 30; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
  opt.step();
  schedule.step();
}
`,
  },
];
