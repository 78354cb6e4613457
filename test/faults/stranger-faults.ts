import type { FaultPair } from "./program.ts";

/** A curve that is fitted without layers and without an optimizer. */
function byHand(about: string, kind: string, wrong: string, right: string, setup = ""): FaultPair {
  const program = (step: string): string => `const x = randn([32, 1]), y = x.mul(2).tanh();
const W = randn([1, 8]).requiresGrad_(), V = randn([8, 1]).mul(0.3).requiresGrad_();
${setup}for (let i = 0; i < 12; i++) {
  const loss = x.matmul(W).tanh().matmul(V).sub(y).square().mean();
  loss.backward();
  noGrad(() => {
    for (const w of [W, V]) {
${step}
    }
  });
}
`;
  return { kind, about, wrong: program(wrong), right: program(right) };
}

const GAME = (
  asked: string,
): string => `const maker = new nn.Sequential(new nn.Linear(3, 8), new nn.ReLU(), new nn.Linear(8, 2), new nn.Tanh()), judge = new nn.Linear(2, 1);
const ours = new optim.Adam(maker.parameters(), { lr: 0.01 }), theirs = new optim.Adam(judge.parameters(), { lr: 0.01 });
const verdict = (t: Tensor, truth: Tensor) => F.binaryCrossEntropyWithLogits(judge.forward(t), truth);
const yes = ones([16, 1]), no = zeros([16, 1]);
for (let i = 0; i < 8; i++) {
  const made = maker.forward(randn([16, 3]));
  theirs.zeroGrad();
  verdict(randn([16, 2]).add(1), yes).add(verdict(made.detach(), no)).backward();
  theirs.step();
  ours.zeroGrad();
  const wish = F.binaryCrossEntropyWithLogits(judge.forward(made), ${asked}
  wish.backward();
  ours.step();
}
`;

const VIEWS = (target: string, loss = "F.cosineSimilarity(guess, aim, { dim: 1 }).mean().neg()"): string =>
  `const eye = new nn.Sequential(new nn.Linear(6, 16), new nn.ReLU(), new nn.Linear(16, 8));
const head = new nn.Sequential(new nn.Linear(8, 8), new nn.ReLU(), new nn.Linear(8, 8));
const opt = new optim.SGD([...eye.parameters(), ...head.parameters()], { lr: 0.05 });
for (let i = 0; i < 8; i++) {
  const x = randn([16, 6]), left = x.add(randn([16, 6]).mul(0.1)), right = x.add(randn([16, 6]).mul(0.1));
  const guess = head.forward(eye.forward(left));
  const aim = ${target}
  opt.zeroGrad();
  const loss = ${loss}
  loss.backward();
  opt.step();
}
`;

const AGENT = (actor: string, logs = "logits.logSoftmax(1)", bonus = "0.01"): string =>
  `const body = new nn.Linear(4, 16), policy = new nn.Linear(16, 3), value = new nn.Linear(16, 1);
const opt = new optim.Adam([body, policy, value].flatMap((one) => [...one.parameters()]), { lr: 0.005 });
for (let i = 0; i < 12; i++) {
  const seen = randn([24, 4]), h = body.forward(seen).tanh();
  const logits = policy.forward(h), worth = value.forward(h).squeeze(1);
  const logp = ${logs};
  const action = logp.detach().exp().multinomial(1), payoff = seen.gather(1, action).squeeze(1);
  const advantage = payoff.sub(worth.detach());
  ${actor}
  const entropy = logp.exp().mul(logp).sum(1).neg().mean();
  opt.zeroGrad();
  actorLoss.add(F.mseLoss(worth, payoff).mul(0.5)).sub(entropy.mul(${bonus})).backward();${bonus === "0.01" ? "" : " // here"}
  opt.step();
}
`;

const ACTOR = "const actorLoss = logp.gather(1, action).squeeze(1).mul(advantage).mean().neg();";

const BATCHES = (target: string): string => `const x = randn([64, 4]), y = x.narrow(1, 0, 1).mul(2);
const net = new nn.Sequential(new nn.Linear(4, 8), new nn.Tanh(), new nn.Linear(8, 1));
const opt = new optim.SGD(net.parameters(), { lr: 0.05 });
for (let at = 0; at < 64; at += 8) {
  const inputs = x.narrow(0, at, 8);
  const targets = ${target}
  opt.zeroGrad();
  F.mseLoss(net.forward(inputs), targets).backward();
  opt.step();
}
`;

const HEADS = (
  merged: string,
): string => `const N = 4, T = 8, H = 2, D = 8, x = randn([N, T, H * D]), y = randn([N, T, H * D]);
const qkv = new nn.Linear(H * D, 3 * H * D), out = new nn.Linear(H * D, H * D);
const opt = new optim.Adam([...qkv.parameters(), ...out.parameters()], { lr: 0.01 });
for (let i = 0; i < 6; i++) {
  const [q, k, v] = qkv.forward(x).chunk(3, 2).map((one) => one.view(N, T, H, D).transpose(1, 2)) as [Tensor, Tensor, Tensor];
  const mixed = q.matmul(k.transpose(2, 3)).div(Math.sqrt(D)).softmax(3).matmul(v);
  const joined = ${merged}
  opt.zeroGrad();
  F.mseLoss(out.forward(joined), y).backward();
  opt.step();
}
`;

