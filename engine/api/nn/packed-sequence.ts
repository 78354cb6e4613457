import { composite } from "../../context/scope.ts";
import { byPlace } from "../../context/keywords.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { fromNumbers } from "../../core/creation.ts";
import { describeValue, expectTensor, expectTensors } from "../../ops/operands.ts";
import { Tensor } from "../../core/tensor.ts";
import { full } from "../../core/creation.ts";
import { cat, stack } from "../tensor/functions.ts";

/**
 * Sequences of several lengths without the padding between them: the first step of all, then the second step of those
 * that have one, and so on, the longest sequence first. Recurrent layers take it in place of a padded tensor.
 * PyTorch: `torch.nn.utils.rnn.PackedSequence`.
 */
export class PackedSequence {
  /** The steps of all sequences [Σ lengths, ...]. */
  readonly data: Tensor;
  /** How many sequences have each step, int64. */
  readonly batchSizes: Tensor;
  /** Where each sequence of the pack was in the batch; null where they came in this order. */
  readonly sortedIndices: Tensor | null;
  /** Where each sequence of the batch is in the pack. */
  readonly unsortedIndices: Tensor | null;

  constructor(
    data: Tensor,
    batchSizes: Tensor,
    sortedIndices: Tensor | null = null,
    unsortedIndices: Tensor | null = null,
  ) {
    this.data = expectTensor("PackedSequence", data);
    this.batchSizes = expectTensor("PackedSequence", batchSizes, "the batch sizes as an int64 tensor");
    this.sortedIndices = sortedIndices;
    this.unsortedIndices = unsortedIndices ?? (sortedIndices && inverse(sortedIndices));
  }

  /** The same sequences with other features: what a layer makes of the steps. */
  with(data: Tensor): PackedSequence {
    return new PackedSequence(data, this.batchSizes, this.sortedIndices, this.unsortedIndices);
  }

  /** How many sequences have each step. */
  sizes(): readonly number[] {
    return [...this.batchSizes.toFloat64Array()];
  }
}

/** The permutation that undoes another. */
function inverse(indices: Tensor): Tensor {
  const back: number[] = [];
  indices.toFloat64Array().forEach((from, to) => (back[from] = to));
  return positions(back);
}

function positions(values: readonly number[]): Tensor {
  return fromNumbers(values, [values.length], "int64");
}

/** Lengths of sequences: numbers, or an integer vector. */
export type Lengths = readonly number[] | Tensor;

function lengthsOf(op: string, given: unknown): number[] {
  if (given instanceof Tensor) return [...given.toFloat64Array()];
  if (Array.isArray(given) && given.every((length) => typeof length === "number")) return given;
  throw new EngineError("value", `${op}: lengths must be an array of numbers or a vector, got ${describeValue(given)}`);
}

/** Rows of [steps · sequences, ...] that are no padding, in the order of a pack; `lengths` must not grow. */
function packedRows(lengths: readonly number[]): { readonly rows: number[]; readonly sizes: number[] } {
  const [rows, sizes]: [number[], number[]] = [[], []];
  for (let step = 0; step < lengths[0]!; step++) {
    const size = lengths.findLastIndex((length) => length > step) + 1;
    sizes.push(size);
    for (let sequence = 0; sequence < size; sequence++) rows.push(step * lengths.length + sequence);
  }
  return { rows, sizes };
}

/** [steps, sequences, ...] as rows [steps · sequences, ...]. */
function asRows(x: Tensor): Tensor {
  return x.reshape([x.shape[0]! * x.shape[1]!, ...x.shape.slice(2)]);
}

export interface PackOptions {
  readonly batchFirst?: boolean;
  /** Whether the sequences are given with the longest first. */
  readonly enforceSorted?: boolean;
}

