import { t } from "../language/translate.ts";
import type { Cursor } from "../protocol/cursor.ts";
import type { PassGraph } from "../protocol/graph.ts";
import { inputsOf } from "./graph-rows.ts";

/** The step that is about to run: "backward 5 of 10", "forward 3 of 10", "end of the pass, 10 backward steps". */
export function positionText({
  position,
  forwardSteps,
  backwardSteps,
}: Pick<Cursor, "position" | "forwardSteps" | "backwardSteps">): string {
  if (position < forwardSteps) return t`forward ${position + 1} of ${forwardSteps}`;
  const step = position - forwardSteps;
  if (step < backwardSteps) return t`backward ${step + 1} of ${backwardSteps}`;
  if (backwardSteps === 1) return t("end of the pass, 1 backward step");
  return t`end of the pass, ${backwardSteps} backward steps`;
}

/** "term 2 of 3": which part of an op's product goes to the input at a place, among those that get one. */
export function termText(graph: PassGraph, node: number, place: number): string {
  const terms = inputsOf(graph, node).flatMap((input, at) => (graph.requiresGrad[input] === 1 ? [at] : []));
  return t`term ${terms.indexOf(place) + 1} of ${terms.length}`;
}
