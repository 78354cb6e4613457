import type { FaultPair } from "./program.ts";

const pair = (kind: string, about: string, program: (one: boolean) => string): FaultPair => ({
  ...{ kind, about },
  wrong: program(true),
  right: program(false),
});

/** Classes by probabilities that are made by `how`: right of their logarithms. */
const classifier = (wrong: boolean, how: string): string => `const x = randn([32, 4]), y = x.argmax(1);
const net = new nn.Linear(4, 4), opt = new optim.SGD(net.parameters(), { lr: 0.1 });
for (let i = 0; i < 6; i++) {
  opt.zeroGrad();
  const z = net.forward(x), e = z.sub(z.amax(1, true)).exp();
  const p = ${how}; // here
  F.crossEntropy(${wrong ? "p" : "p.log()"}, y).backward();
  opt.step();
}
`;
/** A chance that is made by `how`: right into the loss of chances. */
const chance = (wrong: boolean, how: string): string => `const x = randn([32, 3]), y = x.sum(1, true).gt(0).float();
const net = new nn.Linear(3, 1), opt = new optim.SGD(net.parameters(), { lr: 0.1 });
for (let i = 0; i < 6; i++) {
  opt.zeroGrad();
  const z = net.forward(x);
  const p = ${how}; // here
  F.binaryCrossEntropy${wrong ? "WithLogits" : ""}(p, y).backward();
  opt.step();
}
`;

