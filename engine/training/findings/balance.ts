import { linesOf } from "../pass-entries.ts";
import type { ExaminedRun, Found, Rule } from "../rule.ts";
import { roundedText } from "../../recording/number-text.ts";
import type { ClassSample } from "../class-sample.ts";
import type { PassSample } from "../pass-sample.ts";
import type { PassView } from "../pass-view.ts";
import { accomplicesOf, siteOfFooling } from "../adversaries.ts";
import { stepsOf } from "../provenance.ts";
import { arrayShuffledAlone, shuffledAlone } from "../shuffles.ts";

const OUTWEIGHS = 10;
/**
 * A penalty is gone below this share of what it was. An error below this share of its own was learned in spite of it: what
 * is penalised may shrink while what reads it grows.
 */
const GONE = 1e-3;
const LEARNED = 0.2;

/** A penalty is most of the loss. */
export const regularisationDominates: Rule = {
  name: "regularisation-dominates",
  severity: "warning",
  title: "a penalty outweighs the loss that it should only temper",
  looksAt:
    "the scalars that the loss is the sum of: entropies, those that only parameters are behind, and sizes of what the others are made of; and the others",
  threshold: `${OUTWEIGHS} times as large together, in the first pass that was looked at, and larger in the last; or larger at the start and ${GONE} of that at the end, with an error that is still ${LEARNED * 100} % of what it was`,
  source: "a penalty is a prior: Goodfellow et al. 2016, chapter 7",
  why: "The steps follow the penalty, and the weights go to zero whatever the data says.",
  fix: "Make its factor smaller, until it is a tenth of the loss or less.",
  *inRun({ samples }): Iterable<Found> {
    const [first, last] = [samples[0], samples.at(-1)];
    if (!first || !last || samples.length < 3) return;
    const share = ({ addends }: typeof first): number => {
      const sum = (list: typeof addends): number => list.reduce((all, { value }) => all + Math.abs(value), 0);
      const data = sum(addends.filter(({ isPenalty }) => !isPenalty));
      return data === 0 ? 0 : sum(addends.filter(({ isPenalty }) => isPenalty)) / data;
    };
    const [before, now] = [share(first), share(last)];
    const penalty = first.addends.find(({ isPenalty }) => isPenalty);
    if (!penalty || !(before > OUTWEIGHS) || !(now > 1)) {
      yield* silenced(first, last);
      return;
    }
    yield {
      text: `This penalty is ${roundedText(before)} times as large as the rest of the loss at the start, and ${roundedText(now)} times at pass ${last.pass}: the steps follow it, whatever the data says. Make its factor smaller, until it is a tenth of the loss or less.`,
      site: penalty.site,
      evidence: { first: before, last: now },
      row: penalty.row,
    };
  },
};

/** A penalty that was the most of the loss and has driven what it is on to zero, so that the error cannot be learned. */
function* silenced(first: PassSample, last: PassSample): Iterable<Found> {
  const errorOf = ({ addends }: PassSample): number =>
    addends.reduce((all, { value, isPenalty, tempers }) => (isPenalty || tempers ? all : all + Math.abs(value)), 0);
  const [error, left] = [errorOf(first), errorOf(last)];
  for (const { site, row, value, isPenalty, tempers } of first.addends) {
    const now = last.addends.find((one) => one.site?.line === site?.line && (one.isPenalty || one.tempers));
    if (!(isPenalty || tempers) || !now || !(Math.abs(value) > error) || !(error > 0)) continue;
    if (!(Math.abs(now.value) < GONE * Math.abs(value)) || !(left > LEARNED * error)) continue;
    yield {
      text: `This penalty was ${roundedText(Math.abs(value) / error)} times as large as the rest of the loss at the start, and ${roundedText(Math.abs(now.value / value))} of that is left at pass ${last.pass}, while the rest went from ${roundedText(error)} to ${roundedText(left)}: what it is on went to zero, and says nothing any more. Make its factor smaller, until it is a tenth of the loss or less.`,
      site,
      evidence: { first: Math.abs(value) / error, left: Math.abs(now.value / value), error, errorLeft: left },
      row,
    };
  }
}

