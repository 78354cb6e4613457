import { Fragment } from "preact";
import type { NodeDetail } from "../../engine/protocol/inspection.ts";
import { chosenElement, explanation, passedOn } from "../state/detail.ts";
import { graph } from "../state/resources.ts";
import { formatNumber } from "../ui/format.ts";
import { backwardEquation, forwardEquation, inputNames, writtenOut } from "./input-names.ts";
import { Formula } from "./formula.tsx";

/** The op's rule set in type, then the same with this node's numbers for the chosen element. */
export function ChainRule({ of }: { readonly of: NodeDetail }) {
  const { formula } = of;
  if (!formula) return null;
  const index = chosenElement();
  const names = inputNames(formula.forward, formula.backward.length);
  const pass = graph.value;
  return (
    <section>
      <h3>
        Chain rule
        <span class="spacer" />
        {index && <span class="mono dim">at [{index.join(", ")}]</span>}
      </h3>
      <Formula tex={forwardEquation(formula.forward)} />
      {Object.keys(of.attributes).length > 0 && (
        <div class="mono dim">
          {Object.entries(of.attributes)
            .map(([name, value]) => `${name} = ${value}`)
            .join(", ")}
        </div>
      )}
      {formula.backward.map((tex, i) => {
        // An input that gets no gradient has no rule.
        if (tex === "") return null;
        const input = of.inputs[i];
        const label = input === undefined || !pass ? "" : (pass.strings[pass.label[input] ?? 0] ?? "");
        const numbers = passedOn.value.find((one) => one.input === input);
        const terms = numbers?.explanation.terms.filter((term) => term.consumer === of.node) ?? [];
        return (
          <Fragment key={i}>
            <Formula tex={writtenOut(backwardEquation(tex, names?.[i], i))} />
            {terms.slice(0, 3).map((term, j) => (
              <div key={j} class="mono">
                <span class="dim">{label === "" ? "to its input" : `to ${label}`} </span>
                {formatNumber(term.factors[2] ?? NaN)} = {formatNumber(term.factors[0] ?? NaN)} ×{" "}
                {formatNumber(term.factors[1] ?? NaN)}
              </div>
            ))}
          </Fragment>
        );
      })}
      {passedOn.value[0]?.explanation.remark && <div class="dim">{passedOn.value[0].explanation.remark}</div>}
      {explanation.value?.remark && <div class="dim">{explanation.value.remark}</div>}
    </section>
  );
}