const WORDS = (
  targets: string,
): string => `const words = new nn.Embedding(9, 12), places = new nn.Embedding(6, 12), out = new nn.Linear(12, 9);
const opt = new optim.Adam([words, places, out].flatMap((one) => [...one.parameters()]), { lr: 0.01 });
for (let i = 0; i < 8; i++) {
  const text = randint(0, 9, [8, 7]), seen = text.narrow(1, 0, 6);
  const next = ${targets};
  const h = words.forward(seen).add(places.forward(arange(6, { dtype: "int64" }))).tanh();
  opt.zeroGrad();
  F.crossEntropy(out.forward(h).flatten(0, 1), next.flatten()).backward(); // here
  opt.step();
}
`;

const CODE = (
  mean: string,
): string => `const x = randn([32, 6]), body = new nn.Linear(6, 12), mid = new nn.Linear(12, 2), wide = new nn.Linear(12, 2), back = new nn.Linear(2, 6);
const opt = new optim.Adam([body, mid, wide, back].flatMap((one) => [...one.parameters()]), { lr: 0.01 });
for (let i = 0; i < 8; i++) {
  const h = body.forward(x).tanh(), mu = mid.forward(h), logVariance = wide.forward(h);
  const z = ${mean}
  const divergence = mu.square().add(logVariance.exp()).sub(logVariance).sub(1).mean().mul(0.5);
  opt.zeroGrad();
  F.mseLoss(back.forward(z), x).add(divergence.mul(0.1)).backward();
  opt.step();
}
`;

const LONG = (states: string): string => `const gru = new nn.GRU(3, 8), out = new nn.Linear(8, 2);
const opt = new optim.Adam([...gru.parameters(), ...out.parameters()], { lr: 0.01 });
for (let i = 0; i < 6; i++) {
  const x = randn([14, 4, 3]);
  const [states] = gru.forward(x);
  opt.zeroGrad();
  F.mseLoss(out.forward(${states}), x.narrow(2, 0, 2)).backward();${states.includes("detach") ? " // here" : ""}
  opt.step();
}
`;

const AGREES = (
  targets: string,
): string => `const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 1));
const opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 8; i++) {
  const x = randn([16, 4]);
  const logits = net.forward(x);
  opt.zeroGrad();
  F.binaryCrossEntropyWithLogits(logits, ${targets}).backward(); // here
  opt.step();
}
`;

const TARGET = (
  made: string,
): string => `const online = new nn.Sequential(new nn.Linear(3, 8), new nn.ReLU(), new nn.Linear(8, 2));
const targetNet = ${made}
const opt = new optim.Adam(online.parameters(), { lr: 0.005 });
for (let i = 0; i < 8; i++) {
  const goal = noGrad(() => targetNet.forward(randn([16, 3])).max(1).values.mul(0.9).add(1));
  opt.zeroGrad();
  F.mseLoss(online.forward(randn([16, 3])).max(1).values, goal).backward();
  opt.step();
}
`;

const STACKED = (layers: string): string => `class Layer extends nn.Module {
  inner = new nn.Sequential(new nn.Linear(4, 4), new nn.Tanh());
  forward(x: Tensor): Tensor {
    return x.add(this.inner.forward(x));
  }
}
class Net extends nn.Module {
  layers = ${layers}
  head = new nn.Linear(4, 1);
  forward(x: Tensor): Tensor {
    for (const layer of this.layers) x = (layer as Layer).forward(x);
    return this.head.forward(x);
  }
}
const net = new Net(), opt = new optim.SGD(net.parameters(), { lr: 0.05 });
for (let i = 0; i < 6; i++) {
  const x = randn([16, 4]);
  opt.zeroGrad();
  F.mseLoss(net.forward(x), x.sum(1, true)).backward();
  opt.step();
}
`;

const REPLACED = (
  step: string,
): string => `const x = randn([20, 2]), y = x.sum(1, true), v = zeros([1], { requiresGrad: true });
let w = randn([2, 1]).requiresGrad_();
for (let i = 0; i < 6; i++) {
  x.matmul(w).add(v).sub(y).square().mean().backward();
  noGrad(() => {
    v.sub_(v.grad!.mul(0.1));
    v.grad = null;
    if (!w.grad) return;
    ${step};
  });
}
`;

