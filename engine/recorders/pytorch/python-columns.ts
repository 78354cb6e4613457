import { HELD_AS, RECORDED_DTYPES } from "../../protocol/recorded-dtype.ts";
import type { PassId } from "../../protocol/ids.ts";
import type { PassFacts, PassStructure } from "../../recording/pass-structure.ts";
import type { PassData } from "../../recording/recording.ts";
import type { Attributes } from "../../recording/attributes.ts";
import { opById } from "../../ops/op.ts";
import { NodeKind } from "../../protocol/graph.ts";
import { candidateOf } from "./aten-records.ts";
import { FrameError, type Frame } from "./frame-stream.ts";

/** The dtypes as the recorder numbers them. */
const DTYPES: readonly string[] = RECORDED_DTYPES;

/** Doubles as they came. */
export function numbersOf(bytes: Buffer): Float64Array {
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
}

/** Types of columns by Python's type codes. */
const TYPES = {
  B: Uint8Array,
  I: Uint32Array,
  i: Int32Array,
  d: Float64Array,
} as const;
type Code = keyof typeof TYPES;

/** A pass as the recorder sends it: tables in the header, columns in the bytes. */
export function passData(frame: Frame, file: string): PassData {
  const header = frame.header as unknown as Tables;
  const columns = new Map<string, InstanceType<(typeof TYPES)[Code]>>();
  let at = 0;
  for (const [name, code, length] of header.columns) {
    const type = TYPES[code];
    const size = length * type.BYTES_PER_ELEMENT;
    // A copy: nothing says that a column begins where its type may.
    const part = Uint8Array.from(frame.bytes.subarray(at, at + size));
    columns.set(name, new type(part.buffer, 0, length));
    at += size;
  }
  const column = <Type extends Code>(name: string, code: Type): InstanceType<(typeof TYPES)[Type]> => {
    const found = columns.get(name);
    if (!(found instanceof TYPES[code])) throw new FrameError(`the recorder sent no column ${name}`);
    return found as InstanceType<(typeof TYPES)[Type]>;
  };
  const dtypes = header.dtypes.map((name) => Math.max(0, DTYPES.indexOf(name)));
  const structure: PassStructure = {
    kind: header.kind,
    file,
    foreign: true,
    rows: header.rows,
    ops: header.ops,
    op: column("op", "I"),
    nodeKind: column("nodeKind", "B"),
    dtype: column("dtype", "B").map((index) => dtypes[index]!),
    requiresGrad: column("requiresGrad", "B"),
    labels: header.labels,
    label: column("label", "I"),
    sites: header.sites,
    site: column("site", "I"),
    passSite: header.passSite,
    scopes: header.scopes,
    scope: column("scope", "i"),
    attributes: header.attributes.map(withNumbers),
    attribute: column("attribute", "I"),
    shapeStart: column("shapeStart", "I"),
    shapes: column("shapes", "d"),
    inputStart: column("inputStart", "I"),
    inputs: column("inputs", "I"),
    roots: header.roots,
    backwardOrder: column("backwardOrder", "I"),
    cuts: header.cuts,
    surrogates: header.surrogates,
    backwardSites: header.backwardSites,
    hooks: [],
    operandNames: [],
  };
  const facts: PassFacts = {
    pass: header.pass as PassId,
    loss: header.loss === null ? null : Number(header.loss),
    steps: header.steps,
    failed: header.failed,
    parameters: header.parameters,
    held: column("held", "B"),
    heldEdges: column("heldEdges", "I"),
    valueMemory: column("valueMemory", "I"),
    gradientMemory: column("gradientMemory", "I"),
    valueStatistics: null,
    gradientStatistics: null,
  };
  return { structure: withRecords(structure), facts };
}

/** The structure with the records of ours that its ops may be. */
function withRecords(structure: PassStructure): PassStructure {
  const { ops, op, attributes, attribute, nodeKind, shapeStart, shapes, inputStart, inputs } = structure;
  const shapeOf = (row: number): readonly number[] => Array.from(shapes.subarray(shapeStart[row], shapeStart[row + 1]));
  const mapped = { ops: [...ops], op: op.slice(), attributes: [...attributes], attribute: attribute.slice() };
  const numbers = new Map<string, number>();
  for (let row = 0; row < structure.rows; row++) {
    const { name } = ops[op[row]!]!;
    if (nodeKind[row] !== NodeKind.op) continue;
    const sources = Array.from(inputs.subarray(inputStart[row], inputStart[row + 1]));
    const found = candidateOf({
      name,
      given: attributes[attribute[row]!] ?? {},
      inputs: sources.map((source) => ({ shape: shapeOf(source) })),
      shape: shapeOf(row),
      dtype: HELD_AS[RECORDED_DTYPES[structure.dtype[row]!]!],
    });
    const record = found && opById(found.record);
    if (!record || (typeof record.vjp !== "function" && record.vjp.length !== sources.length)) continue;
    const key = `${name} ${found.record}`;
    let number = numbers.get(key);
    if (number === undefined) numbers.set(key, (number = mapped.ops.push({ name, record: found.record }) - 1));
    mapped.op[row] = number;
    mapped.attribute[row] = mapped.attributes.push(found.attributes) - 1;
  }
  return { ...structure, ...mapped };
}

/** Attributes with the numbers for which JSON has no text. */
export function withNumbers(attributes: Attributes): Attributes {
  const entries = Object.entries(attributes);
  if (!entries.some(([, value]) => isNumberName(value))) return attributes;
  return Object.fromEntries(entries.map(([name, value]) => [name, isNumberName(value) ? Number(value) : value]));
}

function isNumberName(value: unknown): boolean {
  return value === "Infinity" || value === "-Infinity" || value === "NaN";
}

/** The header of a pass. What it has of a structure and of facts, and where the columns are. */
interface Tables
  extends
    Pick<
      PassStructure,
      | "kind"
      | "rows"
      | "ops"
      | "labels"
      | "sites"
      | "passSite"
      | "scopes"
      | "attributes"
      | "roots"
      | "cuts"
      | "surrogates"
      | "backwardSites"
    >,
    Pick<PassFacts, "steps" | "failed" | "parameters"> {
  readonly pass: number;
  /** As text: it may not be finite. */
  readonly loss: string | null;
  readonly dtypes: readonly string[];
  readonly columns: readonly (readonly [name: string, code: Code, length: number])[];
}
