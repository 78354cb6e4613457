import type { Site } from "../../protocol/site.ts";
import type { Found, Rule } from "../rule.ts";
import { rebuiltLoss } from "./detached-path.ts";
import { parametersWithin, type OptimizerHistory, type ParameterHistory, type Training } from "../training.ts";
import { counted, listed } from "../wording.ts";

/** Parameters get gradients that no optimizer uses. */
export const paramsNotInOptimizer: Rule = {
  name: "params-not-in-optimizer",
  severity: "error",
  title: "parameters that get gradients are in no optimizer",
  looksAt: "which parameters get gradients, which optimizers hold them, and whether anything else moves them",
  threshold: "a module's parameter with a gradient that is in no optimizer and has not moved, while an optimizer steps",
  source: "PyTorch, torch.optim: the optimizer only updates what it was given",
  why: "They keep their first values, whatever their gradients say.",
  fix: "Give the optimizer the parameters of the whole model; freeze with requiresGrad_(false) what should not learn.",
  *inRun({ training, cutParameters }): Iterable<Found> {
    const stepping = training.optimizers.filter(({ steps }) => steps > 0);
    const [first] = stepping;
    if (!first) return;
    const holdsTensors = training.parameters.some(({ ofModule, optimizers }) => !ofModule && optimizers.length > 0);
    const unregistered = new Set(
      training.modules.flatMap(({ id, unregisteredIn }) =>
        unregisteredIn.length > 0 ? [...parametersWithin(training.modules, id)] : [],
      ),
    );
    let backwards = 0;
    for (const { kind } of training.passes) if (kind === "backward") backwards++;
    const left = training.parameters.filter(
      ({ id, ofModule, learns, reached, optimizers, moved }) =>
        reached > 0 &&
        learns &&
        !moved &&
        !unregistered.has(id) &&
        optimizers.length === 0 &&
        // Inputs that are made anew for each pass, to differentiate by them, are no parameters.
        (ofModule || (holdsTensors && (reached > 1 || backwards === 1))),
    );
    if (left.length > 0) {
      const optimizer = stepping.find((one) => one.fedPasses === 0) ?? meantFor(left, training, stepping) ?? first;
      yield {
        text:
          `${listed(left.map(({ name }) => name))} ${left.length === 1 ? "gets a gradient" : "get gradients"} in ${counted(left[0]!.reached, "backward pass", "backward passes")}, ` +
          `but no optimizer holds ${left.length === 1 ? "it" : "them"}, so ${left.length === 1 ? "it never changes" : "they never change"}. ` +
          `Give this ${optimizer.type} ${left.length === 1 ? "that parameter" : "those parameters"} too, or freeze ${left.length === 1 ? "it" : "them"} with requiresGrad_(false).`,
        site: optimizer.madeAt,
        related: placesOf(left).map(({ site, names }) => ({ text: `${listed(names)}: made here`, site })),
        evidence: { parameters: left.length, elements: left.reduce((sum, { shape }) => sum + sizeOf(shape), 0) },
      };
    }
    // What a loss rebuilt from numbers is made of is told by the rule of cuts.
    if (rebuiltLoss(training) !== null) return;
    for (const optimizer of stepping) {
      if (optimizer.fedPasses > 0 || training.passes.length === 0) continue;
      const held = training.parameters.filter(({ optimizers }) => optimizers.includes(optimizer.id));
      if (held.some(({ id, learns, seen }) => !learns || seen > 0 || cutParameters.has(id))) continue;
      if (left.length > 0) continue;
      if (!training.passes.some(({ kind }) => kind === "backward")) continue;
      yield {
        text: `No parameter of this ${optimizer.type} (${listed(held.map(({ name }) => name))}) was part of any backward pass: it holds others than those that the loss is made of.`,
        site: optimizer.madeAt,
        related: placesOf(held).map(({ site, names }) => ({ text: `${listed(names)}: made here`, site })),
        evidence: { steps: optimizer.steps },
      };
    }
  },
};

/** The optimizer, of those that hold what another holds already, that steps next after the parameters got their gradient. */
function meantFor(
  left: readonly ParameterHistory[],
  training: Training,
  optimizers: readonly OptimizerHistory[],
): OptimizerHistory | undefined {
  const held = (one: OptimizerHistory): readonly number[] => one.groups.flatMap(({ parameters }) => parameters);
  const doubles = optimizers.filter((one) => {
    const others = new Set(optimizers.filter((other) => other !== one).flatMap(held));
    return held(one).every((parameter) => others.has(parameter));
  });
  const calledAt = training.passes.findLast(({ index }) => index === left[0]!.lastReached)?.site;
  const lines = ({ stepSite }: OptimizerHistory): number =>
    stepSite && stepSite.file === calledAt?.file && stepSite.line >= calledAt.line
      ? stepSite.line - calledAt.line
      : Infinity;
  return doubles.toSorted((a, b) => lines(a) - lines(b) || b.id - a.id)[0];
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((all, size) => all * size, 1);
}

/** Parameters by the place where they were made. */
export function placesOf(parameters: readonly ParameterHistory[]): { site: Site | null; names: string[] }[] {
  const places = new Map<string, { site: Site | null; names: string[] }>();
  for (const { madeAt, name } of parameters) {
    const key = madeAt === null ? "" : `${madeAt.file}:${madeAt.line}:${madeAt.column}`;
    const place = places.get(key) ?? { site: madeAt, names: [] };
    place.names.push(name);
    places.set(key, place);
  }
  return [...places.values()].slice(0, 4);
}
