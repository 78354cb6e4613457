import { sum } from "../autograd/cotangent.ts";
import type { NodeId } from "../protocol/ids.ts";
import type { ProductTerm } from "../protocol/inspection.ts";
import { adopt } from "../core/adopt.ts";
import { gradientAt } from "./gradient-at.ts";
import type { ReadablePass } from "./readable-pass.ts";
import { replayContribution } from "./rule-replay.ts";
import { summarise } from "./summarise.ts";

/**
 * One term of a row's vector-Jacobian product, as it is when the row runs: terms before it that lead to the same input
 * have arrived, those after it have not.
 * @returns null where the row does not run, or has no input at `place`.
 */
export function productTerm(reader: ReadablePass, row: number, place: number): ProductTerm | null {
  const start = reader.inputStart(row);
  const input = reader.inputs(row)[place];
  const upstream = reader.gradient(row);
  const step = reader.schedule.stepOf(row);
  if (input === undefined || upstream === null || step < 0) return null;
  let before = gradientAt(reader, input, step);
  for (let earlier = start; earlier < start + place; earlier++) {
    if (reader.input(earlier) !== input) continue;
    const part = replayContribution(reader, earlier);
    if (part !== null) before = before === null ? part : sum(before, part, false);
  }
  const contribution = replayContribution(reader, start + place);
  const after = before !== null && contribution !== null ? sum(before, contribution, false) : (contribution ?? before);
  return {
    input: input as NodeId,
    site: reader.backwardSite(row),
    formula: reader.op(row)?.formula.backward[place] ?? null,
    upstream: summarise(adopt(upstream)),
    contribution: contribution && summarise(contribution),
    before: before && summarise(before),
    after: after && summarise(after),
  };
}
