import type { FaultPair } from "./program.ts";

const LINE = `const x = randn([32, 3]);
const y = x.select(1, 0).mul(2).sub(x.select(1, 1)).unsqueeze(1);
`;
const REGRESSOR = `const net = new nn.Sequential(new nn.Linear(3, 16), new nn.Tanh(), new nn.Linear(16, 1));
`;

function train(loss: string, options = "lr: 0.05", steps = 20, kind = "SGD", mark = false): string {
  return `const opt = new optim.${kind}(net.parameters(), { ${options} });${mark ? " // here" : ""}
for (let i = 0; i < ${steps}; i++) {
  opt.zeroGrad();
  const loss = ${loss};
  loss.backward();
  opt.step();
}
`;
}

/** Faults that the course of a run shows, each with what it would be if it were right. */
export const COURSE_FAULTS: readonly FaultPair[] = [
  {
    kind: "lr-too-high",
    about: "SGD that diverges",
    wrong: `${LINE}${REGRESSOR}${train("F.mseLoss(net.forward(x), y)", "lr: 8", 20, "SGD", true)}`,
    right: `${LINE}${REGRESSOR}${train("F.mseLoss(net.forward(x), y)", "lr: 0.1")}`,
  },
  {
    kind: "lr-too-high",
    about: "Adam that jumps about",
    wrong: `${LINE}${REGRESSOR}${train("F.mseLoss(net.forward(x), y)", "lr: 3", 30, "Adam", true)}`,
    right: `${LINE}${REGRESSOR}${train("F.mseLoss(net.forward(x), y)", "lr: 0.01", 30, "Adam")}`,
  },
  {
    kind: "lr-too-low",
    about: "SGD that does not move",
    wrong: `${LINE}${REGRESSOR}${train("F.mseLoss(net.forward(x), y)", "lr: 1e-7", 20, "SGD", true)}`,
    right: `${LINE}${REGRESSOR}${train("F.mseLoss(net.forward(x), y)", "lr: 3e-4", 20, "Adam")}`,
  },
  {
    kind: "wrong-reduction",
    about: "a sum with the rate of a mean",
    wrong: `const x = randn([256, 3]), y = x.sum(1, true);
const net = new nn.Linear(3, 1);
const criterion = (t: Tensor) => F.mseLoss(t, y, { reduction: "sum" }); // here
${train("criterion(net.forward(x))", "lr: 0.1")}`,
    right: `const x = randn([256, 3]), y = x.sum(1, true);
const net = new nn.Linear(3, 1);
${train('F.mseLoss(net.forward(x), y, { reduction: "sum" })', "lr: 0.001")}`,
  },
  {
    kind: "bad-data",
    about: "NaN in a column",
    wrong: `const rows = Array.from({ length: 16 }, (_, i) => [i / 16, i === 5 ? NaN : 1 - i / 16]);
const x = tensor(rows); // here
const y = x.select(1, 0).unsqueeze(1);
const net = new nn.Linear(2, 1);
${train("F.mseLoss(net.forward(x), y)", "lr: 0.1", 5)}`,
    right: `const rows = Array.from({ length: 16 }, (_, i) => [i / 16, 1 - i / 16]);
const x = tensor(rows);
const y = x.select(1, 0).unsqueeze(1);
const net = new nn.Linear(2, 1);
${train("F.mseLoss(net.forward(x), y)", "lr: 0.1", 5)}`,
  },
  {
    kind: "invalid-math",
    about: "log of 0",
    wrong: `const x = randn([16, 3]), y = x.select(1, 0).gt(0).float().unsqueeze(1);
const net = new nn.Linear(3, 1);
function loss_(t: Tensor): Tensor {
  const p = t.mul(200).sigmoid();
  return y.mul(p.log()).add(y.neg().add(1).mul(p.neg().add(1).log())).mean().neg(); // here
}
${train("loss_(net.forward(x))", "lr: 0.1", 5)}`,
    right: `const x = randn([16, 3]), y = x.select(1, 0).gt(0).float().unsqueeze(1);
const net = new nn.Linear(3, 1);
${train("F.binaryCrossEntropyWithLogits(net.forward(x), y)", "lr: 0.1", 5)}`,
  },
  {
    kind: "invalid-math",
    about: "the derivative of a root at 0",
    wrong: `const x = zeros([8, 3]), net = new nn.Linear(3, 2, { bias: false });
function length(t: Tensor): Tensor {
  return t.square().sum(1).sqrt(); // here
}
${train("length(net.forward(x)).mean()", "lr: 0.1", 4)}`,
    right: `const x = zeros([8, 3]), net = new nn.Linear(3, 2, { bias: false });
${train("net.forward(x).square().sum(1).add(1e-6).sqrt().mean()", "lr: 0.1", 4)}`,
  },
  {
    kind: "invalid-math",
    about: "a column without spread, divided by it",
    wrong: `const raw = cat([rand([16, 2]), full([16, 1], -3)], 1), y = raw.select(1, 0).unsqueeze(1);
const spread = raw.amax([0]).sub(raw.amin([0]));
const x = raw.div(spread); // here
const net = new nn.Linear(3, 1);
${train("F.mseLoss(net.forward(x), y)", "lr: 0.1", 5)}`,
    right: `const raw = cat([rand([16, 2]), full([16, 1], -3)], 1), y = raw.select(1, 0).unsqueeze(1);
const spread = raw.amax([0]).sub(raw.amin([0]));
const x = raw.div(spread.add(1e-3)).clamp(-3, 3);
const net = new nn.Linear(3, 1);
${train("F.mseLoss(net.forward(x), y)", "lr: 0.01", 5)}`,
  },
  {
    kind: "bad-init",
    about: "all the same",
    wrong: `${LINE}${REGRESSOR}for (const p of net.parameters()) nn.init.constant_(p, 0.1); // here
${train("F.mseLoss(net.forward(x), y)")}`,
    right: `${LINE}${REGRESSOR}const last = net.at(2) as nn.Linear;
nn.init.zeros_(last.weight);
${train("F.mseLoss(net.forward(x), y)")}`,
  },
  {
    kind: "bad-init",
    about: "far too large",
    wrong: `${LINE}${REGRESSOR}nn.init.normal_((net.at(0) as nn.Linear).weight, 0, 30); // here
${train("F.mseLoss(net.forward(x), y)")}`,
    right: `${LINE}${REGRESSOR}nn.init.normal_((net.at(0) as nn.Linear).weight, 0, 0.5);
${train("F.mseLoss(net.forward(x), y)")}`,
  },
  {
    kind: "unnormalised-inputs",
    about: "pixels from 0 to 255",
    wrong: `const x = randint(0, 256, [32, 8]).float();
const y = x.mean(1, true).div(255);
const net = new nn.Sequential(new nn.Linear(8, 16), new nn.Tanh(), new nn.Linear(16, 1));
const predict = () => net.forward(x); // here
${train("F.mseLoss(predict(), y)", "lr: 0.01")}`,
    right: `const x = randint(0, 256, [32, 8]).float().div(255);
const y = x.mean(1, true);
const net = new nn.Sequential(new nn.Linear(8, 16), new nn.Tanh(), new nn.Linear(16, 1));
${train("F.mseLoss(net.forward(x), y)", "lr: 0.01")}`,
  },
  {
    kind: "vanishing-gradients",
    about: "ten sigmoid layers",
    wrong: `const layers: nn.Module[] = [new nn.Linear(4, 16), new nn.Sigmoid()];
for (let i = 0; i < 9; i++) layers.push(new nn.Linear(16, 16), new nn.Sigmoid()); // here
const net = new nn.Sequential(...layers, new nn.Linear(16, 1));
const x = randn([32, 4]), y = x.sum(1, true);
${train("F.mseLoss(net.forward(x), y)", "lr: 0.01", 5)}`,
    right: `const layers: nn.Module[] = [new nn.Linear(4, 16), new nn.ReLU()];
for (let i = 0; i < 5; i++) layers.push(new nn.Linear(16, 16), new nn.ReLU());
for (const layer of layers) if (layer instanceof nn.Linear) nn.init.kaimingUniform_(layer.weight, { nonlinearity: "relu" });
const net = new nn.Sequential(...layers, new nn.Linear(16, 1));
const x = randn([32, 4]), y = x.sum(1, true);
${train("F.mseLoss(net.forward(x), y)", "lr: 0.01", 5)}`,
  },
  {
    kind: "exploding-gradients",
    about: "a recurrence with large weights",
    wrong: `const w = new nn.Linear(6, 6, { bias: false }), out = new nn.Linear(6, 1), net = new nn.ModuleList([w, out]);
nn.init.normal_(w.weight, 0, 1.2);
const x = randn([20, 8, 6]).mul(0.01), y = randn([8, 1]);
function run(): Tensor {
  let h = zeros([8, 6]);
  for (let t = 0; t < 20; t++) h = w.forward(h).add(x.select(0, t)); // here
  return out.forward(h);
}
${train("F.mseLoss(run(), y)", "lr: 1e-8", 5)}`,
    right: `const w = new nn.Linear(6, 6, { bias: false }), out = new nn.Linear(6, 1), net = new nn.ModuleList([w, out]);
nn.init.orthogonal_(w.weight);
const x = randn([20, 8, 6]).mul(0.1), y = randn([8, 1]);
function run(): Tensor {
  let h = zeros([8, 6]);
  for (let t = 0; t < 20; t++) h = w.forward(h).add(x.select(0, t)).tanh();
  return out.forward(h);
}
${train("F.mseLoss(run(), y)", "lr: 0.01", 5)}`,
  },
  {
    kind: "dead-relu",
    about: "biases far below 0",
    wrong: `${LINE}const net = new nn.Sequential(new nn.Linear(3, 16),
  new nn.ReLU(), // here
  new nn.Linear(16, 1));
nn.init.constant_((net.at(0) as nn.Linear).bias!, -20);
${train("F.mseLoss(net.forward(x), y)")}`,
    right: `${LINE}const net = new nn.Sequential(new nn.Linear(3, 16), new nn.ReLU(), new nn.Linear(16, 1));
nn.init.constant_((net.at(0) as nn.Linear).bias!, -0.2);
${train("F.mseLoss(net.forward(x), y)")}`,
  },
  {
    kind: "dropout-too-strong",
    about: "0.95",
    wrong: `${LINE}const net = new nn.Sequential(new nn.Linear(3, 16), new nn.Tanh(),
  new nn.Dropout(0.95), // here
  new nn.Linear(16, 1));
${train("F.mseLoss(net.forward(x), y)")}`,
    right: `${LINE}const net = new nn.Sequential(new nn.Linear(3, 16), new nn.Tanh(), new nn.Dropout(0.5), new nn.Linear(16, 1));
${train("F.mseLoss(net.forward(x), y)")}`,
  },
  {
    kind: "clip-too-tight",
    about: "a norm of 1e-5",
    wrong: `${LINE}${REGRESSOR}const opt = new optim.SGD(net.parameters(), { lr: 0.1 });
for (let i = 0; i < 10; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
  nn.utils.clipGradNorm_(net.parameters(), 1e-5); // here
  opt.step();
}
`,
    right: `${LINE}${REGRESSOR}const opt = new optim.SGD(net.parameters(), { lr: 0.1 });
for (let i = 0; i < 10; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
  nn.utils.clipGradNorm_(net.parameters(), 1);
  opt.step();
}
`,
  },
  {
    kind: "weight-decay-too-large",
    about: "of SGD",
    wrong: `${LINE}${REGRESSOR}${train("F.mseLoss(net.forward(x), y)", "lr: 0.1, weightDecay: 2", 30, "SGD", true)}`,
    right: `${LINE}${REGRESSOR}${train("F.mseLoss(net.forward(x), y)", "lr: 0.1, weightDecay: 1e-3", 30)}`,
  },
  {
    kind: "detached-path",
    about: "a state cut off at each step",
    wrong: `const cell = new nn.GRUCell(3, 6), out = new nn.Linear(6, 1), net = new nn.ModuleList([cell, out]);
const x = randn([6, 4, 3]), y = randn([4, 1]);
function run(): Tensor {
  let h = zeros([4, 6]);
  for (let t = 0; t < 6; t++) h = cell.forward(x.select(0, t), h.detach()); // here
  return out.forward(h);
}
${train("F.mseLoss(run(), y)", "lr: 0.05", 4)}`,
    right: `const cell = new nn.GRUCell(3, 6), out = new nn.Linear(6, 1), net = new nn.ModuleList([cell, out]);
const x = randn([6, 4, 3]), y = randn([4, 1]);
function run(): Tensor {
  let h = zeros([4, 6]);
  for (let t = 0; t < 6; t++) h = cell.forward(x.select(0, t), h);
  return out.forward(h);
}
${train("F.mseLoss(run(), y)", "lr: 0.05", 4)}`,
  },
  {
    kind: "stale-state",
    about: "a state that is carried over with its graph",
    wrong: `const cell = new nn.RNNCell(3, 6), out = new nn.Linear(6, 1), net = new nn.ModuleList([cell, out]);
let h = zeros([4, 6]);
function run(): Tensor {
  const x = randn([4, 3]);
  h = cell.forward(x, h); // here
  return F.mseLoss(out.forward(h), x.sum(1, true));
}
${train("run()", "lr: 0.05", 4)}`,
    right: `const cell = new nn.RNNCell(3, 6), out = new nn.Linear(6, 1), net = new nn.ModuleList([cell, out]);
let h = zeros([4, 6]);
function run(): Tensor {
  const x = randn([4, 3]);
  h = cell.forward(x, h.detach());
  return F.mseLoss(out.forward(h), x.sum(1, true));
}
${train("run()", "lr: 0.05", 4)}`,
  },
  {
    kind: "wrong-mode",
    about: "evaluation mode that nobody leaves",
    wrong: `${LINE}const net = new nn.Sequential(new nn.Linear(3, 16), new nn.BatchNorm1d(16), new nn.Tanh(), new nn.Dropout(0.2), new nn.Linear(16, 1));
const opt = new optim.SGD(net.parameters(), { lr: 0.05 });
for (let epoch = 0; epoch < 4; epoch++) {
  for (let i = 0; i < 3; i++) {
    opt.zeroGrad();
    F.mseLoss(net.forward(x), y).backward();
    opt.step();
  }
  net.eval(); // here
  noGrad(() => F.mseLoss(net.forward(x), y)).item();
}
`,
    right: `${LINE}const net = new nn.Sequential(new nn.Linear(3, 16), new nn.BatchNorm1d(16), new nn.Tanh(), new nn.Dropout(0.2), new nn.Linear(16, 1));
const opt = new optim.SGD(net.parameters(), { lr: 0.05 });
for (let epoch = 0; epoch < 4; epoch++) {
  net.train();
  for (let i = 0; i < 3; i++) {
    opt.zeroGrad();
    F.mseLoss(net.forward(x), y).backward();
    opt.step();
  }
  net.eval();
  noGrad(() => F.mseLoss(net.forward(x), y)).item();
}
`,
  },
  {
    kind: "wrong-mode",
    about: "an evaluation in training mode",
    wrong: `${LINE}const net = new nn.Sequential(new nn.Linear(3, 16), new nn.Tanh(), new nn.Dropout(0.2), new nn.Linear(16, 1));
${train("F.mseLoss(net.forward(x), y)", "lr: 0.05", 5)}
const held = noGrad(() => F.mseLoss(net.forward(x), y));
console.log(held.item()); // here
`,
    right: `${LINE}const net = new nn.Sequential(new nn.Linear(3, 16), new nn.Tanh(), new nn.Dropout(0.2), new nn.Linear(16, 1));
${train("F.mseLoss(net.forward(x), y)", "lr: 0.05", 5)}
net.eval();
const held = noGrad(() => F.mseLoss(net.forward(x), y));
console.log(held.item());
`,
  },
  {
    kind: "regularisation-dominates",
    about: "a large penalty on the weights",
    wrong: `${LINE}${REGRESSOR}function penalty(): Tensor {
  let sum = zeros([]);
  for (const p of net.parameters()) sum = sum.add(p.square().sum());
  return sum.mul(20); // here
}
${train("F.mseLoss(net.forward(x), y).add(penalty())", "lr: 0.0005", 10)}`,
    right: `${LINE}${REGRESSOR}function penalty(): Tensor {
  let sum = zeros([]);
  for (const p of net.parameters()) sum = sum.add(p.square().sum());
  return sum.mul(1e-3);
}
${train("F.mseLoss(net.forward(x), y).add(penalty())", "lr: 0.05", 10)}`,
  },
  {
    kind: "class-collapse",
    about: "one class in ten",
    wrong: `const x = randn([60, 3]);
const y = arange(0, 60, 1).remainder(10).eq(0).long();
const net = new nn.Linear(3, 2);
const criterion = (t: Tensor) => F.crossEntropy(t, y); // here
${train("criterion(net.forward(x))", "lr: 0.5", 40)}`,
    right: `const x = randn([60, 3]);
const y = x.select(1, 0).gt(0).long();
const net = new nn.Linear(3, 2);
${train("F.crossEntropy(net.forward(x), y)", "lr: 0.5", 40)}`,
  },
  {
    kind: "wrong-labels",
    about: "picked by another order",
    wrong: `const x = randn([64, 3]), y = x.select(1, 0).gt(0).long(), net = new nn.Linear(3, 2);
const opt = new optim.SGD(net.parameters(), { lr: 0.1 });
for (let i = 0; i < 8; i++) {
  const inputs = x.indexSelect(0, randperm(64));
  const targets = y.indexSelect(0, randperm(64)); // here
  opt.zeroGrad();
  F.crossEntropy(net.forward(inputs), targets).backward();
  opt.step();
}
`,
    right: `const x = randn([64, 3]), y = x.select(1, 0).gt(0).long(), net = new nn.Linear(3, 2);
const opt = new optim.SGD(net.parameters(), { lr: 0.1 });
for (let i = 0; i < 8; i++) {
  const order = randperm(64);
  opt.zeroGrad();
  F.crossEntropy(net.forward(x.indexSelect(0, order)), y.indexSelect(0, order)).backward();
  opt.step();
}
`,
  },
  {
    kind: "wrong-labels",
    about: "the input itself",
    wrong: `const ids = randint(0, 12, [4, 8]);
const net = new nn.Sequential(new nn.Embedding(12, 8), new nn.Tanh(), new nn.Linear(8, 12));
const criterion = (t: Tensor) => F.crossEntropy(t.flatten(0, 1), ids.flatten()); // here
${train("criterion(net.forward(ids))", "lr: 0.1", 6)}`,
    right: `const ids = randint(0, 12, [4, 9]);
const net = new nn.Sequential(new nn.Embedding(12, 8), new nn.Tanh(), new nn.Linear(8, 12));
${train("F.crossEntropy(net.forward(ids.narrow(1, 0, 8)).flatten(0, 1), ids.narrow(1, 1, 8).flatten())", "lr: 0.1", 6)}`,
  },
  {
    kind: "posterior-collapse",
    about: "a divergence with a large factor",
    wrong: `const x = randn([32, 6]);
const enc = new nn.Linear(6, 4), dec = new nn.Linear(2, 6), net = new nn.ModuleList([enc, dec]);
function elbo(): Tensor {
  const [mean, logVar] = enc.forward(x).chunk(2, 1) as [Tensor, Tensor];
  const z = mean.add(logVar.mul(0.5).exp().mul(randn([32, 2])));
  const error = F.mseLoss(dec.forward(z), x);
  const kl = logVar.add(1).sub(mean.square()).sub(logVar.exp()).sum(1).mean().mul(-0.5);
  return error.add(kl.mul(20)); // here
}
${train("elbo()", "lr: 0.01", 120)}`,
    right: `const x = randn([32, 6]);
const enc = new nn.Linear(6, 4), dec = new nn.Linear(2, 6), net = new nn.ModuleList([enc, dec]);
function elbo(): Tensor {
  const [mean, logVar] = enc.forward(x).chunk(2, 1) as [Tensor, Tensor];
  const z = mean.add(logVar.mul(0.5).exp().mul(randn([32, 2])));
  const error = F.mseLoss(dec.forward(z), x, { reduction: "sum" }).div(32);
  const kl = logVar.add(1).sub(mean.square()).sub(logVar.exp()).sum(1).mean().mul(-0.5);
  return error.add(kl);
}
${train("elbo()", "lr: 0.02", 60)}`,
  },
];
