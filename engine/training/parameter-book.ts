import { currentSite } from "../context/site.ts";
import type { Pass } from "../autograd/pass.ts";
import { Parameter } from "../api/nn/parameter.ts";
import type { NodeId, SiteId } from "../protocol/ids.ts";
import { runtime } from "../core/runtime.ts";
import { readElements } from "../core/elements.ts";
import type { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import type { Site } from "../protocol/site.ts";
import type { Origin } from "../core/origin.ts";
import type { Read } from "../core/reads.ts";
import { learnedBehind } from "./cuts.ts";
import { HandSteps } from "./hand-steps.ts";
import type { HandStepHistory, VainSwitchHistory } from "./training.ts";

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
  reads: number;
  readAt: SiteId;
  readBy: string;
  readBehind: boolean;
  firstSeen: number;
  lastSeen: number;
  writtenFirst: number;
  writtenAt: SiteId;
  moved: boolean;
  /** When it was written last, as far as a pass has seen. */
  writtenLast: number;
  /** How often the program itself wrote it between passes, and how often with a gradient that it had used before. */
  handSteps: number;
  staleHandSteps: number;
  /** Its `.grad` has been used by a step since it was last empty. */
  used: boolean;
  /** A pass has added to a gradient that a step had used. */
  stale: boolean;
}

/** The leaves that a program learns, by number. */
export class ParameterBook {
  readonly #entries: ParameterEntry[] = [];
  readonly #ids = new WeakMap<Tensor, ParameterEntry>();

  /** Lines that told leaves to require a gradient; null of what, where it was new to one of them. */
  readonly #vain = new Map<SiteId, { readonly before: number; readonly parameters: Set<number> | null }>();

  /** Steps that no optimizer took. */
  readonly hands = new HandSteps();

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
      reads: 0,
      readAt: 0 as SiteId,
      readBy: "",
      readBehind: false,
      firstSeen: -1,
      lastSeen: -1,
      writtenFirst: -1,
      writtenAt: 0 as SiteId,
      moved: false,
      writtenLast: -1,
      handSteps: 0,
      staleHandSteps: 0,
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