const SILENT = 0.1;
/** Means over a few elements more or less decide nothing. */
const HEAVIER = 3;

/** The code of a variational autoencoder says nothing about what it encodes. */
export const posteriorCollapse: Rule = {
  name: "posterior-collapse",
  severity: "warning",
  title: "the divergence outweighs the error, and the code says nothing",
  looksAt:
    "the scalars of the loss, how the divergence and the error are brought together, and the means of the code over the examples",
  threshold: `a divergence with a factor above 1, or above that of the error, or summed where the error is averaged, or whose elements count more than ${HEAVIER} times as much as those of the error; and means that vary by less than ${SILENT}`,
  source: "Bowman et al. 2016; Higgins et al. 2017: the weight of the divergence decides what the code may say",
  why: "The cheapest way to make the divergence small is a code that is the same for all examples.",
  fix: "Average or sum both over the same elements, and begin with a small factor.",
  *inRun({ samples }): Iterable<Found> {
    const last = samples.at(-1);
    if (!last?.code || last.pass < 5 || !(last.code.spread < SILENT)) return;
    const divergence = last.addends.find(({ isDivergence }) => isDivergence);
    const others = last.addends.filter((one) => one !== divergence);
    if (!divergence || others.length === 0) return;
    const alike = others.every(({ isSum }) => isSum === divergence.isSum);
    const weight = Math.max(
      divergence.factor,
      alike ? divergence.factor / Math.max(...others.map(({ factor }) => factor)) : 0,
    );
    // A mean over all elements makes each of them count that much less than one that is summed up for its example.
    const share = divergence.perElement / Math.max(...others.map(({ perElement }) => perElement));
    const heavier = weight > 1 || share > HEAVIER || (divergence.isSum && others.every(({ isSum }) => !isSum));
    if (!heavier) return;
    yield {
      text: `The means of the code vary by ${roundedText(last.code.spread)} over ${last.code.examples} examples at pass ${last.pass}: it says nothing about them. The divergence outweighs the error: ${weight > 1 ? `its factor is ${roundedText(weight)}` : divergence.isSum ? "it is summed, and the error is averaged" : `an element of it counts ${roundedText(share)} times as much as one of the error`}. Bring both together over the same elements, and begin with a small factor.`,
      site: divergence.site,
      evidence: { spread: last.code.spread, factor: divergence.factor },
      row: divergence.row,
    };
  },
};

/** So many of the rare examples may be told apart, whether rightly or not, and they count as ignored. */
const MISSED = 0.25;
/** So many examples of other classes say whether they are ignored. */
const RARE = 2;

/**
 * One unit that says yes or no, and scores of positions, are asked about what is rare on purpose: drawn negatives, small
 * objects. They count as collapsed where they err as much as frequencies alone would, after so many passes.
 */
const UNTOLD = 0.85;
const LATE = 20;

/** One class is all that is ever predicted. */
export const classCollapse: Rule = {
  name: "class-collapse",
  severity: "warning",
  after: "certain",
  title: "one class is all that is ever predicted",
  looksAt: "which class is predicted and which is right, example by example",
  threshold: `one class for all examples of the last pass, or of the last few until ${RARE} are of another, but ${MISSED} of those that it is wrong for, or fewer; and it is right for 80 % or more; of one unit for yes or no, and of positions of images, one class for all, and an error of ${UNTOLD} or more of what the frequencies alone give as well, after ${LATE} passes`,
  source: "He and Garcia 2009, Learning from Imbalanced Data",
  why: "Always naming the frequent class makes the loss small, and says nothing.",
  fix: "Weigh classes by their rarity, or draw them equally often.",
  *inRun({ samples }): Iterable<Found> {
    if (samples.length < 4 || samples.at(-1)!.pass < 8) return;
    const last = lastOf(samples);
    if (!last) return;
    const others = 1 - last.right;
    if (1 - last.predicted > MISSED * others || last.right < 0.8 || others * last.examples < RARE) return;
    if (last.error !== null && (samples.at(-1)!.pass < LATE || !saysNothing(last, last.error))) return;
    if (last.error !== null && !areOfOneSet(samples)) return;
    const share =
      last.predicted === 1 ? `all ${last.examples}` : `${roundedText(100 * last.predicted)} % of ${last.examples}`;
    yield {
      text: `Class ${last.mostRight} is predicted for ${share} examples, and is right for ${roundedText(100 * last.right)} % of them: the others are so rare that they are ignored. Weigh classes by their rarity, or draw them equally often.`,
      site: last.site,
      evidence: { examples: last.examples, share: last.right },
    };
  },
};

