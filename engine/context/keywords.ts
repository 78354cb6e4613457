import { EngineError } from "./engine-error.ts";
import { checkOptions } from "./options.ts";

/**
 * Python's keywords: what a call may give by name, in one object at its end, it may also give by place.
 * `x.softmax({ dim: -1 })` is `x.softmax(-1)`, `x.sum(1, { keepdim: true })` is `x.sum(1, true)`.
 */
export interface Signature {
  /** The names of the arguments by place. */
  readonly places: readonly string[];
  /** What is only ever given by name, in an object after them. */
  readonly options?: readonly string[];
}

/** NumPy's names for PyTorch's, which PyTorch takes too. */
const SYNONYMS: Readonly<Record<string, string>> = { axis: "dim", axes: "dims", keepdims: "keepdim" };

function isKeywords(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
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
