import type { Tensor } from "../core/tensor.ts";
import { readElements } from "../core/elements.ts";

/** How far one step moved one parameter. */
export interface UpdateSample {
  readonly parameter: number;
  /** Which step of its optimizer, from 1. */
  readonly step: number;
  /** Norms of the change, and of the parameter before it. */
  readonly update: number;
  readonly weight: number;
}

/** Steps that are measured: early ones one by one, later ones ever more rarely. */
export function isMeasured(step: number): boolean {
  return step <= 3 || MEASURED.has(step);
}

const MEASURED = new Set(
  [1, 2, 5].flatMap((digit) => [5, 10, 100, 1000, 10_000, 100_000].map((power) => digit * power)),
);

/** The elements of a parameter before a step, to be compared with those after it. */
export interface Before {
  readonly parameter: number;
  readonly tensor: Tensor;
  readonly elements: Float64Array;
}

export function before(parameter: number, tensor: Tensor): Before {
  return { parameter, tensor, elements: readElements(tensor) };
}

export function updateSince({ parameter, tensor, elements }: Before, step: number): UpdateSample {
  const now = readElements(tensor);
  let [update, weight] = [0, 0];
  for (let i = 0; i < now.length; i++) {
    update += (now[i]! - elements[i]!) ** 2;
    weight += elements[i]! ** 2;
  }
  return { parameter, step, update: Math.sqrt(update), weight: Math.sqrt(weight) };
}
