import type { SiteId } from "../protocol/ids.ts";

/** Where hooks on gradients were registered, to name the one that changed a gradient. */
const sites = new WeakMap<object, SiteId>();

export function noteHook(hook: object, site: SiteId): void {
  sites.set(hook, site);
}

/** 0 where that is not known. */
export function hookSite(hook: object): SiteId {
  return sites.get(hook) ?? (0 as SiteId);
}
