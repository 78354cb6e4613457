import type { FaultPair, TemptingProgram } from "./program.ts";

/** A classifier of two classes, one of which is rare; in the last batches of all there are none of them. */
const RARE = (share: string): string => `const rare = (i: number) => ${share};
const labels = Array.from({ length: 240 }, (_, i) => (rare(i) ? 1 : 0));
const x = randn([240, 4]).add(tensor(labels).unsqueeze(1).mul(0.5)), y = tensor(labels, { dtype: "int64" });
const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
const opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 24; i++) {
  const start = (i % 6) * 40;
  opt.zeroGrad();
  F.crossEntropy(net.forward(x.narrow(0, start, 40)), y.narrow(0, start, 40)).backward(); // here
  opt.step();
}
`;

const BONUS = (
  weight: number,
): string => `const policy = new nn.Sequential(new nn.Linear(4, 16), new nn.Tanh(), new nn.Linear(16, 4));
const opt = new optim.Adam(policy.parameters(), { lr: 3e-3 });
for (let i = 0; i < 30; i++) {
  const kinds = randint(0, 4, [64]), scores = policy.forward(F.oneHot(kinds, 4).float());
  const logs = scores.sub(scores.logsumexp(1, true)), chances = F.softmax(logs, 1);
  const actions = noGrad(() => chances.div(rand([64, 4]).log().neg()).argmax(1));
  const worth = actions.eq(kinds).float().sub(0.25);
  const picked = logs.gather(1, actions.unsqueeze(1)).squeeze(1);
  const surprise = logs.clamp(-1e30, 1e30).mul(chances).sum(1).neg().mean();
  const loss = picked.mul(worth).mean().neg().sub(surprise.mul(${weight})); // here
  opt.zeroGrad();
  loss.backward();
  opt.step();
}
`;

const VALUES = (
  target: string,
): string => `const q = new nn.Sequential(new nn.Linear(4, 16), new nn.ReLU(), new nn.Linear(16, 2));
const opt = new optim.Adam(q.parameters(), { lr: 1e-3 });
for (let i = 0; i < 8; i++) {
  const now = randn([32, 4]), next = now.add(randn([32, 4]).mul(0.1));
  const reward = rand([32]), goesOn = rand([32]).gt(0.1).float().mul(0.99);
  const guess = q.forward(now).gather(1, randint(0, 2, [32, 1])).squeeze(1);
  const target = ${target};
  opt.zeroGrad();
  F.smoothL1Loss(guess, target).backward();
  opt.step();
}
`;

/** A recurrent network that judges sequences. @param state what it begins a batch with */
const JUDGED = (
  state: string,
  batch: string,
): string => `const all = randn([128, 6, 3]), labels = all.select(2, 0).sum(1).gt(0).float();
const cell = new nn.GRUCell(3, 8), head = new nn.Linear(8, 1), net = new nn.ModuleList([cell, head]);
const opt = new optim.Adam(net.parameters(), { lr: 5e-3 });
let h = zeros([16, 8]);
for (let i = 0; i < 8; i++) {
  ${batch}
  ${state}
  for (let t = 0; t < 6; t++) h = cell.forward(x.select(1, t), h);
  opt.zeroGrad();
  F.binaryCrossEntropyWithLogits(head.forward(h).squeeze(1), y).backward();
  opt.step();
}
`;
const PICKED =
  "const order = randperm(128).narrow(0, 0, 16), x = all.indexSelect(0, order), y = labels.indexSelect(0, order);";
const DRAWN = "const x = randn([16, 6, 3]), y = x.select(2, 1).sum(1).gt(0).float();";

/** Trains on batches of a set of 128. */
const STRETCHES = (
  place: string,
  size = 16,
): string => `const all = randn([128, 4]), targets = all.select(1, 0).mul(all.select(1, 1)).unsqueeze(1);
const net = new nn.Sequential(new nn.Linear(4, 16), new nn.Tanh(), new nn.Linear(16, 1));
const opt = new optim.Adam(net.parameters(), { lr: 3e-3 });
let at = 0;
for (let i = 0; i < 24; i++) {
  const x = all.narrow(0, at, ${size}); // here
  const y = targets.narrow(0, at, ${size});
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
  opt.step();
  ${place}
}
`;

