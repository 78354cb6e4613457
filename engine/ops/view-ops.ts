import { EngineError, formatShape } from "../engine-error.ts";
import { broadcastStrides, denseStrides, elementCount, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";
import { contiguous } from "./copying.ts";
import { defineOp } from "./op.ts";
import { sumTo } from "./reductions.ts";

export const alias = defineOp({
  id: "alias",
  name: "alias",
  view: (x) => ({ shape: x.shape, strides: x.strides, offset: x.elementOffset }),
  vjp: [(g) => g],
  saves: [],
  formula: { forward: "x", backward: ["\\bar y"] },
});

/** `shape` has been checked: see the method. */
export const expand = defineOp<{ readonly shape: Shape }>({
  id: "expand",
  name: "expand",
  view: (x, { shape }) => ({ shape, strides: broadcastStrides(x.shape, x.strides, shape), offset: x.elementOffset }),
  vjp: [(g, at) => sumTo(g, at.shape(0))],
  saves: [],
  formula: { forward: "x", backward: ["\\sum \\bar y"] },
});

/**
 * A view of other sizes over the same elements.
 * @throws EngineError when no strides can express it: then the elements must be copied first.
 */
export const view = defineOp<{ readonly shape: Shape }>({
  id: "view",
  name: "view",
  view: (x, { shape }) => {
    const strides = viewStrides(x.shape, x.strides, shape);
    if (strides === null) {
      throw new EngineError(
        "shape",
        `view: a tensor of shape ${formatShape(x.shape)} with strides ${formatShape(x.strides)} cannot be viewed as ${formatShape(shape)} without copying`,
        { fix: "use .reshape(...)" },
      );
    }
    return { shape, strides, offset: x.elementOffset };
  },
  vjp: [(g, at) => reshape(g, at.shape(0))],
  saves: [],
  formula: { forward: "x", backward: ["\\bar y"] },
});

/** The same elements, in row-major order, in another shape: a view where one can be had, else a copy. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const possible = viewStrides(x.shape, x.strides, shape) !== null;
  return apply(view, [possible ? x : contiguous(x)], { shape });
}

/**
 * Strides that show the elements of a strided tensor, in order, in another shape with as many elements; null when there
 * are none. Axes that are laid out as one are merged, and must then be split as the new shape asks.
 */
function viewStrides(shape: Shape, strides: readonly number[], target: Shape): readonly number[] | null {
  if (elementCount(shape) === 0 || shape.length === 0) return denseStrides(target);
  const out = new Array<number>(target.length);
  let next = target.length - 1;
  let chunkStride = strides[shape.length - 1]!;
  let chunk = 1;
  let placed = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    chunk *= shape[axis]!;
    const ends = axis === 0 || (shape[axis - 1] !== 1 && strides[axis - 1] !== chunk * chunkStride);
    if (!ends) continue;
    while (next >= 0 && (placed < chunk || target[next] === 1)) {
      out[next] = placed * chunkStride;
      placed *= target[next]!;
      next--;
    }
    if (placed !== chunk) return null;
    if (axis > 0) {
      chunkStride = strides[axis - 1]!;
      chunk = 1;
      placed = 1;
    }
  }
  return next === -1 ? out : null;
}
