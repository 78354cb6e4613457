import type { FaultPair } from "./program.ts";

const pair = (kind: string, about: string, program: (wrong: boolean) => string): FaultPair => ({
  ...{ kind, about },
  wrong: program(true),
  right: program(false),
});

/** Losses that ask for something else, and networks that are put together otherwise, than was meant. */
export const OBJECTIVE_FAULTS: readonly FaultPair[] = [
  pair(
    "scores-into-nll",
    "probabilities into klDiv",
    (wrong) => `const x = randn([32, 6]), soft = F.softmax(x.narrow(1, 0, 3), 1);
const net = new nn.Linear(6, 3), opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 6; i++) {
  opt.zeroGrad();
  const said = F.${wrong ? "softmax" : "logSoftmax"}(net.forward(x).div(2), 1); // here
  F.klDiv(said, soft, { reduction: "batchmean" }).backward();
  opt.step();
}
`,
  ),
  pair(
    "softmax-axis",
    "of scaled scores, into klDiv",
    (wrong) => `const x = randn([32, 6]), soft = F.softmax(x.narrow(1, 0, 3), 1);
const net = new nn.Linear(6, 3), opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 6; i++) {
  opt.zeroGrad();
  const said = F.logSoftmax(net.forward(x).div(2), ${wrong ? 0 : 1}); // here
  F.klDiv(said, soft, { reduction: "batchmean" }).backward();
  opt.step();
}
`,
  ),
  pair(
    "scrambled-axes",
    "classes of pixels, flattened where they stand second",
    (wrong) => `const x = randn([4, 1, 5, 6]), y = x.squeeze(1).gt(0).to("int64");
const net = new nn.Conv2d(1, 2, 3, { padding: 1 }), opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 6; i++) {
  opt.zeroGrad();
  const scores = net.forward(x)${wrong ? "" : ".permute(0, 2, 3, 1)"}.reshape(-1, 2); // here
  F.crossEntropy(scores, y.reshape(-1)).backward();
  opt.step();
}
`,
  ),
  pair(
    "loss-ignores-target",
    "what the model says of two inputs",
    (wrong) => `const x = randn([32, 3]), y = x.sum(1, true);
const net = new nn.Sequential(new nn.Linear(3, 8), new nn.Tanh(), new nn.Linear(8, 1));
const opt = new optim.SGD(net.parameters(), { lr: 0.1 }), predict = (of: Tensor) => net.forward(of) as Tensor;
for (let i = 0; i < 6; i++) {
  opt.zeroGrad();
  const error = predict(x).sub(${wrong ? "predict(x.mul(0.9))" : "y"}); // here
  error.square().mean().backward();
  opt.step();
}
`,
  ),
  pair(
    "target-not-detached",
    "an advantage",
    (wrong) => `const s = randn([16, 4]), a = randint(0, 2, [16, 1]), gains = randn([16]);
const policy = new nn.Linear(4, 2), critic = new nn.Linear(4, 1);
const opt = new optim.Adam([...policy.parameters(), ...critic.parameters()], { lr: 0.01 });
for (let i = 0; i < 6; i++) {
  opt.zeroGrad();
  const values = critic.forward(s).squeeze(1);
  const advantage = gains.sub(values)${wrong ? "" : ".detach()"}; // here
  const chosen = policy.forward(s).logSoftmax(-1).gather(1, a).squeeze(1);
  chosen.mul(advantage).mean().neg().add(F.mseLoss(values, gains)).backward();
  opt.step();
}
`,
  ),
  pair(
    "params-not-in-optimizer",
    "the first of two optimizers holds what is the second's",
    (
      wrong,
    ) => `const G = new nn.Linear(3, 2), D = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 1));
const gOpt = new optim.Adam(${wrong ? "D" : "G"}.parameters(), { lr: 1e-3 }); // here
const dOpt = new optim.Adam(D.parameters(), { lr: 1e-3 });
for (let i = 0; i < 6; i++) {
  dOpt.zeroGrad();
  const fake = G.forward(randn([16, 3]));
  const told = D.forward(fake.detach()) as Tensor, real = D.forward(randn([16, 2])) as Tensor;
  F.mseLoss(real, ones([16, 1])).add(F.mseLoss(told, zeros([16, 1]))).backward();
  dOpt.step();
  gOpt.zeroGrad();
  D.zeroGrad();
  F.mseLoss(D.forward(fake) as Tensor, ones([16, 1])).backward();
  gOpt.step();
}
`,
  ),
  pair(
    "unused-layer",
    "a block of a class with a constructor of its own",
    (wrong) => `class Block extends nn.Module {
  a: nn.Linear;
  b: nn.LayerNorm;
  constructor(size: number) {
    super();
    this.a = new nn.Linear(size, size);
    this.b = new nn.LayerNorm(size);
  }
  override forward(x: Tensor): Tensor { return this.b.forward(this.a.forward(x)).relu(); }
}
class Net extends nn.Module {
  first = new Block(4);
  second = new Block(4); // here
  last = new nn.Linear(4, 1);
  override forward(x: Tensor): Tensor {
    const h = this.first.forward(x);
    return this.last.forward(${wrong ? "h" : "this.second.forward(h)"});
  }
}
const net = new Net(), opt = new optim.Adam(net.parameters(), { lr: 0.01 }), x = randn([32, 4]), y = x.sum(1, true);
for (let i = 0; i < 6; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
  opt.step();
}
`,
  ),
  pair(
    "lr-too-low",
    "steps by hand",
    (wrong) => `const x = randn([32, 3]), y = x.sum(1, true);
const w = randn([3, 1]).requiresGrad_(), b = zeros([1]).requiresGrad_();
for (let i = 0; i < 20; i++) {
  x.matmul(w).add(b).sub(y).square().mean().backward();
  noGrad(() => {
    for (const p of [w, b]) {
      p.sub_(p.grad!.mul(${wrong ? 1e-7 : 0.1})); // here
      p.grad = null;
    }
  });
}
`,
  ),
];
