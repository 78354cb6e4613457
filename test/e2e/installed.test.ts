import assert from "node:assert/strict";
import { openWindow } from "./vs-code.ts";

describe("The packaged extension", () => {
  it("is installed and enabled in VS Code", async () => {
    const window = await openWindow();
    await window.command("Extensions: Focus on Extensions View");
    const row = window.page.locator(".extensions-viewlet .monaco-list-row", { hasText: "Backstep" }).first();
    await row.waitFor({ timeout: 20_000 });
    assert.doesNotMatch(await row.innerText(), /disabled|reload|error/i);
    await window.screenshot("installed");
  });

  it("tells TypeScript what a model file imports, with nothing installed or configured", async () => {
    const window = await openWindow({
      files: {
        "typed.ts": 'import { tensor } from "backstep";\nconst weights = tensor([1, 2]).mul(3);\nweights.sum();\n',
      },
    });
    await window.openFile("typed.ts");
    // Two hovers may show: TypeScript's, and ours once there is a session. This one is TypeScript's.
    await window.hover("weights", 0, /const weights: Tensor/);
    await window.screenshot("types of backstep");
    const problems = await window.problems();
    assert.equal(await problems.count(), 0);
  });
});
