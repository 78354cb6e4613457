import type { CheckRow } from "../../engine/protocol/check.ts";
import { EVIDENCE } from "../../engine/protocol/check.ts";
import type { NodeStatistics } from "../../engine/protocol/graph.ts";
import { decadesOf, logPosition, type LogRange } from "../ui/color-scale.ts";
import { formatNumber, formatPercent } from "../ui/format.ts";

export type OverlayName = "gradient norm" | "value norm" | "update ratio" | "zeros" | "FD error";
export const OVERLAYS: readonly OverlayName[] = ["gradient norm", "value norm", "update ratio", "zeros", "FD error"];

/** What colours the cards: a number per node, where it stands on the scale, and how to write it. */
export interface Overlay {
  readonly name: OverlayName;
  readonly title: string;
  /** True when a node's number only exists once the backward pass has reached it. */
  readonly needsGradient: boolean;
  readonly ticks: readonly string[];
  readonly value: (node: number) => number;
  /** 0 … 1 along the scale. */
  readonly position: (value: number) => number;
  readonly format: (value: number) => string;
}

/** The overlay of a pass. Ranges are the pass's own, rounded to decades, so that colours do not change on a step. */
export function overlayOf(name: OverlayName, statistics: NodeStatistics | null, rows: readonly CheckRow[]): Overlay {
  switch (name) {
    case "gradient norm":
      return logOverlay(name, "Gradient norm, this pass", true, statistics?.gradNorm, (x) => `‖∇‖ ${formatNumber(x)}`);
    case "value norm":
      return logOverlay(name, "Value norm, this pass", false, statistics?.valueNorm, (x) => `‖x‖ ${formatNumber(x)}`);
    case "update ratio":
      return logOverlay(name, "Update over weight", true, statistics?.updateRatio, (x) => `Δ/w ${formatNumber(x)}`);
    case "zeros":
      return {
        name,
        title: "Zeros in the gradient",
        needsGradient: true,
        ticks: ["0 %", "50 %", "100 %"],
        value: (node) => statistics?.gradZeros[node] ?? NaN,
        position: (value) => (Number.isNaN(value) ? 0 : value),
        format: (value) => `0: ${formatPercent(value)}`,
      };
    case "FD error": {
      const errors = new Map<number, number>();
      for (const row of rows) {
        if (row.node === null) continue;
        const error = row.evidence[EVIDENCE.relError] ?? NaN;
        errors.set(row.node, Math.max(errors.get(row.node) ?? 0, error));
      }
      const range = decadesOf(errors.values());
      return {
        ...logOverlay(name, "Relative error against FD", false, [...errors.values()], (x) => `err ${formatNumber(x)}`),
        value: (node) => errors.get(node) ?? NaN,
        position: (value) => logPosition(value, range),
      };
    }
  }
}

function logOverlay(
  name: OverlayName,
  title: string,
  needsGradient: boolean,
  column: ArrayLike<number> | undefined,
  format: (value: number) => string,
): Overlay {
  const range = decadesOf(column ? Array.from(column) : []);
  return {
    name,
    title,
    needsGradient,
    ticks: ticksOf(range),
    value: (node) => column?.[node] ?? NaN,
    position: (value) => logPosition(value, range),
    format,
  };
}

/** At most four powers of ten, evenly apart where the range allows, always both ends. */
export function ticksOf({ low, high }: LogRange): string[] {
  const decades = high - low;
  const step = decades % 3 === 0 ? decades / 3 : decades % 2 === 0 ? decades / 2 : decades;
  const ticks: string[] = [];
  for (let exponent = low; exponent <= high; exponent += step) ticks.push(decade(exponent));
  return ticks;
}

function decade(exponent: number): string {
  if (exponent >= -1 && exponent <= 3) return String(Number((10 ** exponent).toPrecision(1)));
  return `1e${String(exponent).replace("-", "−")}`;
}
