import type { SiteId } from "../../protocol/ids.ts";

const MOST_PRIMITIVES = 8;

const objects = new WeakMap<object, SiteId>();
/** The last few, newest first. */
let primitives: readonly { readonly value: unknown; readonly site: SiteId }[] = [];

/** What instrumented code calls in a `throw`: what is not an Error carries no stack, so the place is noted here. */
export function __thrown<T>(id: number, value: T): T {
  const site = id as SiteId;
  if (typeof value === "object" && value !== null) {
    // The first throw is where it came from; later ones hand it on. What is thrown may be a Proxy, whose traps are user
    // code: `instanceof` would call them.
    if (!Error.isError(value) && !objects.has(value)) objects.set(value, site);
  } else {
    primitives = [{ value, site }, ...primitives.slice(0, MOST_PRIMITIVES - 1)];
  }
  return value;
}

/** Where a value that is not an Error was thrown, if a `throw` of the user's did. */
export function siteOfThrown(value: unknown): SiteId | null {
  if (typeof value === "object" && value !== null) return objects.get(value) ?? null;
  return primitives.find((thrown) => Object.is(thrown.value, value))?.site ?? null;
}
