import { BYTES_PER_ELEMENT } from "../protocol/dtype.ts";
import type { HeatMap, HeatMapRequest } from "../protocol/inspection.ts";
import { runtime } from "../core/runtime.ts";
import type { View } from "../core/view.ts";

/**
 * A window of a tensor, down-sampled so that each cell shows the element of largest magnitude under it: averaging would
 * hide the one that matters.
 */
export function heatMap(view: View, request: HeatMapRequest): HeatMap {
  const { shape } = view;
  const rank = shape.length;
  const [down, across] = request.axes ?? [rank - 2, rank - 1];
  const slice = shape.map((size, axis) => Math.max(0, Math.min(size - 1, request.slice?.[axis] ?? 0)));
  const height = down >= 0 ? shape[down]! : 1;
  const width = across >= 0 ? shape[across]! : 1;
  const [row0, column0, rowCount, columnCount] = clampWindow(request.window ?? [0, 0, height, width], height, width);
  const rows = Math.min(rowCount, request.maxRows);
  const columns = Math.min(columnCount, request.maxColumns);

  const { memory } = runtime;
  const source = view.dtype === "float32" ? memory.f32 : view.dtype === "bool" ? memory.u8 : memory.f64;
  const rowStride = down >= 0 ? view.strides[down]! : 0;
  const columnStride = across >= 0 ? view.strides[across]! : 0;
  let origin = view.offset / BYTES_PER_ELEMENT[view.dtype];
  slice.forEach((index, axis) => {
    if (axis !== down && axis !== across) origin += index * view.strides[axis]!;
  });

  // Where finite differences compared a sample, what was not compared is no number, and hides nothing that was.
  const sampled = request.plane === "numeric" || request.plane === "difference";
  const cells = new Float32Array(rows * columns).fill(sampled ? Number.NaN : 0);
  let [peakSize, peakRow, peakColumn] = [-1, 0, 0];
  if (cells.length > 0) {
    for (let i = 0; i < rowCount; i++) {
      const cellRow = Math.floor((i * rows) / rowCount) * columns;
      let at = origin + (row0 + i) * rowStride + column0 * columnStride;
      for (let j = 0; j < columnCount; j++, at += columnStride) {
        const cell = cellRow + Math.floor((j * columns) / columnCount);
        const value = source[at]!;
        if (sampled && Number.isNaN(value)) continue;
        const size = Number.isNaN(value) ? Infinity : Math.abs(value);
        if (size > peakSize) [peakSize, peakRow, peakColumn] = [size, row0 + i, column0 + j];
        // A NaN stays once it is there: nothing compares greater.
        const first = sampled && Number.isNaN(cells[cell]!);
        if (first || Number.isNaN(value) || Math.abs(value) > Math.abs(cells[cell]!)) cells[cell] = value;
      }
    }
  }
  const { min, max } = runtime.kernels.statistics(view);
  return {
    plane: request.plane,
    shape: [...shape],
    axes: [Math.max(-1, down), Math.max(-1, across)],
    slice,
    rows,
    columns,
    window: [row0, column0, rowCount, columnCount],
    cells,
    peak: peakSize < 0 ? null : slice.map((at, axis) => (axis === down ? peakRow : axis === across ? peakColumn : at)),
    scale: Math.max(Math.abs(min), Math.abs(max)) || 0,
  };
}

function clampWindow(
  [row, column, rows, columns]: readonly [number, number, number, number],
  height: number,
  width: number,
): [number, number, number, number] {
  const row0 = Math.max(0, Math.min(row, height - 1));
  const column0 = Math.max(0, Math.min(column, width - 1));
  return [row0, column0, Math.max(0, Math.min(rows, height - row0)), Math.max(0, Math.min(columns, width - column0))];
}
