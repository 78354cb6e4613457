import type { Cause } from "../../protocol/check.ts";
import { fromNumbers } from "../../core/creation.ts";
import { readElements, type Tensor } from "../../core/tensor.ts";
import { mask, missingReduction, overwritten, partial, partialSum } from "./left-out.ts";
import { shifted, swappedInputs, transposed } from "./rearranged.ts";
import { batchScale, missingUpstream, scale, sign } from "./scaling.ts";
import type { Suspect } from "./suspect.ts";
import { activationDerivative, missingTerm } from "./terms.ts";
import type { DoubleReplay } from "../replay/double-replay.ts";
import { jacobianOf } from "../difference/jacobian.ts";

type Hypothesis = (suspect: Suspect) => Cause | null | Promise<Cause | null>;

/** Tried in this order: the first that explains every element is the cause. Special ones come before general ones. */
const HYPOTHESES: readonly Hypothesis[] = [
  missingUpstream,
  sign,
  batchScale,
  scale,
  swappedInputs,
  transposed,
  mask,
  partial,
  missingReduction,
  overwritten,
  partialSum,
  activationDerivative,
  shifted,
  missingTerm,
];

/** A Jacobian larger than this is not computed just to explain a failure. */
const LARGEST_JACOBIAN = 2 ** 21;

/** The one mistake that would explain what a backward returns: never a guess, "unknown" when nothing fits. */
export async function findCause(
  replay: DoubleReplay,
  row: number,
  at: {
    readonly inputs: readonly Tensor[];
    readonly output: Tensor;
    readonly weights: Float64Array;
    readonly index: number;
  },
  given: Float64Array,
): Promise<Cause> {
  const { inputs, output, weights, index } = at;
  const unknown: Cause = { kind: "unknown", text: "no single mistake explains the difference" };
  const bad = given.filter((value) => !Number.isFinite(value));
  if (bad.length > 0) {
    const what = bad.every(Number.isNaN) ? "NaN" : "no finite number";
    return { kind: "unknown", text: `backward returns ${what} for ${bad.length} of ${given.length} elements` };
  }
  if (given.length * weights.length > LARGEST_JACOBIAN) return unknown;
  const jacobian = await jacobianOf(replay, row, inputs, index, output);
  const suspect: Suspect = {
    index,
    inputs,
    shape: inputs[index]!.shape,
    outputShape: output.shape,
    x: readElements(inputs[index]!),
    y: readElements(output),
    upstream: weights,
    given,
    truth: productWith(jacobian, weights),
    jacobian,
    tensorOf: (values, shape) => fromNumbers(values, shape, "float64"),
    productFor: async (cotangent) => {
      const products = await replay.product(
        row,
        inputs,
        output,
        fromNumbers(cotangent, output.shape, "float64"),
        (i) => i === index,
      );
      return products[index] ? readElements(products[index]) : new Float64Array(given.length);
    },
    truthAt: async (others, which) => {
      const [there] = (await replay.apply(row, [others])) as [Tensor];
      return productWith(await jacobianOf(replay, row, others, which, there), weights);
    },
  };
  for (const hypothesis of HYPOTHESES) {
    const cause = await hypothesis(suspect);
    if (cause !== null) return cause;
  }
  return unknown;
}

function productWith(jacobian: Float64Array, weights: Float64Array): Float64Array {
  const outputs = weights.length;
  const product = new Float64Array(jacobian.length / outputs);
  for (let e = 0; e < product.length; e++) {
    let sum = 0;
    for (let k = 0; k < outputs; k++) sum += jacobian[e * outputs + k]! * weights[k]!;
    product[e] = sum;
  }
  return product;
}
