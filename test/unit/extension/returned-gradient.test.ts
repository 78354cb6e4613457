import assert from "node:assert/strict";
import { fixedReturn, type GradientFix } from "../../../extension/editor/returned-gradient.ts";

/** A Function with this `backward`, and what becomes of it; null where no edit is certain. */
function fixed(body: string, fix: GradientFix, parameters = "ctx: Context, g: Tensor"): string | null {
  const text = `class Own extends autograd.Function {
  static forward(ctx: Context, x: Tensor, w: Tensor): Tensor {
    ctx.saveForBackward(x, w); // return, "backward(" and [ in words do not count
    return x.mul(w);
  }
  static backward(${parameters}): (Tensor | null)[] {
${body}
  }
}`;
  const change = fixedReturn(text, text.indexOf("static backward"), fix);
  if (change === null) return null;
  const after = text.slice(0, change.start) + change.text + text.slice(change.end);
  return /return (.*);/u.exec(after.slice(text.indexOf("static backward")))![1]!;
}

const SAVED = "const [x, w] = ctx.savedTensors as [Tensor, Tensor];";
const append = (code: string, input: string | null): GradientFix => ({ kind: "append", code, input });
const write = (code: string, input: string | null): GradientFix => ({ kind: "write", code, input });

describe("the expression that a backward returns", () => {
  it("gets calls appended, for the input at fault alone", () => {
    assert.equal(fixed(`${SAVED} return [g.mul(w), g.mul(x)];`, append(".neg()", "w")), "[g.mul(w), g.mul(x).neg()]");
    assert.equal(fixed("return g.mul(ctx.w);", append(".div(2)", null)), "g.mul(ctx.w).div(2)");
    assert.equal(fixed("return flag ? g : g.neg();", append(".t()", null)), "(flag ? g : g.neg()).t()");
  });

  it("is written anew, in the names that backward has", () => {
    assert.equal(
      fixed(`${SAVED} return [g.mul(w), g];`, write("grad.mul(x).sum(0)", "w")),
      "[g.mul(w), g.mul(x).sum(0)]",
    );
    assert.equal(fixed(`${SAVED} return [g, null];`, write("grad.mul(x)", "w")), "[g, g.mul(x)]");
  });

  it("stays where an edit is not certain", () => {
    const swapped = "const [w, x] = ctx.savedTensors;";
    assert.equal(fixed(`${swapped} return [g.mul(w), g];`, write("grad.mul(x)", "w")), null, "x is forward's w");
    assert.equal(fixed("return [g, g];", write("grad.mul(x)", "w")), null, "x is not there");
    assert.equal(fixed(`${SAVED} return [g, g];`, write("grad.mul(y)", "w")), null, "y is the result, by no name");
    assert.equal(fixed("if (a) return g; return g.neg();", append(".neg()", null)), null, "two returns");
    assert.equal(fixed("return [g, g];", append(".neg()", "xs[1]")), null, "forward has no such parameter");
    assert.equal(fixed("return both(g);", append(".neg()", "w")), null, "which element is not to be seen");
    assert.equal(fixed("return [g, null];", append(".neg()", "w")), null, "there is nothing to append to");
  });
});
