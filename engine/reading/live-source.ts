import { enterRuntime } from "../core/runtime.ts";
import { Control, type SharedMemory } from "../memory/shared-memory.ts";
import type { PassSummary } from "../protocol/engine.ts";
import type { Failure } from "../protocol/failure.ts";
import type { PassId } from "../protocol/ids.ts";
import { LivePass } from "./live-pass.ts";
import { ReaderTables } from "./pass-names.ts";
import type { PassRecord, TableUpdate } from "./pass-record.ts";
import type { ForeignRecord } from "./foreign-pass.ts";
import { PassList } from "./pass-list.ts";
import type { PassSource } from "./pass-source.ts";
import type { ReadablePass } from "./readable-pass.ts";
import type { SharedPass } from "./shared-pass.ts";
import { StructurePass } from "./structure-pass.ts";

/** What the user thread has recorded since it last said so. */
export interface RecordedSince {
  readonly tables: TableUpdate;
  readonly passes: readonly (PassRecord | ForeignRecord)[];
  readonly summaries: readonly PassSummary[];
  /** Passes of a lower ordinal were released: their memory is no longer theirs. */
  readonly oldest: number;
}

/** A pass of the user thread, and what it was read from. */
interface KeptPass {
  readonly record: PassRecord | ForeignRecord;
  readonly pass: ReadablePass;
}

/** The passes that the user thread records, read in the memory that all threads share. */
export class LiveSource implements PassSource {
  readonly tables = new ReaderTables();
  readonly #memory: SharedMemory;
  readonly #passes = new Map<PassId, KeptPass>();
  readonly #list = new PassList();

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  get passes(): readonly PassSummary[] {
    return this.#list.slice();
  }

  get kept(): readonly PassSummary[] {
    return [...this.#passes.keys()].toSorted((a, b) => a - b).map((pass) => this.#list.of(pass));
  }

  get last(): PassId | null {
    return this.#list.slice(Math.max(0, this.#list.length - 1))[0]?.pass ?? null;
  }

  some(from: number, to: number): readonly PassSummary[] {
    return this.#list.slice(from, to);
  }

  enter(): void {
    enterRuntime(this.#memory);
  }

  /** The pass that ended last. One that ran within it ended before, and has the higher number. */
  get newest(): ReadablePass | null {
    let newest: KeptPass | null = null;
    for (const kept of this.#passes.values()) {
      if (newest === null || kept.record.ordinal > newest.record.ordinal) newest = kept;
    }
    return newest && newest.pass;
  }

  /** Takes in what has been recorded. @returns the pass that ended last, and those that no longer are */
  takeIn({ tables, passes, summaries, oldest }: RecordedSince): {
    readonly newest: ReadablePass | null;
    readonly released: readonly PassId[];
  } {
    this.tables.update(tables);
    for (const record of passes) this.#passes.set(record.id, { record, pass: this.#readable(record) });
    for (const summary of summaries) this.#list.add({ ...summary, kept: this.#passes.has(summary.pass) });
    const released = [...this.#passes].flatMap(([id, { record }]) => (record.ordinal < oldest ? [id] : []));
    for (const pass of released) {
      this.#passes.delete(pass);
      this.#list.release(pass);
    }
    return { newest: this.newest, released };
  }

  open(id: PassId): ReadablePass {
    return this.#kept(id).pass;
  }

  #readable(record: PassRecord | ForeignRecord): ReadablePass {
    return "offsets" in record
      ? new StructurePass(record.data, record.offsets)
      : new LivePass(this.#memory, this.tables, record);
  }

  #kept(id: PassId): KeptPass {
    const kept = this.#passes.get(id);
    const oldest = Atomics.load(this.#memory.i32, Control.oldestPass >> 2);
    if (kept && kept.record.ordinal >= oldest) return kept;
    const message = kept
      ? `pass ${id} was released to keep within the memory budget`
      : `there is no pass ${id} to read`;
    const failure: Failure = { kind: "request", message, site: null };
    throw failure;
  }

  async page(): Promise<void> {
    // All of it is in this memory.
  }

  hold(): () => void {
    return () => undefined;
  }

  async share(id: PassId): Promise<SharedPass> {
    const { record } = this.#kept(id);
    return "offsets" in record
      ? { kind: "paged", data: record.data, offsets: record.offsets }
      : { kind: "live", record, tables: this.tables.snapshot() };
  }
}
