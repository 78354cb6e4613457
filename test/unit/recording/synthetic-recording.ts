import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { NodeId, PassId } from "../../../engine/protocol/ids.ts";
import { RECORDED_DTYPES } from "../../../engine/protocol/recorded-dtype.ts";
import type { ByteSink, ByteSource } from "../../../engine/recording/file/byte-source.ts";
import type { Manifest } from "../../../engine/recording/file/manifest.ts";
import type { NewPass } from "../../../engine/recording/file/pass-file.ts";
import type { NewElements } from "../../../engine/recording/file/safetensors.ts";
import { NO_NOTES } from "../../../engine/recording/file/pass-notes.ts";
import { RecordingWriter, type Digests } from "../../../engine/recording/file/write-recording.ts";
import { Held, type PassFacts, type PassStructure } from "../../../engine/recording/pass-structure.ts";
import type { RecordedPlane } from "../../../engine/recording/tensor-ref.ts";

export const PROGRAM = "/home/somebody/models/net.ts";
export const SOURCE = 'import * as bs from "backstep";\n';

export const DIGESTS: Digests = {
  checksum: (piece, before) => crc32(piece, before),
  digest: (content) => {
    const hash = createHash("sha256");
    for (const piece of content.pieces()) hash.update(piece);
    return hash.digest("hex").slice(0, 16);
  },
};

export const MANIFEST: Manifest = {
  format: 1,
  producer: { name: "backstep", version: "0.0.0" },
  program: PROGRAM,
  args: [],
  framework: { name: "backstep", version: "0.0.0" },
  device: "cpu",
  seed: 7,
  created: "2026-01-01T00:00:00.000Z",
};

const site = (line: number) => ({ file: PROGRAM, line, column: 1, endLine: line, endColumn: 9, within: "Net.forward" });

/** y = sum(view(x · w)), of x [2, 3] and w [3, 2]: a leaf, a parameter, a product, a view of it, and the loss. */
export const STRUCTURE: PassStructure = {
  kind: "backward",
  file: PROGRAM,
  foreign: false,
  rows: 5,
  ops: [
    { name: "constant", record: "" },
    { name: "parameter", record: "" },
    { name: "matmul", record: "matmul" },
    { name: "view", record: "view" },
    { name: "sum", record: "sum" },
  ],
  op: Uint32Array.of(0, 1, 2, 3, 4),
  nodeKind: Uint8Array.of(3, 2, 0, 0, 0),
  dtype: new Uint8Array(5).fill(RECORDED_DTYPES.indexOf("float32")),
  requiresGrad: Uint8Array.of(0, 1, 1, 1, 1),
  labels: ["", "x", "fc.weight", "loss"],
  label: Uint32Array.of(1, 2, 0, 0, 3),
  sites: [null, site(3), site(4)],
  site: Uint32Array.of(0, 0, 1, 1, 2),
  passSite: 2,
  scopes: [{ parent: -1, kind: "module", name: "net", type: "Net", path: "net", call: 0 }],
  scope: Int32Array.of(-1, -1, 0, 0, -1),
  attributes: [{}, { shape: [4], fill: -Infinity, axes: null }],
  attribute: Uint32Array.of(0, 0, 0, 1, 0),
  shapeStart: Uint32Array.of(0, 2, 4, 6, 7, 7),
  shapes: Float64Array.of(2, 3, 3, 2, 2, 2, 4),
  inputStart: Uint32Array.of(0, 0, 0, 2, 3, 4),
  inputs: Uint32Array.of(0, 1, 2, 3),
  roots: [4 as NodeId],
  backwardOrder: Uint32Array.of(4, 3, 2),
  cuts: [{ row: 0 as NodeId, kind: "detach", site: 1, source: null }],
  surrogates: [],
  backwardSites: [],
  hooks: [[1 as NodeId, 2]],
  operandNames: [[2 as NodeId, ["left", "right"]]],
};

/** A pass of {@link STRUCTURE}, whose numbers begin at `first`. */
export function syntheticPass(pass: number, first: number): NewPass {
  const facts: PassFacts = {
    pass: pass as PassId,
    loss: first === 0 ? Number.NaN : first,
    steps: 3,
    failed: false,
    parameters: [{ row: 1 as NodeId, identity: 0, learningRate: 0.1 }],
    held: Uint8Array.of(
      Held.value,
      Held.value | Held.gradient | Held.accumulated,
      Held.value | Held.gradient,
      Held.value | Held.gradient,
      Held.value | Held.gradient,
    ),
    heldEdges: Uint32Array.of(2),
    valueMemory: Uint32Array.of(1, 2, 3, 3, 4),
    gradientMemory: Uint32Array.of(0, 5, 6, 6, 7),
    valueStatistics: null,
    gradientStatistics: null,
  };
  const sharedBy = new Map<RecordedPlane, NewElements>();
  return {
    structure: STRUCTURE,
    facts,
    notes: NO_NOTES,
    tensor: (ref) => {
      const row = "edge" in ref ? STRUCTURE.inputs[ref.edge]! : ref.row;
      const from = STRUCTURE.shapeStart[row]!;
      const count = STRUCTURE.shapes.subarray(from, STRUCTURE.shapeStart[row + 1]).reduce((a, b) => a * b, 1);
      const values = Float32Array.from({ length: count }, (_, i) => first + row + i);
      // The view has the elements of what it is a view of.
      const shared = !("edge" in ref) && (row === 2 || row === 3);
      if (shared) values.forEach((_, i) => (values[i] = first + 2 + i));
      const elements = { pieces: () => [new Uint8Array(values.buffer, 0, 4), new Uint8Array(values.buffer, 4)] };
      if (!shared) return elements;
      const known = sharedBy.get(ref.plane) ?? elements;
      sharedBy.set(ref.plane, known);
      return known;
    },
  };
}

export class MemorySink implements ByteSink {
  readonly #pieces: Uint8Array[] = [];

  write(bytes: Uint8Array): undefined {
    this.#pieces.push(bytes.slice());
  }

  rewrite(offset: number, bytes: Uint8Array): Promise<void> {
    const whole = this.bytes;
    whole.set(bytes, offset);
    this.#pieces.splice(0, this.#pieces.length, whole);
    return Promise.resolve();
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }
}

export function inMemory(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, target) => {
      if (offset < 0 || offset + target.length > bytes.length) throw new RangeError("read beyond the end");
      target.set(bytes.subarray(offset, offset + target.length));
    },
  };
}

/** A recording of two passes of one structure. */
export async function syntheticRecording(): Promise<Uint8Array> {
  const sink = new MemorySink();
  const writer = new RecordingWriter(sink, DIGESTS);
  await writer.manifest(MANIFEST);
  await writer.source(PROGRAM, SOURCE);
  await writer.pass(syntheticPass(3, 0));
  await writer.pass(syntheticPass(4, 10));
  const { sites } = STRUCTURE;
  await writer.end({
    passes: [0, 3, 4].map((pass) => ({
      pass: pass as PassId,
      kind: "backward",
      loss: pass,
      nodeCount: 5,
      site: sites[2]!,
    })),
    failure: null,
  });
  return sink.bytes;
}
