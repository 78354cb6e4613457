import type { View } from "../../core/view.ts";
import type { Kernels } from "../kernels.ts";
import type { Dispatch } from "./dispatch.ts";
import type { KernelFunction } from "./instance.ts";
import { elementsIn, isDense } from "./layout.ts";

type RowKernels = Pick<
  Kernels,
  | "softmax"
  | "softmaxBackward"
  | "crossEntropy"
  | "crossEntropyBackward"
  | "layerNorm"
  | "layerNormBackward"
  | "channelMoments"
  | "batchNorm"
  | "batchNormBackward"
  | "lstmCell"
  | "lstmCellBackward"
>;

/** Nanoseconds of an element, roughly. */
const SOFTMAX = 2.5;
const NORMALISE = 1.2;

export function rowKernels(dispatch: Dispatch, fallback: Kernels): RowKernels {
  const both = (name: string): Readonly<Record<"float32" | "float64", KernelFunction>> => ({
    float32: dispatch.function(`${name}_f32`),
    float64: dispatch.function(`${name}_f64`),
  });
  const softmax = both("softmax");
  const softmaxBackward = both("softmaxBackward");
  const crossEntropy = both("crossEntropy");
  const crossEntropyBackward = both("crossEntropyBackward");
  const layerNormBackward = both("layerNormBackward");
  const channelMoments = both("channelMoments");
  const batchNorm = both("batchNorm");
  const batchNormBackward = both("batchNormBackward");
  const lstmCell = both("lstmCell");
  const lstmCellBackward = both("lstmCellBackward");

  /** The float dtype that all views share, each dense; null when the reference must do. */
  function typeOf(views: readonly (View | null)[]): "float32" | "float64" | null {
    const dtype = views[0]?.dtype;
    if (dtype !== "float32" && dtype !== "float64") return null;
    return views.every((view) => view === null || (view.dtype === dtype && isDense(view))) ? dtype : null;
  }

  const suffix = (dtype: "float32" | "float64"): string => (dtype === "float32" ? "f32" : "f64");
  const bytesOf = (dtype: "float32" | "float64"): number => (dtype === "float32" ? 4 : 8);
  const zero = (view: View | null): void => {
    if (view)
      dispatch.instance.memory.u8.fill(
        0,
        view.offset,
        view.offset + elementsIn(view.shape) * bytesOf(view.dtype as "float32"),
      );
  };

  /** Distance between rows of a matrix whose rows are dense, else null; 0 fits any single row. */
  function rowStride(view: View): number | null {
    const [, columns = 0] = view.shape;
    return columns > 1 && view.strides[1] !== 1 ? null : (view.strides[0] ?? 0);
  }

  return {
    softmax(x, out, log) {
      const dtype = typeOf([x, out]);
      const columns = x.shape[x.shape.length - 1] ?? 1;
      const count = elementsIn(x.shape);
      if (!dtype || count === 0) return fallback.softmax(x, out, log);
      const rows = count / columns;
      const chunks = dispatch.chunksFor(count * SOFTMAX);
      if (chunks === 1) return softmax[dtype](x.offset, out.offset, rows, columns, log ? 1 : 0);
      const size = Math.ceil(rows / chunks);
      const step = size * columns * bytesOf(dtype);
      dispatch.begin(`softmax_${suffix(dtype)}`);
      dispatch.argument(x.offset, step);
      dispatch.argument(out.offset, step);
      dispatch.count(rows, size);
      dispatch.argument(columns);
      dispatch.argument(log ? 1 : 0);
      dispatch.run(Math.ceil(rows / size), x.offset !== out.offset);
    },

    softmaxBackward(grad, y, out, log) {
      const dtype = typeOf([y, grad, out]);
      const columns = y.shape[y.shape.length - 1] ?? 1;
      const count = elementsIn(y.shape);
      if (!dtype || count === 0) return fallback.softmaxBackward(grad, y, out, log);
      const rows = count / columns;
      const chunks = dispatch.chunksFor(count * SOFTMAX * 0.5);
      if (chunks === 1) {
        return softmaxBackward[dtype](grad.offset, y.offset, out.offset, rows, columns, log ? 1 : 0);
      }
      const size = Math.ceil(rows / chunks);
      const step = size * columns * bytesOf(dtype);
      dispatch.begin(`softmaxBackward_${suffix(dtype)}`);
      dispatch.argument(grad.offset, step);
      dispatch.argument(y.offset, step);
      dispatch.argument(out.offset, step);
      dispatch.count(rows, size);
      dispatch.argument(columns);
      dispatch.argument(log ? 1 : 0);
      dispatch.run(Math.ceil(rows / size), grad.offset !== out.offset && y.offset !== out.offset);
    },

    crossEntropy(logits, classes, losses, logSums, ignoreIndex) {
      const dtype = typeOf([logits, losses, logSums]);
      const [rows = 0, columns = 0] = logits.shape;
      if (!dtype || columns === 0) return fallback.crossEntropy(logits, classes, losses, logSums, ignoreIndex);
      const step = classes.strides[0] ?? 1;
      const outs = [losses.offset, logSums.offset] as const;
      crossEntropy[dtype](logits.offset, classes.offset, step, ...outs, rows, columns, ignoreIndex);
    },

    crossEntropyBackward(grad, logits, classes, logSums, out, ignoreIndex) {
      const dtype = typeOf([logits, logSums, out]);
      const [rows = 0, columns = 0] = logits.shape;
      if (!dtype || columns === 0 || grad.dtype !== dtype) {
        return fallback.crossEntropyBackward(grad, logits, classes, logSums, out, ignoreIndex);
      }
      const [gradStep, step] = [grad.strides[0] ?? 1, classes.strides[0] ?? 1];
      const inputs = [grad.offset, gradStep, logits.offset, classes.offset, step, logSums.offset] as const;
      crossEntropyBackward[dtype](...inputs, out.offset, rows, columns, ignoreIndex);
    },

    layerNorm(x, weight, bias, out, mean, rstd, eps) {
      const dtype = typeOf([x, weight, bias, out, mean, rstd]);
      const columns = x.shape[x.shape.length - 1] ?? 1;
      const rows = elementsIn(x.shape) / columns;
      if (!dtype || !(rows > 0)) return fallback.layerNorm(x, weight, bias, out, mean, rstd, eps);
      const chunks = dispatch.chunksFor(rows * columns * NORMALISE);
      const size = Math.ceil(rows / chunks);
      const bytes = bytesOf(dtype);
      dispatch.begin(`layerNorm_${suffix(dtype)}`);
      dispatch.argument(x.offset, size * columns * bytes);
      dispatch.argument(weight?.offset ?? 0);
      dispatch.argument(bias?.offset ?? 0);
      dispatch.argument(out.offset, size * columns * bytes);
      dispatch.argument(mean.offset, size * bytes);
      dispatch.argument(rstd.offset, size * bytes);
      dispatch.count(rows, size);
      dispatch.argument(columns);
      dispatch.argument(eps);
      dispatch.run(Math.ceil(rows / size), x.offset !== out.offset);
    },

    layerNormBackward(grad, x, weight, mean, rstd, outs) {
      const dtype = typeOf([x, grad, weight, mean, rstd, outs.x, outs.weight, outs.bias]);
      const columns = x.shape[x.shape.length - 1] ?? 1;
      const rows = elementsIn(x.shape) / columns;
      if (!dtype || !(rows > 0)) return fallback.layerNormBackward(grad, x, weight, mean, rstd, outs);
      zero(outs.weight);
      zero(outs.bias);
      const inputs = [grad.offset, x.offset, weight?.offset ?? 0, mean.offset, rstd.offset] as const;
      const to = [outs.x?.offset ?? 0, outs.weight?.offset ?? 0, outs.bias?.offset ?? 0] as const;
      layerNormBackward[dtype](...inputs, ...to, rows, columns);
    },

    channelMoments(x, mean, variance) {
      const dtype = typeOf([x, mean, variance]);
      const [batch = 0, channels = 0, columns = 0] = x.shape;
      if (!dtype) return fallback.channelMoments(x, mean, variance);
      channelMoments[dtype](x.offset, batch, channels, columns, mean.offset, variance.offset);
    },

    batchNorm(x, weight, bias, mean, rstd, out) {
      const dtype = typeOf([x, weight, bias, mean, rstd, out]);
      const [batch = 0, channels = 0, columns = 0] = x.shape;
      if (!dtype) return fallback.batchNorm(x, weight, bias, mean, rstd, out);
      const inputs = [x.offset, weight?.offset ?? 0, bias?.offset ?? 0, mean.offset, rstd.offset] as const;
      batchNorm[dtype](...inputs, out.offset, batch, channels, columns);
    },

    batchNormBackward(grad, x, weight, mean, rstd, training, outs) {
      const dtype = typeOf([x, grad, weight, mean, rstd, outs.x, outs.weight, outs.bias]);
      const [batch = 0, channels = 0, columns = 0] = x.shape;
      if (!dtype) return fallback.batchNormBackward(grad, x, weight, mean, rstd, training, outs);
      const inputs = [grad.offset, x.offset, weight?.offset ?? 0, mean.offset, rstd.offset] as const;
      const to = [outs.x?.offset ?? 0, outs.weight?.offset ?? 0, outs.bias?.offset ?? 0] as const;
      batchNormBackward[dtype](...inputs, training ? 1 : 0, ...to, batch, channels, columns);
    },

    lstmCell(gates, cell, out) {
      const dtype = typeOf([out]);
      const [gatesRow, cellRow] = [rowStride(gates), rowStride(cell)];
      if (!dtype || gatesRow === null || cellRow === null) return fallback.lstmCell(gates, cell, out);
      const [, rows = 0, columns = 0] = out.shape;
      lstmCell[dtype](gates.offset, gatesRow, cell.offset, cellRow, out.offset, rows, columns);
    },

    lstmCellBackward(grad, y, cell, outs) {
      const dtype = typeOf([grad, y, outs.gates, outs.cell]);
      const cellRow = rowStride(cell);
      if (!dtype || cellRow === null) return fallback.lstmCellBackward(grad, y, cell, outs);
      const [, rows = 0, columns = 0] = y.shape;
      const to = [outs.gates?.offset ?? 0, outs.cell?.offset ?? 0] as const;
      lstmCellBackward[dtype](grad.offset, y.offset, cell.offset, cellRow, ...to, rows, columns);
    },
  };
}
