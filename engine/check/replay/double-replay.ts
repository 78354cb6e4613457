import { onesLike, sum } from "../../autograd/cotangent.ts";
import { withGradMode } from "../../context/grad-mode.ts";
import { history } from "../../autograd/history.ts";
import { secondDerivative } from "../../autograd/second-derivative.ts";
import { apply } from "../../ops/apply.ts";
import { contiguous } from "../../ops/copying.ts";
import { output } from "../../ops/output-of.ts";
import type { Op } from "../../ops/op.ts";
import { alignCotangent, vectorJacobianProduct } from "../../ops/vector-jacobian-product.ts";
import type { Attributes } from "../../recording/attributes.ts";
import type { NodeId } from "../../protocol/ids.ts";
import { runtime } from "../../core/runtime.ts";
import type { ReadablePass } from "../../reading/readable-pass.ts";
import { adopt } from "../../core/adopt.ts";
import { fromNumbers } from "../../core/creation.ts";
import { elementCount } from "../../core/shape.ts";
import { readElements } from "../../core/elements.ts";
import { isFloating, Tensor } from "../../core/tensor.ts";
import { viewOf, type View } from "../../core/view.ts";
import type { ScratchArena } from "../../memory/arena.ts";
import type { FunctionEvaluation, FunctionEvaluator, FunctionResult } from "./function-evaluator.ts";
import { GivenApplication } from "./given-application.ts";
import { inJoined, joinOutputs, partOf, partsOf, splitCotangent } from "./joined-outputs.ts";
import { opNameOf } from "../../recording/node-names.ts";

/** Changes that a replay makes to values and complete gradients as it computes them. */
export interface ReplayEdits {
  value(row: number, value: Tensor): Tensor;
  gradient(row: number, gradient: Tensor): Tensor;
}

/** What the runs of one custom Function may take of the processor in a replay. */
const SHARE_MS = 10_000;
/** Runs of a Function between two looks at the clock. */
const RUNS_AT_ONCE = 16;

const UNEDITED: ReplayEdits = { value: (_, value) => value, gradient: (_, gradient) => gradient };

/**
 * A recorded pass run again in float64, so that rounding of the run itself is never taken for a wrong rule. Integer and
 * boolean values are those of the record, and so are random draws: they are inputs on the tape.
 */
export class DoubleReplay {
  readonly reader: ReadablePass;
  /** Functions that could not be run in float64. */
  readonly coarse = new Set<number>();
  /** Functions that wrote to inputs, by position, without saying so. */
  readonly changing = new Map<number, readonly number[]>();
  /** Functions whose backward draws random numbers. */
  readonly drawing = new Set<number>();
  /**
   * Functions that could not be run, and why. Their values are those of the record, and they pass nothing back: what lies
   * before them is unknown, and everything else is as it would be.
   */
  readonly missing = new Map<number, string>();
  readonly #declared = new Map<number, readonly (Tensor | null)[]>();
  readonly #arena: ScratchArena;
  readonly #evaluate: FunctionEvaluator;
  readonly #spent = new Map<number, { runs: number; cost: number }>();
  readonly #edits: ReplayEdits;
  readonly #values: (Tensor | undefined)[];
  readonly #pieces = new Map<number, Float64Array>();
  #forward: Promise<void> | null = null;

  constructor(arena: ScratchArena, reader: ReadablePass, evaluate: FunctionEvaluator, edits: ReplayEdits = UNEDITED) {
    this.#arena = arena;
    this.reader = reader;
    this.#edits = edits;
    this.#evaluate = evaluate;
    this.#values = new Array<Tensor | undefined>(reader.rows);
  }

