import type { Found, Rule } from "../rule.ts";

/** A module's backward method, which nobody calls. */
export const unusedBackward: Rule = {
  name: "unused-backward",
  severity: "warning",
  title: "a module defines backward, which is never called",
  looksAt: "methods of the modules that are called",
  threshold: "one named backward",
  source: "PyTorch: only torch.autograd.Function has a backward",
  why: "Gradients are computed from the ops in forward, whatever that method says.",
  fix: "Write an autograd.Function with static forward and backward, and call its apply.",
  *inRun({ training }): Iterable<Found> {
    for (const { type, calls, definesBackward, madeAt } of training.modules) {
      if (calls === 0 || !definesBackward) continue;
      yield {
        text: `${type} defines a backward method, but a module's backward is never called: gradients follow from the ops in its forward. Write an autograd.Function with static forward and backward, and call ${type}.apply.`,
        site: madeAt,
      };
    }
  },
};
