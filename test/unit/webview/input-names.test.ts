import assert from "node:assert/strict";
import katex from "katex";
import "../../../engine/api/all-ops.ts";
import { allOps } from "../../../engine/ops/op.ts";
import {
  backwardEquation,
  forwardEquation,
  inputNames,
  ownName,
  ownNamesIn,
  withOwnNames,
  writtenOut,
} from "../../../webview/inspector/input-names.ts";

describe("formulas of ops", () => {
  it("name their inputs", () => {
    assert.deepEqual(inputNames("a \\odot b", 2), ["a", "b"]);
    assert.deepEqual(inputNames("\\max(x, 0)", 1), ["x"]);
    assert.deepEqual(inputNames("c\\, x", 1), ["x"]);
    assert.deepEqual(inputNames("x W^\\top + b", 3), ["x", "W", "b"]);
    assert.equal(inputNames("\\ln \\sigma(x)", 2), null);
  });

  it("use the names of the program, each in its place, also where those are letters of the formula", () => {
    const names = new Map([
      ["a", ownName("b")],
      ["b", ownName("fc1.weight_ih")],
      ["y", ownName("out")],
    ]);
    assert.equal(withOwnNames("y = a \\odot b", names), "\\mathtt{out} = \\mathtt{b} \\odot \\mathtt{fc1.weight\\_ih}");
    assert.equal(
      backwardEquation(withOwnNames(writtenOut("\\bar y \\odot b"), names), ownName("b"), 0),
      "\\frac{\\partial L}{\\partial \\mathtt{b}} = \\tfrac{\\partial L}{\\partial \\mathtt{out}} \\odot \\mathtt{fc1.weight\\_ih}",
    );
  });

  it("are equations", () => {
    assert.equal(forwardEquation("a + b"), "y = a + b");
    assert.equal(backwardEquation("\\bar y", "a", 0), "\\frac{\\partial L}{\\partial a} = \\bar y");
    assert.equal(writtenOut("\\bar y \\odot b"), "\\tfrac{\\partial L}{\\partial y} \\odot b");
  });

  it("mark the terms that stand for nodes, and remain formulas, of every op", () => {
    for (const { id, formula } of allOps()) {
      const inputs = formula.backward.map((_, i) => ({ node: i + 1, label: i % 2 === 0 ? "fc1.w_x" : "" }));
      const letters = inputNames(formula.forward, inputs.length);
      const own = ownNamesIn({ letters, rules: inputs.length, result: { node: 9, label: "out" }, inputs });
      const equations = [
        withOwnNames(forwardEquation(formula.forward), own.letters),
        ...formula.backward.map((tex, i) =>
          backwardEquation(withOwnNames(writtenOut(tex), own.letters), own.inputs[i], i),
        ),
      ];
      for (const tex of equations) {
        assert.match(tex.replace(/\\htmlData\{[^}]*\}/g, ""), /=/u, `${id}: no equation`);
        const html = katex.renderToString(tex, { trust: ({ command }) => command === "\\htmlData", strict: "ignore" });
        assert.doesNotMatch(html, /katex-error|\\htmlData\b(?![^<]*<\/annotation>)/u, `${id}: ${tex}`);
        if (letters && inputs.length > 0) assert.match(equations.join(), /node=1/u, id);
      }
    }
  });
});