  /** What is known of the Functions that were run: whether in float32 only, and which inputs they wrote to. */
  #note(row: number, { outputs, gradients, changed, draws }: FunctionResult): void {
    if (draws) this.drawing.add(row);
    if ([...outputs, ...(gradients ?? [])].some((view) => view?.dtype === "float32")) this.coarse.add(row);
    if (changed.length > 0) this.changing.set(row, changed);
  }

  /** Runs `body` and frees what it allocated: its result must not be a tensor. */
  async scoped<T>(body: () => Promise<T>): Promise<T> {
    const mark = this.#arena.mark();
    try {
      return await body();
    } finally {
      this.#arena.rewind(mark);
    }
  }

  /** A recorded value in float64. */
  recorded(row: number): Tensor {
    return toDouble(this.reader.value(row));
  }

  /** Runs the whole forward pass once; every {@link value} is there afterwards. */
  forward(): Promise<void> {
    this.#forward ??= this.#runForward();
    return this.#forward;
  }

  value(row: number): Tensor {
    const value = this.#values[row];
    if (!value) throw new Error(`row ${row} has not been replayed`);
    return value;
  }

  /** Which smooth piece each element of a row's value lies on; null where its op has no kinks. Read once. */
  pieces(row: number): Float64Array | null {
    const known = this.#pieces.get(row);
    if (known !== undefined) return known;
    if (this.reader.op(row)?.pieces === undefined) return null;
    const inputs = this.reader.inputs(row).map((input) => this.value(input));
    const mark = this.#arena.mark();
    const found = readElements(this.piecesAt(row, inputs, this.value(row))!);
    this.#arena.rewind(mark);
    this.#pieces.set(row, found);
    return found;
  }

  /** The same for other operands and their result. */
  piecesAt(row: number, inputs: readonly Tensor[], output: Tensor): Tensor | null {
    const pieces = this.reader.op(row)?.pieces;
    return pieces === undefined ? null : withGradMode(false, () => pieces(inputs, this.attributes(row), output));
  }

  async #runForward(): Promise<void> {
    for (let row = 0; row < this.reader.rows; row++) {
      let value: Tensor;
      if (!this.reader.isOp(row)) value = this.recorded(row);
      else {
        const inputs = this.reader.inputs(row).map((input) => this.value(input));
        value = await this.#applied(row, inputs);
      }
      this.#values[row] = this.#edits.value(row, value);
    }
  }

  async #applied(row: number, inputs: readonly Tensor[]): Promise<Tensor> {
    try {
      const [value] = await this.apply(row, [inputs]);
      return value!;
    } catch (error) {
      this.#miss(row, error);
      const parts = partsOf(this.reader, row);
      if (parts.length === 0) return this.recorded(row);
      const outputs: View[] = [];
      for (const part of parts) outputs[part.index] = this.reader.value(part.row);
      return joinOutputs(parts, outputs);
    }
  }

  /** Notes that a Function cannot be run. @throws the error where it is no Function's, or the pass is not as it was recorded */
  #miss(row: number, error: unknown): void {
    if (!this.isFunction(row) || this.#edits !== UNEDITED) throw error;
    this.missing.set(row, reasonOf(error));
  }

  /** A row's attributes as they are in float64. */
  attributes(row: number): Attributes {
    return inDouble(this.reader.attributes(row));
  }

  /** Applies a row's op to other inputs, several times. */
  async apply(row: number, batch: readonly (readonly Tensor[])[]): Promise<Tensor[]> {
    const op = this.reader.op(row);
    if (op === output) return batch.map(([joined]) => partOf(this.reader, row, joined!));
    if (op !== undefined) return batch.map((inputs) => this.#applyOp(row, op, inputs));
    const parts = partsOf(this.reader, row);
    const found: Tensor[] = [];
    // The memory of an answer holds until the next is asked for: what it says is copied before that.
    for (let start = 0; start < batch.length; start += RUNS_AT_ONCE) {
      const now = batch.slice(start, start + RUNS_AT_ONCE);
      const results = await this.#run(
        row,
        now.map((inputs) => ({ inputs: inputs.map(viewOf), cotangents: null })),
      );
      for (const result of results) {
        this.#note(row, result);
        found.push(parts.length > 0 ? joinOutputs(parts, result.outputs) : toDouble(result.outputs[0]!));
      }
    }
    return found;
  }

  /** Runs a custom Function, as long as its share of the time is not used up: one that is slow must not hold up the rest. */
  async #run(row: number, evaluations: readonly FunctionEvaluation[]): Promise<readonly FunctionResult[]> {
    const spent = this.#spent.get(row) ?? { runs: 0, cost: 0 };
    this.#spent.set(row, spent);
    if (spent.cost > SHARE_MS) {
      const seconds = (spent.cost / 1000).toPrecision(2);
      throw new Error(`too slow to compare: ${spent.runs} runs of ${opNameOf(this.reader, row)} took ${seconds} s`);
    }
    spent.runs += evaluations.length;
    const results = await this.#evaluate(this.reader.id, row as NodeId, evaluations);
    for (const { cost } of results) spent.cost += cost;
    return results;
  }

  /** How many more runs a Function's share allows, as far as those so far tell; as many as one likes of an op. */
  runsLeft(row: number): number {
    const spent = this.#spent.get(row);
    return spent === undefined ? Infinity : Math.max(0, SHARE_MS - spent.cost) / (spent.cost / spent.runs);
  }

  #applyOp(row: number, op: Op, inputs: readonly Tensor[]): Tensor {
    // Every tensor of another framework is dense for its ops, so that a reshaping after a transposition is no view.
    const given = this.reader.foreign ? inputs.map(contiguous) : inputs;
    return withGradMode(false, () => apply(op, given, this.attributes(row)));
  }

  /**
   * A row's vector-Jacobian product: cotangents of its inputs from that of its result. Null where none is passed back.
   * @param wanted which inputs to compute; all that require a gradient when it is left out.
   */
  async product(
    row: number,
    inputs: readonly Tensor[],
    result: Tensor,
    cotangent: Tensor,
    wanted: (index: number) => boolean,
  ): Promise<(Tensor | null)[]> {
    const op = this.reader.op(row);
    if (op === output) return [inJoined(this.reader, row, cotangent, inputs[0]!)];
    if (op === undefined) {
      const dense = withGradMode(false, () => contiguous(cotangent));
      const parts = partsOf(this.reader, row);
      const cotangents = parts.length > 0 ? splitCotangent(parts, dense) : [viewOf(dense)];
      const [evaluated] = await this.#run(row, [{ inputs: inputs.map(viewOf), cotangents }]);
      this.#note(row, evaluated!);
      return withGradMode(false, () =>
        evaluated!.gradients!.map((gradient, i) =>
          gradient !== null && wanted(i)
            ? alignCotangent(toDouble(gradient), inputs[i]!.shape, inputs[i]!.dtype)
            : null,
        ),
      );
    }
    const at = new GivenApplication(this.attributes(row), inputs, result);
    return withGradMode(false, () =>
      inputs.map((_, i) => (wanted(i) ? vectorJacobianProduct(op, at, i, cotangent) : null)),
    );
  }

  /** Where a Function's backward goes wrong for one of its inputs, and what its forward's own ops give that input. */
  async mistake(
    row: number,
    inputs: readonly Tensor[],
    cotangent: Tensor,
    wrongInput: number,
  ): Promise<NonNullable<FunctionResult["mistake"]> | null> {
    const parts = partsOf(this.reader, row);
    const cotangents = parts.length > 0 ? splitCotangent(parts, cotangent) : [viewOf(cotangent)];
    const [evaluated] = await this.#run(row, [{ inputs: inputs.map(viewOf), cotangents, wrongInput }]);
    return evaluated?.mistake ?? null;
  }

  /**
   * Derivatives of Σ ⟨probe, cotangent⟩ over a row's inputs, where {@link product} gives the cotangents: through the graph
   * that its rule leaves when it is recorded. Null where it does not depend on the tensor.
   * @param probes one for each input whose cotangent is looked at.
   */
  async secondDerivative(
    row: number,
    inputs: readonly Tensor[],
    cotangent: Tensor,
    probes: readonly (Tensor | null)[],
  ): Promise<{ readonly inputs: readonly (Tensor | null)[]; readonly cotangent: Tensor | null }> {
    const op = this.reader.op(row);
    if (op !== undefined) {
      const found = history.pausedDuring(() =>
        secondDerivative(
          (given) => [apply(op, given, this.attributes(row))],
          inputs.map(toDouble),
          [toDouble(cotangent)],
          probes,
        ),
      );
      return { inputs: found.inputs, cotangent: found.cotangents[0]! };
    }
    const parts = partsOf(this.reader, row);
    const cotangents = parts.length > 0 ? splitCotangent(parts, cotangent) : [viewOf(cotangent)];
    const evaluation = {
      inputs: inputs.map(viewOf),
      cotangents,
      probes: probes.map((probe) => probe && viewOf(probe)),
    };
    const [{ second }] = (await this.#run(row, [evaluation])) as [FunctionResult];
    const ofOutputs: View[] = [];
    for (const { index, shape } of parts) {
      ofOutputs[index] =
        second!.cotangents[index] ?? fromNumbers(new Float64Array(elementCount(shape)), shape, "float64");
    }
    const [only] = second!.cotangents;
    return {
      inputs: second!.inputs.map((view) => view && toDouble(view)),
      cotangent: parts.length > 0 ? joinOutputs(parts, ofOutputs) : only ? toDouble(only) : null,
    };
  }

  /** The whole backward pass in float64: the cotangent of every row that gets one. */
  async backward(): Promise<(Tensor | undefined)[]> {
    await this.forward();
    const { reader } = this;
    const cotangents = new Array<Tensor | undefined>(reader.rows);
    const deliver = (row: number, part: Tensor): void => {
      const before = cotangents[row];
      cotangents[row] = before === undefined ? part : sum(before, part, false);
    };
    for (const root of reader.roots) deliver(root, this.rootCotangent(root));
    for (const row of reader.schedule.backwardOrder) {
      if (cotangents[row] === undefined || this.missing.has(row)) continue;
      const cotangent = this.#edits.gradient(row, cotangents[row]);
      cotangents[row] = cotangent;
      const rows = reader.inputs(row);
      const inputs = rows.map((input) => this.value(input));
      const wanted = (i: number): boolean => reader.requiresGrad(rows[i]!);
      const parts = await this.product(row, inputs, this.value(row), cotangent, wanted).catch((error: unknown) => {
        this.#miss(row, error);
        return [];
      });
      if (reader.surrogate(row) !== null) this.#declared.set(row, parts);
      parts.forEach((part, i) => part && deliver(rows[i]!, part));
    }
    for (let row = 0; row < reader.rows; row++) {
      const cotangent = cotangents[row];
      if (!reader.isOp(row) && cotangent) cotangents[row] = this.#edits.gradient(row, cotangent);
    }
    return cotangents;
  }

  /**
   * What a Function that declares its gradient passed back in {@link backward}: to everything before it, that is the
   * derivative. Null for any other row.
   */
  declared(row: number): readonly (Tensor | null)[] | null {
    return this.#declared.get(row) ?? null;
  }

  /** The cotangent that the pass started from. */
  rootCotangent(root: number): Tensor {
    const recorded = this.reader.gradient(root);
    const isOnlyRoot = this.reader.schedule.edgesTo(root).length === 0;
    return recorded !== null && isOnlyRoot ? toDouble(recorded) : onesLike(this.value(root));
  }

  /** Rows that depend on `row`, in forward order, and lie on the way to a root. */
  downstream(row: number): number[] {
    const touched = new Set([row]);
    const order: number[] = [];
    for (const candidate of this.reader.schedule.forwardOrder) {
      if (!this.reader.inputs(candidate).some((input) => touched.has(input))) continue;
      touched.add(candidate);
      order.push(candidate);
    }
    return order;
  }

  /** Whether no rule of ours holds for the row, so that whoever recorded it runs it. */
  isFunction(row: number): boolean {
    return this.reader.isOp(row) && this.reader.op(row) === undefined;
  }
}

/** Why something could not be run, by what was thrown. */
export function reasonOf(error: unknown): string {
  return typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error);
}

/** Conversions to float32 become conversions to float64: nothing is rounded in a replay. */
function inDouble(attributes: Attributes): Attributes {
  return attributes["dtype"] === "float32" ? { ...attributes, dtype: "float64" } : attributes;
}

/** A dense float64 copy of a floating-point view; other dtypes as they are. */
export function toDouble(view: View): Tensor {
  if (!isFloating(view.dtype)) return adopt(view);
  const out = Tensor.empty(view.shape, "float64");
  runtime.kernels.copy(view, out);
  return out;
}
