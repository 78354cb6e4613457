import type { Tensor } from "../core/tensor.ts";
import type { CheckMode, CheckRow } from "../protocol/check.ts";
import type { JobContext } from "../threads/pool-job.ts";
import type { CheckTask } from "./check-task.ts";
import { checkGradient } from "./gradient-check.ts";
import { checkOp } from "./local-check.ts";
import { checkOnOtherInputs } from "./other-inputs.ts";
import { reasonOf } from "./replay/double-replay.ts";
import { startReplay, type ReplayPayload } from "./replay/start-replay.ts";
import { checkSecondOrder } from "./second-order.ts";
import { undecided } from "./verdict/check-row.ts";

export interface CheckPayload extends ReplayPayload {
  /** The tasks of all threads. Each thread takes the next one, and says so in `next`. */
  readonly tasks: readonly CheckTask[];
  /** One element: the number of tasks that have been taken. */
  readonly next: Int32Array;
  readonly mode: CheckMode;
}

/** What is done about an op in each mode. */
const checksOfOps: Record<CheckMode, typeof checkOp> = {
  sampled: checkOp,
  full: checkOp,
  directional: checkOp,
  local: checkOp,
  "other-inputs": checkOnOtherInputs,
  "second-order": checkSecondOrder,
};

/** Checks rows of a pass that no other thread has taken; each finished row is reported as progress. */
export async function checkJob(payload: unknown, context: JobContext): Promise<void> {
  const { tasks, next, mode, functions } = payload as CheckPayload;
  const replay = startReplay(payload as CheckPayload, context);
  let cotangents: Promise<(Tensor | undefined)[]> | null = null;
  try {
    // The others may be done with a few small ones before this thread has begun.
    if (Atomics.load(next, 0) >= tasks.length) return;
    // Before any mark in the arena, for every task reads it.
    await replay.forward().catch(() => undefined);
    for (;;) {
      const task = tasks[Atomics.add(next, 0, 1)];
      if (!task || context.cancelled()) return;
      let row: CheckRow;
      try {
        if (task.kind === "op") {
          const check = task.order === 2 ? checkSecondOrder : checksOfOps[mode];
          row = await replay.scoped(() => check(replay, task.row));
        } else {
          cotangents ??= replay.backward();
          const gradients = await cotangents;
          row = await replay.scoped(() => checkGradient(replay, task, gradients, mode));
        }
      } catch (error) {
        row = { ...undecided(replay.reader, task, reasonOf(error)), ...(task.order === 2 && { order: 2 as const }) };
      }
      context.progress(row);
    }
  } finally {
    functions.close();
  }
}
