import { checkOptions } from "../../context/options.ts";
import { noGrad } from "../../context/grad-mode.ts";
import { composite } from "../../context/scope.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { apply } from "../../ops/apply.ts";
import { dense, elementsOf, shaped } from "../../ops/dense.ts";
import { batchNorm as batchNormOp, layerNorm as layerNormOp } from "../../ops/normalisation.ts";
import { runtime } from "../../core/runtime.ts";
import { elementCount, sameShape } from "../../core/shape.ts";
import { Tensor } from "../../core/tensor.ts";

export interface NormOptions {
  readonly eps?: number;
}

/** x, weight and bias, of which the last two may be missing, as inputs of a record that has them in this order. */
function inputsOf(x: Tensor, weight: Tensor | null, bias: Tensor | null): Tensor[] {
  return weight && bias ? [x, weight, bias] : weight ? [x, weight] : [x];
}

/** x̂ over the trailing axes that `normalizedShape` names, times weight, plus bias. */
export function layerNorm(
  x: Tensor,
  normalizedShape: number | readonly number[],
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  options: NormOptions = {},
): Tensor {
  checkOptions("layerNorm", options, ["eps"]);
  const normalized = typeof normalizedShape === "number" ? [normalizedShape] : [...normalizedShape];
  if (!sameShape(x.shape.slice(x.rank - normalized.length), normalized) || normalized.length === 0) {
    throw new EngineError(
      "shape",
      `layerNorm: x ${formatShape(x.shape)} does not end in normalizedShape ${formatShape(normalized)}`,
    );
  }
  const attributes = { eps: options.eps ?? 1e-5, normalized };
  const out = apply(layerNormOp, inputsOf(x, weight, bias), attributes);
  return bias && !weight ? composite("layerNorm", () => out.add(bias)) : out;
}

export interface BatchNormOptions extends NormOptions {
  readonly training?: boolean;
  /** The share of the new statistics in the running ones. */
  readonly momentum?: number;
}

/** A channel's parameter in the shape in which it broadcasts to x [N, C, ...]. */
function perChannel(parameter: Tensor, x: Tensor): Tensor {
  return parameter.reshape([1, parameter.numel(), ...new Array<number>(x.rank - 2).fill(1)]);
}

/** x̂ over all axes but that of the channels (axis 1), times weight, plus bias. */
export function batchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  options: BatchNormOptions = {},
): Tensor {
  checkOptions("batchNorm", options, ["training", "momentum", "eps"]);
  const { training = false, momentum = 0.1, eps = 1e-5 } = options;
  if (x.rank < 2) throw new EngineError("shape", `batchNorm: expected x [N, C, ...], found ${formatShape(x.shape)}`);
  for (const [what, tensor] of Object.entries({ runningMean, runningVar, weight, bias })) {
    if (tensor === null || tensor.numel() === x.shape[1]) continue;
    throw new EngineError(
      "shape",
      `batchNorm: ${what} ${formatShape(tensor.shape)} does not fit the ${x.shape[1]} channels of x ${formatShape(x.shape)}`,
    );
  }
  if (training) {
    const perGroup = x.numel() / Math.max(1, x.shape[1]!);
    if (perGroup <= 1) {
      throw new EngineError(
        "shape",
        `batchNorm: training needs more than 1 value per channel, x is ${formatShape(x.shape)}`,
        {
          fix: "use a larger batch, or .eval()",
        },
      );
    }
    if (runningMean && runningVar) updateRunning(x, runningMean, runningVar, momentum);
    const out = apply(batchNormOp, inputsOf(x, weight, bias), { eps, normalized: [] });
    return bias && !weight ? composite("batchNorm", () => out.add(perChannel(bias, x))) : out;
  }
  if (!runningMean || !runningVar) {
    throw new EngineError("value", "batchNorm: runningMean and runningVar are needed unless training is true");
  }
  return composite("batchNorm", () => {
    const scale = runningVar.add(eps).rsqrt();
    let out = x.sub(perChannel(runningMean, x)).mul(perChannel(scale, x));
    if (weight) out = out.mul(perChannel(weight, x));
    return bias ? out.add(perChannel(bias, x)) : out;
  });
}

/** running = (1 − momentum) · running + momentum · new, with the unbiased variance. */
function updateRunning(x: Tensor, runningMean: Tensor, runningVar: Tensor, momentum: number): void {
  const channels = x.shape[1]!;
  const [mean, variance] = [Tensor.empty([channels], x.dtype), Tensor.empty([channels], x.dtype)];
  runtime.kernels.channelMoments(
    shaped(dense(x), [x.shape[0]!, channels, elementCount(x.shape.slice(2))]),
    mean,
    variance,
  );
  const count = x.numel() / channels;
  blend(runningMean, mean, momentum, 1);
  blend(runningVar, variance, momentum, count / (count - 1));
}

