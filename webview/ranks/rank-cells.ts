import { t } from "../../engine/language/translate.ts";
import type { RankStrip } from "../../engine/protocol/ranks.ts";
import { groupOfItem, isGroupItem, type Hierarchy, type Item } from "../graph/group.ts";
import { formatNumber } from "../ui/format.ts";

/** One rank at a node, as a cell of the strip on its card. */
export interface RankCell {
  readonly rank: number;
  /** "odd": not what it is on most ranks, and it must be. "none": no gradient there, or nothing is known. */
  readonly kind: "shown" | "fine" | "bad" | "odd" | "none";
  readonly means: string;
}

/** The cells of each card of a pass, made when a card is first drawn; none where there is one rank. */
export function cellsOfCards(
  strip: RankStrip | null,
  hierarchy: Hierarchy | null,
): (item: Item) => readonly RankCell[] {
  if (!strip || !hierarchy) return () => [];
  const known = new Map<Item, readonly RankCell[]>();
  return (item) => {
    let cells = known.get(item);
    if (!cells) known.set(item, (cells = cellsOf(strip, [...nodesIn(item, hierarchy)])));
    return cells;
  };
}

function* nodesIn(item: Item, hierarchy: Hierarchy): Generator<number> {
  if (isGroupItem(item)) {
    for (const child of hierarchy.groups[groupOfItem(item)]?.children ?? []) yield* nodesIn(child, hierarchy);
  } else yield item;
}

/** The worst of several nodes on each rank, and the norm of all their gradients together. */
function cellsOf(strip: RankStrip, nodes: readonly number[]): readonly RankCell[] {
  return strip.ranks.map(({ rank, gradient, wrong }): RankCell => {
    let [worst, square, has] = [0, 0, false];
    for (const node of nodes) {
      const own = wrong[node] ?? 0;
      if (severityOf(own) > severityOf(worst)) worst = own;
      const norm = gradient[node] ?? NaN;
      if (Number.isNaN(norm)) continue;
      square += norm * norm;
      has = true;
    }
    const [kind, means] = wordsOf(worst, has, Math.sqrt(square));
    return { rank, kind: kind === "fine" && rank === strip.shown ? "shown" : kind, means: t`rank ${rank}: ${means}` };
  });
}

/** What is not finite is worse than what differs. */
function severityOf(wrong: number): number {
  return wrong === 1 ? 2 : wrong === 2 ? 1 : 0;
}

function wordsOf(wrong: number, has: boolean, norm: number): readonly [RankCell["kind"], string] {
  if (wrong === 1) return ["bad", t("not finite")];
  if (wrong === 2) return ["odd", t("not what it is on the other ranks")];
  if (!has) return ["none", t("no gradient")];
  return ["fine", t`gradient norm ${formatNumber(norm)}`];
}
