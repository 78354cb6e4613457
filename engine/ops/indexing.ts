import { EngineError, formatShape } from "../context/engine-error.ts";
import { runtime } from "../core/runtime.ts";
import { sameShape, type Shape } from "../core/shape.ts";
import { readElements } from "../core/elements.ts";
import { Tensor } from "../core/tensor.ts";
import { apply } from "./apply.ts";
import { broadcastTo } from "./elementwise.ts";
import { dense } from "./dense.ts";
import { defineOp, type Op } from "./op.ts";
import { cat } from "./rearrangements.ts";
import type { View } from "../core/view.ts";
import {
  alongDim,
  checkedIndices,
  indexedPositions,
  indexedShape,
  positionsTensor,
  requireIndex,
} from "./positions.ts";
import { widened } from "../core/widening.ts";

// Reading and writing at computed places. Ops come in pairs: one picks, the other puts, and each is the other's gradient.

/** Reads the elements of `x` at flat positions. */
function pick(x: Tensor, positions: Tensor, out: Tensor): void {
  if (out.numel() > 0) runtime.kernels.take(dense(x), positions, out);
}

/** Starts with `x`, then sets, or adds to, the elements at flat positions. */
function put(x: Tensor, positions: Tensor, src: View, accumulate: boolean, out: Tensor): void {
  runtime.kernels.copy(x, out);
  if (positions.numel() > 0) runtime.kernels.put(out, positions, src, accumulate);
}

/** The part of `src` that an index of its rank covers. */
function covered(src: Tensor, shape: Shape): View {
  return { dtype: src.dtype, offset: src.offset, shape, strides: src.strides };
}

function requireSameDType(op: string, x: Tensor, src: Tensor): void {
  if (widened(x.dtype) === widened(src.dtype)) return;
  throw new EngineError("dtype", `${op}: both must be of one dtype, found ${x.dtype} and ${src.dtype}`);
}

/** index.size(d) ≤ x.size(d) for d ≠ dim, and index.rank = x.rank. */
function checkAlong(op: string, x: Tensor, dim: number, index: Tensor, src: Tensor | null): void {
  requireIndex(op, index);
  const ranks = [Math.max(1, x.rank), Math.max(1, index.rank), Math.max(1, src?.rank ?? x.rank)];
  if (ranks.some((rank) => rank !== ranks[0])) {
    throw new EngineError(
      "shape",
      `${op}: the index ${formatShape(index.shape)} must have as many axes as ${formatShape((src ?? x).shape)} and ${formatShape(x.shape)}`,
    );
  }
  index.shape.forEach((size, axis) => {
    if ((axis !== dim && size > (x.shape[axis] ?? 1)) || (src !== null && size > (src.shape[axis] ?? 1))) {
      throw new EngineError(
        "shape",
        `${op}: the index ${formatShape(index.shape)} reaches beyond ${formatShape(src === null || size <= (src.shape[axis] ?? 1) ? x.shape : src.shape)} on axis ${axis}`,
      );
    }
  });
}

type AlongDim = { readonly dim: number };

/** y[i][j] = x[index[i][j]][j] for dim 0. Inputs: x, index. */
export const gather: Op<AlongDim> = defineOp<AlongDim>({
  id: "gather",
  name: "gather",
  infer: ([x, index], { dim }) => {
    checkAlong("gather", x!, dim, index!, null);
    return { shape: index!.shape, dtype: x!.dtype };
  },
  compute: ([x, index], { dim }, out) => pick(x!, alongDim("gather", x!.shape, dim, index!), out),
  vjp: [(g, at) => apply(scatterAdd, [g.newZeros(at.shape(0)), at.input(1), g], at.attributes), null],
  saves: [1],
  formula: { forward: "x_{k_i}", backward: ["\\sum_{k_j = i} \\bar y_j", ""] },
});

/** Inputs: x, index, src. */
export const scatterAdd: Op<AlongDim> = defineOp<AlongDim>({
  id: "scatterAdd",
  name: "scatterAdd",
  infer: ([x, index, src], { dim }) => {
    checkAlong("scatterAdd", x!, dim, index!, src!);
    requireSameDType("scatterAdd", x!, src!);
    return { shape: x!.shape, dtype: x!.dtype };
  },
  compute: ([x, index, src], { dim }, out) =>
    put(x!, alongDim("scatterAdd", x!.shape, dim, index!), covered(src!, index!.shape), true, out),
  vjp: [(g) => g, null, (g, at) => padTo(apply(gather, [g, at.input(1)], at.attributes), at.shape(2))],
  saves: [1],
  formula: { forward: "x_{k_i} \\mathrel{+}= s_i", backward: ["\\bar y", "", "\\bar y_{k_i}"] },
});

