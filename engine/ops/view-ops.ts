import { EngineError, formatShape } from "../context/engine-error.ts";
import { broadcastStrides, denseStrides, elementCount, type Shape } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { apply } from "./apply.ts";
import { contiguous } from "./copying.ts";
import { defineOp, type Op } from "./op.ts";
import { sumTo } from "./reductions.ts";
import { intoZeros } from "./strided.ts";

// Views share their input's elements. Attributes have been checked by the methods that apply these records.

export const alias = defineOp({
  id: "alias",
  name: "alias",
  view: (x) => ({ shape: x.shape, strides: x.strides, offset: x.elementOffset }),
  vjp: [(g) => g],
  saves: [],
  formula: { forward: "x", backward: ["\\bar y"] },
});

export const expand = defineOp<{ readonly shape: Shape }>({
  id: "expand",
  name: "expand",
  view: (x, { shape }) => ({ shape, strides: broadcastStrides(x.shape, x.strides, shape), offset: x.elementOffset }),
  vjp: [(g, at) => sumTo(g, at.shape(0))],
  saves: [],
  formula: { forward: "x", backward: ["\\sum \\bar y"] },
});

type ToShape = { readonly shape: Shape };

/** Records of views with the same elements in the same order. They differ in name alone. */
function defineReshaping(name: string): Op<ToShape> {
  return defineOp<ToShape>({
    id: name,
    name,
    view: (x, { shape }) => {
      const strides = viewStrides(x.shape, x.strides, shape);
      if (strides === null) {
        throw new EngineError(
          "shape",
          `${name}: a tensor of shape ${formatShape(x.shape)} with strides ${formatShape(x.strides)} cannot be viewed as ${formatShape(shape)} without copying`,
          { fix: "use .reshape(...)" },
        );
      }
      return { shape, strides, offset: x.elementOffset };
    },
    vjp: [(g, at) => reshape(g, at.shape(0))],
    saves: [],
    formula: { forward: "x", backward: ["\\bar y"] },
  });
}

export const view = defineReshaping("view");
export const reshaped = defineReshaping("reshape");
export const flattened = defineReshaping("flatten");
export const unflattened = defineReshaping("unflatten");
export const squeezed = defineReshaping("squeeze");
export const unsqueezed = defineReshaping("unsqueeze");

/** The same elements, in row-major order, in another shape: a view where one can be had, else a copy. */
export function reshape(x: Tensor, shape: Shape, as: Op<ToShape> = reshaped): Tensor {
  const possible = viewStrides(x.shape, x.strides, shape) !== null;
  return apply(as, [possible ? x : contiguous(x)], { shape });
}

type Order = { readonly dims: readonly number[] };

function definePermutation(name: string): Op<Order> {
  return defineOp<Order>({
    id: name,
    name,
    view: (x, { dims }) => ({
      shape: dims.map((dim) => x.shape[dim]!),
      strides: dims.map((dim) => x.strides[dim]!),
      offset: x.elementOffset,
    }),
    vjp: [(g, at) => apply(permuted, [g], { dims: inverse(at.attributes.dims) })],
    saves: [],
    formula: { forward: "x^{\\top}", backward: ["\\bar y^{\\top}"] },
  });
}

/** Axis `i` of the result is axis `dims[i]` of the input. */
export const permuted: Op<Order> = definePermutation("permute");
export const transposed = definePermutation("transpose");
export const matrixTransposed = definePermutation("t");
export const moved = definePermutation("movedim");

function inverse(dims: readonly number[]): number[] {
  const out = new Array<number>(dims.length);
  dims.forEach((dim, i) => (out[dim] = i));
  return out;
}

type Range = { readonly dim: number; readonly start: number; readonly length: number; readonly step: number };

/** Records of views of evenly spaced entries along one axis. */
function defineRange(name: string): Op<Range> {
  return defineOp<Range>({
    id: name,
    name,
    view: (x, { dim, start, length, step }) => ({
      shape: x.shape.map((size, axis) => (axis === dim ? length : size)),
      strides: x.strides.map((stride, axis) => (axis === dim ? stride * step : stride)),
      offset: x.elementOffset + start * x.strides[dim]!,
    }),
    part: true,
    vjp: [(g, at) => intoZeros(g, at.shape(0), range, at.attributes)],
    saves: [],
    formula: { forward: "x_{s:e}", backward: ["\\bar y \\text{ at } s{:}e, \\text{ else } 0"] },
  });
}

export const range: Op<Range> = defineRange("slice");
export const narrowed = defineRange("narrow");
export const splitPart = defineRange("split");
export const chunkPart = defineRange("chunk");

type Entry = { readonly dim: number; readonly index: number };

/** Records of views of one entry along an axis, which goes away. */
function defineEntry(name: string): Op<Entry> {
  return defineOp<Entry>({
    id: name,
    name,
    view: (x, { dim, index }) => ({
      shape: x.shape.filter((_, axis) => axis !== dim),
      strides: x.strides.filter((_, axis) => axis !== dim),
      offset: x.elementOffset + index * x.strides[dim]!,
    }),
    part: true,
    vjp: [(g, at) => intoZeros(g, at.shape(0), selected, at.attributes)],
    saves: [],
    formula: { forward: "x_i", backward: ["\\bar y \\text{ at } i, \\text{ else } 0"] },
  });
}

export const selected: Op<Entry> = defineEntry("select");
export const unbindPart = defineEntry("unbind");

type Diagonal = { readonly offset: number; readonly dim1: number; readonly dim2: number };

/** The entries whose index along `dim2` is `offset` beyond that along `dim1`, as a new last axis. */
export const diagonal: Op<Diagonal> = defineOp<Diagonal>({
  id: "diagonal",
  name: "diagonal",
  view: (x, { offset, dim1, dim2 }) => {
    const [rows, columns] = [x.shape[dim1]!, x.shape[dim2]!];
    const length = Math.max(0, offset >= 0 ? Math.min(rows, columns - offset) : Math.min(rows + offset, columns));
    const others = x.shape.map((_, axis) => axis).filter((axis) => axis !== dim1 && axis !== dim2);
    const skip = length === 0 ? 0 : offset >= 0 ? offset * x.strides[dim2]! : -offset * x.strides[dim1]!;
    return {
      shape: [...others.map((axis) => x.shape[axis]!), length],
      strides: [...others.map((axis) => x.strides[axis]!), x.strides[dim1]! + x.strides[dim2]!],
      offset: x.elementOffset + skip,
    };
  },
  vjp: [(g, at) => intoZeros(g, at.shape(0), diagonal, at.attributes)],
  saves: [],
  formula: { forward: "x_{i,i}", backward: ["\\operatorname{diag} \\bar y"] },
});

type Windows = { readonly dim: number; readonly size: number; readonly step: number };

/** All windows of `size` along `dim`, `step` apart; the window is a new last axis. PyTorch: `Tensor.unfold`. */
export const unfolded: Op<Windows> = defineOp<Windows>({
  id: "unfold",
  name: "unfold",
  view: (x, { dim, size, step }) => {
    const count = Math.floor((x.shape[dim]! - size) / step) + 1;
    return {
      shape: [...x.shape.map((length, axis) => (axis === dim ? count : length)), size],
      strides: [...x.strides.map((stride, axis) => (axis === dim ? stride * step : stride)), x.strides[dim]!],
      offset: x.elementOffset,
    };
  },
  vjp: [(g, at) => intoZeros(g, at.shape(0), unfolded, at.attributes)],
  saves: [],
  formula: { forward: "x_{i s + j}", backward: ["\\sum_{i s + j = k} \\bar y_{ij}"] },
});

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
