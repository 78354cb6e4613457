import { EngineError, formatShape } from "../context/engine-error.ts";
import { runtime } from "../core/runtime.ts";
import { elementCount } from "../core/shape.ts";
import { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import { apply } from "./apply.ts";
import { dense, elementsOf, requireOneFloat, shaped } from "./dense.ts";
import { defineOp, type Op } from "./op.ts";

/**
 * A normalisation takes x in groups that share a mean and a variance, and gives x̂ = (x − mean) / √(variance + ε),
 * scaled and shifted by weight and bias where it has them. Layer normalisation's groups are the trailing axes, batch
 * normalisation's are the channels.
 */
interface Grouping {
  readonly name: string;
  /** How the batch kernels see x: [N, C, L] with one group for each C. */
  readonly view: (x: View, normalized: readonly number[]) => readonly [number, number, number];
  /** The axes over which a group runs. */
  readonly dims: (x: Tensor, normalized: readonly number[]) => number[];
  /** The axes over which the cotangent of weight and bias is summed. */
  readonly parameterDims: (x: Tensor, normalized: readonly number[]) => number[];
  /** The shape in which weight and bias broadcast to x. */
  readonly parameterShape: (x: Tensor, normalized: readonly number[]) => readonly number[];
}

export type NormAttributes = {
  readonly eps: number;
  /** The sizes of the trailing axes for layer normalisation; empty for the other kinds. */
  readonly normalized: readonly number[];
};
type InputAttributes = NormAttributes & { readonly hasWeight: boolean };

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

const byTrailingAxes: Grouping = {
  name: "layerNorm",
  view: (x, normalized) => [
    1,
    elementCount(x.shape.slice(0, x.shape.length - normalized.length)),
    elementCount(normalized),
  ],
  dims: (x, normalized) => range(x.rank - normalized.length, x.rank),
  parameterDims: (x, normalized) => range(0, x.rank - normalized.length),
  parameterShape: (_, normalized) => normalized,
};

const byChannel: Grouping = {
  name: "batchNorm",
  view: (x) => [x.shape[0]!, x.shape[1]!, elementCount(x.shape.slice(2))],
  dims: (x) => [0, ...range(2, x.rank)],
  parameterDims: (x) => [0, ...range(2, x.rank)],
  parameterShape: (x) => [x.shape[1]!, ...new Array<number>(x.rank - 2).fill(1)],
};

/** The mean and 1 / σ of each group. */
function moments(x: View, eps: number): { readonly mean: Tensor; readonly rstd: Tensor } {
  const groups = x.shape[1]!;
  const mean = Tensor.empty([groups], x.dtype);
  const rstd = Tensor.empty([groups], x.dtype);
  runtime.kernels.channelMoments(x, mean, rstd);
  const { elements, start } = elementsOf(rstd);
  for (let i = start; i < start + groups; i++) elements[i] = 1 / Math.sqrt(elements[i]! + eps);
  return { mean, rstd };
}

/** Over no axes it is the tensor itself; `x.sum([])` is over all. */
function sumOver(x: Tensor, dims: readonly number[]): Tensor {
  return dims.length === 0 ? x : x.sum(dims);
}

/** The records of one normalisation. */
interface Normalisation {
  /** Inputs: x, and optionally weight and bias. */
  readonly forward: Op<NormAttributes>;
}

function defineNormalisation(by: Grouping): Normalisation {
  const { name } = by;

  /** The cotangents of x and of weight, or one of them, in one pass over the result's cotangent g. */
  function writeCotangents(
    g: Tensor,
    x: Tensor,
    weight: Tensor | null,
    { eps, normalized }: NormAttributes,
    outs: { readonly x: View | null; readonly weight: View | null },
  ): void {
    const shape = by.view(x, normalized);
    const input = shaped(dense(x), shape);
    const { mean, rstd } = moments(input, eps);
    const cotangent = shaped(dense(g), shape);
    const [, rows, size] = shape;
    const parameter = [by === byChannel ? rows : size];
    const scale = weight && shaped(dense(weight), parameter);
    const toWeight = outs.weight && shaped(outs.weight, parameter);
    if (by === byChannel) {
      const to = { x: outs.x && shaped(outs.x, shape), weight: toWeight, bias: null };
      runtime.kernels.batchNormBackward(cotangent, input, scale, mean, rstd, true, to);
      return;
    }
    const flat = (view: View): View => shaped(view, [rows, size]);
    const to = { x: outs.x && flat(outs.x), weight: toWeight, bias: null };
    runtime.kernels.layerNormBackward(flat(cotangent), flat(input), scale, mean, rstd, to);
  }

  /** The cotangent of x. Inputs: the result's cotangent g, x, and optionally weight. */
  const backward: Op<InputAttributes> = defineOp<InputAttributes>({
    id: `${name}Backward`,
    name: `${name}Backward`,
    infer: ([g]) => ({ shape: g!.shape, dtype: g!.dtype }),
    compute: ([g, x, weight], attributes, out) => {
      writeCotangents(g!, x!, weight ?? null, attributes, { x: out, weight: null });
    },
    vjp: (h, at, index) => {
      const { eps, normalized, hasWeight } = at.attributes;
      const [g, x] = [at.input(0), at.input(1)];
      const weight = hasWeight ? at.input(2).reshape(by.parameterShape(x, normalized)) : null;
      const project = (v: Tensor): Tensor => apply(backward, [v, x], { eps, normalized, hasWeight: false });
      // The rule is linear in d = g · weight, and its matrix is symmetric.
      if (index === 0) return weight ? project(h).mul(weight) : project(h);
      if (index === 2) return sumOver(project(h).mul(g), by.parameterDims(x, normalized)).reshape(at.shape(2));
      // With r = 1/σ: z = r (d − mean d − x̂ mean(d x̂)) depends on x by x̂ and by r.
      const dims = by.dims(x, normalized);
      const d = weight ? g.mul(weight) : g;
      const normal = apply(forward, [x], { eps, normalized });
      const rstd = x.var(dims, { unbiased: false, keepdim: true }).add(eps).rsqrt();
      const a = h.mul(normal).mean(dims, true);
      const b = d.mul(normal).mean(dims, true);
      const through = project(h.mul(b).add(d.mul(a)).mul(rstd).neg());
      const agreement = h
        .mul(d)
        .mean(dims, true)
        .sub(h.mean(dims, true).mul(d.mean(dims, true)))
        .sub(a.mul(b));
      return through.sub(normal.mul(agreement).mul(rstd.square()));
    },
    saves: [0, 1, 2],
    formula: {
      forward: "\\tfrac1\\sigma (d - \\overline{d} - \\hat x\\, \\overline{d \\hat x}),\\ d = g w",
      backward: ["", "", ""],
    },
    flops: (_, __, out) => 8 * out.numel(),
  });

  /** The cotangent of weight: Σ g x̂. Inputs: g and x. */
  const weightBackward: Op<NormAttributes & { readonly shape: readonly number[] }> = defineOp({
    id: `${name}WeightBackward`,
    name: `${name}WeightBackward`,
    infer: ([g], { shape }) => ({ shape, dtype: g!.dtype }),
    compute: ([g, x], attributes, out) => {
      writeCotangents(g!, x!, null, attributes, { x: null, weight: out });
    },
    vjp: [
      (h, at) => {
        const { eps, normalized } = at.attributes;
        const x = at.input(1);
        return apply(forward, [x], { eps, normalized }).mul(h.reshape(by.parameterShape(x, normalized)));
      },
      (h, at) => {
        const { eps, normalized } = at.attributes;
        const x = at.input(1);
        const scaled = at.input(0).mul(h.reshape(by.parameterShape(x, normalized)));
        return apply(backward, [scaled, x], { eps, normalized, hasWeight: false });
      },
    ],
    saves: [0, 1],
    formula: { forward: "\\sum g\\, \\hat x", backward: ["\\bar z\\, \\hat x", ""] },
    flops: ([g]) => 6 * g!.numel(),
  });

  const forward: Op<NormAttributes> = defineOp<NormAttributes>({
    id: name,
    name,
    infer: (inputs, { normalized }) => {
      const [x, weight, bias] = inputs as readonly [Tensor, Tensor | undefined, Tensor | undefined];
      requireOneFloat(name, inputs);
      const expected = elementCount(by.parameterShape(x, normalized));
      for (const parameter of [weight, bias]) {
        if (parameter === undefined || parameter.numel() === expected) continue;
        throw new EngineError(
          "shape",
          `${name}: weight and bias need ${expected} elements for x ${formatShape(x.shape)}, found ${formatShape(parameter.shape)}`,
        );
      }
      return { shape: x.shape, dtype: x.dtype };
    },
    compute: ([x, weight, bias], { eps, normalized }, out) => {
      const shape = by.view(x!, normalized);
      const input = shaped(dense(x!), shape);
      const scale = weight ? dense(weight) : null;
      const shift = bias ? dense(bias) : null;
      if (by === byTrailingAxes) {
        const [, rows, size] = shape;
        const [mean, rstd] = [Tensor.empty([rows], x!.dtype), Tensor.empty([rows], x!.dtype)];
        const flat = (view: View): View => shaped(view, [rows, size]);
        const parameter = (view: View | null): View | null => view && shaped(view, [size]);
        runtime.kernels.layerNorm(flat(input), parameter(scale), parameter(shift), flat(out), mean, rstd, eps);
        return;
      }
      const { mean, rstd } = moments(input, eps);
      runtime.kernels.batchNorm(input, scale, shift, mean, rstd, shaped(out, shape));
    },
    vjp: (g, at, index) => {
      const { attributes } = at;
      const x = at.input(0);
      if (index === 0) {
        const hasWeight = at.inputCount > 1;
        return apply(backward, hasWeight ? [g, x, at.input(1)] : [g, x], { ...attributes, hasWeight });
      }
      if (index === 1) return apply(weightBackward, [g, x], { ...attributes, shape: at.shape(1) });
      return sumOver(g, by.parameterDims(x, attributes.normalized)).reshape(at.shape(2));
    },
    together: (g, at, wanted) => {
      if (!wanted[0] || !wanted[1]) return [];
      const [x, weight] = [at.input(0), at.input(1)];
      const [toX, toWeight] = [Tensor.empty(x.shape, x.dtype), Tensor.empty(weight.shape, x.dtype)];
      writeCotangents(g, x, weight, at.attributes, { x: toX, weight: toWeight });
      return [toX, toWeight];
    },
    saves: [0, 1],
    formula: {
      forward: "w \\frac{x - \\mu}{\\sqrt{\\sigma^2 + \\varepsilon}} + b",
      backward: [
        "\\tfrac1\\sigma (d - \\overline{d} - \\hat x\\, \\overline{d \\hat x}),\\ d = \\bar y w",
        "\\sum \\bar y\\, \\hat x",
        "\\sum \\bar y",
      ],
    },
    flops: (_, __, out) => 7 * out.numel(),
  });
  return { forward };
}

export const layerNorm = defineNormalisation(byTrailingAxes).forward;
/** Over the statistics of x itself, as in training. */
export const batchNorm = defineNormalisation(byChannel).forward;
