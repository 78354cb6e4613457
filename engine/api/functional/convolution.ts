import { checkOptions } from "../../context/options.ts";
import { composite } from "../../context/scope.ts";
import { describeValue, expectTensor } from "../../ops/operands.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { apply } from "../../ops/apply.ts";
import { convolutions } from "../../ops/convolution.ts";
import type { SpatialRank } from "../../ops/spatial-axes.ts";
import type { Tensor } from "../../core/tensor.ts";
import { pad } from "./padding.ts";
import { convolveVolume, convolveVolumeTransposed } from "./volume-convolution.ts";

/** A number for every spatial axis, or one for each. */
export type PerAxis = number | readonly number[];

/** One entry for each of `axes` spatial axes. @throws EngineError on another count or a value that is no size. */
export function perAxis(op: string, what: string, value: unknown, axes: number, least: number): number[] {
  if (typeof value !== "number" && !Array.isArray(value)) {
    const found = value === undefined ? "nothing" : describeValue(value);
    throw new EngineError("value", `${op}: ${what} needs a number or ${axes} of them, found ${found}`);
  }
  const list: number[] =
    typeof value === "number" ? new Array<number>(axes).fill(value) : [...(value as readonly number[])];
  const full = list.length === 1 ? new Array<number>(axes).fill(list[0]!) : list;
  if (full.length !== axes) {
    throw new EngineError("value", `${op}: ${what} needs a number or ${axes} of them, found ${formatShape(list)}`);
  }
  for (const entry of full) {
    if (Number.isInteger(entry) && entry >= least) continue;
    throw new EngineError("value", `${op}: ${what} must be at least ${least}, found ${formatShape(full)}`);
  }
  return full;
}

export interface ConvolutionOptions {
  readonly stride?: PerAxis;
  /** Zeros around the input; "same" as many as keep the size, "valid" none. */
  readonly padding?: PerAxis | "same" | "valid";
  readonly dilation?: PerAxis;
  readonly groups?: number;
}

function convolve(
  axes: SpatialRank,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null | undefined,
  options: ConvolutionOptions,
): Tensor {
  const name = `conv${axes}d`;
  expectTensor(name, weight);
  const { padding = 0, groups = 1 } = options;
  const stride = perAxis(name, "stride", options.stride ?? 1, axes, 1);
  const dilation = perAxis(name, "dilation", options.dilation ?? 1, axes, 1);
  const single = x.rank === axes + 1;
  let input = single ? x.unsqueeze(0) : x;
  let around: number[];
  if (padding === "same") {
    if (stride.some((step) => step !== 1)) {
      throw new EngineError("value", `${name}: padding "same" needs stride 1, found ${formatShape(stride)}`);
    }
    const total = weight.shape.slice(2).map((kernel, i) => dilation[i]! * (kernel - 1));
    around = total.map((sum) => Math.floor(sum / 2));
    // What is left over goes to the end, as in PyTorch.
    const extra = total.map((sum, i) => sum - 2 * around[i]!);
    if (extra.some((more) => more > 0))
      input = pad(
        input,
        extra.toReversed().flatMap((more) => [0, more]),
      );
  } else if (padding === "valid") around = new Array<number>(axes).fill(0);
  else if (typeof padding === "string") {
    throw new EngineError(
      "value",
      `${name}: padding must be a number, an array, "same" or "valid", found "${String(padding)}"`,
    );
  } else around = perAxis(name, "padding", padding, axes, 0);
  const inputs = bias ? [input, weight, bias] : [input, weight];
  const attributes = { stride, padding: around, dilation, groups };
  const out = axes === 3 ? convolveVolume(inputs, attributes) : apply(convolutions[axes].forward, inputs, attributes);
  return single ? out.squeeze(0) : out;
}

