import { roleOf } from "../../ops/role.ts";
import type { Origin } from "../../core/origin.ts";
import { stepsOf } from "../provenance.ts";
import type { Found, Rule } from "../rule.ts";
import { counted } from "../wording.ts";

/** The model works with another tensor than the one that the optimizer moves. */
export const parameterReassigned: Rule = {
  name: "parameter-reassigned",
  severity: "error",
  title: "a parameter is replaced by a tensor that the optimizer does not know",
  looksAt:
    "parameters of an optimizer that no pass has or none any more, and leaves of the same shape that have come in their place",
  threshold: "such a pair; or a leaf to which a result of its own, a constant added, is assigned",
  source: "PyTorch, torch.optim: parameters must be moved or replaced before the optimizer is made",
  why: "The optimizer moves the old tensor, and the model uses the new one, which never changes.",
  fix: "Change it in place inside noGrad, or make the optimizer afterwards.",
  *inPass({ view }): Iterable<Found> {
    if (view.pass.id === 0) return;
    for (let row = 0; row < view.rows; row++) {
      const made = view.isOp(row) || view.isLive(row) ? undefined : stepsOf(view.context.origin(row)).find(isReplaced);
      if (made) {
        yield {
          text: `${made.label} is replaced by a new tensor here, inside noGrad: that requires no gradient, so from now on it never changes. Change it in place: ${made.label}.${roleOf(made.op) === "add" ? "add_" : "sub_"}(…).`,
          site: view.context.siteOf(made),
          row,
        };
      }
      if (!view.is(row, "add", "subtract") || view.inputs(row).length !== 2) continue;
      const [leaf, change] = view.inputs(row) as [number, number];
      const name = view.pass.label(row);
      if (!view.isParameter(leaf) || name === "" || view.pass.label(leaf) !== name) continue;
      if (view.isLive(change) || view.isOp(change) || !sameShape(view.shape(change), view.shape(leaf))) continue;
      if (!sameShape(view.shape(row), view.shape(leaf))) continue;
      yield {
        text: `${name} is replaced by the result of ${view.name(row)}() here, which is no leaf: its .grad stays null from now on, and the graph of every later pass goes through it. Change it in place, inside noGrad: ${name}.${view.is(row, "add") ? "add_" : "sub_"}(…).`,
        site: view.callSite(row),
        row,
      };
    }
  },
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

/** Whether a sum was assigned to the variable of a leaf that learns, which it was made of. */
function isReplaced({ op, inputs, label }: Origin): boolean {
  const [leaf] = inputs;
  return leaf?.learned === true && ["add", "subtract"].includes(roleOf(op)) && label !== "" && leaf.label === label;
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
