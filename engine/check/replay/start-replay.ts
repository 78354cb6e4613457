import "../../api/all-ops.ts";
import type { MessagePort } from "node:worker_threads";
import type { Failure } from "../../protocol/failure.ts";
import type { NodeId } from "../../protocol/ids.ts";
import { startRuntime } from "../../core/runtime.ts";
import { openSharedPass, type SharedPass } from "../../reading/shared-pass.ts";
import { ScratchArena } from "../../memory/arena.ts";
import type { JobContext } from "../../threads/pool-job.ts";
import { DoubleReplay, type ReplayEdits } from "./double-replay.ts";
import type { FunctionEvaluation, FunctionEvaluator, FunctionResult } from "./function-evaluator.ts";

/** What any job needs to replay a pass. */
export interface ReplayPayload {
  readonly pass: SharedPass;
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

/** Starts this thread's runtime for one job, over an arena of its own, and the replay in it. */
export function startReplay(
  payload: ReplayPayload,
  { memory, kernels }: JobContext,
  edits?: ReplayEdits,
): DoubleReplay {
  arena ??= new ScratchArena(memory);
  arena.reset();
  startRuntime({ memory, arena, kernels });
  return new DoubleReplay(arena, openSharedPass(memory, payload.pass), evaluatorOver(payload.functions), edits);
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
