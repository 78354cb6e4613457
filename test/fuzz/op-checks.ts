import { history } from "../../engine/autograd/history.ts";
import { DoubleReplay } from "../../engine/check/replay/double-replay.ts";
import type { FunctionEvaluator } from "../../engine/check/replay/function-evaluator.ts";
import { checkOp } from "../../engine/check/local-check.ts";
import type { Tensor } from "../../engine/index.ts";
import { output } from "../../engine/ops/output-of.ts";
import type { CheckRow } from "../../engine/protocol/check.ts";
import { recordOf } from "../../engine/reading/pass-record.ts";
import { LivePass } from "../../engine/reading/live-pass.ts";
import { runtime, startRuntime } from "../../engine/core/runtime.ts";
import { ScratchArena } from "../../engine/memory/arena.ts";
import { readerTables } from "../reader-tables.ts";
import { isRefusal, lossOf, type Program } from "./programs.ts";

/** A check of one op of a pass. */
export interface OpCheck {
  /** Id of the op's record: "add.number". */
  readonly op: string;
  readonly row: CheckRow;
}

let scratch: ScratchArena | null = null;

const noFunctions: FunctionEvaluator = () => Promise.reject(new Error("no custom Functions here"));

/** Runs the backward pass of a scalar, and hands on what replays it, in this thread. @param evaluate runs custom Functions */
export async function withReplayOf<T>(
  loss: Tensor,
  use: (replay: DoubleReplay) => Promise<T>,
  evaluate: FunctionEvaluator = noFunctions,
): Promise<T> {
  loss.backward();
  const pass = history.passes.at(-1)!;
  const tables = readerTables();
  const own = runtime;
  scratch ??= new ScratchArena(own.memory);
  scratch.reset();
  startRuntime({ ...own, arena: scratch });
  try {
    const reader = new LivePass(own.memory, tables, recordOf(pass, { backwardSites: [], parameters: [] }));
    return await use(new DoubleReplay(scratch, reader, evaluate));
  } finally {
    startRuntime(own);
  }
}

/**
 * The local check of every op behind a scalar; of ops only: what takes a custom Function's result apart is checked with
 * the Function.
 */
export function checkOpsBehind(loss: Tensor): Promise<readonly OpCheck[]> {
  return withReplayOf(loss, async (replay) => {
    const checks: OpCheck[] = [];
    for (const node of replay.reader.schedule.forwardOrder) {
      const op = replay.reader.op(node);
      if (op && op !== output) checks.push({ op: op.id, row: await replay.scoped(() => checkOp(replay, node)) });
    }
    return checks;
  });
}

/** The same of a random program; nothing where it is refused. */
export async function checkOpsOf(program: Program): Promise<readonly OpCheck[]> {
  try {
    const loss = lossOf({ ...program, twice: false });
    return loss.requiresGrad ? await checkOpsBehind(loss) : [];
  } catch (error) {
    if (isRefusal(error)) return [];
    throw error;
  }
}

/** Whether an op is called wrong for its rule: a derivative that is infinite at a random number is what it is. */
export function isCalledWrong({ row }: OpCheck): boolean {
  return row.verdict === "fail" && row.cause?.kind !== "not-finite";
}

/** For messages: op, verdict, and the numbers behind it. */
export function describeCheck({ op, row }: OpCheck): string {
  const [, analytic, numeric, errorBar] = row.evidence;
  const found = `${op}: ${row.verdict}, rule ${analytic}, differences ${numeric} ± ${errorBar} at [${row.worst.join(", ")}]`;
  const why = row.cause?.text ?? row.reason;
  return why === undefined ? found : `${found}; ${why}`;
}
