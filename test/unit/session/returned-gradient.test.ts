import assert from "node:assert/strict";
import ts from "typescript";
import type { GradientFix } from "../../../engine/protocol/check.ts";
import type { Site } from "../../../engine/protocol/site.ts";
import { returnedGradient } from "../../../engine/session/gradient-edits/returned-gradient.ts";
import { SourceText } from "../../../engine/training/fixes/source-text.ts";

const SAVED = "const [x, w] = ctx.savedTensors as [Tensor, Tensor];";
const append = (code: string, input: string | null): GradientFix => ({ kind: "append", code, input });
const write = (code: string, input: string | null): GradientFix => ({ kind: "write", code, input });

/** What becomes of a text whose member between « and » is run as a Function's backward; null where no edit is certain. */
function edited(marked: string, fix: GradientFix, name = "own.ts"): string | null {
  const text = marked.replace(/[«»]/gu, "");
  const source = new SourceText(name, text);
  const backward: Site = source.edit(marked.indexOf("«"), marked.indexOf("»") - 1, "").site;
  const edit = returnedGradient(ts, text, backward, fix);
  if (edit === null) return null;
  const [start, end] = [
    source.offset(edit.site.line, edit.site.column),
    source.offset(edit.site.endLine, edit.site.endColumn),
  ];
  assert.equal(text.slice(start, end), edit.replaces);
  return text.slice(0, start) + edit.text + text.slice(end);
}

interface Parts {
  readonly body: string;
  readonly parameters?: string;
  readonly forward?: string;
  readonly modifiers?: string;
  readonly head?: string;
  readonly tail?: string;
}

const FORWARD = `forward(ctx: Context, x: Tensor, w: Tensor): Tensor {
    ctx.saveForBackward(x, w); // return, "backward(" and [ in words do not count
    return x.mul(w);
  }`;

/** What a Function with such a backward returns once it is put right. */
function fixed(parts: Parts | string, fix: GradientFix): string | null {
  const {
    body,
    parameters = "ctx: Context, g: Tensor",
    forward = FORWARD,
    modifiers = "static",
    head = "class Own extends autograd.Function",
    tail = "",
  } = typeof parts === "string" ? { body: parts } : parts;
  const before = `import { autograd, F, type Tensor } from "backstep";
${head} {
  static ${forward}
  `;
  const after = edited(
    `${before}«${modifiers} backward(${parameters}): (Tensor | null)[] {
${body}
  }»
}${tail}`,
    fix,
  );
  return (
    after && /^[^]*\breturn ([^]*?);?\s*\}$/u.exec(after.slice(before.length, after.length - tail.length - 2))![1]!
  );
}

