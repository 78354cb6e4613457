import { runtime } from "../core/runtime.ts";
import { readElements } from "../core/elements.ts";
import type { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import type { LeafReport, PassReport } from "../protocol/report.ts";
import type { ReadablePass } from "../reading/readable-pass.ts";

/** A tensor that `autograd.grad` was asked about, and what it got. */
export interface Captured {
  readonly label: string;
  readonly gradient: View;
}

/**
 * What `backstep run` prints of a pass: the leaves it reached, with their gradients right after it.
 * @param captured what `autograd.grad` returned, in the order asked for; null where the argument was not reached
 * @param qualifiedLabel a leaf's label with the variable of its model in front, for where two models have the same
 */
export function reportPass(
  pass: ReadablePass,
  values: boolean,
  captured: readonly (Captured | null)[],
  qualifiedLabel: (row: number) => string,
): PassReport {
  const leaves: LeafReport[] = [];
  const add = (name: string, gradient: View): void => {
    const { norm } = runtime.kernels.statistics(gradient);
    const report = { name, shape: [...gradient.shape], norm };
    leaves.push(values ? { ...report, values: readElements(gradient) } : report);
  };
  if (pass.kind === "grad") {
    captured.forEach((one, i) => one && add(one.label || `input${i}`, one.gradient));
  } else {
    const shared = sharedLabels(pass);
    for (let row = 0; row < pass.rows; row++) {
      const gradient = pass.isOp(row) || !pass.holds(row, "gradient") ? null : pass.accumulated(row);
      if (gradient === null) continue;
      const label = pass.label(row);
      add(label === "" ? `leaf${row}` : shared.has(label) ? qualifiedLabel(row) : label, gradient);
    }
  }
  return { index: pass.id, kind: pass.kind, loss: pass.loss, nodes: pass.rows, leaves };
}

/**
 * Names of what requires a gradient and has none: the parameters of all models that have a leaf among `leaves`, and
 * these leaves.
 */
export function withoutGradient(leaves: readonly Tensor[]): readonly string[] {
  const models = new Set(leaves.flatMap(({ model }) => model ?? []));
  const missing = new Set<Tensor>();
  for (const tensor of leaves) if (tensor.requiresGrad && tensor.grad === null) missing.add(tensor);
  for (const model of models) {
    for (const parameter of model.parameters()) {
      if (parameter.requiresGrad && parameter.grad === null) missing.add(parameter);
    }
  }
  return Array.from(missing, ({ label, qualifiedLabel }) => (models.size > 1 ? qualifiedLabel : label) || "a leaf");
}

/** Labels that several leaves have. */
function sharedLabels(pass: ReadablePass): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (let row = 0; row < pass.rows; row++) {
    if (!pass.isOp(row)) (seen.has(pass.label(row)) ? shared : seen).add(pass.label(row));
  }
  return shared;
}
