import assert from "node:assert/strict";
import "../../../engine/api/all-ops.ts";
import { allOps } from "../../../engine/ops/op.ts";
import { formulaText } from "../../../extension/text/formula-text.ts";

describe("a formula as a line of text", () => {
  for (const [tex, text] of [
    ["\\bar y \\odot b", "ȳ ⊙ b"],
    ["\\frac{\\bar y\\, (x - \\bar x)}{(n-1)\\, y}", "(ȳ (x − x̄))/((n−1) y)"],
    ["A^\\top \\bar Y", "Aᵀ Ȳ"],
    ["x_i - \\log\\sum_j e^{x_j}", "xᵢ − log Σⱼ e^(xⱼ)"],
    ["\\min(\\max(x, l), u)", "min(max(x, l), u)"],
    ["-\\frac{w_c}{\\sum_n w_{c_n}}\\, \\bar y\\, e_c", "−(w_c)/(Σₙ w_cₙ) ȳ e_c"],
    ["\\begin{aligned} c' &= f\\, c \\\\ h' &= c' \\end{aligned}", "c' = f c; h' = c'"],
    ["\\tfrac{2}{\\sqrt\\pi}\\, e^{-x^2}", "2/(√π) e^(−x²)"],
  ] as const) {
    it(`reads ${tex}`, () => assert.equal(formulaText(tex).normalize("NFC"), text.normalize("NFC")));
  }

  it("leaves no TeX in the formula of any op", () => {
    for (const { id, formula } of allOps()) {
      for (const tex of [formula.forward, ...formula.backward]) {
        assert.doesNotMatch(formulaText(tex), /[\\{}]|undefined/, `${id}: ${tex}`);
      }
    }
  });
});
