import type { SiteId } from "../../protocol/ids.ts";
import type { Site } from "../../protocol/site.ts";
import type { CompiledSite } from "./compiled-module.ts";

/** Every call of the user's files by its id. Ids count from 1 and are never given twice in a process; 0 is no call. */
export class SiteRegistry {
  readonly #sites: Site[] = [];
  #taken = 0;
  /** Told when calls were added. */
  observer: (() => void) | null = null;

  /** Gives a file's calls consecutive ids, and returns the first. */
  add(file: string, sites: readonly CompiledSite[]): SiteId {
    const first = this.#sites.length + 1;
    for (const { range, within } of sites) {
      const [line, column, endLine, endColumn] = range;
      const site = { file, line, column, endLine, endColumn };
      this.#sites.push(within === undefined ? site : { ...site, within });
    }
    this.observer?.();
    return first as SiteId;
  }

  get(id: SiteId): Site | null {
    return this.#sites[id - 1] ?? null;
  }

  /** Every call, in order of the ids. */
  get all(): readonly Site[] {
    return this.#sites;
  }

  /** The sites added since the last call, in order of their ids: the first of all is number 1. */
  takeNew(): readonly Site[] {
    const fresh = this.#sites.slice(this.#taken);
    this.#taken = this.#sites.length;
    return fresh;
  }
}
