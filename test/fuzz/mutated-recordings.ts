import assert from "node:assert/strict";
import { alignRows } from "../../engine/recording/compare/align.ts";
import type { ByteSource } from "../../engine/recording/file/byte-source.ts";
import { RecordingError } from "../../engine/recording/file/recording-error.ts";
import { RecordingFile } from "../../engine/recording/file/recording-file.ts";
import type { NodeId } from "../../engine/protocol/ids.ts";
import { Held } from "../../engine/recording/pass-structure.ts";
import { Schedule } from "../../engine/recording/schedule.ts";

/** A mutated file may take no longer: a hang is a fault as well. Of this process's own time, however busy the machine is. */
const MOST_MILLISECONDS = 2000;

/** What reading a file may take beside the file itself, in bytes. */
export const MOST_MEMORY = 100 * 2 ** 20;

/** @throws AssertionError when more of the processor's time has gone since `start` than a file may take */
export function assertQuick(start: NodeJS.CpuUsage): void {
  const { user, system } = process.cpuUsage(start);
  assert.ok((user + system) / 1000 < MOST_MILLISECONDS, "it took too long");
}

/** The most memory that this process has had so far, in bytes: also what a file took only for a moment. */
export function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** Numbers that break what trusts them. */
const WORDS = [0, 1, 2, 0x7f, 0xff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

/** A file as it may arrive: with bytes changed, a word that lies, a part missing, doubled or moved, or JSON that says something else. */
export function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const below = (end: number): number => Math.floor(random() * end);
  let mutated = Buffer.from(bytes);
  for (let times = 1 + below(3); times > 0; times--) {
    const at = below(mutated.length);
    const length = Math.min(1 + below(64), mutated.length - at);
    switch (below(8)) {
      case 0:
        mutated[at] = below(256);
        break;
      case 1:
        mutated[at] = mutated[at]! ^ (1 << below(8));
        break;
      case 2:
        if (at + 4 <= mutated.length) mutated.writeUInt32LE(WORDS[below(WORDS.length)]!, at);
        break;
      case 3:
        mutated = mutated.subarray(0, at);
        break;
      case 4:
        mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(at + length)]);
        break;
      case 5:
        mutated = Buffer.concat([mutated.subarray(0, at + length), mutated.subarray(at)]);
        break;
      case 6:
        mutated.copy(mutated, at, below(mutated.length), below(mutated.length) + length);
        break;
      case 7:
        changeDigit(mutated, at, below);
    }
    if (mutated.length === 0) return mutated;
  }
  return mutated;
}

/** Another digit, or a minus, in some number of a JSON text. */
function changeDigit(bytes: Buffer, from: number, below: (end: number) => number): void {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at]! < 0x30 || bytes[at]! > 0x39) continue;
    bytes[at] = below(12) === 0 ? 0x2d : 0x30 + below(10);
    return;
  }
}

/** A source that counts what is asked of it: nobody may hold much more than the file is long. */
class CountedSource implements ByteSource {
  readonly size: number;
  readonly #bytes: Uint8Array;
  largest = 0;

  constructor(bytes: Uint8Array) {
    this.size = bytes.length;
    this.#bytes = bytes;
  }

  read(offset: number, target: Uint8Array): void {
    this.largest = Math.max(this.largest, target.length);
    if (!(offset >= 0) || offset + target.length > this.size) throw new Error(`read of ${target.length} at ${offset}`);
    target.set(this.#bytes.subarray(offset, offset + target.length));
  }
}

/**
 * Opens a file and reads all of it, as the panel would.
 * @returns "opened", or what was said to be wrong
 * @throws AssertionError when the file did anything else
 */
export async function readWhole(bytes: Uint8Array): Promise<string> {
  const source = new CountedSource(bytes);
  const start = process.cpuUsage();
  let answer = "opened";
  try {
    const file = await RecordingFile.open(source);
    for (const { pass, kept } of file.passes) {
      if (!kept) continue;
      const { structure, facts } = file.pass(pass);
      file.notes(pass);
      for (let row = 0; row < structure.rows; row++) {
        for (const plane of ["value", "gradient", "accumulated"] as const) {
          if ((facts.held[row]! & Held[plane]) !== 0) file.tensor({ pass, row: row as NodeId, plane });
        }
      }
      for (const edge of facts.heldEdges) file.tensor({ pass, edge });
      new Schedule(structure);
      alignRows(structure, { ...structure });
      for (const site of structure.sites) if (site) file.sourceText(site.file);
    }
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    assert.ok(error.message.length > 0 && error.message.length < 10_000);
    answer = error.message;
  }
  assertQuick(start);
  assert.ok(source.largest <= bytes.length, "more was read at once than there is");
  return answer;
}
