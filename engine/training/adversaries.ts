import type { Site } from "../protocol/site.ts";
import type { ExaminedRun, LossSign } from "./rule.ts";

/** Two losses over one judge: what it says of what another network made, and what that network wants it to say. */
export interface Accomplices {
  /** The judge's own: what the other network made goes into it cut off. */
  readonly judging: LossSign;
  /** The other network's, which asks for the same answer, where it should ask for the opposite. */
  readonly fooling: LossSign;
}

/** Finds adversarial pairs whose two sides ask for the same: the one that should fool the judge helps it. */
export function accomplicesOf({ lossSigns, training }: ExaminedRun): Accomplices | null {
  for (const judging of lossSigns) {
    if (judging.asksFor === 0 || judging.cutParameters.size === 0) continue;
    const fooling = lossSigns.find(
      (other) =>
        other !== judging &&
        other.asksFor !== 0 &&
        [...judging.cutParameters].every((id) => other.parameters.has(id)) &&
        [...judging.parameters].every((id) => other.parameters.has(id)) &&
        movesApart(training, judging, other),
    );
    if (fooling?.asksFor !== judging.asksFor) continue;
    const opposed = lossSigns.some(
      (other) =>
        other.asksFor === -judging.asksFor && [...judging.cutParameters].every((id) => other.parameters.has(id)),
    );
    if (!opposed) return { judging, fooling };
  }
  return null;
}

/** The line of the second loss: where one function computes both, the line that asks it. */
export function siteOfFooling({ judging, fooling }: Accomplices): Site | null {
  return judging.site?.line === fooling.site?.line ? fooling.madeAt : fooling.site;
}

/** Whether one optimizer moves the judge and another what it judges. */
function movesApart(training: ExaminedRun["training"], judging: LossSign, fooling: LossSign): boolean {
  const holders = (ids: Iterable<number>): Set<number> =>
    new Set([...ids].flatMap((id) => training.parameters[id]?.optimizers ?? []));
  const own = holders([...fooling.parameters].filter((id) => !judging.parameters.has(id)));
  const others = holders(judging.parameters);
  return own.size > 0 && others.size > 0 && [...own].every((id) => !others.has(id));
}
