import type { Window2d } from "../kernels/kernels.ts";
import { runtime } from "../core/runtime.ts";
import type { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import { apply } from "./apply.ts";
import {
  convolutionShape,
  transposedShape,
  type ConvolutionAttributes,
  type TransposedAttributes,
} from "./convolution-shapes.ts";
import { dense, elementsOf, shaped } from "./dense.ts";
import { defineOp, type Op } from "./op.ts";

/** `shape` is that of the cotangent that is computed. */
type GradientAttributes = ConvolutionAttributes & { readonly shape: readonly number[] };

/** The kernels know two spatial axes; a convolution over one has a first of size 1. */
function as2d(x: Tensor): View {
  const source = dense(x);
  if (x.rank === 4) return source;
  const [outer, inner, length] = x.shape as [number, number, number];
  return shaped(source, [outer, inner, 1, length]);
}

function pair(list: readonly number[], first: number): readonly [number, number] {
  return list.length === 1 ? [first, list[0]!] : [list[0]!, list[1]!];
}

function windowOf(kernel: readonly number[], attributes: ConvolutionAttributes): Window2d {
  return {
    kernel: pair(kernel, 1),
    stride: pair(attributes.stride, 1),
    padding: pair(attributes.padding, 0),
    dilation: pair(attributes.dilation, 1),
  };
}

/** The three ops of a convolution over as many spatial axes, each of which is a rule of the others. */
interface Convolution {
  /** x [N, C, ...] ∗ weight [O, C / groups, ...] (+ bias [O]). */
  readonly forward: Op<ConvolutionAttributes>;
  /** The cotangent of x, from the result's and weight. */
  readonly input: Op<GradientAttributes>;
  /** The cotangent of weight, from the result's and x. */
  readonly weight: Op<GradientAttributes>;
  /** x [N, C, ...], weight [C, O / groups, ...] (+ bias [O]): the cotangent of a convolution as a layer of its own. */
  readonly transposed: Op<TransposedAttributes>;
}

function defineConvolution(axes: 1 | 2): Convolution {
  const name = `conv${axes}d`;
  const transposedName = `convTranspose${axes}d`;
  /** All axes but that of the channels. */
  const overAll = axes === 1 ? [0, 2] : [0, 2, 3];

  const input: Op<GradientAttributes> = defineOp<GradientAttributes>({
    id: `${name}Input`,
    name: `${name}Input`,
    infer: ([g], { shape }) => ({ shape, dtype: g!.dtype }),
    compute: ([g, w], attributes, out) =>
      runtime.kernels.conv2dInput(
        as2d(g!),
        as2d(w!),
        as2d(out),
        windowOf(w!.shape.slice(2), attributes),
        attributes.groups,
      ),
    vjp: [
      (h, at) => apply(forward, [h, at.input(1)], at.attributes),
      (h, at) => apply(weight, [at.input(0), h], { ...at.attributes, shape: at.shape(1) }),
    ],
    saves: [0, 1],
    formula: { forward: "g \\ast^\\top W", backward: ["\\bar z \\ast W", "g \\star \\bar z"] },
  });

  const weight: Op<GradientAttributes> = defineOp<GradientAttributes>({
    id: `${name}Weight`,
    name: `${name}Weight`,
    infer: ([g], { shape }) => ({ shape, dtype: g!.dtype }),
    compute: ([g, x], attributes, out) =>
      runtime.kernels.conv2dWeight(
        as2d(g!),
        as2d(x!),
        as2d(out),
        windowOf(out.shape.slice(2), attributes),
        attributes.groups,
      ),
    vjp: [
      (h, at) => apply(forward, [at.input(1), h], at.attributes),
      (h, at) => apply(input, [at.input(0), h], { ...at.attributes, shape: at.shape(1) }),
    ],
    saves: [0, 1],
    formula: { forward: "g \\star x", backward: ["x \\ast \\bar z", "g \\ast^\\top \\bar z"] },
  });

  const forward: Op<ConvolutionAttributes> = defineOp<ConvolutionAttributes>({
    id: name,
    name,
    infer: (inputs, attributes) => ({
      shape: convolutionShape(name, axes, inputs, attributes),
      dtype: inputs[0]!.dtype,
    }),
    compute: ([x, w, bias], attributes, out) =>
      runtime.kernels.conv2d(
        as2d(x!),
        as2d(w!),
        bias ? dense(bias) : null,
        as2d(out),
        windowOf(w!.shape.slice(2), attributes),
        attributes.groups,
      ),
    vjp: (g, at, index) => {
      const { stride, padding, dilation, groups } = at.attributes;
      const geometry = { stride, padding, dilation, groups };
      if (index === 0) return apply(input, [g, at.input(1)], { ...geometry, shape: at.shape(0) });
      if (index === 1) return apply(weight, [g, at.input(0)], { ...geometry, shape: at.shape(1) });
      return g.sum(overAll);
    },
    saves: [0, 1],
    affine: true,
    formula: {
      forward: "x \\ast W + b",
      backward: ["\\bar y \\ast^\\top W", "\\bar y \\star x", "\\sum \\bar y"],
    },
    flops: ([, w], _, out) => 2 * out.numel() * (w!.numel() / w!.shape[0]!),
  });

  const transposed: Op<TransposedAttributes> = defineOp<TransposedAttributes>({
    id: transposedName,
    name: transposedName,
    infer: (inputs, attributes) => ({
      shape: transposedShape(transposedName, axes, inputs, attributes),
      dtype: inputs[0]!.dtype,
    }),
    compute: ([x, w, bias], attributes, out) => {
      const window = windowOf(w!.shape.slice(2), attributes);
      runtime.kernels.conv2dInput(as2d(x!), as2d(w!), as2d(out), window, attributes.groups);
      if (bias) addBias(out, dense(bias));
    },
    vjp: (g, at, index) => {
      const { stride, padding, dilation, groups } = at.attributes;
      const geometry = { stride, padding, dilation, groups };
      if (index === 0) return cropped(apply(forward, [g, at.input(1)], geometry), at.shape(0));
      if (index === 1) return apply(weight, [at.input(0), g], { ...geometry, shape: at.shape(1) });
      return g.sum(overAll);
    },
    saves: [0, 1],
    formula: {
      forward: "x \\ast^\\top W + b",
      backward: ["\\bar y \\ast W", "x \\star \\bar y", "\\sum \\bar y"],
    },
    flops: ([x, w]) => 2 * x!.numel() * (w!.numel() / w!.shape[0]!),
  });

  return { forward, input, weight, transposed };
}

/** Output padding beyond a stride lets the convolution back find positions that the input does not have. */
function cropped(x: Tensor, shape: readonly number[]): Tensor {
  return shape.reduce((out, size, axis) => (out.shape[axis] === size ? out : out.narrow(axis, 0, size)), x);
}

function addBias(out: Tensor, bias: Tensor): void {
  const { elements, start } = elementsOf(out);
  const biases = elementsOf(bias);
  const [count, channels, ...sizes] = out.shape as [number, number, ...number[]];
  const length = sizes.reduce((product, size) => product * size, 1);
  for (let n = 0; n < count; n++) {
    for (let c = 0; c < channels; c++) {
      const first = start + (n * channels + c) * length;
      const value = biases.elements[biases.start + c]!;
      for (let i = first; i < first + length; i++) elements[i]! += value;
    }
  }
}

/** By number of spatial axes. */
export const convolutions = { 1: defineConvolution(1), 2: defineConvolution(2) } as const;
