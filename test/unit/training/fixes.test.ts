import assert from "node:assert/strict";
import ts from "typescript";
import type { Site } from "../../../engine/protocol/site.ts";
import type { Change } from "../../../engine/training/fixes/change.ts";
import { editsOf } from "../../../engine/training/fixes/edits-of.ts";
import { editedTexts } from "../../../extension/findings/edited-texts.ts";

const FILE = "model.ts";

/** The range that «…» marks in a text, as the site of a call; and the text without the marks. */
function marked(text: string): { readonly text: string; readonly site: Site } {
  const [before = "", call = "", after = ""] = text.split(/[«»]/u);
  const line = before.split("\n").length;
  const column = before.length - before.lastIndexOf("\n");
  const endLine = line + call.split("\n").length - 1;
  const endColumn = endLine === line ? column + call.length : call.length - call.lastIndexOf("\n");
  return { text: before + call + after, site: { file: FILE, line, column, endLine, endColumn } };
}

async function changed(text: string, change: (site: Site) => Change): Promise<string | null> {
  const source = marked(text);
  const edits = editsOf(ts, [change(source.site)], () => source.text);
  if (edits.length === 0) return null;
  const [edited] = await editedTexts(edits, () => Promise.resolve(source.text));
  return edited?.text ?? null;
}

const leaveOut = (call: Site): Change => ({ kind: "leave-out", call });

describe("what a fix makes of the source", () => {
  it("leaves out a method, a function and a layer", async () => {
    assert.equal(
      await changed("const p = x.view(2, 3)\n  .«softmax(1)».log();", leaveOut),
      "const p = x.view(2, 3).log();",
    );
    assert.equal(await changed("loss(F.«softmax(net.forward(x), 1)», y)", leaveOut), "loss(net.forward(x), y)");
    assert.equal(await changed("const p = «softmax(a ? b : c, 1)».sum()", leaveOut), "const p = (a ? b : c).sum()");
    assert.equal(await changed("f(new A(1),\n  «new nn.Softmax(1)»,\n)", leaveOut), "f(new A(1),\n)");
    assert.equal(await changed("this.act = «new nn.Softmax(1)»;", leaveOut), "this.act = new nn.Identity();");
  });

  it("changes a number that is written there, and none that is a variable", async () => {
    const rate = (call: Site): Change => ({ kind: "number", call, which: "lr", to: { times: 0.1 } });
    assert.equal(await changed("«new SGD(p, { lr: 0.3 })»", rate), "new SGD(p, { lr: 0.03 })");
    assert.equal(
      await changed("«new SGD(p, { lr: 1e-1, momentum: 0.9 })»", rate),
      "new SGD(p, { lr: 0.01, momentum: 0.9 })",
    );
    assert.equal(await changed("«new SGD(p, { lr })»", rate), null);
    assert.equal(await changed("«new SGD(p, { lr: rate })»", rate), null);
    const axis = (call: Site): Change => ({ kind: "number", call, which: 0, to: { set: 1 } });
    assert.equal(await changed("x.«softmax(0)»", axis), "x.softmax(1)");
    assert.equal(await changed("F.«softmax(f(x, 2), 0)»", axis), "F.softmax(f(x, 2), 1)");
  });

  it("reads arguments past strings, comments and brackets", async () => {
    const second = (call: Site): Change => ({ kind: "append-to-operand", call, operand: 1, text: ".squeeze(1)" });
    assert.equal(
      await changed('F.«mseLoss(g("a, (b"), /* ) */ [y, z][0])»', second),
      'F.mseLoss(g("a, (b"), /* ) */ [y, z][0].squeeze(1))',
    );
    assert.equal(await changed("pred.«sub(y)»", second), "pred.sub(y.squeeze(1))");
  });

  it("puts a statement where its owner's name is known, and moves one that has a line of its own", async () => {
    const text = "const opt = new SGD();\nfor (;;) {\n  «loss.backward()»;\n  opt.step();\n}";
    const like: Site = { file: FILE, line: 4, column: 7, endLine: 4, endColumn: 13 };
    assert.equal(
      await changed(text, (place) => ({ kind: "insert-call", place, where: "before", like, method: "zeroGrad()" })),
      "const opt = new SGD();\nfor (;;) {\n  opt.zeroGrad();\n  loss.backward();\n  opt.step();\n}",
    );
    assert.equal(
      await changed("opt.step();\n«loss.backward()»;\n", (place) => ({
        kind: "move",
        statement: { file: FILE, line: 1, column: 5, endLine: 1, endColumn: 11 },
        place,
        where: "after",
      })),
      "loss.backward();\nopt.step();\n",
    );
  });

  it("puts no statement where it would be the branch of a condition, or where its owner is another's variable", async () => {
    const zeroGrad = (text: string, line: number, column: number): Promise<string | null> =>
      changed(text, (place) => ({
        kind: "insert-call",
        place,
        where: "before",
        like: { file: FILE, line, column, endLine: line, endColumn: column + 6 },
        method: "zeroGrad()",
      }));
    assert.equal(await zeroGrad("if (last)\n  «loss.backward()»;\nopt.step();", 3, 5), null);
    assert.equal(await zeroGrad("function f(opt) {\n  opt.step();\n}\n«loss.backward()»;", 2, 7), null);
  });

  it("reads options by their names, wherever their numbers stand", async () => {
    const rate = (call: Site): Change => ({ kind: "number", call, which: "lr", to: { times: 0.1 } });
    assert.equal(await changed("«new SGD([{ params, lr: 0.3 }])»", rate), "new SGD([{ params, lr: 0.03 }])");
    assert.equal(
      await changed("«new SGD(f({ lr: 1 }), { lr: 2 } /* lr: 3 */)»", rate),
      "new SGD(f({ lr: 1 }), { lr: 0.2 } /* lr: 3 */)",
    );
    const mean = (call: Site): Change => ({ kind: "word", call, from: '"sum"', to: '"mean"' });
    assert.equal(
      await changed("F.«mseLoss(y, t, { reduction: 'sum' })»", mean),
      'F.mseLoss(y, t, { reduction: "mean" })',
    );
  });

  it("edits nothing where the call does not end where it ran", async () => {
    assert.equal(await changed("x.«softmax(1»)", leaveOut), null);
    assert.equal(await changed("x.«y»", leaveOut), null);
  });
});
