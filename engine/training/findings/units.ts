import type { LayerSample, PassSample } from "../pass-sample.ts";
import type { Found, Rule } from "../rule.ts";
import type { Training } from "../training.ts";
import { roundedText } from "../../recording/number-text.ts";

const DEAD = 0.8;
const FEWEST_EXAMPLES = 8;

/** Units that are off for every input learn nothing any more. */
export const deadRelu: Rule = {
  name: "dead-relu",
  severity: "warning",
  after: "certain",
  title: "rectified units are off for all inputs",
  looksAt: "which units of each ReLU are 0 for every example of a pass",
  threshold: `${DEAD * 100} % of a layer's units or more, of at least ${FEWEST_EXAMPLES} examples, in the last pass that was looked at`,
  source: "the derivative of max(0, x) is 0 for x < 0: Lu et al. 2019, Dying ReLU and Initialization",
  why: "No gradient passes a unit that is off, so nothing can switch it on again.",
  fix: "Lower the learning rate, start biases at 0, or use a leaky ReLU.",
  *inRun({ samples }): Iterable<Found> {
    const last = samples.at(-1);
    for (const { site, units, dead, examples, row } of last?.rectifiers ?? []) {
      if (examples < FEWEST_EXAMPLES || units < 4 || dead < DEAD * units) continue;
      const before = samples[0]!.rectifiers.find((one) => one.site?.line === site?.line && one.units === units);
      yield {
        text: `${dead} of ${units} units of this ReLU are 0 for all ${examples} inputs of pass ${last!.pass}${before && before.dead < dead ? ` (${before.dead} at the start)` : ""}: no gradient passes them, so nothing can switch them on again. Lower the learning rate, start biases at 0, or use a leaky ReLU.`,
        site,
        evidence: { dead, units, examples, pass: last!.pass },
        row,
      };
    }
  },
};

/** A start from which layers cannot learn different things, or anything. */
export const badInit: Rule = {
  name: "bad-init",
  severity: "error",
  after: "certain",
  title: "the initial weights are all the same, far too large, or no numbers",
  looksAt:
    "the weights of linear layers and convolutions in the first pass, and any parameter that is not finite there",
  threshold:
    "NaN or Infinity; one number everywhere in a layer that is followed by another; products in a row that give numbers 3 times as large each and 25 times in all; or ‖w‖ / √units above 8 times that of a good start",
  source: "Glorot and Bengio 2010, He et al. 2015: a standard deviation of about 1 / √inputs",
  why: "Units that start the same stay the same, whatever their number; weights that are too large saturate what follows.",
  fix: "Draw weights with nn.init.kaimingUniform_ or xavierUniform_, or leave the default.",
  *inRun({ samples, training }): Iterable<Found> {
    const first = samples[0];
    if (!first) return;
    yield* spoiltAtStart(first, training);
    const several = first.layers.length > 1;
    yield* growingProducts(first.layers, training);
    for (const layer of first.layers) {
      const { isConstant, gain, depth, site, weight, weightName, row } = layer;
      const made = training.parameters[weight];
      const constant = isConstant && several && depth > 0 && !wakesUp(layer, samples);
      if (!constant && !(gain > 8)) continue;
      yield {
        text: constant
          ? `All weights of ${weightName || "this layer"} start as one number: its units compute the same, get the same gradient, and stay the same. Draw them at random, with nn.init.xavierUniform_ or the default.`
          : `The weights of ${weightName || "this layer"} start ${roundedText(gain)} times as large as would keep the size of what goes in: what follows saturates or overflows. Draw them with nn.init.kaimingUniform_ or xavierUniform_.`,
        site: made?.writtenAt ?? (isByHand(training, weight) ? made?.madeAt : null) ?? site,
        related: [{ text: "the layer is made here", site: made?.madeAt ?? null }],
        evidence: { gain },
        row,
      };
    }
  },
};

/** A parameter that was not finite before anything could have been learned. */
function* spoiltAtStart({ spoilt, pass }: PassSample, { parameters, passes }: Training): Iterable<Found> {
  if (!spoilt || pass !== passes.at(0)?.index) return;
  const { row, what, parameter, name, count, of } = spoilt;
  const made = parameters[parameter];
  yield {
    text: `${count} of ${of} numbers of ${name || "this layer"} ${count === 1 ? "is" : "are"} ${what} in the first pass, before anything was learned, and make the loss and all gradients so. Look at what it was drawn, computed or loaded from.`,
    site: made?.writtenAt ?? made?.madeAt ?? null,
    related: [{ text: "the layer is made here", site: made?.madeAt ?? null }],
    evidence: { count, of },
    row,
  };
}

/**
 * Whether a weight of zeros, whose first gradient is zero as well, tells its units apart later on: behind a layer that starts at zero
 * too, the first pass tells nothing of it.
 */
function wakesUp({ weight, weightNorm, weightGradient }: LayerSample, samples: readonly PassSample[]): boolean {
  if (weightNorm > 0 || weightGradient > 0) return false;
  return samples.some(({ layers }) => layers.some((one) => one.weight === weight && one.unitsDiffer));
}

