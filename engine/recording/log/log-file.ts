import { z } from "zod";
import { LOG_QUANTITIES, type LogRow, type LogRowKind } from "../../protocol/training-log.ts";
import { bytesOf, type ByteSource, type Content } from "../file/byte-source.ts";
import { ColumnReader, ColumnWriter } from "../file/columns.ts";
import { STEPS } from "../file/entry-names.ts";
import { encodeJson } from "../file/plain-json.ts";
import { readMetadata } from "../file/read-metadata.ts";
import { RecordingError } from "../file/recording-error.ts";
import {
  readSafetensors,
  writeSafetensors,
  type NewTensor,
  type Safetensors,
  type StoredType,
} from "../file/safetensors.ts";
import { SiteSchema } from "../file/schemas.ts";
import type { ColumnPart } from "./column-part.ts";
import { LogStretch } from "./log-stretch.ts";
import { TrainingLog } from "./training-log.ts";

const KEY = "log";
const MOST_PASSES = 2 ** 31;

const KINDS = Object.keys(LOG_QUANTITIES) as [LogRowKind, ...LogRowKind[]];

/** The parts of a log that are no columns. */
const Description = z.object({
  rows: z.array(
    z.object({
      kind: z.enum(KINDS),
      name: z.string(),
      shape: z.array(z.int().min(0)),
      site: SiteSchema.nullable(),
    }),
  ),
});

type Floats = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** The columns of a part that are stored, by the end of their tensors' names. */
const MEAN = "mean";
const MIN = "min";
const MAX = "max";
const COUNT = "count";
const NOT_FINITE = "not_finite";

/**
 * A log as a safetensors file. Each quantity of a row is a tensor over all buckets, "3.gradient.mean"; where the log has been
 * thinned it has minimum and maximum as well.
 */
export function encodeLog(log: TrainingLog): Content {
  const tensors: NewTensor[] = [];
  const columns = new ColumnWriter(tensors);
  const { stretches } = log;
  columns.ids(
    "passes",
    Array.from({ length: log.length }, (_, position) => log.passAt(position)),
  );
  columns.sizes(
    "digests",
    Array.from({ length: log.length }, (_, position) => log.digestAt(position)),
  );
  columns.sizes(
    "stretch_width",
    stretches.map(({ width }) => width),
  );
  columns.sizes(
    "stretch_passes",
    stretches.map(({ passes }) => passes),
  );
  const isThinned = stretches.some(({ width }) => width > 1);
  const lengths = stretches.map(bucketsOf);
  const buckets = lengths.reduce((sum, length) => sum + length, 0);
  for (const [column, { row, quantity }] of log.columns.entries()) {
    const parts = stretches.map((stretch) => stretch.parts[column]);
    const isPrecise = parts.some((part) => part?.mean instanceof Float64Array);
    const add = (
      name: string,
      dtype: StoredType,
      of: (part: ColumnPart | undefined, length: number) => ArrayBufferView,
    ) => {
      const pieces = function* (): Generator<Uint8Array> {
        for (const [i, part] of parts.entries()) {
          const { buffer, byteOffset, byteLength } = of(part, lengths[i]!);
          yield new Uint8Array(buffer, byteOffset, byteLength);
        }
      };
      tensors.push({ name: `${row}.${quantity}.${name}`, dtype, shape: [buckets], elements: { pieces } });
    };
    const floats = (name: typeof MEAN | typeof MIN | typeof MAX): void =>
      add(name, isPrecise ? "F64" : "F32", (part, length) => {
        if (part) return part[name].subarray(0, length);
        return (isPrecise ? new Float64Array(length) : new Float32Array(length)).fill(Number.NaN);
      });
    floats(MEAN);
    if (isThinned) {
      floats(MIN);
      floats(MAX);
    }
    add(COUNT, "I32", (part, length) => Int32Array.from(part?.count.subarray(0, length) ?? new Int32Array(length)));
    if (parts.some((part) => part?.notFinite))
      add(NOT_FINITE, "F64", (part, length) => part?.notFinite?.subarray(0, length) ?? new Float64Array(length));
  }
  const rows = log.rows.map(({ kind, name, shape, site }) => ({ kind, name, shape: [...shape], site }));
  return writeSafetensors({ [KEY]: encodeJson({ rows } satisfies z.input<typeof Description>) }, tensors);
}

/**
 * Reads a log, and believes nothing of it.
 * @throws RecordingError
 */