/** Leaves the padding of x [L, N, ...], or [N, L, ...], out. PyTorch: `nn.utils.rnn.pack_padded_sequence`. */
export function packPaddedSequence(
  x: Tensor,
  lengths: Lengths,
  batchFirst?: boolean | PackOptions,
  enforceSorted?: boolean,
): PackedSequence;
export function packPaddedSequence(...args: readonly unknown[]): PackedSequence {
  const op = "packPaddedSequence";
  const [input, given, batchFirst = false, enforceSorted = true] = byPlace(
    op,
    { places: ["x", "lengths", "batchFirst", "enforceSorted"] },
    args,
  );
  const x = expectTensor(op, input);
  const lengths = lengthsOf(op, given);
  if (x.rank < 2) throw new EngineError("shape", `${op}: expected x [L, N, ...], found ${formatShape(x.shape)}`);
  const [batchAxis, timeAxis] = batchFirst === true ? ([0, 1] as const) : ([1, 0] as const);
  if (lengths.length !== x.shape[batchAxis]) {
    throw new EngineError(
      "shape",
      `${op}: ${lengths.length} lengths for the ${x.shape[batchAxis]} sequences of ${formatShape(x.shape)}`,
      batchFirst === true ? {} : { fix: "give { batchFirst: true } if the first axis counts the sequences" },
    );
  }
  const wrong = lengths.find((length) => !(length > 0 && length <= x.shape[timeAxis]!));
  if (wrong !== undefined) {
    throw new EngineError(
      "value",
      `${op}: every length must be between 1 and the ${x.shape[timeAxis]} steps of x ${formatShape(x.shape)}, found ${wrong}`,
    );
  }
  const isSorted = lengths.every((length, i) => i === 0 || length <= lengths[i - 1]!);
  if (enforceSorted === true && !isSorted) {
    throw new EngineError("value", `${op}: the longest sequence must come first, found lengths ${lengths.join(", ")}`, {
      fix: "pass { enforceSorted: false } to have them sorted, and put back by what reads the pack",
    });
  }
  const order = lengths.map((_, i) => i);
  if (enforceSorted !== true) order.sort((a, b) => lengths[b]! - lengths[a]!);
  const { rows, sizes } = packedRows(order.map((i) => lengths[i]!));
  const sorted = enforceSorted === true ? null : positions(order);
  return composite(op, () => {
    const inOrder = sorted ? x.indexSelect(batchAxis, sorted) : x;
    const steps = asRows(batchFirst === true ? inOrder.transpose(0, 1) : inOrder);
    return new PackedSequence(steps.indexSelect(0, positions(rows)), positions(sizes), sorted);
  });
}

export interface PadOptions {
  readonly batchFirst?: boolean;
  readonly paddingValue?: number;
  readonly totalLength?: number | null;
}

/**
 * The sequences of a pack with padding after the shorter ones, [L, N, ...] or [N, L, ...], and their lengths.
 * PyTorch: `nn.utils.rnn.pad_packed_sequence`.
 */
export function padPackedSequence(
  pack: PackedSequence,
  batchFirst?: boolean | PadOptions,
  paddingValue?: number,
  totalLength?: number | null,
): [padded: Tensor, lengths: Tensor];
export function padPackedSequence(...args: readonly unknown[]): [padded: Tensor, lengths: Tensor] {
  const op = "padPackedSequence";
  const [pack, batchFirst = false, paddingValue = 0, totalLength = null] = byPlace(
    op,
    { places: ["pack", "batchFirst", "paddingValue", "totalLength"] },
    args,
  ) as [PackedSequence, boolean?, number?, (number | null)?];
  expectPack(op, pack);
  const sizes = pack.sizes();
  const count = sizes[0] ?? 0;
  const lengths = Array.from({ length: count }, (_, i) => sizes.findLastIndex((size) => size > i) + 1);
  const steps = totalLength ?? sizes.length;
  if (steps < sizes.length) {
    throw new EngineError("value", `${op}: totalLength ${steps} is less than the longest sequence, ${sizes.length}`);
  }
  return composite(op, () => {
    const { data, unsortedIndices: back } = pack;
    const padding = full([steps * count, ...data.shape.slice(1)], paddingValue, { dtype: data.dtype });
    const filled = padding.indexCopy(0, positions(packedRows(lengths).rows), data);
    const padded = filled.reshape([steps, count, ...data.shape.slice(1)]);
    const inBatch = back ? padded.indexSelect(1, back) : padded;
    const found = positions(lengths);
    return [batchFirst ? inBatch.transpose(0, 1) : inBatch, back ? found.indexSelect(0, back) : found];
  });
}

