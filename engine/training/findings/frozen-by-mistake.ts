import type { Found, Rule } from "../rule.ts";
import type { ParameterHistory, Training } from "../training.ts";
import { listed } from "../wording.ts";

/** What should learn requires no gradient. */
export const frozenByMistake: Rule = {
  name: "frozen-by-mistake",
  severity: "error",
  title: "parameters that should learn do not require a gradient",
  looksAt:
    "parameters of an optimizer that require no gradient, where they were frozen, and whether their values came from elsewhere",
  threshold:
    "an optimizer of which none requires one; the layer right before the loss, as it was drawn, while others of its module learn; parameters frozen before what follows, where others, which had learned, are told to require a gradient; or whose layer is told so by an attribute that it does not have; a part of a layer whose other part learns; the layer right before the loss; a layer that was never loaded, after and before others that all learn",
  source: "transfer learning freezes layers near the input whose values were loaded, and trains those near the loss",
  why: "They stay as they were drawn.",
  fix: "Leave requiresGrad_(false) out, or undo it with requiresGrad_(true).",
  *inRun({ training, ended, constants, heads }): Iterable<Found> {
    if (!ended) return;
    yield* thawedInVain(training);
    yield* toldByAttribute(training);
    yield* frozenHeads(training, heads);
    for (const optimizer of training.optimizers) {
      const held = training.parameters.filter(({ optimizers }) => optimizers.includes(optimizer.id));
      const frozen = held.filter(({ learns, reached }) => !learns && reached === 0);
      if (frozen.length === 0) continue;
      const all = frozen.length === held.length;
      const mistaken = all
        ? frozen
        : frozen.filter(
            (one) =>
              isHalf(training, one) ||
              isBetween(training, one) ||
              (heads.has(one.id) && !one.written) ||
              (!one.ofModule && constants.has(one.id)),
          );
      if (mistaken.length === 0) continue;
      const names = listed(mistaken.map(({ name }) => name));
      const place = mistaken.find(({ frozenAt }) => frozenAt !== null);
      yield {
        text:
          `${names} ${mistaken.length === 1 ? "does" : "do"} not require a gradient, so ${mistaken.length === 1 ? "it never changes" : "they never change"}` +
          `${all ? `, and this ${optimizer.type} holds nothing else` : ` although this ${optimizer.type} holds ${mistaken.length === 1 ? "it" : "them"}`}. ` +
          (place
            ? "Leave requiresGrad_(false) out here, or call requiresGrad_(true) where training begins."
            : "Create it with { requiresGrad: true }."),
        site: place?.frozenAt ?? mistaken[0]!.madeAt,
        related: [
          { text: `the ${optimizer.type} that holds ${mistaken.length === 1 ? "it" : "them"}`, site: optimizer.madeAt },
        ],
        evidence: { frozen: mistaken.length, held: held.length },
        ...(place?.frozenAt && {
          remedy: {
            text: "Let them require a gradient.",
            changes: [{ kind: "word", call: place.frozenAt, from: "false", to: "true" }],
          },
        }),
      };
    }
  },
};

/**
 * The layer right before the loss, frozen as it was drawn and held by no optimizer, while layers before it in the same module
 * learn; with whatever else of that module is frozen so.
 */
function* frozenHeads(training: Training, heads: ReadonlySet<number>): Iterable<Found> {
  const { parameters, modules, optimizers } = training;
  const isStill = ({ learns, reached, frozenAt, written, optimizers: holders }: ParameterHistory): boolean =>
    !learns && reached === 0 && frozenAt !== null && !written && holders.length === 0;
  const learns = ({ reached, optimizers: holders }: ParameterHistory): boolean =>
    reached > 0 && holders.some((one) => optimizers[one]!.steps > 0);
  for (const parent of modules) {
    const layers = modules.filter(({ builtIn, parents }) => builtIn && parents.includes(parent.id));
    const inside = layers.flatMap((layer) => layer.parameters.map((id) => parameters[id]!));
    const frozen = inside.filter(isStill);
    const head = frozen.find(({ id }) => heads.has(id));
    if (!head || !inside.some(learns)) continue;
    yield {
      text: `Nothing of ${listed(frozen.map(({ name }) => name))} requires a gradient, so it stays as it was drawn at random, although ${head.name} belongs to the layer right before the loss, and layers before it learn. Leave requiresGrad_(false) out here: freeze what was loaded, near the input.`,
      site: head.frozenAt,
      related: [{ text: "made here", site: head.madeAt }],
      severity: "warning",
      evidence: { frozen: frozen.length },
    };
  }
}

