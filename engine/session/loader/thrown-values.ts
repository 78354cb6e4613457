import { types } from "node:util";
import type { SiteId } from "../../protocol/ids.ts";

const MOST_PRIMITIVES = 8;

const objects = new WeakMap<object, SiteId>();
/** The last few, newest first. */
let primitives: readonly { readonly value: unknown; readonly site: SiteId }[] = [];

let noteUnreadable: (site: SiteId) => void = () => undefined;

/** @param note called when the program throws something whose `name`, which Node reads, is code */
export function onUnreadableThrow(note: (site: SiteId) => void): void {
  noteUnreadable = note;
}

/** Whether it calls code to read the `name` of something: a getter, or a trap of a Proxy. It calls none itself. */
function isNamedByCode(value: unknown): boolean {
  let at: unknown = value;
  while ((typeof at === "object" || typeof at === "function") && at !== null) {
    if (types.isProxy(at)) return true;
    // Those of the system's own exceptions are getters as well.
    if (at === DOMException.prototype) return false;
    const descriptor = Object.getOwnPropertyDescriptor(at, "name");
    if (descriptor !== undefined) return !("value" in descriptor);
    at = Object.getPrototypeOf(at);
  }
  return false;
}

/** What instrumented code calls in a `throw`: what is not an Error carries no stack, so the place is noted here. */
export function __thrown<T>(id: number, value: T): T {
  const site = id as SiteId;
  if (typeof value === "object" && value !== null) {
    // The first throw is where it came from; later ones hand it on. What is thrown may be a Proxy, whose traps are user
    // code: `instanceof` would call them.
    if (!Error.isError(value) && !objects.has(value)) objects.set(value, site);
    if (isNamedByCode(value)) noteUnreadable(site);
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
