import { types } from "node:util";
import type { SiteId } from "../protocol/ids.ts";

/**
 * The call of the user's source that is under way. The model loader rewrites `x.matmul(w)` to
 * `x.matmul(__site(17, w))`: arguments are evaluated before the call, so the op that then runs finds its own site here.
 */
let current = 0 as SiteId;

export function currentSite(): SiteId {
  return current;
}

/** The engine restores the site after it has called into user code. */
export function setCurrentSite(site: SiteId): void {
  current = site;
}

/** What instrumented code calls: notes the site and passes the value on. */
export function __site<T>(id: number, value: T): T {
  current = id as SiteId;
  return value;
}

/** The call of `super` that is under way or was last, and the call outside of the constructors that it is made from. */
let superSite = 0 as SiteId;
let outside = 0 as SiteId;

/** What instrumented code calls in the place of {@link __site} for `super(…)`. */
export function __super<T>(id: number, value: T): T {
  if (current !== superSite) outside = current;
  superSite = current = id as SiteId;
  return value;
}

/** Where objects are made whose constructors have yet to compute what they pass to `super`. */
const kept: SiteId[] = [];

/** What instrumented code calls before the arguments of `super(f())` are computed: those are calls of their own. */
export function __keep(): void {
  kept.push(constructionSite());
}

/** What instrumented code calls in the place of {@link __super} once they are. */
export function __kept<T>(id: number, value: T): T {
  outside = kept.pop()!;
  superSite = current = id as SiteId;
  return value;
}

/** Where an object is made, as its base class asks: the `new`, and not the `super` of its own constructor. */
export function constructionSite(): SiteId {
  return current === superSite ? outside : current;
}

const labelers: ((value: object, name: string) => void)[] = [];

/** Tensors and modules register how they are named; this module stays free of imports, as every model file loads it. */
export function onLabel(callback: (value: object, name: string) => void): void {
  labelers.push(callback);
}

function labelObject(value: object, name: string): void {
  for (const label of labelers) label(value, name);
}

/** An array that is longer is data, not a handful of results. */
const MOST_ELEMENTS = 64;

/**
 * What instrumented code calls around the right-hand side of an assignment, and after a destructuring: names the
 * tensor, or those of an array (`parts[0]`).
 */
export function __label<T>(name: string, value: T): T {
  // Numbers are assigned everywhere.
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
  // Nothing of the program's may run because it gives a thing a name: a Proxy would be asked for its elements.
  if (Array.isArray(value)) {
    if (!types.isProxy(value)) labelElements(name, value);
  } else labelObject(value, name);
  return value;
}

function labelElements(name: string, values: readonly unknown[]): void {
  if (values.length > MOST_ELEMENTS) return;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === "object" && value !== null) labelObject(value, `${name}[${i}]`);
  }
}
