import Papa from "papaparse";
import { EngineError } from "../../context/engine-error.ts";
import type { DType } from "../../protocol/dtype.ts";
import { fromNumbers } from "../../core/creation.ts";
import type { Tensor } from "../../core/tensor.ts";
import { isTooLarge, readBytes } from "./file-bytes.ts";

/** A refusal names so many columns at most. */
const MOST_NAMED = 100;

/** A table of text with named columns. */
export class Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];

  constructor(columns: readonly string[], rows: readonly (readonly string[])[]) {
    const seen = new Set<string>();
    const twice = columns.find((name) => seen.size === seen.add(name).size);
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
      const known = [...this.columns.slice(0, MOST_NAMED), ...(this.columns.length > MOST_NAMED ? ["…"] : [])];
      throw new EngineError("value", `column: the table has no column "${name}", only ${known.join(", ")}`);
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
 * The text is UTF-8, or UTF-16 where a byte order mark says so.
 * @throws EngineError when a row has another number of fields than the first, a quote is never closed, or the text is of
 * another encoding.
 */
export function readCsv(file: string | URL, options: CsvOptions = {}): Table {
  const text = decode(readBytes("readCsv", file), file);
  const lines = parseCsv(text, options.delimiter ?? ",", file);
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

/** Text without its byte order mark. Letters are never replaced in silence: a column would get a name nobody wrote. */
function decode(bytes: Uint8Array, file: string | URL): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    if (isTooLarge(cause)) {
      throw new EngineError("value", `readCsv: ${String(file)} has more text than fits at once`, {
        cause,
        fix: "split it",
      });
    }
    const name = encoding === "utf-8" ? "UTF-8" : "the UTF-16 that its byte order mark says";
    throw new EngineError("value", `readCsv: ${String(file)} is not ${name}`, { cause, fix: "save it as UTF-8" });
  }
}

/** @throws EngineError where a quote makes one field of what may be many lines */
function parseCsv(text: string, delimiter: string, file: string | URL): string[][] {
  const { data, errors } = Papa.parse<string[]>(text, { delimiter, skipEmptyLines: true });
  const quote = errors.find(({ type }) => type === "Quotes");
  if (quote) {
    const line = (quote.row ?? 0) + 1;
    throw new EngineError(
      "value",
      `readCsv: line ${line} of ${String(file)} has a field whose quote is not closed as it should be`,
      { fix: 'a quote within a quoted field is written twice, ""' },
    );
  }
  return data;
}
