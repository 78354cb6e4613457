import type { Origin } from "../core/origin.ts";
import type { Site } from "../protocol/site.ts";
import type { LossTerm } from "./loss-terms.ts";
import type { PassView } from "./pass-view.ts";
import { numbersBehind, stepsOf } from "./provenance.ts";
import type { ExaminedPass } from "./rule.ts";

/** What a classifier says in one pass, and what it should. */
export interface ClassSample {
  readonly site: Site | null;
  readonly examples: number;
  /** Share of the class that is predicted most, and of the class that is right most often. */
  readonly predicted: number;
  readonly right: number;
  readonly mostRight: number;
  readonly mostPredicted: number;
  readonly classes: number;
  /** Whether a layer gives a score for each class, so that a class is the same thing in every pass; not of similarities. */
  readonly areStanding: boolean;
  /** Mean error in nats, without weights; null of scores of several classes for each example as a whole. */
  readonly error: number | null;
  /** How many passes had run when the newest of what the targets were taken from was made; null where that is not known. */
  readonly targetsMadeAt: number | null;
}

const FEWEST = 8;
/** Positions of images beyond these say the same. */
const MOST_POSITIONS = 1 << 15;

export function classesOf({ view, terms }: ExaminedPass): ClassSample | null {
  for (const term of terms) {
    const found = sampleOf(view, term);
    if (found === null) continue;
    // Beside other losses, or weighed one by one, answers are asked for that are rare on purpose.
    if (found.error === null || (terms.length === 1 && term.reducedAt === null)) return found;
  }
  return null;
}

function madeAtOf(origin: Origin | null): number | null {
  const made = stepsOf(origin).filter(({ inputs }) => inputs.length === 0);
  return made.length === 0 ? null : Math.max(...made.map(({ epoch }) => epoch));
}

/** The scores of each example, and which of them is right; two classes may share one score. */
interface Scores {
  readonly examples: number;
  readonly classes: number;
  readonly scoreOf: (example: number, of: number) => number;
  readonly rightOf: (example: number) => number;
  /** Units of the layer that gives the scores. */
  readonly units: number;
  readonly isDense: boolean;
}

function sampleOf(view: PassView, { kind, prediction, target, row }: LossTerm): ClassSample | null {
  if (target === null) return null;
  const read =
    kind === "cross-entropy" || kind === "nll"
      ? scoresOfClasses(view, prediction, target)
      : kind === "bce" || kind === "bce-logits"
        ? scoresOfOneUnit(view, prediction, target, kind)
        : null;
  if (read === null || read.examples < FEWEST) return null;
  const { examples, classes, scoreOf, rightOf, units, isDense } = read;
  const predictedCounts = new Array<number>(classes).fill(0);
  const rightCounts = new Map<number, number>();
  let error = 0;
  for (let i = 0; i < examples; i++) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (scoreOf(i, c) > scoreOf(i, best)) best = c;
    predictedCounts[best]!++;
    const right = rightOf(i);
    rightCounts.set(right, (rightCounts.get(right) ?? 0) + 1);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(scoreOf(i, c) - scoreOf(i, best));
    error += Math.log(sum) + scoreOf(i, best) - scoreOf(i, right);
  }
  const [mostRight, rights] = [...rightCounts].toSorted((a, b) => b[1] - a[1])[0]!;
  return {
    site: view.callSite(row),
    examples,
    classes,
    predicted: Math.max(...predictedCounts) / examples,
    right: rights / examples,
    mostRight,
    mostPredicted: predictedCounts.indexOf(Math.max(...predictedCounts)),
    areStanding: areStanding(view, prediction, units),
    error: units === 1 || isDense ? error / examples : null,
    targetsMadeAt: madeAtOf(view.context.origin(target)),
  };
}

/** Scores [N, C], or [N, C, ...] of each position of an image or a sequence, against the numbers of classes. */
function scoresOfClasses(view: PassView, prediction: number, target: number): Scores | null {
  const shape = view.shape(prediction);
  const [count, classes, ...inner] = shape as [number, number, ...number[]];
  if (shape.length < 2 || classes < 2 || count * classes === 0) return null;
  const positions = inner.reduce((all, size) => all * size, 1);
  if (positions > 1 && count * positions > MOST_POSITIONS) return null;
  const [scores, targets] = [view.numbers(prediction), view.numbers(target)];
  if (scores === null || targets?.length !== count * positions) return null;
  // Positions that are left out have a number that no class has.
  if (positions > 1 && !targets.every((one) => one >= 0 && one < classes)) return null;
  return {
    examples: count * positions,
    classes,
    scoreOf: (i, c) => scores[Math.floor(i / positions) * classes * positions + c * positions + (i % positions)]!,
    rightOf: (i) => targets[i]!,
    units: classes,
    isDense: positions > 1,
  };
}

/** One score for each example, [N] or [N, 1], which says yes where it is above 0, or where the chance is above a half. */
function scoresOfOneUnit(
  view: PassView,
  prediction: number,
  target: number,
  kind: "bce" | "bce-logits",
): Scores | null {
  const shape = view.shape(prediction);
  if (shape.length === 0 || shape.slice(1).some((size) => size !== 1)) return null;
  const [given, targets] = [view.numbers(prediction), view.numbers(target)];
  if (given === null || targets?.length !== given.length || !targets.every((one) => one === 0 || one === 1))
    return null;
  // Our own binaryCrossEntropyWithLogits multiplies the scores by 1 − t, which is all that its graph holds of t.
  const yes = kind === "bce-logits" && !view.pass.foreign ? 0 : 1;
  const logit = (p: number): number => Math.log(Math.max(p, 1e-12)) - Math.log(Math.max(1 - p, 1e-12));
  return {
    examples: given.length,
    classes: 2,
    scoreOf: (i, c) => (c === 0 ? 0 : kind === "bce" ? logit(given[i]!) : given[i]!),
    rightOf: (i) => (targets[i] === yes ? 1 : 0),
    units: 1,
    isDense: false,
  };
}

/**
 * Whether scores are those of a layer with as many units as there are classes. Scores that examples give each other, of
 * which the first is that of the right one, ask for class 0 every time.
 */
function areStanding(view: PassView, prediction: number, units: number): boolean {
  const isOfLayer = (row: number): boolean =>
    view.inputs(row).some((input) => view.context.parameter(input) >= 0 || view.isParameter(input)) &&
    (view.shape(row).at(-1) === units || view.shape(row)[1] === units);
  const isScores = (row: number): boolean =>
    view.is(row, "log-softmax", "softmax", "logarithm", "sigmoid")
      ? numbersBehind(view, view.inputs(row)[0]!).some(isScores)
      : isOfLayer(row);
  return numbersBehind(view, prediction).some(isScores);
}
