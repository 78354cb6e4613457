import type { NodeDetail } from "../../engine/protocol/inspection.ts";
import { STATISTIC } from "../../engine/protocol/inspection.ts";
import { reveal, select } from "../state/actions.ts";
import { explanation } from "../state/detail.ts";
import { graph } from "../state/resources.ts";
import { litEdge } from "../state/ui.ts";
import { count, formatNumber, formatScale, sharedExponent } from "../ui/format.ts";

const WATERFALL = 84;

/** Why is this gradient this: what every consumer passed back, and the terms of the chosen element. */
export function Contributions({ of }: { readonly of: NodeDetail }) {
  const explained = explanation.value;
  if (of.contributions.length === 0 && !explained?.terms.length) return null;
  const terms = explained?.terms ?? [];
  const products = terms.map((term) => term.factors[2] ?? NaN);
  const others = explained?.others[0] ?? 0;
  const sum = products.reduce((total, x) => total + x, 0) + (explained && explained.othersCount > 0 ? others : 0);
  const { exponent, format } = sharedExponent([...products, sum, others]);
  return (
    <section>
      <h3>
        Why is this gradient this?
        <span class="spacer" />
        <span class="mono dim">{terms.length > 0 ? formatScale(exponent) : ""}</span>
      </h3>
      {of.contributions.length > 0 && <Consumers of={of} />}
      {explained && terms.length > 0 && (
        <Terms
          rows={[
            ...terms.map((term, i) => ({
              index: `[${term.consumerIndex.join(", ")}]`,
              factors: `${formatNumber(term.factors[0] ?? NaN)} × ${formatNumber(term.factors[1] ?? NaN)}`,
              product: products[i] ?? NaN,
              consumer: term.consumer,
            })),
            ...(explained.othersCount > 0
              ? [{ index: count(explained.othersCount, "other"), factors: "", product: others, consumer: -1 }]
              : []),
          ]}
          sum={sum}
          format={format}
          of={of}
        />
      )}
    </section>
  );
}

function nameOf(node: number): string {
  const pass = graph.value;
  if (!pass) return String(node);
  const op = pass.strings[pass.op[node] ?? 0] ?? "";
  const label = pass.strings[pass.label[node] ?? 0] ?? "";
  const scope = pass.scopes[pass.scope[node] ?? -1];
  return `${scope && scope.parent >= 0 ? `${scope.name}.` : ""}${op}${label === "" ? "" : ` ${label}`}`;
}

function go(node: number): void {
  select({ kind: "node", node });
  reveal(node);
}

/** One line for each op that reads the node, with the norm of what it passed back. */
function Consumers({ of }: { readonly of: NodeDetail }) {
  return (
    <ul class="plain">
      {of.contributions.map((one) => {
        const norm = one.summary?.statistics[STATISTIC.norm];
        return (
          <li
            key={one.edge}
            onMouseEnter={() => (litEdge.value = one.edge)}
            onMouseLeave={() => (litEdge.value = null)}
          >
            <button
              type="button"
              class="link"
              onFocus={() => (litEdge.value = one.edge)}
              onBlur={() => (litEdge.value = null)}
              onClick={() => go(one.consumer)}
            >
              {nameOf(one.consumer)}
            </button>
            <span class="spacer" />
            <span class="mono dim">
              {one.arrived ? (norm === undefined ? "arrived" : `‖·‖ ${formatNumber(norm)}`) : "waits"}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

interface TermRow {
  readonly index: string;
  readonly factors: string;
  readonly product: number;
  readonly consumer: number;
}

/** Terms accumulate from zero, row after row, to the sum. */
function Terms(props: {
  readonly rows: readonly TermRow[];
  readonly sum: number;
  readonly format: (x: number) => string;
  readonly of: NodeDetail;
}) {
  const { rows, sum, format, of } = props;
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
          <th>element</th>
          <th>upstream × local derivative</th>
          <th>running sum</th>
          <th>product</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, i) => {
          const edge = of.contributions.find((one) => one.consumer === row.consumer)?.edge ?? null;
          const step = steps[i] ?? { from: 0, to: 0 };
          return (
            <tr key={i} onMouseEnter={() => (litEdge.value = edge)} onMouseLeave={() => (litEdge.value = null)}>
              <td>
                {row.consumer >= 0 ? (
                  <button type="button" class="term" title={nameOf(row.consumer)} onClick={() => go(row.consumer)}>
                    {row.index}
                  </button>
                ) : (
                  <span class="dim">{row.index}</span>
                )}
              </td>
              <td class="dim">{row.factors}</td>
              <td class="waterfall">
                {bar(step.from, step.to, row.product < 0 ? "var(--negative)" : "var(--positive)")}
              </td>
              <td class="amount">{row.product > 0 ? `+${format(row.product)}` : format(row.product)}</td>
            </tr>
          );
        })}
        <tr class="sum">
          <td>sum</td>
          <td />
          <td class="waterfall">{bar(0, sum, "var(--quiet-fill)")}</td>
          <td class="amount">{format(sum)}</td>
        </tr>
      </tbody>
    </table>
  );
}
