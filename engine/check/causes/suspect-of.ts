import { jacobianOf } from "../difference/jacobian.ts";
import { chooseElements } from "../replay/elements.ts";
import type { ExaminedOp } from "./examined-op.ts";
import { coordinates, largest, productWith, type Operand, type Sized, type Suspect } from "./suspect.ts";

/** A Jacobian larger than this is not computed just to explain a failure; some of its rows are. */
export const LARGEST_JACOBIAN = 2 ** 20;
/** Runs of a backward that are afforded to learn what it does with each element of the gradient from above. */
export const MOST_COLUMNS = 640;
/** How closely a hypothesis must explain a Function that is run in float64, and one that rounds to float32 inside. */
const TOLERANCE = 1e-6;
const COARSE_TOLERANCE = 2e-4;

/** Where a backward is wrong, and for which operand. */
export interface Fault {
  readonly weights: Float64Array;
  readonly index: number;
  /** Whether backward gave nothing for it. */
  readonly isNull: boolean;
  /** What was compared of it, that which is wrong most first. */
  readonly compared: readonly { readonly element: number; readonly analytic: number; readonly numeric: number }[];
}

/** What an op and one of its operands are called, and how large they are. */
export function sizedOf(op: ExaminedOp, index: number): Sized {
  const { name, shape, values } = op.operands[index]!;
  return {
    name,
    shape,
    outputShape: op.parts.length > 1 ? [] : op.outputShape,
    x: values,
    y: op.output,
    others: op.operands.filter((other, i) => i !== index && other.isFloating),
  };
}

/** What is known of an op's wrong product for one operand: of all its elements, or of some where they are too many. */
export async function suspectOf(op: ExaminedOp, { weights, index }: Fault, given: Float64Array): Promise<Suspect> {
  const operand = op.operands[index]!;
  const columns = weights.length;
  const isWhole = given.length * columns <= LARGEST_JACOBIAN;
  const elements = isWhole
    ? Array.from(given.keys())
    : chooseElements(given, Math.max(8, Math.min(64, Math.floor(LARGEST_JACOBIAN / columns))));
  const pick = (values: Float64Array): Float64Array =>
    isWhole ? values : Float64Array.from(elements, (element) => values[element]!);
  const jacobian = await jacobianOf(op, index, elements);
  const productFor = async (cotangent: Float64Array): Promise<Float64Array> => {
    const product = await op.product(index, cotangent);
    return product ? pick(product) : new Float64Array(elements.length);
  };
  const picked = pick(given);
  const others = op.operands.flatMap((other, i): Operand[] => {
    if (i === index || !other.isFloating) return [];
    const theirs = async (): Promise<Float64Array | null> => {
      const size = other.values.length;
      if (size !== elements.length || size * columns > LARGEST_JACOBIAN) return null;
      return (await jacobianOf(op, i, elements)).values;
    };
    const given = (): Promise<Float64Array | null> => op.product(i, weights);
    return [{ name: other.name, shape: other.shape, values: other.values, jacobian: theirs, given }];
  });
  return {
    name: operand.name,
    shape: isWhole ? operand.shape : [elements.length],
    outputShape: op.parts.length > 1 ? [] : op.outputShape,
    x: pick(operand.values),
    y: op.output,
    others,
    upstream: weights,
    given: picked,
    truth: productWith(jacobian.values, weights),
    jacobian: jacobian.values,
    known: jacobian.known,
    returned: await returnedMatrix(picked, weights, productFor),
    tolerance: op.isCoarse ? COARSE_TOLERANCE : TOLERANCE,
    ...(!isWhole && {
      isSample: true as const,
      whole: sizedOf(op, index),
      placeOf: (e: number) => coordinates(operand.shape, elements[e]!),
    }),
    productFor,
  };
}

/** What backward makes of each element of the gradient from above, at `element * columns + column`. */
async function returnedMatrix(
  given: Float64Array,
  weights: Float64Array,
  productFor: (cotangent: Float64Array) => Promise<Float64Array>,
): Promise<Float64Array | null> {
  const columns = weights.length;
  if (columns > MOST_COLUMNS) return null;
  const offset = await productFor(new Float64Array(columns));
  const returned = new Float64Array(given.length * columns);
  for (let k = 0; k < columns; k++) {
    // The size that the whole has: a backward that clips is not to be seen in another range.
    const single = new Float64Array(columns);
    single[k] = weights[k]!;
    const product = await productFor(single);
    for (let e = 0; e < given.length; e++) {
      returned[e * columns + k] = (product[e]! - offset[e]!) / weights[k]!;
    }
  }
  // A backward that is not linear has no matrix.
  const again = productWith(returned, weights);
  const size = Math.max(largest(given), largest(again));
  const isLinear = given.every((value, e) => Math.abs(value - offset[e]! - again[e]!) <= 1e-5 * size);
  return isLinear && largest(offset) <= 1e-6 * size ? returned : null;
}
