import { noGrad, tensor, type autograd, type Tensor } from "backstep";
import type { Application } from "./applications.ts";

const constants = new Set<Tensor>();

/** An input that is to have no gradient. */
export function constant(values: readonly number[], ...shape: number[]): Tensor {
  const made = tensor(values).reshape(...shape);
  constants.add(made);
  return made;
}

/** In the order in which they were made. */
export const applications: Application[] = [];

type FunctionClass = { apply(...inputs: never[]): Tensor | readonly Tensor[] } & Pick<typeof autograd.Function, "name">;

/** Applies a Function to leaves of its own. */
export function applyToLeaves(functionClass: FunctionClass, ...inputs: Tensor[]): Application {
  const leaves = inputs.map((input) => (constants.has(input) ? input : noGrad(() => input.clone()).requiresGrad_()));
  const result = functionClass.apply(...(leaves as never[]));
  const outputs = Array.isArray(result) ? (result as readonly Tensor[]) : [result as Tensor];
  const application = { name: functionClass.name, inputs: leaves, outputs, cotangents: [] };
  applications.push(application);
  return application;
}

/** Runs a pass whose cotangent is not uniform. */
export function differentiate({ outputs, cotangents }: Application): void {
  let loss: Tensor | null = null;
  for (const output of outputs) {
    const weights = tensor(Array.from({ length: output.numel() }, (_, i) => Math.cos(0.7 * i + 0.3))).reshape(
      ...output.shape,
    );
    cotangents.push(weights);
    const term = output.mul(weights).sum();
    loss = loss === null ? term : loss.add(term);
  }
  loss!.backward();
}

export function probe(functionClass: FunctionClass, ...inputs: Tensor[]): void {
  differentiate(applyToLeaves(functionClass, ...inputs));
}

/** Rows of a table, two of them more than once. */
export const embeddingRows = tensor([1, 3, 1, 0, 3, 3], { dtype: "int64" });

/** A column of ones for the first rows and zeros for the rest. */
export function rows(count: number, first: number): Tensor {
  return tensor(Array.from({ length: count }, (_, i) => (i < first ? 1 : 0))).reshape(count, 1);
}
