import { composite } from "../../../context/scope.ts";
import type { Positional } from "./positional.ts";
import { EngineError, formatShape } from "../../../context/engine-error.ts";
import { apply } from "../../../ops/apply.ts";
import { convert } from "../../../ops/conversion.ts";
import { expectInteger, expectTensor } from "../../../ops/operands.ts";
import { argsort, sorted } from "../../../ops/sorting.ts";
import { fromNumbers, full } from "../../../core/creation.ts";
import { stack } from "../functions.ts";
import { normalizeDim } from "../../../core/shape.ts";
import { Tensor } from "../../../core/tensor.ts";
import type { AxisKeywords, KeepdimKeyword, ValuesAndIndices } from "./reductions.ts";
import { namedResults } from "../../../ops/named-results.ts";

declare module "../../../core/tensor.ts" {
  interface Tensor {
    /** Elements in order along an axis (the last), and where they were. Equal ones keep their order. */
    sort(keywords: {
      readonly dim?: number;
      readonly descending?: boolean;
      readonly stable?: boolean;
    }): ValuesAndIndices;
    sort(dim: number, keywords: { readonly descending?: boolean; readonly stable?: boolean }): ValuesAndIndices;
    sort(dim?: number, descending?: boolean): ValuesAndIndices;
    /** Positions that put the elements in order. int64. */
    argsort(keywords: { readonly dim?: number; readonly descending?: boolean; readonly stable?: boolean }): Tensor;
    argsort(dim: number, keywords: { readonly descending?: boolean; readonly stable?: boolean }): Tensor;
    argsort(dim?: number, descending?: boolean): Tensor;
    /** The `k` largest along an axis (the last), in order, and where they were. */
    topk(
      k: number,
      keywords: { readonly dim?: number; readonly largest?: boolean; readonly sorted?: boolean },
    ): ValuesAndIndices;
    topk(
      k: number,
      dim?: number,
      options?: { readonly largest?: boolean; readonly sorted?: boolean } | boolean,
    ): ValuesAndIndices;
    /** The k-th smallest along an axis (the last), counted from 1. */
    kthvalue(k: number, keywords: AxisKeywords | KeepdimKeyword): ValuesAndIndices;
    kthvalue(k: number, dim?: number, keepdim?: boolean): ValuesAndIndices;
    /** The lower of the middle elements. */
    median(keywords: AxisKeywords): ValuesAndIndices;
    median(): Tensor;
    median(dim: number, keepdim?: boolean): ValuesAndIndices;
    /** The value below which a share `q` of the elements lies, interpolated. */
    quantile(q: number | Tensor, keywords: { readonly dim?: number | null; readonly keepdim?: boolean }): Tensor;
    quantile(q: number | Tensor, dim?: number | null, keepdim?: boolean): Tensor;
    /** The distinct elements in order. */
    unique(): Tensor;
    unique(options: { readonly returnInverse?: boolean; readonly returnCounts?: boolean }): Tensor | Tensor[];
    /** How often each whole number occurs, from 0. int64. */
    bincount(weights?: Tensor | null, minlength?: number): Tensor;
  }
}

const proto = Tensor.prototype as unknown as Positional;

proto.sort = function (dim = -1, descending = false) {
  const order = { dim: normalizeDim("sort", dim, this.rank), descending };
  return composite("sort", () => sorted(this, order));
};
proto.argsort = function (dim = -1, descending = false) {
  return apply(argsort, [this], { dim: normalizeDim("argsort", dim, this.rank), descending });
};
proto.topk = function (k, dim = -1, options) {
  const axis = normalizeDim("topk", dim, this.rank);
  const size = this.shape[axis] ?? 1;
  if (expectInteger("topk", k, "k") < 0 || k > size) {
    throw new EngineError("value", `topk: k = ${k} is out of range for dim ${dim} of ${formatShape(this.shape)}`);
  }
  const largest = typeof options === "boolean" ? options : (options?.largest ?? true);
  const order = apply(argsort, [this], { dim: axis, descending: largest });
  return composite("topk", () => {
    if (this.rank === 0) return namedResults({ values: this.clone(), indices: order });
    const indices = order.narrow(axis, 0, k).contiguous();
    return namedResults({ values: this.gather(axis, indices), indices });
  });
};

