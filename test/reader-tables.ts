import { labelTable, opTable } from "../engine/autograd/pass.ts";
import { ReaderTables } from "../engine/reading/pass-names.ts";

const tables = new ReaderTables();

/** The names of this process's ops and labels. Each is handed out once, whichever of the test files in it asks first. */
export function readerTables(): ReaderTables {
  tables.update({ ops: opTable.takeNew(), labels: labelTable.takeNew(), sites: [] });
  return tables;
}