/** x [N, C, L] or [C, L] with weight [O, C / groups, k]. */
export function conv1d(x: Tensor, weight: Tensor, bias?: Tensor | null, options: ConvolutionOptions = {}): Tensor {
  checkOptions("conv1d", options, ["stride", "padding", "dilation", "groups"]);
  return grouped("conv1d", 1, x, options.padding === "same", () => convolve(1, x, weight, bias, options));
}

/** x [N, C, H, W] or [C, H, W] with weight [O, C / groups, kh, kw]. */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor | null, options: ConvolutionOptions = {}): Tensor {
  checkOptions("conv2d", options, ["stride", "padding", "dilation", "groups"]);
  return grouped("conv2d", 2, x, options.padding === "same", () => convolve(2, x, weight, bias, options));
}

/**
 * x [N, C, D, H, W] or [C, D, H, W] with weight [O, C / groups, kd, kh, kw]: a `conv2d` whose channels are the slices
 * that a kernel reaches over, so that it takes kd times the memory of x.
 */
export function conv3d(x: Tensor, weight: Tensor, bias?: Tensor | null, options: ConvolutionOptions = {}): Tensor {
  checkOptions("conv3d", options, ["stride", "padding", "dilation", "groups"]);
  return grouped("conv3d", 3, x, true, () => convolve(3, x, weight, bias, options));
}

/** A call that is more than its one op appears as a group, as that on a single example is. */
function grouped(name: string, axes: SpatialRank, x: Tensor, several: boolean, body: () => Tensor): Tensor {
  expectTensor(name, x);
  return several || x.rank === axes + 1 ? composite(name, body) : body();
}

export interface TransposedConvolutionOptions {
  readonly stride?: PerAxis;
  readonly padding?: PerAxis;
  /** Added to the size of the result at the end of each axis. */
  readonly outputPadding?: PerAxis;
  readonly groups?: number;
  readonly dilation?: PerAxis;
}

function transpose(
  axes: SpatialRank,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null | undefined,
  options: TransposedConvolutionOptions,
): Tensor {
  const name = `convTranspose${axes}d`;
  const single = x.rank === axes + 1;
  const input = single ? x.unsqueeze(0) : x;
  const inputs = bias ? [input, weight, bias] : [input, weight];
  const attributes = {
    stride: perAxis(name, "stride", options.stride ?? 1, axes, 1),
    padding: perAxis(name, "padding", options.padding ?? 0, axes, 0),
    dilation: perAxis(name, "dilation", options.dilation ?? 1, axes, 1),
    outputPadding: perAxis(name, "outputPadding", options.outputPadding ?? 0, axes, 0),
    groups: options.groups ?? 1,
  };
  const out =
    axes === 3
      ? convolveVolumeTransposed(inputs, attributes)
      : apply(convolutions[axes].transposed, inputs, attributes);
  return single ? out.squeeze(0) : out;
}

/** x [N, C, L] or [C, L] with weight [C, O / groups, k]. */
export function convTranspose1d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: TransposedConvolutionOptions = {},
): Tensor {
  checkOptions("convTranspose1d", options, ["stride", "padding", "outputPadding", "groups", "dilation"]);
  return grouped("convTranspose1d", 1, x, false, () => transpose(1, x, weight, bias, options));
}

/** x [N, C, H, W] or [C, H, W] with weight [C, O / groups, kh, kw]. */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: TransposedConvolutionOptions = {},
): Tensor {
  checkOptions("convTranspose2d", options, ["stride", "padding", "outputPadding", "groups", "dilation"]);
  return grouped("convTranspose2d", 2, x, false, () => transpose(2, x, weight, bias, options));
}

/** x [N, C, D, H, W] or [C, D, H, W] with weight [C, O / groups, kd, kh, kw]. */
export function convTranspose3d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: TransposedConvolutionOptions = {},
): Tensor {
  checkOptions("convTranspose3d", options, ["stride", "padding", "outputPadding", "groups", "dilation"]);
  return grouped("convTranspose3d", 3, x, true, () => transpose(3, x, weight, bias, options));
}
