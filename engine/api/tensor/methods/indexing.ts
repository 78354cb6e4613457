import type { Positional } from "./positional.ts";
import { EngineError, formatShape } from "../../../context/engine-error.ts";
import { apply } from "../../../ops/apply.ts";
import { convert } from "../../../ops/conversion.ts";
import * as indexing from "../../../ops/indexing.ts";
import { describeValue, expectInteger, expectNumber, expectTensor } from "../../../ops/operands.ts";
import { contiguous } from "../../../ops/copying.ts";
import { viewScatter } from "../../../ops/strided.ts";
import { copy } from "../../../ops/writes.ts";
import { positionsTensor } from "../../../ops/positions.ts";
import { narrowed, range, selected } from "../../../ops/view-ops.ts";
import { broadcastShapes, normalizeDim, sameShape, type Shape } from "../../../core/shape.ts";
import { Tensor } from "../../../core/tensor.ts";

/** One axis of `x.index([...])`: positions, a mask, one position, or null for the whole axis. */
export type IndexEntry = Tensor | number | boolean | null | readonly number[];

declare module "../../../core/tensor.ts" {
  interface Tensor {
    /** One entry along an axis, as a view without that axis; negative counts from the end. */
    select(dim: number, index: number): Tensor;
    /** `length` entries along an axis from `start`, as a view. */
    narrow(dim: number, start: number, length: number): Tensor;
    /** Entries from `start` to before `end` along an axis, `step` apart, as a view: Python's `x[start:end:step]`. */
    slice(dim: number, start?: number | null, end?: number | null, step?: number): Tensor;
    /** Picks by one entry per axis from the first: Python's `x[a, :, 3]` is `x.index([a, null, 3])`. */
    index(entries: readonly IndexEntry[]): Tensor;
    /** A copy with the elements that `index` would pick replaced. */
    indexPut(entries: readonly IndexEntry[], values: Tensor | number, accumulate?: boolean): Tensor;
    /** Elements at the positions that `index` gives along an axis. */
    gather(dim: number, index: Tensor): Tensor;
    /** A copy with `src` put at the positions that `index` gives along an axis. */
    scatter(dim: number, index: Tensor, src: Tensor | number): Tensor;
    /** A copy with `src` added at the positions that `index` gives along an axis. */
    scatterAdd(dim: number, index: Tensor, src: Tensor): Tensor;
    /** The entries that `index`, a vector, names along an axis. */
    indexSelect(dim: number, index: Tensor): Tensor;
    indexAdd(dim: number, index: Tensor, src: Tensor, options?: { readonly alpha?: number }): Tensor;
    indexCopy(dim: number, index: Tensor, src: Tensor): Tensor;
    indexFill(dim: number, index: Tensor, value: number): Tensor;
    /** The elements where `mask` holds, as a vector. */
    maskedSelect(mask: Tensor): Tensor;
    /** A copy with the next elements of `source` where `mask` holds. */
    maskedScatter(mask: Tensor, source: Tensor): Tensor;
    /** Elements at flat positions. */
    take(index: Tensor): Tensor;
    /** As `gather`, with an index that broadcasts; flat without `dim`. */
    takeAlongDim(index: Tensor, dim?: number): Tensor;
    /** Positions of the elements that are not 0, int64 [n, rank]. */
    nonzero(): Tensor;
  }
}

const proto = Tensor.prototype as unknown as Positional;

function axisOf(op: string, x: Tensor, dim: unknown): number {
  if (x.rank === 0) throw new EngineError("shape", `${op}: a scalar has no axes`);
  return normalizeDim(op, expectInteger(op, dim, "dim"), x.rank);
}

proto.select = function (dim, index) {
  const axis = axisOf("select", this, dim);
  const size = this.shape[axis]!;
  expectInteger("select", index, "the index");
  if (index < -size || index >= size) {
    throw new EngineError(
      "value",
      `select: index ${index} is out of range for dim ${dim} of ${formatShape(this.shape)}`,
    );
  }
  return apply(selected, [this], { dim: axis, index: index < 0 ? index + size : index });
};
proto.narrow = function (dim, start, length) {
  const axis = axisOf("narrow", this, dim);
  const size = this.shape[axis]!;
  expectInteger("narrow", start, "the start");
  expectInteger("narrow", length, "the length");
  const from = start < 0 ? start + size : start;
  if (from < 0 || from > size || length < 0 || from + length > size) {
    throw new EngineError(
      "value",
      `narrow: start ${start} and length ${length} reach beyond dim ${dim} of ${formatShape(this.shape)}`,
    );
  }
  return apply(narrowed, [this], { dim: axis, start: from, length, step: 1 });
};
proto.slice = function (dim, start, end, step = 1) {
  const axis = axisOf("slice", this, dim);
  const size = this.shape[axis]!;
  expectInteger("slice", step, "the step");
  if (step < 1) throw new EngineError("value", `slice: the step must be positive, got ${step}`);
  const place = (at: number | null | undefined, missing: number, what: string): number => {
    if (at === null || at === undefined || at === Infinity) return missing;
    const whole = expectInteger("slice", at, what);
    return Math.min(Math.max(whole < 0 ? whole + size : whole, 0), size);
  };
  const from = place(start, 0, "the start");
  const to = place(end, size, "the end");
  const length = Math.max(0, Math.ceil((to - from) / step));
  return apply(range, [this], { dim: axis, start: from, length, step });
};

