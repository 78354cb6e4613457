import assert from "node:assert/strict";
import * as vscode from "vscode";

describe("The extension in its host", () => {
  it("activates", async () => {
    const extension = vscode.extensions.getExtension("backstep.backstep");
    assert.ok(extension);
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it("registers every command that its manifest contributes", async () => {
    const extension = vscode.extensions.getExtension("backstep.backstep");
    assert.ok(extension);
    await extension.activate();
    const manifest = extension.packageJSON as { contributes?: { commands?: { command: string }[] } };
    const registered = new Set(await vscode.commands.getCommands());
    const missing = (manifest.contributes?.commands ?? []).filter(({ command }) => !registered.has(command));
    assert.deepEqual(missing, []);
  });
});
