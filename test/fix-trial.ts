import type { LaunchRequest, PythonRequest } from "../engine/protocol/engine.ts";
import type { Finding, FixTrial, LossCourse } from "../engine/protocol/finding.ts";
import { FixTrials, type TrialLimits } from "../extension/findings/fix-trials.ts";
import { scriptOf } from "./programs.ts";

/** Patient enough for a machine that is busy, unless a test is about a run that stands still. */
export const PATIENT: TrialLimits = { timesPasses: 3, timesWait: 10, leastWait: 60_000, unknownWait: 60_000 };

export interface TriedText {
  readonly program: string;
  readonly folder: string;
  readonly finding: Finding;
  /** What the program has with the fix. */
  readonly text: string;
  readonly without?: LossCourse | null;
  readonly limits?: TrialLimits;
  readonly python?: PythonRequest;
  /** Is told of each change, with what can end the trial. */
  readonly follow?: (trial: FixTrial, trials: FixTrials) => void;
}

/** Tries a program with another text. @returns all that was told */
export async function tryText(tried: TriedText): Promise<readonly FixTrial[]> {
  const { program, folder, finding, text, without = null, limits = PATIENT, python, follow } = tried;
  const trials = new FixTrials(scriptOf("engine"), "en", () => undefined, limits);
  const told: FixTrial[] = [];
  trials.changed.listen(({ trial }) => {
    if (!trial) return;
    told.push(trial);
    follow?.(trial, trials);
  });
  const launch: LaunchRequest = {
    program,
    args: [],
    stopOn: { kind: "none" },
    threads: 0,
    historyBytes: 0,
    seed: null,
    deterministic: false,
    findings: true,
    ...(python && { python }),
  };
  await trials.run({ program, finding, launch, folder, env: {}, texts: [{ file: program, text }], without });
  return told;
}

/** The end of a trial that could be made. */
export function doneOf(told: readonly FixTrial[]): Extract<FixTrial, { kind: "done" }> {
  const last = told.at(-1);
  if (last?.kind !== "done") throw new Error(JSON.stringify(last));
  return last;
}
