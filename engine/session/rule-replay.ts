import { alignCotangent } from "../autograd/cotangent.ts";
import { withGradMode } from "../autograd/grad-mode.ts";
import type { Application, Attributes } from "../ops/op.ts";
import type { DType } from "../protocol/dtype.ts";
import { adopt } from "../tensor/adopt.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { PassReader } from "./pass-reader.ts";

/** A row of a tape as its op's rules see it. */
export class TapeApplication implements Application {
  readonly attributes: Attributes;
  readonly outputShape: readonly number[];
  readonly #reader: PassReader;
  readonly #row: number;
  readonly #inputs: readonly number[];

  constructor(reader: PassReader, row: number) {
    this.#reader = reader;
    this.#row = row;
    this.#inputs = reader.tape.inputs(row);
    this.attributes = reader.attributes(row);
    this.outputShape = reader.tape.shape(row);
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
    return this.#reader.tape.shape(this.#inputs[index]!);
  }

  dtype(index: number): DType {
    return this.#reader.tape.dtype(this.#inputs[index]!);
  }
}

/**
 * What the consumer of an edge passed back along it, computed again from the tape: the engine's rules are pure, so
 * nothing of it needs to be stored. In this thread's arena.
 * @returns null where nothing is passed back, or where the consumer's gradient is not known.
 */
export function replayContribution(reader: PassReader, edge: number): Tensor | null {
  const stored = reader.storedContribution(edge);
  if (stored !== null) return adopt(stored);
  const consumer = reader.edgeOwner[edge]!;
  const op = reader.op(consumer);
  const gradient = reader.gradient(consumer);
  if (op === undefined || gradient === null) return null;
  const at = new TapeApplication(reader, consumer);
  const index = edge - reader.tape.inputStart(consumer);
  return withGradMode(false, () => {
    const g = adopt(gradient);
    const rules = op.vjp;
    const cotangent = typeof rules === "function" ? rules(g, at, index) : (rules[index]?.(g, at) ?? null);
    return cotangent && alignCotangent(cotangent, adopt(reader.value(reader.tape.input(edge))));
  });
}