/** Inputs: x, index, src. Where several entries are for one place, the last wins. */
export const scatter: Op<AlongDim> = defineOp<AlongDim>({
  id: "scatter",
  name: "scatter",
  infer: ([x, index, src], { dim }) => {
    checkAlong("scatter", x!, dim, index!, src!);
    requireSameDType("scatter", x!, src!);
    return { shape: x!.shape, dtype: x!.dtype };
  },
  compute: ([x, index, src], { dim }, out) =>
    put(x!, alongDim("scatter", x!.shape, dim, index!), covered(src!, index!.shape), false, out),
  vjp: [
    (g, at) => apply(scatterNumber, [g, at.input(1)], { dim: at.attributes.dim, value: 0 }),
    null,
    (g, at) => padTo(apply(gather, [g, at.input(1)], at.attributes), at.shape(2)),
  ],
  saves: [1],
  formula: { forward: "x_{k_i} = s_i", backward: ["\\bar y \\text{ with } \\bar y_{k_i} = 0", "", "\\bar y_{k_i}"] },
});

/** Inputs: x, index. */
export const scatterNumber: Op<AlongDim & { readonly value: number }> = defineOp<AlongDim & { readonly value: number }>(
  {
    id: "scatter.number",
    name: "scatter",
    infer: ([x, index], { dim }) => {
      checkAlong("scatter", x!, dim, index!, null);
      return { shape: x!.shape, dtype: x!.dtype };
    },
    compute: ([x, index], { dim, value }, out) =>
      put(x!, alongDim("scatter", x!.shape, dim, index!), repeated(x!, value, index!.shape), false, out),
    vjp: [(g, at) => apply(scatterNumber, [g, at.input(1)], { dim: at.attributes.dim, value: 0 }), null],
    saves: [1],
    formula: { forward: "x_{k_i} = c", backward: ["\\bar y \\text{ with } \\bar y_{k_i} = 0", ""] },
  },
);

/** One number read as a tensor of any shape. */
function repeated(like: Tensor, value: number, shape: Shape): View {
  const one = Tensor.empty([], like.dtype);
  runtime.kernels.fill(one, value);
  return { dtype: one.dtype, offset: one.offset, shape, strides: new Array<number>(shape.length).fill(0) };
}

/** A cotangent for the part of `src` that was read, with zeros for the rest. */
function padTo(g: Tensor, shape: Shape): Tensor {
  if (sameShape(g.shape, shape)) return g;
  return g.shape.reduce((whole, size, axis) => {
    const missing = shape[axis]! - size;
    if (missing === 0) return whole;
    const rest = whole.shape.map((n, i) => (i === axis ? missing : n));
    return apply(cat, [whole, g.newZeros(rest)], { dim: axis });
  }, g);
}

/** Entries of `index`, a vector, along `dim`. Inputs: x, index. */
export const indexSelect: Op<AlongDim> = defineOp<AlongDim>({
  id: "indexSelect",
  name: "indexSelect",
  infer: ([x, index], { dim }) => {
    requireVector("indexSelect", index!);
    if (x!.rank === 0) return { shape: [], dtype: x!.dtype };
    return { shape: x!.shape.map((size, axis) => (axis === dim ? index!.numel() : size)), dtype: x!.dtype };
  },
  compute: ([x, index], { dim }, out) => {
    if (x!.rank === 0) runtime.kernels.copy(x!, out);
    else pick(x!, entries("indexSelect", x!.shape, dim, index!), out);
  },
  vjp: [(g, at) => apply(indexAdd, [g.newZeros(at.shape(0)), at.input(1), g], at.attributes), null],
  saves: [1],
  formula: { forward: "x_{k_i}", backward: ["\\sum_{k_j = i} \\bar y_j", ""] },
});

function requireVector(op: string, index: Tensor): void {
  requireIndex(op, index);
  if (index.rank > 1)
    throw new EngineError("shape", `${op}: the index must be a vector, found ${formatShape(index.shape)}`);
}

/** Positions of whole entries along an axis. Negative indices are refused, as PyTorch does. */
function entries(op: string, shape: Shape, dim: number, index: Tensor): Tensor {
  checkedIndices(op, index, shape[dim] ?? 1, `dim ${dim}`);
  return indexedPositions(op, shape, [dim], [index.rank === 0 ? index.unsqueeze(0) : index]).positions;
}

