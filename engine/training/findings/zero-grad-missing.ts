import type { Found, Rule } from "../rule.ts";
import { counted } from "../wording.ts";

/** A change that follows the gradient so closely is a step. */
const ALONG = 0.9;

/** Contributions that an earlier step has used are still in the gradient. */
export const zeroGradMissing: Rule = {
  name: "zero-grad-missing",
  severity: "error",
  title: "gradients of earlier steps are added to those of this one",
  looksAt: "what each .grad held when a backward pass added to it, and whether a step had used that",
  threshold: "2 steps with gradients that a step before had used",
  source: "PyTorch, Optimizer.zero_grad: gradients accumulate until they are reset",
  why: "Each step then follows the sum of all gradients since the start: it grows with every step, and points where the loss was long ago.",
  fix: "Call zeroGrad() of the optimizer before each backward().",
  *inRun({ training }): Iterable<Found> {
    for (const hand of training.handSteps) {
      if (hand.staleSteps < 2 || !hand.samples.some(({ along }) => Math.abs(along) > ALONG)) continue;
      yield {
        text: `${counted(hand.staleSteps, "step")} of ${hand.steps} that are taken here by hand used gradients that an earlier step had used already: backward() adds to the sum of all before. Set the gradients to zero after each step: w.grad.zero_(), or w.grad = null.`,
        site: hand.site,
        related: [
          {
            text: "backward() adds to what is there",
            site: training.passes.findLast(({ kind }) => kind === "backward")?.site ?? null,
          },
        ],
        evidence: { steps: hand.steps, staleSteps: hand.staleSteps },
      };
    }
    for (const { type, steps, staleSteps, zeroed, stepSite, zeroSite, madeAt } of training.optimizers) {
      if (staleSteps < 2 && !(staleSteps === 1 && steps === 2)) continue;
      const backward = training.passes.findLast(({ kind }) => kind === "backward")?.site ?? null;
      yield {
        text:
          `${counted(staleSteps, "step")} of ${steps} used gradients that an earlier step had used already: ` +
          (zeroed === 0
            ? `nothing resets the gradients, so each backward() adds to the sum of all before. Call zeroGrad() of this ${type} before each backward().`
            : `zeroGrad() was called ${counted(zeroed, "time")}, not before each backward(), or not for all parameters.`),
        site: stepSite ?? madeAt,
        related: [
          { text: "backward() adds to what is there", site: backward },
          { text: "zeroGrad() is called here", site: zeroed === 0 ? null : zeroSite },
        ],
        evidence: { steps, staleSteps, zeroed },
        ...(zeroed === 0 &&
          backward &&
          stepSite && {
            remedy: {
              text: "Call zeroGrad() before backward().",
              changes: [
                { kind: "insert-call", place: backward, where: "before", like: stepSite, method: "zeroGrad()" },
              ],
            },
          }),
      };
    }
  },
};
