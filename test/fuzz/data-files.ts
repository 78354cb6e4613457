import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { data, tensor, Tensor } from "../../engine/index.ts";
import { EngineError } from "../../engine/context/engine-error.ts";
import { assertQuick, mutate } from "./mutated-recordings.ts";
import { seededRandom } from "./seeded-random.ts";

/** A reader reads its whole file; nobody looks at more numbers of a table than these. */
const MOST_COLUMNS = 20;

interface DataFile {
  /** With the ending by which a reader knows what is packed. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** @returns the tensors that it holds */
  readonly read: (file: string) => readonly Tensor[];
}

function readTable(file: string): readonly Tensor[] {
  const table = data.readCsv(file);
  return table.columns.slice(0, MOST_COLUMNS).map((name) => table.tensor([name]));
}

const IDX = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8);

/** One small file of each format, as the writers of the engine, or those of others, make them. */
function originals(folder: string): readonly DataFile[] {
  const written = (name: string, write: (file: string) => void): Uint8Array => {
    const file = path.join(folder, name);
    write(file);
    return readFileSync(file);
  };
  const npy = written("a.npy", (file) =>
    data.writeNpy(
      file,
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    ),
  );
  const state = {
    a: tensor([1, 2, 3, 4]).view([2, 2]),
    "b.c": tensor([true, false]),
    d: tensor([1], { dtype: "int64" }),
  };
  const safetensors = written("a.safetensors", (file) => data.writeSafetensors(file, state));
  const csv = Buffer.from('a,b,"c d"\n1,2,3\n4.5,-6e2,"7"\n');
  return [
    { name: "data.csv", bytes: csv, read: readTable },
    { name: "data.csv.gz", bytes: gzipSync(csv), read: readTable },
    { name: "data.npy", bytes: npy, read: (file) => [data.readNpy(file)] },
    { name: "data.idx", bytes: IDX, read: (file) => [data.readIdx(file)] },
    { name: "data.idx.gz", bytes: gzipSync(IDX), read: (file) => [data.readIdx(file)] },
    { name: "data.safetensors", bytes: safetensors, read: (file) => Object.values(data.readSafetensors(file)) },
  ];
}

/** @returns whether it is read; @throws what is neither that nor the engine's own refusal */
function reads({ read }: DataFile, file: string): boolean {
  const start = process.cpuUsage();
  let isRead = true;
  try {
    for (const one of read(file)) {
      assert.ok(one instanceof Tensor && one.shape.every((size) => Number.isSafeInteger(size) && size >= 0));
      one.toArray();
    }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    assert.ok(error.message.length > 0 && error.message.length < 10_000);
    isRead = false;
  }
  assertQuick(start);
  return isRead;
}

/** Reads mutated data files, of each format in turn. @returns how many were not survived */
export function run(files: number, seed: number): number {
  const folder = mkdtempSync(path.join(tmpdir(), "backstep-fuzz-"));
  let [read, faults] = [0, 0];
  try {
    const formats = originals(folder);
    for (let i = 0; i < files; i++) {
      const format = formats[i % formats.length]!;
      const file = path.join(folder, format.name);
      const mutated = mutate(format.bytes, seededRandom(seed + i));
      writeFileSync(file, mutated);
      try {
        if (reads(format, file)) read++;
      } catch (error) {
        faults++;
        console.log(
          `${format.name} mutated by seed ${seed + i} is not survived: ${String(error)}\n  ${Buffer.from(mutated).toString("base64")}`,
        );
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log(`${files} mutated data files: ${read} are read, ${files - read - faults} refused, ${faults} fail`);
  return faults;
}
