import { tensor, zeros } from "../../core/creation.ts";
import type { Tensor } from "../../core/tensor.ts";
import { apply } from "../../ops/apply.ts";
import {
  convolutionShape,
  transposedShape,
  type ConvolutionAttributes,
  type TransposedAttributes,
} from "../../ops/convolution-shapes.ts";
import { convolutions } from "../../ops/convolution.ts";
import { pad } from "./padding.ts";

/** Convolutions over three axes, each made of one over two axes that has slices of depth among its channels. */

/** The geometry of the axes within a slice. */
function withinSlice({ stride, padding, dilation, groups }: ConvolutionAttributes): ConvolutionAttributes {
  return { stride: stride.slice(1), padding: padding.slice(1), dilation: dilation.slice(1), groups };
}

/** x [N, C, D, H, W] ∗ weight [O, C / groups, kd, kh, kw] (+ bias [O]): the slices under a kernel become channels. */
export function convolveVolume(inputs: readonly Tensor[], attributes: ConvolutionAttributes): Tensor {
  const [count, outChannels, outDepth, outHeight, outWidth] = convolutionShape("conv3d", 3, inputs, attributes) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const [x, weight, ...bias] = inputs as [Tensor, Tensor, ...Tensor[]];
  const [, channels, , height, width] = x.shape as [number, number, number, number, number];
  const [, perGroup, reach, ...kernel] = weight.shape as [number, number, number, ...number[]];
  const [stride, padding, dilation] = [attributes.stride[0]!, attributes.padding[0]!, attributes.dilation[0]!];
  const padded = padding === 0 ? x : pad(x, [0, 0, 0, 0, padding, padding]);
  const slices = padded
    .unfold(2, dilation * (reach - 1) + 1, stride)
    .slice(5, 0, null, dilation)
    .permute([0, 2, 1, 5, 3, 4])
    .reshape([count * outDepth, channels * reach, height, width]);
  const kernels = weight.reshape([outChannels, perGroup * reach, ...kernel]);
  return apply(convolutions[2].forward, [slices, kernels, ...bias], withinSlice(attributes))
    .reshape([count, outDepth, outChannels, outHeight, outWidth])
    .transpose(1, 2)
    .contiguous();
}

/**
 * x [N, C, D, H, W] with weight [C, O / groups, kd, kh, kw] (+ bias [O]): each slice gives kd slices of the result,
 * which are added up where they fall on the same depth.
 */
export function convolveVolumeTransposed(inputs: readonly Tensor[], attributes: TransposedAttributes): Tensor {
  const shape = transposedShape("convTranspose3d", 3, inputs, attributes);
  const [count, outChannels, outDepth, outHeight, outWidth] = shape as [number, number, number, number, number];
  const [x, weight, bias] = inputs as [Tensor, Tensor, Tensor | undefined];
  const [, channels, depth, height, width] = x.shape as [number, number, number, number, number];
  const [, perGroup, reach, ...kernel] = weight.shape as [number, number, number, ...number[]];
  const [stride, padding, dilation] = [attributes.stride[0]!, attributes.padding[0]!, attributes.dilation[0]!];
  const slices = x.transpose(1, 2).reshape([count * depth, channels, height, width]);
  const kernels = weight.reshape([channels, perGroup * reach, ...kernel]);
  const parts = apply(convolutions[2].transposed, [slices, kernels], {
    ...withinSlice(attributes),
    outputPadding: attributes.outputPadding.slice(1),
  })
    .reshape([count, depth, outChannels, reach, outHeight, outWidth])
    .permute([0, 2, 1, 3, 4, 5])
    .reshape([count, outChannels, depth * reach, outHeight, outWidth]);
  const places = Array.from(
    { length: depth * reach },
    (_, i) => Math.floor(i / reach) * stride + (i % reach) * dilation,
  );
  const sums = zeros([count, outChannels, outDepth + 2 * padding, outHeight, outWidth], { dtype: x.dtype })
    .indexAdd(2, tensor(places, { dtype: "int64" }), parts)
    .narrow(2, padding, outDepth);
  return bias ? sums.add(bias.reshape([outChannels, 1, 1, 1])) : sums.contiguous();
}
