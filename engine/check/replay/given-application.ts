import type { DType } from "../../protocol/dtype.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Application } from "../../ops/op.ts";
import type { Attributes } from "../../recording/attributes.ts";

/** What a rule reads, from tensors at hand. */
export class GivenApplication implements Application {
  readonly attributes: Attributes;
  readonly output: Tensor;
  readonly #inputs: readonly Tensor[];

  constructor(attributes: Attributes, inputs: readonly Tensor[], output: Tensor) {
    this.attributes = attributes;
    this.output = output;
    this.#inputs = inputs;
  }

  get inputCount(): number {
    return this.#inputs.length;
  }

  get outputShape(): readonly number[] {
    return this.output.shape;
  }

  input(index: number): Tensor {
    return this.#inputs[index]!;
  }

  shape(index: number): readonly number[] {
    return this.#inputs[index]!.shape;
  }

  dtype(index: number): DType {
    return this.#inputs[index]!.dtype;
  }
}
