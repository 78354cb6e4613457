import { t } from "../../engine/language/translate.ts";
import type { Terms } from "../../engine/protocol/inspection.ts";
import { SamplePicture } from "./sample-picture.tsx";
import { litEdges } from "../state/ui.ts";
import { count, formatNumber, sharedExponent } from "../ui/format.ts";
import { nameOf } from "../ui/node-link.tsx";
import { goTo } from "../state/selecting.ts";

const WATERFALL = 84;

interface TermRow {
  readonly place: string;
  /** The node that a click leads to; −1 for the sum of what is left out. */
  readonly consumer: number;
  /** Place of the element of its result. */
  readonly index: readonly number[];
  readonly factors: string;
  readonly product: number;
}

/** A sum of products: its terms accumulate from zero, row after row, to the sum. */
export function TermsTable(props: {
  readonly of: Terms;
  readonly sum: number;
  /** The edges that a term's consumer is reached by, to light them. */
  readonly edgesTo: (consumer: number) => readonly number[];
}) {
  const { of, sum, edgesTo } = props;
  const rows = rowsOf(of);
  const { format } = sharedExponent([...rows.map((row) => row.product), sum]);
  let running = 0;
  const steps = rows.map((row) => {
    const from = running;
    running += Number.isFinite(row.product) ? row.product : 0;
    return { from, to: running };
  });
  const ends = [0, sum, ...steps.map((step) => step.to)].filter(Number.isFinite);
  const low = Math.min(...ends);
  const high = Math.max(...ends);
  const x = (value: number): number => (high === low ? 0 : ((value - low) / (high - low)) * (WATERFALL - 4) + 2);
  const bar = (from: number, to: number, fill: string) => (
    <svg width={WATERFALL} height={17} aria-hidden="true">
      <path d={`M${String(x(0))} 0V17`} stroke="var(--frame-line)" />
      <rect
        x={Math.min(x(from), x(to))}
        y={4}
        width={Math.max(1.5, Math.abs(x(to) - x(from)))}
        height={9}
        fill={fill}
      />
    </svg>
  );
  return (
    <table class="contributions">
      <thead class="spoken-only">
        <tr>
          <th>{t("element")}</th>
          <th>{t("upstream × local derivative")}</th>
          <th>{t("running sum")}</th>
          <th>{t("product")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, i) => {
          const step = steps[i] ?? { from: 0, to: 0 };
          const light = (): void => void (litEdges.value = row.consumer < 0 ? [] : edgesTo(row.consumer));
          return (
            <tr key={i} onMouseEnter={light} onMouseLeave={() => (litEdges.value = [])}>
              <td>
                {row.consumer >= 0 ? (
                  <button
                    type="button"
                    class="term"
                    title={nameOf(row.consumer)}
                    onFocus={light}
                    onBlur={() => (litEdges.value = [])}
                    onClick={() => goTo(row.consumer)}
                  >
                    <SamplePicture consumer={row.consumer} index={row.index} />
                    {row.place}
                  </button>
                ) : (
                  <span class="dim">{row.place}</span>
                )}
              </td>
              <td class="dim factors">{row.factors}</td>
              <td class="waterfall">
                {bar(step.from, step.to, row.product < 0 ? "var(--negative)" : "var(--positive)")}
              </td>
              <td class="amount">{row.product > 0 ? `+${format(row.product)}` : format(row.product)}</td>
            </tr>
          );
        })}
        <tr class="sum">
          <td>{t("sum")}</td>
          <td />
          <td class="waterfall">{bar(0, sum, "var(--quiet-fill)")}</td>
          <td class="amount">{format(sum)}</td>
        </tr>
      </tbody>
    </table>
  );
}

function rowsOf({ terms, others, othersCount }: Terms): TermRow[] {
  const several = new Set(terms.map((term) => term.consumer)).size > 1;
  const rows = terms.map(({ consumer, consumerIndex, factors }): TermRow => {
    const [upstream = NaN, local = NaN, product = NaN] = factors;
    // A custom Function passes back one sum, whose factors only it knows.
    const whole = Number.isNaN(upstream) && Number.isNaN(local) && consumerIndex.length === 0;
    const index = `[${consumerIndex.join(", ")}]`;
    return {
      place: whole ? nameOf(consumer) : several ? `${nameOf(consumer)} ${index}` : index,
      consumer,
      index: consumerIndex,
      factors: whole ? "" : `${formatNumber(upstream)} × ${formatNumber(local)}`,
      product,
    };
  });
  if (othersCount === 0) return rows;
  return [
    ...rows,
    { place: count(othersCount, "other"), consumer: -1, index: [], factors: "", product: others[0] ?? NaN },
  ];
}
