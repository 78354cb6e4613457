import type { Positional } from "./positional.ts";
import { EngineError, formatShape } from "../../../context/engine-error.ts";
import { apply } from "../../../ops/apply.ts";
import * as copies from "../../../ops/rearrangements.ts";
import { expectInteger, expectTensor } from "../../../ops/operands.ts";
import { asStrided } from "../../../ops/strided.ts";
import * as views from "../../../ops/view-ops.ts";
import {
  asList,
  checkSizes,
  completeShape,
  normalizeDim,
  normalizeDims,
  type Shape,
  type Sizes,
} from "../../../core/shape.ts";
import { Tensor } from "../../../core/tensor.ts";

declare module "../../../core/tensor.ts" {
  interface Tensor {
    /** The same elements in another shape, without copying; −1 leaves one size open. */
    view(...sizes: Sizes): Tensor;
    /** The same elements in another shape: a view where possible, else a copy. */
    reshape(...sizes: Sizes): Tensor;
    viewAs(other: Tensor): Tensor;
    reshapeAs(other: Tensor): Tensor;
    /** Axes in another order. */
    permute(...dims: Sizes): Tensor;
    /** Repeats axes of size 1 without copying; −1 keeps a size. */
    expand(...sizes: Sizes): Tensor;
    expandAs(other: Tensor): Tensor;
    broadcastTo(shape: Shape): Tensor;
    /** Copies the tensor so many times along each axis. */
    repeat(...sizes: Sizes): Tensor;
    /** As `repeat`, with axes of 1 added in front as needed. */
    tile(...sizes: Sizes): Tensor;
    /** Swaps two axes. */
    transpose(dim0: number, dim1: number): Tensor;
    swapaxes(axis0: number, axis1: number): Tensor;
    movedim(source: number | readonly number[], destination: number | readonly number[]): Tensor;
    /** Makes the axes from `startDim` to `endDim` one. */
    flatten(keywords: { readonly startDim?: number; readonly endDim?: number }): Tensor;
    flatten(startDim?: number, endDim?: number): Tensor;
    unflatten(dim: number, sizes: Shape): Tensor;
    /** All elements along one axis. */
    ravel(): Tensor;
    /** Takes away one axis, or several, or all, of size 1. */
    squeeze(keywords: { readonly dim: number }): Tensor;
    squeeze(dim?: number | readonly number[]): Tensor;
    /** Adds an axis of size 1. */
    unsqueeze(keywords: { readonly dim: number }): Tensor;
    unsqueeze(dim: number): Tensor;
    /** Reverses the order along axes. */
    flip(keywords: { readonly dims: number | readonly number[] }): Tensor;
    flip(dims: number | readonly number[], ...more: readonly number[]): Tensor;
    fliplr(): Tensor;
    flipud(): Tensor;
    /** Turns the plane of two axes by 90° `k` times. */
    rot90(k?: number, dims?: readonly [number, number]): Tensor;
    /** Shifts elements along an axis, around its end; without `dims` of the flattened tensor. */
    roll(shifts: number | readonly number[], keywords: { readonly dims: number | readonly number[] }): Tensor;
    roll(shifts: number | readonly number[], dims?: number | readonly number[]): Tensor;
    /** Every element so many times in a row; along the flattened tensor without `dim`. */
    repeatInterleave(repeats: number | Tensor, keywords: { readonly dim: number }): Tensor;
    repeatInterleave(repeats: number | Tensor, dim?: number): Tensor;
    /** The lower triangle, zeros elsewhere. */
    tril(keywords: { readonly diagonal: number }): Tensor;
    tril(diagonal?: number): Tensor;
    /** The upper triangle, zeros elsewhere. */
    triu(keywords: { readonly diagonal: number }): Tensor;
    triu(diagonal?: number): Tensor;
    /** The diagonal of two axes, as a view with a new last axis. */
    diagonal(offset?: number, dim1?: number, dim2?: number): Tensor;
    /** A vector as a matrix's diagonal, or a matrix's diagonal as a vector. */
    diag(diagonal?: number): Tensor;
    /** The last axis as the diagonal of two new ones. */
    diagEmbed(offset?: number): Tensor;
    /** All windows of `size` along an axis, `step` apart, as a view with a new last axis. */
    unfold(dim: number, size: number, step: number): Tensor;
    /** A view of any sizes, strides and offset, in elements; this must be contiguous. */
    asStrided(size: Shape, strides: readonly number[], offset?: number): Tensor;
  }
}

