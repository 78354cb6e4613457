import type { FaultPair, TemptingProgram } from "./program.ts";

const pair = (kind: string, about: string, program: (one: boolean) => string): FaultPair => ({
  ...{ kind, about },
  wrong: program(true),
  right: program(false),
});

/** Eight groups of features, of which a code of 12 units should say what they are. */
const coder = (
  wrong: boolean,
  activation: string,
  penalty: string,
): string => `const x = randn([64, 4]).matmul(randn([4, 10]));
const encoder = new nn.Linear(10, 12), decoder = new nn.Linear(12, 10);
const opt = new optim.Adam([...encoder.parameters(), ...decoder.parameters()], { lr: 2e-2 });
for (let i = 0; i < 120; i++) {
  const code = encoder.forward(x)${activation};
  const sparse = ${penalty};
  opt.zeroGrad();
  F.mseLoss(decoder.forward(code), x).add(sparse.mul(${wrong ? 40 : 1e-3})).backward(); // here
  opt.step();
}
`;

/** Faults that show only where several facts are held together, each with what it would be if it were right. */
export const BLENDED_FAULTS: readonly FaultPair[] = [
  pair("regularisation-dominates", "the size of a code", (wrong) =>
    coder(wrong, ".tanh()", "code.square().sum(1).mean()"),
  ),
  pair("regularisation-dominates", "the sum of a code that is never negative", (wrong) =>
    coder(wrong, ".relu()", "code.mean()"),
  ),
  pair(
    "posterior-collapse",
    "a mean over the elements of the error",
    (wrong) => `const x = randn([32, 3]).matmul(randn([3, 40])).mul(0.4);
const enc = new nn.Linear(40, 6), dec = new nn.Linear(3, 40);
const opt = new optim.Adam([...enc.parameters(), ...dec.parameters()], { lr: 0.02 });
for (let i = 0; i < 120; i++) {
  const [mean, logVar] = enc.forward(x).chunk(2, 1) as [Tensor, Tensor];
  const out = dec.forward(mean.add(logVar.mul(0.5).exp().mul(randn([32, 3]))));
  const error = out.sub(x).square()${wrong ? ".mean()" : ".sum(1).mean()"};
  const kl = mean.square().add(logVar.exp()).sub(logVar).sub(1).sum(1).mean().div(2); // here
  opt.zeroGrad();
  error.add(kl).backward();
  opt.step();
}
`,
  ),
  pair(
    "class-collapse",
    "one in forty, a few of them named by chance",
    (wrong) => `const y = arange(0, 400, 1).remainder(40).eq(0).long();
const x = randn([400, 5]).add(y.unsqueeze(1).mul(${wrong ? 0.8 : 6}));
const net = new nn.Sequential(new nn.Linear(5, 6), new nn.Tanh(), new nn.Linear(6, 2));
const opt = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
for (let i = 0; i < 60; i++) {
  opt.zeroGrad();
  F.crossEntropy(net.forward(x), y).backward(); // here
  opt.step();
}
`,
  ),
  pair(
    "exploding-gradients",
    "a state that is added to itself, with a shortcut around each step",
    (wrong) => `const w = new nn.Linear(8, 8), out = new nn.Linear(8, 1);
const opt = new optim.Adam([...w.parameters(), ...out.parameters()], { lr: 1e-3 });
nn.init.normal_(w.weight, 0, 0.4);
for (let i = 0; i < 6; i++) {
  let h = randn([16, 8]);
  const y = h.mean(1, true);
  for (let t = 0; t < 24; t++) {
    const change = w.forward(h); // here
    h = ${wrong ? "h.add(change)" : "h.lerp(change.tanh(), 0.2)"};
  }
  opt.zeroGrad();
  F.mseLoss(out.forward(h), y).backward();
  opt.step();
}
`,
  ),
  pair(
    "exploding-gradients",
    "a state that goes through the transpose of a matrix",
    (wrong) => `const W = nn.init.orthogonal_(zeros([10, 10])).mul(${wrong ? 1.4 : 0.9}).requiresGrad_();
const out = new nn.Linear(10, 1), opt = new optim.Adam([W, ...out.parameters()], { lr: 1e-3 });
for (let i = 0; i < 6; i++) {
  let h = randn([16, 10]);
  const y = h.mean(1, true);
  for (let t = 0; t < 30; t++) h = h.matmul(W.t()); // here
  opt.zeroGrad();
  F.mseLoss(out.forward(h), y).backward();
  opt.step();
}
`,
  ),
  pair(
    "wrong-reduction",
    "gradients of eight passes added up",
    (
      wrong,
    ) => `const w = randn([5, 1]), net = new nn.Sequential(new nn.Linear(5, 32), new nn.Tanh(), new nn.Linear(32, 1));
const opt = new optim.SGD(net.parameters(), { lr: 0.04, momentum: 0.9 });
for (let i = 0; i < 20; i++) {
  opt.zeroGrad();
  for (let part = 0; part < 8; part++) {
    const x = randn([12, 5]);
    const loss = F.mseLoss(net.forward(x), x.matmul(w));
    loss${wrong ? "" : ".mul(1 / 8)"}.backward(); // here
  }
  opt.step();
}
`,
  ),
  pair(
    "lr-too-high",
    "Adam that throws everything off at once",
    (wrong) => `const x = rand([64, 1]).mul(4).sub(2), y = x.mul(2).sin();
const net = new nn.Sequential(new nn.Linear(1, 24), new nn.Tanh(), new nn.Linear(24, 24), new nn.Tanh(), new nn.Linear(24, 1));
const opt = new optim.Adam(net.parameters(), { lr: ${wrong ? 0.7 : 0.01} }); // here
for (let i = 0; i < 100; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
  opt.step();
}
`,
  ),
  pair(
    "lr-too-low",
    "Adam whose batches differ, with a layer that starts at zero",
    (
      wrong,
    ) => `const net = new nn.Sequential(new nn.Linear(4, 16), new nn.LayerNorm(16), new nn.Tanh(), new nn.Linear(16, 3));
const opt = new optim.Adam(net.parameters(), { lr: ${wrong ? 1e-7 : 1e-3} }); // here
for (let i = 0; i < 60; i++) {
  const x = randn([16, 4]);
  opt.zeroGrad();
  F.crossEntropy(net.forward(x), x.narrow(1, 0, 3).argmax(1)).backward();
  opt.step();
}
`,
  ),
  pair(
    "frozen-by-mistake",
    "the wrong part told to learn again",
    (wrong) => `const body = new nn.Sequential(new nn.Linear(3, 12), new nn.Tanh()), head = new nn.Linear(12, 1);
const x = randn([64, 3]), y = x.prod(1, true);
function fit(steps: number): void {
  const opt = new optim.Adam([...body.parameters(), ...head.parameters()], { lr: 1e-2 });
  for (let i = 0; i < steps; i++) {
    opt.zeroGrad();
    F.mseLoss(head.forward(body.forward(x)), y).backward();
    opt.step();
  }
}
fit(15);
body.requiresGrad_(false);
fit(10);
${wrong ? "head" : "body"}.requiresGrad_(true); // here
fit(15);
`,
  ),
  pair(
    "detached-path",
    "a number that is computed with before it is a tensor again",
    (wrong) => `const rate = new nn.Parameter(tensor([-1])), scale = new nn.Parameter(tensor([0.5]));
const opt = new optim.Adam([rate, scale], { lr: 0.02 });
const t = arange(0, 20, 1).div(10);
const y = t.mul(-0.7).exp().mul(2);
for (let i = 0; i < 30; i++) {
  const decay = ${wrong ? "Math.exp(rate.item())" : "rate.exp()"}; // here
  opt.zeroGrad();
  F.mseLoss(t.mul(decay).neg().exp().mul(scale), y).backward();
  opt.step();
}
`,
  ),
  pair(
    "bad-init",
    "products of weights that nobody divided",
    (
      wrong,
    ) => `const layer = (n: number, m: number) => randn([n, m])${wrong ? "" : ".mul(n ** -0.5)"}.requiresGrad_(); // here
const [a, b, c] = [layer(40, 60), layer(60, 60), layer(60, 5)];
const opt = new optim.SGD([a, b, c], { lr: ${wrong ? 1e-4 : 0.1} });
for (let i = 0; i < 10; i++) {
  const x = randn([32, 40]);
  opt.zeroGrad();
  F.crossEntropy(x.matmul(a).tanh().mul(1.5).matmul(b).relu().matmul(c), x.narrow(1, 0, 5).argmax(1)).backward();
  opt.step();
}
`,
  ),
  pair(
    "bad-init",
    "zeros in parameters that no layer owns",
    (wrong) => `const made = (n: number, m: number) => new nn.Parameter(${wrong ? "zeros" : "randn"}([n, m])); // here
const [w, v] = [made(3, 8), made(8, 1)];
const x = randn([32, 3]), y = x.sum(1, true);
const opt = new optim.Adam([w, v], { lr: 1e-2 });
for (let i = 0; i < 10; i++) {
  opt.zeroGrad();
  F.mseLoss(x.matmul(w).sigmoid().matmul(v), y).backward();
  opt.step();
}
`,
  ),
  pair(
    "wrong-sign",
    "a policy whose probabilities are picked on a line of their own",
    (wrong) => `const net = new nn.Linear(4, 3), opt = new optim.Adam(net.parameters(), { lr: 1e-2 });
for (let i = 0; i < 10; i++) {
  const x = randn([32, 4]);
  const chances = F.logSoftmax(net.forward(x), 1);
  const done = randint(0, 3, [32, 1]);
  const picked = chances.gather(1, done).squeeze(1);
  const reward = done.squeeze(1).eq(x.narrow(1, 0, 3).argmax(1)).float();
  const loss = picked.mul(reward)${wrong ? "" : ".neg()"}.mean(); // here
  opt.zeroGrad();
  loss.backward();
  opt.step();
}
`,
  ),
  pair(
    "no-update",
    "a step behind a condition that never holds",
    (wrong) => `const x = randn([32, 3]), y = x.sum(1, true), net = new nn.Linear(3, 1);
const opt = new optim.SGD(net.parameters(), { lr: 0.05 });
for (let i = 0; i < 12; i++) {
  F.mseLoss(net.forward(x), y).div(3).backward(); // here
  if (i % 3 === ${wrong ? 3 : 2}) {
    opt.step();
    opt.zeroGrad();
  }
}
`,
  ),
];