describe("the edit of what a backward returns", () => {
  it("appends calls, for the input at fault alone", () => {
    assert.equal(fixed(`${SAVED} return [g.mul(w), g.mul(x)];`, append(".neg()", "w")), "[g.mul(w), g.mul(x).neg()]");
    assert.equal(fixed("return g.mul(ctx.w);", append(".div(2)", null)), "g.mul(ctx.w).div(2)");
    assert.equal(fixed("return flag ? g : g.neg();", append(".t()", null)), "(flag ? g : g.neg()).t()");
    assert.equal(
      fixed("return [g.neg() as Tensor, null] as const;", append(".t()", null)),
      "[(g.neg() as Tensor).t(), null] as const",
    );
    assert.equal(fixed("return F.relu(g);", append(".neg()", null)), "F.relu(g).neg()");
    assert.equal(fixed("let gw = g.mul(2); gw = gw.sum(0); return [g, gw];", append(".neg()", "w")), "[g, gw.neg()]");
  });

  it("writes the expression anew, in the names that backward has", () => {
    assert.equal(
      fixed(`${SAVED} return [g.mul(w), g];`, write("grad.mul(x).sum(0)", "w")),
      "[g.mul(w), g.mul(x).sum(0)]",
    );
    assert.equal(fixed(`${SAVED} return [g, null];`, write("grad.mul(x)", "w")), "[g, g.mul(x)]");
    const forward = "forward(ctx, x, w) { const y = x.mul(w).exp(); ctx.scale = 2; ctx.saveForBackward(y); return y; }";
    const body = "const [y] = ctx.savedTensors; return [g, g];";
    assert.equal(fixed({ forward, body }, write("grad.mul(y)", "w")), "[g, g.mul(y)]");
  });

  it("reads comments, strings, templates and regular expressions as what they are", () => {
    const words = 'const note = "return } ] (" + `${[g].map((one) => { return `}`; }).length} return {`; // } return';
    assert.equal(
      fixed(
        `${SAVED} ${words}\nif (/[}\\]]return/u.test(note)) log(note);\nreturn [g /* , ] */, g.mul(x)];`,
        append(".neg()", "w"),
      ),
      "[g /* , ] */, g.mul(x).neg()]",
    );
    assert.equal(
      fixed("return [\n  g, // the first, of ]\n  g\n    .mul(2) // twice\n    .sum(0),\n];", append(".neg()", "w")),
      "[\n  g, // the first, of ]\n  g\n    .mul(2) // twice\n    .sum(0).neg(),\n]",
    );
  });

  it("knows what functions inside of it return from what it returns", () => {
    const inner = "const twice = (t: Tensor) => { return t.mul(2); }; function once(t: Tensor) { return t; }";
    const other = "const Other = class { backward() { return [g]; } };";
    assert.equal(
      fixed(`${inner} ${other} return [g, twice(once(g))];`, append(".neg()", "w")),
      "[g, twice(once(g)).neg()]",
    );
    assert.equal(
      fixed(`${SAVED} const f = (x) => x; return [g, g];`, write("grad.mul(x)", "w")),
      null,
      "a shadowed name",
    );
  });

  it("knows its class from others", () => {
    const others = `
class Other { static forward(ctx, w, x) {} static backward(ctx, h) { return [h, h.neg()]; } }
class Third { backward(ctx, h) { return [h.t()]; } }`;
    assert.equal(fixed({ body: "return [g, g.t()];", tail: others }, append(".neg()", "w")), "[g, g.t().neg()]");
    assert.equal(
      fixed({ body: "return [g, g];", head: "const Own = class extends autograd.Function" }, append(".neg()", "w")),
      "[g, g.neg()]",
    );
    const twin = "function make() { class Own extends autograd.Function { static backward(ctx, g) { return g; } } }";
    assert.equal(fixed({ body: "return [g, g];", tail: twin }, append(".neg()", "w")), null, "two of one name");
    assert.equal(fixed({ body: "return [g, g];", modifiers: "" }, append(".neg()", "w")), null, "not static");
    const inherited = "class B extends A { «static backward(ctx, g) { return [g, g]; }» }";
    assert.equal(edited(inherited, append(".neg()", "w")), null, "forward is another class's");
  });

  it("takes functions that a static field holds", () => {
    const field = (text: string): string =>
      `class Own { static forward = (ctx, x, w) => x; static backward = «${text}»; }`;
    assert.equal(
      edited(field("(ctx, g) => [g, g.t()]"), append(".neg()", "w")),
      field("(ctx, g) => [g, g.t().neg()]").replace(/[«»]/gu, ""),
    );
    assert.equal(
      edited(field("function (ctx, g) { return [g, g]; }"), append(".neg()", "w")),
      field("function (ctx, g) { return [g, g.neg()]; }").replace(/[«»]/gu, ""),
    );
    assert.equal(edited("run(«(ctx, g) => [g]»)", append(".neg()", null)), null, "no member of a class");
  });

  it("leaves alone what something may go around", () => {
    const body = "return [g, g];";
    assert.equal(fixed({ body, modifiers: "@traced static" }, append(".neg()", "w")), null, "a decorated method");
    assert.equal(fixed({ body, head: "@traced class Own" }, append(".neg()", "w")), null, "a decorated class");
    assert.equal(fixed({ body, modifiers: "static async" }, append(".neg()", "w")), null);
    assert.equal(fixed({ body, modifiers: "static *" }, append(".neg()", "w")), null);
    assert.equal(fixed("if (a) return g; return g.neg();", append(".neg()", null)), null, "two returns");
    assert.equal(fixed("if (a) { return [g, g]; }", append(".neg()", "w")), null, "a return that may not be reached");
    assert.equal(edited("class Own:\n  «def backward(ctx, g): return g»", append(".neg()", null), "own.py"), null);
  });

  it("leaves alone what may be no tensor", () => {
    for (const body of [
      "return both(g);",
      "const all = [g]; return all;",
      "return noGrad(() => [g]);",
      "return Own.both(g);",
      "return { x: g };",
      "return flag ? [g] : [g.neg()];",
    ]) {
      assert.equal(fixed(body, append(".neg()", null)), null, body);
    }
    for (const body of [
      "return [g, null];",
      "return [g, undefined];",
      "return [g, needed ? g : null];",
      "return [g, needed && g];",
      "return [g, g?.mul(2)];",
      "return [...rest, g];",
      "return [g];",
      "let gw = null; if (needed) gw = g.mul(2); return [g, gw];",
      "let gw = g.mul(2); if (!needed) gw = null; return [g, gw];",
      "return both(g);",
    ]) {
      assert.equal(fixed(body, append(".neg()", "w")), null, body);
    }
    assert.equal(fixed("return [g, g];", append(".neg()", "xs[1]")), null, "forward has no such parameter");
    assert.equal(fixed("return [g, g];", append(".neg()", null)), null, "which of the two is not to be seen");
  });

  it("writes no name that may mean something else", () => {
    const wrong = write("grad.mul(x)", "w");
    const none = (parts: Parts | string, why: string, fix = wrong): void => assert.equal(fixed(parts, fix), null, why);
    none("const [w, x] = ctx.savedTensors; return [g.mul(w), g];", "x is forward's w");
    none("return [g, g];", "x is not there");
    none(`${SAVED} return [g, g];`, "y is the result, by no name", write("grad.mul(y)", "w"));
    none(`${SAVED} x.mul_(2); return [g, g];`, "x is changed in place");
    none(`${SAVED} g = g.mul(2); return [g, g];`, "the gradient is another now");
    none(`${SAVED} return [g, needed ? g : null];`, "the condition would be lost");
    none(`if (a) { ${SAVED} } return [g, g];`, "x ends before");
    none(`${SAVED} return [g, g];`, "no name of all letters is known", write("grad.mul(größe)", "w"));
    const body = `${SAVED} return [g, g];`;
    none({ body, parameters: "{ savedTensors: [x, w] }, g" }, "ctx is taken apart");
    none({ body: "return [g, g];", parameters: "{ savedTensors: [x, w] }, g" }, "ctx is taken apart");
    none({ body, parameters: "ctx, ...[g]" }, "the gradient has no name");
    none({ body, parameters: "ctx, g, h" }, "there are two gradients");
    none({ body, forward: "forward(ctx, x, w) { x = x.relu(); ctx.saveForBackward(x, w); return x; }" }, "another x");
    none(
      { body, forward: "forward(ctx, a, w) { const x = a.relu(); ctx.saveForBackward(x, w); return x; }" },
      "no operand",
    );
    none(
      { body, forward: "forward(ctx, x, w) { if (a) ctx.saveForBackward(x, w); else ctx.saveForBackward(w, x); }" },
      "two",
    );
    const called = "forward(ctx, y, w) { ctx.saveForBackward(y, w); return y.mul(w); }";
    const taken = "const [y, w] = ctx.savedTensors; return [g, g];";
    none({ body: taken, forward: called }, "y may be the result", write("grad.mul(y)", "w"));
    const graded = "forward(ctx, grad, w) { ctx.saveForBackward(grad, w); return grad.mul(w); }";
    none({ body: "return [g, g];", forward: graded }, "grad may be an operand", write("grad.neg()", "w"));
    assert.equal(fixed({ body: "return [g, g];", parameters: "{ savedTensors }, g" }, write("grad", "w")), "[g, g]");
  });
});