/** Parameters that had learned were told to learn, and those that were frozen in between were not, although what trains on holds them. */
function* thawedInVain({ vainSwitches, optimizers, parameters, passes }: Training): Iterable<Found> {
  for (const { site, parameters: told, before } of vainSwitches) {
    const next = passes.at(before)?.index ?? Infinity;
    const optimizer = optimizers.find(
      ({ madeBefore, steps, groups }) =>
        madeBefore >= before && steps > 0 && groups.some((group) => told.some((id) => group.parameters.includes(id))),
    );
    const frozen = parameters.filter(
      ({ learns, frozenAt, lastReached, optimizers: holders }) =>
        !learns && frozenAt !== null && lastReached < next && optimizer && holders.includes(optimizer.id),
    );
    if (!optimizer || frozen.length === 0) continue;
    const [learned, still] = [told.map((id) => parameters[id]!.name), frozen.map(({ name }) => name)];
    yield {
      text: `requiresGrad_(true) changes nothing here: ${listed(learned)} had learned before. What was frozen, and stays so, is ${listed(still)}, although this ${optimizer.type}, made for what follows, holds that too. Call requiresGrad_(true) on it.`,
      site,
      related: [
        { text: "frozen here", site: frozen[0]!.frozenAt },
        { text: `the ${optimizer.type} that holds it`, site: optimizer.madeAt },
      ],
      evidence: { frozen: frozen.length },
    };
  }
}

/** A layer was told to learn by setting an attribute of its own, which its parameters, frozen before, know nothing of. */
function* toldByAttribute({ modules, parameters }: Training): Iterable<Found> {
  for (const { id, type, builtIn, toldAt } of modules) {
    // What an own class keeps by that name is its own affair.
    if (!toldAt || !builtIn) continue;
    const inside = new Set([id]);
    for (let size = 0; size < inside.size;) {
      size = inside.size;
      for (const one of modules) if (one.parents.some((parent) => inside.has(parent))) inside.add(one.id);
    }
    const own = modules.flatMap((one) => (inside.has(one.id) ? one.parameters : [])).map((one) => parameters[one]!);
    const frozen = own.filter(({ learns, frozenAt, reached }) => !learns && frozenAt !== null && reached === 0);
    if (frozen.length === 0 || frozen.length < own.length) continue;
    yield {
      text: `This sets an attribute of the ${type} that nobody reads. What was frozen, and stays so, is ${listed(frozen.map(({ name }) => name))}. Call requiresGrad_(true) on the ${type}.`,
      site: toldAt,
      related: [{ text: "frozen here", site: frozen[0]!.frozenAt }],
      evidence: { frozen: frozen.length },
    };
  }
}

/** Whether another parameter of the same layer learns. */
function isHalf(training: Training, parameter: ParameterHistory): boolean {
  const owner = training.modules.find(({ builtIn, parameters }) => builtIn && parameters.includes(parameter.id));
  return owner?.parameters.some((id) => training.parameters[id]!.reached > 0) ?? false;
}

/** Layers that are frozen on purpose wherever they stand. */
const OFTEN_FROZEN = /norm|embedding/iu;

/**
 * Whether a parameter's layer, as it was drawn, stands in one module after layers that all learn and before another that
 * does: what is frozen on purpose begins at the input.
 */
function isBetween(training: Training, parameter: ParameterHistory): boolean {
  const owner = training.modules.find(({ parameters }) => parameters.includes(parameter.id));
  if (!owner?.builtIn || parameter.written || OFTEN_FROZEN.test(owner.type)) return false;
  const layers = training.modules.filter(
    ({ parents, parameters }) => parameters.length > 0 && parents.some((one) => owner.parents.includes(one)),
  );
  const place = layers.indexOf(owner);
  const learns = ({ parameters }: (typeof layers)[number]): boolean =>
    parameters.some((id) => training.parameters[id]!.reached > 0);
  return place > 0 && layers.slice(0, place).every(learns) && layers.slice(place + 1).some(learns);
}