/** A body that is frozen in part. */
const HALF_FROZEN = (
  frozen: string,
  held: string,
): string => `const net = new nn.Sequential(new nn.Linear(4, 16), new nn.ReLU(), new nn.Linear(16, 16), new nn.ReLU(), new nn.Linear(16, 2));
for (const at of ${frozen}) for (const p of (net.at(at) as nn.Linear).parameters()) p.requiresGrad_(false); // here
const opt = new optim.Adam(${held}, { lr: 3e-3 });
const x = randn([64, 4]), y = x.select(1, 0).mul(x.select(1, 1)).gt(0).to("int64");
for (let i = 0; i < 10; i++) {
  opt.zeroGrad();
  F.crossEntropy(net.forward(x), y).backward();
  opt.step();
}
`;
const THOSE_THAT_LEARN = "[...net.parameters()].filter((p) => p.requiresGrad)";

/** Values of a first layer that neighbours are averaged of, on a ring. @param averaged of `h` */
const RING = (
  averaged: string,
  extra = "",
): string => `const first = new nn.Linear(4, 8), last = new nn.Linear(8, 3), net = new nn.ModuleList([first, last]);
const opt = new optim.Adam(net.parameters(), { lr: 0.01 });
const x = randn([24, 4]), y = x.narrow(1, 0, 3).argmax(1);
for (let i = 0; i < 8; i++) {
  const h = first.forward(x);
  const mean = ${averaged};
  opt.zeroGrad();
  F.crossEntropy(last.forward(mean.relu()), y).backward();
  opt.step();
  ${extra}
}
`;

/** Faults of kinds that were known, in a form that was overlooked. */
export const OVERLOOKED_FAULTS: readonly FaultPair[] = [
  {
    kind: "class-collapse",
    about: "a rare class that the last batch has nothing of",
    wrong: RARE("i % 40 === 3 && i < 190"),
    right: RARE("i % 2 === 0"),
  },
  {
    kind: "regularisation-dominates",
    about: "a bonus for the entropy of logarithms that were normalised by hand",
    wrong: BONUS(5),
    right: BONUS(0.01).replace(" // here", ""),
  },
  {
    kind: "target-not-detached",
    about: "a bootstrapped value whose factor is in what says which examples go on",
    wrong: VALUES("reward.add(goesOn.mul(q.forward(next).max(1).values)); // here"),
    right: VALUES("noGrad(() => reward.add(goesOn.mul(q.forward(next).max(1).values)))"),
  },
  {
    kind: "loss-ignores-target",
    about: "the likeliest class of its own scores, by max",
    wrong: `const x = randn([64, 4]), net = new nn.Linear(4, 3), opt = new optim.SGD(net.parameters(), { lr: 0.1 });
for (let i = 0; i < 12; i++) {
  const scores = net.forward(x);
  const { indices } = scores.detach().max(1);
  opt.zeroGrad();
  F.crossEntropy(scores, indices).backward(); // here
  opt.step();
}
`,
    right: `const x = randn([64, 4]), y = x.narrow(1, 0, 3).argmax(1);
const net = new nn.Linear(4, 3), opt = new optim.SGD(net.parameters(), { lr: 0.1 });
for (let i = 0; i < 12; i++) {
  const scores = net.forward(x);
  opt.zeroGrad();
  F.crossEntropy(scores, y).backward();
  opt.step();
}
`,
  },
  {
    kind: "stale-state",
    about: "a state that goes on into sequences picked anew",
    wrong: JUDGED("h = h.detach(); // here", PICKED),
    right: JUDGED("h = zeros([16, 8]);", PICKED),
  },
  {
    kind: "stale-state",
    about: "a state that goes on into sequences drawn anew",
    wrong: JUDGED("h = h.detach(); // here", DRAWN),
    right: JUDGED("h = zeros([16, 8]);", DRAWN),
  },
  {
    kind: "stale-state",
    about: "one batch of many, taken again and again",
    wrong: STRETCHES(""),
    right: STRETCHES("at = (at + 16) % 128;").replace(" // here", ""),
  },
  {
    kind: "frozen-by-mistake",
    about: "the last layers, which no optimizer holds",
    wrong: HALF_FROZEN("[2, 4]", THOSE_THAT_LEARN),
    right: HALF_FROZEN("[0, 2]", THOSE_THAT_LEARN).replace(" // here", ""),
  },
  {
    kind: "detached-path",
    about: "numbers that were read and computed with",
    wrong: RING(
      "(() => { const rows = h.tolist() as number[][]; // here\n    return tensor(rows.map((row, i) => row.map((v, k) => (v + rows[(i + 1) % 24]![k]!) / 2))); })()",
    ),
    right: RING("h.add(h.roll(-1, 0)).div(2)", "if (h.tolist().length === 0) throw new Error();"),
  },
];

