import type { Pass } from "../../autograd/pass.ts";
import { NodeKind } from "../../protocol/graph.ts";
import { EXCEPTION_FILTERS, type ExceptionFilter } from "../../protocol/breakpoints.ts";
import { runtime } from "../../runtime.ts";
import type { View } from "../../tensor/view.ts";
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
      return firstOnly(notFinite(pass, "forward"));
    case "not-finite-backward":
      return firstOnly(notFinite(pass, "backward"));
    case "exploding":
      return byNorm(pass, (norm) => norm > limit(filter, threshold), `above ${limit(filter, threshold)}`);
    case "vanishing":
      return byNorm(pass, (norm) => norm > 0 && norm < limit(filter, threshold), `below ${limit(filter, threshold)}`);
    case "all-zero":
      return byNorm(pass, (norm) => norm === 0, "zero everywhere");
    case "no-gradient":
      return withoutGradient(pass);
    case "uncaught":
    case "mismatch":
      return [];
  }
}

function limit(filter: ExceptionFilter, threshold: number | null): number {
  return threshold ?? EXCEPTION_FILTERS.find((one) => one.filter === filter)?.threshold ?? 0;
}

/** The first op that made what is not finite is the cause; all that follow only pass it on. */
function firstOnly(rows: Unhealthy[]): Unhealthy[] {
  return rows.slice(0, 1);
}

function notFinite(pass: Pass, phase: "forward" | "backward"): Unhealthy[] {
  const { rows } = pass.tape;
  for (let step = 0; step < rows; step++) {
    const row = phase === "forward" ? step : rows - 1 - step;
    const view = phase === "forward" ? valueView(pass, row) : gradientView(pass, row);
    if (!view || isFinite(view)) continue;
    return [{ phase, row, text: `${phase === "forward" ? "the value" : "the gradient"} is not finite` }];
  }
  return [];
}

/** A sum is not finite exactly when an element is not, but for sums beyond the range: those are looked at closely. */
function isFinite(view: View): boolean {
  if (view.dtype === "int64" || view.dtype === "bool") return true;
  const { nans, positiveInfinities, negativeInfinities } = runtime.kernels.statistics(view);
  return nans + positiveInfinities + negativeInfinities === 0;
}

function byNorm(pass: Pass, holds: (norm: number) => boolean, text: string): Unhealthy[] {
  const found: Unhealthy[] = [];
  for (let row = pass.tape.rows - 1; row >= 0; row--) {
    const view = gradientView(pass, row);
    if (!view) continue;
    const { norm } = runtime.kernels.statistics(view);
    if (holds(norm)) found.push({ phase: "backward", row, text: `gradient norm ${norm.toPrecision(3)}: ${text}` });
  }
  return found;
}

function withoutGradient(pass: Pass): Unhealthy[] {
  const found: Unhealthy[] = [];
  for (let row = 0; row < pass.tape.rows; row++) {
    if (pass.tape.kind(row) !== NodeKind.parameter || pass.tape.gradient(row) !== 0) continue;
    found.push({ phase: "forward", row, text: "this parameter got no gradient" });
  }
  return found;
}
