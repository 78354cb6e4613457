import { Control, type SharedMemory } from "../memory/shared-memory.ts";
import type { PassSummary } from "../protocol/engine.ts";
import type { Failure } from "../protocol/failure.ts";
import type { PassId } from "../protocol/ids.ts";
import { LivePass } from "./live-pass.ts";
import { ReaderTables } from "./pass-names.ts";
import type { PassRecord, TableUpdate } from "./pass-record.ts";
import type { PassSource } from "./pass-source.ts";
import type { SharedPass } from "./shared-pass.ts";

/** What the user thread has recorded since it last said so. */
export interface RecordedSince {
  readonly tables: TableUpdate;
  readonly passes: readonly PassRecord[];
  readonly summaries: readonly PassSummary[];
  /** Passes before this one were released: their memory is no longer theirs. */
  readonly oldest: PassId;
}

/** The passes that the user thread records, read in the memory that all threads share. */
export class LiveSource implements PassSource {
  readonly tables = new ReaderTables();
  readonly #memory: SharedMemory;
  readonly #passes = new Map<PassId, LivePass>();
  readonly #summaries: PassSummary[] = [];

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  get passes(): readonly PassSummary[] {
    return this.#summaries;
  }

  /** The newest pass that is kept. */
  get newest(): LivePass | null {
    return this.#passes.get(Math.max(...this.#passes.keys()) as PassId) ?? null;
  }

  /** Takes in what has been recorded. @returns the newest pass that is kept, and those that no longer are */
  takeIn({ tables, passes, summaries, oldest }: RecordedSince): {
    readonly newest: LivePass | null;
    readonly released: readonly PassId[];
  } {
    this.tables.update(tables);
    for (const record of passes) this.#passes.set(record.id, new LivePass(this.#memory, this.tables, record));
    this.#summaries.push(...summaries);
    const released = [...this.#passes.keys()].filter((pass) => pass < oldest);
    for (const pass of released) this.#passes.delete(pass);
    this.#summaries.forEach((summary, i) => {
      if (summary.pass < oldest && summary.kept) this.#summaries[i] = { ...summary, kept: false };
    });
    return { newest: this.newest, released };
  }

  open(id: PassId): LivePass {
    const pass = this.#passes.get(id);
    const released = id < Atomics.load(this.#memory.i32, Control.oldestPass >> 2);
    if (pass && !released) return pass;
    const message = pass
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
    return { kind: "live", record: this.open(id).record, tables: this.tables.snapshot() };
  }
}
