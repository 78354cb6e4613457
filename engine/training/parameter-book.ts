import { currentSite } from "../context/site.ts";
import type { Pass } from "../autograd/pass.ts";
import { Parameter } from "../api/nn/parameter.ts";
import type { NodeId, SiteId } from "../protocol/ids.ts";
import { runtime } from "../core/runtime.ts";
import { readElements, type Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";

/** So many elements tell whether a gradient was added to what was there. */
const COMPARED_ELEMENTS = 64;

/** What is known of one leaf while the program runs. */
export interface ParameterEntry {
  readonly id: number;
  /** The parameter may be let go of; it is then only a part of what happened. */
  readonly tensor: WeakRef<Tensor>;
  readonly shape: readonly number[];
  readonly madeAt: SiteId;
  readonly ofModule: boolean;
  name: string;
  learns: boolean;
  frozenAt: SiteId;
  readonly optimizers: Set<number>;
  seen: number;
  reached: number;
  reachedByZero: number;
  lastReached: number;
  firstSeen: number;
  lastSeen: number;
  writtenFirst: number;
  writtenAt: SiteId;
  moved: boolean;
  /** Its `.grad` has been used by a step since it was last empty. */
  used: boolean;
  /** A pass has added to a gradient that a step had used. */
  stale: boolean;
}

/** The leaves that a program learns, by number. */
export class ParameterBook {
  readonly #entries: ParameterEntry[] = [];
  readonly #ids = new WeakMap<Tensor, ParameterEntry>();

  /** Whether every gradient so far was finite. */
  finite = true;

  get entries(): readonly ParameterEntry[] {
    return this.#entries;
  }

  of(tensor: Tensor): ParameterEntry {
    const known = this.#ids.get(tensor);
    if (known) return known;
    const entry: ParameterEntry = {
      id: this.#entries.length,
      tensor: new WeakRef(tensor),
      shape: tensor.shape,
      madeAt: tensor.site,
      ofModule: tensor instanceof Parameter,
      name: "",
      learns: tensor.requiresGrad,
      frozenAt: 0 as SiteId,
      optimizers: new Set(),
      seen: 0,
      reached: 0,
      reachedByZero: 0,
      lastReached: -1,
      firstSeen: -1,
      lastSeen: -1,
      writtenFirst: -1,
      writtenAt: 0 as SiteId,
      moved: false,
      used: false,
      stale: false,
    };
    this.#entries.push(entry);
    this.#ids.set(tensor, entry);
    return entry;
  }

  known(tensor: Tensor): ParameterEntry | undefined {
    return this.#ids.get(tensor);
  }

  switched(tensor: Tensor, flag: boolean): void {
    const entry = this.#ids.get(tensor);
    if (entry) entry.learns = flag;
    if (!flag && tensor.requiresGrad) this.of(tensor).frozenAt = currentSite();
  }

  /**
   * A pass of backward() has run.
   * @param norms of the gradients that it gave leaves, by row, where they are known
   * @returns the leaves that it gave a gradient
   */
  finished(pass: Pass, norms: ReadonlyMap<NodeId, number>): readonly ParameterEntry[] {
    const fed: ParameterEntry[] = [];
    for (const [row, leaf] of pass.leaves) {
      if (!leaf.ownRequiresGrad || leaf.ownNode !== null) continue;
      const entry = this.of(leaf);
      const { writtenAt } = leaf.storage;
      if (entry.writtenFirst < 0) {
        entry.writtenFirst = writtenAt;
        entry.writtenAt = leaf.storage.lastWrite?.by ?? (0 as SiteId);
      } else if (writtenAt !== entry.writtenFirst) entry.moved = true;
      if (pass.kind !== "backward") continue;
      entry.seen++;
      if (entry.firstSeen < 0) entry.firstSeen = pass.id;
      entry.lastSeen = pass.id;
      const offset = pass.tape.gradient(row);
      if (offset === 0 || leaf.grad === null) continue;
      const gradient: View = {
        dtype: leaf.dtype,
        offset,
        shape: leaf.shape,
        strides: pass.tape.gradientStrides(row),
      };
      entry.reached++;
      entry.lastReached = pass.id;
      const norm = norms.get(row) ?? runtime.kernels.statistics(gradient).norm;
      if (norm === 0) entry.reachedByZero++;
      else if (!Number.isFinite(norm)) this.finite = false;
      if (isCarried(gradient, leaf.grad)) {
        if (entry.used) entry.stale = true;
      } else entry.used = entry.stale = false;
      fed.push(entry);
    }
    return fed;
  }
}

/** Whether `.grad` holds more than what this pass has added. */
function isCarried(gradient: View, accumulated: View): boolean {
  if (gradient.offset === accumulated.offset) return false;
  const [a, b] = [firstElements(gradient), firstElements(accumulated)];
  return a.some((value, i) => value !== b[i] && !(Number.isNaN(value) && Number.isNaN(b[i])));
}

/** Elements of the first entry along each axis but as many of the last as are compared. */
function firstElements(view: View): Float64Array {
  const shape = [...view.shape];
  let room = COMPARED_ELEMENTS;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    shape[axis] = Math.min(shape[axis]!, Math.max(1, room));
    room = Math.floor(room / Math.max(1, shape[axis]!));
  }
  return readElements({ ...view, shape });
}

/** Who wrote a parameter before the first pass, beside the call that made it and drew its values; null of nobody. */
export function firstWriter({ tensor, writtenFirst, writtenAt, madeAt }: ParameterEntry): SiteId | null {
  const by = writtenFirst < 0 ? tensor.deref()?.storage.lastWrite?.by : writtenFirst > 0 ? writtenAt : undefined;
  return by === undefined || by === madeAt ? null : by;
}
