import { EngineError, formatShape } from "../context/engine-error.ts";
import { runtime } from "../core/runtime.ts";
import { zeros } from "../core/creation.ts";
import { denseStrides, elementCount, type Shape } from "../core/shape.ts";
import { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import { apply } from "./apply.ts";
import { contiguous } from "./copying.ts";
import { defineOp, type Op, type ViewGeometry } from "./op.ts";
import type { Attributes } from "../recording/attributes.ts";

/** Strides and offset in elements, counted in the row-major order of the tensor that they are applied to. */
export type Strided = {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
};

/** The elements of dense `x` at any offset and strides. */
export const asStrided: Op<Strided> = defineOp<Strided>({
  id: "asStrided",
  name: "asStrided",
  view: (x, { shape, strides, offset }): ViewGeometry => {
    const last = shape.reduce((at, size, axis) => at + (size - 1) * strides[axis]!, offset);
    if (!shape.includes(0) && (offset < 0 || last >= elementCount(x.shape))) {
      throw new EngineError(
        "shape",
        `asStrided: size ${formatShape(shape)} with strides ${formatShape(strides)} from ${offset} reaches beyond ${formatShape(x.shape)}`,
      );
    }
    return { shape, strides, offset: x.elementOffset + offset };
  },
  vjp: [(g, at) => apply(scatterStrided, [g], { whole: at.shape(0), ...at.attributes })],
  saves: [],
  formula: { forward: "x_{V}", backward: ["\\sum_{V} \\bar y"] },
});

/** Zeros of shape `whole` to which the input's elements are added at the given strides. */
export const scatterStrided: Op<Strided & { readonly whole: Shape }> = defineOp<Strided & { readonly whole: Shape }>({
  id: "scatterStrided",
  name: "scatterStrided",
  infer: ([v], { whole }) => ({ shape: whole, dtype: v!.dtype }),
  compute: ([v], attributes, out) => {
    runtime.kernels.fill(out, 0);
    const target = stridedView(out, attributes);
    if (overlaps(attributes)) addAt(v!, attributes, out);
    else runtime.kernels.copy(v!, target);
  },
  vjp: [
    (g, { attributes: { shape, strides, offset } }) => apply(asStrided, [contiguous(g)], { shape, strides, offset }),
  ],
  saves: [],
  formula: { forward: "\\sum_{V} x", backward: ["\\bar y_{V}"] },
});

/**
 * The cotangent of a view that picks elements: zeros of the shape of what was viewed, to which `g` is added at the
 * places that `view` shows.
 */
export function intoZeros<A extends Attributes>(g: Tensor, whole: Shape, view: Op<A>, attributes: A): Tensor {
  const dense = { shape: whole, strides: denseStrides(whole), elementOffset: 0 };
  return apply(scatterStrided, [g], { whole, ...view.view!(dense, attributes) });
}

/**
 * `x` with the elements of a view of it replaced by those of `v`: what a base becomes when a view of it is written in
 * place.
 */
export const viewScatter: Op<Strided> = defineOp<Strided>({
  id: "viewScatter",
  name: "viewScatter",
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  compute: ([x, v], attributes, out) => {
    runtime.kernels.copy(x!, out);
    runtime.kernels.copy(v!, stridedView(out, attributes));
  },
  vjp: [
    (g, at) => apply(viewScatter, [g, zeros(at.shape(1), { dtype: g.dtype })], at.attributes),
    (g, at) => apply(asStrided, [contiguous(g)], at.attributes),
  ],
  saves: [],
  formula: {
    forward: "x \\text{ with } x_{V} = v",
    backward: ["\\bar y \\text{ with } \\bar y_{V} = 0", "\\bar y_{V}"],
  },
});

function stridedView(dense: Tensor, { shape, strides, offset }: Strided): View {
  return { dtype: dense.dtype, offset: dense.offset + offset * dense.elementBytes, shape, strides };
}

/** Whether two indices may lead to one element. */
function overlaps({ shape, strides }: Strided): boolean {
  const axes = shape.map((size, axis) => ({ size, stride: strides[axis]! })).filter(({ size }) => size > 1);
  axes.sort((a, b) => a.stride - b.stride);
  let reach = 0;
  for (const { size, stride } of axes) {
    if (stride <= reach) return true;
    reach += (size - 1) * stride;
  }
  return false;
}

/** Adds the elements of `v` to the places where they belong in dense `out`. */
function addAt(v: Tensor, { shape, strides, offset }: Strided, out: Tensor): void {
  const places = Tensor.empty(shape, "int64");
  const { f64 } = runtime.memory;
  const start = places.offset / 8;
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0, at = offset, count = elementCount(shape); i < count; i++) {
    f64[start + i] = at;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  runtime.kernels.put(out, places, v, true);
}
