import type { DType } from "../../protocol/dtype.ts";
import { BYTES_PER_ELEMENT } from "../../protocol/dtype.ts";
import type { View } from "../../core/view.ts";
import type { SharedMemory } from "../../memory/shared-memory.ts";

export type ElementArray = Float32Array | Float64Array | Uint8Array;

/** The whole memory as elements of `dtype`. */
export function elementsOf(memory: SharedMemory, dtype: DType): ElementArray {
  if (dtype === "float32") return memory.f32;
  return dtype === "bool" ? memory.u8 : memory.f64;
}

/** Position of a view's first element in {@link elementsOf} its dtype. */
export function startOf(view: View): number {
  return view.offset / BYTES_PER_ELEMENT[view.dtype];
}

export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The same elements with the axes in another order; axes not named are left out. */
export function pickAxes(view: View, axes: readonly number[]): View {
  return {
    dtype: view.dtype,
    offset: view.offset,
    shape: axes.map((axis) => view.shape[axis] ?? 1),
    strides: axes.map((axis) => view.strides[axis] ?? 0),
  };
}

/** The position of every element of a view, in row-major order of its shape. */
export function positionsOf(view: View): Float64Array {
  const positions = new Float64Array(countOf(view.shape));
  if (positions.length === 0) return positions;
  positions[0] = startOf(view);
  // Axis by axis from the last: the block known so far repeats, each time one stride further.
  let known = 1;
  for (let axis = view.shape.length - 1; axis >= 0; axis--) {
    const size = view.shape[axis] ?? 1;
    const stride = view.strides[axis] ?? 0;
    for (let i = 1; i < size; i++) {
      for (let j = 0; j < known; j++) positions[i * known + j] = (positions[j] ?? 0) + i * stride;
    }
    known *= size;
  }
  return positions;
}

/**
 * Calls `row` for each run along the last axis, with the position of its first element in every view.
 * All views have the shape of the first. `starts` is reused from call to call.
 */
export function forEachRow(views: readonly View[], row: (starts: Float64Array, length: number) => void): void {
  const shape = views[0]?.shape ?? [];
  if (countOf(shape) === 0) return;
  const last = shape.length - 1;
  const starts = Float64Array.from(views, startOf);
  const index = new Array<number>(Math.max(last, 0)).fill(0);
  const length = shape[last] ?? 1;
  for (;;) {
    row(starts, length);
    let axis = last - 1;
    for (; axis >= 0; axis--) {
      const size = shape[axis] ?? 1;
      const next = (index[axis] ?? 0) + 1;
      const step = next < size ? 1 : 1 - size;
      index[axis] = next < size ? next : 0;
      for (let v = 0; v < views.length; v++) {
        starts[v] = (starts[v] ?? 0) + step * (views[v]?.strides[axis] ?? 0);
      }
      if (step === 1) break;
    }
    if (axis < 0) return;
  }
}

/** Distance between neighbours along the last axis. */
export function rowStep(view: View): number {
  return view.strides[view.strides.length - 1] ?? 0;
}