const proto = Tensor.prototype as unknown as Positional;

proto.view = function (...sizes) {
  return apply(views.view, [this], { shape: completeShape("view", this.shape, asList("view", sizes)) });
};
proto.reshape = function (...sizes) {
  return views.reshape(this, completeShape("reshape", this.shape, asList("reshape", sizes)));
};
proto.viewAs = function (other) {
  return this.view(expectTensor("viewAs", other).shape);
};
proto.reshapeAs = function (other) {
  return this.reshape(expectTensor("reshapeAs", other).shape);
};

proto.permute = function (...order) {
  const dims = asList("permute", order);
  if (dims.length !== this.rank) {
    throw new EngineError(
      "shape",
      `permute: ${formatShape(dims)} does not name the ${this.rank} axes of ${formatShape(this.shape)}`,
    );
  }
  normalizeDims("permute", dims, this.rank);
  return apply(views.permuted, [this], { dims: dims.map((dim) => normalizeDim("permute", dim, this.rank)) });
};

/** All axes in order. */
const axesOf = (x: Tensor): number[] => x.shape.map((_, axis) => axis);

function swap(op: string, x: Tensor, dim0: number, dim1: number): Tensor {
  const [a, b] = [normalizeDim(op, dim0, x.rank), normalizeDim(op, dim1, x.rank)];
  const dims = axesOf(x);
  if (x.rank > 0) [dims[a], dims[b]] = [b, a];
  return apply(views.transposed, [x], { dims });
}
proto.transpose = function (dim0, dim1) {
  return swap("transpose", this, dim0, dim1);
};
proto.swapaxes = function (axis0, axis1) {
  return swap("swapaxes", this, axis0, axis1);
};
proto.movedim = function (source, destination) {
  const from = asList("movedim", [source].flat()).map((dim) => normalizeDim("movedim", dim, this.rank));
  const to = asList("movedim", [destination].flat()).map((dim) => normalizeDim("movedim", dim, this.rank));
  if (from.length !== to.length) {
    throw new EngineError("shape", `movedim: ${from.length} axes cannot move to ${to.length} places`);
  }
  normalizeDims("movedim", from, this.rank);
  normalizeDims("movedim", to, this.rank);
  const rest = axesOf(this).filter((axis) => !from.includes(axis));
  const dims = axesOf(this).map((axis) => (to.includes(axis) ? from[to.indexOf(axis)]! : rest.shift()!));
  return apply(views.moved, [this], { dims });
};

proto.expand = function (...sizes) {
  return expandTo("expand", this, asList("expand", sizes));
};
proto.expandAs = function (other) {
  return expandTo("expandAs", this, expectTensor("expandAs", other).shape);
};
proto.broadcastTo = function (shape) {
  return expandTo("broadcastTo", this, asList("broadcastTo", [shape]));
};

function expandTo(op: string, x: Tensor, sizes: Shape): Tensor {
  const lead = sizes.length - x.rank;
  if (lead < 0) {
    throw new EngineError("shape", `${op}: ${formatShape(sizes)} has fewer axes than ${formatShape(x.shape)}`);
  }
  const shape = sizes.map((size, axis) => {
    const own = axis < lead ? null : x.shape[axis - lead]!;
    if (size === -1 && own !== null) return own;
    if (size < 0)
      throw new EngineError("shape", `${op}: there is no size to keep for axis ${axis} of ${formatShape(sizes)}`);
    if (own !== null && own !== 1 && own !== size) {
      throw new EngineError(
        "shape",
        `${op}: ${formatShape(x.shape)} cannot be expanded to ${formatShape(sizes)}: axis ${axis} has size ${own}, not 1`,
      );
    }
    return size;
  });
  return apply(views.expand, [x], { shape });
}

