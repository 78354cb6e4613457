import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { EngineProcess } from "../../engine/client/engine-process.ts";
import type { SessionState } from "../../engine/protocol/engine.ts";
import { PythonProcess } from "../../engine/recorders/pytorch/python-process.ts";
import { GradientSession } from "../../extension/session/gradient-session.ts";
import { scriptOf } from "../programs.ts";
import { pythons } from "../pytorch/pythons.ts";
import { median, type Row, type Suite, type SuiteOptions } from "./row.ts";

const script = path.join(import.meta.dirname, "pytorch.py");
const digits = path.resolve(import.meta.dirname, "../../examples/pytorch/digits.py");

/** How a step is followed: its pass watched, or by nothing but the training log, as most of a long run are. */
type Following = "light" | "full" | "log";

/** So many steps that the history is full: until then each pass takes memory that was never used before. */
const GOALS: readonly (readonly [model: string, steps: number, goals: Readonly<Record<Following, number>>])[] = [
  ["mlp", 400, { light: 1.3, full: 1.7, log: 1.3 }],
  ["cnn", 60, { light: 1.3, full: 1.7, log: 1.3 }],
  ["transformer", 40, { light: 1.3, full: 1.7, log: 1.3 }],
  ["tiny", 60, { light: 3, full: 3, log: 1.3 }],
];
const WORKS: Readonly<Record<Following, (model: string) => string>> = {
  light: (model) => `a step of PyTorch, recorded light: ${model}`,
  full: () => "the same, recorded in full",
  log: () => "the same, followed by the training log alone",
};
const NAMES: Readonly<Record<string, string>> = {
  mlp: "784-128-64-10, batch 64",
  cnn: "two convolutions, batch 32",
  transformer: "two encoder layers, 512 tokens",
  tiny: "1000 ops of 16 elements",
};
/** As a debugged run keeps passes by default. */
const HISTORY_BYTES = 128 * 2 ** 20;

/**
 * torch's number of threads does not reach a BLAS with threads of its own: the time of the processor that they spend
 * waiting for each other would be most of a small step, with a recorder or without.
 */
const ONE_THREAD = { OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };

function shortestStep(output: string): number {
  const [, shortest] = /^step (\S+)/mu.exec(output) ?? [];
  return Number(shortest) * 1000;
}

function plain(python: string, command: readonly string[]): number {
  const env = { ...process.env, ...ONE_THREAD };
  return shortestStep(execFileSync(python, [script, ...command], { encoding: "utf8", env }));
}

/** Passes are watched for a breakpoint on a line that makes no op. */
async function recorded(python: string, command: readonly string[], following: Following): Promise<number> {
  let output = "";
  const line = readFileSync(script, "utf8").trimEnd().split("\n").length;
  const nothing = { condition: "", hitCondition: "", logMessage: "" };
  const watching = { kind: "line", id: 1, file: script, line, column: null, phase: "backward", ...nothing } as const;
  const running: PythonProcess = await PythonProcess.start(
    {
      interpreter: { executable: python, found: "for a measurement" },
      command: [script, ...command],
      cwd: path.dirname(script),
      env: ONE_THREAD,
      settings: {
        ...{ stopOn: { kind: "breakpoints" }, report: null, seed: null, log: following === "log" },
        ...{ recording: following === "light" ? "light" : "full" },
        ...{ breakpoints: following === "log" ? [] : [watching], historyBytes: HISTORY_BYTES, historyLeast: 0 },
      },
    },
    {
      output: (_, text) => void (output += text),
      event: () => undefined,
      stays: () => running.resume(),
    },
  );
  await running.ended;
  return shortestStep(output);
}

