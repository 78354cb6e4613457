import type { Site } from "../protocol/site.ts";
import type { PassView } from "./pass-view.ts";
import { numbersBehind } from "./provenance.ts";
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
}

const FEWEST = 8;

export function classesOf({ view, terms }: ExaminedPass): ClassSample | null {
  for (const { kind, prediction, target, row } of terms) {
    if ((kind !== "cross-entropy" && kind !== "nll") || target === null || view.shape(prediction).length !== 2)
      continue;
    const [scores, targets] = [view.numbers(prediction), view.numbers(target)];
    const [examples, classes] = view.shape(prediction) as [number, number];
    if (scores === null || targets?.length !== examples || examples < FEWEST || classes < 2) continue;
    const predictedCounts = new Array<number>(classes).fill(0);
    const rightCounts = new Map<number, number>();
    for (let i = 0; i < examples; i++) {
      let best = 0;
      for (let c = 1; c < classes; c++) if (scores[i * classes + c]! > scores[i * classes + best]!) best = c;
      predictedCounts[best]!++;
      rightCounts.set(targets[i]!, (rightCounts.get(targets[i]!) ?? 0) + 1);
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
      areStanding: areStanding(view, prediction, classes),
    };
  }
  return null;
}

/**
 * Whether scores are those of a layer with as many units as there are classes. Scores that examples give each other, of
 * which the first is that of the right one, ask for class 0 every time.
 */
function areStanding(view: PassView, prediction: number, classes: number): boolean {
  const isOfLayer = (row: number): boolean =>
    view.inputs(row).some((input) => view.context.parameter(input) >= 0 || view.isParameter(input)) &&
    (view.shape(row).at(-1) === classes || view.shape(row)[1] === classes);
  const isScores = (row: number): boolean =>
    view.is(row, "log-softmax", "softmax", "logarithm")
      ? numbersBehind(view, view.inputs(row)[0]!).some(isScores)
      : isOfLayer(row);
  return numbersBehind(view, prediction).some(isScores);
}