/** Faults as others write them: no layers, two networks, several terms in one loss. */
export const STRANGER_FAULTS: readonly FaultPair[] = [
  byHand(
    "steps by hand",
    "zero-grad-missing",
    "      w.sub_(w.grad!.mul(0.02)); // here",
    "      w.sub_(w.grad!.mul(0.02));\n      w.grad!.zero_();",
  ),
  byHand(
    "steps by hand",
    "wrong-sign",
    "      w.add_(w.grad!.mul(0.02)); // here\n      w.grad = null;",
    "      w.sub_(w.grad!.mul(0.02));\n      w.grad = null;",
  ),
  byHand(
    "steps by hand",
    "lr-too-high",
    "      w.sub_(w.grad!.mul(9)); // here\n      w.grad = null;",
    "      w.sub_(w.grad!.mul(0.1));\n      w.grad = null;",
  ),
  {
    kind: "wrong-labels",
    about: "a generator that helps its judge",
    wrong: GAME("no); // here"),
    right: GAME("yes);"),
  },
  {
    kind: "wrong-sign",
    about: "a generator's wish turned round",
    wrong: GAME("yes).mul(-1); // here"),
    right: GAME("no).mul(-1);"),
  },
  {
    kind: "target-not-detached",
    about: "two views of one network",
    wrong: VIEWS("eye.forward(right); // here"),
    right: VIEWS("eye.forward(right).detach();"),
  },
  {
    kind: "wrong-sign",
    about: "a similarity to a target that stands still",
    wrong: VIEWS("noGrad(() => eye.forward(right));", "F.cosineSimilarity(guess, aim, { dim: 1 }).mean(); // here"),
    right: VIEWS("noGrad(() => eye.forward(right));"),
  },
  {
    kind: "target-not-detached",
    about: "a target network that is the network",
    wrong: TARGET("online; // here"),
    right: TARGET("new nn.Sequential(new nn.Linear(3, 8), new nn.ReLU(), new nn.Linear(8, 2));"),
  },
  {
    kind: "wrong-sign",
    about: "an actor beside its critic",
    wrong: AGENT("const actorLoss = logp.gather(1, action).squeeze(1).mul(advantage).mean(); // here"),
    right: AGENT(ACTOR),
  },
  {
    kind: "detached-path",
    about: "an actor that is cut off beside its critic",
    wrong: AGENT("const actorLoss = logp.detach().gather(1, action).squeeze(1).mul(advantage).mean().neg(); // here"),
    right: AGENT(ACTOR),
  },
  {
    kind: "softmax-axis",
    about: "an actor's, over the examples",
    wrong: AGENT(ACTOR, "logits.logSoftmax(0); // here\n  void 0"),
    right: AGENT(ACTOR),
  },
  {
    kind: "regularisation-dominates",
    about: "a bonus for entropy",
    wrong: AGENT(ACTOR, undefined, "50"),
    right: AGENT(ACTOR),
  },
  {
    kind: "wrong-labels",
    about: "the first targets for ever",
    wrong: BATCHES("y.narrow(0, 0, 8); // here"),
    right: BATCHES("y.narrow(0, at, 8);"),
  },
  {
    kind: "scrambled-axes",
    about: "heads joined where sizes are alike",
    wrong: HEADS("mixed.reshape(N, T, H * D); // here"),
    right: HEADS("mixed.transpose(1, 2).reshape(N, T, H * D);"),
  },
  {
    kind: "wrong-labels",
    about: "the input itself, beside positions",
    wrong: WORDS("text.narrow(1, 0, 6)"),
    right: WORDS("text.narrow(1, 1, 6)"),
  },
  {
    kind: "detached-path",
    about: "the mean of a code",
    wrong: CODE("mu.detach().add(logVariance.mul(0.5).exp().mul(randn([32, 2]))); // here"),
    right: CODE("mu.add(logVariance.mul(0.5).exp().mul(randn([32, 2])));"),
  },
  {
    kind: "detached-path",
    about: "all states of a long sequence",
    wrong: LONG("states.detach()"),
    right: LONG("states"),
  },
  {
    kind: "loss-ignores-target",
    about: "its own answers",
    wrong: AGREES("logits.detach().gt(0).float()"),
    right: AGREES("x.narrow(1, 0, 1).gt(0).float()"),
  },
  {
    kind: "params-not-in-optimizer",
    about: "blocks in a plain array",
    wrong: STACKED("[new Layer(), new Layer()]; // here"),
    right: STACKED("new nn.ModuleList([new Layer(), new Layer()]);"),
  },
  {
    kind: "parameter-reassigned",
    about: "by hand, inside noGrad",
    wrong: REPLACED("w = w.sub(w.grad!.mul(0.1)); // here\n    void 0"),
    right: REPLACED("w.sub_(w.grad!.mul(0.1)); w.grad = null"),
  },
  {
    kind: "detached-path",
    about: "tolist, with no optimizer",
    wrong: `const x = randn([40, 2]), w = randn([2, 1]).requiresGrad_();
for (let i = 0; i < 5; i++) {
  const guess = tensor(x.matmul(w).tolist() as number[][], { requiresGrad: true }); // here
  guess.sub(1).square().mean().backward();
}
`,
    right: `const x = randn([40, 2]), w = randn([2, 1]).requiresGrad_();
for (let i = 0; i < 5; i++) {
  const guess = x.matmul(w);
  guess.sub(1).square().mean().backward();
}
`,
  },
];
