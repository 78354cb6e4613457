import type { NodeId, PassId } from "../../protocol/ids.ts";
import type { OperandPart, OutputPart, Traced } from "../../check/causes/examined-op.ts";
import type { ForeignOp, RanAgain, Step } from "../../check/foreign/foreign-op.ts";
import type { PassStructure } from "../../recording/pass-structure.ts";
import type { Frame } from "./frame-stream.ts";
import type { ExplainPayload } from "./explain-job.ts";
import type { PythonForward } from "./python-forward.ts";
import { numbersOf, withNumbers } from "./python-columns.ts";
import type { PythonProcess } from "./python-process.ts";

/** What the recorder says of an op before it is compared. */
interface OpHeader {
  readonly outputShape: readonly number[];
  readonly shapes: readonly (readonly number[])[];
  readonly dtypes: readonly string[];
  readonly names: readonly string[];
  readonly wanted: readonly number[];
  readonly coarse: boolean;
  readonly function: boolean;
  readonly changed: readonly number[];
  readonly without: readonly number[];
  readonly parts: readonly OutputPart[];
  readonly padding: number | null;
}

/** What the recorder says of a Function's forward. */
interface TraceHeader extends Pick<PythonForward, "steps" | "others" | "kept" | "outputs"> {
  readonly shapes: readonly (readonly number[])[];
  readonly dtypes: readonly string[];
}

/** Looks for the mistake of a backward in the forward that it should belong to. */
export type Explain = (work: ExplainPayload) => Promise<Traced | null>;

/**
 * Starts the check of a row: asks the stopped script for the op's operands and results.
 * @param part of each operand; null for all of them
 */
export async function pythonOp(
  process: PythonProcess,
  pass: PassId,
  structure: PassStructure,
  row: number,
  explain: Explain,
  part: readonly OperandPart[] | null = null,
): Promise<ForeignOp> {
  const at = { pass, row, part };
  const frame = await process.ask("check.start", at);
  const header = frame.header as unknown as OpHeader;
  const take = taker(frame);
  const output = take(frame.bytes.length / 8 - header.shapes.reduce((sum, shape) => sum + sizeOf(shape), 0));
  const operands = header.shapes.map((shape, i) => ({
    shape,
    isFloating: /^(?:b?float|complex)/u.test(header.dtypes[i]!),
    name: header.names[i]!,
    values: take(sizeOf(shape)),
  }));
  const sizes = header.wanted.map((input) => operands[input]!.values.length);
  const sets = (answer: Frame, count: number): Float64Array[][] => {
    const next = taker(answer);
    return Array.from({ length: count }, () => sizes.map((size) => next(size)));
  };
  const numbers = (arrays: readonly Float64Array[]): Uint8Array[] =>
    arrays.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength));
  const withDirection = (cotangent: Float64Array, direction: Float64Array | null): Uint8Array[] =>
    numbers(direction ? [cotangent, direction] : [cotangent]);
  return {
    node: row as NodeId,
    name: structure.ops[structure.op[row]!]!.name,
    label: structure.labels[structure.label[row]!]!,
    site: structure.sites[structure.site[row]!]!,
    backwardSite: structure.sites[structure.backwardSites.find(([at]) => at === row)?.[1] ?? 0]!,
    surrogate: structure.surrogates.find(([at]) => at === row)?.[1] ?? null,
    isFunction: header.function,
    outputShape: header.outputShape,
    output,
    operands,
    wanted: header.wanted,
    isCoarse: header.coarse,
    changed: header.changed,
    without: header.without,
    parts: header.parts,
    paddingRow: header.padding,
    products: async (cotangents) =>
      sets(await process.ask("check.products", at, numbers(cotangents)), cotangents.length),
    productsAt: async (input, moves, cotangent, direction) =>
      sets(
        await process.ask("check.productsAt", { ...at, input, moves }, withDirection(cotangent, direction)),
        moves.length,
      ),
    samples: async (input, moves: readonly Step[], cotangent, direction) => {
      const { bytes } = await process.ask(
        "check.samples",
        { ...at, input, moves },
        withDirection(cotangent, direction),
      );
      const pairs = numbersOf(bytes);
      return moves.map((_, i) => ({ delta: pairs[2 * i]!, magnitude: pairs[2 * i + 1]! }));
    },
    forwards: async (given) => {
      // The recorder has what it has recorded: most sets differ from that in one operand.
      const own = given.map((set) =>
        set.flatMap(({ isFloating, values }, i) => (isFloating && values !== operands[i]!.values ? [i] : [])),
      );
      const sent = given.flatMap((set, n) => own[n]!.map((i) => set[i]!.values));
      const next = taker(await process.ask("check.forwards", { ...at, given: own }, numbers(sent)));
      return given.map(() => next(output.length));
    },
    moved: async (input, moves) => {
      const next = taker(await process.ask("check.forwardsOf", { ...at, input, moves }));
      return moves.map(() => next(output.length));
    },
    ...(header.function &&
      !header.coarse && {
        mistake: async (input: number, probes: ExplainPayload["probes"]) => {
          const answer = await process.ask("check.trace", at);
          const next = taker(answer);
          const { steps, others, kept, shapes, dtypes, outputs } = answer.header as unknown as TraceHeader;
          const values = shapes.map((shape, i) => ({ shape, dtype: dtypes[i]!, elements: next(sizeOf(shape)) }));
          const named = operands.map((operand, i) => ({ ...operand, dtype: header.dtypes[i]! }));
          const numbered = steps.map((step) => ({ ...step, given: withNumbers(step.given) }));
          return explain({
            forward: { operands: named, steps: numbered, others, kept, values, outputs },
            wrong: input,
            probes,
          });
        },
      }),
    ...(header.function && {
      part: (parts: readonly OperandPart[]) => pythonOp(process, pass, structure, row, explain, parts),
    }),
    ranAgain: async () => {
      const answer = await process.ask("check.ran", at);
      const next = taker(answer);
      const { inputs, dtype } = answer.header as { inputs: readonly number[]; dtype: string };
      return inputs.map((input): RanAgain => {
        const size = operands[input]!.values.length;
        return { input, dtype, ran: next(size), inDouble: next(size), inOwn: next(size) };
      });
    },
  };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Takes doubles from an answer, so many at a time. */
function taker({ bytes }: Frame): (count: number) => Float64Array {
  const all = numbersOf(bytes);
  let at = 0;
  return (count) => all.subarray(at, (at += count));
}
