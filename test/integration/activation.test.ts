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

  it("offers assistants a server that starts, with its tools", async () => {
    await vscode.extensions.getExtension("backstep.backstep")?.activate();
    const tools = (): readonly string[] =>
      vscode.lm.tools.map(({ name }) => name).filter((name) => /backstep/iu.test(name));
    // VS Code hears of the definition after the activation, and starts what it has not heard of without a word.
    while (tools().length === 0) {
      await vscode.commands.executeCommand("workbench.mcp.startServer", "backstep.backstep/Backstep", {
        autoTrustChanges: true,
        waitForLiveTools: true,
      });
    }
    for (const tool of ["run", "check", "diagnose"]) {
      assert.ok(
        tools().some((name) => name.endsWith(`_${tool}`)),
        tools().join(", "),
      );
    }
    await vscode.commands.executeCommand("workbench.mcp.stopServer", "backstep.backstep/Backstep");
  });
});
