import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { LaunchRequest } from "../../engine/protocol/engine.ts";
import type { JobId, PassId } from "../../engine/protocol/ids.ts";
import { LogWriter } from "../../engine/recording/log/log-writer.ts";
import { TrainingLog } from "../../engine/recording/log/training-log.ts";
import { EngineSession } from "../golden/stepping/engine-session.ts";
import { median, type Row, type Suite } from "./row.ts";

/** The digits' network. The thread's own processor time, which other programs on the machine change little. */
const DIGITS = `import { data, F, manualSeed, nn, optim, type Tensor } from "backstep";
manualSeed(7);
const set = data.digits(3000, { seed: 1 });
class Net extends nn.Module {
  fc1 = new nn.Linear(784, 128);
  fc2 = new nn.Linear(128, 64);
  fc3 = new nn.Linear(64, 10);
  forward(images: Tensor): Tensor {
    return this.fc3.forward(F.relu(this.fc2.forward(F.relu(this.fc1.forward(images.flatten(1))))));
  }
}
const net = new Net();
const optimizer = new optim.Adam(net.parameters(), { lr: 1e-3 });
const cpu = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
let [steps, start] = [0, 0];
while (steps < STEPS)
  for (const [images, labels] of new data.DataLoader(set, { batchSize: 64, shuffle: true })) {
    if (steps === STEPS) break;
    if (steps++ === 50) start = cpu();
    optimizer.zeroGrad();
    const loss = F.crossEntropy(net.forward(images), labels);
    loss.backward();
    optimizer.step();
  }
console.log("milliseconds", cpu() - start);
`;

function row(work: string, ours: number, unit: string, more: Partial<Row> & { readonly goal: string }): Row {
  const nothing = { peer: null, peerValue: null, ratio: null, met: null };
  return { suite: "training", work, threads: 1, ours, unit, ...nothing, ...more };
}

/** What the training log costs in time and memory, and how long going back takes. */
export const suite: Suite = async function* ({ quick }) {
  const folder = mkdtempSync(path.join(tmpdir(), "backstep-bench-"));
  const program = (steps: number): string => {
    const file = path.join(folder, `digits-${steps}.ts`);
    writeFileSync(file, DIGITS.replaceAll("STEPS", String(steps)));
    return file;
  };
  try {
    const steps = program(quick ? 300 : 600);
    yield await costOfLog(steps, quick ? 3 : 7);
    yield await costOfFindings(steps, quick ? 3 : 7);
    yield await costOfDiagnosing(steps, quick ? 3 : 7);
    yield memoryOfLog(quick ? 20_000 : 100_000);
    yield await goingBack(program(1000), program(900));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** The least milliseconds of a program's steps, launched in two ways in turn. */
async function timesOf(
  file: string,
  rounds: number,
  ways: Readonly<Record<"on" | "off", Partial<LaunchRequest>>>,
): Promise<{ readonly on: number; readonly off: number }> {
  const times = { on: [] as number[], off: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const way of ["off", "on"] as const) {
      await using session = new EngineSession(file);
      await session.run({ threads: 1, recording: "light", ...ways[way] });
      times[way].push(Number(/milliseconds ([\d.]+)/u.exec(session.output.join(""))?.[1]));
    }
  }
  return { on: Math.min(...times.on), off: Math.min(...times.off) };
}

async function costOfFindings(file: string, rounds: number): Promise<Row> {
  const on = { log: true, findings: true };
  const times = await timesOf(file, rounds, { off: { log: true, findings: false }, on });
  const ratio = times.on / times.off;
  return row("the same with the log, looked at for findings", times.on, "ms", {
    ...{ peer: "without findings", peerValue: times.off, ratio, goal: "≤ 1.05×", met: ratio <= 1.05 },
  });
}

/** As `backstep diagnose` runs a file: no log, no history, and findings at the end. */
async function costOfDiagnosing(file: string, rounds: number): Promise<Row> {
  const plain = { log: false, findings: false, historyBytes: 0 };
  const times = await timesOf(file, rounds, { off: plain, on: { ...plain, findings: true } });
  const ratio = times.on / times.off;
  return row("the same as diagnose runs it", times.on, "ms", {
    ...{ peer: "as run does", peerValue: times.off, ratio, goal: "≤ 1.2×", met: ratio <= 1.2 },
  });
}

async function costOfLog(file: string, rounds: number): Promise<Row> {
  const { on, off } = await timesOf(file, rounds, { off: { log: false }, on: { log: true } });
  const ratio = on / off;
  return row("steps of the digits' network with the training log, processor time", on, "ms", {
    ...{ peer: "without", peerValue: off, ratio, goal: "≤ 1.15×", met: ratio <= 1.15 },
  });
}

function memoryOfLog(passes: number): Row {
  const log = new TrainingLog();
  const writer = new LogWriter();
  const firsts = Array.from({ length: 200 }, (_, i) =>
    writer.addRow({ kind: "parameter", name: `p${i}`, shape: [8], site: null }),
  );
  let most = 0;
  for (let pass = 0; pass < passes; pass++) {
    for (const first of firsts)
      for (let quantity = 0; quantity < 7; quantity++) writer.add(first + quantity, pass, false);
    writer.end(pass as PassId);
    if (writer.waiting < 100) continue;
    log.append(writer.take());
    most = Math.max(most, log.bytes);
  }
  return row(`training log of ${passes} passes of 200 parameters`, most / 1e6, "MB", {
    ...{ goal: "≤ 200 MB", met: most <= 200e6, note: "at its largest" },
  });
}

/** Both from a new engine process to the stop or the end. */
async function goingBack(whole: string, part: string): Promise<Row> {
  const [back, run] = [[], []] as [number[], number[]];
  await using session = new EngineSession(whole);
  await session.run({ threads: 1, historyBytes: 2 ** 26 });
  for (let round = 0; round < 2; round++) {
    let start = performance.now();
    // The last is kept, and so the way back to step 900 is a run of its own each time.
    await session.engine.goToPass(1 as JobId, (899 - 20 * round) as PassId);
    back.push(performance.now() - start);
    start = performance.now();
    await using once = new EngineSession(part);
    await once.run({ threads: 1, historyBytes: 2 ** 26 });
    run.push(performance.now() - start);
  }
  const [ours, peerValue] = [Math.min(...back), median(run)];
  const ratio = ours / peerValue;
  return row("go back to step 900 of 1,000 steps of the digits' network", ours, "ms", {
    ...{ peer: "run 900 steps", peerValue, ratio, goal: "≤ 1.3×", met: ratio <= 1.3 },
  });
}
