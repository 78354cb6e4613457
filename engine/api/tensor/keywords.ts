import { byPlace, type Signature } from "../../context/keywords.ts";
import { Tensor } from "../../core/tensor.ts";

const REDUCTION: Signature = { places: ["dim", "keepdim"] };
const ALONG: Signature = { places: ["dim"] };
const SPREAD: Signature = { places: ["dim"], options: ["unbiased", "correction", "keepdim"] };
const DIAGONAL: Signature = { places: ["diagonal"] };

/** The methods of Tensor that take keywords. Their functions of the torch namespace call the methods. */
const SIGNATURES: Readonly<Record<string, Signature>> = {
  sum: REDUCTION,
  mean: REDUCTION,
  prod: REDUCTION,
  any: REDUCTION,
  all: REDUCTION,
  amax: REDUCTION,
  amin: REDUCTION,
  max: REDUCTION,
  min: REDUCTION,
  argmax: REDUCTION,
  argmin: REDUCTION,
  logsumexp: REDUCTION,
  nansum: REDUCTION,
  nanmean: REDUCTION,
  median: REDUCTION,
  countNonzero: ALONG,
  var: SPREAD,
  std: SPREAD,
  varMean: SPREAD,
  stdMean: SPREAD,
  norm: { places: ["p", "dim", "keepdim"] },
  cumsum: ALONG,
  cumprod: ALONG,
  cummax: ALONG,
  cummin: ALONG,
  logcumsumexp: ALONG,
  softmax: ALONG,
  logSoftmax: ALONG,
  sort: { places: ["dim", "descending", "stable"] },
  argsort: { places: ["dim", "descending", "stable"] },
  topk: { places: ["k", "dim"], options: ["largest", "sorted"] },
  kthvalue: { places: ["k", "dim", "keepdim"] },
  quantile: { places: ["q", "dim", "keepdim"] },
  diff: { places: ["n", "dim"] },
  cross: { places: ["other", "dim"] },
  unsqueeze: ALONG,
  squeeze: ALONG,
  unbind: ALONG,
  split: { places: ["splitSize", "dim"] },
  chunk: { places: ["chunks", "dim"] },
  tensorSplit: { places: ["sections", "dim"] },
  repeatInterleave: { places: ["repeats", "dim"] },
  transpose: { places: ["dim0", "dim1"] },
  flatten: { places: ["startDim", "endDim"] },
  unflatten: { places: ["dim", "sizes"] },
  flip: { places: ["dims"] },
  roll: { places: ["shifts", "dims"] },
  rot90: { places: ["k", "dims"] },
  tril: DIAGONAL,
  triu: DIAGONAL,
  diag: DIAGONAL,
  diagonal: { places: ["offset", "dim1", "dim2"] },
  narrow: { places: ["dim", "start", "length"] },
  select: { places: ["dim", "index"] },
  multinomial: { places: ["numSamples", "replacement"] },
  gather: { places: ["dim", "index"] },
  scatter: { places: ["dim", "index", "src"] },
  scatterAdd: { places: ["dim", "index", "src"] },
  indexSelect: { places: ["dim", "index"] },
};

for (const [name, signature] of Object.entries(SIGNATURES)) {
  const method: unknown = Reflect.get(Tensor.prototype, name);
  if (typeof method !== "function") throw new Error(`Tensor has no method ${name}`);
  const value = function (this: unknown, ...args: readonly unknown[]): unknown {
    const last = args[args.length - 1];
    return Reflect.apply(method, this, typeof last === "object" ? byPlace(name, signature, args) : args);
  };
  Object.defineProperty(value, "name", { value: name, configurable: true });
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}