/** Networks whose layers are written out as products, and activations and losses that are written out. */
export const HAND_WRITTEN_FAULTS: readonly FaultPair[] = [
  pair(
    "exploding-gradients",
    "a product over time",
    (wrong) => `const W = randn([16, 16]).mul(${wrong ? 1 : 0.2}).requiresGrad_();
const out = new nn.Linear(16, 1), opt = new optim.SGD([W, ...out.parameters()], { lr: ${wrong ? 1e-4 : 1e-2} });
for (let i = 0; i < 6; i++) {
  let h = randn([8, 16]);
  const y = h.mean(1, true);
  for (let t = 0; t < 14; t++) h = F.relu(h.matmul(W)); // here
  opt.zeroGrad();
  F.mseLoss(out.forward(h), y).backward();
  opt.step();
}
`,
  ),
  pair(
    "vanishing-gradients",
    "a product over time",
    (
      wrong,
    ) => `const U = randn([10, 10]).mul(${wrong ? 0.03 : 0.25}).requiresGrad_(), V = randn([2, 10]).requiresGrad_();
const out = new nn.Linear(10, 1), opt = new optim.Adam([U, V, ...out.parameters()], { lr: 1e-3 });
for (let i = 0; i < 6; i++) {
  const s = randn([12, 16, 2]);
  let h = zeros([16, 10]);
  for (let t = 0; t < 12; t++) h = h.matmul(U).add(s.select(0, t).matmul(V)).tanh(); // here
  opt.zeroGrad();
  F.mseLoss(out.forward(h), s.select(0, 0).sum(1, true)).backward();
  opt.step();
}
`,
  ),
  pair(
    "bad-init",
    "zeros before zeros",
    (
      wrong,
    ) => `const W = ${wrong ? "zeros([6, 10], { requiresGrad: true }); // here" : "randn([6, 10]).mul(0.3).requiresGrad_();"}
const V = zeros([10, 1], { requiresGrad: true }), opt = new optim.SGD([W, V], { lr: 0.1 });
const x = randn([50, 6]), y = x.select(1, 0).unsqueeze(1);
for (let i = 0; i < 8; i++) {
  opt.zeroGrad();
  x.matmul(W).relu().matmul(V).sub(y).square().mean().backward();
  opt.step();
}
`,
  ),
  pair(
    "loss-ignores-target",
    "a copy of the prediction",
    (wrong) => `const net = new nn.Sequential(new nn.Linear(6, 8), new nn.ReLU(), new nn.Linear(8, 6));
const opt = new optim.Adam(net.parameters(), { lr: 1e-3 });
for (let i = 0; i < 6; i++) {
  const noisy = randn([8, 6]), clean = noisy.mul(0.5), out = net.forward(noisy);
  opt.zeroGrad();
  F.l1Loss(out, ${wrong ? "out" : "clean"}.clone().detach()).backward(); // here
  opt.step();
}
`,
  ),
  pair(
    "lr-too-low",
    "batches that differ",
    (wrong) => `const line = new nn.Linear(3, 1);
const opt = new optim.Adam(line.parameters(), { lr: ${wrong ? "1e-8" : "1e-2"} }); // here
for (let i = 0; i < 30; i++) {
  const x = randn([32, 3]), y = x.sum(1, true).add(2);
  opt.zeroGrad();
  F.l1Loss(line.forward(x), y).backward();
  opt.step();
}
`,
  ),
  ...["z.exp().div(z.exp().sum(1, true))", "e.div(e.sum(1).unsqueeze(1))", "e.div(e.sum())"].map((how) =>
    pair("softmax-into-cross-entropy", how, (wrong) => classifier(wrong, how)),
  ),
  ...["z.neg().exp().add(1).reciprocal()", "z.exp().div(z.exp().add(1))"].map((how) =>
    pair("sigmoid-into-bce-logits", how, (wrong) => chance(wrong, how)),
  ),
  pair(
    "scores-into-nll",
    "a softmax written out",
    (wrong) => `const x = randn([32, 4]), y = x.argmax(1);
const net = new nn.Linear(4, 4), opt = new optim.SGD(net.parameters(), { lr: 0.1 });
for (let i = 0; i < 6; i++) {
  opt.zeroGrad();
  const e = net.forward(x).exp();
  const p = e.div(e.sum(1, true)); // here
  F.nllLoss(${wrong ? "p" : "p.log()"}, y).backward();
  opt.step();
}
`,
  ),
  pair(
    "frozen-by-mistake",
    "all, as they are scaled inside noGrad",
    (wrong) => `const x = randn([32, 3]), y = x.sum(1, true);
const net = new nn.Linear(3, 1), opt = new optim.SGD(net.parameters(), { lr: 0.1 });
noGrad(() => {
  for (const p of net.parameters()) {
    p.mul_(0.5);
    ${wrong ? "p.requiresGrad = false; // here" : "p.requiresGrad = true;"}
  }
});
for (let i = 0; i < 6; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
  opt.step();
}
`,
  ),
  pair(
    "frozen-by-mistake",
    "the last layer, inside noGrad",
    (wrong) => `const x = randn([32, 3]), y = x.sum(1, true);
const first = new nn.Linear(3, 8), last = new nn.Linear(8, 1);
const opt = new optim.SGD([...first.parameters(), ...last.parameters()], { lr: 0.1 });
noGrad(() => {
  for (const p of ${wrong ? "last" : "first"}.parameters()) p.requiresGrad = false; // here
});
for (let i = 0; i < 6; i++) {
  opt.zeroGrad();
  F.mseLoss(last.forward(first.forward(x).tanh()), y).backward();
  opt.step();
}
`,
  ),
  pair(
    "missing-activation",
    "products one after the other",
    (
      wrong,
    ) => `const W1 = randn([6, 20]).mul(0.3).requiresGrad_(), b1 = zeros([20]).requiresGrad_(), W2 = randn([20, 1]).mul(0.2).requiresGrad_();
const opt = new optim.Adam([W1, b1, W2], { lr: 0.01 });
for (let i = 0; i < 8; i++) {
  const x = randn([24, 6]);
  const h = x.matmul(W1).add(b1)${wrong ? "" : ".relu()"};
  opt.zeroGrad();
  F.mseLoss(h.matmul(W2), x.narrow(1, 0, 1).abs()).backward(); // here
  opt.step();
}
`,
  ),
  pair(
    "lr-too-high",
    "steps along what autograd.grad gives",
    (wrong) => `const W = randn([6, 12]).mul(0.3).requiresGrad_(), V = randn([12, 1]).mul(0.3).requiresGrad_();
for (let i = 0; i < 15; i++) {
  const x = randn([32, 6]);
  const loss = x.matmul(W).tanh().matmul(V).sub(x.sum(1, true)).square().mean();
  const slopes = autograd.grad(loss, [W, V]) as Tensor[];
  noGrad(() => [W, V].forEach((w, k) => w.sub_(slopes[k]!.mul(${wrong ? 5 : 0.05})))); // here
}
`,
  ),
];
