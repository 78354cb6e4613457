import type { Cursor } from "../protocol/cursor.ts";
import type { CheckRow } from "../protocol/check.ts";
import type { NodeId } from "../protocol/ids.ts";
import type { Contribution, Cut, NodeDetail, Plane } from "../protocol/inspection.ts";
import { BYTES_PER_ELEMENT } from "../protocol/dtype.ts";
import { runtime } from "../core/runtime.ts";
import { elementCount } from "../core/shape.ts";
import type { View } from "../core/view.ts";
import { ArithmeticEdges } from "../reading/arithmetic-edges.ts";
import { backwardStepsRun } from "../recording/moves.ts";
import { gradientAt, gradientState } from "../reading/gradient-at.ts";
import type { ReadablePass } from "../reading/readable-pass.ts";
import { summarise } from "../reading/summarise.ts";
import { nameOf, opNameOf } from "../recording/node-names.ts";

/** Steps of the backward pass that have run at the cursor; all of them for a pass that the cursor is not in. */
export function stepsAt(reader: ReadablePass, cursor: Cursor | null): number {
  return cursor !== null && cursor.pass === reader.id ? backwardStepsRun(cursor) : reader.steps;
}

export function inspectNode(
  reader: ReadablePass,
  row: number,
  cursor: Cursor | null,
  verdict: CheckRow | null,
  compared: CheckRow | null,
): NodeDetail {
  const steps = stepsAt(reader, cursor);
  const op = reader.op(row);
  const gradient = gradientAt(reader, row, steps);
  const accumulated = reader.accumulated(row);
  return {
    pass: reader.id,
    node: row as NodeId,
    op: opNameOf(reader, row),
    label: reader.label(row),
    scope: reader.scopes[reader.scope(row)]?.path ?? "",
    site: reader.site(row),
    requiresGrad: reader.requiresGrad(row),
    gradientState: gradientState(reader, row, steps),
    value: summarise(reader.value(row)),
    gradient: gradient && summarise(gradient),
    accumulated: accumulated && summarise(accumulated),
    contributions: contributionsOf(reader, row, steps),
    formula: op ? op.formula : null,
    kinks: op?.kinks ?? null,
    attributes: Object.fromEntries(
      Object.entries(reader.attributes(row))
        // Under which name an op reports its errors is no parameter of it.
        .filter(([name]) => name !== "as")
        .map(([name, value]) => [name, JSON.stringify(value)]),
    ),
    inputs: reader.inputs(row) as NodeId[],
    consumers: [
      ...new Set([...reader.schedule.edgesTo(row)].map((edge) => reader.schedule.edgeOwner[edge]!)),
    ] as NodeId[],
    saved: savedOf(reader, row),
    verdict,
    compared,
    cut: cutOf(reader, row),
  };
}

function contributionsOf(reader: ReadablePass, row: number, steps: number): Contribution[] {
  if (!reader.requiresGrad(row)) return [];
  const around = new ArithmeticEdges(reader, row);
  return around.edges.map((one) => {
    const arrived = around.hasArrived(one, steps);
    const contribution = arrived ? around.contribution(one) : null;
    return {
      consumer: reader.schedule.edgeOwner[one.edge]! as NodeId,
      edge: one.first,
      past: one.past as NodeId[],
      arrived,
      summary: contribution && summarise(contribution),
    };
  });
}

function savedOf(reader: ReadablePass, row: number): NodeDetail["saved"] {
  const inputs = reader.inputs(row);
  return (reader.op(row)?.saves ?? []).flatMap((saved) => {
    const node = saved === "output" ? row : inputs[saved];
    if (node === undefined) return [];
    const bytes = elementCount(reader.shape(node)) * BYTES_PER_ELEMENT[reader.heldAs(node)];
    const name = saved === "output" ? "result" : nameOf(reader, node);
    return [{ name, node: node as NodeId, bytes }];
  });
}

/** Why a row has no gradient, or one that is zero everywhere; null when there is nothing to explain. */
export function cutOf(reader: ReadablePass, row: number): Cut | null {
  const cut = reader.cuts.find((one) => one.row === row);
  if (cut !== undefined) {
    const { kind, site, source } = cut;
    const text =
      kind === "detach"
        ? "the path from the loss is cut by detach()"
        : kind === "no-grad"
          ? "it was computed inside noGrad, where nothing is recorded"
          : "it is not a floating-point tensor, and only those have gradients";
    return { kind, text, site: reader.siteAt(site), node: source };
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
  const name = opNameOf(reader, consumer);
  const masks = name === "where" || name === "maskedFill";
  return {
    kind: name === "relu" ? "dead-units" : masks ? "mask" : "zero-weight",
    text:
      name === "relu"
        ? "every unit of the relu it feeds is off for these inputs"
        : masks
          ? `${name} takes none of its elements`
          : `${name} passes nothing back: its other factor is zero`,
    site: reader.site(consumer),
    node: consumer as NodeId,
  };
}

function isAllZero(view: View): boolean {
  const { count, zeros } = runtime.kernels.statistics(view);
  return count > 0 && zeros === count;
}

/** The elements behind a plane of a node; null where there are none (yet). */
export function planeOf(
  reader: ReadablePass,
  row: number,
  plane: Exclude<Plane, "numeric" | "difference">,
  cursor: Cursor | null,
): View | null {
  switch (plane) {
    case "value":
      return reader.value(row);
    case "gradient":
      return gradientAt(reader, row, stepsAt(reader, cursor));
    case "accumulated":
      return reader.accumulated(row);
  }
}
