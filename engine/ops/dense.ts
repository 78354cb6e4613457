import { EngineError } from "../context/engine-error.ts";
import { runtime } from "../core/runtime.ts";
import { denseStrides, type Shape } from "../core/shape.ts";
import { isFloating, Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import { expectTensor } from "./operands.ts";
import { widened } from "../core/widening.ts";

/** For kernels that need dense elements: the tensor itself, or a dense copy that nothing records. */
export function dense(x: Tensor): Tensor {
  if (x.isContiguous()) return x;
  const copy = Tensor.empty(x.shape, x.dtype);
  runtime.kernels.copy(x, copy);
  return copy;
}

/** The elements of a dense view in another shape. */
export function shaped(x: View, shape: Shape): View {
  return { dtype: x.dtype, offset: x.offset, shape, strides: denseStrides(shape) };
}

/** One element of a dense view can be read and written here, at `start` plus its position. */
export function elementsOf(x: View): { readonly elements: Float32Array | Float64Array; readonly start: number } {
  const { memory } = runtime;
  return x.dtype === "float32"
    ? { elements: memory.f32, start: x.offset / 4 }
    : { elements: memory.f64, start: x.offset / 8 };
}

/** @throws EngineError unless all are floating-point tensors of one dtype. */
export function requireOneFloat(op: string, tensors: readonly Tensor[]): void {
  const first = tensors[0]!;
  for (const tensor of tensors) {
    expectTensor(op, tensor);
    if (!isFloating(tensor.dtype)) {
      throw new EngineError("dtype", `${op}: expected a floating-point tensor, this is ${tensor.dtype}`, {
        fix: "convert it with .float()",
      });
    }
    if (widened(tensor.dtype) !== widened(first.dtype)) {
      throw new EngineError("dtype", `${op}: expected tensors of one dtype, found ${first.dtype} and ${tensor.dtype}`, {
        fix: 'convert one with .to("float32") or .to("float64")',
      });
    }
  }
}
