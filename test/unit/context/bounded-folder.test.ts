import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { keepWithin } from "../../../engine/context/bounded-folder.ts";
import { boundCompiledCode } from "../../../engine/context/compiled-code.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe("a folder of what can be made again", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "backstep-bounds-test-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Files with these ages, each of so many bytes. */
  function write(ages: Readonly<Record<string, number>>, bytes = 10, within = folder): void {
    for (const [name, age] of Object.entries(ages)) {
      writeFileSync(path.join(within, name), "x".repeat(bytes));
      const time = (Date.now() - age) / 1000;
      utimesSync(path.join(within, name), time, time);
    }
  }

  it("keeps the newest half of what is allowed once there are too many files, or too large ones", () => {
    write({ a: 4 * HOUR, b: 3 * HOUR, c: 2 * HOUR, d: HOUR, e: 0 });
    keepWithin(folder, { files: 5, bytes: 50, milliseconds: DAY });
    assert.equal(readdirSync(folder).length, 5);
    keepWithin(folder, { files: 4, bytes: 1000, milliseconds: DAY });
    assert.deepEqual(readdirSync(folder).sort(), ["d", "e"]);
    write({ a: 4 * HOUR, b: 3 * HOUR, c: 2 * HOUR });
    keepWithin(folder, { files: 100, bytes: 49, milliseconds: DAY });
    assert.deepEqual(readdirSync(folder).sort(), ["d", "e"]);
  });

  it("keeps nothing that is too old, and what is spared, and folders", () => {
    write({ key: 9 * DAY, old: 9 * DAY, young: HOUR });
    mkdirSync(path.join(folder, "v8"));
    utimesSync(path.join(folder, "v8"), 1, 1);
    keepWithin(folder, { files: 10, bytes: 1000, milliseconds: DAY }, new Set(["key"]));
    assert.deepEqual(readdirSync(folder).sort(), ["key", "v8", "young"]);
  });

  it("loses compiled code of versions of Node that nobody has run for long", () => {
    for (const version of ["before", "lately", "now"]) mkdirSync(path.join(folder, version));
    write({ a: 0 }, 10, path.join(folder, "before"));
    utimesSync(path.join(folder, "before"), 1, 1);
    write({ a: 2 * HOUR, b: HOUR, c: 0 }, 10, path.join(folder, "now"));
    boundCompiledCode(path.join(folder, "now"), { files: 2, bytes: 1000, milliseconds: DAY });
    assert.deepEqual(readdirSync(folder).sort(), ["lately", "now"]);
    assert.deepEqual(readdirSync(path.join(folder, "now")), ["c"]);
  });

  it("costs a bounded time however much somebody has put there, and may not be there at all", () => {
    keepWithin(path.join(folder, "nowhere"), { files: 1, bytes: 1, milliseconds: 1 });
    keepWithin("/dev/null", { files: 1, bytes: 1, milliseconds: 1 });
    for (let i = 0; i < 1200; i++) writeFileSync(path.join(folder, `${i}`), "");
    const left = Array.from({ length: 4 }, () => {
      keepWithin(folder, { files: 100, bytes: 1000, milliseconds: DAY });
      return readdirSync(folder).length;
    });
    assert.deepEqual(left, [700, 200, 50, 50]);
  });
});
