import { elementCount } from "../core/shape.ts";
import { enterRuntime } from "../core/runtime.ts";
import { ScratchArena } from "../memory/arena.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import { BYTES_PER_ELEMENT } from "../protocol/dtype.ts";
import type { PassSummary } from "../protocol/engine.ts";
import type { Failure } from "../protocol/failure.ts";
import type { PassId } from "../protocol/ids.ts";
import { HELD_AS, RECORDED_BYTES } from "../protocol/recorded-dtype.ts";
import type { Recording } from "../recording/recording.ts";
import { keyOfTensor, type TensorRef } from "../recording/tensor-ref.ts";
import { decodeElements } from "./decode-elements.ts";
import { tensorsOf, type PassSource } from "./pass-source.ts";
import type { SharedPass } from "./shared-pass.ts";
import { StructurePass } from "./structure-pass.ts";

/** A pass that has been opened, and what has been brought of it. */
interface OpenPass {
  readonly pass: StructurePass;
  readonly offsets: Map<string, number>;
  /** Null until something is brought. */
  arena: ScratchArena | null;
  bytes: number;
  readers: number;
  /** Whether it is to be let go when nobody reads it any more. */
  isForgotten: boolean;
}

/** How much may stay in memory of passes that nobody reads at the moment. */
const KEPT_BYTES = 512 * 2 ** 20;

/** The passes of a recording outside this process's memory: tensors are brought when a reader asks for them. */
export class PagedSource implements PassSource {
  readonly #memory: SharedMemory;
  readonly #recording: Recording;
  /** By when each was last asked for, the latest last. */
  readonly #open = new Map<PassId, OpenPass>();
  readonly #opening = new Map<PassId, Promise<StructurePass>>();
  /** Tensors on their way: two readers that ask for one wait for the same bytes. */
  readonly #arriving = new Map<string, Promise<void>>();
  readonly #spareArenas: ScratchArena[] = [];

  constructor(memory: SharedMemory, recording: Recording) {
    this.#memory = memory;
    this.#recording = recording;
  }

  get passes(): readonly PassSummary[] {
    return this.#recording.passes;
  }

  get kept(): readonly PassSummary[] {
    return this.passes.filter(({ kept }) => kept);
  }

  get last(): PassId | null {
    return this.passes.at(-1)?.pass ?? null;
  }

  some(from: number, to: number): readonly PassSummary[] {
    return this.passes.slice(from, to);
  }

  enter(): void {
    enterRuntime(this.#memory);
  }

  open(id: PassId): StructurePass | Promise<StructurePass> {
    const known = this.#open.get(id);
    if (known) {
      this.#open.delete(id);
      this.#open.set(id, known);
      return known.pass;
    }
    let opening = this.#opening.get(id);
    if (!opening) {
      opening = this.#openPass(id).finally(() => this.#opening.delete(id));
      this.#opening.set(id, opening);
    }
    return opening;
  }

  async page(refs: Iterable<TensorRef>): Promise<void> {
    const bringing: Promise<void>[] = [];
    for (const ref of refs) {
      const key = keyOfTensor(ref);
      const open = this.#open.get(ref.pass);
      if (!open || open.offsets.has(key)) continue;
      let arriving = this.#arriving.get(key);
      if (!arriving) {
        arriving = this.#bring(open, ref, key).finally(() => this.#arriving.delete(key));
        this.#arriving.set(key, arriving);
      }
      bringing.push(arriving);
    }
    await Promise.all(bringing);
    this.#evict();
  }

  hold(id: PassId): () => void {
    const open = this.#open.get(id);
    if (!open) return () => undefined;
    open.readers++;
    return () => {
      open.readers--;
      if (open.isForgotten) this.forget(id);
      this.#evict();
    };
  }

  async share(id: PassId): Promise<SharedPass> {
    const pass = await this.open(id);
    await this.page(tensorsOf(pass));
    return { kind: "paged", data: pass.data, offsets: this.#open.get(id)!.offsets };
  }

  /** A pass is no longer kept: what was brought of it is let go when nobody reads it. */
  forget(id: PassId): void {
    const open = this.#open.get(id);
    if (!open) return;
    if (open.readers > 0) {
      open.isForgotten = true;
      return;
    }
    this.#open.delete(id);
    this.#empty(open);
  }

  dispose(): void {
    this.#recording.dispose();
  }

  async #openPass(id: PassId): Promise<StructurePass> {
    if (!this.passes.some(({ pass, kept }) => pass === id && kept)) {
      const failure: Failure = { kind: "request", message: `there is no pass ${id} in the recording`, site: null };
      throw failure;
    }
    const offsets = new Map<string, number>();
    const pass = new StructurePass(await this.#recording.pass(id), offsets);
    this.#open.set(id, { pass, offsets, arena: null, bytes: 0, readers: 0, isForgotten: false });
    return pass;
  }

  async #bring(open: OpenPass, ref: TensorRef, key: string): Promise<void> {
    const { pass } = open;
    const row = "edge" in ref ? pass.input(ref.edge) : ref.row;
    const dtype = pass.dtype(row);
    const held = HELD_AS[dtype];
    if (held === null) return;
    const count = elementCount(pass.shape(row));
    const given = this.#recording.tensor(ref);
    const bytes = given instanceof Uint8Array ? given : await given;
    if (bytes.byteLength !== count * RECORDED_BYTES[dtype]) {
      const message = `the recording gives ${bytes.byteLength} bytes for [${pass.shape(row).join(", ")}] ${dtype}`;
      const failure: Failure = { kind: "request", message, site: null };
      throw failure;
    }
    const size = count * BYTES_PER_ELEMENT[held];
    open.arena ??= this.#spareArenas.pop() ?? new ScratchArena(this.#memory);
    const offset = open.arena.allocate(size);
    decodeElements(this.#memory, offset, bytes, dtype, count);
    open.offsets.set(key, offset);
    open.bytes += size;
  }

  /** Lets go of what was brought of passes that nobody reads, the least recent first, until the rest is small enough. */
  #evict(): void {
    let total = 0;
    for (const { bytes } of this.#open.values()) total += bytes;
    for (const open of this.#open.values()) {
      if (total <= KEPT_BYTES) return;
      if (open.readers > 0 || open.arena === null) continue;
      total -= open.bytes;
      this.#empty(open);
    }
  }

  #empty(open: OpenPass): void {
    open.offsets.clear();
    open.bytes = 0;
    if (open.arena === null) return;
    open.arena.reset();
    this.#spareArenas.push(open.arena);
    open.arena = null;
  }
}
