import { checkOptions } from "../../context/options.ts";
import { composite } from "../../context/scope.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { fromNumbers } from "../../core/creation.ts";
import type { Tensor } from "../../core/tensor.ts";

export interface GridSampleOptions {
  readonly mode?: "bilinear" | "nearest";
  /** What is taken outside of x: zeros, or the nearest element. */
  readonly paddingMode?: "zeros" | "border";
  /** Whether −1 and 1 are the centres of the outermost elements, or their outer edges. */
  readonly alignCorners?: boolean;
}

/** x [N, C, H, W] read at the places of grid [N, h, w, 2], whose (x, y) go from −1 to 1. PyTorch: `F.grid_sample`. */
export function gridSample(x: Tensor, grid: Tensor, options: GridSampleOptions = {}): Tensor {
  checkOptions("gridSample", options, ["mode", "paddingMode", "alignCorners"]);
  const { mode = "bilinear", paddingMode = "zeros", alignCorners = false } = options;
  for (const [name, value, known] of [
    ["mode", mode, ["bilinear", "nearest"]],
    ["paddingMode", paddingMode, ["zeros", "border"]],
  ] as const) {
    if ((known as readonly string[]).includes(value)) continue;
    throw new EngineError("value", `gridSample: ${name} is "${known.join('" or "')}", found ${JSON.stringify(value)}`);
  }
  if (x.rank !== 4 || grid.rank !== 4 || grid.shape[3] !== 2 || grid.shape[0] !== x.shape[0]) {
    throw new EngineError(
      "shape",
      `gridSample: expected x [N, C, H, W] and grid [N, h, w, 2], found ${formatShape(x.shape)} and ${formatShape(grid.shape)}`,
    );
  }
  const [count, channels, height, width] = x.shape as [number, number, number, number];
  const [rows, columns] = [grid.shape[1]!, grid.shape[2]!];
  return composite("gridSample", () => {
    const flat = x.reshape([count, channels, height * width]);
    const place = (axis: number, size: number): Tensor => {
      const at = grid.select(3, axis);
      const unit = alignCorners
        ? at.add(1).mul((size - 1) / 2)
        : at
            .add(1)
            .mul(size / 2)
            .sub(0.5);
      return paddingMode === "border" ? unit.clamp(0, size - 1) : unit;
    };
    const [px, py] = [place(0, width), place(1, height)];
    const read = (column: Tensor, row: Tensor): Tensor => {
      const isInside = column.ge(0).logicalAnd(column.lt(width)).logicalAnd(row.ge(0)).logicalAnd(row.lt(height));
      const index = row
        .clamp(0, height - 1)
        .mul(width)
        .add(column.clamp(0, width - 1))
        .long();
      const picked = flat.gather(
        2,
        index.reshape([count, 1, rows * columns]).expand([count, channels, rows * columns]),
      );
      return picked.reshape([count, channels, rows, columns]).mul(isInside.to(x.dtype).unsqueeze(1));
    };
    if (mode === "nearest") {
      // The grid does have a gradient, which is zero.
      const [column, row] = [px.round(), py.round()];
      const none = column.sub(column.detach()).add(row.sub(row.detach()));
      return read(column.detach(), row.detach()).add(none.unsqueeze(1));
    }
    const [left, top] = [px.detach().floor(), py.detach().floor()];
    const [tx, ty] = [px.sub(left).unsqueeze(1), py.sub(top).unsqueeze(1)];
    const [sx, sy] = [tx.neg().add(1), ty.neg().add(1)];
    return read(left, top)
      .mul(sx.mul(sy))
      .add(read(left.add(1), top).mul(tx.mul(sy)))
      .add(read(left, top.add(1)).mul(sx.mul(ty)))
      .add(read(left.add(1), top.add(1)).mul(tx.mul(ty)));
  });
}

/** The grid [N, H, W, 2] that the matrices theta [N, 2, 3] make of a regular one. PyTorch: `F.affine_grid`. */
export function affineGrid(
  theta: Tensor,
  size: readonly number[],
  options: { readonly alignCorners?: boolean } = {},
): Tensor {
  checkOptions("affineGrid", options, ["alignCorners"]);
  if (theta.rank !== 3 || theta.shape[1] !== 2 || theta.shape[2] !== 3 || size.length !== 4) {
    throw new EngineError(
      "shape",
      `affineGrid: expected theta [N, 2, 3] and a size [N, C, H, W], found ${formatShape(theta.shape)} and ${formatShape(size)}`,
    );
  }
  const [, , height, width] = size as [number, number, number, number];
  const at = (i: number, count: number): number =>
    options.alignCorners === true ? (count > 1 ? (2 * i) / (count - 1) - 1 : 0) : (2 * i + 1) / count - 1;
  const points = Array.from({ length: height * width }, (_, i) => [
    at(i % width, width),
    at(Math.floor(i / width), height),
    1,
  ]);
  return composite("affineGrid", () =>
    fromNumbers(points.flat(), [height * width, 3], theta.dtype)
      .matmul(theta.transpose(1, 2))
      .reshape([theta.shape[0]!, height, width, 2]),
  );
}
