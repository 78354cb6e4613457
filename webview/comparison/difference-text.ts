import { t } from "../../engine/language/translate.ts";
import type { ComparedNode, PassComparison } from "../../engine/protocol/comparison.ts";
import type { DifferenceWords } from "../../engine/recording/compare/difference-text.ts";
import { formatNumber } from "../ui/format.ts";

/** How two passes differ, in one sentence. */
export function summaryText({ passes: [a, b], nodes, different, tolerance }: PassComparison): string {
  const title = a === b ? t`Pass ${String(a + 1)} of both` : t`Passes ${String(a + 1)} and ${String(b + 1)}`;
  const alone = nodes.filter(({ nodes: [first] }) => first === null).length;
  if (different === 0) return t`${title}: no difference beyond ${String(tolerance)} in ${String(nodes.length)} nodes.`;
  const others = alone > 0 ? t`, ${String(alone)} of them in the other alone` : "";
  return t`${title}: ${String(different)} of ${String(nodes.length)} nodes differ${others}.`;
}

/** How differences are told in the panel, which shows one of the two passes. */
export const WORDS: DifferenceWords = { passes: [t("this pass"), t("the other pass")], number: formatNumber };

/** A number that colours a node: the larger of its relative differences; 1 and more for what has no partner or another shape. */
export function differenceOfNode(node: ComparedNode): number {
  if (node.nodes[1] === null || node.shapes[0]?.join() !== node.shapes[1]?.join()) return 1;
  const gradient = node.gradientMissing ? 1 : node.gradient;
  const largest = Math.max(Number.isNaN(node.value) ? 0 : node.value, Number.isNaN(gradient) ? 0 : gradient);
  return Math.min(largest, 2);
}