/** Products that make numbers this many times as large, each and together, from what goes in to what is judged. */
const EACH = 3;
const TOGETHER = 25;

/** Layers written out as products, each of which gives numbers that are far larger than those it is given. */
function* growingProducts(layers: readonly LayerSample[], training: Training): Iterable<Found> {
  const grown = layers
    .filter(({ written, isConstant }) => written !== null && !isConstant && written.after > EACH * written.before)
    .toSorted((a, b) => a.depth - b.depth);
  const [last, first] = [grown[0], grown.at(-1)];
  // Over time one weight that is used again and again is what gradients that explode are about.
  if (!last?.written || !first.written || new Set(grown.map(({ weight }) => weight)).size < 2) return;
  const all = last.written.after / Math.max(first.written.before, Number.MIN_VALUE);
  if (!(all > TOGETHER) || !(last.written.after > TOGETHER)) return;
  const made = training.parameters[first.weight];
  yield {
    text: `${grown.length} products in a row give numbers that are larger than what goes in, ${roundedText(all)} times as large in all: the root mean square of the last is ${roundedText(last.written.after)} at the start, so what follows saturates or overflows. Divide the weights by the root of the number of their inputs when they are drawn.`,
    site: made?.writtenAt ?? made?.madeAt ?? first.site,
    related: [{ text: "the last of them is here", site: last.callSite }],
    evidence: { growth: all, rms: last.written.after },
    row: first.row,
  };
}

/** Whether the program made a weight itself, so that its first values stand where it was made and not in a layer. */
function isByHand({ modules }: Training, weight: number): boolean {
  return !modules.some(({ builtIn, parameters }) => builtIn && parameters.includes(weight));
}

const LARGE = 15;

/** Data on a scale that a network with usual weights is not made for. */
export const unnormalisedInputs: Rule = {
  name: "unnormalised-inputs",
  severity: "warning",
  after: "certain",
  title: "inputs or targets go in on a scale that the network is not made for",
  looksAt: "the size of the data that goes into the first layer, and of the targets of a difference",
  threshold: `a root mean square above ${LARGE}, with no normalisation before the layer`,
  source: "LeCun et al. 1998, Efficient BackProp: inputs should have mean 0 and variance 1",
  why: "Units saturate or die, gradients are as many times too large, and no learning rate suits all layers.",
  fix: "Subtract the mean and divide by the standard deviation, or divide by the largest value.",
  *inRun({ samples, targets }): Iterable<Found> {
    const first = samples[0];
    for (const { inputRms, inputMost, callSite, site, row } of first?.layers ?? []) {
      // What is not finite has no scale, and findings of its own.
      if (!(inputRms > LARGE) || inputRms === Infinity) continue;
      yield {
        text: `The data that goes into this layer has a root mean square of ${roundedText(inputRms)} and reaches ${roundedText(inputMost)}: weights that are drawn for inputs of about 1 make it saturate or overflow. Subtract the mean and divide by the standard deviation.`,
        site: callSite,
        related: [{ text: "the layer is made here", site }],
        evidence: { rms: inputRms, most: inputMost },
        row,
      };
      return;
    }
    for (const { site, rms } of targets) {
      if (!(rms > 10 * LARGE) || rms === Infinity) continue;
      yield {
        text: `The targets have a root mean square of ${roundedText(rms)}, and the network starts with outputs of about 1: the first gradients are as many times too large. Divide the targets by their standard deviation.`,
        site,
        evidence: { rms },
      };
      return;
    }
  },
};

/** Gradients that grow or shrink by powers. */
const MANY = 4;
const SHRUNK = 1e-4;
const GROWN = 1e3;
/** Over time a plain cell's gradients always shrink, by half or so a step: this much less, over so many steps, is a fault. */
const LOST = 0.15;
const STEPS = 6;

export const vanishingGradients: Rule = {
  name: "vanishing-gradients",
  severity: "warning",
  after: "certain",
  title: "gradients shrink by powers through layers or time",
  looksAt:
    "the gradient of each layer's weight compared with the weight, from the layer nearest to the loss to the farthest",
  threshold: `over ${MANY} layers or more, ${SHRUNK} of what it is at the loss, or less; or, of one weight over ${STEPS} time steps or more, less than ${LOST} a step`,
  source: "Hochreiter 1991; Glorot and Bengio 2010: the derivative of a sigmoid is at most 1/4",
  why: "The layers far from the loss do not learn.",
  fix: "Use ReLU or its like, normalisation, or residual connections; over time, gated cells.",
  *inRun({ samples }): Iterable<Found> {
    yield* vanishingOverTime(samples[0]?.layers ?? []);
    const chain = chainOf(samples[0]?.layers ?? []);
    if (!chain) return;
    const { near, far, layers } = chain;
    const ratio = far.weightGradient / far.weightNorm / (near.weightGradient / near.weightNorm);
    if (!(ratio < SHRUNK) || far.weightGradient === 0) return;
    const steepest = steepestOf(chain.all, (layer) => layer.weightNorm / layer.weightGradient);
    yield {
      text: `The gradient of ${far.weightName || "the first layer"} is ${roundedText(ratio)} of that of ${near.weightName || "the last"}, each compared with its weights: over ${layers} layers gradients shrink by ${roundedText(ratio ** (1 / (layers - 1)))} a layer, so the first do not learn. Use ReLU or its like, normalisation, or residual connections.`,
      site: steepest.site,
      related: [
        { text: "the layer nearest to the loss", site: near.site },
        { text: "the layer farthest from it", site: far.site },
      ],
      evidence: { ratio, layers },
      row: steepest.row,
    };
  },
};

