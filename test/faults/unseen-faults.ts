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
    about: "a cosine for epochs, stepped once a batch",
    wrong: epochs(6, "new optim.lrScheduler.CosineAnnealingLR(opt, 6)", "schedule.step(); // here", ""),
    right: epochs(6, "new optim.lrScheduler.CosineAnnealingLR(opt, 6)", "", "schedule.step();"),
  },
];

/** Right programs that look like those. */
export const TEMPTING_UNSEEN: readonly TemptingProgram[] = [
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
