import type { View } from "../../core/view.ts";
import type { Kernels, Reduction } from "../kernels.ts";
import type { Dispatch } from "./dispatch.ts";
import type { KernelFunction } from "./instance.ts";
import { elementsIn, isDense, isPacked } from "./layout.ts";

type ReductionKernels = Pick<Kernels, "reduce" | "statistics" | "parameterMeasures" | "histogram">;

const NAMES: readonly Reduction[] = ["sum", "sumOfSquares", "max", "min"];
/** Nanoseconds of an element, roughly. */
const COST = 0.5;

interface Axis {
  size: number;
  stride: number;
}

/** The axes that are kept or reduced, innermost first, joined where they step evenly. */
function joinAxes(x: View, isWanted: (axis: number) => boolean, axes: Axis[]): number {
  let count = 0;
  for (let axis = x.shape.length - 1; axis >= 0; axis--) {
    const size = x.shape[axis]!;
    if (size === 1 || !isWanted(axis)) continue;
    const stride = x.strides[axis]!;
    const inner = axes[count - 1];
    if (count > 0 && inner && inner.stride * inner.size === stride) inner.size *= size;
    else {
      const next = (axes[count] ??= { size: 0, stride: 0 });
      next.size = size;
      next.stride = stride;
      count++;
    }
  }
  return count;
}