/** An index call sorted out: numbers taken as views, masks as positions. */
interface Entries {
  readonly x: Tensor;
  readonly axes: readonly number[];
  readonly indices: readonly Tensor[];
}

function resolve(op: string, tensor: Tensor, entries: unknown): Entries {
  if (!Array.isArray(entries)) {
    throw new EngineError("value", `${op}: expected an array with one entry per axis, got ${describeValue(entries)}`);
  }
  let x = tensor;
  let axis = 0;
  const axes: number[] = [];
  const indices: Tensor[] = [];
  const need = (count: number): void => {
    if (axis + count > x.rank) {
      throw new EngineError("shape", `${op}: there are more entries than the axes of ${formatShape(tensor.shape)}`);
    }
  };
  for (const entry of entries as readonly IndexEntry[]) {
    if (entry === null) {
      need(1);
      axis++;
    } else if (typeof entry === "number") {
      need(1);
      x = selecting(op, x, axis, entry);
    } else {
      const positions = Array.isArray(entry)
        ? asPositions(op, entry)
        : expectTensor(op, entry, "an int64 tensor, a bool mask, a number or null");
      if (positions.dtype === "bool") {
        need(positions.rank);
        const covered = x.shape.slice(axis, axis + positions.rank);
        if (!sameShape(covered, positions.shape)) {
          throw new EngineError(
            "shape",
            `${op}: a mask of shape ${formatShape(positions.shape)} does not fit axis ${axis} of ${formatShape(x.shape)}`,
          );
        }
        for (const column of coordinates(positions)) {
          axes.push(axis++);
          indices.push(column);
        }
      } else {
        need(1);
        axes.push(axis++);
        indices.push(positions);
      }
    }
  }
  return { x, axes, indices };
}

function selecting(op: string, x: Tensor, axis: number, index: number): Tensor {
  try {
    return x.select(axis, index);
  } catch (error) {
    throw error instanceof EngineError ? error.renamed(op) : error;
  }
}

function asPositions(op: string, entry: readonly number[]): Tensor {
  const values = entry.map((value) => expectInteger(op, value, "an index"));
  return positionsTensor(Float64Array.from(values), [values.length]);
}

/** The coordinates at which a mask holds, one int64 vector per axis. */
function coordinates(mask: Tensor): Tensor[] {
  const flat = indexing.truePositions(mask);
  let step = mask.numel();
  return mask.shape.map((size) => {
    step = size === 0 ? 0 : step / size;
    const inner = step;
    return positionsTensor(
      flat.map((position) => Math.floor(position / inner) % size),
      [flat.length],
    );
  });
}

proto.index = function (entries) {
  const { x, axes, indices } = resolve("index", this, entries);
  return axes.length === 0 ? (x === this ? x.slice(0) : x) : apply(indexing.index, [x, ...indices], { axes });
};

/** `values` as a tensor of x's dtype. */
function valuesFor(op: string, x: Tensor, values: unknown): Tensor {
  if (values instanceof Tensor) {
    if (values.rank === 0) return convert(values, x.dtype);
    return values;
  }
  return x
    .newZeros([])
    .add(expectNumber(op, values, "the values to be a tensor or a number"))
    .to(x.dtype);
}
proto.indexPut = function (entries, values, accumulate = false) {
  const whole = contiguous(this);
  const { x, axes, indices } = resolve("indexPut", whole, entries);
  const source = valuesFor("indexPut", x, values);
  const changed =
    axes.length > 0
      ? apply(indexing.indexPut, [x, source, ...indices], { axes, accumulate })
      : accumulate
        ? x.add(source)
        : apply(copy, [x, source]);
  if (x.rank === this.rank) return changed;
  // Numbers took views of one entry each; what was put there goes back to its place.
  const offset = x.elementOffset - whole.elementOffset;
  return apply(viewScatter, [whole, changed], { shape: x.shape, strides: x.strides, offset });
};

