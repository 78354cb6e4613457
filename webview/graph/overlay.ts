import { t } from "../../engine/language/translate.ts";
import type { CheckRow } from "../../engine/protocol/check.ts";
import { EVIDENCE } from "../../engine/protocol/check.ts";
import type { PassComparison } from "../../engine/protocol/comparison.ts";
import { differenceOfNode } from "../comparison/difference-text.ts";
import type { NodeStatistics, NodeTimes } from "../../engine/protocol/graph.ts";
import { decadesOf, logPosition, type LogRange } from "../ui/color-scale.ts";
import { bytesText, percentText } from "../../engine/recording/number-text.ts";
import { formatNumber, formatTime } from "../ui/format.ts";
import type { Group, Hierarchy } from "./group.ts";

export const OVERLAYS = [
  "gradient norm",
  "value norm",
  "update ratio",
  "zeros",
  "time",
  "memory",
  "FD error",
  "difference",
] as const;
export type OverlayName = (typeof OVERLAYS)[number];

/** What colours the cards: a number per node, where it stands on the scale, and how to write it. */
export interface Overlay {
  readonly name: OverlayName;
  readonly title: string;
  /** True when a node's number only exists once the backward pass has reached it. */
  readonly needsGradient: boolean;
  /** What speaks for a group: its last op's number, or the sum or the largest of all that is in it. */
  readonly ofGroup: "last" | "sum" | "largest";
  readonly ticks: readonly string[];
  readonly value: (node: number) => number;
  /** 0 … 1 along the scale. */
  readonly position: (value: number) => number;
  readonly format: (value: number) => string;
}

/** @property isAsked whether the times that are not there yet are on their way: nobody measures once the session is over. */
interface Timing {
  readonly times: NodeTimes | null;
  readonly isAsked: boolean;
}

/** The overlay of a pass. Ranges are the pass's own, rounded to decades, so that colours do not change on a step. */
export function overlayOf(
  name: OverlayName,
  statistics: NodeStatistics | null,
  { times, isAsked }: Timing,
  rows: readonly CheckRow[],
  comparison: PassComparison | null = null,
): Overlay {
  switch (name) {
    case "gradient norm":
      return logOverlay(
        name,
        t("Gradient norm, this pass"),
        true,
        statistics?.gradNorm,
        (x) => `‖∇‖ ${formatNumber(x)}`,
      );
    case "value norm":
      return logOverlay(
        name,
        t("Value norm, this pass"),
        false,
        statistics?.valueNorm,
        (x) => `‖x‖ ${formatNumber(x)}`,
      );
    case "update ratio":
      return {
        ...logOverlay(
          name,
          t("Last update over weight"),
          false,
          statistics?.updateRatio,
          (x) => `Δ/w ${formatNumber(x)}`,
        ),
        ofGroup: "largest",
      };
    case "zeros":
      return {
        name,
        title: t("Zeros in the gradient"),
        needsGradient: true,
        ofGroup: "last",
        ticks: ["0 %", "50 %", "100 %"],
        value: (node) => statistics?.gradZeros[node] ?? NaN,
        position: (value) => (Number.isNaN(value) ? 0 : value),
        format: (value) => `0: ${percentText(value)}`,
      };
    case "time": {
      const both = times?.forward.map((forward, node) => forward + (times.backward[node] || 0));
      const missing = isAsked ? t("Time: the ops are run again …") : t("Time: run the file again to measure it");
      const title = times ? t("Time, run again on what was recorded") : missing;
      return { ...logOverlay(name, title, false, both, formatTime), ofGroup: "sum", ticks: bothEnds(both, formatTime) };
    }
    case "memory":
      return {
        ...logOverlay(name, t("Memory of value and gradient"), false, statistics?.bytes, bytesText),
        ofGroup: "sum",
        ticks: bothEnds(statistics?.bytes, bytesText),
      };
    case "difference": {
      const differences = new Map<number, number>();
      for (const one of comparison?.nodes ?? []) {
        const [node] = one.nodes;
        if (node !== null) differences.set(node, differenceOfNode(one));
      }
      const range = { low: -6, high: 0 };
      return {
        name,
        title: comparison
          ? t("Relative difference from the other pass")
          : t("Difference: choose another pass to compare with"),
        needsGradient: false,
        ofGroup: "largest",
        ticks: ["1e−6", "1e−4", "1e−2", "1"],
        value: (node) => differences.get(node) ?? NaN,
        position: (value) => logPosition(value, range),
        format: (value) => (value === 0 ? t("same") : `Δ ${formatNumber(value)}`),
      };
    }
    case "FD error": {
      const errors = new Map<number, number>();
      for (const row of rows) {
        if (row.node === null) continue;
        const error = row.evidence[EVIDENCE.relError] ?? NaN;
        errors.set(row.node, Math.max(errors.get(row.node) ?? 0, error));
      }
      const range = decadesOf(errors.values());
      return {
        ...logOverlay(
          name,
          t("Relative error against FD"),
          false,
          [...errors.values()],
          (x) => t`err ${formatNumber(x)}`,
        ),
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
    ofGroup: "last",
    ticks: ticksOf(range),
    value: (node) => column?.[node] ?? NaN,
    position: (value) => logPosition(value, range),
    format,
  };
}

/** The ends of a scale, in units that people read better than powers of ten. */
function bothEnds(column: ArrayLike<number> | undefined, format: (value: number) => string): readonly string[] {
  const { low, high } = decadesOf(column ? Array.from(column) : []);
  return [format(10 ** low), format(10 ** high)];
}

/** What an overlay says of a group. */
export function groupNumbers(overlay: Overlay, { groups, groupOfNode }: Hierarchy): (group: Group) => number {
  if (overlay.ofGroup === "last") return ({ lastNode }) => (lastNode < 0 ? NaN : overlay.value(lastNode));
  const add = overlay.ofGroup === "sum" ? (a: number, b: number) => a + b : Math.max;
  const numbers = new Float64Array(groups.length);
  groupOfNode.forEach((innermost, node) => {
    const value = overlay.value(node);
    if (!(value > 0)) return;
    for (let group = innermost; group >= 0; group = groups[group]?.parent ?? -1)
      numbers[group] = add(numbers[group] ?? 0, value);
  });
  return ({ index }) => numbers[index] || NaN;
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