proto.repeat = function (...sizes) {
  const repeats = asList("repeat", sizes);
  checkSizes("repeat", repeats);
  if (repeats.length < this.rank) {
    throw new EngineError(
      "shape",
      `repeat: ${formatShape(repeats)} must name at least the ${this.rank} axes of ${formatShape(this.shape)}`,
    );
  }
  return apply(copies.repeat, [this], { repeats });
};
proto.tile = function (...sizes) {
  const repeats = asList("tile", sizes);
  checkSizes("tile", repeats);
  return this.repeat([...new Array<number>(Math.max(0, this.rank - repeats.length)).fill(1), ...repeats]);
};

proto.flatten = function (startDim = 0, endDim = -1) {
  const [start, end] = [normalizeDim("flatten", startDim, this.rank), normalizeDim("flatten", endDim, this.rank)];
  if (start > end) {
    throw new EngineError(
      "shape",
      `flatten: startDim ${startDim} comes after endDim ${endDim} in ${formatShape(this.shape)}`,
    );
  }
  if (this.rank > 0 && start === end) return this;
  const one = this.shape.slice(start, end + 1).reduce((product, size) => product * size, 1);
  return views.reshape(this, [...this.shape.slice(0, start), one, ...this.shape.slice(end + 1)], views.flattened);
};
proto.ravel = function () {
  return this.flatten();
};
proto.unflatten = function (dim, sizes) {
  const axis = normalizeDim("unflatten", dim, this.rank);
  const split = completeShape("unflatten", [this.shape[axis]!], asList("unflatten", [sizes]));
  const shape = [...this.shape.slice(0, axis), ...split, ...this.shape.slice(axis + 1)];
  return apply(views.unflattened, [this], { shape });
};
proto.squeeze = function (dim) {
  const dims = dim === undefined ? axesOf(this) : normalizeDims("squeeze", dim, this.rank);
  const shape = this.shape.filter((size, axis) => size !== 1 || !dims.includes(axis));
  return apply(views.squeezed, [this], { shape });
};
proto.unsqueeze = function (dim) {
  const axis = normalizeDim("unsqueeze", dim, this.rank + 1);
  return apply(views.unsqueezed, [this], { shape: [...this.shape.slice(0, axis), 1, ...this.shape.slice(axis)] });
};

proto.flip = function (dims, ...more) {
  return apply(copies.flip, [this], { dims: normalizeDims("flip", asList("flip", [dims, ...more].flat()), this.rank) });
};
proto.fliplr = function () {
  return this.flip(1);
};
proto.flipud = function () {
  return this.flip(0);
};
proto.rot90 = function (k = 1, plane = [0, 1]) {
  const dims = asList("rot90", [plane]);
  if (dims.length !== 2) throw new EngineError("value", `rot90: a plane has two dims, got ${dims.length}`);
  const [a, b] = [normalizeDim("rot90", dims[0]!, this.rank), normalizeDim("rot90", dims[1]!, this.rank)];
  switch (((expectInteger("rot90", k, "k") % 4) + 4) % 4) {
    case 1:
      return this.flip(b).transpose(a, b);
    case 2:
      return this.flip([a, b]);
    case 3:
      return this.transpose(a, b).flip(b);
    default:
      return this.clone();
  }
};
proto.roll = function (shifts, dims) {
  const by = asList("roll", [shifts].flat());
  if (dims === undefined) {
    if (by.length !== 1) throw new EngineError("value", "roll: several shifts need as many dims");
    return apply(copies.roll, [this.flatten()], { shifts: by, dims: [0] }).reshape(this.shape);
  }
  const axes = asList("roll", [dims].flat()).map((dim) => normalizeDim("roll", dim, this.rank));
  if (axes.length !== by.length) {
    throw new EngineError("value", `roll: ${by.length} shifts do not fit ${axes.length} dims`);
  }
  // An axis that is named twice moves by the sum.
  const total = new Map<number, number>();
  axes.forEach((axis, i) => total.set(axis, (total.get(axis) ?? 0) + by[i]!));
  return apply(copies.roll, [this], { shifts: [...total.values()], dims: [...total.keys()] });
};

