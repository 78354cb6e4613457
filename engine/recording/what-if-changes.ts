import type { NodeStatistics } from "../protocol/graph.ts";
import type { WhatIf, WhatIfElements } from "../protocol/what-if.ts";
import { numberText } from "./number-text.ts";

/** What became of a node's value or gradient: the element of a scalar, the norm of any other tensor. */
export interface WhatIfChange {
  readonly plane: "value" | "gradient";
  readonly isNorm: boolean;
  readonly before: number;
  readonly after: number;
}

/** What is run again is run in float64: a difference of this share is that of the recorded dtype's rounding. */
const ROUNDING = 1e-5;

/** The numbers of a node that the edits change, value before gradient; none where all is as recorded. */
export function changesOf(
  node: number,
  { valueNorm, gradNorm, elements }: WhatIf,
  statistics: NodeStatistics,
): WhatIfChange[] {
  const single = elements.find((one) => one.node === node && one.value.length === 1);
  const changes: WhatIfChange[] = [];
  for (const plane of ["value", "gradient"] as const) {
    const change = single
      ? scalarChange(plane, single, statistics)
      : {
          plane,
          isNorm: true,
          before: (plane === "value" ? statistics.valueNorm : statistics.gradNorm)[node] ?? NaN,
          after: (plane === "value" ? valueNorm : gradNorm)[node] ?? NaN,
        };
    if (differs(change)) changes.push(change);
  }
  return changes;
}

function scalarChange(plane: WhatIfChange["plane"], one: WhatIfElements, statistics: NodeStatistics): WhatIfChange {
  const before = (plane === "value" ? statistics.valueItem : statistics.gradItem)[one.node] ?? NaN;
  return { plane, isNorm: false, before, after: one[plane]?.[0] ?? NaN };
}

function differs({ before, after }: WhatIfChange): boolean {
  if (Number.isNaN(before) || Number.isNaN(after)) return Number.isNaN(before) !== Number.isNaN(after);
  return Math.abs(after - before) > ROUNDING * Math.max(Math.abs(before), Math.abs(after), 1e-12);
}

/** "2 → 3", "‖∇‖ 0.5 → 0.7". */
export function changeText(change: WhatIfChange): string {
  const of = change.plane === "gradient" ? "∇" : "";
  const what = change.isNorm ? `‖${of || "·"}‖ ` : of === "" ? "" : `${of} `;
  return `${what}${numberText(change.before)} → ${numberText(change.after)}`;
}
