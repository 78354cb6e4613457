import "./contributions.css";
import { useSignal } from "@preact/signals";
import { t } from "../../engine/language/translate.ts";
import { STATISTIC, type Contribution, type NodeDetail } from "../../engine/protocol/inspection.ts";
import { pathOf } from "../graph/contribution-path.ts";
import { explanation } from "../state/detail.ts";
import { graph } from "../state/resources.ts";
import { litEdges } from "../state/ui.ts";
import { count, formatNumber, formatScale, sharedExponent } from "../ui/format.ts";
import { nameOf } from "../ui/node-link.tsx";
import { goTo } from "../state/selecting.ts";
import { TermsTable } from "./terms.tsx";

/** Consumers listed at once: a parameter of a recurrent cell has one for each step. */
const MOST_LISTED = 8;

/** Why is this gradient this: what the arithmetic behind it passed back, and the terms of the chosen element. */
export function Contributions({ of }: { readonly of: NodeDetail }) {
  const explained = explanation.value;
  const terms = explained?.terms ?? [];
  if (of.contributions.length === 0 && terms.length === 0) return null;
  const sum = explained?.gradient[0] ?? NaN;
  const { exponent } = sharedExponent([...terms.map((term) => term.factors[2] ?? NaN), sum]);
  const edgesTo = (consumer: number): readonly number[] => {
    const found = of.contributions.find((one) => one.consumer === consumer);
    return found ? edgesOf(found) : [];
  };
  return (
    <section>
      <h3>
        {t("Why is this gradient this?")}
        <span class="spacer" />
        <span class="mono dim">{terms.length > 0 ? formatScale(exponent) : ""}</span>
      </h3>
      {of.contributions.length > 0 && <Consumers of={of} />}
      {explained && terms.length > 0 && (
        <>
          {explained.index.length > 0 && <p class="mono dim">{t`element [${explained.index.join(", ")}]`}</p>}
          <TermsTable of={explained} sum={sum} edgesTo={edgesTo} />
        </>
      )}
    </section>
  );
}

function edgesOf(one: Contribution): readonly number[] {
  return graph.value ? pathOf(graph.value, one) : [one.edge];
}

const normOf = (one: Contribution): number => one.summary?.statistics[STATISTIC.norm] ?? NaN;

/** One line for each op that computes with the node, largest contribution first. */
function Consumers({ of }: { readonly of: NodeDetail }) {
  const all = useSignal(false);
  // What waits comes last, in its order.
  const rows = of.contributions.toSorted((a, b) => (normOf(b) || -1) - (normOf(a) || -1));
  const shown = all.value ? rows : rows.slice(0, MOST_LISTED);
  return (
    <ul class="plain">
      {shown.map((one, i) => (
        <Consumer key={i} one={one} />
      ))}
      {rows.length > MOST_LISTED && (
        <li>
          <button type="button" class="link" aria-expanded={all.value} onClick={() => (all.value = !all.value)}>
            {all.value ? t("Show the largest only") : `${count(rows.length - MOST_LISTED, "other")} …`}
          </button>
        </li>
      )}
    </ul>
  );
}

function Consumer({ one }: { readonly one: Contribution }) {
  const norm = normOf(one);
  const light = (): void => void (litEdges.value = edgesOf(one));
  const dark = (): void => void (litEdges.value = []);
  return (
    <li onMouseEnter={light} onMouseLeave={dark}>
      <button type="button" class="link" onFocus={light} onBlur={dark} onClick={() => goTo(one.consumer)}>
        {nameOf(one.consumer)}
      </button>
      {one.past.length > 0 && (
        <span class="dim past" title={one.past.map(nameOf).join(", ")}>
          {one.past.length > 2
            ? t`past ${one.past.length} views and copies`
            : t`past ${one.past.map(nameOf).join(", ")}`}
        </span>
      )}
      <span class="spacer" />
      <span class="mono dim">
        {one.arrived ? (Number.isNaN(norm) ? t("arrived") : `‖·‖ ${formatNumber(norm)}`) : t("waits")}
      </span>
    </li>
  );
}
