import type { Pass } from "../autograd/pass.ts";
import type { SiteId } from "../protocol/ids.ts";
import type { Site } from "../protocol/site.ts";
import type { ParameterBook } from "./parameter-book.ts";
import type { PassContext } from "./pass-view.ts";

/** What this thread knows of a pass that it has just run. */
export function liveContext(pass: Pass, book: ParameterBook, siteOf: (id: SiteId) => Site | null): PassContext {
  const leaves = new Map<number, (typeof pass.leaves)[number][1]>(pass.leaves);
  return {
    origin: (row) => leaves.get(row)?.origin ?? null,
    parameter: (row) => {
      const leaf = leaves.get(row);
      return leaf ? (book.known(leaf)?.id ?? -1) : -1;
    },
    parametersBehind: (origin) => book.behind(origin),
    madeAt: (scope) => siteOf(pass.tables.scopes[scope]?.madeAt ?? (0 as SiteId)),
    siteOf: (origin) => siteOf(origin.site),
  };
}
