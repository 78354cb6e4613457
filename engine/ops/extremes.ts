import { EngineError, formatShape } from "../context/engine-error.ts";
import { runtime } from "../core/runtime.ts";
import type { Tensor } from "../core/tensor.ts";
import { apply } from "./apply.ts";
import { convert } from "./conversion.ts";
import { defineOp, type Op } from "./op.ts";
import { expandOver, reducedShape, withDims, type OverDims } from "./reductions.ts";

/** @throws EngineError when an axis that has no elements would have to give one. */
export function requireElements(op: string, x: Tensor, dims: readonly number[]): void {
  for (const dim of dims) {
    if (x.shape[dim] === 0) {
      throw new EngineError("shape", `${op}: dim ${dim} of ${formatShape(x.shape)} has no elements to choose from`);
    }
  }
}

/** 1 where an element is the one its group gave. NaN is, where the group gave NaN. */
function winners(x: Tensor, y: Tensor, over: OverDims): Tensor {
  const kept = withDims(y, x.shape, over);
  const equal = x.eq(kept).logicalOr(x.isnan().logicalAnd(kept.isnan()));
  return convert(equal, x.dtype);
}

/** Elements that are the largest (smallest) share the gradient evenly. */
function defineExtreme(id: string, name: string, kernel: "max" | "min"): Op<OverDims> {
  return defineOp<OverDims>({
    id,
    name,
    infer: ([x], { dims, keepdim }) => {
      requireElements(name, x!, dims);
      return { shape: reducedShape(x!.shape, dims, keepdim), dtype: x!.dtype };
    },
    compute: ([x], { dims }, out) => runtime.kernels.reduce(kernel, x!, dims, out),
    vjp: [
      (g, at) => {
        const { dims } = at.attributes;
        const won = winners(at.input(0), at.output, at.attributes);
        const count = dims.length === 0 ? won : won.sum(dims, true);
        return expandOver(g, at.shape(0), at.attributes).mul(won.div(count));
      },
    ],
    saves: [0, "output"],
    formula: {
      forward: `\\${kernel}_i x_i`,
      backward: [`\\bar y\\, \\frac{[x_i = y]}{\\sum_j [x_j = y]}`],
    },
    pieces: ([x], over, y) => convert(winners(x!, y, over), "int64"),
    kinks: "several x equal to y",
    flops: ([x]) => x!.numel(),
  });
}

export const amax = defineExtreme("amax", "amax", "max");
export const amin = defineExtreme("amin", "amin", "min");
/** Over all axes, under the name that a model file writes. */
export const max = defineExtreme("max", "max", "max");
export const min = defineExtreme("min", "min", "min");

/** `dim` null: the flat position among all elements. The first of equal elements. */
export type AlongDim = { readonly dim: number | null; readonly keepdim: boolean };

function definePosition(name: "argmax" | "argmin"): Op<AlongDim> {
  return defineOp<AlongDim>({
    id: name,
    name,
    infer: ([x], { dim, keepdim }) => {
      const dims = dim === null ? x!.shape.map((_, axis) => axis) : x!.rank === 0 ? [] : [dim];
      requireElements(name, x!, dims);
      return { shape: reducedShape(x!.shape, dims, keepdim), dtype: "int64" };
    },
    compute: ([x], { dim }, out) => {
      const dims = dim === null ? x!.shape.map((_, axis) => axis) : x!.rank === 0 ? [] : [dim];
      runtime.kernels.reduce(name, x!, dims, out);
    },
    vjp: [],
    saves: [],
    formula: { forward: `\\operatorname{${name}}_i x_i`, backward: [] },
  });
}

export const argmax = definePosition("argmax");
export const argmin = definePosition("argmin");

export function position(op: Op<AlongDim>, x: Tensor, dim: number | null, keepdim: boolean): Tensor {
  return apply(op, [x], { dim, keepdim });
}