export function reductionKernels(dispatch: Dispatch, fallback: Kernels): ReductionKernels {
  const { memory, scratch } = dispatch.instance;
  const kernels = new Map<string, KernelFunction>();
  for (const type of ["f32", "f64"]) {
    for (const name of [...NAMES, ...NAMES.map((each) => `${each}Columns`), "argmax", "argmin"]) {
      kernels.set(`${name}_${type}`, dispatch.function(`${name}_${type}`));
    }
  }
  const statistics = { f32: dispatch.function("statistics_f32"), f64: dispatch.function("statistics_f64") };
  const measures = {
    f32: dispatch.function("parameterMeasures_f32"),
    f64: dispatch.function("parameterMeasures_f64"),
  };
  const histogram = { f32: dispatch.function("histogram_f32"), f64: dispatch.function("histogram_f64") };
  const sum32 = dispatch.function("sum_f32");
  const sum64 = dispatch.function("sum_f64");
  const kept: Axis[] = [];
  const reduced: Axis[] = [];
  const none: Axis = { size: 1, stride: 0 };

  /** Rows of a row-by-row reduction, divided among threads when there are many. */
  function rows(
    name: string,
    run: KernelFunction,
    [inner, middle]: readonly [Axis, Axis],
    across: Axis,
    from: number,
    to: number,
    bytes: number,
  ): void {
    const chunks = across.size < 2 ? 1 : dispatch.chunksFor(inner.size * middle.size * across.size * COST);
    if (chunks === 1) {
      run(from, inner.stride, inner.size, middle.stride, middle.size, across.stride, across.size, to);
      return;
    }
    const size = Math.ceil(across.size / chunks);
    dispatch.begin(name);
    dispatch.argument(from, size * across.stride * bytes);
    dispatch.argument(inner.stride);
    dispatch.argument(inner.size);
    dispatch.argument(middle.stride);
    dispatch.argument(middle.size);
    dispatch.argument(across.stride);
    dispatch.count(across.size, size);
    dispatch.argument(to, size * bytes);
    dispatch.run(Math.ceil(across.size / size));
  }

  function columns(
    name: string,
    run: KernelFunction,
    over: Axis,
    count: number,
    from: number,
    to: number,
    bytes: number,
  ): void {
    const chunks = dispatch.chunksFor(over.size * count * COST);
    const size = Math.ceil(count / chunks / 16) * 16;
    if (chunks === 1 || size >= count) {
      run(from, over.stride, count, over.size, to);
      return;
    }
    dispatch.begin(name);
    dispatch.argument(from, size * bytes);
    dispatch.argument(over.stride);
    dispatch.count(count, size);
    dispatch.argument(over.size);
    dispatch.argument(to, size * bytes);
    dispatch.run(Math.ceil(count / size));
  }

  return {
    reduce(fn, x, dims, out) {
      const single = x.dtype === "float32";
      const bytes = single ? 4 : 8;
      const suffix = single ? "f32" : "f64";
      const name = `${fn}_${suffix}`;
      const run = kernels.get(name);
      const positions = fn === "argmax" || fn === "argmin";
      const count = elementsIn(x.shape);
      if (!run || x.dtype === "bool" || count === 0 || (!positions && out.dtype !== x.dtype)) {
        return fallback.reduce(fn, x, dims, out);
      }
      if (isDense(x) && dims.length === x.shape.length && !positions) {
        // The commonest case, and often tiny: all elements.
        if (fn === "sum") (single ? sum32 : sum64)(x.offset, 1, count, 0, 1, 0, 1, out.offset);
        else run(x.offset, 1, count, 0, 1, 0, 1, out.offset);
        return;
      }
      const keptAxes = joinAxes(x, (axis) => !dims.includes(axis), kept);
      const reducedAxes = joinAxes(x, (axis) => dims.includes(axis), reduced);
      if (keptAxes > 2 || reducedAxes > (positions ? 1 : 2)) return fallback.reduce(fn, x, dims, out);
      const across = keptAxes > 0 ? kept[0]! : none;
      const outside = keptAxes > 1 ? kept[1]! : none;
      const inner = reducedAxes > 0 ? reduced[0]! : none;
      const middle = reducedAxes > 1 ? reduced[1]! : none;
      for (let i = 0; i < outside.size; i++) {
        const from = x.offset + i * outside.stride * bytes;
        const to = out.offset + i * across.size * (positions ? 8 : bytes);
        if (positions) run(from, inner.stride, inner.size, across.stride, across.size, to);
        else if (across.stride === 1 && reducedAxes === 1 && across.size > 1) {
          const byColumn = kernels.get(`${fn}Columns_${suffix}`)!;
          columns(`${fn}Columns_${suffix}`, byColumn, inner, across.size, from, to, bytes);
        } else rows(name, run, [inner, middle], across, from, to, bytes);
      }
    },

    statistics(x) {
      if (x.dtype === "bool" || !isDense(x)) return fallback.statistics(x);
      const count = elementsIn(x.shape);
      const type = x.dtype === "float32" ? "f32" : "f64";
      const first = x.dtype === "float32" ? memory.f32[x.offset >>> 2] : memory.f64[x.offset / 8];
      const shift = Number.isFinite(first) ? first! : 0;
      const at = (scratch + 4096) / 8;
      const sums = memory.f64.fill(0, at, at + 12).subarray(at, at + 12);
      sums[6] = Infinity;
      sums[7] = -Infinity;
      statistics[type](x.offset, count, shift, at * 8);
      const [finite = 0, zeros = 0, positives = 0, nans = 0, up = 0, down = 0, min = 0, max = 0] = sums;
      const [sum = 0, spread = 0, squares = 0] = sums.subarray(8);
      const empty = finite === 0;
      return {
        count,
        finite,
        min: empty ? NaN : min,
        max: empty ? NaN : max,
        mean: empty ? NaN : shift + sum / finite,
        std: finite < 2 ? 0 : Math.sqrt(Math.max(0, spread - (sum * sum) / finite) / (finite - 1)),
        norm: nans > 0 ? NaN : up + down > 0 ? Infinity : Math.sqrt(squares),
        zeros,
        positives,
        nans,
        positiveInfinities: up,
        negativeInfinities: down,
      };
    },

    parameterMeasures(gradient, value, before) {
      // Nothing that is measured of a gradient asks where an element stands.
      const isPlain = isPacked(gradient) && isDense(value) && isDense(before) && value.dtype !== "bool";
      if (!isPlain) return fallback.parameterMeasures(gradient, value, before);
      const type = value.dtype === "float32" ? "f32" : "f64";
      const at = (scratch + 4096) / 8;
      measures[type](gradient.offset, value.offset, before.offset, elementsIn(value.shape), at * 8);
      const [gradients = 0, values = 0, updates = 0, zeros = 0, notFinite = 0, largest = 0] = memory.f64.subarray(
        at,
        at + 6,
      );
      return {
        gradient: Math.sqrt(gradients),
        value: Math.sqrt(values),
        update: Math.sqrt(updates),
        ...{ zeros, notFinite, largest },
      };
    },

    histogram(x, low, high, bins) {
      const at = scratch + 8192;
      if (x.dtype === "bool" || !isDense(x) || bins > 4096) return fallback.histogram(x, low, high, bins);
      memory.u32.fill(0, at >>> 2, (at >>> 2) + bins);
      histogram[x.dtype === "float32" ? "f32" : "f64"](x.offset, elementsIn(x.shape), low, high, bins, at);
      return memory.u32.slice(at >>> 2, (at >>> 2) + bins);
    },
  };
}
