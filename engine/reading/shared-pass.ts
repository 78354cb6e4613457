import type { SharedMemory } from "../memory/shared-memory.ts";
import type { PassData } from "../recording/recording.ts";
import { LivePass } from "./live-pass.ts";
import { ReaderTables } from "./pass-names.ts";
import type { PassRecord, TableUpdate } from "./pass-record.ts";
import type { ReadablePass } from "./readable-pass.ts";
import { StructurePass } from "./structure-pass.ts";

/** A pass as it is handed to another thread of the process: plain data, all of its tensors being in shared memory. */
export type SharedPass =
  | { readonly kind: "live"; readonly record: PassRecord; readonly tables: TableUpdate }
  | { readonly kind: "paged"; readonly data: PassData; readonly offsets: ReadonlyMap<string, number> };

export function openSharedPass(memory: SharedMemory, shared: SharedPass): ReadablePass {
  if (shared.kind === "paged") return new StructurePass(shared.data, shared.offsets);
  const tables = new ReaderTables();
  tables.update(shared.tables);
  return new LivePass(memory, tables, shared.record);
}
