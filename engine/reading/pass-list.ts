import type { PassSummary } from "../protocol/engine.ts";
import type { PassId } from "../protocol/ids.ts";
import type { Site } from "../protocol/site.ts";

const GRAD = 1;
const HAS_LOSS = 2;
const KEPT = 4;
const FIRST_ROOM = 1024;

/** All passes of a run by their numbers, as columns: of a million of them an object each would take a hundred megabytes. */
export class PassList {
  #length = 0;
  #passes = new Uint32Array(FIRST_ROOM);
  #within = new Int32Array(FIRST_ROOM);
  #losses = new Float64Array(FIRST_ROOM);
  #nodes = new Uint32Array(FIRST_ROOM);
  #siteOf = new Uint32Array(FIRST_ROOM);
  #flags = new Uint8Array(FIRST_ROOM);
  readonly #sites: (Site | null)[] = [];
  readonly #siteNumbers = new Map<string, number>();

  get length(): number {
    return this.#length;
  }

  /** Puts a pass where its number stands: passes come as they end, and one within another ends before that. */
  add({ pass, within, kind, loss, nodeCount, site, kept }: PassSummary): void {
    if (this.#length === this.#passes.length) this.#grow();
    let at = this.#length++;
    for (; at > 0 && this.#passes[at - 1]! > pass; at--) {
      for (const column of this.#columns()) column[at] = column[at - 1]!;
    }
    this.#passes[at] = pass;
    this.#within[at] = within ?? -1;
    this.#losses[at] = loss ?? 0;
    this.#nodes[at] = nodeCount;
    this.#siteOf[at] = this.#numberOf(site);
    this.#flags[at] = (kind === "grad" ? GRAD : 0) | (loss === null ? 0 : HAS_LOSS) | (kept ? KEPT : 0);
  }

  /** A pass is no longer kept. */
  release(pass: PassId): void {
    const at = this.#indexOf(pass);
    if (at >= 0) this.#flags[at]! &= ~KEPT;
  }

  /** The passes from one place of the list to before another. */
  slice(from = 0, to = this.#length): PassSummary[] {
    const end = Math.min(to, this.#length);
    return Array.from({ length: Math.max(0, end - from) }, (_, i) => this.#at(from + i));
  }

  /** The one of a number; there is one. */
  of(pass: PassId): PassSummary {
    return this.#at(this.#indexOf(pass));
  }

  #at(at: number): PassSummary {
    const [within, flags] = [this.#within[at]!, this.#flags[at]!];
    return {
      pass: this.#passes[at]! as PassId,
      ...(within >= 0 && { within: within as PassId }),
      kind: flags & GRAD ? "grad" : "backward",
      loss: flags & HAS_LOSS ? this.#losses[at]! : null,
      nodeCount: this.#nodes[at]!,
      site: this.#sites[this.#siteOf[at]!]!,
      kept: (flags & KEPT) !== 0,
    };
  }

  #indexOf(pass: PassId): number {
    let [low, high] = [0, this.#length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.#passes[middle]!;
      if (found === pass) return middle;
      if (found < pass) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  #numberOf(site: Site | null): number {
    const key = site === null ? "" : `${site.file}:${site.line}:${site.column}:${site.endLine}:${site.endColumn}`;
    let number = this.#siteNumbers.get(key);
    if (number === undefined) this.#siteNumbers.set(key, (number = this.#sites.push(site) - 1));
    return number;
  }

  #columns(): readonly (Uint32Array | Int32Array | Float64Array | Uint8Array)[] {
    return [this.#passes, this.#within, this.#losses, this.#nodes, this.#siteOf, this.#flags];
  }

  #grow(): void {
    const room = 2 * this.#passes.length;
    const larger = <Column extends { set(from: ArrayLike<number>): void }>(column: Column, from: ArrayLike<number>) => {
      column.set(from);
      return column;
    };
    this.#passes = larger(new Uint32Array(room), this.#passes);
    this.#within = larger(new Int32Array(room), this.#within);
    this.#losses = larger(new Float64Array(room), this.#losses);
    this.#nodes = larger(new Uint32Array(room), this.#nodes);
    this.#siteOf = larger(new Uint32Array(room), this.#siteOf);
    this.#flags = larger(new Uint8Array(room), this.#flags);
  }
}
