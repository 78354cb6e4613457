import { EngineError } from "../../context/engine-error.ts";
import { expectTensor } from "../../ops/operands.ts";
import { setting, settings } from "../settings.ts";
import { checkOptions } from "../../context/options.ts";
import { composite } from "../../context/scope.ts";
import * as ops from "../../ops/activation-functions.ts";
import { apply } from "../../ops/apply.ts";
import { select } from "../../ops/selection.ts";
import type { Tensor } from "../../core/tensor.ts";

/** max(0, x). */
export function relu(x: Tensor): Tensor {
  return expectTensor("relu", x).relu();
}

/** min(max(0, x), 6). */
export function relu6(x: Tensor): Tensor {
  return apply(ops.relu6, [x], { min: 0, max: 6 });
}

/** x cut to [min, max]. */
export function hardtanh(x: Tensor, min = -1, max = 1): Tensor {
  return apply(ops.hardtanh, [x], { min: setting("hardtanh", "min", min), max: setting("hardtanh", "max", max) });
}

/** x above 0, negativeSlope · x below. */
export function leakyRelu(x: Tensor, negativeSlope: number | { readonly negativeSlope: number } = 0.01): Tensor {
  return apply(ops.leakyRelu, [x], { slope: setting("leakyRelu", "negativeSlope", negativeSlope) });
}

/** x above 0, weight · x below; a weight for each channel (axis 1) or one for all. */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  const perChannel =
    weight.numel() > 1 ? weight.reshape([-1, ...new Array<number>(Math.max(0, x.rank - 2)).fill(1)]) : weight;
  return composite("prelu", () => select(x.gt(0), x, perChannel.mul(x)));
}

/** x above 0, α (e^x − 1) below. */
export function elu(x: Tensor, alpha: number | { readonly alpha: number } = 1): Tensor {
  return apply(ops.elu, [x], { alpha: setting("elu", "alpha", alpha), scale: 1 });
}

const SELU = { alpha: 1.6732632423543772, scale: 1.0507009873554805 };

/** The scaled elu that keeps mean 0 and variance 1. Klambauer and others, 2017. */
export function selu(x: Tensor): Tensor {
  return apply(ops.selu, [x], SELU);
}

/** x Φ(x); with `approximate: "tanh"`, ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
export function gelu(x: Tensor, options: { readonly approximate?: "none" | "tanh" } = {}): Tensor {
  checkOptions("gelu", options, ["approximate"]);
  const approximate: string = options.approximate ?? "none";
  if (approximate !== "none" && approximate !== "tanh") {
    throw new EngineError("value", `gelu: approximate must be "none" or "tanh", found "${approximate}"`);
  }
  if (approximate === "none") return apply(ops.gelu, [x]);
  return composite("gelu", () => {
    const inner = x.add(x.pow(3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
    return x.mul(0.5).mul(inner.tanh().add(1));
  });
}

/** x σ(x). */
export function silu(x: Tensor): Tensor {
  return apply(ops.silu, [x]);
}

/** x tanh(softplus(x)). */
export function mish(x: Tensor): Tensor {
  return composite("mish", () => x.mul(apply(ops.softplus, [x]).tanh()));
}

/** log(1 + e^(β x)) / β, and x itself where β x is above the threshold. */
export function softplus(x: Tensor, options: { readonly beta?: number; readonly threshold?: number } = {}): Tensor {
  checkOptions("softplus", options, ["beta", "threshold"]);
  const { beta = 1, threshold = 20 } = options;
  // Above 20 the two are equal to within 2e-9, so the usual case is one op.
  if (beta === 1 && threshold === 20) return apply(ops.softplus, [x]);
  return composite("softplus", () => {
    const scaled = x.mul(beta);
    return select(scaled.gt(threshold), x, apply(ops.softplus, [scaled]).div(beta));
  });
}

/** x / (1 + |x|). */
export function softsign(x: Tensor): Tensor {
  return composite("softsign", () => x.div(x.abs().add(1)));
}

export function sigmoid(x: Tensor): Tensor {
  return expectTensor("sigmoid", x).sigmoid();
}

export function tanh(x: Tensor): Tensor {
  return expectTensor("tanh", x).tanh();
}

/** log σ(x). */
export function logsigmoid(x: Tensor): Tensor {
  return apply(ops.logsigmoid, [x]);
}

/** relu6(x + 3) / 6. */
export function hardsigmoid(x: Tensor): Tensor {
  return composite("hardsigmoid", () => relu6(x.add(3)).div(6));
}

/** x relu6(x + 3) / 6. */
export function hardswish(x: Tensor): Tensor {
  return composite("hardswish", () => x.mul(relu6(x.add(3))).div(6));
}

/** The first half of `dim` times the sigmoid of the second. */
export function glu(x: Tensor, dim = -1): Tensor {
  return composite("glu", () => {
    const [a, b] = x.chunk(2, dim) as [Tensor, Tensor];
    return a.mul(b.sigmoid());
  });
}

/** x above 0, α (e^(x/α) − 1) below. */
export function celu(x: Tensor, given: number | { readonly alpha: number } = 1): Tensor {
  const alpha = setting("celu", "alpha", given);
  return composite("celu", () => elu(x.div(alpha)).mul(alpha));
}

/** x where it is above the threshold, else `value`. */
export function threshold(x: Tensor, limit: number, value: number): Tensor {
  settings("threshold", ["threshold", "value"], [limit, value]);
  return composite("threshold", () => select(x.gt(limit), x, value));
}

/** 0 where |x| ≤ λ, else x. */
export function hardshrink(x: Tensor, given = 0.5): Tensor {
  const lambda = setting("hardshrink", "lambda", given);
  return composite("hardshrink", () => select(x.abs().gt(lambda), x, 0));
}

/** x moved towards 0 by λ, and 0 where it is nearer than that. */
export function softshrink(x: Tensor, given = 0.5): Tensor {
  const lambda = setting("softshrink", "lambda", given);
  return composite("softshrink", () => select(x.gt(lambda), x.sub(lambda), select(x.lt(-lambda), x.add(lambda), 0)));
}

/** x − tanh(x). */
export function tanhshrink(x: Tensor): Tensor {
  return composite("tanhshrink", () => x.sub(x.tanh()));
}
