import assert from "node:assert/strict";
import type { Site } from "../../../engine/protocol/site.ts";
import { pythonEditsOf } from "../../../engine/recorders/pytorch/python-edits.ts";
import type { Change } from "../../../engine/training/fixes/change.ts";
import { editedTexts } from "../../../extension/findings/edited-texts.ts";

const FILE = "train.py";

/** The ranges that «…» mark in a text, as sites; and the text without the marks. */
function marked(text: string): { readonly text: string; readonly sites: readonly Site[] } {
  const plain = text.replaceAll(/[«»]/gu, "");
  const place = (offset: number): { line: number; column: number } => {
    const before = plain.slice(0, offset);
    return { line: before.split("\n").length, column: before.length - before.lastIndexOf("\n") };
  };
  const sites = [...text.matchAll(/«([^»]*)»/gu)].map(({ index, 1: call = "" }, i): Site => {
    const [from, to] = [place(index - 2 * i), place(index - 2 * i + call.length)];
    return { file: FILE, ...from, endLine: to.line, endColumn: to.column };
  });
  return { text: plain, sites };
}

async function changed(text: string, change: (first: Site, second: Site) => Change): Promise<string | null> {
  const { text: plain, sites } = marked(text);
  const edits = pythonEditsOf([change(sites[0]!, sites[1] ?? sites[0]!)], () => plain);
  if (edits.length === 0) return null;
  const [edited] = await editedTexts(edits, () => Promise.resolve(plain));
  return edited?.text ?? null;
}

const leaveOut = (call: Site): Change => ({ kind: "leave-out", call });
const reset = (place: Site, like: Site): Change => ({
  ...{ kind: "insert-call", where: "before", method: "zeroGrad()" },
  ...{ place, like },
});

