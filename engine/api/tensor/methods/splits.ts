import type { Positional } from "./positional.ts";
import { EngineError, formatShape } from "../../../context/engine-error.ts";
import { apply } from "../../../ops/apply.ts";
import { expectInteger } from "../../../ops/operands.ts";
import * as views from "../../../ops/view-ops.ts";
import { asList, checkSizes, normalizeDim } from "../../../core/shape.ts";
import { Tensor } from "../../../core/tensor.ts";
import { oneOfSeveral } from "../../../core/view-origin.ts";

declare module "../../../core/tensor.ts" {
  interface Tensor {
    /** Views of `size` entries each (the last may be shorter), or of the given sizes. */
    split(size: number | readonly number[], keywords: { readonly dim: number }): Tensor[];
    split(size: number | readonly number[], dim?: number): Tensor[];
    /** At most `n` views of equal size (the last may be smaller). */
    chunk(n: number, keywords: { readonly dim: number }): Tensor[];
    chunk(n: number, dim?: number): Tensor[];
    /** As `split` into `n` parts whose sizes differ by at most 1, or at the given indices. */
    tensorSplit(sections: number | readonly number[], dim?: number): Tensor[];
    /** A view of every entry along an axis. */
    unbind(keywords: { readonly dim: number }): Tensor[];
    unbind(dim?: number): Tensor[];
  }
}

const proto = Tensor.prototype as unknown as Positional;

function pieces(op: typeof views.splitPart, x: Tensor, sizes: readonly number[], dim: number): Tensor[] {
  let start = 0;
  return sizes.map((length) => {
    const piece = oneOfSeveral(apply(op, [x], { dim, start, length, step: 1 }));
    start += length;
    return piece;
  });
}

function requireAxis(op: string, x: Tensor): void {
  if (x.rank === 0) throw new EngineError("shape", `${op}: a scalar has no axis to split`);
}

function evenSizes(total: number, size: number): number[] {
  const count = Math.max(1, Math.ceil(total / size));
  return Array.from({ length: count }, (_, i) => Math.min(size, total - i * size));
}

proto.split = function (size, dim = 0) {
  requireAxis("split", this);
  const axis = normalizeDim("split", dim, this.rank);
  const total = this.shape[axis]!;
  if (typeof size === "number") {
    expectInteger("split", size, "the size");
    if (size < 0 || (size === 0 && total > 0))
      throw new EngineError("value", `split: the size must be positive, got ${size}`);
    return pieces(views.splitPart, this, size === 0 ? [0] : evenSizes(total, size), axis);
  }
  const sizes = asList("split", [size]);
  checkSizes("split", sizes);
  if (sizes.reduce((sum, n) => sum + n, 0) !== total) {
    throw new EngineError(
      "shape",
      `split: sizes ${formatShape(sizes)} do not add up to ${total}, the size of dim ${dim} of ${formatShape(this.shape)}`,
    );
  }
  return pieces(views.splitPart, this, sizes, axis);
};
proto.chunk = function (n, dim = 0) {
  requireAxis("chunk", this);
  if (expectInteger("chunk", n, "the number of chunks") < 1) {
    throw new EngineError("value", `chunk: the number of chunks must be positive, got ${n}`);
  }
  const axis = normalizeDim("chunk", dim, this.rank);
  const total = this.shape[axis]!;
  const sizes = total === 0 ? new Array<number>(n).fill(0) : evenSizes(total, Math.ceil(total / n));
  return pieces(views.chunkPart, this, sizes, axis);
};
proto.tensorSplit = function (sections, dim = 0) {
  requireAxis("tensorSplit", this);
  const axis = normalizeDim("tensorSplit", dim, this.rank);
  const total = this.shape[axis]!;
  if (typeof sections === "number") {
    if (expectInteger("tensorSplit", sections, "the number of sections") < 1) {
      throw new EngineError("value", `tensorSplit: the number of sections must be positive, got ${sections}`);
    }
    const [size, larger] = [Math.floor(total / sections), total % sections];
    return pieces(
      views.splitPart,
      this,
      Array.from({ length: sections }, (_, i) => size + (i < larger ? 1 : 0)),
      axis,
    );
  }
  const ends = [...asList("tensorSplit", [sections]), total].map((end) =>
    Math.min(Math.max(end < 0 ? end + total : end, 0), total),
  );
  const sizes = ends.map((end, i) => Math.max(0, end - (ends[i - 1] ?? 0)));
  return ends.map((end, i) =>
    oneOfSeveral(
      apply(views.splitPart, [this], { dim: axis, start: Math.min(ends[i - 1] ?? 0, end), length: sizes[i]!, step: 1 }),
    ),
  );
};
proto.unbind = function (dim = 0) {
  requireAxis("unbind", this);
  const axis = normalizeDim("unbind", dim, this.rank);
  return Array.from({ length: this.shape[axis]! }, (_, index) =>
    oneOfSeveral(apply(views.unbindPart, [this], { dim: axis, index })),
  );
};
