import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { backstep, placed, plainly, recorded, summed } from "./recorded-program.ts";

const folder = path.join(import.meta.dirname, "programs");
const programs = readdirSync(folder).filter((name) => name !== "show.js");

interface CheckReport {
  readonly passes: readonly { readonly ops: readonly { readonly op: string; readonly verdict: string }[] }[];
  readonly summary: { readonly pass: number; readonly fail: number; readonly inconclusive: number };
}

describe("A program with TensorFlow.js", function () {
  this.timeout(120_000);
  const total = { ops: 0, placed: 0, sums: 0, right: 0 };

  for (const name of programs) {
    it(`computes the same to the bit under the recorder: ${name}`, async () => {
      const program = path.join(folder, name);
      const expected = plainly(program).stdout.trim();
      assert.notEqual(expected, "");
      await recorded(program, ({ report, passes, recording }) => {
        const printed = report.output.filter(({ stream }) => stream === "stdout").map(({ text }) => text);
        assert.equal(printed.join("\n"), expected);
        assert.equal(passes.length, report.passes.length);
        assert.ok(passes.length > 0);
        for (const pass of passes) {
          const found = placed(pass, program);
          const sums = summed(recording, pass);
          total.ops += found.ops;
          total.placed += found.placed;
          total.sums += sums.of;
          total.right += sums.right;
        }
      });
    });
  }

  it("has a place for 99 % of what it ran, and gradients that are the sums of what was passed back", () => {
    assert.ok(total.ops > 1000, `${total.ops} ops`);
    assert.ok(total.placed >= 0.99 * total.ops, `${total.placed} of ${total.ops} ops have a place`);
    assert.ok(total.sums > 1000, `${total.sums} sums`);
    assert.ok(total.right >= 0.999 * total.sums, `${total.right} of ${total.sums} sums are right`);
  });

  for (const name of [
    "custom-gradient.js",
    "casts.js",
    "pieces.js",
    "attention.js",
    "lstm.js",
    "layers-fit.js",
    "layers-cnn.js",
  ]) {
    it(`is not called wrong where it is right: ${name}`, () => {
      const { status, stdout, stderr } = backstep("check", path.join(folder, name), "--json");
      assert.equal(status, 0, stderr);
      const { passes, summary } = JSON.parse(stdout) as CheckReport;
      assert.equal(summary.fail, 0);
      const undecided = passes.flatMap(({ ops }) => ops.filter(({ verdict }) => verdict === "inconclusive"));
      assert.ok(undecided.length <= 1, JSON.stringify(undecided, null, 2));
    });
  }

  it("has the op named whose custom gradient is wrong", () => {
    const { status, stdout } = backstep("check", path.join(folder, "wrong-gradient.js"));
    assert.equal(status, 1);
    assert.match(stdout, /FAIL {2}cube .*wrong-gradient\.js:10:27\n.*2\/3 of the gradient/u);
  });

  it("has ops of tfjs named whose own gradient is wrong", () => {
    const { status, stdout } = backstep("check", path.join(folder, "wrong-in-tfjs.js"), "--pass", "all");
    assert.equal(status, 1);
    assert.match(stdout, /FAIL {2}avgPool .*wrong-in-tfjs\.js:7:/u);
    assert.match(stdout, /FAIL {2}mirrorPad .*wrong-in-tfjs\.js:10:/u);
    assert.doesNotMatch(stdout, /FAIL {2}(?:square|sum)/u);
  });
});
