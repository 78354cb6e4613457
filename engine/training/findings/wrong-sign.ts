import type { LossTerm } from "../loss-terms.ts";
import type { PassView } from "../pass-view.ts";
import { numbersBehind } from "../provenance.ts";
import type { Found, Rule } from "../rule.ts";

/** Steps that make the model worse. */
export const wrongSign: Rule = {
  name: "wrong-sign",
  severity: "error",
  title: "the loss has the wrong sign, or the optimizer goes uphill",
  looksAt: "the sign with which each error enters the loss, and the option maximize",
  threshold:
    "every error enters with a minus and in no pass with a plus; a log-likelihood that is minimised; maximize with an error",
  source: "a step goes against the gradient: torch.optim.SGD, θ ← θ − γ g",
  why: "Each step makes the error larger.",
  fix: "Minimise the error: leave out the minus, or maximize.",
  *inPass({ view, terms }): Iterable<Found> {
    const likelihood = minimisedLikelihood(view, terms);
    if (likelihood === null) return;
    yield {
      text: `The loss is the logarithm of the probability of the right class itself: making it smaller makes the right class less likely. Put a minus before it, as nllLoss does.`,
      site: view.callSite(likelihood),
      row: likelihood,
    };
  },
  *inRun({ training, lossSigns }): Iterable<Found> {
    for (const { site, related, named, parameters } of lossSigns.filter(({ sign }) => sign < 0)) {
      if (lossSigns.some((other) => other.sign > 0 && [...other.parameters].some((id) => parameters.has(id)))) continue;
      const uphill = training.optimizers.some(({ groups }) =>
        groups.some(
          ({ options, parameters: held }) => options["maximize"] === true && held.some((id) => parameters.has(id)),
        ),
      );
      if (uphill) continue;
      yield {
        text: `${named ?? "An error"} enters the loss with a minus, so each step makes it larger. Leave out the minus.`,
        site,
        related: [{ text: "backward() is called here", site: related }],
      };
    }
    for (const { type, steps, groups, madeAt } of training.optimizers) {
      if (steps === 0 || !groups.some(({ options }) => options["maximize"] === true)) continue;
      const held = new Set(groups.flatMap(({ parameters }) => parameters));
      const error = lossSigns.find(({ sign, parameters }) => sign > 0 && [...parameters].some((id) => held.has(id)));
      if (!error) continue;
      yield {
        text: `This ${type} goes uphill (maximize: true), and the loss is an error (${error.named ?? "a difference"}): each step makes it larger. Leave maximize out.`,
        site: madeAt,
        related: [{ text: "the error is computed here", site: error.site }],
      };
    }
  },
};

/** A mean of log-probabilities, picked at the classes, that is minimised as it is. */
function minimisedLikelihood(view: PassView, terms: readonly LossTerm[]): number | null {
  if (terms.length > 0 || view.pass.roots.length !== 1) return null;
  let row: number = view.pass.roots[0]!;
  let sign = 1;
  for (let steps = 0; steps < 16; steps++) {
    if (view.is(row, "mean", "sum", "reshape", "convert")) row = view.inputs(row)[0]!;
    else if (view.is(row, "negate")) {
      sign = -sign;
      row = view.inputs(row)[0]!;
    } else if (view.is(row, "multiply", "divide") && view.inputs(row).length === 1 && !view.isNumberFirst(row)) {
      sign *= Math.sign(view.number(row));
      row = view.inputs(row)[0]!;
    } else break;
  }
  if (sign <= 0 || !view.is(row, "pick")) return null;
  const logs = numbersBehind(view, row);
  return logs.length > 0 && logs.every((one) => view.is(one, "log-softmax")) ? row : null;
}