proto.repeatInterleave = function (repeats, dim) {
  if (dim === undefined) return this.flatten().repeatInterleave(repeats, 0);
  const axis = normalizeDim("repeatInterleave", dim, this.rank);
  const size = this.shape[axis]!;
  const counts =
    repeats instanceof Tensor ? repeats.toArray() : [expectInteger("repeatInterleave", repeats, "repeats")];
  if (counts.some((count) => count < 0))
    throw new EngineError("value", `repeatInterleave: repeats must not be negative, got ${Math.min(...counts)}`);
  if (counts.length !== 1 && counts.length !== size) {
    throw new EngineError(
      "shape",
      `repeatInterleave: ${counts.length} repeats do not fit dim ${dim} of ${formatShape(this.shape)}`,
    );
  }
  const index: number[] = [];
  for (let i = 0; i < size; i++) for (let n = 0; n < (counts[i] ?? counts[0]!); n++) index.push(i);
  return apply(copies.repeatInterleave, [this], { dim: axis, index });
};

function triangle(op: typeof copies.tril, x: Tensor, diagonal: number): Tensor {
  if (x.rank < 2)
    throw new EngineError("shape", `${op.name}: expected at least two axes, found ${formatShape(x.shape)}`);
  return apply(op, [x], { diagonal: expectInteger(op.name, diagonal, "the diagonal") });
}
proto.tril = function (diagonal = 0) {
  return triangle(copies.tril, this, diagonal);
};
proto.triu = function (diagonal = 0) {
  return triangle(copies.triu, this, diagonal);
};
proto.diagonal = function (offset = 0, dim1 = 0, dim2 = 1) {
  if (this.rank < 2)
    throw new EngineError("shape", `diagonal: expected at least two axes, found ${formatShape(this.shape)}`);
  const [first, second] = [normalizeDim("diagonal", dim1, this.rank), normalizeDim("diagonal", dim2, this.rank)];
  if (first === second) throw new EngineError("shape", `diagonal: dims ${dim1} and ${dim2} are the same axis`);
  return apply(views.diagonal, [this], {
    offset: expectInteger("diagonal", offset, "the offset"),
    dim1: first,
    dim2: second,
  });
};
proto.diag = function (diagonal = 0) {
  if (this.rank === 1)
    return apply(copies.diagEmbed, [this], { offset: expectInteger("diag", diagonal, "the diagonal") });
  if (this.rank === 2) return this.diagonal(diagonal).clone();
  throw new EngineError("shape", `diag: expected a vector or a matrix, found ${formatShape(this.shape)}`);
};
proto.diagEmbed = function (offset = 0) {
  if (this.rank === 0) throw new EngineError("shape", "diagEmbed: a scalar has no axis to embed");
  return apply(copies.diagEmbed, [this], { offset: expectInteger("diagEmbed", offset, "the offset") });
};
proto.unfold = function (dim, size, step) {
  const axis = normalizeDim("unfold", dim, this.rank);
  expectInteger("unfold", size, "the size");
  expectInteger("unfold", step, "the step");
  const length = this.shape[axis] ?? 1;
  if (this.rank === 0 || size < 0 || size > length) {
    throw new EngineError("shape", `unfold: windows of ${size} do not fit dim ${dim} of ${formatShape(this.shape)}`);
  }
  if (step < 1) throw new EngineError("value", `unfold: the step must be positive, got ${step}`);
  return apply(views.unfolded, [this], { dim: axis, size, step });
};
proto.asStrided = function (size, strides, offset = 0) {
  if (!this.isContiguous())
    throw new EngineError("shape", "asStrided: only defined on contiguous tensors", { fix: "use .contiguous()" });
  const shape = asList("asStrided", [size]);
  checkSizes("asStrided", shape);
  const steps = asList("asStrided", [strides]);
  checkSizes("asStrided", steps);
  if (shape.length !== steps.length) {
    throw new EngineError(
      "shape",
      `asStrided: ${formatShape(shape)} and strides ${formatShape(steps)} have different lengths`,
    );
  }
  return apply(asStrided, [this], { shape, strides: steps, offset: expectInteger("asStrided", offset, "the offset") });
};