function blend(running: Tensor, fresh: Tensor, momentum: number, factor: number): void {
  running.storage.prepareWrite(true);
  const to = elementsOf(running);
  const from = elementsOf(fresh);
  for (let i = 0; i < fresh.numel(); i++) {
    const blended = (1 - momentum) * to.elements[to.start + i]! + momentum * factor * from.elements[from.start + i]!;
    to.elements[to.start + i] = blended;
  }
}

/** x̂ over each of `groups` groups of channels of each example of x [N, C, ...], times weight, plus bias. */
export function groupNorm(
  x: Tensor,
  groups: number,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  options: NormOptions = {},
): Tensor {
  checkOptions("groupNorm", options, ["eps"]);
  const channels = x.shape[1];
  if (channels === undefined || channels % groups !== 0) {
    throw new EngineError(
      "shape",
      `groupNorm: the channels of x ${formatShape(x.shape)} do not divide into ${groups} groups`,
    );
  }
  return composite("groupNorm", () => normalizeGroups(x, groups, weight, bias, options.eps ?? 1e-5));
}

function normalizeGroups(x: Tensor, groups: number, weight: Tensor | null, bias: Tensor | null, eps: number): Tensor {
  const size = x.numel() / Math.max(1, x.shape[0]! * groups);
  const grouped = x.reshape([x.shape[0]!, groups, size]);
  let out = apply(layerNormOp, [grouped], { eps, normalized: [size] }).reshape(x.shape);
  if (weight) out = out.mul(perChannel(weight, x));
  return bias ? out.add(perChannel(bias, x)) : out;
}

export interface InstanceNormOptions extends NormOptions {
  /** Whether to normalise by the statistics of x (the default) or by the running ones. */
  readonly useInputStats?: boolean;
  readonly momentum?: number;
}

/**
 * x̂ over each channel of each example of x [N, C, ...], times weight, plus bias. The running statistics are the means
 * over the examples.
 */
export function instanceNorm(
  x: Tensor,
  runningMean: Tensor | null = null,
  runningVar: Tensor | null = null,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  options: InstanceNormOptions = {},
): Tensor {
  checkOptions("instanceNorm", options, ["useInputStats", "momentum", "eps"]);
  const { useInputStats = true, momentum = 0.1, eps = 1e-5 } = options;
  if (!useInputStats) return batchNorm(x, runningMean, runningVar, weight, bias, { eps });
  if (x.rank < 3 || elementCount(x.shape.slice(2)) <= 1) {
    throw new EngineError(
      "shape",
      `instanceNorm: expected x [N, C, ...] with more than 1 value per channel, found ${formatShape(x.shape)}`,
    );
  }
  if (runningMean && runningVar) {
    const [count, channels] = x.shape as [number, number];
    const examples = x.detach().reshape([1, count * channels, elementCount(x.shape.slice(2))]);
    const [means, variances] = [filledLike(examples), filledLike(examples)];
    updateRunning(examples, means, variances, 1);
    const average = (each: Tensor): Tensor => noGrad(() => each.reshape([count, channels]).mean(0));
    blend(runningMean, average(means), momentum, 1);
    blend(runningVar, average(variances), momentum, 1);
  }
  return composite("instanceNorm", () => normalizeGroups(x, x.shape[1]!, weight, bias, eps));
}

/** One number for each channel of x. */
function filledLike(x: Tensor): Tensor {
  const out = Tensor.empty([x.shape[1]!], x.dtype);
  runtime.kernels.fill(out, 0);
  return out;
}

/** x / √(mean x² + ε) over the trailing axes that `normalizedShape` names, times weight. */
export function rmsNorm(
  x: Tensor,
  normalizedShape: number | readonly number[],
  weight: Tensor | null = null,
  options: { readonly eps?: number | null } = {},
): Tensor {
  checkOptions("rmsNorm", options, ["eps"]);
  const normalized = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
  if (!sameShape(x.shape.slice(x.rank - normalized.length), normalized)) {
    throw new EngineError(
      "shape",
      `rmsNorm: x ${formatShape(x.shape)} does not end in normalizedShape ${formatShape(normalized)}`,
    );
  }
  const eps = options.eps ?? (x.dtype === "float64" ? 2 ** -52 : 2 ** -23);
  const dims = normalized.map((_, i) => x.rank - normalized.length + i);
  return composite("rmsNorm", () => {
    const out = x.mul(x.square().mean(dims, true).add(eps).rsqrt());
    return weight ? out.mul(weight) : out;
  });
}

/** x / max(‖x‖_p, ε) along `dim`. */
export function normalize(
  x: Tensor,
  options: { readonly p?: number; readonly dim?: number; readonly eps?: number } = {},
): Tensor {
  checkOptions("normalize", options, ["p", "dim", "eps"]);
  const { p = 2, dim = 1, eps = 1e-12 } = options;
  return composite("normalize", () => x.div(x.norm(p, dim, true).clamp({ min: eps })));
}
