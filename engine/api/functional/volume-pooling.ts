import { composite } from "../../context/scope.ts";
import type { Tensor } from "../../core/tensor.ts";
import { apply } from "../../ops/apply.ts";
import type { Op } from "../../ops/op.ts";
import {
  adaptiveAverages,
  adaptiveMaxima,
  averagePools,
  maxPools,
  pooledShape,
  requirePoolable,
  type PoolAttributes,
} from "../../ops/pooling.ts";
import { perAxis, type PerAxis } from "./convolution.ts";
import {
  adaptiveSizes,
  avgPoolWindows,
  maxPoolWindows,
  type AdaptiveSize,
  type AvgPoolOptions,
  type MaxPoolOptions,
} from "./pooling.ts";

/**
 * Pools over three axes, each made of two pools over two: one within every slice of depth, then one across the slices.
 * A window is the product of its axes, and so is how many elements it counts, so both orders give the same numbers. Of
 * equal maxima the first in the order of D, H, W wins, as in PyTorch: the first within its slice, of the first slice.
 */
function separable(x: Tensor, within: (slices: Tensor) => Tensor, across: (columns: Tensor) => Tensor): Tensor {
  const [depth, height, width] = x.shape.slice(-3) as [number, number, number];
  const lead = x.shape.slice(0, -3);
  const planes = lead.reduce((product, size) => product * size, 1);
  const slices = within(x.reshape([planes, depth, height, width]));
  const [tall, wide] = slices.shape.slice(-2) as [number, number];
  const columns = across(slices.reshape([planes, depth, tall * wide]));
  return columns.reshape([...lead, columns.shape[1]!, tall, wide]);
}

/** The windows within a slice. */
function withinSlice<A extends PoolAttributes>(attributes: A): A {
  const { kernel, stride, padding, dilation } = attributes;
  return {
    ...attributes,
    kernel: kernel.slice(1),
    stride: stride.slice(1),
    padding: padding.slice(1),
    dilation: dilation.slice(1),
  };
}

/** The windows across slices, each one position wide. */
function acrossSlices<A extends PoolAttributes>(attributes: A): A {
  const { kernel, stride, padding, dilation } = attributes;
  return {
    ...attributes,
    kernel: [kernel[0]!, 1],
    stride: [stride[0]!, 1],
    padding: [padding[0]!, 0],
    dilation: [dilation[0]!, 1],
  };
}

/** A pool by one op, within slices and across them. */
function windowed<A extends PoolAttributes>(name: string, x: Tensor, windows: A, pool: Op<A>): Tensor {
  pooledShape(name, 3, x, windows);
  return composite(name, () =>
    separable(
      x,
      (slices) => apply(pool, [slices], withinSlice(windows)),
      (columns) => apply(pool, [columns], acrossSlices(windows)),
    ),
  );
}

/** The largest of each window of x [N, C, D, H, W] or [C, D, H, W]; of equal ones the first gets the gradient. */
export function maxPool3d(x: Tensor, kernelSize: PerAxis, options: MaxPoolOptions = {}): Tensor {
  return windowed("maxPool3d", x, maxPoolWindows(3, kernelSize, options), maxPools[2]);
}

/** The mean of each window of x [N, C, D, H, W] or [C, D, H, W]. */
export function avgPool3d(x: Tensor, kernelSize: PerAxis, options: AvgPoolOptions = {}): Tensor {
  return windowed("avgPool3d", x, avgPoolWindows(3, kernelSize, options), averagePools[2]);
}

/** (Σ xᵖ)^(1/p) of each window. PyTorch: `F.lp_pool3d`. */
export function lpPool3d(x: Tensor, p: number, kernelSize: PerAxis, stride: PerAxis = kernelSize): Tensor {
  const elements = perAxis("lpPool3d", "kernelSize", kernelSize, 3, 1).reduce((product, size) => product * size, 1);
  return composite("lpPool3d", () =>
    avgPool3d(x.pow(p), kernelSize, { stride })
      .mul(elements)
      .pow(1 / p),
  );
}

/** Means over as many bins as `size` says, whatever the size of x [..., D, H, W]. */
export function adaptiveAvgPool3d(x: Tensor, size: AdaptiveSize): Tensor {
  return adaptive("adaptiveAvgPool3d", x, size, (each, bins) => apply(adaptiveAverages[2], [each], { size: bins }));
}

/** Maxima over as many bins as `size` says, whatever the size of x [..., D, H, W]. */
export function adaptiveMaxPool3d(x: Tensor, size: AdaptiveSize): Tensor {
  return adaptive("adaptiveMaxPool3d", x, size, (each, bins) => apply(adaptiveMaxima[2], [each], { size: bins }));
}

function adaptive(
  name: string,
  x: Tensor,
  given: AdaptiveSize,
  pool: (x: Tensor, size: readonly number[]) => Tensor,
): Tensor {
  requirePoolable(name, 3, x);
  const [depth, height, width] = adaptiveSizes(name, x, given, 3).size as [number, number, number];
  return composite(name, () =>
    separable(
      x,
      (slices) => pool(slices, [height, width]),
      (columns) => pool(columns, [depth, columns.shape[2]!]),
    ),
  );
}
