import assert from "node:assert/strict";
import { launchChromium } from "./chromium.ts";
import { CodeServer } from "./code-server.ts";
import { vsixFile } from "./vs-code.ts";
import { VsCodeWindow } from "./vs-code-window.ts";

describe("A workspace that is not trusted", function () {
  this.timeout(120_000);

  it("runs nothing, however it is asked to, and says why", async () => {
    await using server = await CodeServer.start([vsixFile()], { workspaceTrust: true });
    await using browser = await launchChromium();
    await using window = await VsCodeWindow.open(browser, server, {
      files: {
        "model.ts": `import { writeFileSync } from "node:fs";
import { tensor } from "backstep";

writeFileSync(new URL("ran.txt", import.meta.url), "the file was run");
tensor(1, { requiresGrad: true }).mul(2).backward();
`,
        "train.py": `open("ran.txt", "w").write("the script was run")
import torch

torch.ones(1, requires_grad=True).backward()
`,
      },
    });
    await window.openFile("model.ts");
    const link = window.page.locator(".codelens-decoration a", { hasText: "Debug gradients" }).first();
    await link.waitFor();
    const why = window.notification(/not trusted to run code/);
    const ask: (() => Promise<void>)[] = [
      () => window.key("F5"),
      () => window.key("Control+F5"),
      () => window.command("Backstep: Debug Gradients"),
      () => window.command("Backstep: Compare with Finite Differences"),
      () => link.click(),
    ];
    for (const [way, run] of ask.entries()) {
      await run();
      await why.first().waitFor();
      if (way === 0) await window.screenshot("untrusted");
      await window.command("Notifications: Clear All Notifications");
      await why.first().waitFor({ state: "hidden" });
    }
    await window.openFile("train.py");
    await window.page.locator(".codelens-decoration a", { hasText: "Debug gradients" }).first().waitFor();
    await window.key("F5");
    await why.first().waitFor();
    assert.equal(await window.page.locator(".debug-toolbar").count(), 0, "a session was started");
    await assert.rejects(window.readFile("ran.txt"), /ENOENT/);
  });
});