/** Right programs that look like one of those. */
export const TEMPTING_BLENDS: readonly TemptingProgram[] = [
  {
    about: "a small penalty on a code whose decoder makes up for it",
    program: coder(false, ".tanh()", "code.abs().mean()"),
  },
  {
    about: "gradients of four passes added up with a rate that allows for it",
    program: `const w = randn([5, 1]), net = new nn.Linear(5, 1), opt = new optim.SGD(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 20; i++) {
  opt.zeroGrad();
  for (let part = 0; part < 4; part++) {
    const x = randn([12, 5]);
    F.mseLoss(net.forward(x), x.matmul(w)).backward();
  }
  opt.step();
}
`,
  },
  {
    about: "a head that is told to learn before anything has run, with a frozen body in the optimizer",
    program: `const body = new nn.Sequential(new nn.Linear(3, 12), new nn.Tanh()), head = new nn.Linear(12, 1);
nn.init.orthogonal_((body.at(0) as nn.Linear).weight);
body.requiresGrad_(false);
head.requiresGrad_(true);
const x = randn([64, 3]), y = x.sum(1, true);
const opt = new optim.Adam([...body.parameters(), ...head.parameters()], { lr: 1e-2 });
for (let i = 0; i < 15; i++) {
  opt.zeroGrad();
  F.mseLoss(head.forward(body.forward(x)), y).backward();
  opt.step();
}
`,
  },
  {
    about: "residual blocks in a row, all with shortcuts",
    program: `const blocks = new nn.ModuleList([...Array(12)].map(() => new nn.Linear(8, 8))), out = new nn.Linear(8, 1);
const opt = new optim.Adam([...blocks.parameters(), ...out.parameters()], { lr: 1e-3 });
for (let i = 0; i < 8; i++) {
  let h = randn([16, 8]);
  const y = h.mean(1, true);
  for (const block of blocks) h = h.add(F.relu((block as nn.Linear).forward(h)));
  opt.zeroGrad();
  F.mseLoss(out.forward(h), y).backward();
  opt.step();
}
`,
  },
  {
    about: "blocks that end in zeros behind shortcuts, with a head that starts at zero too",
    program: `const inp = new nn.Linear(5, 12), up = new nn.Linear(12, 20), down = new nn.Linear(20, 12), head = new nn.Linear(12, 3);
nn.init.zeros_(down.weight);
nn.init.zeros_(head.weight);
const opt = new optim.Adam([inp, up, down, head].flatMap((one) => [...one.parameters()]), { lr: 3e-3 });
const x = randn([80, 5]), y = x.narrow(1, 0, 3).argmax(1);
for (let i = 0; i < 25; i++) {
  const h = inp.forward(x);
  opt.zeroGrad();
  F.crossEntropy(head.forward(h.add(down.forward(up.forward(h).relu()))), y).backward();
  opt.step();
}
`,
  },
  {
    about: "a parameter that is printed at each step",
    program: `const rate = new nn.Parameter(tensor([-1]));
const opt = new optim.Adam([rate], { lr: 0.02 });
const t = arange(0, 20, 1).div(10), y = t.mul(-0.7).exp();
for (let i = 0; i < 20; i++) {
  opt.zeroGrad();
  F.mseLoss(t.mul(rate.exp()).neg().exp(), y).backward();
  opt.step();
  console.log(Math.exp(rate.item()));
}
`,
  },
  {
    about: "rows picked by one-hot vectors of weights that are drawn with a deviation of 1",
    program: `const table = randn([20, 12]).requiresGrad_(), w = randn([12, 20]).mul(12 ** -0.5).requiresGrad_();
const opt = new optim.Adam([table, w], { lr: 1e-2 });
for (let i = 0; i < 10; i++) {
  const ids = randint(0, 20, [32]);
  opt.zeroGrad();
  F.crossEntropy(F.oneHot(ids, 20).float().matmul(table).tanh().matmul(w), ids.add(1).remainder(20)).backward();
  opt.step();
}
`,
  },
];
