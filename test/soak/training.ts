import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { EngineSession } from "../golden/stepping/engine-session.ts";
import { memoryOf } from "../hostile/processes.ts";

/** What many steps of one training leave behind in the engine that runs it. */
export interface Growth {
  readonly steps: number;
  /** Bytes that the engine process held after half of the steps, and at the end; its garbage was collected before. */
  readonly memory: readonly [early: number, late: number];
  /** Open files and pipes, at the same times. */
  readonly handles: readonly [early: number, late: number];
  readonly seconds: number;
}

/** Few passes are kept, so that what grows is not what was asked for. */
const HISTORY_BYTES = 2 ** 21;

/** Ten times it says how far it is; history, hooks, a Function and prints are part of each step. */
function trainingOf(steps: number): string {
  return `import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { autograd, F, manualSeed, nn, optim, randn } from "backstep";
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
manualSeed(1);
class Twice extends autograd.Function {
  static forward(_: any, x: any) { return x.mul(2); }
  static backward(_: any, g: any) { return g.mul(2); }
}
const net = new nn.Sequential(new nn.Linear(8, 16), new nn.ReLU(), new nn.Linear(16, 1));
const optimizer = new optim.Adam(net.parameters(), { lr: 1e-3 });
for (let step = 1; step <= ${steps}; step++) {
  const x = randn([4, 8]);
  const h = net.forward(x);
  h.registerHook((g) => g);
  const loss = F.mseLoss((Twice as any).apply(h), x.sum(1, true));
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  if (step % ${Math.ceil(steps / 10)} === 0) {
    collect();
    console.log("step", step);
  }
}
console.log("step", ${steps});
`;
}

/** Trains in one engine process, without a stop. */
export async function train(steps: number, progress: (line: string) => void): Promise<Growth> {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), "backstep-soak-"));
  const file = path.join(folder, "training.ts");
  writeFileSync(file, trainingOf(steps));
  const started = performance.now();
  try {
    await using session = new EngineSession(file);
    const memory: number[] = [];
    const handles: number[] = [];
    session.printed = (line) => {
      const bytes = memoryOf(session.processId);
      progress(`${line.trim()}, ${(bytes / 2 ** 20).toFixed(0)} MiB`);
      memory.push(bytes);
      handles.push(readdirSync(`/proc/${session.processId}/fd`).length);
    };
    const { failure } = await session.run({ historyBytes: HISTORY_BYTES });
    if (failure) throw new Error(failure.message);
    const at = (list: readonly number[], share: number): number => list[Math.floor(share * (list.length - 1))] ?? NaN;
    return {
      steps,
      memory: [at(memory, 0.5), at(memory, 1)],
      handles: [at(handles, 0.5), at(handles, 1)],
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