describe("what a fix makes of a Python script", () => {
  it("leaves out a method, a function and a layer", async () => {
    assert.equal(await changed("h = «net(x).detach()»\n", leaveOut), "h = net(x)\n");
    assert.equal(await changed("loss(«F.softmax(net(x), dim=1)», y)", leaveOut), "loss(net(x), y)");
    assert.equal(await changed("p = «torch.softmax(a + b, 1)».sum()", leaveOut), "p = (a + b).sum()");
    assert.equal(await changed("Sequential(nn.A(1),\n  «nn.Softmax(dim=1)»,\n)", leaveOut), "Sequential(nn.A(1),\n)");
    assert.equal(await changed("self.act = «nn.Softmax(1)»", leaveOut), "self.act = nn.Identity()");
  });

  it("leaves alone a layer that is called, which is no method of a tensor", async () => {
    assert.equal(await changed("h = «self.softmax(h)»", leaveOut), null);
    assert.equal(await changed("h = «net.softmax(h)»", leaveOut), null);
  });

  it("changes a number that is written there, and none that is a variable", async () => {
    const rate = (call: Site): Change => ({ kind: "number", call, which: "lr", to: { times: 0.1 } });
    assert.equal(
      await changed("o = «torch.optim.SGD(net.parameters(), lr=0.3)»", rate),
      "o = torch.optim.SGD(net.parameters(), lr=0.03)",
    );
    assert.equal(await changed("«SGD(p, lr = 1e-1, momentum=0.9)»", rate), "SGD(p, lr = 0.01, momentum=0.9)");
    assert.equal(await changed("«SGD(p, lr=rate)»", rate), null);
    const decay = (call: Site): Change => ({ kind: "number", call, which: "weightDecay", to: { set: 1e-4 } });
    assert.equal(await changed("«SGD(p, lr=1, weight_decay=2)»", decay), "SGD(p, lr=1, weight_decay=0.0001)");
    const limit = (call: Site): Change => ({ kind: "number", call, which: 1, to: { set: 2 } });
    assert.equal(
      await changed("«clip_grad_norm_(net.parameters(), 1e-9)»", limit),
      "clip_grad_norm_(net.parameters(), 2)",
    );
    assert.equal(await changed("«clip_grad_norm_(p, max_norm=1e-9)»", limit), "clip_grad_norm_(p, max_norm=2)");
    const axis = (call: Site): Change => ({ kind: "number", call, which: 0, to: { set: 1 } });
    assert.equal(await changed("«F.softmax(f(x, 2), 0)»", axis), "F.softmax(f(x, 2), 1)");
    assert.equal(await changed("«x.softmax(dim=0)»", axis), "x.softmax(dim=1)");
  });

  it("reads arguments past strings, comments and brackets, and none behind what is unpacked", async () => {
    const second = (call: Site): Change => ({ kind: "append-to-operand", call, operand: 1, text: ".squeeze(1)" });
    assert.equal(
      await changed("«F.mse_loss(g('a, (b'), # ) 'c\n  [y, z][0])»", second),
      "F.mse_loss(g('a, (b'), # ) 'c\n  ([y, z][0]).squeeze(1))",
    );
    assert.equal(await changed('«criterion("""a"b,""", y)»', second), 'criterion("""a"b,""", y.squeeze(1))');
    assert.equal(await changed("«F.mse_loss(*both, y)»", second), null);
    assert.equal(await changed("«F.mse_loss(out, target=y)»", second), null);
    assert.equal(await changed("«out.sub(y)»", second), null);
  });

  it("renames a function that is reached through its module", async () => {
    const rename = (call: Site): Change => ({ kind: "rename", call, from: "nllLoss", to: "crossEntropy" });
    assert.equal(await changed("loss = «F.nll_loss(net(x), y)»", rename), "loss = F.cross_entropy(net(x), y)");
    assert.equal(await changed("loss = «nll_loss(net(x), y)»", rename), null);
    assert.equal(await changed("loss = «criterion(net(x), y)»", rename), null);
  });

  it("changes a word, however it is quoted", async () => {
    const mean = (call: Site): Change => ({ kind: "word", call, from: '"sum"', to: '"mean"' });
    assert.equal(await changed("«F.mse_loss(a, b, reduction='sum')»", mean), 'F.mse_loss(a, b, reduction="mean")');
    const minimise = (call: Site): Change => ({ kind: "word", call, from: "true", to: "false" });
    assert.equal(await changed("«SGD(p, lr=1, maximize=True)»", minimise), "SGD(p, lr=1, maximize=False)");
  });

  it("writes behind a call, and no operator's result", async () => {
    const detach = (call: Site): Change => ({ kind: "append", call, text: ".detach()" });
    assert.equal(await changed("y = «target(x)»", detach), "y = target(x).detach()");
    assert.equal(await changed("y = «f(a) + f(b)»", detach), null);
  });

  it("puts another layer before one of a list", async () => {
    const relu = (before: Site): Change => ({ kind: "insert-layer", before, layer: "ReLU" });
    assert.equal(
      await changed("nn.Sequential(nn.Linear(4, 8),\n    «nn.Linear(8, 2)»)", relu),
      "nn.Sequential(nn.Linear(4, 8),\n    nn.ReLU(), nn.Linear(8, 2))",
    );
    assert.equal(await changed("self.second = «nn.Linear(8, 2)»", relu), null);
    assert.equal(await changed("Sequential(Linear(4, 8), «Linear(8, 2)»)", relu), null);
  });

  it("adds a call as a line of its own, on the object of another", async () => {
    assert.equal(
      await changed("for x in xs:\n    «loss.backward()»  # here\n    «optimizer.step()»\n", reset),
      "for x in xs:\n    optimizer.zero_grad()\n    loss.backward()  # here\n    optimizer.step()\n",
    );
    assert.equal(
      await changed("for x in xs:\n    «loss.backward()»\nopt = «torch.optim.SGD(p, lr=1)»\n", reset),
      "for x in xs:\n    opt.zero_grad()\n    loss.backward()\nopt = torch.optim.SGD(p, lr=1)\n",
    );
    assert.equal(await changed("if x: «loss.backward()»\n«optimizer.step()»", reset), null);
    assert.equal(await changed("«loss.backward()»\n«make().step()»", reset), null);
    assert.equal(await changed("«loss.backward()»\nself.opt = «SGD(p)»", reset), null);
  });

  it("moves a statement, unless it is all that a block has", async () => {
    const move = (statement: Site, place: Site): Change => ({ kind: "move", statement, place, where: "before" });
    assert.equal(
      await changed("for x in xs:\n    y = f(x)\n    «loss.backward()»\n    «opt.step()»\n", (place, statement) =>
        move(statement, place),
      ),
      "for x in xs:\n    y = f(x)\n    opt.step()\n    loss.backward()\n",
    );
    assert.equal(
      await changed(
        "for x in xs:\n    «loss.backward()»\nfor x in xs:\n    «opt.step()»\ndone()\n",
        (place, statement) => move(statement, place),
      ),
      null,
    );
    assert.equal(
      await changed("«loss.backward()»\nif x:\n    «opt.step()»\n", (place, statement) => move(statement, place)),
      null,
    );
  });

  it("makes none where the text is another by now, or has no columns", async () => {
    assert.equal(await changed("h = «net(x).det»ach()", leaveOut), null);
    assert.equal(await changed("«h = net(x).detach()»", leaveOut), null);
    assert.equal(await changed("h = «net(x»", leaveOut), null);
  });
});
