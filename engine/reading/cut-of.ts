import { runtime } from "../core/runtime.ts";
import type { View } from "../core/view.ts";
import { isAffine } from "../ops/op.ts";
import type { NodeId } from "../protocol/ids.ts";
import type { Cut } from "../protocol/inspection.ts";
import { opNameOf } from "../recording/node-names.ts";
import type { ReadablePass } from "./readable-pass.ts";

const CUTS = {
  detach: "the path from the loss is cut by detach()",
  "no-grad": "it was computed inside noGrad, where nothing is recorded",
  integer: "it is not a floating-point tensor, and only those have gradients",
  forward: "it was computed in a custom Function's forward, where nothing is recorded",
  backward: "a custom Function's backward cut it off, by detach() or noGrad",
};

/** Why a row has no gradient, or one that is zero everywhere; null when there is nothing to explain. */
export function cutOf(reader: ReadablePass, row: number): Cut | null {
  const cut = reader.cuts.find((one) => one.row === row);
  if (cut !== undefined) {
    const { kind, site, source } = cut;
    return { kind, text: CUTS[kind], site: reader.siteAt(site), node: source };
  }
  if (!reader.requiresGrad(row)) return null;
  if (reader.schedule.completeAt[row]! < 0) {
    return { kind: "not-used", text: "nothing on the way to the loss uses it", site: reader.site(row), node: null };
  }
  return zeroCut(reader, row);
}

/** Follows an all-zero gradient to the first place where it became zero. */
function zeroCut(reader: ReadablePass, row: number): Cut | null {
  const gradient = reader.gradient(row);
  if (gradient === null || !isAllZero(gradient)) return null;
  let at = row;
  for (;;) {
    const zero = [...reader.schedule.edgesTo(at)]
      .map((edge) => reader.schedule.edgeOwner[edge]!)
      .find((consumer) => {
        const ofConsumer = reader.gradient(consumer);
        return ofConsumer !== null && isAllZero(ofConsumer);
      });
    if (zero === undefined) break;
    at = zero;
  }
  const consumer = [...reader.schedule.edgesTo(at)].map((edge) => reader.schedule.edgeOwner[edge]!)[0];
  if (consumer === undefined) return null;
  return { ...blockedBy(reader, consumer), site: reader.site(consumer), node: consumer as NodeId };
}

/** Why an op passes back nothing but zeros while its own gradient is another. */
function blockedBy(reader: ReadablePass, row: number): Pick<Cut, "kind" | "text"> {
  const name = opNameOf(reader, row);
  const op = reader.op(row);
  if (op?.blocks === "units") {
    return { kind: "dead-units", text: `every unit of the ${name} it feeds is off for these inputs` };
  }
  if (op?.blocks === "mask") return { kind: "mask", text: `${name} takes none of its elements` };
  if (op === undefined) return { kind: "zero-weight", text: `${name} passes nothing back` };
  const isProduct = isAffine(op) && reader.inputs(row).length > 1;
  const why = isProduct ? "its other factor is zero" : "its derivative is zero for these inputs";
  return { kind: "zero-weight", text: `${name} passes nothing back: ${why}` };
}

function isAllZero(view: View): boolean {
  const { count, zeros } = runtime.kernels.statistics(view);
  return count > 0 && zeros === count;
}
