import { accomplicesOf, siteOfFooling } from "../adversaries.ts";
import type { PassView } from "../pass-view.ts";
import type { Found, Rule } from "../rule.ts";
import { similaritiesOf } from "../similarities.ts";
import { readingRow } from "../wording.ts";

/** Cosine of the angle between a change and the gradient that it follows. */
const UPHILL = 0.99;

/** Steps that make the model worse. */
export const wrongSign: Rule = {
  name: "wrong-sign",
  severity: "error",
  title: "the loss has the wrong sign, or the optimizer goes uphill",
  looksAt: "the sign with which errors, likelihoods and divergences enter the loss, and the option maximize",
  threshold:
    "every error enters with a minus and in no pass with a plus; a log-likelihood, or one times a reward, that is minimised; a divergence that is turned round; maximize with an error",
  source: "a step goes against the gradient: torch.optim.SGD, θ ← θ − γ g",
  why: "Each step makes the error larger.",
  fix: "Minimise the error: leave out the minus, or maximize.",
  *inPass({ view }): Iterable<Found> {
    for (const { row, one, other, sign } of similaritiesOf(view)) {
      const still = view.isLive(one) ? other : one;
      if (sign < 0 || (view.isLive(one) && view.isLive(other))) continue;
      yield {
        text: `The loss is the similarity to ${readingRow(view, still)}, a target that stands still, and nothing else: making it smaller turns the prediction away from it. Put a minus before it.`,
        site: view.callSite(row),
        row,
      };
    }
    const divergence = turnedDivergence(view);
    if (divergence === null) return;
    yield {
      text: `This exponential enters the loss with a minus, and its exponent with a plus: of a divergence, Σ (μ² + eᵛ − v − 1) / 2, it is the reverse, so each step moves the code away from the prior and the loss falls without end. Turn its sign round.`,
      site: view.callSite(divergence),
      row: divergence,
    };
  },
  *inRun(run): Iterable<Found> {
    const { training, lossSigns, samples } = run;
    const pair = accomplicesOf(run);
    if (pair && pair.fooling.sign < 0) {
      yield {
        text: `This loss enters with a minus, and so asks the judge for the same answer as the judge's own loss does: each step makes what is generated easier to tell apart. Leave out the minus.`,
        site: siteOfFooling(pair),
        related: [{ text: "the judge learns here", site: pair.judging.madeAt }],
      };
      return;
    }
    const minimised = samples.find(({ likelihood }) => likelihood !== null && likelihood.sign > 0)?.likelihood;
    const climbs = training.optimizers.some(({ groups }) => groups.some(({ options }) => options["maximize"] === true));
    if (minimised && !climbs) {
      const { site, row, reward } = minimised;
      yield {
        text:
          reward === null
            ? `The loss is the logarithm of the probability of the right class itself: making it smaller makes the right class less likely. Put a minus before it, as nllLoss does.`
            : `The loss is the log-probability of what was done times ${reward}: making it smaller makes less likely what ${reward} is high for. Put a minus before it.`,
        site,
        row,
      };
    }
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
    for (const { site, parameters, samples: steps } of training.handSteps) {
      // Gradients that vanish, or numbers that have grown out of all measure, say nothing.
      const measured = steps.filter(({ along }) => Math.abs(along) > UPHILL);
      if (measured.length < 2 || measured.some(({ along }) => along < 0)) continue;
      const error = lossSigns.find((one) => one.sign > 0 && parameters.some((id) => one.parameters.has(id)));
      if (!error) continue;
      yield {
        text: `This moves the parameters along the gradient, uphill, and the loss is an error (${error.named ?? "a difference"}): each step makes it larger. Subtract the gradient.`,
        site,
        related: [{ text: "the error is computed here", site: error.site }],
        evidence: { along: measured[0]!.along },
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
        ...(madeAt && {
          remedy: {
            text: "Set maximize to false.",
            changes: [{ kind: "word", call: madeAt, from: "true", to: "false" }],
          },
        }),
      };
    }
  },
};

/**
 * A divergence −½ Σ (1 + v − μ² − eᵛ) that was turned round: the exponential of a learned value enters the loss with a
 * minus, and the value itself with a plus.
 */
function turnedDivergence(view: PassView): number | null {
  for (let row = 0; row < view.rows; row++) {
    if (!view.is(row, "exponential") || !view.isLive(row)) continue;
    const [value] = view.inputs(row);
    if (value === undefined || !view.isOp(value) || addedSign(view, row, row) !== -1) continue;
    if (addedSign(view, value, row) === 1) return row;
  }
  return null;
}

/** The sign with which a row is added to a loss; 0 where it is not simply added, or added both ways. */
function addedSign(view: PassView, row: number, without: number): number {
  if (view.pass.roots.some((root) => root === row)) return 1;
  let found = 0;
  for (const consumer of view.consumers(row)) {
    if (consumer === without) continue;
    const own = signIn(view, consumer, row);
    const sign = own === 0 ? 0 : own * addedSign(view, consumer, without);
    if (sign === 0) continue;
    if (found !== 0 && found !== sign) return 0;
    found = sign;
  }
  return found;
}

/** The sign with which an op takes one of its operands; 0 where it is no sum, mean, or product with a number. */
function signIn(view: PassView, op: number, operand: number): number {
  const inputs = view.inputs(op);
  switch (view.role(op)) {
    case "add":
    case "sum":
    case "mean":
    case "reshape":
      return 1;
    case "negate":
      return -1;
    case "subtract":
      if (inputs.length === 1) return view.isNumberFirst(op) ? -1 : 1;
      return inputs[0] === operand ? 1 : -1;
    case "multiply":
    case "divide":
      return inputs.length === 1 && !view.isNumberFirst(op) ? Math.sign(view.number(op)) : 0;
    default:
      return 0;
  }
}
