import type { FaultPair } from "./program.ts";

/** The body of a training of `net` by `loss`. */
function train(loss: string, steps = 10): string {
  return `const opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < ${steps}; i++) {
  opt.zeroGrad();
  const loss = ${loss};
  loss.backward();
  opt.step();
}
`;
}

const CLASSIFIER = `const x = randn([64, 6]), y = x.select(1, 0).gt(0).long();
class Net extends nn.Module {
  first = new nn.Linear(6, 12);
  second = new nn.Linear(12, 12);
  last = new nn.Linear(12, 2);
  forward(x: Tensor): Tensor {
    return this.last.forward(this.second.forward(this.first.forward(x).relu()).relu());
  }
}
const net = new Net();
`;
const TAGGER = `const ids = randint(0, 9, [7, 5]), tags = ids.remainder(3);
const net = new nn.Sequential(new nn.Embedding(9, 8), new nn.Tanh(), new nn.Linear(8, 3));
`;
const CODE = `const x = randn([24, 5]);
const enc = new nn.Linear(5, 6), dec = new nn.Linear(3, 5), net = new nn.ModuleList([enc, dec]);
function divergence(mean: Tensor, logVar: Tensor): Tensor {
`;
const elbo = `}
function bound(): Tensor {
  const [mean, logVar] = enc.forward(x).chunk(2, 1) as [Tensor, Tensor];
  const z = mean.add(logVar.mul(0.5).exp().mul(randn([24, 3])));
  return F.mseLoss(dec.forward(z), x, { reduction: "sum" }).div(24).add(divergence(mean, logVar));
}
`;
const POLICY = `const net = new nn.Sequential(new nn.Linear(3, 8), new nn.Tanh(), new nn.Linear(8, 3));
const state = randn([30, 3]), action = randint(0, 3, [30]), rewards = randn([30]);
`;

