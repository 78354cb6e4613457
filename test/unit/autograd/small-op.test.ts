import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("small-op.program.ts", import.meta.url));

describe("an op on a small tensor", () => {
  it("makes three objects and the array of its operands, and half as much again on the way back", function () {
    this.timeout(180_000);
    const flags = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=64"];
    const bytes = Number(execFileSync(process.execPath, [...flags, program], { encoding: "utf8" }));
    // Tensor 104, storage 72, node 144, operands 64; every other op has a rule that makes a tensor and its storage; and
    // the pass lists its nodes. One more field of a tensor costs 12.
    assert.ok(bytes > 400, `${bytes} bytes an op: something was not measured`);
    assert.ok(bytes < 600, `${bytes} bytes an op`);
  });
});
