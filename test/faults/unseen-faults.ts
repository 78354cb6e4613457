import type { FaultPair, TemptingProgram } from "./program.ts";

const SPOILT = (
  value: string,
): string => `const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 1));
const [weight] = net.parameters();
noGrad(() => weight!.mul_(${value})); // here
const x = randn([16, 4]), y = x.sum(1, true), opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 8; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).backward();
  opt.step();
}
`;
const FACTOR = (
  examples: string,
): string => `const net = new nn.Linear(4, 1), x = randn([16, 4]), y = x.sum(1, true), opt = new optim.SGD(net.parameters(), { lr: 0.01 });
const counted = ${examples}, right = counted / 2;
for (let i = 0; i < 8; i++) {
  opt.zeroGrad();
  F.mseLoss(net.forward(x), y).mul(right / counted).backward(); // loss
  opt.step();
}
`;
/** One of 25 examples is of the rare class, and little in them tells it. */
const JUDGED = (
  loss: string,
  labels = "i % 25 === 3 ? 1 : 0",
): string => `const labels = Array.from({ length: 400 }, (_, i) => (${labels}));
const y = tensor(labels).unsqueeze(1), x = randn([400, 4]).add(y.mul(0.5));
const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 1)), opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 60; i++) {
  opt.zeroGrad();
  ${loss}.backward(); // here
  opt.step();
}
`;
/** Dots in images: 3 of 64 positions are one. */
const DOTS = (
  signal: number,
): string => `const x = randn([8, 1, 8, 8]), y = x.squeeze(1).flatten(1).argsort(1).argsort(1).ge(61).long().reshape([8, 8, 8]);
const seen = ${signal} === 0 ? randn([8, 1, 8, 8]) : x;
const net = new nn.Sequential(new nn.Conv2d(1, 8, 1), new nn.ReLU(), new nn.Conv2d(8, 2, 1)), opt = new optim.Adam(net.parameters(), { lr: 0.05 });
for (let i = 0; i < 60; i++) {
  opt.zeroGrad();
  F.crossEntropy(net.forward(seen), y).backward(); // here
  opt.step();
}
`;
const DATA = `const xs = randn([64, 4]);
const ys = xs.sum(1, true);
`;

/** A run over batches of 8 of 64 examples. */
function epochs(count: number, schedule: string, inBatch: string, inEpoch: string): string {
  return `${DATA}const net = new nn.Linear(4, 1);
const opt = new optim.SGD(net.parameters(), { lr: 0.1 });
const schedule = ${schedule};
for (let epoch = 0; epoch < ${count}; epoch++) {
  for (let i = 0; i < 64; i += 8) {
    opt.zeroGrad();
    F.mseLoss(net.forward(xs.slice(0, i, i + 8)), ys.slice(0, i, i + 8)).backward();
    opt.step();
    ${inBatch}
  }
  ${inEpoch}
}
`;
}

/** Faults that show nowhere but in how a run as a whole is put together. */
export const UNSEEN_FAULTS: readonly FaultPair[] = [
  {
    kind: "class-collapse",
    about: "one unit, by scores",
    wrong: JUDGED("F.binaryCrossEntropyWithLogits(net.forward(x), y)"),
    right: JUDGED("F.binaryCrossEntropyWithLogits(net.forward(x), y, { posWeight: tensor([24]) })").replace(
      " // here",
      "",
    ),
  },
  {
    kind: "class-collapse",
    about: "one unit, by chances",
    wrong: JUDGED("F.binaryCrossEntropy(net.forward(x).sigmoid().squeeze(1), y.squeeze(1))"),
    right: JUDGED("F.binaryCrossEntropy(net.forward(x).sigmoid().squeeze(1), y.squeeze(1))", "i % 2").replace(
      " // here",
      "",
    ),
  },
  {
    kind: "class-collapse",
    about: "positions of images",
    wrong: DOTS(0),
    right: DOTS(1).replace(" // here", ""),
  },
  {
    kind: "invalid-math",
    about: "a factor that is 0 / 0",
    wrong: FACTOR("0").replace("// loss", "// here"),
    right: FACTOR("4"),
  },
  {
    kind: "bad-init",
    about: "NaN before the first pass",
    wrong: SPOILT("NaN"),
    right: SPOILT("0.9").replace(" // here", ""),
  },
  {
    kind: "schedule-to-zero",
    about: "a staircase for epochs, stepped once a batch",
    wrong: epochs(6, "new optim.lrScheduler.StepLR(opt, 2, { gamma: 0.1 })", "schedule.step(); // here", ""),
    right: epochs(6, "new optim.lrScheduler.StepLR(opt, 2, { gamma: 0.1 })", "", "schedule.step();"),
  },
  {
    kind: "schedule-to-zero",
    about: "three milestones of a tenth each, by roundings above a thousandth, stepped once a batch",
    wrong: epochs(
      6,
      "new optim.lrScheduler.MultiStepLR(opt, [2, 4, 6], { gamma: 0.1 })",
      "schedule.step(); // here",
      "",
    ),
    right: epochs(6, "new optim.lrScheduler.MultiStepLR(opt, [3, 5], { gamma: 0.1 })", "", "schedule.step();"),
  },
  {
    kind: "schedule-to-zero",
    about: "a cosine for epochs, stepped once a batch",
    wrong: epochs(6, "new optim.lrScheduler.CosineAnnealingLR(opt, 6)", "schedule.step(); // here", ""),
    right: epochs(6, "new optim.lrScheduler.CosineAnnealingLR(opt, 6)", "", "schedule.step();"),
  },
];

