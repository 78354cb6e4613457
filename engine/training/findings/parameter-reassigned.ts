import type { Found, Rule } from "../rule.ts";
import { counted } from "../wording.ts";

/** The model works with another tensor than the one that the optimizer moves. */
export const parameterReassigned: Rule = {
  name: "parameter-reassigned",
  severity: "error",
  title: "a parameter is replaced by a tensor that the optimizer does not know",
  looksAt:
    "parameters of an optimizer that no pass has or none any more, and leaves of the same shape that have come in their place",
  threshold: "such a pair",
  source: "PyTorch, torch.optim: parameters must be moved or replaced before the optimizer is made",
  why: "The optimizer moves the old tensor, and the model uses the new one, which never changes.",
  fix: "Change it in place inside noGrad, or make the optimizer afterwards.",
  *inRun({ training }): Iterable<Found> {
    const stepping = new Set(training.optimizers.flatMap(({ id, steps }) => (steps > 0 ? [id] : [])));
    const last = training.passes.length;
    for (const old of training.parameters) {
      const owner = old.optimizers.find((id) => stepping.has(id));
      if (owner === undefined || old.isMember || !old.learns) continue;
      if (old.seen > 0 && last - old.seen < 2) continue;
      const next = training.parameters.find(
        (one) =>
          one.id !== old.id &&
          one.reached > 0 &&
          one.optimizers.length === 0 &&
          !one.moved &&
          one.firstSeen > old.lastSeen &&
          sameShape(one.shape, old.shape) &&
          (one.ofModule === old.ofModule || one.name === old.name),
      );
      if (!next) continue;
      const optimizer = training.optimizers[owner]!;
      yield {
        text: `${next.name} is a new tensor that came in the place of ${old.name} after this ${optimizer.type} had taken that: the optimizer moves the old one, and the new one never changes in ${counted(next.reached, "pass", "passes")}. Change the parameter in place inside noGrad (copy_), or make the optimizer afterwards.`,
        site: next.madeAt,
        related: [{ text: `the ${optimizer.type} that holds the old tensor`, site: optimizer.madeAt }],
        evidence: { passes: next.reached },
      };
    }
  },
};

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
