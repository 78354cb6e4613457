import { COMPARED, COMPARED_STRIDE, type CheckRow } from "../protocol/check.ts";
import { runtime } from "../core/runtime.ts";
import type { Shape } from "../core/shape.ts";
import { Tensor } from "../core/tensor.ts";

/**
 * What finite differences gave for a parameter's gradient, or analytic − numeric, as a float64 tensor of its shape in this
 * thread's arena; NaN where no element was compared. Null where none was.
 */
export function comparedPlane(verdict: CheckRow | null, shape: Shape, plane: "numeric" | "difference"): Tensor | null {
  const elements = verdict?.elements;
  if (elements === undefined || elements.length === 0) return null;
  const out = Tensor.empty(shape, "float64");
  runtime.kernels.fill(out, Number.NaN);
  const start = out.offset / out.elementBytes;
  for (let at = 0; at < elements.length; at += COMPARED_STRIDE) {
    const analytic = elements[at + COMPARED.analytic]!;
    const numeric = elements[at + COMPARED.numeric]!;
    runtime.memory.f64[start + elements[at + COMPARED.element]!] = plane === "numeric" ? numeric : analytic - numeric;
  }
  return out;
}