proto.gather = function (dim, index) {
  return apply(indexing.gather, [this, expectTensor("gather", index, "an int64 index")], {
    dim: normalizeDim("gather", dim, this.rank),
  });
};
proto.scatter = function (dim, index, src) {
  const axis = normalizeDim("scatter", dim, this.rank);
  expectTensor("scatter", index, "an int64 index");
  if (src instanceof Tensor) return apply(indexing.scatter, [this, index, src], { dim: axis });
  const value = expectNumber("scatter", src, "the source to be a tensor or a number");
  return apply(indexing.scatterNumber, [this, index], { dim: axis, value });
};
proto.scatterAdd = function (dim, index, src) {
  const axis = normalizeDim("scatterAdd", dim, this.rank);
  expectTensor("scatterAdd", index, "an int64 index");
  return apply(indexing.scatterAdd, [this, index, expectTensor("scatterAdd", src, "the source to be a tensor")], {
    dim: axis,
  });
};
proto.indexSelect = function (dim, index) {
  const axis = normalizeDim("indexSelect", dim, this.rank);
  return apply(indexing.indexSelect, [this, expectTensor("indexSelect", index, "an int64 index")], { dim: axis });
};
proto.indexAdd = function (dim, index, src, options) {
  const axis = normalizeDim("indexAdd", dim, this.rank);
  expectTensor("indexAdd", index, "an int64 index");
  const alpha = options?.alpha ?? 1;
  const source = expectTensor("indexAdd", src, "the source to be a tensor");
  return apply(indexing.indexAdd, [this, index, alpha === 1 ? source : source.mul(alpha)], { dim: axis });
};
proto.indexCopy = function (dim, index, src) {
  const axis = normalizeDim("indexCopy", dim, this.rank);
  expectTensor("indexCopy", index, "an int64 index");
  return apply(indexing.indexCopy, [this, index, expectTensor("indexCopy", src, "the source to be a tensor")], {
    dim: axis,
  });
};
proto.indexFill = function (dim, index, value) {
  const axis = axisOf("indexFill", this, dim);
  expectTensor("indexFill", index, "an int64 index");
  return apply(indexing.indexFill, [this, index], {
    dim: axis,
    value: expectNumber("indexFill", value, "the value to be a number"),
  });
};

/** Input and mask, broadcast to one shape. */
function masked(op: string, x: Tensor, mask: unknown): readonly [Tensor, Tensor] {
  const flags = expectTensor(op, mask, "a bool mask");
  if (flags.dtype !== "bool") {
    throw new EngineError("dtype", `${op}: the mask must be a bool tensor, this is ${flags.dtype}`, {
      fix: "compare it, as in mask.ne(0)",
    });
  }
  const shape: Shape = broadcastShapes(op, x.shape, flags.shape);
  return [sameShape(x.shape, shape) ? x : x.expand(shape), sameShape(flags.shape, shape) ? flags : flags.expand(shape)];
}
proto.maskedSelect = function (mask) {
  return apply(indexing.maskedSelect, masked("maskedSelect", this, mask));
};
proto.maskedScatter = function (mask, source) {
  return apply(indexing.maskedScatter, [...masked("maskedScatter", this, mask), expectTensor("maskedScatter", source)]);
};
proto.take = function (index) {
  return apply(indexing.take, [this, expectTensor("take", index, "an int64 index")]);
};
proto.takeAlongDim = function (index, dim) {
  expectTensor("takeAlongDim", index, "an int64 index");
  if (dim === undefined) return this.flatten().gather(0, index.flatten());
  const axis = axisOf("takeAlongDim", this, dim);
  const shape = broadcastShapes(
    "takeAlongDim",
    this.shape.map((n, i) => (i === axis ? 1 : n)),
    index.shape.map((n, i) => (i === axis ? 1 : n)),
  );
  const spread = (x: Tensor): Tensor => x.expand(shape.map((n, i) => (i === axis ? x.shape[i]! : n)));
  return spread(this).gather(axis, spread(index));
};
proto.nonzero = function () {
  const columns = coordinates(this.ne(0));
  const count = indexing.truePositions(this.ne(0)).length;
  const out = new Float64Array(count * columns.length);
  columns.forEach((column, axis) =>
    column.toFloat64Array().forEach((value, i) => (out[i * columns.length + axis] = value)),
  );
  return positionsTensor(out, [count, columns.length]);
};
