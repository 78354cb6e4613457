import { EngineError } from "./engine-error.ts";
import type { SiteId } from "../protocol/ids.ts";

/**
 * The module or composite function whose forward is running. Every node notes the scope it was made in; the graph
 * groups by it.
 */
export class CallScope {
  readonly parent: CallScope | null;
  readonly kind: "module" | "function";
  /** Last part of the path: the field's name in the parent module, or the function's name. */
  readonly name: string;
  /** Class of a module, or the function's name again. */
  readonly type: string;
  /** Which call of it in the pass under way, from 0. */
  readonly call: number;
  /** Where the module was made; 0 of a function. */
  readonly madeAt: SiteId;
  /** Where a pass listed it: an index that holds for the pass `listedIn`. */
  index = -1;
  listedIn = -1;

  constructor(
    parent: CallScope | null,
    kind: "module" | "function",
    name: string,
    type: string,
    call: number,
    madeAt = 0 as SiteId,
  ) {
    this.parent = parent;
    this.kind = kind;
    this.name = name;
    this.type = type;
    this.call = call;
    this.madeAt = madeAt;
  }

  get path(): string {
    return this.parent === null || this.parent.path === "" ? this.name : `${this.parent.path}.${this.name}`;
  }
}

let current: CallScope | null = null;
let epoch = 0;

export function currentScope(): CallScope | null {
  return current;
}

/** Calls are counted from 0 again after each pass. */
export function startCounting(): void {
  epoch++;
}

/** Counts the calls of one module, or of one function within one scope. */
export class CallCounter {
  #epoch = -1;
  #count = 0;

  next(): number {
    if (this.#epoch !== epoch) {
      this.#epoch = epoch;
      this.#count = 0;
    }
    return this.#count++;
  }
}

/** Makes `scope` the current one. @returns the one before, to be restored. */
export function enterScope(scope: CallScope | null): CallScope | null {
  const before = current;
  current = scope;
  return before;
}

/** Runs `body` inside `scope`, and restores what was before, also when it throws. */
export function inScope<T>(scope: CallScope | null, body: () => T): T {
  const before = current;
  current = scope;
  try {
    return body();
  } finally {
    current = before;
  }
}

const functionCounters = new Map<string, CallCounter>();

/** Runs the body of a function that is made of ops, so that they appear as one group: `crossEntropy`, `lstm`. */
export function composite<T>(name: string, body: () => T): T {
  let counter = functionCounters.get(name);
  if (!counter) functionCounters.set(name, (counter = new CallCounter()));
  try {
    return inScope(new CallScope(current, "function", name, name, counter.next()), body);
  } catch (error) {
    // The user called this function, not the op inside it that refused.
    throw error instanceof EngineError ? error.renamed(name) : error;
  }
}
