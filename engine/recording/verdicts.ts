import type { CheckRow, CheckScope, Verdict } from "../protocol/check.ts";

/** From good to bad. */
export const VERDICTS_BY_WORTH: readonly Verdict[] = ["pass", "inconclusive", "fail"];

/** Which row speaks for a node where two are equally bad: the op by itself, which is so for whatever is behind it as well. */
const SPEAKERS: readonly CheckScope[] = ["op", "parameter", "result"];

/** Of a row: the op's own derivative, and that of its backward. */
const ORDERS = [undefined, 2] as const;

interface Key {
  readonly scope: CheckScope;
  readonly node: number | null;
  readonly name?: string;
  readonly order?: 2 | undefined;
}

/** What comparisons with finite differences have found in one pass. A newer row takes the place of the older one about the same thing. */
export class Verdicts {
  readonly #rows = new Map<string, CheckRow>();

  constructor(rows: Iterable<CheckRow> = []) {
    this.learn(rows);
  }

  learn(rows: Iterable<CheckRow>): this {
    for (const row of rows) this.#rows.set(keyOf(row), row);
    return this;
  }

  /** In tape order, ops before gradients. */
  get rows(): readonly CheckRow[] {
    const rank = ({ scope }: CheckRow): number => (scope === "op" ? 0 : 1);
    return [...this.#rows.values()].sort((a, b) => rank(a) - rank(b) || (a.node ?? 0) - (b.node ?? 0));
  }

  /** What is known about the same thing as a row. */
  like(row: CheckRow): CheckRow | null {
    return this.#rows.get(keyOf(row)) ?? null;
  }

  /** The row that speaks for a node: its worst, so that nothing wrong is hidden by something right. */
  of(node: number): CheckRow | null {
    let found: CheckRow | null = null;
    for (const scope of SPEAKERS) {
      for (const order of ORDERS) {
        const row = this.#rows.get(keyOf({ scope, node, order }));
        if (row && (found === null || worth(row) > worth(found))) found = row;
      }
    }
    return found;
  }

  /** The comparison of a node's gradient in this pass. */
  gradientOf(node: number): CheckRow | null {
    return (
      this.#rows.get(keyOf({ scope: "parameter", node })) ?? this.#rows.get(keyOf({ scope: "result", node })) ?? null
    );
  }

  /** The verdict of every node that has one. */
  byNode(): Map<number, Verdict> {
    const verdicts = new Map<number, Verdict>();
    for (const { node } of this.#rows.values()) if (node !== null) verdicts.set(node, this.of(node)!.verdict);
    return verdicts;
  }

  /** How many ops and parameters have which verdict. What was compared by itself on top is not counted again. */
  tally(): Record<Verdict, number> {
    const counts = { pass: 0, fail: 0, inconclusive: 0 };
    for (const { scope, verdict } of this.#rows.values()) if (scope !== "result") counts[verdict]++;
    return counts;
  }
}

/** An op's own derivative and that of its backward are two things: neither row takes the other's place. */
function keyOf({ scope, node, name, order }: Key): string {
  return `${scope} ${node ?? name ?? ""} ${order ?? 1}`;
}

function worth({ verdict }: CheckRow): number {
  return VERDICTS_BY_WORTH.indexOf(verdict);
}
