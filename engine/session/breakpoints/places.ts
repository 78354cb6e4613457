import type { Breakpoint, DataBreakpoint, FunctionBreakpoint, LineBreakpoint } from "../../protocol/breakpoints.ts";
import type { ReadablePass } from "../../reading/readable-pass.ts";
import { opNameOf } from "../../recording/node-names.ts";
import { unhealthyRows } from "./health.ts";
import { namePattern } from "./name-pattern.ts";

/** A place of the pass that a breakpoint is about, before its condition is asked. */
export interface Place {
  readonly phase: "forward" | "backward";
  readonly row: number;
  readonly text: string;
}

/** A breakpoint, and the norm that its condition is where it is only a number. */
interface Thresholded {
  readonly breakpoint: Breakpoint;
  readonly threshold: number | null;
}

/**
 * All places of a pass that a breakpoint is about.
 * @param sitesOn the ids of the sites that a line breakpoint means
 */
export function placesOf(
  { breakpoint, threshold }: Thresholded,
  pass: ReadablePass,
  sitesOn: (breakpoint: LineBreakpoint) => ReadonlySet<number>,
): Place[] {
  switch (breakpoint.kind) {
    case "line":
      return onLine(breakpoint, pass, sitesOn(breakpoint));
    case "function":
      return inFunction(breakpoint, pass);
    case "data":
      return ofData(breakpoint, pass);
    case "exception":
      return unhealthyRows(pass, breakpoint.filter, threshold);
  }
}

function onLine({ phase }: LineBreakpoint, pass: ReadablePass, ids: ReadonlySet<number>): Place[] {
  if (ids.size === 0) return [];
  const places: Place[] = [];
  // In the order of the backward pass, in which most stop.
  for (let row = pass.rows - 1; row >= 0; row--) {
    if (!ids.has(pass.siteIndex(row)) || !pass.isOp(row)) continue;
    if (phase !== "backward") places.push({ phase: "forward", row, text: "" });
    if (phase !== "forward" && pass.ranBackward(row)) places.push({ phase: "backward", row, text: "" });
  }
  return places;
}

function inFunction({ name }: FunctionBreakpoint, pass: ReadablePass): Place[] {
  const fits = namePattern(name);
  const scopes = pass.scopes.map((scope) => fits(scope.path) || fits(scope.type) || fits(scope.name));
  const entered = new Set<number>();
  const places: Place[] = [];
  for (let row = pass.rows - 1; row >= 0; row--) {
    if (!pass.isOp(row) || !pass.ranBackward(row)) continue;
    let stops = fits(opNameOf(pass, row));
    for (let scope = pass.scope(row); scope >= 0; scope = pass.scopes[scope]?.parent ?? -1) {
      // A module is stopped in where the pass enters it.
      if (!scopes[scope] || entered.has(scope)) continue;
      entered.add(scope);
      stops = true;
    }
    if (stops) places.push({ phase: "backward", row, text: "" });
  }
  return places;
}

function ofData({ name }: DataBreakpoint, pass: ReadablePass): Place[] {
  const places: Place[] = [];
  for (let row = 0; row < pass.rows; row++) {
    const label = pass.label(row);
    if (label !== name && !label.endsWith(`.${name}`) && !name.endsWith(`.${label || "\0"}`)) continue;
    if (pass.holds(row, "gradient"))
      places.push({ phase: "backward", row, text: `the gradient of ${label} is written` });
  }
  return places;
}