/** Records that change whole entries along an axis. Inputs: x, index, src. */
function defineEntries(name: "indexAdd" | "indexCopy", accumulate: boolean): Op<AlongDim> {
  return defineOp<AlongDim>({
    id: name,
    name,
    infer: ([x, index, src], { dim }) => {
      requireVector(name, index!);
      requireSameDType(name, x!, src!);
      const expected = x!.shape.map((size, axis) => (axis === dim ? index!.numel() : size));
      if (!sameShape(src!.shape, expected)) {
        throw new EngineError(
          "shape",
          `${name}: ${index!.numel()} indices along dim ${dim} of ${formatShape(x!.shape)} need a source of ${formatShape(expected)}, found ${formatShape(src!.shape)}`,
        );
      }
      return { shape: x!.shape, dtype: x!.dtype };
    },
    compute: ([x, index, src], { dim }, out) => put(x!, entries(name, x!.shape, dim, index!), src!, accumulate, out),
    vjp: [
      (g, at) => (accumulate ? g : apply(indexFill, [g, at.input(1)], { dim: at.attributes.dim, value: 0 })),
      null,
      (g, at) => apply(indexSelect, [g, at.input(1)], at.attributes),
    ],
    saves: [1],
    formula: {
      forward: accumulate ? "x_{k_i} \\mathrel{+}= s_i" : "x_{k_i} = s_i",
      backward: [accumulate ? "\\bar y" : "\\bar y \\text{ with } \\bar y_{k_i} = 0", "", "\\bar y_{k_i}"],
    },
  });
}

export const indexAdd = defineEntries("indexAdd", true);
export const indexCopy = defineEntries("indexCopy", false);

/** Inputs: x, index. */
export const indexFill: Op<AlongDim & { readonly value: number }> = defineOp<AlongDim & { readonly value: number }>({
  id: "indexFill",
  name: "indexFill",
  infer: ([x, index]) => {
    requireVector("indexFill", index!);
    return { shape: x!.shape, dtype: x!.dtype };
  },
  compute: ([x, index], { dim, value }, out) => {
    const positions = entries("indexFill", x!.shape, dim, index!);
    put(x!, positions, repeated(x!, value, positions.shape), false, out);
  },
  vjp: [(g, at) => apply(indexFill, [g, at.input(1)], { dim: at.attributes.dim, value: 0 }), null],
  saves: [1],
  formula: { forward: "x_{k_i} = c", backward: ["\\bar y \\text{ with } \\bar y_{k_i} = 0", ""] },
});

/** Elements at flat positions. Inputs: x, index. */
export const take: Op = defineOp({
  id: "take",
  name: "take",
  infer: ([x, index]) => {
    requireIndex("take", index!);
    return { shape: index!.shape, dtype: x!.dtype };
  },
  compute: ([x, index], _, out) => pick(x!, flat("take", x!, index!), out),
  vjp: [(g, at) => apply(putAdd, [g.newZeros(at.shape(0)), at.input(1), g]), null],
  saves: [1],
  formula: { forward: "x_{k_i}", backward: ["\\sum_{k_j = i} \\bar y_j", ""] },
});

function flat(op: string, x: Tensor, index: Tensor): Tensor {
  return positionsTensor(checkedIndices(op, index, x.numel(), "the elements", true), index.shape);
}

/** Adds at flat positions. Inputs: x, index, src. */
export const putAdd: Op = defineOp({
  id: "putAdd",
  name: "putAdd",
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  compute: ([x, index, src], _, out) => put(x!, flat("putAdd", x!, index!), src!, true, out),
  vjp: [(g) => g, null, (g, at) => apply(take, [g, at.input(1)])],
  saves: [1],
  formula: { forward: "x_{k_i} \\mathrel{+}= s_i", backward: ["\\bar y", "", "\\bar y_{k_i}"] },
});

type OnAxes = { readonly axes: readonly number[] };

/** x[…, index, …]: an int64 index on each of `axes` (ascending), broadcast together. Inputs: x, indices. */
export const index: Op<OnAxes> = defineOp<OnAxes>({
  id: "index",
  name: "index",
  infer: ([x, ...indices], { axes }) => {
    for (const each of indices) requireIndex("index", each);
    return { shape: indexedShape("index", x!.shape, axes, indices).shape, dtype: x!.dtype };
  },
  compute: ([x, ...indices], { axes }, out) =>
    pick(x!, indexedPositions("index", x!.shape, axes, indices).positions, out),
  vjp: (g, at, input) => {
    if (input > 0) return null;
    const indices = Array.from({ length: at.inputCount - 1 }, (_, i) => at.input(i + 1));
    return apply(indexPut, [g.newZeros(at.shape(0)), g, ...indices], { axes: at.attributes.axes, accumulate: true });
  },
  saves: [1, 2, 3, 4, 5, 6, 7, 8],
  formula: { forward: "x_{k}", backward: ["\\sum_{k_j = i} \\bar y_j"] },
});

