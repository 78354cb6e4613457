import type { View } from "../../core/view.ts";
import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { Kernels } from "../kernels.ts";
import { countOf, elementsOf, startOf } from "./elements.ts";

type NormalisationKernels = Pick<
  Kernels,
  "layerNorm" | "layerNormBackward" | "channelMoments" | "batchNorm" | "batchNormBackward"
>;

interface Cotangents {
  readonly x: View | null;
  readonly weight: View | null;
  readonly bias: View | null;
}

/**
 * A normalisation sees its input as groups of positions that share a mean and σ (a row; a channel), each position with
 * the index of its weight and bias.
 */
interface Grouping {
  readonly groups: number;
  readonly size: number;
  position(group: number, i: number): number;
  parameter(group: number, i: number): number;
}

function byRow(x: View): Grouping {
  const size = x.shape[x.shape.length - 1] ?? 1;
  return {
    groups: size === 0 ? 0 : countOf(x.shape) / size,
    size,
    position: (group, i) => group * size + i,
    parameter: (_, i) => i,
  };
}

function byChannel(x: View): Grouping {
  const [batch = 0, channels = 0, length = 0] = x.shape;
  return {
    groups: channels,
    size: batch * length,
    position: (channel, i) => (Math.floor(i / length) * channels + channel) * length + (i % length),
    parameter: (channel) => channel,
  };
}

export function normalisationKernels(memory: SharedMemory): NormalisationKernels {
  const reader = (view: View | null, fallback: number): ((position: number) => number) => {
    if (!view) return () => fallback;
    const elements = elementsOf(memory, view.dtype);
    const start = startOf(view);
    return (position) => elements[start + position] ?? 0;
  };
  const writer = (view: View): ((position: number, value: number) => void) => {
    const elements = elementsOf(memory, view.dtype);
    const start = startOf(view);
    return (position, value) => (elements[start + position] = value);
  };

  function moments(x: View, by: Grouping, each: (group: number, mean: number, variance: number) => void): void {
    const xs = reader(x, 0);
    for (let g = 0; g < by.groups; g++) {
      let sum = 0;
      for (let i = 0; i < by.size; i++) sum += xs(by.position(g, i));
      const mean = sum / by.size;
      let squares = 0;
      for (let i = 0; i < by.size; i++) squares += (xs(by.position(g, i)) - mean) ** 2;
      each(g, mean, squares / by.size);
    }
  }

  function apply(
    x: View,
    by: Grouping,
    weight: View | null,
    bias: View | null,
    mean: View,
    rstd: View,
    out: View,
  ): void {
    const [xs, weights, biases] = [reader(x, 0), reader(weight, 1), reader(bias, 0)];
    const [means, rstds] = [reader(mean, 0), reader(rstd, 1)];
    const write = writer(out);
    for (let g = 0; g < by.groups; g++) {
      for (let i = 0; i < by.size; i++) {
        const at = by.position(g, i);
        const p = by.parameter(g, i);
        write(at, (xs(at) - means(g)) * rstds(g) * weights(p) + biases(p));
      }
    }
  }

  /** With h = (x − mean) · rstd and d = grad · weight: ∂x = rstd · (d − mean(d) − h · mean(d · h)), ∂weight = Σ grad · h, ∂bias = Σ grad. */
  function backward(
    grad: View,
    x: View,
    by: Grouping,
    weight: View | null,
    mean: View,
    rstd: View,
    throughMoments: boolean,
    outs: Cotangents,
  ): void {
    const [grads, xs, weights] = [reader(grad, 0), reader(x, 0), reader(weight, 1)];
    const [means, rstds] = [reader(mean, 0), reader(rstd, 1)];
    const gradWeight = new Float64Array(outs.weight ? countOf(outs.weight.shape) : 0);
    const gradBias = new Float64Array(outs.bias ? countOf(outs.bias.shape) : 0);
    const write = outs.x ? writer(outs.x) : null;
    for (let g = 0; g < by.groups; g++) {
      let sum = 0;
      let dot = 0;
      for (let i = 0; i < by.size; i++) {
        const at = by.position(g, i);
        const p = by.parameter(g, i);
        const normal = (xs(at) - means(g)) * rstds(g);
        sum += grads(at) * weights(p);
        dot += grads(at) * weights(p) * normal;
        if (outs.weight) gradWeight[p] = (gradWeight[p] ?? 0) + grads(at) * normal;
        if (outs.bias) gradBias[p] = (gradBias[p] ?? 0) + grads(at);
      }
      for (let i = 0; write && i < by.size; i++) {
        const at = by.position(g, i);
        const normal = (xs(at) - means(g)) * rstds(g);
        const own = grads(at) * weights(by.parameter(g, i));
        write(at, rstds(g) * (throughMoments ? own - sum / by.size - (normal * dot) / by.size : own));
      }
    }
    if (outs.weight) elementsOf(memory, outs.weight.dtype).set(gradWeight, startOf(outs.weight));
    if (outs.bias) elementsOf(memory, outs.bias.dtype).set(gradBias, startOf(outs.bias));
  }

  return {
    layerNorm(x, weight, bias, out, mean, rstd, eps) {
      const [writeMean, writeRstd] = [writer(mean), writer(rstd)];
      moments(x, byRow(x), (row, average, variance) => {
        writeMean(row, average);
        writeRstd(row, 1 / Math.sqrt(variance + eps));
      });
      apply(x, byRow(x), weight, bias, mean, rstd, out);
    },
    layerNormBackward(grad, x, weight, mean, rstd, outs) {
      backward(grad, x, byRow(x), weight, mean, rstd, true, outs);
    },
    channelMoments(x, mean, variance) {
      const [writeMean, writeVariance] = [writer(mean), writer(variance)];
      moments(x, byChannel(x), (channel, average, spread) => {
        writeMean(channel, average);
        writeVariance(channel, spread);
      });
    },
    batchNorm(x, weight, bias, mean, rstd, out) {
      apply(x, byChannel(x), weight, bias, mean, rstd, out);
    },
    batchNormBackward(grad, x, weight, mean, rstd, training, outs) {
      backward(grad, x, byChannel(x), weight, mean, rstd, training, outs);
    },
  };
}
