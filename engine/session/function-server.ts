import { history, isForeign } from "../autograd/history.ts";
import { EngineError } from "../context/engine-error.ts";
import type { Failure } from "../protocol/failure.ts";
import { withGradMode } from "../context/grad-mode.ts";
import { secondDerivative } from "../autograd/second-derivative.ts";
import { contiguous } from "../ops/copying.ts";
import type { FunctionEvaluation, FunctionResult } from "../check/replay/function-evaluator.ts";
import { mistakeInForward } from "../check/causes/mistake-in-forward.ts";
import type { Probe } from "../check/causes/traced-search.ts";
import { TracedForward } from "../check/causes/traced-forward.ts";
import { fromNumbers } from "../core/creation.ts";
import type { FunctionRecord } from "../core/grad-node.ts";
import type { SiteId } from "../protocol/ids.ts";
import type { DType } from "../protocol/dtype.ts";
import { runtime } from "../core/runtime.ts";
import { randomState, restoreRandomState } from "../core/random-state.ts";
import { readElements } from "../core/elements.ts";
import { isFloating, Tensor } from "../core/tensor.ts";
import { withWritesUndone } from "../core/storage.ts";
import { withWidening } from "../core/widening.ts";
import { viewOf, type View } from "../core/view.ts";
import type { ForeignPass, Numbers } from "../reading/foreign-pass.ts";
import type { Region } from "../memory/arena.ts";
import { mapWithTimeLimit } from "./time-limit.ts";
import type { FunctionReply, FunctionRequest } from "./messages.ts";

/** The memory of the last reply to each asker: it must live until that has read it, whatever others ask meanwhile. */
const replies = new Map<number, Region[]>();
/** Askers that are remembered; the threads of a check are fewer. */
const MOST_ASKERS = 64;

/** What one run of a Function may take. */
const LIMIT_MS = 2_000;
/** How many times as long as it computes a run may last, waiting for a file or for its turn on a busy machine. */
const WAITING = 8;

/** Runs a custom Function again, in the user thread, for a check. User code may throw: that is an answer too. */
export function serveFunction(
  request: FunctionRequest,
  toFailure: (error: unknown) => Failure,
  lineOf: (site: SiteId) => number | null,
): FunctionReply {
  const kept: Region[] = [];
  replies.delete(request.asker);
  replies.set(request.asker, kept);
  for (const oldest of replies.keys()) {
    if (replies.size <= MOST_ASKERS) break;
    replies.delete(oldest);
  }
  const keep = (tensor: Tensor): View => {
    const dense = withGradMode(false, () => contiguous(tensor));
    kept.push(dense.storage.region);
    return viewOf(dense);
  };
  const programDraws = randomState();
  try {
    const pass = history.ended.find((candidate) => candidate.id === request.pass);
    if (pass && isForeign(pass)) return { id: request.id, results: runForeign(pass, request, keep) };
    const record = pass?.functions.get(request.row);
    if (!record) throw new EngineError("request", `pass ${request.pass} is no longer kept`);
    const run = ({ inputs, cotangents, probes, wrongInput }: FunctionEvaluation, undo: () => void): Uncosted => {
      const evaluate = (precision: "float32" | "float64"): Uncosted => {
        // Copies: whatever the Function writes to its inputs must not reach the next evaluation.
        const own = inputs.map((input) => copyIn(input, precision));
        // The same draws as in the run: a mask that forward draws is the one that it drew.
        restoreRandomState(record.draws.forward);
        const again = record.replay(own);
        const outputs = again.outputs.map(keep);
        const changed = own.flatMap((input, i) =>
          again.outputs.includes(input) || sameElements(input, copyIn(inputs[i]!, precision)) ? [] : [i],
        );
        if (cotangents !== null && record.draws.backward !== null) restoreRandomState(record.draws.backward);
        const before = randomState();
        const gradients =
          cotangents &&
          again
            .backward(
              again.outputs.map((_, i) => {
                const cotangent = cotangents[i];
                return cotangent ? copyIn(cotangent, precision) : null;
              }),
            )
            .map((gradient) => gradient && keep(gradient));
        const draws = randomState().some((word, i) => word !== before[i]);
        if (wrongInput !== undefined && cotangents !== null) {
          const copies = (views: readonly (View | null)[]): (Tensor | null)[] =>
            views.map((view) => view && copyIn(view, precision));
          const mistake = explainWrong(record, copies(inputs) as Tensor[], copies(cotangents), wrongInput, lineOf);
          return { outputs, gradients, changed, draws, mistake };
        }
        if (probes === undefined || cotangents === null) return { outputs, gradients, changed, draws };
        const copied = (views: readonly (View | null)[]): (Tensor | null)[] =>
          views.map((view) => view && copyIn(view, precision));
        const found = secondDerivative(
          (tensors) => record.apply(tensors),
          inputs.map((input) => copyIn(input, precision)),
          copied(cotangents),
          copied(probes),
        );
        const keepEach = (tensors: readonly (Tensor | null)[]): (View | null)[] =>
          tensors.map((tensor) => tensor && keep(tensor));
        const second = { inputs: keepEach(found.inputs), cotangents: keepEach(found.cotangents) };
        return { outputs, gradients, changed, draws, second };
      };
      try {
        return withWidening(() => evaluate("float64"));
      } catch {
        // What cannot be run in float64 (it mixes in float32 tensors of its own) can be run as it was recorded.
        undo();
        return evaluate("float32");
      }
    };
    // Not after each run: that a Function's state makes a difference to the next is what a check wants to know.
    const results = history.pausedDuring(() =>
      withWritesUndone((undo) =>
        mapWithTimeLimit(request.evaluations, LIMIT_MS, (evaluation) => withCost(() => run(evaluation, undo))),
      ),
    );
    return { id: request.id, results };
  } catch (error) {
    return { id: request.id, failure: toFailure(error) };
  } finally {
    restoreRandomState(programDraws);
  }
}

