import type { Origin } from "../../core/origin.ts";
import { runtime } from "../../core/runtime.ts";
import { roleOf } from "../../ops/role.ts";
import { cutsBehind, type Cut } from "../cuts.ts";
import type { PassView } from "../pass-view.ts";
import type { Found, Rule } from "../rule.ts";
import type { ParameterHistory, Training } from "../training.ts";
import { counted, listed } from "../wording.ts";

/** Steps of one pass before which a state must have been cut off. */
const FEWEST = 3;

/** Something between the parameters and the loss cuts the gradient off. */
export const detachedPath: Rule = {
  name: "detached-path",
  severity: "error",
  title: "the path from parameters to the loss is cut",
  looksAt:
    "where constants of the graph came from: what was detached, read as a number, rounded, compared, or made inside noGrad",
  threshold:
    "backward() finds nothing to do; a parameter, or what is computed of it, is read as numbers for most passes and met by none; all that is behind a rounded value gets a gradient of zero; or a parameter of an optimizer never gets a gradient, and its values reach the loss through such a cut",
  source: "PyTorch, autograd mechanics: what is detached, an integer, or a number of Python's has no gradient",
  why: "No gradient passes the cut, so what lies behind it does not learn.",
  fix: "Keep the values as tensors of the graph up to the loss: leave out detach(), item(), noGrad and argmax there.",
  *inPass({ view }): Iterable<Found> {
    const states = new Map<string, { row: number; origin: Origin; count: number }>();
    for (let row = 0; row < view.rows; row++) {
      if (view.isOp(row) || view.isLive(row)) continue;
      const origin = view.context.origin(row);
      if (origin?.fromGraph !== true) continue;
      const modulated = ownWeight(view, row, origin);
      if (modulated !== null) {
        yield {
          text: `This factor is a power of 1 − p, and p is cut off by detach() here: of a focal loss it is part of what is differentiated, so the gradient is wrong for every example that is not yet sure. Leave the detach() out.`,
          site: view.context.siteOf(modulated),
          related: [{ text: "the factor is applied here", site: view.callSite(view.consumers(row)[0]!) }],
          severity: "warning",
          row,
        };
      }
      if (origin.op !== "detach" || !view.consumers(row).some((one) => isCell(view, one))) continue;
      const key = String(origin.site);
      const known = states.get(key);
      if (known) known.count++;
      else states.set(key, { row, origin, count: earlierCuts(origin) > 0 ? FEWEST : 1 });
    }
    yield* constantTerms(view);
    yield* roundedPaths(view);
    yield* codesWithoutMean(view);
    for (const { row, origin, count } of states.values()) {
      if (count < FEWEST) continue;
      yield {
        text: `The state is detached before each step of this one pass: no gradient goes from a step to the one before, so nothing is learned over time. detach() it once a pass, before the first step.`,
        site: view.context.siteOf(origin),
        severity: "warning",
        row,
      };
    }
  },
  *inRun({ training, cuts, refusals }): Iterable<Found> {
    for (const { site, cut } of refusals) {
      // What was written inside noGrad and then frozen looks like a cut; it is the freezing that leaves nothing to do.
      if (cut === null || (cut.by === "noGrad" && isAllFrozen(training))) continue;
      yield {
        text: `backward() finds nothing to do, since ${cut.by} cuts the path to the loss here: ${cut.why}. ${cut.fix}`,
        site: cut.site,
        related: [{ text: "backward() is called here", site }],
        evidence: {},
        ...withoutDetach(cut),
      };
    }
    const rebuilt = rebuiltLoss(training);
    if (rebuilt !== null) {
      yield {
        text: `The loss is made of a new leaf here, of numbers: it requires a gradient itself, and knows nothing of what the numbers were computed from. backward() gives its gradient to this tensor, and ${listed(rebuilt.lost.map(({ name }) => name))} got none in ${counted(training.passes.length, "pass", "passes")}. Compute the loss from the tensors themselves.`,
        site: rebuilt.site,
        related: [{ text: "backward() is called here", site: training.passes.at(0)?.site ?? null }],
        evidence: { parameters: rebuilt.lost.length },
      };
    }
    yield* readBehind(training);
    for (const { name, reads, readAt, readBy, madeAt } of readAsNumbers(training).filter((one) => !one.readBehind)) {
      yield {
        text: `${readBy}() gives plain numbers here, and whatever is made of those knows nothing of ${name}: its numbers were read before ${counted(reads, "pass", "passes")}, and no pass has met ${name} itself, so it got no gradient. Keep ${name} a tensor up to the loss, and call ${readBy}() only to print.`,
        site: readAt,
        related: [{ text: `${name} was made here`, site: madeAt }],
        evidence: { reads },
      };
    }
    // Without an optimizer nobody says what should learn: leaves that no pass has met, though a loss is made of them.
    const isByHand = training.optimizers.length === 0 && training.passes.length >= FEWEST;
    for (const cut of isByHand ? cuts : []) {
      const met = (leaf: Cut["leaves"][number]): boolean =>
        training.parameters.some(({ name, madeAt }) => name === leaf.name && madeAt?.line === leaf.site?.line);
      const [first] = cut.leaves;
      if (!first || cut.leaves.some(met)) continue;
      yield {
        text: `${cut.by} cuts the gradient off here: ${cut.why}. ${listed(cut.leaves.map(({ name }) => name || "a tensor"))} ${cut.leaves.length === 1 ? "has" : "have"} a part in the loss only through it, and got no gradient in ${counted(training.passes.length, "pass", "passes")}. ${cut.fix}`,
        site: cut.site,
        related: [{ text: `${first.name || "the tensor"} was made here`, site: first.site }],
        evidence: { parameters: cut.leaves.length },
        ...withoutDetach(cut),
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
        ...withoutDetach(cut),
      };
    }
  },
};

