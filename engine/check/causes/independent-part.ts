import { jacobianOf } from "../difference/jacobian.ts";
import { chooseElements } from "../replay/elements.ts";
import { outputsOf, type ExaminedOp, type ExaminedOperand, type OutputPart } from "./examined-op.ts";
import { coordinates, flatIndex, largest } from "./suspect.ts";

/** Elements whose derivatives show along which axes an op works on each index by itself. */
const SAMPLE = 10;
/** As many elements as a part has at most, of the operand and of the result. */
const MOST_ELEMENTS = 192;
/** Indices that are kept along an axis, so that its order can be seen. */
const FEWEST_KEPT = 3;
/** A derivative that is smaller, as a share of the largest, is none. */
const NONE = 1e-8;
/** How closely the part's backward must be that of the whole. */
const TOLERANCE = 1e-5;

/** A part of an op that the rest has no say in: the op of its first rows, say. */
export interface IndependentPart {
  readonly op: ExaminedOp;
  readonly weights: Float64Array;
  readonly given: Float64Array;
}

/**
 * The first indices along axes that an op treats one by one, as rows of a batch: small enough to be examined whole. The
 * operand and the result must have the axis in the same place, and backward must treat its indices one by one as well.
 * @returns null where there is no such axis, or what is kept is still large
 */
export async function independentPart(
  op: ExaminedOp,
  index: number,
  weights: Float64Array,
  given: Float64Array,
): Promise<IndependentPart | null> {
  const { shape } = op.operands[index]!;
  const kept = keptOf(shape, outputsOf(op), await independentAxes(op, index, given));
  if (kept === null) return null;
  const elements = elementsOf(shape, kept);
  const outputs = outputsOf(op).flatMap((output) => elementsOf(output.shape, kept).map((at) => output.start + at));
  const part = partOf(op, index, kept, elements, outputs);
  const own = pick(weights, outputs);
  const [whole, alone] = [pick(given, elements), await part.product(index, own)];
  const close = TOLERANCE * largest(whole);
  if (alone === null || !whole.every((value, e) => Math.abs(value - alone[e]!) <= close)) return null;
  return { op: part, weights: own, given: alone };
}

/** Axes at the same place of operand and result along which no element reaches another index. */
async function independentAxes(op: ExaminedOp, index: number, given: Float64Array): Promise<readonly number[]> {
  const { shape } = op.operands[index]!;
  const elements = chooseElements(given, SAMPLE);
  const { values } = await jacobianOf(op, index, elements);
  const columns = op.output.length;
  const small = NONE * largest(values);
  const outputs = outputsOf(op);
  const isShared = (size: number, axis: number): boolean =>
    size > 1 && outputs.every((output) => output.shape[axis] === size);
  const axes = new Set(shape.flatMap((size, axis) => (isShared(size, axis) ? [axis] : [])));
  for (const [i, element] of elements.entries()) {
    const from = coordinates(shape, element);
    for (const output of outputs) {
      for (let k = 0; k < output.count; k++) {
        if (Math.abs(values[i * columns + output.start + k]!) <= small) continue;
        const to = coordinates(output.shape, k);
        for (const axis of axes) if (from[axis] !== to[axis]) axes.delete(axis);
      }
    }
  }
  return [...axes];
}

/** How many of the first indices are kept along each axis; null where too many elements are left. */
function keptOf(
  shape: readonly number[],
  outputs: readonly OutputPart[],
  axes: readonly number[],
): ReadonlyMap<number, number> | null {
  const kept = new Map(axes.map((axis) => [axis, shape[axis]!]));
  const sizeOf = (sizes: readonly number[]): number =>
    sizes.reduce((product, size, axis) => product * (kept.get(axis) ?? size), 1);
  const outputSize = (): number => outputs.reduce((sum, output) => sum + sizeOf(output.shape), 0);
  while (sizeOf(shape) > MOST_ELEMENTS || outputSize() > MOST_ELEMENTS) {
    const [axis, size] = [...kept].toSorted(([, a], [, b]) => b - a)[0] ?? [-1, 0];
    if (size <= FEWEST_KEPT) return null;
    kept.set(axis, Math.max(FEWEST_KEPT, size >> 1));
  }
  return kept;
}

/** The flat elements of a shape whose indices are all kept. */
function elementsOf(shape: readonly number[], kept: ReadonlyMap<number, number>): number[] {
  const sizes = shape.map((size, axis) => kept.get(axis) ?? size);
  const count = sizes.reduce((product, size) => product * size, 1);
  return Array.from({ length: count }, (_, flat) => flatIndex(shape, coordinates(sizes, flat)));
}

function partOf(
  op: ExaminedOp,
  index: number,
  kept: ReadonlyMap<number, number>,
  elements: readonly number[],
  outputs: readonly number[],
): ExaminedOp {
  const { shape } = op.operands[index]!;
  const parts = op.operands.map((operand, i) => (i === index ? elements : elementsLike(operand, shape, kept)));
  const sliced = (sizes: readonly number[]): readonly number[] => sizes.map((size, axis) => kept.get(axis) ?? size);
  const slicedParts: OutputPart[] = [];
  for (const part of op.parts) {
    const start = slicedParts.reduce((sum, { count }) => sum + count, 0);
    slicedParts.push({ ...part, shape: sliced(part.shape), start, count: elementsOf(part.shape, kept).length });
  }
  return {
    ...op,
    parts: slicedParts,
    operands: op.operands.map((operand, i) => {
      const own = parts[i];
      if (!own) return operand;
      const lead = i === index ? 0 : shape.length - operand.shape.length;
      const sizes = operand.shape.map((size, axis) =>
        size === shape[axis + lead] ? (kept.get(axis + lead) ?? size) : size,
      );
      return { ...operand, shape: sizes, values: pick(operand.values, own) };
    }),
    output: pick(op.output, outputs),
    outputShape: op.parts.length > 0 ? op.outputShape : sliced(op.outputShape),
    moved: async (operand, moves) => {
      const own = parts[operand];
      const whole = own ? moves.map(({ element, by }) => ({ element: own[element]!, by })) : moves;
      return (await op.moved(operand, whole)).map((results) => pick(results, outputs));
    },
    product: async (operand, cotangent) => {
      const whole = new Float64Array(op.output.length);
      outputs.forEach((at, k) => (whole[at] = cotangent[k]!));
      const product = await op.product(operand, whole);
      const own = parts[operand];
      return product && (own ? pick(product, own) : product);
    },
  };
}

/** The elements that an operand has in the part, where it has the operand's axes, or is broadcast to it. */
function elementsLike(
  operand: ExaminedOperand,
  shape: readonly number[],
  kept: ReadonlyMap<number, number>,
): readonly number[] | null {
  const lead = shape.length - operand.shape.length;
  if (lead < 0 || operand.shape.some((size, axis) => size !== 1 && size !== shape[axis + lead])) return null;
  const own = new Map<number, number>();
  for (const [axis, size] of kept) if (operand.shape[axis - lead]! > 1) own.set(axis - lead, size);
  return elementsOf(operand.shape, own);
}

function pick(values: Float64Array, at: readonly number[]): Float64Array {
  return Float64Array.from(at, (index) => values[index]!);
}
