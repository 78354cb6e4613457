import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { pythons } from "./pythons.ts";
import { record, type RecordedStop } from "./recorded-passes.ts";

const folder = import.meta.dirname;
const scripts = readdirSync(join(folder, "scripts")).map((name) => join(folder, "scripts", name));
const command = [join(folder, "measure.py"), ...scripts];

/** What is counted over all passes. */
interface Tally {
  ops: number;
  unmapped: string[];
  gradients: number;
  unequal: string[];
  /** Contributions of another size than what they go to. */
  misshapen: string[];
}

for (const python of pythons) {
  describe(`the recorder under ${python}`, function () {
    this.timeout(240_000);
    const tally: Tally = { ops: 0, unmapped: [], gradients: 0, unequal: [], misshapen: [] };
    let recorded: string;

    before(async () => {
      const { output, end } = await record(python, command, (stop) => audit(stop, tally));
      assert.equal(end.failure, null);
      recorded = output;
    });

    it(`leaves ${scripts.length} scripts their gradients, weights and random numbers, to the last bit`, () => {
      const plain = execFileSync(python, ["-W", "ignore", ...command], { encoding: "utf8" });
      assert.deepEqual(digests(recorded), digests(plain));
      assert.equal(digests(recorded).length, scripts.length);
    });

    it("knows the op and the line of 99.9 % of what autograd ran", () => {
      assert.ok(tally.unmapped.length <= tally.ops / 1000, `${tally.ops} ops, but\n${tally.unmapped.join("\n")}`);
      assert.ok(tally.ops > 300, `${tally.ops} ops`);
    });

    it("gives contributions the shape of what they go to", () => assert.deepEqual(tally.misshapen, []));

    it("finds 99.9 % of gradients to be the sum of what their consumers passed back", () => {
      assert.ok(tally.unequal.length <= tally.gradients / 1000, `${tally.gradients}, but\n${tally.unequal.join("\n")}`);
      assert.ok(tally.gradients > 300, `${tally.gradients} gradients`);
    });
  });
}

function digests(output: string): string[] {
  return output.split("\n").filter((line) => /^\w+\.py \d+ [0-9a-f]{64}$/u.test(line));
}

/** Looks at a pass: which rows have an op and a line, and whether gradients add up. */
async function audit({ pass, tensor }: RecordedStop, tally: Tally): Promise<void> {
  const where = (row: number): string => {
    const site = pass.site(row);
    return `${pass.recordedOp(row).name} in ${site ? `${site.file}:${site.line}` : (pass.calledAt?.file ?? "?")}`;
  };
  const sums = new Map<number, readonly number[]>();
  for (let edge = 0; edge < pass.edges; edge++) {
    if (!pass.holdsEdge(edge)) continue;
    const part = await tensor({ edge });
    const to = pass.input(edge);
    const size = pass
      .shape(to)
      .reduce((product, length) => product * length, pass.dtype(to).startsWith("complex") ? 2 : 1);
    if (part.length !== size) tally.misshapen.push(`${part.length} for ${size} of ${where(to)}`);
    const before = sums.get(pass.input(edge));
    sums.set(pass.input(edge), before ? before.map((value, i) => value + part[i]!) : part);
  }
  for (let row = 0; row < pass.rows; row++) {
    if (pass.isOp(row)) {
      tally.ops++;
      if (pass.site(row) === null || /Backward\d*$/u.test(pass.recordedOp(row).name)) tally.unmapped.push(where(row));
    }
    const sum = sums.get(row);
    if (!pass.holds(row, "gradient") || sum === undefined || pass.roots.some((root) => root === row)) continue;
    const gradient = await tensor({ row, plane: "gradient" });
    tally.gradients++;
    const size = Math.max(...gradient.map(Math.abs), 0);
    const allowed = (pass.dtype(row) === "bfloat16" ? 2e-2 : 1e-5) * size;
    const isEqual = (value: number, i: number): boolean =>
      Math.abs(value - sum[i]!) <= allowed || Object.is(value, sum[i]);
    // Where a hook of the script's own changes a gradient, it is no longer that sum.
    if (!gradient.every(isEqual) && !where(row).includes("hook_changes_gradient")) tally.unequal.push(where(row));
  }
}
