import { readElements } from "../../core/elements.ts";
import type { View } from "../../core/view.ts";
import type { ReadablePass } from "../../reading/readable-pass.ts";
import { titleOf } from "../../recording/node-names.ts";
import { roundedText } from "../../recording/number-text.ts";

/** Where a tensor is not finite first, and what it is there. */
export interface BadElement {
  readonly index: readonly number[];
  readonly value: number;
}

/** The first element, row-major, that is not finite; null when all are. */
export function firstBadElement(view: View): BadElement | null {
  const elements = readElements(view);
  const flat = elements.findIndex((value) => !Number.isFinite(value));
  return flat < 0 ? null : { index: indexOf(view.shape, flat), value: elements[flat]! };
}

/** "NaN at [1, 2]"; of a scalar "NaN". */
export function badElementText({ index, value }: BadElement): string {
  return index.length === 0 ? roundedText(value) : `${roundedText(value)} at [${index.join(", ")}]`;
}

/** "x [3] (0 there), w [3, 4]": each input of an op by shape, and its element at a place where it has one. */
export function inputsText(pass: ReadablePass, row: number, index: readonly number[]): string {
  return pass
    .inputs(row)
    .map((input) => {
      if (!pass.holds(input, "value")) return titleOf(pass, input);
      const view = pass.value(input);
      const title = `${titleOf(pass, input)} [${view.shape.join(", ")}]`;
      const value = elementAt(view, index);
      return value === null ? title : `${title} (${roundedText(value)} there)`;
    })
    .join(", ");
}

/** The element at an index; null where the tensor has another number of axes or is too small. */
export function elementAt(view: View, index: readonly number[]): number | null {
  const { shape } = view;
  if (shape.length !== index.length || index.some((at, axis) => at >= shape[axis]!)) return null;
  const flat = index.reduce((sum, at, axis) => sum * shape[axis]! + at, 0);
  return readElements(view)[flat] ?? null;
}

function indexOf(shape: readonly number[], flat: number): number[] {
  const index: number[] = [];
  let rest = flat;
  for (const size of [...shape].reverse()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}
