import type { MessagePort } from "node:worker_threads";
import "../all-ops.ts";
import type { CheckRow } from "../protocol/check.ts";
import type { Failure } from "../protocol/failure.ts";
import type { NodeId } from "../protocol/ids.ts";
import { startRuntime } from "../runtime.ts";
import { PassReader, ReaderTables } from "../session/pass-reader.ts";
import type { PassRecord, TableUpdate } from "../session/messages.ts";
import { ScratchArena } from "../threads/arena.ts";
import type { JobContext } from "../threads/pool-job.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { undecided } from "./check-row.ts";
import { DoubleReplay } from "./double-replay.ts";
import type { FunctionEvaluation, FunctionEvaluator, FunctionResult } from "./function-evaluator.ts";
import { checkOp } from "./local-check.ts";
import { checkParameter } from "./parameter-check.ts";

/** One row of the tape to check: an op by itself, or a parameter through the whole pass. */
export interface CheckTask {
  readonly kind: "op" | "parameter";
  readonly row: NodeId;
}

export interface CheckPayload {
  readonly record: PassRecord;
  readonly tables: TableUpdate;
  readonly tasks: readonly CheckTask[];
  /** Custom Functions are run by the user thread: requests go through here. */
  readonly functions: MessagePort;
}

/** From a job, over `functions`. */
export interface EvaluationRequest {
  readonly row: NodeId;
  readonly evaluations: readonly FunctionEvaluation[];
}

export type EvaluationReply = { readonly results: readonly FunctionResult[] } | { readonly failure: Failure };

let arena: ScratchArena | null = null;

/** Checks some rows of a pass on this thread alone; each finished row is reported as progress. */
export async function checkJob(payload: unknown, context: JobContext): Promise<void> {
  const { record, tables, tasks, functions } = payload as CheckPayload;
  arena ??= new ScratchArena(context.memory);
  arena.reset();
  startRuntime({ memory: context.memory, arena, kernels: context.kernels });
  const readerTables = new ReaderTables();
  readerTables.update(tables);
  const reader = new PassReader(context.memory, readerTables, record);
  const replay = new DoubleReplay(reader, evaluatorOver(functions));
  let cotangents: Promise<(Tensor | undefined)[]> | null = null;
  try {
    for (const task of tasks) {
      if (context.cancelled()) return;
      let row: CheckRow;
      try {
        if (task.kind === "op") {
          const mark = arena.mark();
          row = await checkOp(replay, task.row);
          arena.rewind(mark);
        } else {
          cotangents ??= replay.backward();
          const gradients = await cotangents;
          const mark = arena.mark();
          row = await checkParameter(replay, task.row, gradients);
          arena.rewind(mark);
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
