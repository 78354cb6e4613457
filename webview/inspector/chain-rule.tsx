import { t } from "../../engine/language/translate.ts";
import type { NodeDetail, RuleAtElement } from "../../engine/protocol/inspection.ts";
import { labelOf } from "../../engine/recording/graph-rows.ts";
import { chosenElement, rules } from "../state/detail.ts";
import { formatElement, formatNumber, formatScale, sharedExponent } from "../ui/format.ts";
import { lightNodes } from "../state/lighting.ts";
import { graph } from "../state/resources.ts";
import { RECORDED_DTYPES } from "../../engine/protocol/recorded-dtype.ts";
import { Formula } from "./formula.tsx";
import {
  backwardEquation,
  forwardEquation,
  inputNames,
  ownNamesIn,
  withOwnNames,
  writtenOut,
  type NamedNode,
  type OwnNames,
} from "./input-names.ts";
import { nameOf } from "../ui/node-link.tsx";
import { goTo } from "../state/selecting.ts";
import { remarkOf } from "./remark.ts";
import { TermsTable } from "./terms.tsx";

/** The op's rule set in type, then the same with this node's numbers for the chosen element. */
export function ChainRule({ of }: { readonly of: NodeDetail }) {
  const { formula } = of;
  if (!formula) return null;
  const index = chosenElement();
  const names = inputNames(formula.forward, formula.backward.length);
  const own = ownNames(of, names);
  const inputTex = (i: number): string | undefined =>
    formula.backward.length === 1 && of.inputs.length > 1 ? names?.[i] : (own.inputs[i] ?? names?.[i]);
  // An op of any number of inputs has one rule for all of them.
  const ruleFor = (position: number): number => (formula.backward.length === 1 ? 0 : position);
  return (
    <section>
      <h3>
        {t("Chain rule")}
        <span class="spacer" />
        {index && index.length > 0 && <span class="mono dim">{t`at [${index.join(", ")}]`}</span>}
      </h3>
      <Formula tex={withOwnNames(forwardEquation(formula.forward), own.letters)} />
      {Object.keys(of.attributes).length > 0 && (
        <div class="mono dim text-wrap">
          {Object.entries(of.attributes)
            .map(([name, value]) => `${name} = ${value}`)
            .join(", ")}
        </div>
      )}
      {formula.backward.map((tex, i) => {
        // An input that gets no gradient has no rule.
        if (tex === "") return null;
        return (
          <div key={i} class="rule-of-input">
            <Formula tex={backwardEquation(withOwnNames(writtenOut(tex), own.letters), inputTex(i), i)} />
            {rules.value
              .filter((rule) => ruleFor(rule.position) === i)
              .slice(0, MOST_INPUTS)
              .map((rule) => (
                <WithNumbers key={rule.position} of={of} rule={rule} letter={names?.[i] ?? "x"} />
              ))}
          </div>
        );
      })}
    </section>
  );
}

/** What the program calls the op's result and inputs. */
function ownNames(of: NodeDetail, letters: readonly string[] | null): OwnNames {
  const pass = graph.value;
  const named = (node: number): NamedNode => ({ node, label: pass ? labelOf(pass, node) : "" });
  return ownNamesIn({
    letters,
    rules: of.formula?.backward.length ?? 0,
    result: named(of.node),
    inputs: of.inputs.map(named),
  });
}

/** How many inputs of an op with many (cat, stack) are shown with numbers. */
const MOST_INPUTS = 4;

/** One input's rule with numbers: one product on a line, several as the sum they are. */
function WithNumbers({
  of,
  rule,
  letter,
}: {
  readonly of: NodeDetail;
  readonly rule: RuleAtElement;
  readonly letter: string;
}) {
  const dtype = RECORDED_DTYPES[graph.value?.dtype[rule.input] ?? 2] ?? "float32";
  const value = rule.value[0] ?? NaN;
  const sum = rule.sum[0] ?? NaN;
  const [only] = rule.terms;
  const remark = remarkOf(of.kinks, rule, letter);
  const single = rule.terms.length === 1 && rule.othersCount === 0;
  const { exponent } = sharedExponent([...rule.terms.map((term) => term.factors[2] ?? NaN), sum]);
  return (
    <>
      <div class="line">
        <button
          type="button"
          class="link mono"
          onMouseEnter={() => lightNodes([rule.input])}
          onMouseLeave={() => lightNodes([])}
          onFocus={() => lightNodes([rule.input])}
          onBlur={() => lightNodes([])}
          onClick={() => goTo(rule.input)}
        >
          {nameOf(rule.input)}
          {rule.index.length > 0 && `[${rule.index.join(", ")}]`}
        </button>
        <span class="mono dim">= {formatElement(value, dtype)}</span>
        <span class="spacer" />
        {single && only ? (
          <span class="mono">
            {formatNumber(sum)} = {formatNumber(only.factors[0] ?? NaN)} × {formatNumber(only.factors[1] ?? NaN)}
          </span>
        ) : rule.terms.length === 0 ? (
          <span class="mono">{t("gets 0")}</span>
        ) : (
          <span class="mono dim">{formatScale(exponent)}</span>
        )}
      </div>
      {!single && rule.terms.length > 0 && (
        <TermsTable of={rule} sum={sum} edgesTo={() => edgesOf(of.node, rule.position)} />
      )}
      {remark && <p class="dim text-wrap">{remark}</p>}
    </>
  );
}

function edgesOf(node: number, position: number): readonly number[] {
  const start = graph.value?.inputStart[node];
  return start === undefined ? [] : [start + position];
}