/** Right pieces in the wrong place: an axis, a sign, an order, a list. */
export const PLACEMENT_FAULTS: readonly FaultPair[] = [
  {
    kind: "frozen-by-mistake",
    about: "a layer in the middle",
    wrong: `${CLASSIFIER}net.second.requiresGrad_(false); // here
${train("F.crossEntropy(net.forward(x), y)")}`,
    right: `${CLASSIFIER}net.first.requiresGrad_(false);
${train("F.crossEntropy(net.forward(x), y)")}`,
  },
  {
    kind: "wrong-labels",
    about: "targets moved along the examples",
    wrong: `${CLASSIFIER}const moved = (t: Tensor) => t.roll(1, 0); // here
${train("F.crossEntropy(net.forward(x), moved(y))")}`,
    right: `${CLASSIFIER}${train("F.crossEntropy(net.forward(x.roll(1, 0)), y.roll(1, 0))")}`,
  },
  {
    kind: "scrambled-axes",
    about: "targets joined the other way round",
    wrong: `${TAGGER}const flat = () => tags.t().reshape(-1); // here
${train("F.crossEntropy(net.forward(ids).flatten(0, 1), flat())")}`,
    right: `${TAGGER}${train("F.crossEntropy(net.forward(ids).transpose(0, 1).reshape(-1, 3), tags.t().reshape(-1))")}`,
  },
  {
    kind: "reused-layer",
    about: "one block at every place",
    wrong: `const x = randn([16, 4]), y = randn([16, 4]);
class Block extends nn.Module {
  up = new nn.Linear(4, 8);
  down = new nn.Linear(8, 4);
  forward(x: Tensor): Tensor {
    return x.add(this.down.forward(this.up.forward(x).relu()));
  }
}
const net = new nn.Sequential(...new Array<Block>(3).fill(new Block())); // here
${train("F.mseLoss(net.forward(x), y)")}`,
    right: `const x = randn([16, 4]), y = randn([16, 4]);
class Block extends nn.Module {
  up = new nn.Linear(4, 8);
  down = new nn.Linear(8, 4);
  forward(x: Tensor): Tensor {
    return x.add(this.down.forward(this.up.forward(x).relu()));
  }
}
const net = new nn.Sequential(...Array.from({ length: 3 }, () => new Block()));
${train("F.mseLoss(net.forward(x), y)")}`,
  },
  {
    kind: "wrong-sign",
    about: "a divergence turned round",
    wrong: `${CODE}  return logVar.add(1).sub(mean.square()).sub(logVar.exp()).sum().div(48); // here
${elbo}${train("bound()", 30)}`,
    right: `${CODE}  return mean.square().add(logVar.exp()).sub(1).sub(logVar).sum().div(48);
${elbo}${train("bound()", 30)}`,
  },
  {
    kind: "wrong-sign",
    about: "log-probabilities times rewards",
    wrong: `${POLICY}function objective(): Tensor {
  const picked = net.forward(state).logSoftmax(-1).gather(1, action.unsqueeze(1)).squeeze(1);
  return picked.mul(rewards).mean(); // here
}
${train("objective()")}`,
    right: `${POLICY}const costs = rewards.neg();
function objective(): Tensor {
  const picked = net.forward(state).logSoftmax(-1).gather(1, action.unsqueeze(1)).squeeze(1);
  return picked.mul(costs).mean();
}
${train("objective()")}`,
  },
  {
    kind: "softmax-axis",
    about: "log-probabilities picked along another axis",
    wrong: `${POLICY}const chances = (t: Tensor) => t.logSoftmax(0); // here
${train("chances(net.forward(state)).gather(1, action.unsqueeze(1)).squeeze(1).mul(rewards).mean().neg()")}`,
    right: `${POLICY}const chances = (t: Tensor) => t.logSoftmax(1);
${train("chances(net.forward(state)).gather(1, action.unsqueeze(1)).squeeze(1).mul(rewards).mean().neg()")}`,
  },
  {
    kind: "detached-path",
    about: "rounded predictions",
    wrong: `${CLASSIFIER}const rounded = (t: Tensor) => t.sigmoid().round(); // here
${train("F.mseLoss(rounded(net.forward(x)), F.oneHot(y, 2).float())")}`,
    right: `${CLASSIFIER}const rounded = (t: Tensor) => t.sigmoid().add(t.sigmoid().round().sub(t.sigmoid()).detach());
${train("F.mseLoss(rounded(net.forward(x)), F.oneHot(y, 2).float())")}`,
  },
  {
    kind: "wrong-reduction",
    about: "a sum that clipping cuts down every time",
    wrong: `${CLASSIFIER}const opt = new optim.SGD(net.parameters(), { lr: 0.05 });
for (let i = 0; i < 12; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), F.oneHot(y, 2).float().mul(40), { reduction: "sum" }).backward(); // here
  nn.utils.clipGradNorm_(net.parameters(), 1);
  opt.step();
}
`,
    right: `${CLASSIFIER}const opt = new optim.SGD(net.parameters(), { lr: 0.05 });
for (let i = 0; i < 12; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), F.oneHot(y, 2).float(), { reduction: "sum" }).div(64).backward();
  nn.utils.clipGradNorm_(net.parameters(), 1);
  opt.step();
}
`,
  },
  {
    kind: "unused-layer",
    about: "a layer of a class that computes what it passes to super",
    wrong: `const x = randn([16, 4]), y = randn([16, 4]);
const width = (n: number) => n * 2;
class Wide extends nn.Linear {
  constructor(n: number) {
    super(n, width(n));
  }
}
class Net extends nn.Module {
  up = new Wide(4);
  other = new Wide(4); // here
  down = new nn.Linear(8, 4);
  forward(x: Tensor): Tensor {
    return this.down.forward(this.up.forward(x).relu());
  }
}
const net = new Net();
${train("F.mseLoss(net.forward(x), y)")}`,
    right: `const x = randn([16, 4]), y = randn([16, 4]);
const width = (n: number) => n * 2;
class Wide extends nn.Linear {
  constructor(n: number) {
    super(n, width(n));
  }
}
class Net extends nn.Module {
  up = new Wide(4);
  other = new Wide(4);
  down = new nn.Linear(8, 4);
  forward(x: Tensor): Tensor {
    return this.down.forward(this.up.forward(x).relu().add(this.other.forward(x).relu()));
  }
}
const net = new Net();
${train("F.mseLoss(net.forward(x), y)")}`,
  },
  {
    kind: "softmax-axis",
    about: "of attention that pools times, over the examples",
    wrong: `const score = new nn.Linear(6, 1), head = new nn.Linear(6, 2);
const h = randn([16, 7, 6]), y = h.mean(1).narrow(1, 0, 2).argmax(1);
const net = new nn.ModuleList([score, head]);
const pooled = () => {
  const weights = score.forward(h.tanh()).squeeze(-1).softmax(0); // here
  return weights.unsqueeze(-1).mul(h).sum(1);
};
${train("F.crossEntropy(head.forward(pooled()), y)")}`,
    right: `const score = new nn.Linear(6, 1), head = new nn.Linear(6, 2);
const h = randn([7, 16, 6]), y = h.mean(0).narrow(1, 0, 2).argmax(1);
const net = new nn.ModuleList([score, head]);
const pooled = () => {
  const weights = score.forward(h.tanh()).squeeze(-1).softmax(0);
  return weights.unsqueeze(-1).mul(h).sum(0);
};
${train("F.crossEntropy(head.forward(pooled()), y)")}`,
  },
  {
    kind: "detached-path",
    about: "a loss rebuilt from numbers",
    wrong: `${CLASSIFIER}const errors = () => Array.from(net.forward(x).sub(1).flatten().toArray() as number[], (e) => e * e);
const objective = () => tensor(errors(), { requiresGrad: true }).mean(); // here
${train("objective()")}`,
    right: `${CLASSIFIER}const objective = () => net.forward(x).sub(1).square().mean();
${train("objective()")}`,
  },
];