/** An answer whose cost is not known yet. */
type Uncosted = Omit<FunctionResult, "cost">;

function withCost(run: () => Uncosted): FunctionResult {
  const [began, before] = [performance.now(), threadTime()];
  const result = run();
  return { ...result, cost: Math.max(threadTime() - before, (performance.now() - began) / WAITING) };
}

/** What this thread has had of the processor, ms; the clock where Node cannot tell (before 23.9). */
function threadTime(): number {
  const { threadCpuUsage } = process as Partial<Pick<typeof process, "threadCpuUsage">>;
  if (threadCpuUsage === undefined) return performance.now();
  const { user, system } = threadCpuUsage();
  return (user + system) / 1000;
}

/**
 * Finds the step of a Function's forward at which its backward goes wrong, by running the forward once more with every op
 * recorded. A forward that cannot be run so (it writes to its inputs) has no such step.
 */
function explainWrong(
  record: FunctionRecord,
  inputs: readonly Tensor[],
  cotangents: readonly (Tensor | null)[],
  wrong: number,
  lineOf: (site: SiteId) => number | null,
): NonNullable<FunctionResult["mistake"]> {
  const copies = inputs.map((input) => withGradMode(false, () => input.clone()));
  const input = copies[wrong]!;
  for (const [i, copy] of copies.entries()) {
    copy.label = record.operandNames[i] ?? "";
    if (isFloating(copy.dtype)) copy.requiresGrad_();
  }
  restoreRandomState(record.draws.forward);
  const { outputs, kept } = record.trace(copies);
  const traced = new TracedForward(outputs, input, [...copies, ...kept]);
  const probes = [cotangents, cotangents.map((cotangent, i) => cotangent && otherCotangent(cotangent, i))].map(
    (given): Probe => {
      restoreRandomState(record.draws.forward);
      const again = record.replay(inputs.map((own) => own.clone()));
      const gradient = again.backward(given.map((cotangent) => cotangent && cotangent.clone()))[wrong];
      return { cotangents: given, given: gradient ? readElements(gradient) : new Float64Array(input.numel()) };
    },
  );
  const { gradient } = traced.backward(cotangents);
  return { found: mistakeInForward(traced, probes, { lineOf }), gradient };
}

/** Other numbers of the same size: what holds for both holds for all. */
function otherCotangent(cotangent: Tensor, seed: number): Tensor {
  const numbers = readElements(cotangent).map((value, i) => value * (1.2 + Math.sin(2.3 * i + seed)));
  return fromNumbers(numbers, cotangent.shape, cotangent.dtype);
}

/** Runs an op of another framework again. */
function runForeign(
  { source }: ForeignPass,
  { row, evaluations }: FunctionRequest,
  keep: (tensor: Tensor) => View,
): FunctionResult[] {
  const given = (view: View): Numbers => ({ shape: view.shape, values: readElements(view) });
  const kept = ({ values, shape }: Numbers): View => keep(fromNumbers(values, shape, "float32"));
  const putBack = source.setAside();
  try {
    const run = ({ inputs, cotangents, probes }: FunctionEvaluation): Uncosted => {
      if (probes) throw new EngineError("request", "second derivatives of tfjs's ops are not compared");
      const { outputs, gradients } = source.run(
        row,
        inputs.map(given),
        cotangents && cotangents.map((view) => view && given(view)),
      );
      return {
        outputs: outputs.map(kept),
        gradients: gradients && gradients.map((gradient) => gradient && kept(gradient)),
        changed: [],
        draws: false,
      };
    };
    return mapWithTimeLimit(evaluations, LIMIT_MS, (evaluation) => withCost(() => run(evaluation)));
  } finally {
    putBack();
  }
}

/** A copy that the Function may write to, in the given precision when it is floating-point. */
function copyIn(view: View, precision: DType): Tensor {
  const out = Tensor.empty(view.shape, isFloating(view.dtype) ? precision : view.dtype);
  runtime.kernels.copy(view, out);
  return out;
}

function sameElements(a: Tensor, b: Tensor): boolean {
  const left = readElements(a);
  const right = readElements(b);
  return left.every((value, i) => Object.is(value, right[i]));
}
