import assert from "node:assert/strict";
import { formatPass } from "../../../engine/command-line/format-pass.ts";
import { PassPrinter } from "../../../engine/command-line/pass-printer.ts";
import type { LeafReport, PassReport } from "../../../engine/protocol/report.ts";

function passOf(leaves: readonly (readonly [name: string, norm: number])[]): PassReport {
  const reports = leaves.map(([name, norm]): LeafReport => ({ name, norm, shape: [] }));
  return { index: 3, kind: "backward", loss: 0.41234, nodes: 17, leaves: reports };
}

describe("a pass on the command line", () => {
  it("is a line with every leaf of a small model", () => {
    const line = formatPass(
      passOf([
        ["fc1.weight", 0.79],
        ["fc1.bias", 0.0625],
      ]),
    );
    assert.equal(line, "pass 3  loss 0.412  17 nodes  fc1.weight 0.79  fc1.bias 0.0625\n");
  });

  it("sums up by module what does not fit: the norm of all its leaves together", () => {
    // ‖∇‖ of two layers with four leaves of norms 3 and 4 each: √(2·3² + 2·4²) = √50
    const leaves = [0, 1].flatMap((layer) => [3, 4, 3, 4].map((norm, i) => [`layers.${layer}.w${i}`, norm] as const));
    assert.equal(
      formatPass(passOf(leaves)),
      "pass 3  loss 0.412  17 nodes  layers.0 7.07 (4 leaves)  layers.1 7.07 (4 leaves), smallest layers.0.w0 3\n",
    );
  });

  it("never hides the smallest norm: of many modules, and within one that is summed up", () => {
    const deep = Array.from({ length: 10 }, (_, i) => [`layer${i}.weight`, 10 ** (i - 9)] as const);
    assert.match(formatPass(passOf(deep)), / {2}and 4 more, smallest layer0\.weight 1e-9\n$/u);
    const dead = Array.from({ length: 8 }, (_, i) => [`fc${i % 2}.w${i}`, i === 5 ? 0 : NaN] as const);
    assert.match(formatPass(passOf(dead)), /, smallest fc1\.w5 0\n$/u);
    assert.doesNotMatch(formatPass(passOf(dead.filter(([, norm]) => Number.isNaN(norm)))), /smallest/u);
  });

  it("names all that got no gradient, in a line of its own, and again only where it is another set", () => {
    const names = Array.from({ length: 9 }, (_, i) => `head.${i}`);
    const pass = { ...passOf([["fc.weight", 1]]), withoutGradient: names };
    const line = `pass 3  loss 0.412  17 nodes  fc.weight 1\n`;
    assert.equal(formatPass(pass), `${line}  no gradient: ${names.join(", ")}\n`);
    assert.equal(formatPass(pass, pass), line);
    const fewer = { ...pass, withoutGradient: ["head.0"] };
    assert.equal(formatPass(fewer, pass), `${line}  no gradient: head.0\n`);
  });

  it("names the largest of many single leaves, and NaN before all", () => {
    const leaves = Array.from({ length: 9 }, (_, i) => [`x${i}`, i === 4 ? NaN : i] as const);
    assert.equal(
      formatPass(passOf(leaves)),
      "pass 3  loss 0.412  17 nodes  x4 NaN  x8 8  x7 7  x6 6  x5 5  x3 3  and 3 more, smallest x0 0\n",
    );
  });

  it("is printed in the order of the numbers, also where it ran within another, which ends after it", () => {
    const lines: string[] = [];
    const printer = new PassPrinter((text) => lines.push(text));
    const take = (index: number): void => printer.take({ ...passOf([["w", 1]]), index });
    take(0);
    take(2);
    assert.deepEqual(
      lines.map((line) => line.slice(0, 6)),
      ["pass 0"],
    );
    take(1);
    take(4);
    printer.end();
    assert.deepEqual(
      lines.map((line) => line.slice(0, 6)),
      ["pass 0", "pass 1", "pass 2", "pass 4"],
    );
  });
});
