import { NodeKind } from "../../protocol/graph.ts";
import { EXCEPTION_FILTERS, type ExceptionFilter } from "../../protocol/breakpoints.ts";
import type { DType } from "../../protocol/dtype.ts";
import { runtime } from "../../core/runtime.ts";
import { Tensor } from "../../core/tensor.ts";
import type { View } from "../../core/view.ts";
import { badElementText, elementAt, firstBadElement, inputsText } from "./not-finite.ts";
import type { ReadablePass } from "../../reading/readable-pass.ts";
import { nameOf, titleOf } from "../../recording/node-names.ts";
import { roundedText } from "../../recording/number-text.ts";

export interface Unhealthy {
  readonly phase: "forward" | "backward";
  readonly row: number;
  readonly text: string;
}

/** Rows of a pass that a filter stops at, in the order in which the pass runs. */
export function unhealthyRows(pass: ReadablePass, filter: ExceptionFilter, threshold: number | null): Unhealthy[] {
  switch (filter) {
    case "not-finite-forward":
      return firstNotFinite(pass);
    case "not-finite-backward":
      return firstSpoiler(pass);
    case "exploding":
      return byNorm(pass, (norm) => norm > limit(filter, threshold), normText(`above ${limit(filter, threshold)}`));
    case "vanishing":
      return byNorm(
        pass,
        (norm) => norm > 0 && norm < limit(filter, threshold),
        normText(`below ${limit(filter, threshold)}`),
      );
    case "all-zero":
      return byNorm(
        pass,
        (norm) => norm === 0,
        (title) => `the gradient of ${title} is zero everywhere`,
      );
    case "no-gradient":
      return withoutGradient(pass);
    // Whoever runs a pass sees that it throws; the examiner compares while the user thread stands still (mismatch.ts).
    case "uncaught":
    case "mismatch":
      return [];
  }
}

function limit(filter: ExceptionFilter, threshold: number | null): number {
  return threshold ?? EXCEPTION_FILTERS.find((one) => one.filter === filter)?.threshold ?? 0;
}

/** The first op that made what is not finite is the cause; all that follow only pass it on. */
function firstNotFinite(pass: ReadablePass): Unhealthy[] {
  for (let row = 0; row < pass.rows; row++) {
    if (!pass.holds(row, "value")) continue;
    const value = pass.value(row);
    const bad = isFinite(value) || isMask(pass, row, value) ? null : firstBadElement(value);
    if (!bad) continue;
    const inputs = inputsText(pass, row, bad.index);
    const text = `the value of ${titleOf(pass, row)} [${value.shape.join(", ")}] is ${badElementText(bad)}`;
    return [{ phase: "forward", row, text: inputs ? `${text}; inputs: ${inputs}` : text }];
  }
  return [];
}

/**
 * Whether infinity is there on purpose: as a constant that is added to scores, as the number that `maskedFill` puts in,
 * or passed on from there.
 */
function isMask(pass: ReadablePass, row: number, value: View): boolean {
  const { nans, positiveInfinities } = runtime.kernels.statistics(value);
  if (nans > 0) return false;
  if (pass.nodeKind(row) === NodeKind.constant) return positiveInfinities === 0;
  if (Object.values(pass.attributes(row)).some((one) => one === Infinity || one === -Infinity)) return true;
  return pass.inputs(row).some((input) => pass.holds(input, "value") && !isFinite(pass.value(input)));
}

/**
 * The op that turned a finite gradient into one that is not: zero times infinity at a masked element, say. Where what
 * came in was not finite either, the row itself.
 */
function firstSpoiler(pass: ReadablePass): Unhealthy[] {
  for (let row = pass.rows - 1; row >= 0; row--) {
    const gradient = pass.gradient(row);
    if (!gradient || isFinite(gradient)) continue;
    for (const edge of pass.schedule.edgesTo(row).toReversed()) {
      const consumer = pass.schedule.edgeOwner[edge]!;
      if (!pass.ranBackward(consumer)) continue;
      const incoming = pass.gradient(consumer);
      if (!incoming || !isFinite(incoming)) continue;
      const to = nameOf(pass, row);
      const bad = firstBadElement(gradient);
      const index = bad?.index ?? [];
      const own = elementAt(incoming, index);
      const text =
        `${titleOf(pass, consumer)} passes on to ${to} [${gradient.shape.join(", ")}] a gradient that is ` +
        `${bad ? badElementText(bad) : "not finite"}; ` +
        `${own === null ? "" : `its own gradient is ${roundedText(own)} there; `}inputs: ${inputsText(pass, consumer, index)}`;
      return [{ phase: "backward", row: consumer, text }];
    }
    return [{ phase: "backward", row, text: `the gradient of ${titleOf(pass, row)} is not finite` }];
  }
  return [];
}

/** Where sums go; one for each dtype, made once. */
const sums = new Map<DType, Tensor>();

function isFinite(view: View): boolean {
  if (view.dtype === "int64" || view.dtype === "bool") return true;
  const sum = sums.get(view.dtype) ?? Tensor.empty([], view.dtype);
  sums.set(view.dtype, sum);
  const axes = view.shape.map((_, axis) => axis);
  runtime.kernels.reduce("sum", view, axes, sum);
  // What is not finite makes the sum so. A sum may also leave the range by itself: then the elements are looked at.
  if (Number.isFinite(sum.item())) return true;
  const { nans, positiveInfinities, negativeInfinities } = runtime.kernels.statistics(view);
  return nans + positiveInfinities + negativeInfinities === 0;
}

function byNorm(
  pass: ReadablePass,
  holds: (norm: number) => boolean,
  textOf: (title: string, norm: number) => string,
): Unhealthy[] {
  const found: Unhealthy[] = [];
  for (let row = pass.rows - 1; row >= 0; row--) {
    const view = pass.gradient(row);
    if (!view) continue;
    const { norm } = runtime.kernels.statistics(view);
    if (holds(norm)) found.push({ phase: "backward", row, text: textOf(titleOf(pass, row), norm) });
  }
  return found;
}

function normText(bound: string): (title: string, norm: number) => string {
  return (title, norm) => `the gradient norm of ${title}, ${roundedText(norm)}, is ${bound}`;
}

function withoutGradient(pass: ReadablePass): Unhealthy[] {
  const found: Unhealthy[] = [];
  for (let row = 0; row < pass.rows; row++) {
    if (pass.nodeKind(row) !== NodeKind.parameter || pass.holds(row, "gradient")) continue;
    found.push({ phase: "forward", row, text: `${titleOf(pass, row)} got no gradient` });
  }
  return found;
}
