import { elementCount } from "../core/shape.ts";
import { readElement } from "../core/tensor.ts";
import type { Site } from "../protocol/site.ts";
import type { PassView } from "./pass-view.ts";

/** One of the scalars that a loss is the sum of. */
export interface Addend {
  readonly row: number;
  readonly site: Site | null;
  readonly value: number;
  /** Nothing but parameters is behind it. */
  readonly isPenalty: boolean;
  /** What it is multiplied with. */
  readonly factor: number;
  /** Whether its elements were summed up, none of them averaged. */
  readonly isSum: boolean;
  /** An exponential and a square of learned values, as the divergence of a normal distribution has. */
  readonly isDivergence: boolean;
}

/** The scalars that the first root of a pass is the sum of; itself where it is no sum. */
export function addendsOf(view: PassView): readonly Addend[] {
  const [root] = view.pass.roots;
  if (root === undefined) return [];
  const rows: number[] = [];
  const visit = (row: number): void => {
    const scalars = view.inputs(row).filter((input) => view.shape(input).length === 0 && view.isOp(input));
    if (view.is(row, "add", "subtract") && scalars.length > 0 && scalars.length === view.inputs(row).length)
      scalars.forEach(visit);
    else rows.push(row);
  };
  visit(root);
  return rows.map((row) => describe(view, row));
}

function describe(view: PassView, row: number): Addend {
  const { dtype, offset, shape } = view.value(row);
  let factor = 1;
  let at = row;
  while (view.is(at, "multiply", "divide", "negate") && view.inputs(at).length === 1) {
    const number = view.number(at);
    if (view.is(at, "multiply")) factor *= number;
    else if (view.is(at, "divide") && !view.isNumberFirst(at)) factor /= number;
    at = view.inputs(at)[0]!;
  }
  const behind = [...view.behind(row)];
  // A constant number is where a sum began.
  const operands = behind.filter((one) => !view.isOp(one) && (view.isLive(one) || elementCount(view.shape(one)) > 1));
  const own = behind.filter((one) => view.isOp(one) && !view.is(one, "linear", "convolution"));
  return {
    row,
    site: view.callSite(row),
    value: shape.length === 0 ? readElement(dtype, offset) : Number.NaN,
    isPenalty: operands.length > 0 && operands.every((one) => view.isParameter(one)),
    factor: Math.abs(factor),
    isSum: view.is(at, "sum") && !own.some((one) => view.is(one, "mean")),
    isDivergence:
      own.some((one) => view.is(one, "exponential")) &&
      own.some((one) => view.is(one, "square", "power", "multiply")) &&
      operands.every(
        (one) => view.isLive(one) || view.consumers(one).some((consumer) => view.is(consumer, "linear", "convolution")),
      ),
  };
}
