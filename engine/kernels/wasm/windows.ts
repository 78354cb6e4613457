import type { View } from "../../core/view.ts";
import type { Kernels, Window2d } from "../kernels.ts";
import type { Dispatch } from "./dispatch.ts";
import type { KernelFunction } from "./instance.ts";
import { elementsIn, isDense } from "./layout.ts";

type WindowKernels = Pick<
  Kernels,
  | "maxPool2d"
  | "maxPool2dBackward"
  | "avgPool2d"
  | "avgPool2dBackward"
  | "take"
  | "put"
  | "indexRows"
  | "addRows"
  | "uniform"
>;

/** Pooling, indexing, random numbers. */
export function windowKernels(dispatch: Dispatch, fallback: Kernels): WindowKernels {
  const { memory } = dispatch.instance;
  const both = (name: string): Readonly<Record<"f32" | "f64", KernelFunction>> => ({
    f32: dispatch.function(`${name}_f32`),
    f64: dispatch.function(`${name}_f64`),
  });
  const avgPool = both("avgPool");
  const take = both("take");
  const put = both("put");
  const indexRows = both("indexRows");
  const addRows = both("addRows");
  const uniform = dispatch.function("uniform");

  const typeOf = (view: View): "f32" | "f64" => (view.dtype === "float32" ? "f32" : "f64");
  const isNumeric = (view: View): boolean => view.dtype !== "bool";
  const lastStride = (view: View): number | null => {
    if (elementsIn(view.shape) < 2) return 1;
    if (isDense(view)) return 1;
    return view.shape.length === 1 ? view.strides[0]! : null;
  };

  /** planes, height, width, oh, ow, then the window. */
  function windowArguments(input: View, output: View, { kernel, stride, padding, dilation }: Window2d): number[] {
    const [height = 0, width = 0] = input.shape.slice(-2);
    const [oh = 0, ow = 0] = output.shape.slice(-2);
    return [height, width, oh, ow, ...kernel, ...stride, ...padding, ...dilation];
  }

  const planesOf = (view: View): number => elementsIn(view.shape.slice(0, -2));

  return {
    maxPool2d(x, out, indices, window) {
      if (!isDense(x) || !isNumeric(x)) return fallback.maxPool2d(x, out, indices, window);
      const planes = planesOf(x);
      const [inputs, outputs] = [elementsIn(x.shape.slice(-2)), elementsIn(out.shape.slice(-2))];
      const chunks = dispatch.chunksFor(elementsIn(out.shape) * window.kernel[0] * window.kernel[1] * 1.5);
      const size = Math.ceil(planes / chunks);
      const bytes = x.dtype === "float32" ? 4 : 8;
      dispatch.begin(`maxPool_${typeOf(x)}`);
      dispatch.argument(x.offset, size * inputs * bytes);
      dispatch.argument(out.offset, size * outputs * bytes);
      dispatch.argument(indices.offset, size * outputs * 8);
      dispatch.count(planes, size);
      for (const value of windowArguments(x, out, window)) dispatch.argument(value);
      if (planes * outputs > 0) dispatch.run(Math.ceil(planes / size));
    },
    maxPool2dBackward(grad, indices, out) {
      if (!isDense(grad) || !isDense(indices)) return fallback.maxPool2dBackward(grad, indices, out);
      const [outputs, plane] = [elementsIn(grad.shape.slice(-2)), elementsIn(out.shape.slice(-2))];
      const planes = planesOf(out);
      const chunks = dispatch.chunksFor(planes * outputs * 2);
      const size = Math.ceil(planes / chunks);
      const bytes = out.dtype === "float32" ? 4 : 8;
      dispatch.begin(`maxPoolBackward_${typeOf(out)}`);
      dispatch.argument(grad.offset, size * outputs * bytes);
      dispatch.argument(indices.offset, size * outputs * 8);
      dispatch.argument(out.offset, size * plane * bytes);
      dispatch.count(planes, size);
      dispatch.argument(outputs);
      dispatch.argument(plane);
      if (planes * plane > 0) dispatch.run(Math.ceil(planes / size));
    },
    avgPool2d(x, out, window, countIncludePad) {
      if (!isDense(x) || !isNumeric(x)) return fallback.avgPool2d(x, out, window, countIncludePad);
      const flags = [countIncludePad ? 1 : 0, 0, planesOf(x)] as const;
      avgPool[typeOf(x)](x.offset, out.offset, ...flags, ...windowArguments(x, out, window));
    },
    avgPool2dBackward(grad, out, window, countIncludePad) {
      if (!isDense(grad)) return fallback.avgPool2dBackward(grad, out, window, countIncludePad);
      const bytes = out.dtype === "float32" ? 4 : 8;
      memory.u8.fill(0, out.offset, out.offset + elementsIn(out.shape) * bytes);
      const flags = [countIncludePad ? 1 : 0, 1, planesOf(out)] as const;
      avgPool[typeOf(out)](grad.offset, out.offset, ...flags, ...windowArguments(out, grad, window));
    },

    take(x, index, out) {
      const step = lastStride(index);
      if (!isNumeric(x) || step === null || !isDense(out)) return fallback.take(x, index, out);
      take[typeOf(x)](x.offset, index.offset, step, out.offset, elementsIn(index.shape));
    },
    put(out, index, src, accumulate) {
      const [step, srcStep] = [lastStride(index), lastStride(src)];
      if (!isNumeric(out) || step === null || srcStep === null) return fallback.put(out, index, src, accumulate);
      const count = elementsIn(index.shape);
      put[typeOf(out)](out.offset, index.offset, step, src.offset, srcStep, count, accumulate ? 1 : 0);
    },
    indexRows(x, index, out) {
      const step = lastStride(index);
      const columns = x.shape[1] ?? 1;
      if (!isNumeric(x) || step === null) return fallback.indexRows(x, index, out);
      const from = [x.offset, x.strides[0] ?? columns, index.offset, step] as const;
      indexRows[typeOf(x)](...from, out.offset, elementsIn(index.shape), columns);
    },
    addRows(out, index, src) {
      const step = lastStride(index);
      const columns = out.shape[1] ?? 1;
      const dense = columns < 2 || src.strides[1] === 1;
      if (!isNumeric(out) || step === null || !dense) return fallback.addRows(out, index, src);
      const from = [index.offset, step, src.offset, src.strides[0] ?? columns] as const;
      addRows[typeOf(out)](out.offset, ...from, elementsIn(index.shape), columns);
    },

    uniform(out, seed, counter) {
      if (out.dtype === "bool") return fallback.uniform(out, seed, counter);
      const high = (value: number): number => Math.floor(value / 2 ** 32);
      const count = elementsIn(out.shape);
      const single = out.dtype === "float32" ? 1 : 0;
      uniform(out.offset, count, seed, high(seed), counter, high(counter), single);
    },
  };
}
