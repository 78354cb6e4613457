import { grad } from "../autograd/backward.ts";
import { withGradMode } from "../context/grad-mode.ts";
import type { Application } from "../ops/op.ts";
import { vectorJacobianProduct } from "../ops/vector-jacobian-product.ts";
import type { Attributes } from "../recording/attributes.ts";
import type { DType } from "../protocol/dtype.ts";
import { runtime } from "../core/runtime.ts";
import { adopt } from "../core/adopt.ts";
import { Tensor } from "../core/tensor.ts";
import type { ReadablePass } from "./readable-pass.ts";

/** A row of a tape as its op's rules see it. */
export class TapeApplication implements Application {
  readonly attributes: Attributes;
  readonly outputShape: readonly number[];
  readonly #reader: ReadablePass;
  readonly #row: number;
  readonly #inputs: readonly number[];

  constructor(reader: ReadablePass, row: number) {
    this.#reader = reader;
    this.#row = row;
    this.#inputs = reader.inputs(row);
    this.attributes = reader.attributes(row);
    this.outputShape = reader.shape(row);
  }

  get inputCount(): number {
    return this.#inputs.length;
  }

  input(index: number): Tensor {
    return adopt(this.#reader.value(this.#inputs[index]!));
  }

  get output(): Tensor {
    return adopt(this.#reader.value(this.#row));
  }

  shape(index: number): readonly number[] {
    return this.#reader.shape(this.#inputs[index]!);
  }

  dtype(index: number): DType {
    return this.#reader.heldAs(this.#inputs[index]!);
  }
}

/**
 * What the consumer of an edge passed back along it, computed again from the tape: the engine's rules are pure, so
 * nothing of it needs to be stored. In this thread's arena.
 * @returns null where nothing is passed back, or where the consumer's gradient is not known.
 */
export function replayContribution(reader: ReadablePass, edge: number): Tensor | null {
  const stored = reader.storedContribution(edge);
  if (stored !== null) return adopt(stored);
  const gradient = reader.gradient(reader.schedule.edgeOwner[edge]!);
  return gradient && pullBack(reader, edge, adopt(gradient));
}

/** The cotangent of an edge's input for a cotangent of its consumer's result; null where the rule gives none. */
export function pullBack(reader: ReadablePass, edge: number, cotangent: Tensor): Tensor | null {
  return withGradMode(false, () => applyRule(reader, edge, cotangent));
}

/**
 * How the consumer's result changes, to first order, when the edge's input changes by `tangent`. The op's rule
 * g ↦ gᵀJ is linear in g, so its own vector-Jacobian product for the cotangent t is J t: no rule is written twice.
 * @returns null where the result does not depend on the input.
 */
export function pushForward(reader: ReadablePass, edge: number, tangent: Tensor): Tensor | null {
  const consumer = reader.schedule.edgeOwner[edge]!;
  const g = Tensor.empty(reader.shape(consumer), reader.heldAs(consumer)).requiresGrad_();
  runtime.kernels.fill(g, 0);
  return withGradMode(true, () => {
    const cotangent = applyRule(reader, edge, g);
    if (cotangent?.requiresGrad !== true) return null;
    return grad(cotangent, g, { gradOutputs: tangent, allowUnused: true })[0] ?? null;
  });
}

function applyRule(reader: ReadablePass, edge: number, g: Tensor): Tensor | null {
  const consumer = reader.schedule.edgeOwner[edge]!;
  const op = reader.op(consumer);
  if (op === undefined) return null;
  const index = edge - reader.inputStart(consumer);
  return vectorJacobianProduct(op, new TapeApplication(reader, consumer), index, g);
}