export function decodeLog(source: ByteSource): TrainingLog {
  const file = readSafetensors(source, STEPS);
  const columns = new ColumnReader(source, file, STEPS);
  const description = readMetadata(file, KEY, Description, STEPS);
  const rows = description.rows.map((row, id) => ({ ...row, id }) as LogRow);
  const passes = Uint32Array.from(columns.ids("passes", null, 0, MOST_PASSES));
  const digests = Uint32Array.from(columns.sizes("digests", passes.length));
  const stretches = decodeStretches(columns, passes.length);
  const buckets = stretches.reduce((sum, stretch) => sum + bucketsOf(stretch), 0);
  let column = 0;
  for (const { id, kind } of rows) {
    for (const quantity of LOG_QUANTITIES[kind]) {
      const reader = new PartReader(source, file, `${id}.${quantity}`, buckets);
      let from = 0;
      for (const stretch of stretches) {
        const to = from + bucketsOf(stretch);
        const part = reader.part(from, to, stretch);
        if (part) stretch.parts[column] = part;
        from = to;
      }
      column++;
    }
  }
  const log = new TrainingLog();
  log.restore(rows, passes, digests, stretches);
  return log;
}

/** Buckets that hold a pass. */
function bucketsOf({ passes, width }: LogStretch): number {
  return Math.ceil(passes / width);
}

function decodeStretches(columns: ColumnReader, passes: number): LogStretch[] {
  const lengths = columns.sizes("stretch_passes", null);
  const widths = columns.sizes("stretch_width", lengths.length);
  const stretches: LogStretch[] = [];
  let start = 0;
  for (const [i, width] of widths.entries()) {
    const length = lengths[i]!;
    if (width < 1 || length < 1) throw columns.refuse("has a stretch of no passes");
    stretches.push(new LogStretch(start, width, Math.ceil(length / width), length));
    start += length;
  }
  if (start !== passes) throw columns.refuse(`has stretches of ${start} passes, not ${passes}`);
  return stretches;
}

/** Reads the numbers of one quantity of one row. */
class PartReader {
  readonly #name: string;
  readonly #mean: Floats;
  readonly #min: Floats;
  readonly #max: Floats;
  readonly #count: Int32Array;
  readonly #notFinite: Float64Array | null;

  constructor(source: ByteSource, file: Safetensors, name: string, buckets: number) {
    this.#name = name;
    const read = (part: string): ArrayBuffer | null => {
      const tensor = file.tensors.get(`${name}.${part}`);
      if (tensor === undefined) return null;
      if (tensor.shape.length !== 1 || tensor.shape[0] !== buckets || !DTYPES.get(part)!.includes(tensor.dtype))
        throw new RecordingError(`${STEPS} has a tensor ${name}.${part} that makes no sense`);
      return bytesOf(source, tensor.offset, tensor.bytes).buffer;
    };
    const dtypes = new Set(FLOATS.flatMap((part) => file.tensors.get(`${name}.${part}`)?.dtype ?? []));
    if (dtypes.size > 1) throw new RecordingError(`${STEPS} has tensors of ${name} in several dtypes`);
    const isPrecise = dtypes.has("F64");
    const floats = (bytes: ArrayBuffer): Floats => (isPrecise ? new Float64Array(bytes) : new Float32Array(bytes));
    const [mean, count, notFinite] = [read(MEAN), read(COUNT), read(NOT_FINITE)];
    if (!mean || !count) throw new RecordingError(`${STEPS} has no tensor ${name}.${mean ? COUNT : MEAN}`);
    this.#mean = floats(mean);
    this.#min = floats(read(MIN) ?? mean);
    this.#max = floats(read(MAX) ?? mean);
    this.#count = new Int32Array(count);
    this.#notFinite = notFinite && new Float64Array(notFinite);
  }

  /** The buckets of a stretch; null where none has a number. */
  part(from: number, to: number, { start, width, passes }: LogStretch): ColumnPart | null {
    const count = Uint32Array.from(this.#count.subarray(from, to));
    if (count.every((one) => one === 0)) return null;
    if (count.some((one) => one > width))
      throw new RecordingError(`${STEPS} has counts of ${this.#name} that are too large`);
    const notFinite = this.#notFinite?.slice(from, to) ?? null;
    if (notFinite?.some((at) => at !== 0 && !(at > start && at <= start + passes)) === true)
      throw new RecordingError(`${STEPS} refers to a pass that is not there`);
    const mean = this.#mean.slice(from, to);
    if (width === 1) return { min: mean, max: mean, mean, count, notFinite };
    return { min: this.#min.slice(from, to), max: this.#max.slice(from, to), mean, count, notFinite };
  }
}

const FLOATS = [MEAN, MIN, MAX];

const DTYPES: ReadonlyMap<string, readonly StoredType[]> = new Map([
  [MEAN, ["F32", "F64"]],
  [MIN, ["F32", "F64"]],
  [MAX, ["F32", "F64"]],
  [COUNT, ["I32"]],
  [NOT_FINITE, ["F64"]],
]);
