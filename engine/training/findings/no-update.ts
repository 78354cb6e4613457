import type { Site } from "../../protocol/site.ts";
import type { Found, Rule } from "../rule.ts";
import type { Training } from "../training.ts";
import { counted } from "../wording.ts";

/** Share of the gradients that must have been thrown away. */
const DISCARDED = 0.8;

/** Gradients are computed, and nothing moves. */
export const noUpdate: Rule = {
  name: "no-update",
  severity: "error",
  title: "gradients are computed, but the optimizer does not use them",
  looksAt: "how often each optimizer stepped, and whether its parameters had gradients then",
  threshold:
    "no step at all, or none at which any parameter had a gradient; or gradients thrown away before 4 of 5 steps",
  source: "the order zeroGrad, backward, step of every training loop",
  why: "The parameters stay what they were.",
  fix: "Call step() after each backward(), and zeroGrad() before it.",
  *inRun({ training, ended }): Iterable<Found> {
    for (const optimizer of training.optimizers) {
      const { type, steps, emptySteps, fedPasses, discardedPasses, madeAt, stepSite, zeroSite } = optimizer;
      if (fedPasses === 0) continue;
      const backward = lastFeeding(training, optimizer.id);
      if (steps === 0) {
        if (!ended) continue;
        yield {
          text: `${counted(fedPasses, "backward pass", "backward passes")} gave the parameters of this ${type} gradients, and its step() was never called: nothing has moved. Call step() after each backward().`,
          site: backward ?? madeAt,
          related: [{ text: `${type} is made here`, site: madeAt }],
          evidence: { passes: fedPasses, steps },
          ...(madeAt &&
            backward && {
              remedy: {
                text: "Call step() after backward().",
                changes: [{ kind: "insert-call", place: backward, where: "after", like: madeAt, method: "step()" }],
              },
            }),
        };
      } else if (emptySteps === steps && (steps > 1 || ended)) {
        yield {
          text: `step() of this ${type} was called ${counted(steps, "time")}, and no parameter had a gradient at any of them: zeroGrad() comes between backward() and step(), or step() before backward(). The order is zeroGrad(), backward(), step().`,
          site: isBetween(zeroSite, backward, stepSite) ? zeroSite : stepSite,
          related: [
            { text: "gradients are computed here", site: backward },
            { text: "and let go of here", site: zeroSite },
            { text: "and would be used here", site: stepSite },
          ],
          evidence: { passes: fedPasses, steps, emptySteps },
          ...(backward && stepSite && reordered(backward, stepSite, zeroSite)),
        };
      } else if (
        ended &&
        fedPasses >= 5 &&
        discardedPasses > DISCARDED * fedPasses &&
        steps < (1 - DISCARDED) * fedPasses
      ) {
        yield {
          text: `${discardedPasses} of ${fedPasses} backward passes computed gradients that zeroGrad() threw away before step() could use them: step() of this ${type} was called ${counted(steps, "time")} only. It belongs inside the loop, after each backward().`,
          site: stepSite,
          related: [{ text: "gradients are let go of here", site: zeroSite }],
          evidence: { passes: fedPasses, steps, discardedPasses },
        };
      }
    }
  },
};

/** Where backward() was called last that gave an optimizer's parameters gradients; a program may train more than one model. */
function lastFeeding({ parameters, passes }: Training, optimizer: number): Site | null {
  const held = parameters.filter(({ optimizers }) => optimizers.includes(optimizer));
  const last = held.reduce((most, { lastReached }) => Math.max(most, lastReached), -1);
  return passes.findLast(({ index }) => index === last)?.site ?? null;
}

/** Whether one line stands after a second and before a third. */
function isBetween(one: Site | null, first: Site | null, last: Site | null): boolean {
  if (one === null || first === null || last === null) return false;
  return one.file === first.file && one.file === last.file && first.line < one.line && one.line < last.line;
}

/** The order zeroGrad, backward, step, where the lines tell which of them stands wrong. */
function reordered(backward: Site, step: Site, zero: Site | null): Pick<Found, "remedy"> {
  if (zero !== null && zero.line > backward.line && zero.line < step.line) {
    const text = "Call zeroGrad() before backward().";
    return { remedy: { text, changes: [{ kind: "move", statement: zero, place: backward, where: "before" }] } };
  }
  if (step.line >= backward.line) return {};
  const text = "Call step() after backward().";
  return { remedy: { text, changes: [{ kind: "move", statement: step, place: backward, where: "after" }] } };
}