/** Right programs beside them. */
export const TEMPTING_OVERLOOKED: readonly TemptingProgram[] = [
  {
    about: "similarities of which the first is that of the right one, so that class 0 is the target of all",
    program: `const net = new nn.Sequential(new nn.Linear(6, 16), new nn.ReLU(), new nn.Linear(16, 8));
const opt = new optim.Adam(net.parameters(), { lr: 3e-3 });
const others = F.normalize(randn([32, 8]), { dim: 1 });
for (let i = 0; i < 12; i++) {
  const x = randn([16, 6]);
  const a = F.normalize(net.forward(x), { dim: 1 });
  const b = F.normalize(net.forward(x.add(randn([16, 6]).mul(0.1))), { dim: 1 });
  const scores = cat([a.mul(b).sum(1, true), a.matmul(others.t())], 1).div(0.2);
  opt.zeroGrad();
  F.crossEntropy(scores, zeros([16], { dtype: "int64" })).backward();
  opt.step();
}
`,
  },
  {
    about: "blocks that are skipped by lot, so that in some passes two layers follow on each other",
    program: `const first = new nn.Linear(4, 12), inner = new nn.Linear(12, 12), last = new nn.Linear(12, 1);
const opt = new optim.Adam([first, inner, last].flatMap((one) => [...one.parameters()]), { lr: 3e-3 });
for (let i = 0; i < 12; i++) {
  const x = randn([32, 4]);
  let h = first.forward(x);
  if (i % 3 > 0) h = h.add(F.relu(inner.forward(h)));
  opt.zeroGrad();
  F.mseLoss(last.forward(h), x.mean(1, true)).backward();
  opt.step();
}
`,
  },
  {
    about: "labels that the network gave its own examples a few passes before",
    program: `const labelled = randn([24, 4]), free = randn([64, 4]), y = labelled.narrow(1, 0, 3).argmax(1);
const net = new nn.Linear(4, 3), opt = new optim.SGD(net.parameters(), { lr: 0.1 });
for (let i = 0; i < 8; i++) {
  opt.zeroGrad();
  F.crossEntropy(net.forward(labelled), y).backward();
  opt.step();
}
let scores = net.forward(free);
const given = scores.argmax(1);
for (let i = 0; i < 8; i++) {
  scores = net.forward(free);
  opt.zeroGrad();
  F.crossEntropy(scores, given).backward();
  opt.step();
}
`,
  },
  {
    about: "a state that goes on along one series, stretch by stretch",
    program: JUDGED(
      "h = h.detach();",
      "const start = (i % 2) * 3, x = cat([all, all], 1).narrow(0, 0, 16).narrow(1, start, 6), y = labels.narrow(0, 0, 16);",
    ),
  },
  {
    about:
      "a state that goes on in documents that are read a stretch at a time, picked in another order for each round",
    program: JUDGED(
      "h = i % 2 === 0 ? zeros([16, 8]) : h.detach();",
      `if (i % 2 === 0) Object.assign(globalThis, { read: randperm(128).narrow(0, 0, 16) });
  const order = (globalThis as unknown as { read: Tensor }).read;
  const x = cat([all, all], 1).indexSelect(0, order).narrow(1, (i % 2) * 6, 6), y = labels.indexSelect(0, order);`,
    ),
  },
  {
    about: "the part of the data that is trained on, taken out of all of it for each pass",
    program: STRETCHES("", 96).replace(" // here", ""),
  },
  {
    about: "an echo of what was drawn in the pass before, for which the state must go on",
    program: JUDGED(
      "h = h.detach();",
      `const x = randn([16, 6, 3]), y = ((globalThis as { last?: Tensor }).last ?? zeros([16])).gt(0).float();
  Object.assign(globalThis, { last: x.select(2, 0).sum(1) });`,
    ),
  },
  {
    about: "a batch in which the few of a rare class are told apart",
    program: RARE("i % 10 === 3")
      .replace("mul(0.5)", "mul(6)")
      .replace("i < 24", "i < 60")
      .replace("lr: 0.01", "lr: 0.03")
      .replace(" // here", ""),
  },
];
