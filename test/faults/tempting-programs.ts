import type { TemptingProgram } from "./program.ts";

/** Right programs that look odd: none of them is to be called wrong. */
export const TEMPTING_PROGRAMS: readonly TemptingProgram[] = [
  {
    about: "a frozen backbone whose parameters the optimizer holds as well",
    program: `const x = randn([32, 3]), y = x.sum(1, true);
const body = new nn.Linear(3, 16), head = new nn.Linear(16, 1);
body.requiresGrad_(false);
const net = new nn.ModuleList([body, head]);
const opt = new optim.SGD(net.parameters(), { lr: 0.05 });
for (let i = 0; i < 8; i++) {
  opt.zeroGrad();
  F.mseLoss(head.forward(body.forward(x).tanh()), y).backward();
  opt.step();
}
`,
  },
  {
    about: "tied weights",
    program: `const ids = randint(0, 12, [4, 6]), next = randint(0, 12, [4, 6]);
const table = new nn.Embedding(12, 8), mix = new nn.Linear(8, 8);
const net = new nn.ModuleList([table, mix]);
const opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 8; i++) {
  opt.zeroGrad();
  const h = mix.forward(table.forward(ids)).tanh();
  F.crossEntropy(h.matmul(table.weight.t()).flatten(0, 1), next.flatten()).backward();
  opt.step();
}
`,
  },
  {
    about: "gradients accumulated over parts",
    program: `const x = randn([32, 3]), y = x.sum(1, true), net = new nn.Linear(3, 1);
const opt = new optim.SGD(net.parameters(), { lr: 0.05 });
for (let i = 0; i < 6; i++) {
  for (let part = 0; part < 4; part++) F.mseLoss(net.forward(x.narrow(0, part * 8, 8)), y.narrow(0, part * 8, 8)).div(4).backward();
  opt.step();
  opt.zeroGrad();
}
`,
  },
  {
    about: "truncated backpropagation through time",
    program: `const cell = new nn.GRUCell(3, 6), out = new nn.Linear(6, 1), net = new nn.ModuleList([cell, out]);
const opt = new optim.Adam(net.parameters(), { lr: 0.01 });
let h = zeros([4, 6]);
for (let chunk = 0; chunk < 5; chunk++) {
  h = h.detach();
  let loss = zeros([]);
  for (let t = 0; t < 4; t++) {
    const x = randn([4, 3]);
    h = cell.forward(x, h);
    loss = loss.add(F.mseLoss(out.forward(h), x.sum(1, true)));
  }
  opt.zeroGrad();
  loss.div(4).backward();
  opt.step();
}
`,
  },
  {
    about: "a generator against a discriminator",
    program: `const G = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 2));
const D = new nn.Sequential(new nn.Linear(2, 8), new nn.LeakyReLU(0.2), new nn.Linear(8, 1));
const optG = new optim.Adam(G.parameters(), { lr: 0.002 }), optD = new optim.Adam(D.parameters(), { lr: 0.002 });
for (let i = 0; i < 8; i++) {
  const real = randn([16, 2]).add(3), fake = G.forward(randn([16, 2]));
  const lossD = F.binaryCrossEntropyWithLogits(D.forward(real), ones([16, 1])).add(F.binaryCrossEntropyWithLogits(D.forward(fake.detach()), zeros([16, 1])));
  optD.zeroGrad();
  lossD.backward();
  optD.step();
  const lossG = F.binaryCrossEntropyWithLogits(D.forward(fake), ones([16, 1]));
  optG.zeroGrad();
  lossG.backward();
  optG.step();
}
`,
  },
  {
    about: "a straight-through estimator",
    program: `const x = randn([16, 4]), net = new nn.Linear(4, 4);
const opt = new optim.SGD(net.parameters(), { lr: 0.05 });
for (let i = 0; i < 8; i++) {
  const h = net.forward(x);
  const rounded = h.add(h.round().sub(h).detach());
  opt.zeroGrad();
  F.mseLoss(rounded, x).backward();
  opt.step();
}
`,
  },
  {
    about: "policy gradient with an advantage that is detached",
    program: `const actor = new nn.Linear(4, 2), critic = new nn.Linear(4, 1), net = new nn.ModuleList([actor, critic]);
const opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 10; i++) {
  const s = randn([8, 4]), a = randint(0, 2, [8]), returns = randn([8]);
  const value = critic.forward(s).squeeze(1);
  const advantage = returns.sub(value).detach();
  const logp = F.logSoftmax(actor.forward(s), 1).gather(1, a.unsqueeze(1)).squeeze(1);
  opt.zeroGrad();
  logp.mul(advantage).mean().neg().add(F.mseLoss(value, returns)).backward();
  opt.step();
}
`,
  },
  {
    about: "a target network that follows slowly",
    program: `const make = () => new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
const policy = make(), target = make();
target.loadStateDict(policy.stateDict());
const opt = new optim.Adam(policy.parameters(), { lr: 0.01 });
for (let i = 0; i < 8; i++) {
  const s = randn([8, 4]), s2 = randn([8, 4]), r = rand([8]), a = randint(0, 2, [8]);
  const q = policy.forward(s).gather(1, a.unsqueeze(1)).squeeze(1);
  const y = noGrad(() => r.add(target.forward(s2).max(1).values.mul(0.9)));
  opt.zeroGrad();
  F.smoothL1Loss(q, y).backward();
  opt.step();
  noGrad(() => { for (const [i, p] of [...target.parameters()].entries()) p.lerp_([...policy.parameters()][i]!, 0.1); });
}
`,
  },
  {
    about: "a warm-up from zero",
    program: `const x = randn([32, 3]), y = x.sum(1, true), net = new nn.Linear(3, 1);
const opt = new optim.SGD(net.parameters(), { lr: 0.1 });
const warmUp = new optim.lrScheduler.LambdaLR(opt, (step) => Math.min(1, step / 10));
for (let i = 0; i < 20; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
  opt.step();
  warmUp.step();
}
`,
  },
  {
    about: "a factorised layer",
    program: `const x = randn([32, 8]), y = x.mul(0.5);
const net = new nn.Sequential(new nn.Linear(8, 2, { bias: false }), new nn.Linear(2, 8));
const opt = new optim.SGD(net.parameters(), { lr: 0.05 });
for (let i = 0; i < 8; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
  opt.step();
}
`,
  },
  {
    about: "an outer difference that is meant",
    program: `const x = randn([6, 2]), net = new nn.Linear(2, 2), d = randn([6, 6]).abs();
const opt = new optim.SGD(net.parameters(), { lr: 0.05 });
for (let i = 0; i < 8; i++) {
  const z = net.forward(x);
  const distances = z.unsqueeze(1).sub(z.unsqueeze(0)).square().sum(-1).add(1e-6).sqrt();
  opt.zeroGrad();
  F.mseLoss(distances, d).backward();
  opt.step();
}
`,
  },
  {
    about: "parts of an image joined and split",
    program: `const x = randn([4, 3, 8, 8]), y = randn([4, 2]);
const net = new nn.Linear(3 * 4 * 4, 8), head = new nn.Linear(8, 2), all = new nn.ModuleList([net, head]);
const opt = new optim.SGD(all.parameters(), { lr: 0.05 });
for (let i = 0; i < 6; i++) {
  const patches = x.view(4, 3, 2, 4, 2, 4).permute(0, 2, 4, 1, 3, 5).reshape(4, 4, 48);
  opt.zeroGrad();
  F.mseLoss(head.forward(net.forward(patches).relu().mean(1)), y).backward();
  opt.step();
}
`,
  },
  {
    about: "adapters between frozen layers",
    program: `const x = randn([32, 4]), y = x.sum(1, true);
class Net extends nn.Module {
  first = new nn.Linear(4, 8);
  adapter1 = new nn.Linear(8, 8);
  second = new nn.Linear(8, 8);
  adapter2 = new nn.Linear(8, 8);
  head = new nn.Linear(8, 1);
  forward(x: Tensor): Tensor {
    const a = this.first.forward(x).tanh();
    const b = this.second.forward(a.add(this.adapter1.forward(a).tanh())).tanh();
    return this.head.forward(b.add(this.adapter2.forward(b).tanh()));
  }
}
const net = new Net();
for (const layer of [net.first, net.second]) layer.requiresGrad_(false);
const opt = new optim.SGD(net.parameters(), { lr: 0.05 });
for (let i = 0; i < 8; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
  opt.step();
}
`,
  },
  {
    about: "mixup with the examples in reverse order",
    program: `const x = randn([32, 4]), y = x.select(1, 0).gt(0).long();
const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
const opt = new optim.SGD(net.parameters(), { lr: 0.05 });
for (let i = 0; i < 8; i++) {
  const scores = net.forward(x.mul(0.7).add(x.flip(0).mul(0.3)));
  opt.zeroGrad();
  F.crossEntropy(scores, y).mul(0.7).add(F.crossEntropy(scores, y.flip(0)).mul(0.3)).backward();
  opt.step();
}
`,
  },
  {
    about: "a series whose targets are its next elements",
    program: `const series = arange(64).float().mul(0.3).sin().unsqueeze(1), next = series.roll(-1, 0);
const net = new nn.Sequential(new nn.Linear(1, 8), new nn.Tanh(), new nn.Linear(8, 1));
const opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 8; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(series), next).backward();
  opt.step();
}
`,
  },
  {
    about: "the fraction that rounding leaves, as a periodic penalty",
    program: `const x = randn([32, 3]), y = x.sum(1, true), net = new nn.Linear(3, 1);
const opt = new optim.SGD(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 8; i++) {
  const w = net.weight;
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).add(w.sub(w.round()).square().sum().mul(0.01)).backward();
  opt.step();
}
`,
  },
  {
    about: "an optimizer that goes uphill on log-probabilities times rewards",
    program: `const net = new nn.Linear(3, 3), state = randn([30, 3]), action = randint(0, 3, [30]), rewards = randn([30]);
const opt = new optim.SGD(net.parameters(), { lr: 0.01, maximize: true });
for (let i = 0; i < 8; i++) {
  opt.zeroGrad();
  net.forward(state).logSoftmax(1).gather(1, action.unsqueeze(1)).squeeze(1).mul(rewards).mean().backward();
  opt.step();
}
`,
  },
  {
    about: "a projection that is the other branch's target, and the predictor after it",
    program: `const enc = new nn.Sequential(new nn.Linear(6, 16), new nn.ReLU(), new nn.Linear(16, 8));
const pred = new nn.Sequential(new nn.Linear(8, 8), new nn.ReLU(), new nn.Linear(8, 8));
const opt = new optim.SGD([...enc.parameters(), ...pred.parameters()], { lr: 0.05 }), x = randn([32, 6]);
for (let i = 0; i < 8; i++) {
  const a = enc.forward(x.add(randn([32, 6]).mul(0.1))), b = enc.forward(x.add(randn([32, 6]).mul(0.1)));
  opt.zeroGrad();
  F.cosineSimilarity(pred.forward(a), b.detach()).add(F.cosineSimilarity(pred.forward(b), a.detach())).mean().neg().backward();
  opt.step();
}
`,
  },
  {
    about: "distances of all pairs of one set",
    program: `const net = new nn.Linear(6, 3), opt = new optim.Adam(net.parameters(), { lr: 1e-3 });
for (let i = 0; i < 8; i++) {
  const x = randn([10, 6]), e = net.forward(x);
  const d = e.unsqueeze(1).sub(e.unsqueeze(0)).square().sum(2).add(1e-8).sqrt();
  opt.zeroGrad();
  d.sub(1).square().mean().backward();
  opt.step();
}
`,
  },
  {
    about: "neighbours of one sequence that are compared",
    program: `const net = new nn.Linear(6, 30), opt = new optim.Adam(net.parameters(), { lr: 1e-3 });
for (let i = 0; i < 8; i++) {
  const x = randn([10, 6]), e = net.forward(x);
  const tv = e.narrow(1, 1, 29).sub(e.narrow(1, 0, 29)).abs().mean();
  opt.zeroGrad();
  F.mseLoss(e, x.repeat([1, 5])).add(tv.mul(0.1)).backward();
  opt.step();
}
`,
  },
  {
    about: "examples mixed with others, whose targets count as well",
    program: `const X = randn([80, 6]), Y = X.narrow(1, 0, 3).argmax(1);
const net = new nn.Linear(6, 3), opt = new optim.Adam(net.parameters(), { lr: 1e-2 });
for (let i = 0; i < 12; i++) {
  const idx = randperm(80).narrow(0, 0, 20);
  const x = X.indexSelect(0, idx), y = Y.indexSelect(0, idx);
  const perm = randperm(20);
  const mixed = x.mul(0.7).add(x.indexSelect(0, perm).mul(0.3));
  const out = net.forward(mixed);
  const loss = F.crossEntropy(out, y).mul(0.7).add(F.crossEntropy(out, y.indexSelect(0, perm)).mul(0.3));
  opt.zeroGrad();
  loss.backward();
  opt.step();
}
`,
  },
  {
    about: "inputs and targets that are picked by the same stretch of one order",
    program: `const X = randn([80, 6]), Y = X.narrow(1, 0, 3).argmax(1);
const net = new nn.Linear(6, 3), opt = new optim.Adam(net.parameters(), { lr: 1e-2 });
for (let e = 0; e < 2; e++) {
  const perm = randperm(80);
  for (let i = 0; i < 80; i += 20) {
    const x = X.indexSelect(0, perm.narrow(0, i, 20)), y = Y.indexSelect(0, perm.narrow(0, i, 20));
    const loss = F.crossEntropy(net.forward(x), y);
    opt.zeroGrad();
    loss.backward();
    opt.step();
  }
}
`,
  },
  {
    about: "a matrix that is learned in three parts",
    program: `const A = randn([8, 6]).mul(0.4).requiresGrad_(), B = randn([6, 6]).mul(0.4).requiresGrad_(), C = randn([6, 8]).mul(0.4).requiresGrad_();
const M = randn([8, 2]).matmul(randn([2, 8])), opt = new optim.SGD([A, B, C], { lr: 0.05 });
for (let i = 0; i < 12; i++) {
  const loss = F.mseLoss(A.matmul(B).matmul(C), M);
  opt.zeroGrad();
  loss.backward();
  opt.step();
}
`,
  },
  {
    about: "an adapter of low rank that is written out",
    program: `const W0 = randn([8, 8]).mul(0.3), A = randn([8, 2]).mul(0.3).requiresGrad_(), B = zeros([2, 8]).requiresGrad_();
const opt = new optim.Adam([A, B], { lr: 0.01 });
for (let i = 0; i < 12; i++) {
  const x = randn([16, 8]);
  const loss = F.mseLoss(x.matmul(W0).add(x.matmul(A).matmul(B)), x);
  opt.zeroGrad();
  loss.backward();
  opt.step();
}
`,
  },
  {
    about: "weights of clusters that are summed over the examples",
    program: `const net = new nn.Linear(5, 3), opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 8; i++) {
  const x = randn([20, 5]), r = net.forward(x).t().softmax(0);
  const means = r.unsqueeze(2).mul(x.unsqueeze(0)).sum(1).div(r.sum(1).unsqueeze(1));
  const d = x.unsqueeze(0).sub(means.unsqueeze(1)).square().sum(2);
  opt.zeroGrad();
  r.mul(d).sum(0).mean().backward();
  opt.step();
}
`,
  },
  {
    about: "a step inside of the graph, by autograd.grad",
    program: `const theta = randn([3, 1]).requiresGrad_(), opt = new optim.SGD([theta], { lr: 0.05 });
for (let i = 0; i < 10; i++) {
  const a = randn([8, 3]), b = randn([8, 3]), t = randn([3, 1]);
  const inner = F.mseLoss(a.matmul(theta), a.matmul(t));
  const [g] = autograd.grad(inner, [theta], { createGraph: true }) as [Tensor];
  const fast = theta.sub(g.mul(0.1));
  opt.zeroGrad();
  F.mseLoss(b.matmul(fast), b.matmul(t)).backward();
  opt.step();
}
`,
  },
  {
    about: "inputs that are moved uphill along what autograd.grad gives",
    program: `const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2)), opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 10; i++) {
  const x = randn([16, 4]), y = x.narrow(1, 0, 2).argmax(1);
  const delta = zeros([16, 4]).requiresGrad_();
  for (let k = 0; k < 3; k++) {
    const [g] = autograd.grad(F.crossEntropy(net.forward(x.add(delta)), y), [delta]) as [Tensor];
    noGrad(() => delta.add_(g.mul(0.5)));
  }
  opt.zeroGrad();
  F.crossEntropy(net.forward(x.add(delta.detach())), y).backward();
  opt.step();
}
`,
  },
];