  /** Numbers of the parameters that a value was made of. */
  behind(value: Origin): Set<number> {
    const leaves = learnedBehind(value);
    return new Set(
      this.#entries.flatMap(({ id, tensor }) => {
        const known = tensor.deref()?.origin;
        return known && leaves.has(known) ? [id] : [];
      }),
    );
  }

  /** @param passes how many have run */
  switched(tensor: Tensor, flag: boolean, passes: number): void {
    const entry = this.#ids.get(tensor);
    if (entry) entry.learns = flag;
    const by = currentSite();
    const vain = this.#vain.get(by);
    if (flag && !tensor.requiresGrad) this.#vain.set(by, { before: passes, parameters: null });
    else if (flag && entry && entry.reached > 0 && vain?.parameters !== null) {
      if (vain) vain.parameters.add(entry.id);
      else this.#vain.set(by, { before: passes, parameters: new Set([entry.id]) });
    }
    if (!flag && tensor.requiresGrad) this.of(tensor).frozenAt = currentSite();
  }

  /**
   * A pass of backward() has run.
   * @param norms of the gradients that it gave leaves, by row, where they are known
   * @returns the leaves that it gave a gradient
   */
  finished(pass: Pass, norms: ReadonlyMap<NodeId, number>): readonly ParameterEntry[] {
    const fed: ParameterEntry[] = [];
    this.hands.passed();
    for (const [row, leaf] of pass.leaves) {
      if (!leaf.ownRequiresGrad || leaf.ownNode !== null) continue;
      const entry = this.of(leaf);
      const { writtenAt } = leaf.storage;
      if (entry.writtenFirst < 0) {
        entry.writtenFirst = writtenAt;
        entry.writtenAt = leaf.storage.lastWrite?.by ?? (0 as SiteId);
      } else if (writtenAt !== entry.writtenFirst) entry.moved = true;
      if (pass.kind !== "backward") {
        this.#noteGradient(entry, leaf, pass, row);
        continue;
      }
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
      if (entry.optimizers.size === 0) this.#noteHandStep(entry, leaf);
      const norm = norms.get(row) ?? runtime.kernels.statistics(gradient).norm;
      if (norm === 0) entry.reachedByZero++;
      else if (!Number.isFinite(norm)) this.finite = false;
      if (isCarried(gradient, leaf.grad)) {
        if (entry.used) entry.stale = true;
      } else entry.used = entry.stale = false;
      if (entry.optimizers.size === 0) this.hands.keep(entry.id, leaf, leaf.grad);
      fed.push(entry);
    }
    return fed;
  }

  /** autograd.grad() has given the program the gradient of a leaf: a step by hand may follow. */
  #noteGradient(entry: ParameterEntry, leaf: Tensor, pass: Pass, row: NodeId): void {
    const offset = pass.tape.gradient(row);
    if (offset === 0 || entry.optimizers.size > 0) return;
    this.#noteHandStep(entry, leaf);
    // What is given is the program's: nothing is left in .grad that a later step could use again.
    entry.used = entry.stale = false;
    this.hands.keep(entry.id, leaf, {
      ...{ dtype: leaf.dtype, offset, shape: leaf.shape },
      strides: pass.tape.gradientStrides(row),
    });
  }

  /** Numbers of leaves that no pass has met were read before the pass that has just ended. */
  noteReads(reads: readonly Read[]): void {
    const unmet = reads.length > 0 ? this.#entries.filter(({ seen }) => seen === 0) : [];
    // A single number is read to be printed.
    const computed = reads.filter(({ origin, values }) => values.length > 1 && isOrWasLive(origin));
    const behind = unmet.some(({ optimizers }) => optimizers.size > 0)
      ? computed.map((one) => [one, learnedBehind(one.origin)] as const)
      : [];
    for (const entry of unmet) {
      const origin = entry.tensor.deref()?.origin;
      if (origin?.learned !== true) continue;
      const own = reads.find((one) => one.origin === origin);
      const read = own ?? behind.find(([, leaves]) => leaves.has(origin))?.[0];
      if (!read) continue;
      entry.reads++;
      entry.readAt = read.site;
      entry.readBy = read.by;
      entry.readBehind = own === undefined;
    }
  }

  /** Lines that told parameters to require a gradient, and changed nothing. */
  vainSwitches(siteOf: (id: SiteId) => Site | null): VainSwitchHistory[] {
    return [...this.#vain].flatMap(([by, { before, parameters }]) =>
      parameters === null ? [] : [{ site: siteOf(by), parameters: [...parameters], before }],
    );
  }

  /** What the program did to its parameters itself, by line. */
  handSteps(siteOf: (id: SiteId) => Site | null): HandStepHistory[] {
    const lines = Map.groupBy(this.hands.steps, ({ by }) => by);
    return [...lines].map(([by, steps]) => {
      const parameters = [...new Set(steps.map(({ parameter }) => parameter))];
      return {
        site: siteOf(by),
        parameters,
        steps: Math.max(...parameters.map((id) => this.#entries[id]!.handSteps)),
        staleSteps: Math.max(...parameters.map((id) => this.#entries[id]!.staleHandSteps)),
        samples: steps.map(({ along, update, weight, rate }) => ({ along, ratio: update / weight, rate })),
      };
    });
  }

  /** The program may have moved a parameter itself since the pass before. */
  #noteHandStep(entry: ParameterEntry, leaf: Tensor): void {
    this.hands.compare(entry.id, leaf);
    const { writtenAt } = leaf.storage;
    const isWritten = entry.writtenLast >= 0 && writtenAt !== entry.writtenLast;
    entry.writtenLast = writtenAt;
    if (!isWritten) return;
    entry.handSteps++;
    if (entry.stale) entry.staleHandSteps++;
    entry.used = true;
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
  const { dtype, offset, strides } = view;
  const shape = [...view.shape];
  let room = COMPARED_ELEMENTS;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    shape[axis] = Math.min(shape[axis]!, Math.max(1, room));
    room = Math.floor(room / Math.max(1, shape[axis]!));
  }
  // Part by part: a tensor that is a view has these from its prototype.
  return readElements({ dtype, offset, strides, shape });
}

/** Who wrote a parameter before the first pass, beside the call that made it and drew its values; null of nobody. */
export function firstWriter({ tensor, writtenFirst, writtenAt, madeAt }: ParameterEntry): SiteId | null {
  const by = writtenFirst < 0 ? tensor.deref()?.storage.lastWrite?.by : writtenFirst > 0 ? writtenAt : undefined;
  return by === undefined || by === madeAt ? null : by;
}

/** Whether a value is part of a graph, or was cut off one as it is. */
function isOrWasLive({ live, learned, op, inputs }: Origin): boolean {
  return !learned && (live || (op === "detach" && inputs[0]?.live === true));
}