/**
 * The last passes taken together, until there are rare examples among theirs: a batch of its own may have none. Null where
 * they do not agree on the frequent class.
 */
function lastOf(samples: readonly PassSample[]): ClassSample | null {
  let all: ClassSample | null = null;
  for (const { classes, pass } of samples.toReversed()) {
    if (all && (all.examples * (1 - all.right) >= RARE || pass < samples.at(-1)!.pass / 3)) break;
    if (classes?.mostPredicted !== classes?.mostRight || (all && all.mostRight !== classes?.mostRight)) return null;
    if (!classes) return null;
    const examples: number = (all?.examples ?? 0) + classes.examples;
    const mean = (of: (one: ClassSample) => number): number =>
      ((all ? of(all) : 0) * (all?.examples ?? 0) + of(classes) * classes.examples) / examples;
    const error: number | null = classes.error === null ? null : mean((one) => one.error ?? 0);
    all = { ...classes, examples, right: mean((one) => one.right), predicted: mean((one) => one.predicted), error };
  }
  return all;
}

/** Whether all answers are one class, and err about as much as its frequency alone would. */
function saysNothing({ predicted, right }: ClassSample, error: number): boolean {
  return predicted === 1 && error > UNTOLD * entropyOf(right);
}

/** Whether all targets were there from one time on, as far as is known: whoever draws what is not so in each pass draws as much of it as is meant. */
function areOfOneSet(samples: readonly PassSample[]): boolean {
  const madeAt = samples.flatMap(({ classes }) => classes?.targetsMadeAt ?? []);
  return new Set(madeAt).size === 1;
}

/** What an answer in nats costs that knows nothing but how often the frequent class is right. */
function entropyOf(share: number): number {
  return share <= 0 || share >= 1 ? 0 : -share * Math.log(share) - (1 - share) * Math.log(1 - share);
}

