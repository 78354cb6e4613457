import { expectOutcome } from "./expectation.ts";
import type { Trial } from "./trial.ts";

/**
 * Runs in the engine: writes each kind of file, changes it in some way, reads it. What comes is a tensor whose numbers
 * there are, or the engine's own refusal.
 */
function mutations(write: string, read: string, name: string, count: number): string {
  return `import fs from "node:fs";
import { gzipSync } from "node:zlib";
import { data, ones, tensor, Tensor } from "backstep";
import * as backstep from "backstep";
let state = 12345;
const next = (n: number): number => ((state = (state * 1103515245 + 12345) % 2 ** 31), state % n);
const original: Buffer = Buffer.from(${write});
const odd = [0, 255, 10, 13, 34, 44, 48, 57, 123, 125];
let read = 0, refused = 0;
for (let i = 0; i < ${count}; i++) {
  let bytes = Buffer.from(original);
  for (let edits = next(4) + 1; edits > 0; edits--) {
    const at = next(bytes.length + 1);
    switch (next(5)) {
      case 0: bytes = bytes.subarray(0, at); break;
      case 1: bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([odd[next(odd.length)]!]), bytes.subarray(at)]); break;
      case 2: if (at < bytes.length) bytes[at] = odd[next(odd.length)]!; break;
      case 3: bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + next(8))]); break;
      default: bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(next(bytes.length + 1), at), bytes.subarray(at)]);
    }
    if (bytes.length === 0) bytes = Buffer.from([next(256)]);
  }
  fs.writeFileSync(${JSON.stringify(name)}, bytes);
  try {
    const value: unknown = await (${read})(${JSON.stringify(name)});
    const visit = (part: unknown, depth: number): void => {
      if (part instanceof Tensor) { part.toArray(); if (part.shape.some((size) => !Number.isInteger(size))) throw new Error("shape " + part.shape); }
      else if (typeof part === "object" && part !== null && depth < 3) for (const inner of Object.values(part)) visit(inner, depth + 1);
    };
    visit(value, 0);
    read++;
  } catch (error) {
    if ((error as Error).name !== "BackstepError") { console.log("FOREIGN", i, String(error), bytes.toString("base64").slice(0, 400)); process.exit(7); }
    refused++;
  }
}
console.log("read", read, "refused", refused);
void [data, ones, tensor, backstep, gzipSync];
`;
}

const NPY = `(() => { const head = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"; const padded = head.padEnd(117) + "\\n";
  return Buffer.concat([Buffer.from("\\x93NUMPY\\x01\\x00", "latin1"), Buffer.from([118, 0]), Buffer.from(padded, "latin1"), Buffer.from(new Float32Array(6).buffer)]); })()`;
const MNIST = `[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8]`;
const SAFE = `(() => { const head = Buffer.from(JSON.stringify({ a: { dtype: "F32", shape: [2, 2], data_offsets: [0, 16] }, b: { dtype: "I64", shape: [1], data_offsets: [16, 24] } }));
  const size = Buffer.alloc(8); size.writeBigUInt64LE(BigInt(head.length)); return Buffer.concat([size, head, Buffer.alloc(24)]); })()`;
const CSV = `'a,b,"c d"\\n1,2,3\\n4.5,-6e2,"7"\\n'`;

function kind(name: string, write: string, read: string): Trial {
  const count = 400;
  return {
    kind: "data files",
    name: `${count} mutated ${name} files`,
    run: async (room) => {
      const file = room.write("read.ts", mutations(write, read, `data.${name}`, count));
      expectOutcome(await room.backstep(["run", file]), {
        status: 0,
        says: /read \d+ refused \d+/u,
        never: /FOREIGN/u,
      });
    },
  };
}

export const DATA_FILES: readonly Trial[] = [
  kind("csv", CSV, "data.readCsv"),
  kind("npy", NPY, "data.readNpy"),
  kind("idx", MNIST, "data.readIdx"),
  kind("idx.gz", `gzipSync(Buffer.from(${MNIST}))`, "data.readIdx"),
  kind("safetensors", SAFE, "data.readSafetensors"),
];