/** Milliseconds from a launch to its first stop, and of steps and of what an inspector asks there. */
async function stopping(python: string): Promise<readonly [firstStop: number, step: number, answer: number]> {
  const session = new GradientSession(
    digits,
    new EngineProcess({ script: scriptOf("engine", "built"), folder: path.dirname(digits) }),
  );
  const started = performance.now();
  const stopped = new Promise<Extract<SessionState, { kind: "stopped" }>>((resolve) => {
    session.stateChanged.listen((state) => {
      if (state.kind === "stopped") resolve(state);
    });
  });
  const run = { interpreter: python, module: false, cwd: path.dirname(digits) };
  const options = { args: [], threads: null, seed: null, deterministic: false, historyBytes: HISTORY_BYTES };
  await session.launch({ program: digits, stopOn: { kind: "first" }, python: run, ...options });
  const { cursor } = await stopped;
  const firstStop = performance.now() - started;
  const [steps, answers]: [number[], number[]] = [[], []];
  const { backwardOrder } = await session.engine.graph(cursor.pass);
  await session.engine.statistics(cursor.pass);
  for (const node of backwardOrder) {
    const before = performance.now();
    await session.moveCursor({ over: "next" });
    const moved = performance.now();
    await session.engine.node(cursor.pass, node as never);
    steps.push(moved - before);
    answers.push(performance.now() - moved);
  }
  await session.stop();
  return [firstStop, median(steps), Math.max(...answers)];
}

/** What torch itself takes to be imported. */
function importing(python: string): number {
  const started = performance.now();
  execFileSync(python, ["-c", "import torch"]);
  return performance.now() - started;
}

/** How many modules of ours a script has that we did not launch, though it is run from where we are. */
function modulesOfOurs(python: string): number {
  const source = "import sys, torch; print(sum('backstep' in name for name in sys.modules))";
  return Number(execFileSync(python, ["-c", source], { encoding: "utf8" }));
}

async function* measure({ quick }: SuiteOptions): AsyncGenerator<Row, void> {
  const [python] = pythons;
  if (python === undefined) return;
  const version = execFileSync(python, ["-c", "import torch; print(torch.__version__)"], { encoding: "utf8" }).trim();
  const row = (work: string, ratio: number, against: number, goal: number): Row => ({
    ...{ suite: "pytorch", work, threads: 1, ours: ratio * against, unit: "ms", peer: `torch ${version} alone` },
    ...{ peerValue: against, ratio, goal: `≤ ${goal}`, met: ratio <= goal },
  });
  for (const [model, steps, goals] of GOALS) {
    const command = [model, String(steps)];
    const rounds: Readonly<Record<Following | "plain", number>>[] = [];
    // In turn, so that what else the machine does is shared; for the same reason ratios are those of a round.
    for (let round = 0; round < (quick ? 2 : 5); round++) {
      rounds.push({
        plain: plain(python, command),
        light: await recorded(python, command, "light"),
        full: await recorded(python, command, "full"),
        log: await recorded(python, command, "log"),
      });
    }
    const against = median(rounds.map((round) => round.plain));
    for (const following of ["light", "full", "log"] as const) {
      const ratio = median(rounds.map((round) => round[following] / round.plain));
      yield row(WORKS[following](NAMES[model]!), ratio, against, goals[following]);
    }
  }
  const modules = modulesOfOurs(python);
  yield {
    ...{ suite: "pytorch", work: "modules of ours in a script that we did not launch", threads: 1, unit: "" },
    ...{ ours: modules, peer: null, peerValue: null, ratio: null, goal: "none", met: modules === 0 },
  };
  const imports = Array.from({ length: quick ? 2 : 5 }, () => importing(python));
  const times: (readonly [number, number, number])[] = [];
  for (let run = 0; run < (quick ? 2 : 5); run++) times.push(await stopping(python));
  const within = (work: string, ours: number, goal: number, note: string): Row => ({
    ...{ suite: "pytorch", work, threads: 1, ours, unit: "ms", peer: null, peerValue: null, note },
    ...{ ratio: null, goal: `≤ ${goal} ms`, met: ours <= goal },
  });
  const beyond = Math.min(...times.map(([first]) => first)) - Math.min(...imports);
  yield within(
    "from F5 to the first stop of digits.py, beyond importing torch",
    beyond,
    1500,
    "with the engine's start",
  );
  yield within("a step there", median(times.map(([, step]) => step)), 60, "median");
  yield within(
    "what the inspector asks of a node",
    median(times.map(([, , answer]) => answer)),
    60,
    "the slowest node",
  );
}

export const suite: Suite = measure;
