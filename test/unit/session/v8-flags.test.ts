import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { V8_FLAGS } from "../../../engine/session/v8-flags.ts";

describe("V8's flags", () => {
  it("are known to the V8 that runs this", () => {
    // Node refuses an option that neither it nor V8 knows; set later, it would only be a line on standard error.
    const { status, stderr } = spawnSync(process.execPath, [...V8_FLAGS, "--eval", "0"], { encoding: "utf8" });
    assert.deepEqual([status, stderr], [0, ""]);
  });
});
