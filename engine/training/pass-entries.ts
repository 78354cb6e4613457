import type { Site } from "../protocol/site.ts";

export interface PassEntry {
  readonly index: number;
  readonly kind: "backward" | "grad";
  readonly loss: number | null;
  readonly site: Site | null;
}

/** The passes of a run in order, which may be millions: gone through one by one, and never copied. An array is one of these. */
export interface PassEntries extends Iterable<PassEntry> {
  readonly length: number;
  at(index: number): PassEntry | undefined;
  some(is: (pass: PassEntry) => boolean): boolean;
  findLast(is: (pass: PassEntry) => boolean): PassEntry | undefined;
}

const FIRST_ROOM = 1024;
/** What stands for the kind of a pass, with whether it has a loss. */
const GRAD = 1;
const HAS_LOSS = 2;

/** The passes of a run as columns. */
export class PassColumns implements PassEntries {
  #length = 0;
  #indices = new Uint32Array(FIRST_ROOM);
  #losses = new Float64Array(FIRST_ROOM);
  #flags = new Uint8Array(FIRST_ROOM);
  #sites = new Uint32Array(FIRST_ROOM);
  readonly #distinct: (Site | null)[] = [];
  readonly #numbers = new Map<Site | null, number>();

  get length(): number {
    return this.#length;
  }

  push({ index, kind, loss, site }: PassEntry): void {
    if (this.#length === this.#indices.length) this.#grow();
    let number = this.#numbers.get(site);
    if (number === undefined) this.#numbers.set(site, (number = this.#distinct.push(site) - 1));
    const at = this.#length++;
    this.#indices[at] = index;
    this.#losses[at] = loss ?? 0;
    this.#flags[at] = (kind === "grad" ? GRAD : 0) | (loss === null ? 0 : HAS_LOSS);
    this.#sites[at] = number;
  }

  at(index: number): PassEntry | undefined {
    const at = index < 0 ? this.#length + index : index;
    if (at < 0 || at >= this.#length) return undefined;
    const flags = this.#flags[at]!;
    return {
      index: this.#indices[at]!,
      kind: flags & GRAD ? "grad" : "backward",
      loss: flags & HAS_LOSS ? this.#losses[at]! : null,
      site: this.#distinct[this.#sites[at]!]!,
    };
  }

  some(is: (pass: PassEntry) => boolean): boolean {
    for (const pass of this) if (is(pass)) return true;
    return false;
  }

  findLast(is: (pass: PassEntry) => boolean): PassEntry | undefined {
    for (let at = this.#length - 1; at >= 0; at--) {
      const pass = this.at(at)!;
      if (is(pass)) return pass;
    }
    return undefined;
  }

  *[Symbol.iterator](): Iterator<PassEntry> {
    for (let at = 0; at < this.#length; at++) yield this.at(at)!;
  }

  #grow(): void {
    const room = 2 * this.#indices.length;
    const [indices, losses, flags, sites] = [this.#indices, this.#losses, this.#flags, this.#sites];
    (this.#indices = new Uint32Array(room)).set(indices);
    (this.#losses = new Float64Array(room)).set(losses);
    (this.#flags = new Uint8Array(room)).set(flags);
    (this.#sites = new Uint32Array(room)).set(sites);
  }
}

/** The lines that passes were called at, each once; null stands for one that nobody knows. */
export function linesOf(passes: PassEntries): ReadonlySet<string | null> {
  const lines = new Set<string | null>();
  const seen = new Set<Site | null>();
  for (const { site } of passes) {
    if (seen.has(site)) continue;
    seen.add(site);
    lines.add(site && `${site.file}:${site.line}`);
  }
  return lines;
}
