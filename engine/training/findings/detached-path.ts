import type { Found, Rule } from "../rule.ts";
import { counted, listed } from "../wording.ts";

/** Something between the parameters and the loss cuts the gradient off. */
export const detachedPath: Rule = {
  name: "detached-path",
  severity: "error",
  title: "the path from parameters to the loss is cut",
  looksAt:
    "where constants of the graph came from: what was detached, read as a number, rounded, compared, or made inside noGrad",
  threshold:
    "backward() finds nothing to do, or a parameter of an optimizer never gets a gradient, and its values reach the loss through such a cut",
  source: "PyTorch, autograd mechanics: what is detached, an integer, or a number of Python's has no gradient",
  why: "No gradient passes the cut, so what lies behind it does not learn.",
  fix: "Keep the values as tensors of the graph up to the loss: leave out detach(), item(), noGrad and argmax there.",
  *inRun({ training, cuts, refusals }): Iterable<Found> {
    for (const { site, cut } of refusals) {
      if (cut === null) continue;
      yield {
        text: `backward() finds nothing to do, since ${cut.by} cuts the path to the loss here: ${cut.why}. ${cut.fix}`,
        site: cut.site,
        related: [{ text: "backward() is called here", site }],
        evidence: {},
      };
    }
    for (const cut of cuts) {
      const behind = training.parameters.filter(
        ({ id, learns, reached, optimizers }) =>
          cut.parameters.has(id) &&
          learns &&
          reached === 0 &&
          optimizers.some((one) => training.optimizers[one]!.steps > 0),
      );
      if (behind.length === 0) continue;
      yield {
        text: `${cut.by} cuts the gradient off here: ${cut.why}. ${listed(behind.map(({ name }) => name))} ${behind.length === 1 ? "has" : "have"} a part in the loss only through it, and got no gradient in ${counted(training.passes.length, "pass", "passes")}. ${cut.fix}`,
        site: cut.site,
        related: [{ text: `${behind[0]!.name} was made here`, site: behind[0]!.madeAt }],
        evidence: { parameters: behind.length },
      };
    }
  },
};
