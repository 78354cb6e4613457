import type { Pass } from "../../autograd/pass.ts";
import { TapeColumn } from "../../autograd/tape.ts";
import { NodeKind } from "../../protocol/graph.ts";
import { EXCEPTION_FILTERS, type ExceptionFilter } from "../../protocol/breakpoints.ts";
import type { DType } from "../../protocol/dtype.ts";
import { runtime } from "../../core/runtime.ts";
import { Tensor } from "../../core/tensor.ts";
import type { View } from "../../core/view.ts";
import { badElementText, elementAt, firstBadElement, inputsText, numberText } from "./not-finite.ts";
import { labelName, rowTitle } from "./row-names.ts";
import { gradientView, valueView } from "./row-views.ts";

export interface Unhealthy {
  readonly phase: "forward" | "backward";
  readonly row: number;
  readonly text: string;
}

/** Rows of a pass that a filter stops at, in the order in which the pass runs. */
export function unhealthyRows(pass: Pass, filter: ExceptionFilter, threshold: number | null): Unhealthy[] {
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
    // Whoever runs a pass sees that it throws; the inspector compares while the user thread stands still (mismatch.ts).
    case "uncaught":
    case "mismatch":
      return [];
  }
}

function limit(filter: ExceptionFilter, threshold: number | null): number {
  return threshold ?? EXCEPTION_FILTERS.find((one) => one.filter === filter)?.threshold ?? 0;
}

/** The first op that made what is not finite is the cause; all that follow only pass it on. */
function firstNotFinite(pass: Pass): Unhealthy[] {
  for (let row = 0; row < pass.tape.rows; row++) {
    const value = valueView(pass, row);
    const bad = isFinite(value) || isMask(pass, row, value) ? null : firstBadElement(value);
    if (!bad) continue;
    const inputs = inputsText(pass, row, bad.index);
    const text = `the value of ${rowTitle(pass, row)} [${value.shape.join(", ")}] is ${badElementText(bad)}`;
    return [{ phase: "forward", row, text: inputs ? `${text}; inputs: ${inputs}` : text }];
  }
  return [];
}

/**
 * Whether infinity is there on purpose: as a constant that is added to scores, as the number that `maskedFill` puts in,
 * or passed on from there.
 */
function isMask(pass: Pass, row: number, value: View): boolean {
  const { tape } = pass;
  const { nans, positiveInfinities } = runtime.kernels.statistics(value);
  if (nans > 0) return false;
  if (tape.kind(row) === NodeKind.constant) return positiveInfinities === 0;
  const attributes = pass.tables.attributes[tape.get(row, TapeColumn.attributes)] ?? {};
  if (Object.values(attributes).some((one) => one === Infinity || one === -Infinity)) return true;
  return tape.inputs(row).some((input) => !isFinite(valueView(pass, input)));
}

/**
 * The op that turned a finite gradient into one that is not: zero times infinity at a masked element, say. Where what
 * came in was not finite either, the row itself.
 */
function firstSpoiler(pass: Pass): Unhealthy[] {
  const { tape } = pass;
  for (let row = tape.rows - 1; row >= 0; row--) {
    const gradient = gradientView(pass, row);
    if (!gradient || isFinite(gradient)) continue;
    for (let consumer = tape.rows - 1; consumer > row; consumer--) {
      if (!tape.ranBackward(consumer) || !tape.inputs(consumer).includes(row)) continue;
      const incoming = gradientView(pass, consumer);
      if (!incoming || !isFinite(incoming)) continue;
      const to = labelName(pass, row) || "its input";
      const bad = firstBadElement(gradient);
      const index = bad?.index ?? [];
      const own = elementAt(incoming, index);
      const text =
        `${rowTitle(pass, consumer)} passes on to ${to} [${gradient.shape.join(", ")}] a gradient that is ` +
        `${bad ? badElementText(bad) : "not finite"}; ` +
        `${own === null ? "" : `its own gradient is ${numberText(own)} there; `}inputs: ${inputsText(pass, consumer, index)}`;
      return [{ phase: "backward", row: consumer, text }];
    }
    return [{ phase: "backward", row, text: `the gradient of ${rowTitle(pass, row)} is not finite` }];
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
  pass: Pass,
  holds: (norm: number) => boolean,
  textOf: (title: string, norm: number) => string,
): Unhealthy[] {
  const found: Unhealthy[] = [];
  for (let row = pass.tape.rows - 1; row >= 0; row--) {
    const view = gradientView(pass, row);
    if (!view) continue;
    const { norm } = runtime.kernels.statistics(view);
    if (holds(norm)) found.push({ phase: "backward", row, text: textOf(rowTitle(pass, row), norm) });
  }
  return found;
}

function normText(bound: string): (title: string, norm: number) => string {
  return (title, norm) => `the gradient norm of ${title}, ${norm.toPrecision(3)}, is ${bound}`;
}

function withoutGradient(pass: Pass): Unhealthy[] {
  const found: Unhealthy[] = [];
  for (let row = 0; row < pass.tape.rows; row++) {
    if (pass.tape.kind(row) !== NodeKind.parameter || pass.tape.gradient(row) !== 0) continue;
    found.push({ phase: "forward", row, text: `${rowTitle(pass, row)} got no gradient` });
  }
  return found;
}