function kth(op: string, x: Tensor, k: number, dim: number, keepdim: boolean): ValuesAndIndices {
  const axis = normalizeDim(op, dim, x.rank);
  const size = x.shape[axis] ?? 1;
  if (expectInteger(op, k, "k") < 1 || k > size) {
    throw new EngineError("value", `${op}: k = ${k} is out of range for dim ${dim} of ${formatShape(x.shape)}`);
  }
  const order = apply(argsort, [x], { dim: axis, descending: false });
  return composite(op, () => {
    if (x.rank === 0) return namedResults({ values: x.clone(), indices: order });
    const indices = order.narrow(axis, k - 1, 1).contiguous();
    const values = x.gather(axis, indices);
    return namedResults(
      keepdim ? { values, indices } : { values: values.squeeze(axis), indices: indices.squeeze(axis) },
    );
  });
}
proto.kthvalue = function (k, dim = -1, keepdim = false) {
  return kth("kthvalue", this, k, dim, keepdim);
};
/** NaN is a median as soon as there is one: it sorts last. */
function medianRank(x: Tensor, axis: number): number {
  const size = x.shape[axis] ?? 1;
  if (size === 0) throw new EngineError("shape", `median: ${formatShape(x.shape)} has no elements to choose from`);
  return Math.floor((size - 1) / 2) + 1;
}
function median(x: Tensor, dim: number | undefined, keepdim: boolean): Tensor | ValuesAndIndices {
  if (dim !== undefined) return kth("median", x, medianRank(x, normalizeDim("median", dim, x.rank)), dim, keepdim);
  if (x.numel() === 0) return full([], NaN, { dtype: x.dtype });
  const flat = x.flatten();
  return kth("median", flat, medianRank(flat, 0), 0, false).values;
}
proto.median = function (this: Tensor, dim?: number, keepdim?: boolean) {
  return median(this, dim, keepdim === true);
} as typeof proto.median;

proto.quantile = function (q, dim = null, keepdim = false) {
  const shares: readonly number[] = q instanceof Tensor ? q.toArray() : [q];
  const outside = shares.find((share) => !(share >= 0 && share <= 1));
  if (outside !== undefined) throw new EngineError("value", `quantile: ${String(outside)} is not between 0 and 1`);
  const x = dim === null ? this.flatten() : this;
  const axis = normalizeDim("quantile", dim ?? 0, x.rank);
  const size = x.shape[axis] ?? 1;
  if (size === 0) throw new EngineError("shape", `quantile: ${formatShape(this.shape)} has no elements`);
  return composite("quantile", () => {
    const ordered = x.rank === 0 ? x.unsqueeze(0) : sorted(x, { dim: axis, descending: false }).values;
    const each = shares.map((share) => {
      const place = share * (size - 1);
      const [low, high] = [Math.floor(place), Math.ceil(place)];
      const value = ordered.select(axis, low).lerp(ordered.select(axis, high), place - low);
      if (!keepdim) return value;
      return dim === null ? value.reshape(this.shape.map(() => 1)) : value.unsqueeze(axis);
    });
    if (!(q instanceof Tensor) || q.rank === 0) return each[0]!;
    return stack(each);
  });
};

proto.unique = function (this: Tensor, options?: { returnInverse?: boolean; returnCounts?: boolean }) {
  const values = this.toFloat64Array();
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  const place = new Map(distinct.map((value, i) => [value, i]));
  const unique = fromNumbers(distinct, [distinct.length], this.dtype);
  const out = [unique];
  if (options?.returnInverse === true) {
    out.push(
      fromNumbers(
        values.map((value) => place.get(value)!),
        this.shape,
        "int64",
      ),
    );
  }
  if (options?.returnCounts === true) {
    const counts = new Float64Array(distinct.length);
    for (const value of values) counts[place.get(value)!]!++;
    out.push(fromNumbers(counts, [distinct.length], "int64"));
  }
  return out.length === 1 ? unique : out;
};

proto.bincount = function (weights, minlength = 0) {
  if (this.rank !== 1 || this.dtype !== "int64") {
    throw new EngineError(
      "dtype",
      `bincount: expected an int64 vector, found ${this.dtype} ${formatShape(this.shape)}`,
    );
  }
  if (!Number.isInteger(minlength) || minlength < 0) {
    throw new EngineError("value", `bincount: minlength must be a whole number from 0, not ${String(minlength)}`);
  }
  const values = this.toFloat64Array();
  const below = values.find((value) => value < 0);
  if (below !== undefined) throw new EngineError("value", `bincount: ${below} is negative`);
  const size = values.reduce((most, value) => Math.max(most, value + 1), minlength);
  const counts = new Float64Array(size);
  const amounts = weights ? expectTensor("bincount", weights, "the weights as a tensor").toFloat64Array() : null;
  if (amounts && amounts.length !== values.length) {
    throw new EngineError("shape", `bincount: ${amounts.length} weights do not fit ${values.length} elements`);
  }
  values.forEach((value, i) => (counts[value] = counts[value]! + (amounts?.[i] ?? 1)));
  return fromNumbers(counts, [size], weights ? convert(weights, weights.dtype).dtype : "int64");
};