/** Right programs that look like those. */
export const TEMPTING_UNSEEN: readonly TemptingProgram[] = [
  {
    about: "rare examples that are told apart by their scores, if not yet by a half",
    program: JUDGED("F.binaryCrossEntropyWithLogits(net.forward(x), y)")
      .replace("mul(0.5)", "mul(3)")
      .replace("lr: 0.01", "lr: 0.006")
      .replace(" // here", ""),
  },
  {
    about: "pairs of which most are drawn at random, told apart by the products of their codes",
    program: `const table = new nn.Embedding(50, 8), opt = new optim.Adam(table.parameters(), { lr: 0.01 });
for (let i = 0; i < 40; i++) {
  const a = randint(0, 50, [60]), b = cat([a.narrow(0, 0, 6).add(1).remainder(50), randint(0, 50, [54])], 0);
  const y = cat([ones([6]), zeros([54])], 0);
  opt.zeroGrad();
  F.binaryCrossEntropyWithLogits(table.forward(a).mul(table.forward(b)).sum(1).sub(3), y).backward();
  opt.step();
}
`,
  },
  {
    about: "pairs of which most are drawn at random, judged by a layer",
    program: `const one = new nn.Embedding(30, 8), other = new nn.Embedding(30, 8), judge = new nn.Linear(16, 1);
const opt = new optim.Adam([...one.parameters(), ...other.parameters(), ...judge.parameters()], { lr: 3e-3 });
for (let i = 0; i < 40; i++) {
  const a = randint(0, 30, [80]), b = cat([a.narrow(0, 0, 10).mul(7).remainder(30), randint(0, 30, [70])], 0);
  const y = cat([ones([10]), zeros([70])], 0);
  opt.zeroGrad();
  F.binaryCrossEntropyWithLogits(judge.forward(cat([one.forward(a), other.forward(b)], 1)).squeeze(1), y).backward();
  opt.step();
}
`,
  },
  {
    about: "several answers for each example, each of them rare",
    program: `const x = randn([64, 12]), y = x.narrow(1, 0, 6).gt(2).float();
const net = new nn.Linear(12, 6), opt = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let i = 0; i < 40; i++) {
  opt.zeroGrad();
  F.binaryCrossEntropyWithLogits(net.forward(x), y).backward();
  opt.step();
}
`,
  },
  {
    about: "three milestones of a tenth each, the last of them at four fifths of the epochs",
    program: epochs(
      10,
      "new optim.lrScheduler.MultiStepLR(opt, [3, 6, 8], { gamma: 0.1 })",
      "",
      "schedule.step();",
    ).replace("lr: 0.1", "lr: 0.01"),
  },
  {
    about: "a cosine over all batches of the run",
    program: epochs(6, "new optim.lrScheduler.CosineAnnealingLR(opt, 48)", "schedule.step();", ""),
  },
  {
    about: "a cosine that comes down and up in each epoch, of as many batches as there are epochs",
    program: epochs(8, "new optim.lrScheduler.CosineAnnealingLR(opt, 8)", "schedule.step();", ""),
  },
  {
    about: "warm restarts after every few batches",
    program: epochs(6, "new optim.lrScheduler.CosineAnnealingWarmRestarts(opt, 6)", "schedule.step();", ""),
  },
];
