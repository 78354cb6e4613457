import type { Found, Rule } from "../rule.ts";
import { readAsNumbers } from "./detached-path.ts";
import { parametersWithin, type ParameterHistory, type Training } from "../training.ts";
import { listed } from "../wording.ts";

/** A layer that the optimizer holds has no part in any loss. */
export const unusedLayer: Rule = {
  name: "unused-layer",
  severity: "warning",
  title: "a layer has no part in the loss",
  looksAt: "parameters that an optimizer holds, and the graphs of all backward passes",
  threshold: "in none of them, and no cut of the graph on the way explains it",
  source: "PyTorch, DistributedDataParallel's find_unused_parameters reports the same",
  why: "The layer is never trained. Mostly its call was forgotten, or its result is not used.",
  fix: "Use its result on the way to the loss, or remove it.",
  *inRun({ training, ended, cutParameters }): Iterable<Found> {
    if (!ended || training.passes.length === 0) return;
    const read = new Set(readAsNumbers(training).map(({ id }) => id));
    const unused = training.parameters.filter(
      ({ id, learns, seen, optimizers }) =>
        !read.has(id) &&
        learns &&
        seen === 0 &&
        !cutParameters.has(id) &&
        optimizers.some((one) => training.optimizers[one]!.fedPasses > 0),
    );
    for (const [owner, parameters] of byOwner(training, unused)) {
      const module = training.modules[owner];
      const names = listed(parameters.map(({ name }) => name));
      const called = module !== undefined && module.calls > 0;
      yield {
        text: module
          ? `${module.type} ${module.name ? `"${module.name}" ` : ""}${called ? `is called ${module.calls} times, but its result has no part in any loss` : "is never called"}: ${names} ${parameters.length === 1 ? "gets" : "get"} no gradient and ${parameters.length === 1 ? "stays" : "stay"} as drawn.`
          : `${names} has no part in any loss: it gets no gradient and stays as drawn.`,
        site: module?.madeAt ?? parameters[0]!.madeAt,
        evidence: { passes: training.passes.length, calls: module?.calls ?? 0 },
      };
    }
  },
};

/** Parameters by the outermost module that has no others; by themselves where none has them. */
function byOwner(training: Training, parameters: readonly ParameterHistory[]): Map<number, ParameterHistory[]> {
  const unused = new Set(parameters.map(({ id }) => id));
  const isUnused = (module: number): boolean =>
    [...parametersWithin(training.modules, module)].every((id) => unused.has(id));
  const outermost = (module: number): number => {
    const parent = training.modules[module]!.parents.find(isUnused);
    return parent === undefined ? module : outermost(parent);
  };
  const owners = new Map<number, ParameterHistory[]>();
  for (const parameter of parameters) {
    const owner = training.modules.findIndex((module) => module.parameters.includes(parameter.id));
    const key = owner < 0 ? -1 - parameter.id : outermost(owner);
    owners.set(key, [...(owners.get(key) ?? []), parameter]);
  }
  return owners;
}
