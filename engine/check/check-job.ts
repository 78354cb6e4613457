import type { MessagePort } from "node:worker_threads";
import "../api/all-ops.ts";
import type { CheckMode, CheckRow, CheckScope } from "../protocol/check.ts";
import type { Failure } from "../protocol/failure.ts";
import type { NodeId } from "../protocol/ids.ts";
import { startRuntime } from "../core/runtime.ts";
import { PassReader, ReaderTables } from "../reading/pass-reader.ts";
import type { PassRecord, TableUpdate } from "../reading/pass-record.ts";
import { ScratchArena } from "../memory/arena.ts";
import type { JobContext } from "../threads/pool-job.ts";
import type { Tensor } from "../core/tensor.ts";
import { undecided } from "./verdict/check-row.ts";
import { DoubleReplay, type ReplayEdits } from "./replay/double-replay.ts";
import type { FunctionEvaluation, FunctionEvaluator, FunctionResult } from "./replay/function-evaluator.ts";
import { checkOp } from "./local-check.ts";
import { checkGradient } from "./gradient-check.ts";
import { checkOnOtherInputs } from "./other-inputs.ts";
import { checkSecondOrder } from "./second-order.ts";

/** One row of the tape to check. */
export interface CheckTask {
  readonly kind: CheckScope;
  readonly row: NodeId;
  /** Which part of a gradient's elements, of how many. */
  readonly part: readonly [part: number, of: number];
}

/** What any job needs to replay a pass. */
export interface ReplayPayload {
  readonly record: PassRecord;
  readonly tables: TableUpdate;
  /** Custom Functions are run by the user thread: requests go through here. */
  readonly functions: MessagePort;
}

export interface CheckPayload extends ReplayPayload {
  /** Of all threads. Each takes the next one, and says so in `next`. */
  readonly tasks: readonly CheckTask[];
  /** One element: the number of tasks that have been taken. */
  readonly next: Int32Array;
  readonly mode: CheckMode;
}

/** From a job, over `functions`. */
export interface EvaluationRequest {
  readonly row: NodeId;
  readonly evaluations: readonly FunctionEvaluation[];
}

export type EvaluationReply = { readonly results: readonly FunctionResult[] } | { readonly failure: Failure };

/** What is done about an op in each mode. */
const checksOfOps: Record<CheckMode, typeof checkOp> = {
  sampled: checkOp,
  full: checkOp,
  directional: checkOp,
  local: checkOp,
  "other-inputs": checkOnOtherInputs,
  "second-order": checkSecondOrder,
};

let arena: ScratchArena | null = null;

/** Starts this thread's runtime for one job, over an arena of its own, and the replay in it. */
export function startReplay(
  payload: ReplayPayload,
  { memory, kernels }: JobContext,
  edits?: ReplayEdits,
): DoubleReplay {
  arena ??= new ScratchArena(memory);
  arena.reset();
  startRuntime({ memory, arena, kernels });
  const tables = new ReaderTables();
  tables.update(payload.tables);
  const reader = new PassReader(memory, tables, payload.record);
  return new DoubleReplay(arena, reader, evaluatorOver(payload.functions), edits);
}

/** Checks rows of a pass that no other thread has taken; each finished row is reported as progress. */
export async function checkJob(payload: unknown, context: JobContext): Promise<void> {
  const { tasks, next, mode, functions } = payload as CheckPayload;
  const replay = startReplay(payload as CheckPayload, context);
  const { reader } = replay;
  const scratch = arena!;
  let cotangents: Promise<(Tensor | undefined)[]> | null = null;
  try {
    // The others may be done with a few small ones before this thread has begun.
    if (Atomics.load(next, 0) >= tasks.length) return;
    // Before any mark in the arena, for every task reads it. A Function that cannot run fails the tasks that need it.
    await replay.forward().catch(() => undefined);
    for (;;) {
      const task = tasks[Atomics.add(next, 0, 1)];
      if (!task || context.cancelled()) return;
      let row: CheckRow;
      try {
        if (task.kind === "op") {
          const mark = scratch.mark();
          row = await checksOfOps[mode](replay, task.row);
          scratch.rewind(mark);
        } else {
          cotangents ??= replay.backward();
          const gradients = await cotangents;
          const mark = scratch.mark();
          row = await checkGradient(replay, task, gradients, mode);
          scratch.rewind(mark);
        }
      } catch (error) {
        row = undecided(reader, task, messageOf(error));
      }
      context.progress(row);
    }
  } finally {
    functions.close();
  }
}

function evaluatorOver(port: MessagePort): FunctionEvaluator {
  return (_, row, evaluations) =>
    new Promise((resolve, reject) => {
      port.once("message", (reply: EvaluationReply) => {
        if ("results" in reply) resolve(reply.results);
        else reject(reply.failure);
      });
      port.postMessage({ row, evaluations } satisfies EvaluationRequest);
    });
}

function messageOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "message" in error) return String(error.message);
  return String(error);
}
