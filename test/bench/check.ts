import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { CheckMode } from "../../engine/protocol/check.ts";
import type { JobId } from "../../engine/protocol/ids.ts";
import { EngineSession } from "../golden/stepping/engine-session.ts";
import { runTorch } from "./peers.ts";
import type { Row, Suite } from "./row.ts";

const THREADS = 2;
/** A check is repeated for so long, and three times at least: what is compiled while it runs is compiled then. */
const SECONDS = 3;

/** A tanh network on a batch, whose pass is checked. */
const mlp = (
  sizes: readonly number[],
  batch: number,
): string => `import { F, manualSeed, nn, randint, randn } from "backstep";
manualSeed(1);
const sizes = [${sizes.join(", ")}];
const layers = sizes.slice(1).flatMap((out, i) => [...(i > 0 ? [new nn.Tanh()] : []), new nn.Linear(sizes[i], out)]);
const net = new nn.Sequential(...layers);
F.crossEntropy(net.forward(randn([${batch}, sizes[0]])), randint(0, ${sizes.at(-1)}, [${batch}])).backward();
`;

/** The engine suite's CNN; prints the milliseconds of a training step, the fifth pass is checked. */
const CNN = `import { F, manualSeed, nn, optim, randint, randn } from "backstep";
manualSeed(1);
const net = new nn.Sequential(
  new nn.Conv2d(1, 16, 3, { padding: 1 }), new nn.ReLU(), new nn.MaxPool2d(2),
  new nn.Conv2d(16, 32, 3, { padding: 1 }), new nn.ReLU(), new nn.MaxPool2d(2),
  new nn.Flatten(), new nn.Linear(32 * 49, 10),
);
const optimizer = new optim.SGD(net.parameters(), { lr: 0.01, momentum: 0.9 });
const [x, y] = [randn([32, 1, 28, 28]), randint(0, 10, [32])];
const times = [];
for (let step = 0; step < 30; step++) {
  const started = performance.now();
  optimizer.zeroGrad();
  F.crossEntropy(net.forward(x), y).backward();
  optimizer.step();
  times.push(performance.now() - started);
}
console.log(times.sort((a, b) => a - b)[15]);
optimizer.zeroGrad();
F.crossEntropy(net.forward(x), y).backward();
`;

interface Checked {
  /** Seconds from the request to the last verdict: the median of all that fit in {@link SECONDS}, after one that loads the checker. */
  readonly seconds: number;
  readonly failed: number;
  readonly output: readonly string[];
}

/** Runs a model file to its n-th pass and checks that. */
async function check(source: string, pass: number, mode: CheckMode): Promise<Checked> {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), "backstep-bench-"));
  try {
    const program = path.join(folder, "model.ts");
    writeFileSync(program, source);
    await using session = new EngineSession(program);
    const launch = { program, args: [], threads: THREADS, historyBytes: 2 ** 26, seed: 1, deterministic: false };
    await session.engine.launch({ ...launch, stopOn: { kind: "nth", n: pass } });
    const state = await session.nextOf(["stopped", "ended"]);
    if (state.kind !== "stopped") throw new Error(state.failure?.message ?? "the model file ended");
    let failed = 0;
    const times: number[] = [];
    const begin = performance.now();
    while (times.length < 4 || performance.now() - begin < 1000 * SECONDS) {
      const started = performance.now();
      const { summary } = await session.engine.check(times.length as JobId, state.cursor.pass, mode);
      times.push((performance.now() - started) / 1000);
      failed += summary.failed;
    }
    const sorted = times.slice(1).sort((a, b) => a - b);
    return { seconds: sorted[Math.floor(sorted.length / 2)]!, failed, output: session.output };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const suite: Suite = async function* ({ quick }) {
  const row = (
    work: string,
    more: Pick<Row, "ours" | "unit" | "peer" | "peerValue" | "ratio" | "goal" | "met">,
  ): Row => ({
    suite: "check",
    work,
    threads: THREADS,
    ...more,
  });
  const networks = [
    { sizes: [64, 32, 10], batch: 8, times: 30 },
    { sizes: [784, 128, 64, 10], batch: 64, times: 40 },
  ];
  for (const { sizes, batch, times } of quick ? networks.slice(0, 1) : networks) {
    const { seconds, failed } = await check(mlp(sizes, batch), 1, "full");
    if (failed > 0) throw new Error(`${failed} false alarms`);
    // On one thread: on two it is slower.
    const torch = runTorch("torch_gradcheck.py", ["1", String(batch), ...sizes.map(String)]) as {
      readonly version: string;
      readonly seconds: number;
      readonly extrapolated: boolean;
    } | null;
    const ratio = torch && seconds / torch.seconds;
    yield row(`every parameter of a tanh MLP ${sizes.join("-")}, batch ${batch}`, {
      ours: seconds,
      unit: "s",
      peer: torch && `PyTorch ${torch.version}, slow gradcheck${torch.extrapolated ? ", extrapolated" : ""}`,
      peerValue: torch?.seconds ?? null,
      ratio,
      goal: `≤ 1/${times}`,
      met: ratio === null ? null : ratio <= 1 / times,
    });
  }
  for (const [mode, work, most] of [
    ["local", "every op of a CNN's pass", 20],
    ["sampled", "the same, and a sample of each parameter", null],
  ] as const) {
    const { seconds, failed, output } = await check(CNN, 31, mode);
    if (failed > 0) throw new Error(`${failed} false alarms`);
    const step = Number(output.join("").trim()) / 1000;
    yield row(work, {
      ours: seconds,
      unit: "s",
      peer: "one training step",
      peerValue: step,
      ratio: seconds / step,
      goal: most === null ? "none" : `≤ ${most}×`,
      met: most === null ? null : seconds / step <= most,
    });
  }
};
