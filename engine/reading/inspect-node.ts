import type { Cursor } from "../protocol/cursor.ts";
import type { CheckRow } from "../protocol/check.ts";
import type { NodeId } from "../protocol/ids.ts";
import { cutOf } from "./cut-of.ts";
import type { Contribution, NodeDetail, Plane } from "../protocol/inspection.ts";
import { RECORDED_BYTES } from "../protocol/recorded-dtype.ts";
import { elementCount } from "../core/shape.ts";
import type { View } from "../core/view.ts";
import { ArithmeticEdges } from "./arithmetic-edges.ts";
import { backwardStepsRun } from "../recording/moves.ts";
import { gradientAt } from "./gradient-at.ts";
import type { ReadablePass } from "./readable-pass.ts";
import { NotKept, unlessNotKept, whyNotKept } from "./paged-tensors.ts";
import { summarise, summariseGradient, summariseValue } from "./summarise.ts";
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
  const accumulated = reader.accumulated(row);
  return {
    pass: reader.id,
    node: row as NodeId,
    op: opNameOf(reader, row),
    label: reader.label(row),
    scope: reader.scopes[reader.scope(row)]?.path ?? "",
    site: reader.site(row),
    requiresGrad: reader.requiresGrad(row),
    gradientState: reader.schedule.gradientState(row, steps),
    value: summariseValue(reader, row),
    gradient: summariseGradient(reader, row, steps),
    accumulated: accumulated && summarise(accumulated, reader.dtype(row)),
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
    const contribution = arrived ? unlessNotKept(() => around.contribution(one)) : null;
    return {
      consumer: reader.schedule.edgeOwner[one.edge]! as NodeId,
      edge: one.first,
      past: one.past as NodeId[],
      arrived,
      summary: contribution && summarise(contribution, reader.dtype(row)),
    };
  });
}

function savedOf(reader: ReadablePass, row: number): NodeDetail["saved"] {
  const inputs = reader.inputs(row);
  return (reader.op(row)?.saves ?? []).flatMap((saved) => {
    const node = saved === "output" ? row : inputs[saved];
    if (node === undefined) return [];
    const bytes = elementCount(reader.shape(node)) * RECORDED_BYTES[reader.dtype(node)];
    const name = saved === "output" ? "result" : nameOf(reader, node);
    return [{ name, node: node as NodeId, bytes }];
  });
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
    case "gradient": {
      const steps = stepsAt(reader, cursor);
      const gradient = gradientAt(reader, row, steps);
      if (gradient === null && reader.keptStatistics(row, "gradient") !== null) {
        const isComplete = reader.schedule.gradientState(row, steps) === "complete";
        if (isComplete) throw new NotKept(whyNotKept("gradient", true));
      }
      return gradient;
    }
    case "accumulated":
      return reader.accumulated(row);
  }
}
