import { EngineError, formatShape } from "../context/engine-error.ts";
import { runtime } from "../core/runtime.ts";
import { broadcastShapes, sameShape } from "../core/shape.ts";
import { broadcastTo } from "./elementwise.ts";
import { defineOp } from "./op.ts";

// What writes that ignore the old value leave: the old value gets no gradient, which is not the same as having none.

/** A number everywhere. */
export const fill = defineOp<{ readonly value: number }>({
  id: "fill",
  name: "fill",
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  compute: (_, { value }, out) => runtime.kernels.fill(out, value),
  vjp: [(g) => g.newZeros(g.shape)],
  saves: [],
  formula: { forward: "c", backward: ["0"] },
});

/** Inputs: what is overwritten, and the source, which broadcasts to it and is converted. */
export const copy = defineOp({
  id: "copy",
  name: "copy",
  infer: ([x, source]) => {
    if (!sameShape(broadcastShapes("copy", x!.shape, source!.shape), x!.shape)) {
      throw new EngineError(
        "shape",
        `copy: a source of shape ${formatShape(source!.shape)} does not broadcast to ${formatShape(x!.shape)}`,
      );
    }
    return { shape: x!.shape, dtype: x!.dtype };
  },
  compute: ([, source], _, out) => runtime.kernels.copy(broadcastTo(source!, out), out),
  vjp: [(g) => g.newZeros(g.shape), (g) => g],
  saves: [],
  formula: { forward: "s", backward: ["0", "\\bar y"] },
});
