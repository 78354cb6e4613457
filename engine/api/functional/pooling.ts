import { checkOptions } from "../../context/options.ts";
import { composite } from "../../context/scope.ts";
import { apply } from "../../ops/apply.ts";
import { adaptiveAverages, adaptiveMaxima, averagePools, maxPools } from "../../ops/pooling.ts";
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

function maxPool(axes: 1 | 2, x: Tensor, kernelSize: PerAxis, options: MaxPoolOptions): Tensor {
  const name = `maxPool${axes}d`;
  const kernel = perAxis(name, "kernelSize", kernelSize, axes, 1);
  return apply(maxPools[axes], [x], {
    kernel,
    stride: perAxis(name, "stride", options.stride ?? kernel, axes, 1),
    padding: perAxis(name, "padding", options.padding ?? 0, axes, 0),
    dilation: perAxis(name, "dilation", options.dilation ?? 1, axes, 1),
    ceilMode: options.ceilMode ?? false,
  });
}

/** The largest of each window of x [N, C, L] or [C, L]; of equal ones the first gets the gradient. */
export function maxPool1d(x: Tensor, kernelSize: PerAxis, options: MaxPoolOptions = {}): Tensor {
  checkOptions("maxPool1d", options, ["stride", "padding", "dilation", "ceilMode"]);
  return maxPool(1, x, kernelSize, options);
}

/** The largest of each window of x [N, C, H, W] or [C, H, W]; of equal ones the first gets the gradient. */
export function maxPool2d(x: Tensor, kernelSize: PerAxis, options: MaxPoolOptions = {}): Tensor {
  checkOptions("maxPool2d", options, ["stride", "padding", "dilation", "ceilMode"]);
  return maxPool(2, x, kernelSize, options);
}

export interface AvgPoolOptions {
  /** The kernel's size when it is left out. */
  readonly stride?: PerAxis;
  readonly padding?: PerAxis;
  readonly ceilMode?: boolean;
  /** Whether the zeros of the padding count (the default). */
  readonly countIncludePad?: boolean;
}

function avgPool(axes: 1 | 2, x: Tensor, kernelSize: PerAxis, options: AvgPoolOptions): Tensor {
  const name = `avgPool${axes}d`;
  const kernel = perAxis(name, "kernelSize", kernelSize, axes, 1);
  return apply(averagePools[axes], [x], {
    kernel,
    stride: perAxis(name, "stride", options.stride ?? kernel, axes, 1),
    padding: perAxis(name, "padding", options.padding ?? 0, axes, 0),
    dilation: new Array<number>(axes).fill(1),
    ceilMode: options.ceilMode ?? false,
    countIncludePad: options.countIncludePad ?? true,
  });
}

/** The mean of each window of x [N, C, L] or [C, L]. */
export function avgPool1d(x: Tensor, kernelSize: PerAxis, options: AvgPoolOptions = {}): Tensor {
  checkOptions("avgPool1d", options, ["stride", "padding", "ceilMode", "countIncludePad"]);
  return avgPool(1, x, kernelSize, options);
}

/** The mean of each window of x [N, C, H, W] or [C, H, W]. */
export function avgPool2d(x: Tensor, kernelSize: PerAxis, options: AvgPoolOptions = {}): Tensor {
  checkOptions("avgPool2d", options, ["stride", "padding", "ceilMode", "countIncludePad"]);
  return avgPool(2, x, kernelSize, options);
}

/** A size for every spatial axis, or one for each; null keeps an axis as it is. */
export type AdaptiveSize = number | readonly (number | null)[];

function sizes(op: string, x: Tensor, size: AdaptiveSize, axes: 1 | 2): { readonly size: number[] } {
  const given = typeof size === "number" ? size : size.map((entry, i) => entry ?? x.shape[x.rank - size.length + i]!);
  return { size: perAxis(op, "size", given, axes, 1) };
}

/** Means over as many bins as `size` says, whatever the size of x [..., L]. */
export function adaptiveAvgPool1d(x: Tensor, size: AdaptiveSize): Tensor {
  return apply(adaptiveAverages[1], [x], sizes("adaptiveAvgPool1d", x, size, 1));
}

/** Means over as many bins as `size` says, whatever the size of x [..., H, W]. */
export function adaptiveAvgPool2d(x: Tensor, size: AdaptiveSize): Tensor {
  return apply(adaptiveAverages[2], [x], sizes("adaptiveAvgPool2d", x, size, 2));
}

/** Maxima over as many bins as `size` says, whatever the size of x [..., L]. */
export function adaptiveMaxPool1d(x: Tensor, size: AdaptiveSize): Tensor {
  return apply(adaptiveMaxima[1], [x], sizes("adaptiveMaxPool1d", x, size, 1));
}

/** Maxima over as many bins as `size` says, whatever the size of x [..., H, W]. */
export function adaptiveMaxPool2d(x: Tensor, size: AdaptiveSize): Tensor {
  return apply(adaptiveMaxima[2], [x], sizes("adaptiveMaxPool2d", x, size, 2));
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
