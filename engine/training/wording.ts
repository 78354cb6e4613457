import { nameOf } from "../recording/node-names.ts";
import type { PassView } from "./pass-view.ts";

/** [64, 10] */
export function describeShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** `logits [64, 10]`: the variable, else the op, and the shape. */
export function readingRow(view: PassView, row: number): string {
  return `${nameOf(view.pass, row)} ${describeShape(view.shape(row))}`;
}

/** "a, b and 3 more" */
export function listed(names: readonly string[], most = 4): string {
  const first = names.slice(0, most);
  const left = names.length - first.length;
  if (left > 0) return `${first.join(", ")} and ${left} more`;
  return first.length < 2 ? (first[0] ?? "") : `${first.slice(0, -1).join(", ")} and ${first.at(-1)}`;
}

/** "1 step", "3 steps" */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}