/** The targets do not belong to the inputs. */
export const wrongLabels: Rule = {
  name: "wrong-labels",
  severity: "warning",
  title: "the targets do not belong to the inputs",
  looksAt: "the targets of each cross-entropy, and by which indices inputs and targets were picked",
  threshold:
    "one class in every pass, by scores that a layer gives; the ids that go in; inputs and targets picked by different indices; inputs alone in an order that was drawn when the targets were there, also as arrays of a Python script; or targets alone moved along the examples",
  source: "the pairing of a data set: example i has target i",
  why: "There is nothing to learn but the frequencies of the targets.",
  fix: "Pick inputs and targets by the same indices; shift targets by one where the next element is to be predicted.",
  *inPass({ view, terms }): Iterable<Found> {
    const targets = terms.flatMap(({ target }) => (target === null || view.isLive(target) ? [] : target));
    const array = arrayShuffledAlone(view, targets);
    if (array !== null) {
      yield {
        text: `"${array.variable}" is put into an order drawn at random here, and "${array.kept}", which was there before, stays in its own: example i has the target of another. Put both into the same order.`,
        site: array.moved,
        related: [
          { text: "the targets are made here", site: view.context.siteOf(array.targets) },
          { text: "the loss compares them here", site: view.callSite(terms[0]!.row) },
        ],
        row: terms[0]!.row,
      };
      return;
    }
    const lone = shuffledAlone(view, targets);
    if (lone !== null) {
      yield {
        text: `The inputs are put into an order drawn at random here, and the targets, which were there before, stay in theirs: example i has the target of another. Pick both by the same indices.`,
        site: view.context.siteOf(lone.at),
        related: [
          { text: "the targets are made here", site: view.context.siteOf(lone.targets) },
          { text: "the loss compares them here", site: view.callSite(terms[0]!.row) },
        ],
        row: terms[0]!.row,
      };
      return;
    }
    // Embeddings of positions are looked up by counting.
    const lookups = [...Array(view.rows).keys()].filter(
      (row) => view.is(row, "lookup") && !isCounting(view.numbers(view.inputs(row)[1]!)),
    );
    for (const { kind, target, row } of terms) {
      if (target === null || view.isLive(target)) continue;
      if (kind === "cross-entropy" && lookups.length === 1) {
        const [ids, right] = [view.numbers(view.inputs(lookups[0]!)[1]!), view.numbers(target)];
        if (
          ids &&
          right &&
          ids.length >= 16 &&
          ids.length === right.length &&
          new Set(ids).size > 1 &&
          ids.every((id, i) => id === right[i])
        ) {
          yield {
            text: `The targets are the very ids that go in: the network only has to repeat its input. Shift them by one, so that it predicts the next.`,
            site: view.callSite(row),
            row,
          };
        }
      }
      const turned = turnedAlone(view, target);
      if (turned !== null) {
        yield {
          text: `${turned.name} moves the targets along the examples here, and the inputs stay where they are: example i has the target of another. Leave it out, or move both.`,
          site: view.context.siteOf(turned),
          related: [{ text: "the loss compares them here", site: view.callSite(row) }],
          row,
        };
        return;
      }
      const own = pickedBy(view.context.origin(target));
      if (own === null) continue;
      for (let input = 0; input < view.rows; input++) {
        if (view.isOp(input) || view.isLive(input) || input === target) continue;
        if (!view.consumers(input).some((consumer) => view.is(consumer, "linear", "convolution", "lookup", "product")))
          continue;
        const other = pickedBy(view.context.origin(input));
        if (other === null || other.size !== own.size || other.from === own.from) continue;
        // What is mixed of two pickings has both of their targets.
        if (stepsOf(view.context.origin(input)).some((step) => isSameMaking(step, own.index))) continue;
        yield {
          text: `Inputs and targets were picked by different indices: example i of one has nothing to do with target i of the other. Pick both by the same indices.`,
          site: view.context.siteOf(own.at),
          related: [{ text: "the inputs are picked here", site: view.context.siteOf(other.at) }],
          row,
        };
        return;
      }
    }
  },
  *inRun(run): Iterable<Found> {
    const { samples, training } = run;
    const pair = accomplicesOf(run);
    if (pair && pair.fooling.sign > 0) {
      yield {
        text: `What is generated gets the same label here as where the judge learns to tell it apart, so the generator helps the judge. Ask for the opposite label when the generator learns.`,
        site: siteOfFooling(pair),
        related: [{ text: "the judge learns here", site: pair.judging.madeAt }],
      };
    }
    yield* standingTargets(samples);
    // What is judged true or false, and what positions are, may be all alike for long.
    const seen = samples.flatMap(({ classes }) => (classes?.error === null ? classes : []));
    const lines = linesOf(training.passes);
    if (
      seen.length < 3 ||
      lines.size !== 1 ||
      !seen.every(({ right, mostRight, areStanding }) => areStanding && right === 1 && mostRight === seen[0]!.mostRight)
    )
      return;
    yield {
      text: `Every target in all ${seen.length} passes that were looked at is class ${seen[0]!.mostRight}: there is nothing to tell apart. Look at how the targets are made.`,
      site: seen[0]!.site,
      evidence: { passes: seen.length },
    };
  },
};

