import type { Cursor } from "../protocol/cursor.ts";
import type { CheckRow } from "../protocol/check.ts";
import type { NodeId } from "../protocol/ids.ts";
import type { Contribution, Cut, NodeDetail, Plane } from "../protocol/inspection.ts";
import { BYTES_PER_ELEMENT } from "../protocol/dtype.ts";
import { runtime } from "../core/runtime.ts";
import { elementCount } from "../core/shape.ts";
import type { View } from "../core/view.ts";
import { ArithmeticEdges } from "../reading/arithmetic-edges.ts";
import { backwardStepsRun } from "./cursor.ts";
import { gradientAt, gradientState } from "../reading/gradient-at.ts";
import type { PassReader } from "../reading/pass-reader.ts";
import { summarise } from "../reading/summarise.ts";

/** Steps of the backward pass that have run at the cursor; all of them for a pass that the cursor is not in. */
export function stepsAt(reader: PassReader, cursor: Cursor | null): number {
  return cursor !== null && cursor.pass === reader.id ? backwardStepsRun(cursor) : reader.record.steps;
}

export function inspectNode(
  reader: PassReader,
  row: number,
  cursor: Cursor | null,
  verdict: CheckRow | null,
  compared: CheckRow | null,
): NodeDetail {
  const { tape } = reader;
  const steps = stepsAt(reader, cursor);
  const op = reader.op(row);
  const gradient = gradientAt(reader, row, steps);
  const accumulated = reader.accumulated(row);
  return {
    pass: reader.id,
    node: row as NodeId,
    op: reader.opName(row),
    label: reader.label(row),
    scope: reader.scopePath(row),
    site: reader.site(row),
    requiresGrad: tape.requiresGrad(row),
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
    inputs: tape.inputs(row) as NodeId[],
    consumers: [...new Set([...reader.edgesTo(row)].map((edge) => reader.edgeOwner[edge]!))] as NodeId[],
    saved: savedOf(reader, row),
    verdict,
    compared,
    cut: cutOf(reader, row),
  };
}

function contributionsOf(reader: PassReader, row: number, steps: number): Contribution[] {
  if (!reader.tape.requiresGrad(row)) return [];
  const around = new ArithmeticEdges(reader, row);
  return around.edges.map((one) => {
    const arrived = around.hasArrived(one, steps);
    const contribution = arrived ? around.contribution(one) : null;
    return {
      consumer: reader.edgeOwner[one.edge]! as NodeId,
      edge: one.first,
      past: one.past as NodeId[],
      arrived,
      summary: contribution && summarise(contribution),
    };
  });
}

function savedOf(reader: PassReader, row: number): NodeDetail["saved"] {
  const inputs = reader.tape.inputs(row);
  return (reader.op(row)?.saves ?? []).flatMap((saved) => {
    const node = saved === "output" ? row : inputs[saved];
    if (node === undefined) return [];
    const bytes = elementCount(reader.tape.shape(node)) * BYTES_PER_ELEMENT[reader.tape.dtype(node)];
    const name = saved === "output" ? "result" : reader.describe(node);
    return [{ name, node: node as NodeId, bytes }];
  });
}

/** Why a row has no gradient, or one that is zero everywhere; null when there is nothing to explain. */
export function cutOf(reader: PassReader, row: number): Cut | null {
  const cut = reader.record.tables.cuts.find(([at]) => at === row);
  if (cut !== undefined) {
    const [, kind, siteId, source] = cut;
    const text =
      kind === "detach"
        ? "the path from the loss is cut by detach()"
        : kind === "no-grad"
          ? "it was computed inside noGrad, where nothing is recorded"
          : "it is not a floating-point tensor, and only those have gradients";
    return { kind, text, site: reader.siteById(siteId), node: source < 0 ? null : (source as NodeId) };
  }
  if (!reader.tape.requiresGrad(row)) return null;
  if (reader.completeAt[row]! < 0) {
    return { kind: "not-used", text: "nothing on the way to the loss uses it", site: reader.site(row), node: null };
  }
  return zeroCut(reader, row);
}

/** Follows an all-zero gradient to the first place where it became zero. */
function zeroCut(reader: PassReader, row: number): Cut | null {
  const gradient = reader.gradient(row);
  if (gradient === null || !isAllZero(gradient)) return null;
  let at = row;
  for (;;) {
    const zero = [...reader.edgesTo(at)]
      .map((edge) => reader.edgeOwner[edge]!)
      .find((consumer) => {
        const ofConsumer = reader.gradient(consumer);
        return ofConsumer !== null && isAllZero(ofConsumer);
      });
    if (zero === undefined) break;
    at = zero;
  }
  const consumer = [...reader.edgesTo(at)].map((edge) => reader.edgeOwner[edge]!)[0];
  if (consumer === undefined) return null;
  const name = reader.opName(consumer);
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
  reader: PassReader,
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