/** One weight that is used at each time step, and passes on so little that the first steps have no say. */
function* vanishingOverTime(layers: readonly LayerSample[]): Iterable<Found> {
  for (const weight of new Set(layers.map((layer) => layer.weight))) {
    const calls = layers
      .filter((layer) => layer.weight === weight && layer.gradient > 0)
      .toSorted((a, b) => a.depth - b.depth);
    const [near, far] = [calls[0], calls.at(-1)];
    if (!near || far.depth - near.depth < STEPS) continue;
    const ratio = far.gradient / near.gradient;
    const each = ratio ** (1 / (far.depth - near.depth));
    if (!(each < LOST)) continue;
    yield {
      text: `The gradient that arrives ${far.depth} time steps before the loss is ${roundedText(ratio)} of the one next to it: it shrinks by ${roundedText(each)} a step, so nothing is learned over more than a few. Start ${near.weightName || "the recurrent weight"} larger or orthogonal, or use a gated cell.`,
      site: far.callSite,
      evidence: { ratio, steps: far.depth - near.depth },
      row: far.row,
    };
    return;
  }
}

export const explodingGradients: Rule = {
  name: "exploding-gradients",
  severity: "error",
  after: "certain",
  title: "gradients grow by powers through layers or time",
  looksAt: "the gradient of each layer's result, from the layer nearest to the loss to the farthest",
  threshold: `over ${MANY} layers or calls or more, ${GROWN} times what it is at the loss`,
  source: "Pascanu, Mikolov and Bengio 2013: products of Jacobians grow by powers of their largest singular value",
  why: "A step then throws the weights far away, and the loss jumps or becomes NaN.",
  fix: "Clip gradients, start recurrent weights orthogonal or smaller, or use gated cells and normalisation.",
  *inRun({ samples }): Iterable<Found> {
    for (const sample of samples) {
      // Later on a learning rate that is too large would look the same.
      if (!(sample.loss <= 3 * Math.abs(samples[0]!.loss))) break;
      // Shortcuts carry gradients that grow as well, so it is the longest way that counts.
      const arrived = sample.layers.filter(({ gradient }) => gradient > 0).toSorted((a, b) => a.longest - b.longest);
      const [near, far] = [arrived[0], arrived.at(-1)];
      if (!near || far.longest - near.longest < MANY) continue;
      const ratio = far.gradient / near.gradient;
      if (!(ratio > GROWN)) continue;
      const steepest = steepestOf(arrived, ({ gradient }) => gradient);
      yield {
        text: `The gradient that arrives ${far.longest} layers or time steps before the loss is ${roundedText(ratio)} times as large as the one next to it: it grows by a factor of ${roundedText(ratio ** (1 / (far.longest - near.longest)))} each. Clip gradients with clipGradNorm_, start the weights smaller or orthogonal, or use a gated cell.`,
        site:
          far.weight === near.weight || arrived.filter(({ weight }) => weight === far.weight).length > 1
            ? far.callSite
            : steepest.site,
        evidence: { ratio, depth: far.longest, pass: sample.pass },
        row: far.row,
      };
      return;
    }
  },
};

function chainOf<T extends { readonly depth: number; readonly weight: number; readonly weightGradient: number }>(
  all: readonly T[],
): { near: T; far: T; layers: number; all: readonly T[] } | null {
  const arrived = all
    .filter(({ weightGradient }) => Number.isFinite(weightGradient))
    .toSorted((a, b) => a.depth - b.depth);
  const [near, far] = [arrived[0], arrived.at(-1)];
  const layers = new Set(arrived.map(({ weight }) => weight)).size;
  return near && layers >= MANY && far.depth - near.depth >= MANY - 1 ? { near, far, layers, all: arrived } : null;
}

/** The layer behind which something grows most, neither the first nor the last; `layers` are in their order from the loss. */
function steepestOf<T>(layers: readonly T[], size: (layer: T) => number): T {
  const growths = layers.slice(1, -1).map((layer, i) => size(layers[i + 2]!) / size(layer));
  const most = growths.reduce((best, growth, i) => (growth > growths[best]! ? i : best), 0);
  return layers[most + 1]!;
}
