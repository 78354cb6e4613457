import Papa from "papaparse";
import { EngineError } from "../../context/engine-error.ts";
import type { DType } from "../../protocol/dtype.ts";
import { fromNumbers } from "../../core/creation.ts";
import type { Tensor } from "../../core/tensor.ts";
import { readBytes } from "./file-bytes.ts";

/** A table of text with named columns. */
export class Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];

  constructor(columns: readonly string[], rows: readonly (readonly string[])[]) {
    const twice = columns.find((name, i) => columns.indexOf(name) !== i);
    if (twice !== undefined) {
      throw new EngineError("value", `readCsv: two columns are called "${twice}"`, {
        fix: "rename one, or read it with { header: false } and take the columns by number",
      });
    }
    this.columns = columns;
    this.rows = rows;
  }

  /** How many rows there are. */
  get length(): number {
    return this.rows.length;
  }

  /** The cells of a column. @throws EngineError when there is none of that name. */
  column(name: string): string[] {
    const at = this.columns.indexOf(name);
    if (at < 0) {
      throw new EngineError("value", `column: the table has no column "${name}", only ${this.columns.join(", ")}`);
    }
    return this.rows.map((row) => row[at]!);
  }

  /** Columns as numbers [rows, columns]: all of them, or those of the given names. @throws EngineError on other text. */
  tensor(names: readonly string[] = this.columns, options: { readonly dtype?: DType } = {}): Tensor {
    const columns = names.map((name) => this.column(name));
    const values = new Float64Array(this.length * names.length);
    for (let row = 0; row < this.length; row++) {
      columns.forEach((column, i) => {
        const cell = column[row]!.trim();
        const value = cell === "" ? NaN : Number(cell);
        if (cell !== "" && Number.isNaN(value) && cell.toLowerCase() !== "nan") {
          throw new EngineError("value", `tensor: "${cell}" in column "${names[i]}", row ${row + 1}, is no number`, {
            fix: "pass the names of the columns that hold numbers",
          });
        }
        values[row * names.length + i] = value;
      });
    }
    return fromNumbers(values, [this.length, names.length], options.dtype ?? "float32");
  }
}

export interface CsvOptions {
  readonly delimiter?: string;
  /** Whether the first line names the columns (the default); else they are "0", "1", … */
  readonly header?: boolean;
}

/**
 * Reads comma-separated values: fields in double quotes may hold the delimiter, line breaks and doubled quotes (RFC 4180).
 * @throws EngineError when a row has another number of fields than the first.
 */
export function readCsv(file: string | URL, options: CsvOptions = {}): Table {
  const text = new TextDecoder().decode(readBytes("readCsv", file));
  const lines = parseCsv(text, options.delimiter ?? ",");
  const [first, ...rest] = lines;
  if (first === undefined) return new Table([], []);
  const rows = (options.header ?? true) ? rest : lines;
  const columns = (options.header ?? true) ? first.map((name) => name.trim()) : first.map((_, i) => String(i));
  rows.forEach((row, i) => {
    if (row.length === columns.length) return;
    throw new EngineError(
      "value",
      `readCsv: row ${i + 1} of ${String(file)} has ${row.length} fields, expected ${columns.length}`,
    );
  });
  return new Table(columns, rows);
}

function parseCsv(text: string, delimiter: string): string[][] {
  const { data } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ""), { delimiter, skipEmptyLines: true });
  return data;
}
