import { checkOptions } from "../../context/options.ts";
import { EngineError } from "../../context/engine-error.ts";
import { Tensor } from "../../core/tensor.ts";

/**
 * Python's keywords: what a call may give by name, in one object at its end, it may also give by place.
 * `x.softmax({ dim: -1 })` is `x.softmax(-1)`, `x.sum(1, { keepdim: true })` is `x.sum(1, true)`.
 */
interface Signature {
  /** The names of the arguments by place. */
  readonly places: readonly string[];
  /** What is only ever given by name, in an object after them. */
  readonly options?: readonly string[];
}

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
  gather: { places: ["dim", "index"] },
  scatter: { places: ["dim", "index", "src"] },
  scatterAdd: { places: ["dim", "index", "src"] },
  indexSelect: { places: ["dim", "index"] },
};

/** NumPy's names for PyTorch's, which PyTorch takes too. */
const SYNONYMS: Readonly<Record<string, string>> = { axis: "dim", axes: "dims", keepdims: "keepdim" };

function isKeywords(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || value instanceof Tensor || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * The arguments of a call by place, given some by name in an object at the end.
 * @throws EngineError on a name that the call does not take, one given twice, and one whose value is undefined.
 */
export function byPlace(op: string, signature: Signature, args: readonly unknown[]): readonly unknown[] {
  const last = args[args.length - 1];
  if (!isKeywords(last)) return args;
  const { places, options = [] } = signature;
  const placed = args.slice(0, -1);
  const given = placed.length;
  const rest: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(last)) {
    const name = SYNONYMS[key] ?? key;
    if (value === undefined) {
      throw new EngineError("value", `${op}: ${key} is undefined`, { fix: `leave it out, or give it a value` });
    }
    const place = places.indexOf(name);
    if (place < 0 || options.includes(name)) rest[name] = value;
    else if (place < given) throw new EngineError("value", `${op}: ${key} is given twice, by place and by name`);
    else placed[place] = value;
  }
  // Named so that a misspelt one is answered with all that there are.
  if (Object.keys(rest).length === 0) return placed;
  checkOptions(op, rest, [...places.slice(given), ...options]);
  placed[Math.max(placed.length, places.length)] = rest;
  return placed;
}

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
