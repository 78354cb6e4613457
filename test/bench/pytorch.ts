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

type Level = "light" | "full";

/** So many steps that the history is full: until then each pass takes memory that was never used before. */
const GOALS: readonly (readonly [model: string, steps: number, light: number, full: number])[] = [
  ["mlp", 400, 1.3, 1.7],
  ["cnn", 60, 1.3, 1.7],
  ["transformer", 40, 1.3, 1.7],
  ["tiny", 60, 3, 3],
];
const NAMES: Readonly<Record<string, string>> = {
  mlp: "784-128-64-10, batch 64",
  cnn: "two convolutions, batch 32",
  transformer: "two encoder layers, 512 tokens",
  tiny: "1000 ops of 16 elements",
};
/** As a debugged run keeps passes by default. */
const HISTORY_BYTES = 128 * 2 ** 20;

function shortestStep(output: string): number {
  const [, shortest] = /^step (\S+)/mu.exec(output) ?? [];
  return Number(shortest) * 1000;
}

function plain(python: string, command: readonly string[]): number {
  return shortestStep(execFileSync(python, [script, ...command], { encoding: "utf8" }));
}

/** Every pass is watched, for a breakpoint on a line that makes no op. */
async function recorded(python: string, command: readonly string[], recording: Level): Promise<number> {
  let output = "";
  const line = readFileSync(script, "utf8").trimEnd().split("\n").length;
  const nothing = { condition: "", hitCondition: "", logMessage: "" };
  const watching = { kind: "line", id: 1, file: script, line, column: null, phase: "backward", ...nothing } as const;
  const running: PythonProcess = await PythonProcess.start(
    {
      interpreter: { executable: python, found: "for a measurement" },
      command: [script, ...command],
      cwd: path.dirname(script),
      settings: {
        ...{ stopOn: { kind: "breakpoints" }, recording, report: null, seed: null, breakpoints: [watching] },
        ...{ historyBytes: HISTORY_BYTES, historyLeast: 0 },
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
  const row = (work: string, ours: number, against: number, goal: number): Row => ({
    ...{ suite: "pytorch", work, threads: 1, ours, unit: "ms", peer: `torch ${version} alone`, peerValue: against },
    ...{ ratio: ours / against, goal: `≤ ${goal}`, met: ours / against <= goal },
  });
  for (const [model, steps, light, full] of GOALS) {
    const command = [model, String(steps)];
    const [alone, lightly, fully]: [number[], number[], number[]] = [[], [], []];
    // In turn, so that what else the machine does is shared.
    for (let round = 0; round < (quick ? 2 : 5); round++) {
      alone.push(plain(python, command));
      lightly.push(await recorded(python, command, "light"));
      fully.push(await recorded(python, command, "full"));
    }
    const least = Math.min(...alone);
    yield row(`a step of PyTorch, recorded light: ${NAMES[model]!}`, Math.min(...lightly), least, light);
    yield row(`the same, recorded in full`, Math.min(...fully), least, full);
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
