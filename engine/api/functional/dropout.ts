import { composite } from "../../context/scope.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { elementsOf, requireOneFloat } from "../../ops/dense.ts";
import { expectTensor } from "../../ops/operands.ts";
import { runtime } from "../../core/runtime.ts";
import { nextCounter, randomSeed } from "../../core/random-state.ts";
import { Tensor } from "../../core/tensor.ts";

/** 0 with probability p, else 1 / (1 − p). The draws are a tensor of their own, so that a replay keeps them. */
function keepMask(shape: readonly number[], like: Tensor, p: number): Tensor {
  const mask = Tensor.empty(shape, like.dtype);
  runtime.kernels.uniform(mask, randomSeed(), nextCounter(mask.numel()));
  const { elements, start } = elementsOf(mask);
  const kept = p === 1 ? 0 : 1 / (1 - p);
  for (let i = start; i < start + mask.numel(); i++) elements[i] = elements[i]! < p ? 0 : kept;
  return mask;
}

function drop(name: string, x: Tensor, p: number, training: boolean, shape: readonly number[]): Tensor {
  if (!(p >= 0 && p <= 1)) throw new EngineError("value", `${name}: p must be in [0, 1], found ${p}`);
  requireOneFloat(name, [x]);
  if (!training || p === 0) return x;
  return composite(name, () => x.mul(keepMask(shape, x, p)));
}

/** Sets elements to 0 with probability p and scales the others by 1 / (1 − p), in training. */
export function dropout(x: Tensor, p = 0.5, training = true): Tensor {
  return drop("dropout", x, p, training, x.shape);
}

/** Sets whole channels of x to 0, whose first `leading` axes count the examples and the channels. */
function dropChannels(name: string, x: Tensor, p: number, training: boolean, leading: number): Tensor {
  const within = new Array<number>(Math.max(0, expectTensor(name, x).rank - leading)).fill(1);
  return drop(name, x, p, training, [...x.shape.slice(0, leading), ...within]);
}

/** The same for whole channels of x [N, C, L] or [C, L]. PyTorch: `F.dropout1d`. */
export function dropout1d(x: Tensor, p = 0.5, training = true): Tensor {
  if (expectTensor("dropout1d", x).rank !== 2 && x.rank !== 3) {
    throw new EngineError("shape", `dropout1d: expected x [N, C, L] or [C, L], found ${formatShape(x.shape)}`);
  }
  return dropChannels("dropout1d", x, p, training, x.rank - 1);
}

/** The same for whole channels of x [N, C, ...]. PyTorch: `F.dropout2d`. */
export function dropout2d(x: Tensor, p = 0.5, training = true): Tensor {
  return dropChannels("dropout2d", x, p, training, 2);
}

/** The same for whole channels of x [N, C, D, H, W] or [C, D, H, W]. PyTorch: `F.dropout3d`. */
export function dropout3d(x: Tensor, p = 0.5, training = true): Tensor {
  return dropChannels("dropout3d", x, p, training, expectTensor("dropout3d", x).rank === 4 ? 1 : 2);
}

/** −λα of SELU: where its curve ends for large negative x, and what a dropped element becomes. */
const SATURATED = -1.7580993408473766;

/** Drops to SELU's lower end instead of 0, then scales and shifts so that mean 0 and variance 1 stay. Klambauer and others, 2017. */
function dropToEnd(name: string, x: Tensor, p: number, training: boolean, shape: readonly number[]): Tensor {
  if (!(p >= 0 && p <= 1)) throw new EngineError("value", `${name}: p must be in [0, 1], found ${p}`);
  requireOneFloat(name, [x]);
  if (!training || p === 0) return x;
  return composite(name, () => {
    if (p === 1) return x.mul(0);
    const scale = 1 / Math.sqrt((SATURATED * SATURATED * p + 1) * (1 - p));
    // keepMask scales what it keeps by 1 / (1 − p).
    const kept = keepMask(shape, x, p).mul(1 - p);
    const shift = kept
      .sub(1)
      .mul(-SATURATED * scale)
      .add(-SATURATED * scale * p);
    return x.mul(kept.mul(scale)).add(shift);
  });
}

/** PyTorch: `F.alpha_dropout`. */
export function alphaDropout(x: Tensor, p = 0.5, training = false): Tensor {
  return dropToEnd("alphaDropout", x, p, training, expectTensor("alphaDropout", x).shape);
}

/** The same for whole channels of x [N, C, ...]. PyTorch: `F.feature_alpha_dropout`. */
export function featureAlphaDropout(x: Tensor, p = 0.5, training = false): Tensor {
  const { shape, rank } = expectTensor("featureAlphaDropout", x);
  if (rank < 2) {
    throw new EngineError("shape", `featureAlphaDropout: expected x [N, C, ...], found ${formatShape(shape)}`);
  }
  return dropToEnd("featureAlphaDropout", x, p, training, [...shape.slice(0, 2), ...shape.slice(2).map(() => 1)]);
}
