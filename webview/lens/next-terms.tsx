import { t } from "../../engine/language/translate.ts";
import type { ScalarGraph, ScalarTensor } from "../../engine/protocol/scalars.ts";
import { count, formatNumber } from "../ui/format.ts";
import { factorText } from "./factor.ts";
import { elementName, type ScalarTerm } from "./scalar-steps.ts";

/** Products written out at once. */
const MOST_LINES = 4;

/** "next  a.grad += b · e.grad = −3.00 × −2.00 = 6.00" */
export function NextTerms(props: {
  readonly shown: ScalarGraph;
  readonly terms: readonly ScalarTerm[];
  readonly at: number | null;
}) {
  const { shown, terms, at } = props;
  const tensorOf = (node: number): ScalarTensor | undefined => shown.tensors.find((one) => one.node === node);
  if (at === null) return <p class="dim">{t("The backward pass is not at work here.")}</p>;
  if (!tensorOf(at)) return <p class="dim">{t("The next step is outside what is shown.")}</p>;
  if (terms.length === 0) return <p class="dim">{t("Nothing that is shown gets a gradient from the next step.")}</p>;
  return (
    <dl class="next-lines mono">
      <dt>{t("next")}</dt>
      {terms.slice(0, MOST_LINES).map((term, i) => {
        const input = tensorOf(term.input);
        const consumer = tensorOf(term.consumer);
        if (!input || !consumer) return null;
        return (
          <dd key={i}>
            <span class="dim">{elementName(input, term.element)}.grad += </span>
            <span class="dim">
              {factorText(shown, term)} · {elementName(consumer, term.from)}.grad ={" "}
            </span>
            {Number.isNaN(term.local)
              ? t("what its own backward returns")
              : `${formatNumber(term.local)} × ${formatNumber(term.upstream)} = `}
            {!Number.isNaN(term.local) && <b>{formatNumber(term.local * term.upstream)}</b>}
          </dd>
        );
      })}
      {terms.length > MOST_LINES && <dd class="dim">{t`and ${count(terms.length - MOST_LINES, "other")}`}</dd>}
    </dl>
  );
}