/** Parameters whose results were read as numbers, of which others computed what follows. */
function* readBehind(training: Training): Iterable<Found> {
  const behind = readAsNumbers(training).filter((one) => one.readBehind);
  const lines = new Map(behind.map(({ readAt }) => [`${readAt?.file}:${readAt?.line}`, readAt]));
  for (const [line, site] of lines) {
    const lost = behind.filter(({ readAt }) => `${readAt?.file}:${readAt?.line}` === line);
    const { reads, readBy, madeAt } = lost[0]!;
    const names = listed(lost.map(({ name }) => name));
    yield {
      text: `${readBy}() gives plain numbers here, and whatever is computed of those knows nothing of what they were made of: so it was before ${counted(reads, "pass", "passes")}, none of which has met ${names}. Go on with the tensors themselves, and call ${readBy}() only to print.`,
      site,
      related: [{ text: `${lost[0]!.name} was made here`, site: madeAt }],
      evidence: { reads, parameters: lost.length },
    };
  }
}

/** Parameters that an optimizer moves, that no pass has ever met, and whose numbers were read for most of the passes. */
export function readAsNumbers({ parameters, optimizers, passes }: Training): readonly ParameterHistory[] {
  return parameters.filter(
    ({ learns, seen, reads, optimizers: holders }) =>
      learns &&
      seen === 0 &&
      reads >= FEWEST &&
      2 * reads > passes.length &&
      holders.some((one) => optimizers[one]!.steps > 0),
  );
}

/**
 * Passes that reach nothing but a leaf that was made anew for each of them, while an optimizer steps with parameters that no
 * pass has met: the loss was rebuilt from numbers, and told to require a gradient.
 */
export function rebuiltLoss({
  parameters,
  optimizers,
  passes,
}: Training): { readonly site: ParameterHistory["madeAt"]; readonly lost: readonly ParameterHistory[] } | null {
  const lost = parameters.filter((one) => one.optimizers.some((id) => optimizers[id]!.steps > 0));
  if (lost.length === 0 || passes.length < 2 || lost.some(({ seen }) => seen > 0)) return null;
  const leaves = parameters.filter(({ seen }) => seen > 0);
  const [first] = leaves;
  if (!first || first.madeAt === null || leaves.length !== passes.length) return null;
  const line = `${first.madeAt.file}:${first.madeAt.line}`;
  const areNew = leaves.every(
    ({ seen, ofModule, optimizers: holders, madeAt }) =>
      seen === 1 && !ofModule && holders.length === 0 && madeAt !== null && `${madeAt.file}:${madeAt.line}` === line,
  );
  return areNew ? { site: first.madeAt, lost } : null;
}

/** Whether some optimizer holds nothing but what was frozen. */
function isAllFrozen({ optimizers, parameters }: Training): boolean {
  return optimizers.some(({ id }) => {
    const held = parameters.filter((one) => one.optimizers.includes(id));
    return held.length > 0 && held.every(({ learns, frozenAt }) => !learns && frozenAt !== null);
  });
}

/** Values that are rounded inside the graph, where all that is behind them gets a gradient of zero. */
function* roundedPaths(view: PassView): Iterable<Found> {
  for (let row = 0; row < view.rows; row++) {
    if (!view.is(row, "rounding") || !view.isLive(row)) continue;
    const arrived = view.pass.gradient(row);
    if (arrived === null || runtime.kernels.statistics(arrived).norm === 0) continue;
    const behind = [...view.behind(row)].filter((one) => view.isParameter(one));
    const silent = behind.filter((one) => {
      const gradient = view.pass.gradient(one);
      return gradient !== null && runtime.kernels.statistics(gradient).norm === 0;
    });
    if (silent.length === 0 || silent.length < behind.length) continue;
    yield {
      text: `${view.name(row)}() cuts the gradient off here: its derivative is zero everywhere. ${listed(silent.map((one) => view.pass.label(one)))} ${silent.length === 1 ? "gets" : "get"} a gradient of zero. Compute the loss from the values before they are rounded.`,
      site: view.callSite(row),
      evidence: { parameters: silent.length },
      row,
    };
  }
}

