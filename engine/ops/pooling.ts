import { EngineError, formatShape } from "../context/engine-error.ts";
import type { Window2d } from "../kernels/kernels.ts";
import { runtime } from "../core/runtime.ts";
import { elementCount } from "../core/shape.ts";
import { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import { apply } from "./apply.ts";
import { dense, elementsOf, requireOneFloat, shaped } from "./dense.ts";
import { defineOp, type Op } from "./op.ts";
import { SPATIAL_LETTERS, type SpatialRank } from "./spatial-axes.ts";

/** One entry per spatial axis. */
export type PoolAttributes = {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly ceilMode: boolean;
};
export type AveragePoolAttributes = PoolAttributes & { readonly countIncludePad: boolean };

/** The kernels know [N, C, H, W]; a pool over one axis has H = 1. */
function as2d(x: Tensor, axes: number): View {
  const source = dense(x);
  const sizes = x.shape.slice(x.rank - axes);
  const planes = elementCount(x.shape.slice(0, x.rank - axes));
  return shaped(source, axes === 1 ? [1, planes, 1, sizes[0]!] : [1, planes, sizes[0]!, sizes[1]!]);
}

function windowOf({ kernel, stride, padding, dilation }: PoolAttributes): Window2d {
  const pair = (list: readonly number[], first: number): readonly [number, number] =>
    list.length === 1 ? [first, list[0]!] : [list[0]!, list[1]!];
  return { kernel: pair(kernel, 1), stride: pair(stride, 1), padding: pair(padding, 0), dilation: pair(dilation, 1) };
}

/** @throws EngineError unless x is [N, C, ...] with `axes` spatial axes, or one example of it. */
export function requirePoolable(name: string, axes: SpatialRank, x: Tensor): void {
  requireOneFloat(name, [x]);
  if (x.rank === axes + 1 || x.rank === axes + 2) return;
  throw new EngineError(
    "shape",
    `${name}: expected [N, C, ${SPATIAL_LETTERS[axes]}] or one example of it, found ${formatShape(x.shape)}`,
  );
}

/** The shape of what a pool over windows gives. @throws EngineError where the windows do not fit x. */
export function pooledShape(name: string, axes: SpatialRank, x: Tensor, attributes: PoolAttributes): number[] {
  const { kernel, stride, padding, dilation, ceilMode } = attributes;
  requirePoolable(name, axes, x);
  const lead = x.rank - axes;
  return x.shape.map((size, axis) => {
    const i = axis - lead;
    if (i < 0) return size;
    if (2 * padding[i]! > kernel[i]!) {
      throw new EngineError("value", `${name}: padding ${padding[i]!} is more than half of the kernel's ${kernel[i]!}`);
    }
    const steps = (size + 2 * padding[i]! - dilation[i]! * (kernel[i]! - 1) - 1) / stride[i]!;
    let out = (ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
    // A window must start inside the input or its left padding.
    if (ceilMode && (out - 1) * stride[i]! >= size + padding[i]!) out--;
    if (out < 1) {
      throw new EngineError(
        "shape",
        `${name}: a kernel of ${formatShape(kernel)} does not fit ${formatShape(x.shape)}`,
      );
    }
    return out;
  });
}

/** A pool that picks elements: its values, and the flat position of each in its plane. */
interface Picks {
  readonly values: Tensor;
  readonly positions: Tensor;
}

interface PickingPool<A extends { readonly [name: string]: number | boolean | readonly number[] }> {
  readonly forward: Op<A>;
}

/**
 * A pool that picks one element of each window, with the ops that its rules need: the cotangent goes to where the
 * elements were picked, and back again.
 */
function definePickingPool<A extends { readonly [name: string]: number | boolean | readonly number[] }>(
  name: string,
  axes: 1 | 2,
  shapeOf: (x: Tensor, attributes: A) => number[],
  pick: (x: Tensor, attributes: A, picks: Picks) => void,
): PickingPool<A> {
  const picksOf = (x: Tensor, attributes: A): Picks => {
    const shape = shapeOf(x, attributes);
    const picks = { values: Tensor.empty(shape, x.dtype), positions: Tensor.empty(shape, "int64") };
    pick(x, attributes, picks);
    return picks;
  };

  /** Inputs: the cotangent, and x, which says what was picked. */
  const backward: Op<A> = defineOp<A>({
    id: `${name}Backward`,
    name: `${name}Backward`,
    infer: ([g, x]) => ({ shape: x!.shape, dtype: g!.dtype }),
    compute: ([g, x], attributes, out) => {
      const { positions } = picksOf(x!, attributes);
      runtime.kernels.maxPool2dBackward(as2d(g!, axes), as2d(positions, axes), as2d(out, axes));
    },
    vjp: [(h, at) => apply(gather, [h, at.input(1)], at.attributes), null],
    saves: [1],
    formula: { forward: "g_k \\text{ at } \\arg\\max_k x", backward: ["\\bar z_{\\arg\\max x}", ""] },
  });

  /** Inputs: a tensor like x, and x; gives the elements of the first where x was picked. */
  const gather: Op<A> = defineOp<A>({
    id: `${name}Gather`,
    name: `${name}Gather`,
    infer: ([h, x], attributes) => ({ shape: shapeOf(x!, attributes), dtype: h!.dtype }),
    compute: ([h, x], attributes, out) => {
      const positions = elementsOf(picksOf(x!, attributes).positions);
      const from = elementsOf(dense(h!));
      const to = elementsOf(out);
      const plane = elementCount(x!.shape.slice(-axes));
      const outputs = elementCount(out.shape.slice(-axes));
      for (let i = 0; i < out.numel(); i++) {
        const position = positions.elements[positions.start + i]!;
        to.elements[to.start + i] = from.elements[from.start + Math.floor(i / outputs) * plane + position]!;
      }
    },
    vjp: [(g, at) => apply(backward, [g, at.input(1)], at.attributes), null],
    saves: [1],
    formula: { forward: "h_{\\arg\\max x}", backward: ["\\bar y \\text{ at } \\arg\\max x", ""] },
  });

  const forward: Op<A> = defineOp<A>({
    id: name,
    name,
    infer: ([x], attributes) => ({ shape: shapeOf(x!, attributes), dtype: x!.dtype }),
    compute: ([x], attributes, out) =>
      pick(x!, attributes, { values: out, positions: Tensor.empty(out.shape, "int64") }),
    vjp: [(g, at) => apply(backward, [g, at.input(0)], at.attributes)],
    saves: [0],
    formula: { forward: "\\max_{k \\in \\text{window}} x_k", backward: ["\\bar y \\text{ at } \\arg\\max_k x_k"] },
    pieces: ([x], attributes) => picksOf(x!, attributes).positions,
    kinks: "two elements of a window are equal",
    flops: ([x]) => x!.numel(),
  });
  return { forward };
}

function defineMaxPool(axes: 1 | 2): Op<PoolAttributes> {
  const name = `maxPool${axes}d`;
  return definePickingPool<PoolAttributes>(
    name,
    axes,
    (x, attributes) => pooledShape(name, axes, x, attributes),
    (x, attributes, { values, positions }) =>
      runtime.kernels.maxPool2d(as2d(x, axes), as2d(values, axes), as2d(positions, axes), windowOf(attributes)),
  ).forward;
}

/** By number of spatial axes. */
export const maxPools = { 1: defineMaxPool(1), 2: defineMaxPool(2) } as const;

function defineAveragePool(axes: 1 | 2): Op<AveragePoolAttributes> {
  const name = `avgPool${axes}d`;
  const backward: Op<AveragePoolAttributes & { readonly shape: readonly number[] }> = defineOp({
    id: `${name}Backward`,
    name: `${name}Backward`,
    infer: ([g], { shape }) => ({ shape, dtype: g!.dtype }),
    compute: ([g], attributes, out) =>
      runtime.kernels.avgPool2dBackward(
        as2d(g!, axes),
        as2d(out, axes),
        windowOf(attributes),
        attributes.countIncludePad,
      ),
    vjp: [(h, at) => apply(forward, [h], at.attributes)],
    saves: [],
    formula: {
      forward: "g / k \\text{ over each window}",
      backward: ["\\operatorname{mean}_{\\text{window}} \\bar z"],
    },
  });
  const forward: Op<AveragePoolAttributes> = defineOp<AveragePoolAttributes>({
    id: name,
    name,
    infer: ([x], attributes) => ({ shape: pooledShape(name, axes, x!, attributes), dtype: x!.dtype }),
    compute: ([x], attributes, out) =>
      runtime.kernels.avgPool2d(as2d(x!, axes), as2d(out, axes), windowOf(attributes), attributes.countIncludePad),
    vjp: [(g, at) => apply(backward, [g], { ...at.attributes, shape: at.shape(0) })],
    saves: [],
    formula: {
      forward: "\\frac1k \\sum_{j \\in \\text{window}} x_j",
      backward: ["\\bar y / k \\text{ over each window}"],
    },
    flops: ([x]) => x!.numel(),
  });
  return forward;
}

/** By number of spatial axes. */
export const averagePools = { 1: defineAveragePool(1), 2: defineAveragePool(2) } as const;

/** Sizes of the result's spatial axes. */
export type AdaptiveAttributes = { readonly size: readonly number[] };

/** Input positions that output position `i` of `out` covers, of `size`: from, and up to. */
function bin(i: number, size: number, out: number): readonly [number, number] {
  return [Math.floor((i * size) / out), Math.ceil(((i + 1) * size) / out)];
}

function adaptiveShape(name: string, axes: 1 | 2, x: Tensor, { size }: AdaptiveAttributes): number[] {
  requirePoolable(name, axes, x);
  return [...x.shape.slice(0, x.rank - axes), ...size];
}

/** Calls `visit` for each output position with those it covers; positions count from the start of the tensors. */
function forEachBin(input: View, output: View, visit: (target: number, positions: readonly number[]) => void): void {
  const [, planes, height, width] = input.shape as [number, number, number, number];
  const [, , outHeight, outWidth] = output.shape as [number, number, number, number];
  for (let p = 0; p < planes; p++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const [top, bottom] = bin(oy, height, outHeight);
      for (let ox = 0; ox < outWidth; ox++) {
        const [left, right] = bin(ox, width, outWidth);
        const positions: number[] = [];
        for (let y = top; y < bottom; y++) {
          for (let x = left; x < right; x++) positions.push((p * height + y) * width + x);
        }
        visit((p * outHeight + oy) * outWidth + ox, positions);
      }
    }
  }
}

function defineAdaptiveAverage(axes: 1 | 2): Op<AdaptiveAttributes> {
  const name = `adaptiveAvgPool${axes}d`;
  const backward: Op<{ readonly shape: readonly number[] }> = defineOp<{ readonly shape: readonly number[] }>({
    id: `${name}Backward`,
    name: `${name}Backward`,
    infer: ([g], { shape }) => ({ shape, dtype: g!.dtype }),
    compute: ([g], _, out) => {
      runtime.kernels.fill(out, 0);
      const from = elementsOf(dense(g!));
      const to = elementsOf(out);
      forEachBin(as2d(out, axes), as2d(g!, axes), (target, positions) => {
        const share = from.elements[from.start + target]! / positions.length;
        for (const position of positions) to.elements[to.start + position]! += share;
      });
    },
    vjp: [(h, at) => apply(forward, [h], { size: at.shape(0).slice(-axes) })],
    saves: [],
    formula: { forward: "g / k \\text{ over each bin}", backward: ["\\operatorname{mean}_{\\text{bin}} \\bar z"] },
  });
  const forward: Op<AdaptiveAttributes> = defineOp<AdaptiveAttributes>({
    id: name,
    name,
    infer: ([x], attributes) => ({ shape: adaptiveShape(name, axes, x!, attributes), dtype: x!.dtype }),
    compute: ([x], _, out) => {
      const from = elementsOf(dense(x!));
      const to = elementsOf(out);
      forEachBin(as2d(x!, axes), as2d(out, axes), (target, positions) => {
        let sum = 0;
        for (const position of positions) sum += from.elements[from.start + position]!;
        to.elements[to.start + target] = sum / positions.length;
      });
    },
    vjp: [(g, at) => apply(backward, [g], { shape: at.shape(0) })],
    saves: [],
    formula: { forward: "\\frac1k \\sum_{j \\in \\text{bin}} x_j", backward: ["\\bar y / k \\text{ over each bin}"] },
    flops: ([x]) => x!.numel(),
  });
  return forward;
}

/** By number of spatial axes. */
export const adaptiveAverages = { 1: defineAdaptiveAverage(1), 2: defineAdaptiveAverage(2) } as const;

function defineAdaptiveMax(axes: 1 | 2): Op<AdaptiveAttributes> {
  const name = `adaptiveMaxPool${axes}d`;
  return definePickingPool<AdaptiveAttributes>(
    name,
    axes,
    (x, attributes) => adaptiveShape(name, axes, x, attributes),
    (x, _, { values, positions }) => {
      const plane = elementCount(x.shape.slice(-axes));
      const from = elementsOf(dense(x));
      const to = elementsOf(values);
      const at = elementsOf(positions);
      forEachBin(as2d(x, axes), as2d(values, axes), (target, candidates) => {
        let best = candidates[0]!;
        for (const candidate of candidates) {
          const value = from.elements[from.start + candidate]!;
          if (value > from.elements[from.start + best]! || Number.isNaN(value)) best = candidate;
        }
        to.elements[to.start + target] = from.elements[from.start + best]!;
        at.elements[at.start + target] = best % plane;
      });
    },
  ).forward;
}

/** By number of spatial axes. */
export const adaptiveMaxima = { 1: defineAdaptiveMax(1), 2: defineAdaptiveMax(2) } as const;
