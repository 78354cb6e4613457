import { runtime } from "../core/runtime.ts";
import { fullLike, zerosLike } from "../core/creation.ts";
import { Tensor } from "../core/tensor.ts";
import { convert } from "./conversion.ts";
import { requireOneFloat } from "./dense.ts";
import { defineOp, type ComputeOp, type Op, type VectorJacobianProduct } from "./op.ts";
import type { Attributes } from "../recording/attributes.ts";
import { select } from "./selection.ts";

/** An elementwise record of one floating-point operand. */
function defineActivation<A extends Attributes>(
  name: string,
  rule: {
    readonly compute: (x: Tensor, attributes: A, out: Tensor) => void;
    readonly vjp: VectorJacobianProduct<A>;
    readonly formula: readonly [forward: string, backward: string];
    readonly pieces?: (x: Tensor, attributes: A) => Tensor;
    readonly kinks?: string;
    readonly blocks?: "units";
    readonly flops: number;
  },
): Op<A> {
  const { pieces, kinks, blocks } = rule;
  const infer: ComputeOp<A>["infer"] = ([x]) => {
    requireOneFloat(name, [x!]);
    return { shape: x!.shape, dtype: x!.dtype };
  };
  return defineOp<A>({
    id: name,
    name,
    infer,
    compute: ([x], attributes, out) => rule.compute(x!, attributes, out),
    vjp: [rule.vjp],
    saves: [0],
    formula: { forward: rule.formula[0], backward: [rule.formula[1]] },
    ...(pieces && { pieces: ([x]: readonly Tensor[], attributes: A) => pieces(x!, attributes) }),
    ...(kinks !== undefined && { kinks }),
    ...(blocks && { blocks }),
    elementwise: true,
    flops: (_, __, out) => rule.flops * out.numel(),
  });
}

const isPositive = (x: Tensor): Tensor => convert(x.gt(0), "int64");

/** log(1 + e^x), without overflow. */
export const softplus = defineActivation<Attributes>("softplus", {
  compute: (x, _, out) => runtime.kernels.unary("softplus", x, out),
  vjp: (g, at) => g.mul(at.input(0).sigmoid()),
  formula: ["\\ln(1 + e^x)", "\\bar y\\, \\sigma(x)"],
  flops: 3,
});

/** log σ(x) = −log(1 + e^(−x)), without overflow. */
export const logsigmoid = defineActivation<Attributes>("logsigmoid", {
  compute: (x, _, out) => {
    runtime.kernels.unary("neg", x, out);
    runtime.kernels.unary("softplus", out, out);
    runtime.kernels.unary("neg", out, out);
  },
  vjp: (g, at) => g.mul(at.input(0).neg().sigmoid()),
  formula: ["\\ln \\sigma(x)", "\\bar y\\, \\sigma(-x)"],
  flops: 5,
});

/** x Φ(x), with Φ the normal distribution function. Hendrycks and Gimpel, 2016. */
export const gelu = defineActivation<Attributes>("gelu", {
  compute: (x, _, out) => runtime.kernels.unary("gelu", x, out),
  vjp: (g, at) => {
    const x = at.input(0);
    const below = x.mul(Math.SQRT1_2).erf().add(1).mul(0.5);
    const density = x
      .square()
      .mul(-0.5)
      .exp()
      .mul(1 / Math.sqrt(2 * Math.PI));
    return g.mul(below.add(x.mul(density)));
  },
  formula: ["x\\, \\Phi(x)", "\\bar y\\, (\\Phi(x) + x\\, \\varphi(x))"],
  flops: 10,
});

/** x σ(x), also called swish. */
export const silu = defineActivation<Attributes>("silu", {
  compute: (x, _, out) => runtime.kernels.unary("silu", x, out),
  vjp: (g, at) => {
    const s = at.input(0).sigmoid();
    return g.mul(s.add(at.input(0).mul(s.sub(s.square()))));
  },
  formula: ["x\\, \\sigma(x)", "\\bar y\\, \\sigma(x) (1 + x (1 - \\sigma(x)))"],
  flops: 5,
});

/** x above 0, `slope` · x below. */
export const leakyRelu = defineActivation<{ readonly slope: number }>("leakyRelu", {
  compute: (x, { slope }, out) => {
    const [positive, scaled] = [Tensor.empty(x.shape, "bool"), Tensor.empty(x.shape, x.dtype)];
    runtime.kernels.binaryScalar("gt", x, 0, positive);
    runtime.kernels.binaryScalar("mul", x, slope, scaled);
    runtime.kernels.where(positive, x, scaled, out);
  },
  vjp: (g, at) => select(at.input(0).gt(0), g, g.mul(at.attributes.slope)),
  formula: ["x > 0 ? x : \\alpha x", "x > 0 ? \\bar y : \\alpha \\bar y"],
  pieces: isPositive,
  kinks: "x = 0",
  flops: 2,
});

type Exponential = { readonly alpha: number; readonly scale: number };

/** scale · x above 0, scale · α (e^x − 1) below. */
function defineExponentialUnit(name: string): Op<Exponential> {
  return defineActivation<Exponential>(name, {
    compute: (x, { alpha, scale }, out) => {
      const { kernels } = runtime;
      const [positive, curve] = [Tensor.empty(x.shape, "bool"), Tensor.empty(x.shape, x.dtype)];
      kernels.binaryScalar("gt", x, 0, positive);
      kernels.unary("expm1", x, curve);
      kernels.binaryScalar("mul", curve, alpha, curve);
      kernels.where(positive, x, curve, out);
      if (scale !== 1) kernels.binaryScalar("mul", out, scale, out);
    },
    vjp: (g, at) => {
      const { alpha, scale } = at.attributes;
      const x = at.input(0);
      // Above 0 the exponential is not wanted, and would overflow.
      const slope = select(
        x.gt(0),
        fullLike(x, scale),
        x
          .clamp({ max: 0 })
          .exp()
          .mul(alpha * scale),
      );
      return g.mul(slope);
    },
    formula: ["s\\, (x > 0 ? x : \\alpha (e^x - 1))", "s\\, (x > 0 ? \\bar y : \\alpha e^x \\bar y)"],
    pieces: isPositive,
    kinks: "x = 0, unless α = 1 and then only in the second derivative",
    flops: 4,
  });
}

export const elu = defineExponentialUnit("elu");
export const selu = defineExponentialUnit("selu");

type Range = { readonly min: number; readonly max: number };

/** x cut to a range. Unlike clamp, it gives no gradient at the ends of the range. */
function defineCut(name: string, blocks?: "units"): Op<Range> {
  return defineActivation<Range>(name, {
    compute: (x, { min, max }, out) => runtime.kernels.clamp(x, min, max, out),
    vjp: (g, at) => {
      const { min, max } = at.attributes;
      return select(at.input(0).gt(min).logicalAnd(at.input(0).lt(max)), g, zerosLike(g));
    },
    formula: ["\\min(\\max(x, l), u)", "\\bar y\\, [l < x < u]"],
    pieces: (x, { min, max }) => convert(x.gt(max), "int64").sub(convert(x.lt(min), "int64")),
    kinks: "x = l, x = u",
    ...(blocks && { blocks }),
    flops: 2,
  });
}

export const hardtanh = defineCut("hardtanh");
export const relu6 = defineCut("relu6", "units");
