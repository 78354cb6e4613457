import { EngineError, formatShape } from "../context/engine-error.ts";
import { runtime } from "../core/runtime.ts";
import { fromNumbers } from "../core/creation.ts";
import { denseStrides, sameShape } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import { apply } from "./apply.ts";
import { defineOp, type Application, type Op } from "./op.ts";
import { range } from "./view-ops.ts";

// Ops that copy elements to other places. Attributes have been checked by the methods that apply these records.

/** `length` entries of a dense tensor along an axis, from `start`. */
function section(x: View, dim: number, start: number, length: number): View {
  const bytes = x.dtype === "float32" ? 4 : x.dtype === "bool" ? 1 : 8;
  return {
    dtype: x.dtype,
    offset: x.offset + start * x.strides[dim]! * bytes,
    shape: x.shape.map((size, axis) => (axis === dim ? length : size)),
    strides: x.strides,
  };
}

export const flip: Op<{ readonly dims: readonly number[] }> = defineOp<{ readonly dims: readonly number[] }>({
  id: "flip",
  name: "flip",
  copies: true,
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  compute: ([x], { dims }, out) => {
    if (x!.numel() === 0) return;
    const skip = dims.reduce((sum, dim) => sum + (x!.shape[dim]! - 1) * x!.strides[dim]!, 0);
    runtime.kernels.copy(
      {
        dtype: x!.dtype,
        offset: x!.offset + skip * x!.elementBytes,
        shape: x!.shape,
        strides: x!.strides.map((stride, axis) => (dims.includes(axis) ? -stride : stride)),
      },
      out,
    );
  },
  vjp: [(g, at) => apply(flip, [g], at.attributes)],
  saves: [],
  formula: { forward: "x_{n - i}", backward: ["\\bar y_{n - i}"] },
});

type Shifts = { readonly shifts: readonly number[]; readonly dims: readonly number[] };

/** Axis after axis, so an axis may be named twice. */
export const roll: Op<Shifts> = defineOp<Shifts>({
  id: "roll",
  name: "roll",
  copies: true,
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  compute: ([x], { shifts, dims }, out) => {
    let parts: (readonly [from: View, to: View])[] = [[x!, out]];
    dims.forEach((dim, i) => {
      const size = x!.shape[dim] ?? 1;
      const by = size === 0 ? 0 : ((shifts[i]! % size) + size) % size;
      if (by === 0) return;
      // The last `by` entries along the axis of every block go to its front.
      parts = parts.flatMap(([from, to]) => [
        [section(from, dim, size - by, by), section(to, dim, 0, by)],
        [section(from, dim, 0, size - by), section(to, dim, by, size - by)],
      ]);
    });
    for (const [from, to] of parts) if (from.shape.every((size) => size > 0)) runtime.kernels.copy(from, to);
  },
  vjp: [(g, at) => apply(roll, [g], { shifts: at.attributes.shifts.map((by) => -by), dims: at.attributes.dims })],
  saves: [],
  formula: { forward: "x_{i - s}", backward: ["\\bar y_{i + s}"] },
});

/** `repeats` has an entry for each axis of the result. */
export const repeat = defineOp<{ readonly repeats: readonly number[] }>({
  id: "repeat",
  name: "repeat",
  copies: true,
  infer: ([x], { repeats }) => {
    const lead = repeats.length - x!.rank;
    return { shape: repeats.map((n, axis) => n * (axis < lead ? 1 : x!.shape[axis - lead]!)), dtype: x!.dtype };
  },
  compute: ([x], { repeats }, out) => {
    const lead = repeats.length - x!.rank;
    const shape = repeats.flatMap((n, axis) => [n, axis < lead ? 1 : x!.shape[axis - lead]!]);
    const strides = repeats.flatMap((_, axis) => [0, axis < lead ? 0 : x!.strides[axis - lead]!]);
    const from = { dtype: x!.dtype, offset: x!.offset, shape, strides };
    runtime.kernels.copy(from, { dtype: out.dtype, offset: out.offset, shape, strides: denseStrides(shape) });
  },
  vjp: [
    (g, at) => {
      const { repeats } = at.attributes;
      const own = at.shape(0);
      const lead = repeats.length - own.length;
      const split = repeats.flatMap((n, axis) => [n, axis < lead ? 1 : own[axis - lead]!]);
      return g
        .reshape(split)
        .sum(repeats.map((_, axis) => 2 * axis))
        .reshape(own);
    },
  ],
  saves: [],
  formula: { forward: "x_{i \\bmod n}", backward: ["\\sum \\bar y_{i + k n}"] },
});

/** Entry `i` of the result along `dim` is entry `index[i]` of the input. */
export const repeatInterleave = defineOp<{ readonly dim: number; readonly index: readonly number[] }>({
  id: "repeatInterleave",
  name: "repeatInterleave",
  copies: true,
  infer: ([x], { dim, index }) => ({
    shape: x!.shape.map((size, axis) => (axis === dim ? index.length : size)),
    dtype: x!.dtype,
  }),
  compute: ([x], { dim, index }, out) =>
    index.forEach((from, i) => runtime.kernels.copy(section(x!, dim, from, 1), section(out, dim, i, 1))),
  vjp: [
    (g, at) => {
      const { dim, index } = at.attributes;
      return g.newZeros(at.shape(0)).indexAdd(dim, fromNumbers(index, [index.length], "int64"), g);
    },
  ],
  saves: [],
  formula: { forward: "x_{\\lfloor i / n \\rfloor}", backward: ["\\sum_k \\bar y_{i n + k}"] },
});

type Band = { readonly diagonal: number };

