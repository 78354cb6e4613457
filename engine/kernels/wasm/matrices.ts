import type { View } from "../../core/view.ts";
import type { Kernels, Window2d } from "../kernels.ts";
import type { Dispatch } from "./dispatch.ts";
import { SCRATCH_BYTES, WORK_OFFSET } from "./instance.ts";
import { elementsIn, isDense, Layout, OuterIndex } from "./layout.ts";

type MatrixKernels = Pick<Kernels, "gemm" | "conv2d" | "conv2dInput" | "conv2dWeight">;

/** Nanoseconds of a multiplication and addition in float32, roughly. */
const MULTIPLY_ADD = 0.03;
/** A chunk of fewer rows or columns would spend too much of its time on packing what all chunks need. */
const LEAST_OF_CHUNK = 96;
/** A convolution's images are summed up in this many groups, on any number of threads, to give the same bits. */
const IMAGE_GROUPS = 8;
/** At the end of the scratch memory: the groups' sums. */
const PARTIAL_BYTES = 2 ** 20;

export function matrixKernels(dispatch: Dispatch, fallback: Kernels): MatrixKernels {
  const work = dispatch.instance.scratch + WORK_OFFSET;
  const gemms = { f32: dispatch.function("gemm_f32"), f64: dispatch.function("gemm_f64") };
  const batches = { f32: dispatch.function("gemmBatch_f32"), f64: dispatch.function("gemmBatch_f64") };
  const sums = { f32: dispatch.function("sumColumns_f32"), f64: dispatch.function("sumColumns_f64") };
  const layout = new Layout();
  const outer = new OuterIndex();

  const isFloat = (view: View): boolean => view.dtype === "float32" || view.dtype === "float64";

  /** One product, divided by rows or by columns of the result: whichever repeats less packing. */
  function divided(
    type: "f32" | "f64",
    chunks: number,
    m: number,
    n: number,
    k: number,
    a: number,
    aRow: number,
    aColumn: number,
    b: number,
    bRow: number,
    bColumn: number,
    c: number,
    bias: number,
    accumulate: number,
  ): void {
    const bytes = type === "f32" ? 4 : 8;
    const byRows = m > n;
    const most = Math.max(dispatch.threads, Math.floor(Math.max(m, n) / LEAST_OF_CHUNK));
    // Multiples of every build's tile, so that no chunk has an edge of its own.
    const grain = byRows ? 12 : 16;
    const total = byRows ? m : n;
    const size = Math.ceil(total / Math.min(chunks, most) / grain) * grain;
    const step = size * bytes;
    dispatch.begin(`gemm_${type}`);
    if (byRows) dispatch.count(m, size);
    else dispatch.argument(m);
    if (byRows) dispatch.argument(n);
    else dispatch.count(n, size);
    dispatch.argument(k);
    dispatch.argument(a, byRows ? step * aRow : 0);
    dispatch.argument(aRow);
    dispatch.argument(aColumn);
    dispatch.argument(b, byRows ? 0 : step * bColumn);
    dispatch.argument(bRow);
    dispatch.argument(bColumn);
    dispatch.argument(c, byRows ? step * n : step);
    dispatch.argument(n);
    dispatch.argument(bias, byRows || bias === 0 ? 0 : step);
    dispatch.argument(accumulate);
    dispatch.work();
    dispatch.run(Math.ceil(total / size), accumulate === 0);
  }

  /** Arguments that all three convolutions end with. */
  function geometry(x: View, weight: View, out: View, window: Window2d, groups: number): void {
    const [, channels = 0, height = 0, width = 0] = x.shape;
    const [, , kernelHeight = 0, kernelWidth = 0] = weight.shape;
    const { stride, padding, dilation } = window;
    dispatch.argument(channels / groups);
    dispatch.argument(height);
    dispatch.argument(width);
    dispatch.argument(kernelHeight);
    dispatch.argument(kernelWidth);
    dispatch.argument(stride[0]);
    dispatch.argument(stride[1]);
    dispatch.argument(padding[0]);
    dispatch.argument(padding[1]);
    dispatch.argument(dilation[0]);
    dispatch.argument(dilation[1]);
    dispatch.argument(out.shape[2] ?? 0);
    dispatch.argument(out.shape[3] ?? 0);
    dispatch.work();
  }

  const costOf = (weight: View, out: View): number =>
    (elementsIn(out.shape) * elementsIn(weight.shape) * MULTIPLY_ADD * (out.dtype === "float32" ? 1 : 2)) /
    (weight.shape[0] ?? 1);

  /** Whether one output row's unfolded columns fit a thread's working memory, and all is dense. */
  function fits(x: View, weight: View, out: View): boolean {
    const depth = elementsIn(weight.shape) / (weight.shape[0] ?? 1);
    const dense = isDense(x) && isDense(weight) && isDense(out);
    return dense && isFloat(x) && depth * (out.shape[3] ?? 0) * 8 < 8 * 2 ** 20 && elementsIn(out.shape) > 0;
  }

  /** The cotangent of a small weight: groups of images are summed up apart, and then together. */
  function weightByImages(grad: View, x: View, out: View, window: Window2d, groups: number, depth: number): boolean {
    const images = x.shape[0] ?? 0;
    const bytes = x.dtype === "float32" ? 4 : 8;
    const count = elementsIn(out.shape);
    if (images < IMAGE_GROUPS || count * bytes * IMAGE_GROUPS > PARTIAL_BYTES) return false;
    const type = x.dtype === "float32" ? "f32" : "f64";
    const partials = dispatch.instance.scratch + SCRATCH_BYTES - PARTIAL_BYTES;
    const size = Math.ceil(images / IMAGE_GROUPS);
    const used = Math.ceil(images / size);
    dispatch.begin(`convWeight_${type}`);
    dispatch.argument(depth);
    dispatch.argument(0);
    dispatch.argument(grad.offset, (size * bytes * elementsIn(grad.shape)) / images);
    dispatch.argument(x.offset, (size * bytes * elementsIn(x.shape)) / images);
    dispatch.argument(partials, count * bytes);
    dispatch.argument((out.shape[0] ?? 0) / groups);
    dispatch.argument(groups);
    dispatch.count(images, size);
    geometry(x, out, grad, window, groups);
    dispatch.run(used);
    sums[type](partials, count, count, used, out.offset);
    return true;
  }

  return {
    gemm(a, b, out, options) {
      const rank = out.shape.length;
      const m = out.shape[rank - 2]!;
      const n = out.shape[rank - 1]!;
      const k = a.shape[a.shape.length - 1]!;
      const bias = options?.bias;
      const biasDense = bias === undefined || bias.strides[bias.strides.length - 1] === 1 || n === 1;
      const both = bias !== undefined && options?.accumulate === true;
      if (
        !isFloat(out) ||
        a.dtype !== out.dtype ||
        b.dtype !== out.dtype ||
        !biasDense ||
        both ||
        k === 0 ||
        m * n === 0
      ) {
        return fallback.gemm(a, b, out, options);
      }
      const type = out.dtype === "float32" ? "f32" : "f64";
      const aRow = a.strides[a.strides.length - 2]!;
      const aColumn = a.strides[a.strides.length - 1]!;
      const bRow = b.strides[b.strides.length - 2]!;
      const bColumn = b.strides[b.strides.length - 1]!;
      const accumulate = options?.accumulate === true ? 1 : 0;
      const biasAt = bias?.offset ?? 0;
      const cost = m * n * k * MULTIPLY_ADD * (type === "f32" ? 1 : 2);
      if (rank === 2) {
        const chunks = dispatch.chunksFor(cost);
        const args = [m, n, k, a.offset, aRow, aColumn, b.offset, bRow, bColumn, out.offset] as const;
        if (chunks === 1) gemms[type](...args, n, biasAt, accumulate, work);
        else divided(type, chunks, ...args, biasAt, accumulate);
        return;
      }
      const bytes = type === "f32" ? 4 : 8;
      const batchShape = out.shape.slice(0, -2);
      const batch = (view: View): View => ({ ...view, shape: batchShape, strides: view.strides.slice(0, -2) });
      layout.set(batchShape, [batch(out), batch(a), batch(b)]);
      const [cStrides, aStrides, bStrides] = layout.strides as [Int32Array, Int32Array, Int32Array];
      const [inner, rows] = [layout.sizes[0]!, layout.sizes[1]!];
      const joined = layout.axes <= 2 && rows === 1 && bStrides[0] === 0 && cStrides[0] === m * n;
      if (joined && aStrides[0] === m * aRow) {
        // One matrix on the right for all: the batch is more rows on the left.
        const args = [inner * m, n, k, a.offset, aRow, aColumn, b.offset, bRow, bColumn, out.offset] as const;
        const chunks = dispatch.chunksFor(cost * inner);
        if (chunks === 1) gemms[type](...args, n, biasAt, accumulate, work);
        else divided(type, chunks, ...args, biasAt, accumulate);
        return;
      }
      const chunks = Math.min(inner, dispatch.chunksFor(cost * inner));
      const size = Math.ceil(inner / chunks);
      outer.start();
      do {
        for (let row = 0; row < rows; row++) {
          const c = out.offset + (outer.moved[0]! + row * cStrides[1]!) * bytes;
          const p = a.offset + (outer.moved[1]! + row * aStrides[1]!) * bytes;
          const q = b.offset + (outer.moved[2]! + row * bStrides[1]!) * bytes;
          const [cStep, aStep, bStep] = [cStrides[0]!, aStrides[0]!, bStrides[0]!];
          if (chunks === 1) {
            const matrices = [p, aRow, aColumn, q, bRow, bColumn, c, n, biasAt, accumulate, work] as const;
            batches[type](inner, aStep, bStep, cStep, m, n, k, ...matrices);
            continue;
          }
          dispatch.begin(`gemmBatch_${type}`);
          dispatch.count(inner, size);
          for (const value of [aStep, bStep, cStep, m, n, k]) dispatch.argument(value);
          dispatch.argument(p, size * aStep * bytes);
          dispatch.argument(aRow);
          dispatch.argument(aColumn);
          dispatch.argument(q, size * bStep * bytes);
          dispatch.argument(bRow);
          dispatch.argument(bColumn);
          dispatch.argument(c, size * cStep * bytes);
          for (const value of [n, biasAt, accumulate]) dispatch.argument(value);
          dispatch.work();
          dispatch.run(Math.ceil(inner / size), accumulate === 0);
        }
      } while (outer.next(layout, 3));
    },

    conv2d(x, weight, bias, out, window, groups) {
      if (!fits(x, weight, out) || (bias && !isDense(bias))) {
        return fallback.conv2d(x, weight, bias, out, window, groups);
      }
      const images = x.shape[0] ?? 0;
      const bytes = x.dtype === "float32" ? 4 : 8;
      const size = Math.ceil(images / Math.min(images, dispatch.chunksFor(costOf(weight, out))));
      dispatch.begin(`convForward_${x.dtype === "float32" ? "f32" : "f64"}`);
      dispatch.count(images, size);
      dispatch.argument(x.offset, (size * bytes * elementsIn(x.shape)) / images);
      dispatch.argument(weight.offset);
      dispatch.argument(bias?.offset ?? 0);
      dispatch.argument(out.offset, (size * bytes * elementsIn(out.shape)) / images);
      dispatch.argument((weight.shape[0] ?? 0) / groups);
      dispatch.argument(groups);
      geometry(x, weight, out, window, groups);
      dispatch.run(Math.ceil(images / size));
    },

    conv2dInput(grad, weight, out, window, groups) {
      if (!fits(out, weight, grad)) return fallback.conv2dInput(grad, weight, out, window, groups);
      const images = out.shape[0] ?? 0;
      const bytes = out.dtype === "float32" ? 4 : 8;
      const size = Math.ceil(images / Math.min(images, dispatch.chunksFor(costOf(weight, grad))));
      dispatch.begin(`convInput_${out.dtype === "float32" ? "f32" : "f64"}`);
      dispatch.count(images, size);
      dispatch.argument(grad.offset, (size * bytes * elementsIn(grad.shape)) / images);
      dispatch.argument(weight.offset);
      dispatch.argument(out.offset, (size * bytes * elementsIn(out.shape)) / images);
      dispatch.argument((weight.shape[0] ?? 0) / groups);
      dispatch.argument(groups);
      geometry(out, weight, grad, window, groups);
      dispatch.run(Math.ceil(images / size));
    },

    conv2dWeight(grad, x, out, window, groups) {
      if (!fits(x, out, grad)) return fallback.conv2dWeight(grad, x, out, window, groups);
      const depth = elementsIn(out.shape) / (out.shape[0] ?? 1);
      if (weightByImages(grad, x, out, window, groups, depth)) return;
      // Rows of the unfolded images, in multiples of every build's tile.
      const size = Math.ceil(depth / dispatch.chunksFor(costOf(out, grad)) / 16) * 16;
      dispatch.begin(`convWeight_${x.dtype === "float32" ? "f32" : "f64"}`);
      dispatch.count(depth, size);
      dispatch.argument(0, size);
      dispatch.argument(grad.offset);
      dispatch.argument(x.offset);
      dispatch.argument(out.offset);
      dispatch.argument((out.shape[0] ?? 0) / groups);
      dispatch.argument(groups);
      dispatch.argument(x.shape[0] ?? 0);
      geometry(x, out, grad, window, groups);
      dispatch.run(Math.ceil(depth / size));
    },
  };
}
