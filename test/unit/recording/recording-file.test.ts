import assert from "node:assert/strict";
import type { NodeId, PassId } from "../../../engine/protocol/ids.ts";
import { RecordingFile } from "../../../engine/recording/file/recording-file.ts";
import { inMemory, PROGRAM, SOURCE, STRUCTURE, syntheticPass, syntheticRecording } from "./synthetic-recording.ts";

describe("a recording's file", () => {
  let bytes: Uint8Array;
  before(async () => {
    bytes = await syntheticRecording();
  });

  const entriesOf = (content: Uint8Array): { name: string; at: number }[] => {
    const found: { name: string; at: number }[] = [];
    const buffer = Buffer.from(content.buffer, content.byteOffset, content.length);
    for (let at = 0; buffer.readUInt32LE(at) === 0x04034b50;) {
      const nameLength = buffer.readUInt16LE(at + 26);
      const start = at + 30 + nameLength + buffer.readUInt16LE(at + 28);
      found.push({ name: buffer.toString("utf8", at + 30, at + 30 + nameLength), at: start });
      at = start + buffer.readUInt32LE(at + 22);
    }
    return found;
  };

  it("gives back what was written: passes, structure, sources, and every tensor", async () => {
    const file = await RecordingFile.open(inMemory(bytes));
    assert.equal(file.truncated, false);
    assert.equal(file.program, PROGRAM);
    assert.deepEqual(
      file.passes.map(({ pass, kept }) => [pass, kept]),
      [
        [0, false],
        [3, true],
        [4, true],
      ],
    );
    assert.equal(file.sourceText(PROGRAM), SOURCE);
    assert.equal(file.sourceText("/elsewhere.ts"), null);
    for (const [pass, first] of [
      [3, 0],
      [4, 10],
    ] as const) {
      const written = syntheticPass(pass, first);
      const { structure, facts } = file.pass(pass as PassId);
      assert.deepEqual(structure, STRUCTURE);
      assert.deepEqual(facts, written.facts);
      for (const plane of ["value", "gradient"] as const) {
        for (const row of [1, 2, 3, 4] as NodeId[]) {
          const ref = { pass: pass as PassId, row, plane };
          assert.deepEqual(Buffer.from(file.tensor(ref)), Buffer.concat([...written.tensor(ref).pieces()]));
        }
      }
      const ref = { pass: pass as PassId, edge: 2 };
      assert.deepEqual(Buffer.from(file.tensor(ref)), Buffer.concat([...written.tensor(ref).pieces()]));
    }
    // Passes of one structure share the object.
    assert.equal(file.pass(3 as PassId).structure, file.pass(4 as PassId).structure);
  });

  it("begins every entry at a multiple of 64 and writes a structure once", () => {
    const entries = entriesOf(bytes);
    for (const { at } of entries) assert.equal(at % 64, 0);
    assert.equal(entries.filter(({ name }) => name.startsWith("structures/")).length, 1);
    assert.equal(entries[0]?.name, "manifest.json");
  });

  it("opens up to the last whole entry where it was cut off", async () => {
    const entries = entriesOf(bytes);
    const second = entries.find(({ name }) => name === "passes/000004.safetensors")!;
    const file = await RecordingFile.open(inMemory(bytes.subarray(0, second.at + 100)));
    assert.equal(file.truncated, true);
    assert.deepEqual(
      file.passes.map(({ pass, loss, kept }) => [pass, loss, kept]),
      [[3, Number.NaN, true]],
    );
    assert.equal(file.pass(3 as PassId).structure.rows, 5);
  });

  it("says what is wrong with a file that is none", async () => {
    await assert.rejects(RecordingFile.open(inMemory(Buffer.from("hello"))), /too short to be a recording/u);
    await assert.rejects(RecordingFile.open(inMemory(Buffer.alloc(100))), /is not a recording/u);
    const later = Buffer.from(bytes);
    later.write('"format": 9', later.indexOf('"format": 1'));
    await assert.rejects(
      RecordingFile.open(inMemory(later)),
      /is of format 9; this version of Backstep reads up to 1/u,
    );
  });

  it("never believes a column that leads out of its list", async () => {
    const file = await RecordingFile.open(inMemory(bytes));
    assert.ok(file.pass(3 as PassId));
    // The inputs of the structure; the ops before them are 0, 1, 2, 3, 4.
    const column = Buffer.from(Int32Array.of(0, 1, 2, 3).buffer);
    const at = Buffer.from(bytes).indexOf(column, Buffer.from(bytes).indexOf(column) + 4);
    assert.ok(at > 0);
    const wrong = Buffer.from(bytes);
    wrong.writeInt32LE(4, at + 8);
    const opened = await RecordingFile.open(inMemory(wrong));
    assert.throws(() => opened.pass(3 as PassId), /has an input of row 3 that is not before it/u);
  });
});