/** Inputs that move on through the data while the targets are those of the first stretch for ever. */
function* standingTargets(samples: ExaminedRun["samples"]): Iterable<Found> {
  const stretches = samples.flatMap(({ stretch }) => stretch ?? []);
  const [first] = stretches;
  if (!first || new Set(stretches.map(({ input }) => input)).size < 3) return;
  if (stretches.some(({ target }) => target !== first.target)) return;
  yield {
    text: `The inputs move on from pass to pass, and the targets are the same stretch of the data each time: example i gets the target of another. Take both from the same place.`,
    site: first.site,
    related: [{ text: "the loss compares them here", site: first.comparedAt }],
    evidence: { passes: stretches.length },
  };
}

/** Whether numbers count from 0 on, over and over perhaps. */
function isCounting(numbers: Float64Array | null): boolean {
  if (numbers === null || numbers.length < 2) return false;
  const again = numbers.indexOf(0, 1);
  const length = again < 0 ? numbers.length : again;
  return length > 1 && numbers.every((one, i) => one === i % length);
}

type Origin = NonNullable<ReturnType<Parameters<NonNullable<Rule["inPass"]>>[0]["view"]["context"]["origin"]>>;

/** The step by which targets alone were moved along the first axis; null where there is none, or inputs were moved too. */
function turnedAlone(view: PassView, target: number): Origin | null {
  const moves = movesOf(view.context.origin(target));
  // What is summed up from the end is flipped twice, and is in its order again.
  const isInOrder = moves.filter(({ op }) => op === "flip").length % 2 === 0;
  const turned = moves.find(({ op }) => op === "roll" || !isInOrder);
  const [source] = turned?.inputs ?? [];
  if (!turned || !source) return null;
  for (let row = 0; row < view.rows; row++) {
    if (view.isOp(row) || view.isLive(row) || row === target) continue;
    // In a series the next element is the target of each, so the inputs are the series itself.
    const made = stepsOf(view.context.origin(row));
    if (made.some((step) => step === source || step === turned || step.op === "roll" || step.op === "flip"))
      return null;
  }
  return turned;
}

/** The steps that moved a constant along the first axis as a whole; of what it was combined with, none are. */
function movesOf(origin: Origin | null): readonly Origin[] {
  const found: Origin[] = [];
  for (let at = origin, steps = 0; at !== null && steps < 32; at = at.inputs[0] ?? null, steps++) {
    const { op, attributes, shape, fromGraph, inputs } = at;
    if ((op === "roll" || op === "flip") && !fromGraph && (shape[0] ?? 0) > 1 && axesOf(attributes).includes(0))
      found.push(at);
    if (inputs.length > 1 && !["index", "indexSelect", "gather"].includes(op)) break;
  }
  return found;
}

/** Whether two constants are one, or were made of one by the same call. */
function isSameMaking(a: Origin, b: Origin): boolean {
  if (a === b) return true;
  if (a.op !== b.op || a.inputs.length === 0 || a.inputs.length !== b.inputs.length) return false;
  return (
    JSON.stringify(a.attributes) === JSON.stringify(b.attributes) &&
    a.inputs.every((input, i) => isSameMaking(input, b.inputs[i]!))
  );
}

function axesOf(attributes: Origin["attributes"]): readonly unknown[] {
  const { dims } = attributes;
  return Array.isArray(dims) ? dims : [];
}

/** The indices by which a constant's entries were picked, and what from; null where they were not. */
function pickedBy(
  origin: Origin | null,
): { readonly at: Origin; readonly index: Origin; readonly from: Origin; readonly size: number } | null {
  let at = origin;
  for (let steps = 0; at !== null && steps < 8; steps++) {
    if ((at.op === "indexSelect" || at.op === "index") && at.inputs.length === 2) {
      return { at, index: at.inputs[1]!, from: at.inputs[0]!, size: at.inputs[1]!.shape[0] ?? 0 };
    }
    at = at.inputs[0] ?? null;
  }
  return null;
}
