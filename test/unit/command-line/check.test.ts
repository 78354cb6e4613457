import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const CLI = fileURLToPath(new URL("../../../dist/cli.js", import.meta.url));
const model = fileURLToPath(new URL("../session/structures.model.ts", import.meta.url));

interface Report {
  readonly passes: readonly { readonly index: number }[];
  readonly summary: { readonly fail: number; readonly leftOut?: number };
}

describe("backstep check --most", function () {
  this.timeout(30_000);

  it("checks that many structures, and says how many it left out", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, "check", model, "--json", "--most", "2"]);
    const { passes, summary } = JSON.parse(stdout) as Report;
    assert.deepEqual(
      passes.map(({ index }) => index),
      [0, 3],
    );
    assert.equal(summary.fail, 0);
    assert.equal(summary.leftOut, 2);
  });
});