/** Scalars that a loss is the sum of, and that no gradient passes although they were computed of what learns. */
function* constantTerms(view: PassView): Iterable<Found> {
  const stack: number[] = [...view.pass.roots];
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    if (view.shape(row).length > 0) continue;
    if (view.is(row, "add", "subtract", "multiply", "divide", "negate")) stack.push(...view.inputs(row));
    const origin = view.isOp(row) || view.isLive(row) ? null : view.context.origin(row);
    // A term that is itself cut off is a number that somebody wants to see in the loss.
    if (origin?.fromGraph !== true || origin.op === "detach" || origin.op === "read" || origin.op === "leaf") continue;
    if (!view.consumers(row).some((one) => view.is(one, "add", "subtract"))) continue;
    const cuts = cutsBehind(origin).filter((one) => one.epoch === origin.epoch && one.op === "detach");
    // What weighs a likelihood is cut off by right.
    const cut = cuts.find((one) => leadsTo(one.inputs[0]!, "log-softmax")) ?? cuts[0];
    if (!cut || cut === origin) continue;
    const name = view.pass.label(row) || origin.label || "A term of the loss";
    yield {
      text: `${name} is added to the loss and passes no gradient: everything that it is made of was cut off by detach() here. What it asks for is never learned. Leave the detach() out.`,
      site: view.context.siteOf(cut),
      related: [{ text: "the term is computed here", site: view.context.siteOf(origin) }],
      row,
    };
  }
}

/** Codes m + exp(·) ε whose mean, or whose scale, is cut off on the way to what is decoded. */
function* codesWithoutMean(view: PassView): Iterable<Found> {
  for (let row = 0; row < view.rows; row++) {
    if (!view.is(row, "add") || view.inputs(row).length !== 2 || !view.isLive(row)) continue;
    for (const [mean, noise] of [view.inputs(row), view.inputs(row).toReversed()] as [number, number][]) {
      const cut = view.isOp(mean) || view.isLive(mean) ? null : view.context.origin(mean);
      if (cut?.op !== "detach" || cut.inputs[0]?.live !== true) continue;
      if (!view.is(noise, "multiply") || !view.inputs(noise).some((one) => view.is(one, "exponential", "softplus")))
        continue;
      if (!view.inputs(noise).some((one) => !view.isOp(one) && !view.isLive(one))) continue;
      yield {
        text: `The mean of the code is cut off by detach() here: what is decoded teaches it nothing, and only the divergence moves it, towards 0. Leave the detach() out.`,
        site: view.context.siteOf(cut),
        related: [{ text: "the code is made here", site: view.callSite(row) }],
        row: mean,
        ...(view.context.siteOf(cut) && {
          remedy: {
            text: "Leave detach() out.",
            changes: [{ kind: "leave-out", call: view.context.siteOf(cut)! }],
          },
        }),
      };
    }
  }
}

/** Whether a row is part of a recurrent cell, and takes its state. */
function isCell(view: PassView, row: number): boolean {
  if (view.is(row, "recurrent-cell")) return true;
  for (let scope = view.pass.scope(row); scope >= 0; scope = view.pass.scopes[scope]!.parent) {
    if (/cell/iu.test(view.pass.scopes[scope]!.type)) return true;
  }
  return false;
}

/** Finds the cut in a weight (1 − p)^γ on log p whose p was cut off the graph. */
function ownWeight(view: PassView, row: number, origin: Origin): Origin | null {
  if (!view.consumers(row).some((one) => view.is(one, "multiply"))) return null;
  let [raised, cut]: [boolean, Origin | null] = [false, null];
  let exponential = false;
  for (let at: Origin | undefined = origin, steps = 0; at && steps < 8; at = at.inputs[0], steps++) {
    const role = roleOf(at.op);
    if (role === "power" || role === "square") raised = true;
    else if (role === "exponential" && raised) exponential = true;
    else if (at.op === "detach" && exponential) {
      cut = at;
      break;
    }
  }
  const source = cut?.inputs[0];
  return source?.live === true && leadsTo(source, "log-softmax") ? cut : null;
}

function leadsTo(origin: Origin, role: ReturnType<typeof roleOf>): boolean {
  for (let at: Origin | undefined = origin, steps = 0; at && steps < 6; at = at.inputs[0], steps++) {
    if (roleOf(at.op) === role) return true;
  }
  return false;
}

/** How many times what is behind a cut was cut at the same place for the same pass. */
function earlierCuts(cut: Origin): number {
  const seen = new Set<Origin>([cut]);
  const stack = [...cut.inputs];
  let count = 0;
  for (let at = stack.pop(); at; at = stack.pop()) {
    if (seen.has(at) || at.epoch !== cut.epoch) continue;
    seen.add(at);
    if (at.op === cut.op && at.site === cut.site) count++;
    stack.push(...at.inputs);
  }
  return count;
}

function withoutDetach({ by, site }: Cut): Pick<Found, "remedy"> {
  if (by !== "detach()" || !site) return {};
  return { remedy: { text: "Leave detach() out.", changes: [{ kind: "leave-out", call: site }] } };
}
