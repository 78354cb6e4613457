import { composite } from "../../context/scope.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { arange, zeros } from "../../core/creation.ts";
import type { Tensor } from "../../core/tensor.ts";
import { rand } from "../tensor/random.ts";
import { perAxis, type PerAxis } from "./convolution.ts";
import { pad } from "./padding.ts";

/** x [N, C, H · r, W · r] → [N, C · r², H, W]: the inverse of `pixelShuffle`. */
export function pixelUnshuffle(x: Tensor, factor: number): Tensor {
  const [count, channels, height, width] = x.shape as [number, number, number, number];
  if (x.rank !== 4 || height % factor !== 0 || width % factor !== 0) {
    throw new EngineError("shape", `pixelUnshuffle: ${formatShape(x.shape)} does not divide by ${factor}`);
  }
  return composite("pixelUnshuffle", () =>
    x
      .reshape([count, channels, height / factor, factor, width / factor, factor])
      .permute([0, 1, 3, 5, 2, 4])
      .reshape([count, channels * factor ** 2, height / factor, width / factor]),
  );
}

/** Channels dealt out among groups: [N, g · c, ...] in the order c, g. */
export function channelShuffle(x: Tensor, groups: number): Tensor {
  const [count, channels, ...rest] = x.shape as [number, number, ...number[]];
  return composite("channelShuffle", () =>
    x
      .reshape([count, groups, channels / groups, ...rest])
      .transpose(1, 2)
      .reshape(x.shape),
  );
}

export interface WindowOptions {
  readonly dilation?: PerAxis;
  readonly padding?: PerAxis;
  readonly stride?: PerAxis;
}

/** Windows of x [N, C, H, W] as columns [N, C · kh · kw, windows]. PyTorch: `F.unfold`. */
export function unfold(x: Tensor, kernelSize: PerAxis, options: WindowOptions = {}): Tensor {
  if (x.rank !== 4) throw new EngineError("shape", `unfold: expected [N, C, H, W], found ${formatShape(x.shape)}`);
  const [kh, kw] = perAxis("unfold", "kernelSize", kernelSize, 2, 1) as [number, number];
  const [dh, dw] = perAxis("unfold", "dilation", options.dilation ?? 1, 2, 1) as [number, number];
  const [ph, pw] = perAxis("unfold", "padding", options.padding ?? 0, 2, 0) as [number, number];
  const [sh, sw] = perAxis("unfold", "stride", options.stride ?? 1, 2, 1) as [number, number];
  const [count, channels] = x.shape as [number, number];
  return composite("unfold", () => {
    const windows = pad(x, [pw, pw, ph, ph])
      .unfold(2, dh * (kh - 1) + 1, sh)
      .unfold(3, dw * (kw - 1) + 1, sw)
      .slice(4, 0, null, dh)
      .slice(5, 0, null, dw);
    return windows.permute([0, 1, 4, 5, 2, 3]).reshape([count, channels * kh * kw, -1]);
  });
}

/** Columns [N, C · kh · kw, windows] added up where their windows overlap: [N, C, H, W]. PyTorch: `F.fold`. */
export function fold(x: Tensor, outputSize: PerAxis, kernelSize: PerAxis, options: WindowOptions = {}): Tensor {
  const [height, width] = perAxis("fold", "outputSize", outputSize, 2, 1) as [number, number];
  const [kh, kw] = perAxis("fold", "kernelSize", kernelSize, 2, 1) as [number, number];
  const [ph, pw] = perAxis("fold", "padding", options.padding ?? 0, 2, 0) as [number, number];
  const [tall, wide] = [height + 2 * ph, width + 2 * pw];
  const places = unfold(arange(tall * wide, { dtype: "float64" }).reshape([1, 1, tall, wide]), kernelSize, {
    ...options,
    padding: 0,
  });
  const [, size, windows] = places.shape as [number, number, number];
  const channels = x.shape[1]! / (kh * kw);
  if (x.rank !== 3 || x.shape[2] !== windows || !Number.isInteger(channels)) {
    throw new EngineError(
      "shape",
      `fold: ${formatShape([height, width])} has ${windows} windows of ${size} elements a channel, found ${formatShape(x.shape)}`,
    );
  }
  return composite("fold", () => {
    const columns = x.reshape([x.shape[0]!, channels, size * windows]);
    const sums = zeros([x.shape[0]!, channels, tall * wide], { dtype: x.dtype }).indexAdd(
      2,
      places.long().reshape([size * windows]),
      columns,
    );
    return sums.reshape([x.shape[0]!, channels, tall, wide]).narrow(2, ph, height).narrow(3, pw, width);
  });
}

/** Divided by a power of the mean square of the `size` nearest channels. Krizhevsky and others, 2012. */
export function localResponseNorm(x: Tensor, size: number, alpha = 1e-4, beta = 0.75, k = 1): Tensor {
  return composite("localResponseNorm", () => {
    const around = [...new Array<number>(2 * (x.rank - 2)).fill(0), Math.floor(size / 2), Math.floor((size - 1) / 2)];
    const means = pad(x.square(), around).unfold(1, size, 1).mean(-1);
    return x.div(means.mul(alpha).add(k).pow(beta));
  });
}

export interface GumbelOptions {
  readonly tau?: number;
  /** A row of zeros with a one, whose gradient is that of the soft one. */
  readonly hard?: boolean;
  readonly dim?: number;
}

/** A softened draw of one class. Jang and others, 2017. PyTorch: `F.gumbel_softmax`. */
export function gumbelSoftmax(logits: Tensor, options: GumbelOptions = {}): Tensor {
  const { tau = 1, hard = false, dim = -1 } = options;
  return composite("gumbelSoftmax", () => {
    const u = rand(logits.shape, { dtype: logits.dtype }).clamp(1e-7, 1 - 1e-7);
    const soft = logits.sub(u.log().neg().log()).div(tau).softmax(dim);
    if (!hard) return soft;
    const one = soft.detach().mul(0).scatter(dim, soft.argmax(dim, true), 1);
    return one.sub(soft.detach()).add(soft);
  });
}

/** xᵀ A y + b for each output: weight [out, in1, in2]. */
export function bilinear(x: Tensor, y: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  return composite("bilinear", () => {
    const products = x.unsqueeze(-2).unsqueeze(-2).matmul(weight).squeeze(-2).mul(y.unsqueeze(-2)).sum(-1);
    return bias === null ? products : products.add(bias);
  });
}
