import assert from "node:assert/strict";
import * as vscode from "vscode";
import {
  activeSession,
  AdapterTraffic,
  MODEL,
  modelFile,
  removeModelFiles,
  stopAll,
  topFrame,
} from "./debug-session.ts";

function positionOf(document: vscode.TextDocument, text: string): vscode.Position {
  const index = document.getText().indexOf(text);
  assert.ok(index >= 0, `the file has no "${text}"`);
  return document.positionAt(index + 1);
}

async function hoverText(document: vscode.TextDocument, text: string): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    "vscode.executeHoverProvider",
    document.uri,
    positionOf(document, text),
  );
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (content instanceof vscode.MarkdownString ? content.value : ""))
    .join("\n");
}

/** The first report of problems in a file that is not empty. */
async function problemsIn(uri: vscode.Uri): Promise<vscode.Diagnostic[]> {
  for (;;) {
    const found = vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "Backstep");
    if (found.length > 0) return found;
    await new Promise<void>((resolve) => {
      const listener = vscode.languages.onDidChangeDiagnostics(() => {
        listener.dispose();
        resolve();
      });
    });
  }
}

describe("Debugging in the extension host", () => {
  let traffic: AdapterTraffic;
  beforeEach(() => {
    traffic = new AdapterTraffic();
  });
  after(removeModelFiles);

  afterEach(async () => {
    await stopAll();
    traffic.dispose();
  });

  async function debug(source: string): Promise<vscode.TextDocument> {
    const document = await vscode.workspace.openTextDocument(modelFile(source));
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("backstep.debugGradients");
    return document;
  }

  it("hands F5 on in a file that is no model file, when it was pressed before anybody could know", async () => {
    const handedOn = Promise.withResolvers<void>();
    const other = vscode.commands.registerCommand("backstep.test.otherwise", () => {
      handedOn.resolve();
    });
    const document = await vscode.workspace.openTextDocument(modelFile("console.log(1);", "plain.js"));
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("backstep.debugGradients", { otherwise: "backstep.test.otherwise" });
    await handedOn.promise;
    other.dispose();
  });

  it("stops at the loss, at its line", async () => {
    const document = await debug(MODEL);
    await traffic.event("stopped");
    const frame = await topFrame();
    assert.equal(frame.line, positionOf(document, "F.crossEntropy").line + 1);
    assert.match(frame.name, /backward 1 of/);
  });

  it("steps there and back", async () => {
    await debug(MODEL);
    await traffic.event("stopped");
    const before = await topFrame();
    await activeSession().customRequest("next", { threadId: 1 });
    await traffic.event("stopped");
    assert.notEqual((await topFrame()).name, before.name);
    await vscode.commands.executeCommand("backstep.stepBack");
    await traffic.event("stopped");
    assert.equal((await topFrame()).name, before.name);
  });

  it("hovers variables, calls and parameters", async () => {
    const document = await debug(MODEL);
    await traffic.event("stopped");
    await vscode.commands.executeCommand("backstep.jumpToEnd");
    await traffic.event("stopped");
    assert.match(await hoverText(document, "h = F"), /`\[8, 16\]` float32 · \*\*h\*\* = relu/);
    assert.match(await hoverText(document, "crossEntropy"), /float32/);
    assert.match(await hoverText(document, "loss = F"), /value/);
  });

  it("keeps hovers with their variables when lines are inserted above, and says that the file was edited", async () => {
    const document = await debug(MODEL);
    await traffic.event("stopped");
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(1, 0), "// one\n// two\n");
    await vscode.workspace.applyEdit(edit);
    const text = await hoverText(document, "h = F");
    assert.match(text, /\*\*h\*\* = relu/);
    assert.match(text, /edited since it ran/);
  });

  it("offers links above backward(), model classes and custom Functions", async () => {
    const document = await vscode.workspace.openTextDocument(modelFile(MODEL));
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      "vscode.executeCodeLensProvider",
      document.uri,
    );
    const ours = lenses.filter(({ command }) => command?.command === "backstep.debugGradients");
    assert.deepEqual(
      ours.map(({ range }) => range.start.line),
      [positionOf(document, "class Net").line, positionOf(document, "loss.backward").line],
    );
  });

  it("reports a shape error at its line, with the shapes", async () => {
    const document = await debug(
      'import { randn } from "backstep";\nconst x = randn([2, 3]);\nx.matmul(randn([4, 3]));\n',
    );
    const [problem] = await problemsIn(document.uri);
    assert.ok(problem);
    assert.equal(problem.range.start.line, 2);
    assert.match(problem.message, /matmul.*\[2, 3\].*\[4, 3\]/);
  });

  it("takes a problem back when its line is edited", async () => {
    const document = await debug('import { randn } from "backstep";\nrandn([2, 3]).matmul(randn([4, 3]));\n');
    await problemsIn(document.uri);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(1, 0), " ");
    await vscode.workspace.applyEdit(edit);
    assert.deepEqual(
      vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === "Backstep"),
      [],
    );
  });

  it("says how to get a gradient when backward() is never called", async () => {
    const document = await debug('import { randn } from "backstep";\nrandn([2, 3]).sum();\n');
    const [problem] = await problemsIn(document.uri);
    assert.match(problem?.message ?? "", /never called backward\(\).*loss\.backward\(\)/);
  });
});
