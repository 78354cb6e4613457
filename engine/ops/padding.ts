import { EngineError, formatShape } from "../context/engine-error.ts";
import { runtime } from "../core/runtime.ts";
import type { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import { apply } from "./apply.ts";
import { defineOp, type Op } from "./op.ts";

/** Elements added before and after each axis; negative ones are taken away. */
type PadAttributes = { readonly before: readonly number[]; readonly after: readonly number[]; readonly value: number };

/** The part of a tensor that starts `skip` after each axis's start and has the given sizes. */
function part(x: Tensor, skip: readonly number[], shape: readonly number[]): View {
  const start = skip.reduce((sum, count, axis) => sum + count * x.strides[axis]!, 0);
  return { dtype: x.dtype, offset: x.offset + start * x.elementBytes, shape, strides: x.strides };
}

/** A frame of `value` around x. */
export const pad: Op<PadAttributes> = defineOp<PadAttributes>({
  id: "pad",
  name: "pad",
  infer: ([x], { before, after }) => {
    const shape = x!.shape.map((size, axis) => size + before[axis]! + after[axis]!);
    if (shape.some((size) => size < 0)) {
      throw new EngineError("shape", `pad: ${formatShape(x!.shape)} is too small to take that much away`);
    }
    return { shape, dtype: x!.dtype };
  },
  compute: ([x], { before, after, value }, out) => {
    runtime.kernels.fill(out, value);
    const shared = x!.shape.map((size, axis) => size + Math.min(0, before[axis]!) + Math.min(0, after[axis]!));
    if (shared.some((size) => size <= 0)) return;
    const from = part(
      x!,
      before.map((count) => Math.max(0, -count)),
      shared,
    );
    runtime.kernels.copy(
      from,
      part(
        out,
        before.map((count) => Math.max(0, count)),
        shared,
      ),
    );
  },
  vjp: [
    (g, at) => {
      const { before, after } = at.attributes;
      return apply(pad, [g], { before: before.map((n) => -n), after: after.map((n) => -n), value: 0 });
    },
  ],
  saves: [],
  formula: { forward: "x \\text{ in a frame of } c", backward: ["\\bar y \\text{ without its frame}"] },
});