/** Sets, or adds to, x[…, index, …]. Inputs: x, values (which broadcast), indices. */
export const indexPut: Op<OnAxes & { readonly accumulate: boolean }> = defineOp<
  OnAxes & { readonly accumulate: boolean }
>({
  id: "indexPut",
  name: "indexPut",
  infer: ([x, values, ...indices], { axes }) => {
    for (const each of indices) requireIndex("indexPut", each);
    requireSameDType("indexPut", x!, values!);
    const { shape } = indexedShape("indexPut", x!.shape, axes, indices);
    const fits =
      values!.rank <= shape.length &&
      values!.shape.every((size, i) => size === 1 || size === shape[shape.length - values!.rank + i]);
    if (!fits) {
      throw new EngineError(
        "shape",
        `indexPut: values of shape ${formatShape(values!.shape)} do not broadcast to the ${formatShape(shape)} that the indices name`,
      );
    }
    return { shape: x!.shape, dtype: x!.dtype };
  },
  compute: ([x, values, ...indices], { axes, accumulate }, out) => {
    const { positions } = indexedPositions("indexPut", x!.shape, axes, indices);
    put(x!, positions, broadcastTo(values!, positions), accumulate, out);
  },
  vjp: (g, at, input) => {
    if (input > 1) return null;
    const { axes, accumulate } = at.attributes;
    const indices = Array.from({ length: at.inputCount - 2 }, (_, i) => at.input(i + 2));
    if (input === 1) return apply(index, [g, ...indices], { axes });
    if (accumulate) return g;
    return apply(indexPut, [g, g.newZeros([]), ...indices], { axes, accumulate: false });
  },
  saves: [2, 3, 4, 5, 6, 7, 8],
  formula: { forward: "x_{k} = v", backward: ["\\bar y \\text{ with } \\bar y_k = 0", "\\bar y_{k}"] },
});

/** The elements where a mask (bool, broadcast to x) holds, as a vector. Inputs: x, mask of x's shape. */
export const maskedSelect: Op = defineOp({
  id: "maskedSelect",
  name: "maskedSelect",
  infer: ([x, mask]) => ({ shape: [truePositions(mask!).length], dtype: x!.dtype }),
  compute: ([x, mask], _, out) => pick(x!, positionsTensor(truePositions(mask!), out.shape), out),
  vjp: [(g, at) => apply(maskedScatter, [g.newZeros(at.shape(0)), at.input(1), g]), null],
  saves: [1],
  formula: { forward: "x_{m}", backward: ["\\bar y \\text{ at } m, \\text{ else } 0", ""] },
});

/** The next elements of a source where a mask holds. Inputs: x, mask of x's shape, source. */
export const maskedScatter: Op = defineOp({
  id: "maskedScatter",
  name: "maskedScatter",
  infer: ([x, mask, source]) => {
    requireSameDType("maskedScatter", x!, source!);
    const count = truePositions(mask!).length;
    if (source!.numel() < count) {
      throw new EngineError(
        "shape",
        `maskedScatter: the mask holds at ${count} places, the source has ${source!.numel()} elements`,
      );
    }
    return { shape: x!.shape, dtype: x!.dtype };
  },
  compute: ([x, mask, source], _, out) => {
    const positions = truePositions(mask!);
    const first = { dtype: source!.dtype, offset: dense(source!).offset, shape: [positions.length], strides: [1] };
    put(x!, positionsTensor(positions, first.shape), first, false, out);
  },
  vjp: [
    (g, at) => g.maskedFill(at.input(1), 0),
    null,
    (g, at) => {
      const picked = apply(maskedSelect, [g, at.input(1)]);
      const rest = at.shape(2).reduce((count, size) => count * size, 1) - picked.numel();
      const whole = rest === 0 ? picked : apply(cat, [picked, g.newZeros([rest])], { dim: 0 });
      return whole.reshape(at.shape(2));
    },
  ],
  saves: [1],
  formula: { forward: "x_{m} = s", backward: ["\\bar y\\, [\\neg m]", "", "\\bar y_{m}"] },
});

/** Flat positions at which a mask holds. */
export function truePositions(mask: Tensor): Float64Array {
  const values = readElements(mask);
  const positions: number[] = [];
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) positions.push(i);
  return Float64Array.from(positions);
}
