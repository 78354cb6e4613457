import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expectOutcome } from "./expectation.ts";
import type { Room } from "./room.ts";
import type { Trial } from "./trial.ts";

const MODEL = `import { F, nn, randn } from "backstep";
const net = new nn.Linear(3, 2);
F.mseLoss(net.forward(randn([4, 3])), randn([4, 2])).backward();
`;

async function record(room: Room): Promise<Buffer> {
  const file = path.join(room.folder, "good.backstep");
  expectOutcome(await room.backstep(["run", room.write("model.ts", MODEL), "--record", file]), { status: 0 });
  return readFileSync(file);
}

/** A recording that is not as it was written: it is read, or refused in words, and never believed. */
function mutated(name: string, change: (good: Buffer) => Buffer): Trial {
  return {
    kind: "recordings",
    name,
    run: async (room) => {
      const file = path.join(room.folder, "bad.backstep");
      writeFileSync(file, change(await record(room)));
      for (const command of ["show", "check"]) {
        const { status, stderr } = await room.backstep([command, file]);
        assert.ok(status === 0 || (status === 2 && stderr.trim() !== ""), `${command} ended with status ${status}`);
      }
    },
  };
}

function withBytes(good: Buffer, at: number, bytes: readonly number[]): Buffer {
  const changed = Buffer.from(good);
  bytes.forEach((byte, i) => (changed[(at + i) % changed.length] = byte));
  return changed;
}

/** By exact words, so that a test of the words fails where they are no longer there. */
function replaced(good: Buffer, from: string, to: string): Buffer {
  return Buffer.from(good.toString("latin1").replaceAll(from, to.padEnd(from.length).slice(0, from.length)), "latin1");
}

export const RECORDINGS: readonly Trial[] = [
  mutated("empty", () => Buffer.alloc(0)),
  mutated("of other bytes", (good) => Buffer.from(good.map((_, i) => (i * 7919) % 256))),
  mutated("twice over", (good) => Buffer.concat([good, good])),
  mutated("of zeros after its half", (good) =>
    Buffer.concat([good.subarray(0, good.length / 2), Buffer.alloc(good.length / 2)]),
  ),
  mutated("with shapes that are not its", (good) => replaced(good, '"shape"', '"shapf"')),
  mutated("with paths out of it", (good) => replaced(good, "model.ts", "../../x")),
  ...[0.1, 0.3, 0.5, 0.7, 0.9, 0.99].map((share) =>
    mutated(`cut off at ${100 * share} %`, (good) => good.subarray(0, Math.floor(good.length * share))),
  ),
  ...[0, 30, 200, 900, 2500, -30, -4].map((at) =>
    mutated(`with four bytes changed at ${at}`, (good) =>
      withBytes(good, at < 0 ? good.length + at : at, [0xff, 0xff, 0xff, 0x7f]),
    ),
  ),
  {
    kind: "recordings",
    name: "read while it is replaced",
    run: async (room: Room): Promise<void> => {
      const good = await record(room);
      const file = path.join(room.folder, "bad.backstep");
      writeFileSync(file, good);
      const reading = room.backstep(["check", file]);
      writeFileSync(file, good.subarray(0, 100));
      const { status } = await reading;
      assert.ok(status === 0 || status === 2);
    },
  },
];
