import { differenceOf, type ComparedNode, type PassComparison } from "../protocol/comparison.ts";
import type { Site } from "../protocol/site.ts";
import { differenceText, type DifferenceWords } from "../recording/compare/difference-text.ts";
import { roundedText } from "../recording/number-text.ts";
import { formatSite } from "./print-failure.ts";
import { t } from "../language/translate.ts";

/** Differences that fit on a screen; --json gives all. */
const MOST_LINES = 30;

/** What differs between two passes, for people: the first difference, then each in tape order. */
export function formatComparison(comparison: PassComparison): string {
  const { passes, losses, nodes, different, first, tolerance } = comparison;
  const [a, b] = losses;
  const loss = a === null || b === null ? "" : t`, loss ${roundedText(a)} and ${roundedText(b)}`;
  const title = passes[0] === passes[1] ? t`pass ${passes[0]}` : t`pass ${passes[0]} and pass ${passes[1]}`;
  if (first === null) {
    return `${t`${title}${loss}: no difference beyond ${tolerance} in ${nodes.length} nodes`}\n`;
  }
  const lines = nodes.flatMap((node) => {
    const text = describe(node, tolerance);
    return text === null ? [] : [`  ${text}`];
  });
  const left = lines.length - MOST_LINES;
  const shown = left > 0 ? [...lines.slice(0, MOST_LINES), `  ${t`and ${left} more`}`] : lines;
  return [
    t`${title}${loss}: ${different} of ${nodes.length} nodes differ beyond ${tolerance}`,
    t`first: ${describe(nodes[first]!, tolerance) ?? ""}`,
    ...shown,
    "",
  ].join("\n");
}

/** One difference in words, and where; null where there is none. */
function describe(node: ComparedNode, tolerance: number): string | null {
  const text = differenceText(node, tolerance, {
    passes: [t("the first"), t("the second")],
    number: (value) => roundedText(value),
  } satisfies DifferenceWords);
  return text === null ? null : `${text}${placesOf(node.sites)}`;
}

/** " at net.ts:3:8", and the place in the other source where that is another. */
function placesOf([first, second]: ComparedNode["sites"]): string {
  const places = [first, second].flatMap((site: Site | null) => (site === null ? [] : [formatSite(site)]));
  const distinct = [...new Set(places)];
  return distinct.length === 0 ? "" : ` ${t`at ${distinct.join(t(" and "))}`}`;
}

/** A comparison as one JSON object; numbers that cannot be told are null. */
export function comparisonJson(comparison: PassComparison): unknown {
  const { passes, losses, tolerance, nodes, different, first } = comparison;
  const nodeJson = (node: ComparedNode): unknown => ({
    ...node,
    sites: node.sites.map((site) => site && { file: site.file, line: site.line, column: site.column }),
    value: Number.isNaN(node.value) ? null : node.value,
    gradient: Number.isNaN(node.gradient) ? null : node.gradient,
    difference: differenceOf(node, tolerance),
  });
  return {
    passes,
    losses,
    tolerance,
    nodes: nodes.length,
    different,
    first: first === null ? null : nodeJson(nodes[first]!),
    differences: nodes.filter((node) => differenceOf(node, tolerance) !== null).map(nodeJson),
  };
}
