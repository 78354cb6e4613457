import type { ComparedNode, DifferenceKind, PassComparison } from "../../engine/protocol/comparison.ts";
import { formatNumber } from "../ui/format.ts";

/** How two passes differ, in one sentence. */
export function summaryText({ passes: [a, b], nodes, different, tolerance }: PassComparison): string {
  const title = a === b ? `Pass ${String(a + 1)} of both` : `Passes ${String(a + 1)} and ${String(b + 1)}`;
  const alone = nodes.filter(({ nodes: [first] }) => first === null).length;
  if (different === 0) return `${title}: no difference beyond ${String(tolerance)} in ${String(nodes.length)} nodes.`;
  const others = alone > 0 ? `; ${String(alone)} are in the other alone, and not drawn` : "";
  return `${title}: ${String(different)} of ${String(nodes.length)} nodes differ${others}.`;
}

/** What is different about a node. */
export function differenceText(node: ComparedNode, kind: DifferenceKind | null): string {
  const title = node.label === "" || node.label === node.op ? node.op : `${node.op} ${node.label}`;
  switch (kind) {
    case null:
      return `${title} is the same`;
    case "only-first":
      return `${title} is in this pass alone`;
    case "only-second":
      return `${title} is in the other pass alone`;
    case "shape":
      return `${title} is [${node.shapes[0]?.join(", ") ?? ""}] here and [${node.shapes[1]?.join(", ") ?? ""}] there`;
    case "value":
      return `${title} differs by ${formatNumber(node.value)} of its norm`;
    case "gradient":
      return `the gradient of ${title} differs by ${formatNumber(node.gradient)} of its norm`;
    case "missing-gradient":
      return `${title} has a gradient in one alone`;
  }
}

/** A number that colours a node: the larger of its relative differences; 1 and more for what has no partner or another shape. */
export function differenceOfNode(node: ComparedNode): number {
  if (node.nodes[1] === null || node.shapes[0]?.join() !== node.shapes[1]?.join()) return 1;
  const gradient = node.gradientMissing ? 1 : node.gradient;
  const largest = Math.max(Number.isNaN(node.value) ? 0 : node.value, Number.isNaN(gradient) ? 0 : gradient);
  return Math.min(largest, 2);
}
