import type { Pass } from "../autograd/pass.ts";
import { TapeColumn } from "../autograd/tape.ts";
import type { LeafReport, PassReport } from "../protocol/report.ts";
import { runtime } from "../core/runtime.ts";
import type { Tensor } from "../core/tensor.ts";

/** What `backstep run` prints of a pass: the leaves it reached, with their gradients right after it. */
export function reportPass(pass: Pass, values: boolean): PassReport {
  const leaves: LeafReport[] = [];
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const [, { label }] of pass.leaves) (seen.has(label) ? shared : seen).add(label);
  const add = (leaf: Tensor, gradient: Tensor | null, fallback: string): void => {
    if (gradient === null) return;
    const { norm } = runtime.kernels.statistics(gradient);
    // Two models with a "weight" each: their variables tell them apart.
    const name = leaf.label === "" ? fallback : shared.has(leaf.label) ? leaf.qualifiedLabel : leaf.label;
    const report = { name, shape: [...leaf.shape], norm };
    leaves.push(values ? { ...report, values: gradient.toFloat64Array() } : report);
  };
  if (pass.kind === "grad") {
    pass.captured.forEach(([tensor, gradient], i) => add(tensor, gradient, `input${i}`));
  } else {
    for (const [row, leaf] of pass.leaves) {
      if (pass.tape.get(row, TapeColumn.gradient) !== 0) add(leaf, leaf.grad, `leaf${row}`);
    }
  }
  return { index: pass.id, kind: pass.kind, loss: pass.loss, nodes: pass.tape.rows, leaves };
}
