import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pythons } from "./pythons.ts";
import { scriptOf } from "../programs.ts";

const folder = import.meta.dirname;
const scripts = readdirSync(join(folder, "scripts")).map((name) => join(folder, "scripts", name));
const cli = scriptOf("command line");

interface Report {
  readonly passes: readonly { readonly ops: readonly { readonly op: string; readonly verdict: string }[] }[];
  readonly summary: { readonly pass: number; readonly fail: number; readonly inconclusive: number };
}

for (const python of pythons) {
  it(`raises no alarm about any op of ${scripts.length} right scripts under ${python}`, function () {
    this.timeout(400_000);
    const command = ["check", join(folder, "measure.py"), "--json", "--pass", "all", "--python", python];
    const { stdout, stderr } = spawnSync(process.execPath, [cli, ...command, "--", ...scripts], {
      encoding: "utf8",
      maxBuffer: 1e9,
    });
    assert.notEqual(stdout, "", stderr);
    const { passes, summary } = JSON.parse(stdout) as Report;
    assert.deepEqual(
      passes.flatMap(({ ops }) => ops.filter(({ verdict }) => verdict === "fail")),
      [],
    );
    assert.ok(summary.pass > 500, `${summary.pass} ops pass`);
    assert.ok(summary.inconclusive <= summary.pass / 100, `${summary.inconclusive} ops are undecided`);
  });
}