/** @throws EngineError unless `value` is what packPaddedSequence or packSequence returns. */
function expectPack(op: string, value: unknown): asserts value is PackedSequence {
  if (value instanceof PackedSequence) return;
  throw new EngineError("value", `${op}: expected a PackedSequence, got ${describeValue(value)}`, {
    fix: "packPaddedSequence and packSequence make one",
  });
}

/**
 * Sequences [L, ...] of several lengths L in one tensor [longest, N, ...] or [N, longest, ...].
 * PyTorch: `nn.utils.rnn.pad_sequence`.
 */
export function padSequence(
  sequences: readonly Tensor[],
  batchFirst?: boolean | Omit<PadOptions, "totalLength">,
  paddingValue?: number,
): Tensor;
export function padSequence(...args: readonly unknown[]): Tensor {
  const op = "padSequence";
  const [given, batchFirst = false, paddingValue = 0] = byPlace(
    op,
    { places: ["sequences", "batchFirst", "paddingValue"] },
    args,
  ) as [unknown, boolean?, number?];
  const sequences = sequencesOf(op, given);
  const longest = Math.max(...sequences.map((sequence) => sequence.shape[0]!));
  return composite(op, () => {
    const padded = sequences.map((sequence) => {
      const missing = longest - sequence.shape[0]!;
      if (missing === 0) return sequence;
      const after = full([missing, ...sequence.shape.slice(1)], paddingValue, { dtype: sequence.dtype });
      return cat([sequence, after]);
    });
    return stack(padded, batchFirst ? 0 : 1);
  });
}

function sequencesOf(op: string, given: unknown): Tensor[] {
  const sequences = expectTensors(op, given);
  if (sequences.length === 0) throw new EngineError("value", `${op}: there are no sequences`);
  if (sequences.some((sequence) => sequence.rank === 0)) {
    throw new EngineError("shape", `${op}: a sequence has an axis of steps, found a scalar`);
  }
  return sequences;
}

/** The sequences of a padded tensor, each of its own length. PyTorch: `nn.utils.rnn.unpad_sequence`. */
export function unpadSequence(
  padded: Tensor,
  lengths: Lengths,
  batchFirst?: boolean | { readonly batchFirst?: boolean },
): Tensor[];
export function unpadSequence(...args: readonly unknown[]): Tensor[] {
  const op = "unpadSequence";
  const [given, each, batchFirst = false] = byPlace(op, { places: ["padded", "lengths", "batchFirst"] }, args);
  const padded = expectTensor(op, given);
  const lengths = lengthsOf(op, each);
  return lengths.map((length, i) => padded.select(batchFirst === true ? 0 : 1, i).narrow(0, 0, length));
}

/** Packs sequences [L, ...] of several lengths L. PyTorch: `nn.utils.rnn.pack_sequence`. */
export function packSequence(
  sequences: readonly Tensor[],
  enforceSorted?: boolean | Pick<PackOptions, "enforceSorted">,
): PackedSequence;
export function packSequence(...args: readonly unknown[]): PackedSequence {
  const [given, enforceSorted = true] = byPlace("packSequence", { places: ["sequences", "enforceSorted"] }, args);
  const sequences = sequencesOf("packSequence", given);
  const lengths = sequences.map((sequence) => sequence.shape[0]!);
  return packPaddedSequence(padSequence(sequences), lengths, false, enforceSorted === true);
}

/** The sequences of a pack, each of its own length. PyTorch: `nn.utils.rnn.unpack_sequence`. */
export function unpackSequence(pack: PackedSequence): Tensor[] {
  const [padded, lengths] = padPackedSequence(pack);
  return unpadSequence(padded, lengths);
}
