import { opById } from "../ops/op.ts";
import type { Site } from "../protocol/site.ts";
import type { RecordedOp } from "../recording/pass-structure.ts";
import type { TableUpdate } from "./pass-record.ts";

/** What a tape's numbers stand for. Each thread keeps the strings in its own way. */
export interface PassNames {
  op(index: number): RecordedOp;
  label(index: number): string;
  /** Sites count from 1; 0 is none. */
  site(id: number): Site | null;
}

const FUNCTION = "function:";

/** What a tape's op table calls an op: a record's id, "function:" and a class's name, or a kind of leaf. */
export function recordedOpOf(text: string): RecordedOp {
  if (text.startsWith(FUNCTION)) return { name: text.slice(FUNCTION.length), record: "" };
  const op = opById(text);
  return op === undefined ? { name: text, record: "" } : { name: op.name, record: text };
}

/** Strings and sites that tapes refer to by number, as they have arrived from the user thread. */
export class ReaderTables implements PassNames {
  readonly #texts: string[] = [];
  readonly #ops: RecordedOp[] = [];
  readonly #labels: string[] = [];
  readonly #sites: Site[] = [];

  update(update: TableUpdate): void {
    for (const text of update.ops) {
      this.#texts.push(text);
      this.#ops.push(recordedOpOf(text));
    }
    for (const label of update.labels) this.#labels.push(label);
    for (const site of update.sites) this.#sites.push(site);
  }

  /** Every call, in order of the ids, which count from 1. */
  get sites(): readonly Site[] {
    return this.#sites;
  }

  op(index: number): RecordedOp {
    return this.#ops[index] ?? NO_OP;
  }

  label(index: number): string {
    return this.#labels[index] ?? "";
  }

  site(id: number): Site | null {
    return this.#sites[id - 1] ?? null;
  }

  /** Everything that has arrived, for another thread. */
  snapshot(): TableUpdate {
    return { ops: this.#texts, labels: this.#labels, sites: this.#sites };
  }
}

const NO_OP: RecordedOp = { name: "", record: "" };
