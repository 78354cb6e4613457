import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { JobId, NodeId } from "../../engine/protocol/ids.ts";
import { openRecording } from "../../engine/session/recording/file-source.ts";
import { EngineSession } from "../golden/stepping/engine-session.ts";
import { openRanksOnce, writeRanks } from "./recorded-ranks.ts";
import { median, type Row, type Suite } from "./row.ts";

const MEBIBYTE = 2 ** 20;
const PIECE_BYTES = 4 * MEBIBYTE;

function row(work: string, ours: number, unit: string, more: Partial<Row> & { readonly goal: string }): Row {
  return {
    suite: "recording",
    work,
    threads: 1,
    ours,
    unit,
    peer: null,
    peerValue: null,
    ratio: null,
    met: null,
    ...more,
  };
}

/** Writes as many bytes as a recording has, as fast as they can be written. @returns milliseconds */
function rawWrite(file: string, bytes: number): number {
  const piece = new Uint8Array(PIECE_BYTES).fill(7);
  const start = performance.now();
  const descriptor = openSync(file, "w");
  for (let left = bytes; left > 0; left -= piece.length) {
    writeSync(descriptor, piece, 0, Math.min(left, piece.length));
  }
  // As a recording is: on the disk before it is said to be saved.
  fdatasyncSync(descriptor);
  closeSync(descriptor);
  const time = performance.now() - start;
  rmSync(file);
  return time;
}

/** All ranks of a training at the nodes of one pass. The first time is what counts: nobody opens them twice. */
async function* ranks(): AsyncGenerator<Row, void> {
  const folder = mkdtempSync(path.join(tmpdir(), "backstep-bench-"));
  try {
    await writeRanks(folder);
    const { time, bytes } = await openRanksOnce(folder);
    const work = "open what 8 ranks recorded of a pass of 10,000 nodes";
    yield row(work, time, "ms", { goal: "≤ 2,000 ms", met: time <= 2000 });
    const size = bytes / MEBIBYTE;
    yield row("memory that it takes", size, "MiB", { goal: "≤ 300 MiB", met: size <= 300 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Saving, opening and reading a pass of 10,000 nodes. */
export const suite: Suite = async function* ({ quick }) {
  yield* ranks();
  const folder = mkdtempSync(path.join(tmpdir(), "backstep-bench-"));
  const file = path.join(folder, "chain.backstep");
  const session = new EngineSession(path.join(import.meta.dirname, "recorded-chain.model.ts"));
  try {
    const { pass } = await session.firstStop();
    const [saving, raw, ratios] = [[], [], []] as [number[], number[], number[]];
    let bytes = 0;
    for (let i = -1; i < (quick ? 5 : 15); i++) {
      // Both write a file that is not there yet: to replace one takes as long again, whoever does it.
      rmSync(file, { force: true });
      const before = bytes === 0 ? 0 : rawWrite(path.join(folder, "raw"), bytes);
      const start = performance.now();
      ({ bytes } = await session.engine.save((i + 2) as JobId, file, null));
      const time = performance.now() - start;
      // The disk is asked before and after: it changes from one second to the next.
      const disk = (before + rawWrite(path.join(folder, "raw"), bytes)) / 2;
      // The first time, code is compiled.
      if (i < 0) continue;
      saving.push(time);
      raw.push(disk);
      ratios.push(disk / time);
    }
    const size = `${Math.round(bytes / 1e6)} MB`;
    const speed = (time: number): number => bytes / MEBIBYTE / (time / 1000);
    const ratio = median(ratios);
    yield row(`save a pass of 10,000 nodes, ${size}`, speed(median(saving)), "MiB/s", {
      peer: "the disk",
      peerValue: speed(median(raw)),
      ratio,
      goal: "≥ 0.5×",
      met: ratio >= 0.5,
    });

    const opening: number[] = [];
    for (let i = 0; i < (quick ? 5 : 15); i++) {
      const start = performance.now();
      const { recording, close } = await openRecording(file);
      recording.pass(pass);
      opening.push(performance.now() - start);
      close();
    }
    yield row(`open it`, median(opening), "ms", { goal: "≤ 150 ms", met: median(opening) <= 150 });

    const { recording, close } = await openRecording(file);
    const reading: number[] = [];
    for (let row = 0; row < 9998; row += 7) {
      const start = performance.now();
      recording.tensor({ pass, row: row as NodeId, plane: "value" });
      reading.push(performance.now() - start);
    }
    close();
    const slowest = reading.sort((a, b) => a - b)[Math.floor(0.99 * reading.length)] ?? Number.NaN;
    yield row("read a tensor of it, 99 of 100 faster", slowest, "ms", { goal: "≤ 1 ms", met: slowest <= 1 });
  } finally {
    await session[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  }
};
