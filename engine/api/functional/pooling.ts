import { checkOptions } from "../../context/options.ts";
import { composite } from "../../context/scope.ts";
import { apply } from "../../ops/apply.ts";
import {
  adaptiveAverages,
  adaptiveMaxima,
  averagePools,
  maxPools,
  type AveragePoolAttributes,
  type PoolAttributes,
} from "../../ops/pooling.ts";
import { expectTensor } from "../../ops/operands.ts";
import type { SpatialRank } from "../../ops/spatial-axes.ts";
import type { Tensor } from "../../core/tensor.ts";
import { perAxis, type PerAxis } from "./convolution.ts";

export interface MaxPoolOptions {
  /** The kernel's size when it is left out. */
  readonly stride?: PerAxis;
  readonly padding?: PerAxis;
  readonly dilation?: PerAxis;
  /** Lets a last window reach beyond the input. */
  readonly ceilMode?: boolean;
}

/** The windows of a max pool over `axes` spatial axes. */
export function maxPoolWindows(axes: SpatialRank, kernelSize: PerAxis, options: MaxPoolOptions): PoolAttributes {
  const name = `maxPool${axes}d`;
  checkOptions(name, options, ["stride", "padding", "dilation", "ceilMode"]);
  const kernel = perAxis(name, "kernelSize", kernelSize, axes, 1);
  return {
    kernel,
    stride: perAxis(name, "stride", options.stride ?? kernel, axes, 1),
    padding: perAxis(name, "padding", options.padding ?? 0, axes, 0),
    dilation: perAxis(name, "dilation", options.dilation ?? 1, axes, 1),
    ceilMode: options.ceilMode ?? false,
  };
}

/** The largest of each window of x [N, C, L] or [C, L]; of equal ones the first gets the gradient. */
export function maxPool1d(x: Tensor, kernelSize: PerAxis, options: MaxPoolOptions = {}): Tensor {
  return apply(maxPools[1], [x], maxPoolWindows(1, kernelSize, options));
}

/** The largest of each window of x [N, C, H, W] or [C, H, W]; of equal ones the first gets the gradient. */
export function maxPool2d(x: Tensor, kernelSize: PerAxis, options: MaxPoolOptions = {}): Tensor {
  return apply(maxPools[2], [x], maxPoolWindows(2, kernelSize, options));
}

export interface AvgPoolOptions {
  /** The kernel's size when it is left out. */
  readonly stride?: PerAxis;
  readonly padding?: PerAxis;
  readonly ceilMode?: boolean;
  /** Whether the zeros of the padding count (the default). */
  readonly countIncludePad?: boolean;
}

/** The windows of an average pool over `axes` spatial axes. */
export function avgPoolWindows(axes: SpatialRank, kernelSize: PerAxis, options: AvgPoolOptions): AveragePoolAttributes {
  const name = `avgPool${axes}d`;
  checkOptions(name, options, ["stride", "padding", "ceilMode", "countIncludePad"]);
  const kernel = perAxis(name, "kernelSize", kernelSize, axes, 1);
  return {
    kernel,
    stride: perAxis(name, "stride", options.stride ?? kernel, axes, 1),
    padding: perAxis(name, "padding", options.padding ?? 0, axes, 0),
    dilation: new Array<number>(axes).fill(1),
    ceilMode: options.ceilMode ?? false,
    countIncludePad: options.countIncludePad ?? true,
  };
}

/** The mean of each window of x [N, C, L] or [C, L]. */
export function avgPool1d(x: Tensor, kernelSize: PerAxis, options: AvgPoolOptions = {}): Tensor {
  return apply(averagePools[1], [x], avgPoolWindows(1, kernelSize, options));
}

/** The mean of each window of x [N, C, H, W] or [C, H, W]. */
export function avgPool2d(x: Tensor, kernelSize: PerAxis, options: AvgPoolOptions = {}): Tensor {
  return apply(averagePools[2], [x], avgPoolWindows(2, kernelSize, options));
}

/** A size for every spatial axis, or one for each; null keeps an axis as it is. */
export type AdaptiveSize = number | readonly (number | null)[];

/** The sizes of an adaptive pool's result. */
export function adaptiveSizes(
  op: string,
  x: Tensor,
  size: AdaptiveSize,
  axes: SpatialRank,
): { readonly size: number[] } {
  expectTensor(op, x);
  const given = Array.isArray(size)
    ? (size as readonly (number | null)[]).map((entry, i) => entry ?? x.shape[x.rank - size.length + i])
    : size;
  return { size: perAxis(op, "size", given, axes, 1) };
}

/** Means over as many bins as `size` says, whatever the size of x [..., L]. */
export function adaptiveAvgPool1d(x: Tensor, size: AdaptiveSize): Tensor {
  return apply(adaptiveAverages[1], [x], adaptiveSizes("adaptiveAvgPool1d", x, size, 1));
}

/** Means over as many bins as `size` says, whatever the size of x [..., H, W]. */
export function adaptiveAvgPool2d(x: Tensor, size: AdaptiveSize): Tensor {
  return apply(adaptiveAverages[2], [x], adaptiveSizes("adaptiveAvgPool2d", x, size, 2));
}

/** Maxima over as many bins as `size` says, whatever the size of x [..., L]. */
export function adaptiveMaxPool1d(x: Tensor, size: AdaptiveSize): Tensor {
  return apply(adaptiveMaxima[1], [x], adaptiveSizes("adaptiveMaxPool1d", x, size, 1));
}

/** Maxima over as many bins as `size` says, whatever the size of x [..., H, W]. */
export function adaptiveMaxPool2d(x: Tensor, size: AdaptiveSize): Tensor {
  return apply(adaptiveMaxima[2], [x], adaptiveSizes("adaptiveMaxPool2d", x, size, 2));
}

/** (Σ xᵖ)^(1/p) of each window. PyTorch: `F.lp_pool1d`. */
export function lpPool1d(x: Tensor, p: number, kernelSize: number, stride = kernelSize): Tensor {
  return composite("lpPool1d", () =>
    avgPool1d(x.pow(p), kernelSize, { stride })
      .mul(kernelSize)
      .pow(1 / p),
  );
}

/** The same over two axes. PyTorch: `F.lp_pool2d`. */
export function lpPool2d(x: Tensor, p: number, kernelSize: PerAxis, stride: PerAxis = kernelSize): Tensor {
  const [height, width] = perAxis("lpPool2d", "kernelSize", kernelSize, 2, 1) as [number, number];
  return composite("lpPool2d", () =>
    avgPool2d(x.pow(p), kernelSize, { stride })
      .mul(height * width)
      .pow(1 / p),
  );
}