/** Zeros outside a triangle of the last two axes. */
function defineTriangle(name: "tril" | "triu", relation: string): Op<Band> {
  const record: Op<Band> = defineOp<Band>({
    id: name,
    name,
    infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
    compute: ([x], { diagonal }, out) => {
      const [rows, columns] = [x!.shape[x!.rank - 2]!, x!.shape[x!.rank - 1]!];
      runtime.kernels.fill(out, 0);
      for (let row = 0; row < rows; row++) {
        const first = name === "tril" ? 0 : Math.max(0, row + diagonal);
        const end = name === "tril" ? Math.min(columns, row + diagonal + 1) : columns;
        if (end <= first) continue;
        const cut = (view: View): View => section(section(view, x!.rank - 2, row, 1), x!.rank - 1, first, end - first);
        runtime.kernels.copy(cut(x!), cut(out));
      }
    },
    vjp: [(g, at) => apply(record, [g], at.attributes)],
    saves: [],
    formula: { forward: `x_{ij}\\, [j ${relation} i + d]`, backward: [`\\bar y_{ij}\\, [j ${relation} i + d]`] },
  });
  return record;
}

export const tril = defineTriangle("tril", "\\le");
export const triu = defineTriangle("triu", "\\ge");

/** The last axis as a diagonal of two new last axes. */
export const diagEmbed = defineOp<{ readonly offset: number }>({
  id: "diagEmbed",
  name: "diag",
  infer: ([x], { offset }) => {
    const size = x!.shape[x!.rank - 1]! + Math.abs(offset);
    return { shape: [...x!.shape.slice(0, -1), size, size], dtype: x!.dtype };
  },
  compute: ([x], { offset }, out) => {
    const size = out.shape[out.rank - 1]!;
    runtime.kernels.fill(out, 0);
    const skip = offset >= 0 ? offset : -offset * size;
    runtime.kernels.copy(x!, {
      dtype: out.dtype,
      offset: out.offset + skip * out.elementBytes,
      shape: x!.shape,
      strides: [...out.strides.slice(0, -2), size + 1],
    });
  },
  vjp: [(g, at) => g.diagonal(at.attributes.offset, -2, -1)],
  saves: [],
  formula: { forward: "\\operatorname{diag} x", backward: ["\\bar y_{i,i}"] },
});

/** Shapes agree but along `dim`; dtypes are the same. An empty vector counts for nothing, as in PyTorch. */
export const cat = defineOp<{ readonly dim: number }>({
  id: "cat",
  name: "cat",
  copies: true,
  infer: (inputs, { dim }) => {
    const model = inputs.find((x) => !isNothing(x)) ?? inputs[0]!;
    let total = 0;
    inputs.forEach((x, i) => {
      if (isNothing(x)) return;
      if (x.rank !== model.rank || x.shape.some((size, axis) => axis !== dim && size !== model.shape[axis])) {
        throw new EngineError(
          "shape",
          `cat: all tensors must agree but along dim ${dim}: the first is ${formatShape(model.shape)}, number ${i} ${formatShape(x.shape)}`,
        );
      }
      total += x.shape[dim]!;
    });
    return { shape: model.shape.map((size, axis) => (axis === dim ? total : size)), dtype: model.dtype };
  },
  compute: (inputs, { dim }, out) => {
    let start = 0;
    for (const x of inputs) {
      if (isNothing(x)) continue;
      runtime.kernels.copy(x, section(out, dim, start, x.shape[dim]!));
      start += x.shape[dim]!;
    }
  },
  vjp: (g, at, index) => {
    const { dim } = at.attributes;
    if (sameShape(at.shape(index), [0])) return g.newZeros([0]);
    return apply(range, [g], { dim, start: partStarts(at)[index]!, length: at.shape(index)[dim]!, step: 1 });
  },
  saves: [],
  formula: { forward: "[a; b; \\dots]", backward: ["\\bar y_a", "\\bar y_b"] },
});

/** Where the parts of a result of `cat` start in it; found once for all of them. */
const startsOfParts = new WeakMap<Application<{ readonly dim: number }>, readonly number[]>();

function partStarts(at: Application<{ readonly dim: number }>): readonly number[] {
  const known = startsOfParts.get(at);
  if (known) return known;
  const starts: number[] = [];
  let start = 0;
  for (let i = 0; i < at.inputCount; i++) {
    starts.push(start);
    const shape = at.shape(i);
    start += sameShape(shape, [0]) ? 0 : shape[at.attributes.dim]!;
  }
  startsOfParts.set(at, starts);
  return starts;
}

function isNothing(x: Tensor): boolean {
  return x.rank === 1 && x.shape[0] === 0;
}

/** Tensors of one shape and dtype along a new axis `dim`. */
export const stack = defineOp<{ readonly dim: number }>({
  id: "stack",
  name: "stack",
  copies: true,
  infer: (inputs, { dim }) => {
    const { shape, dtype } = inputs[0]!;
    inputs.forEach((x, i) => {
      if (sameShape(x.shape, shape)) return;
      throw new EngineError(
        "shape",
        `stack: all tensors must have one shape: the first is ${formatShape(shape)}, number ${i} ${formatShape(x.shape)}`,
      );
    });
    return { shape: [...shape.slice(0, dim), inputs.length, ...shape.slice(dim)], dtype };
  },
  compute: (inputs, { dim }, out) =>
    inputs.forEach((x, i) => {
      const { offset, strides } = section(out, dim, i, 1);
      runtime.kernels.copy(x, {
        dtype: out.dtype,
        offset,
        shape: x.shape,
        strides: strides.filter((_, axis) => axis !== dim),
      });
    }),
  vjp: (g, at, index) => g.select(at.attributes.dim, index),
  saves: [],
  formula: { forward: "[a, b, \\dots]", backward: ["\\bar y_a", "\\bar y_b"] },
});
