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

/** Names of what an assignment binds: one name, or those of a destructuring pattern by position or key. */
export type LabelPattern = string | readonly (string | null)[] | { readonly [key: string]: string };

let labelTensor: (value: unknown, name: string) => void = () => {};

/** The tensor module registers how a value is named; this module stays free of imports, as every model file loads it. */
export function onLabel(callback: (value: unknown, name: string) => void): void {
  labelTensor = callback;
}

/** What instrumented code calls around the right-hand side of an assignment: names the tensors in it. */
export function __label<T>(pattern: LabelPattern, value: T): T {
  if (typeof pattern === "string") labelTensor(value, pattern);
  else if (typeof value === "object" && value !== null) {
    if (isList(pattern)) {
      if (Array.isArray(value)) pattern.forEach((name, i) => name !== null && labelTensor(value[i], name));
    } else {
      for (const key of Object.keys(pattern)) labelTensor(Reflect.get(value, key), pattern[key]!);
    }
  }
  return value;
}

function isList(pattern: Exclude<LabelPattern, string>): pattern is readonly (string | null)[] {
  return Array.isArray(pattern);
}
