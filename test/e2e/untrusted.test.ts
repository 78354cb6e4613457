import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod } from "node:fs/promises";
import path from "node:path";
import type { Browser } from "playwright-core";
import { scriptOf } from "../programs.ts";
import { launchChromium } from "./chromium.ts";
import { CodeServer } from "./code-server.ts";
import { vsixFile } from "./vs-code.ts";
import { VsCodeWindow } from "./vs-code-window.ts";

const CLI = scriptOf("command line", "built");

const RECORDED = `import { autograd, tensor, type Tensor } from "backstep";
import { writeFileSync } from "node:fs";

writeFileSync("ran.txt", "the file was run");

class Cube extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.pow(3);
  }

  static backward(ctx: autograd.Context, grad: Tensor): Tensor {
    const [x] = ctx.savedTensors as [Tensor];
    return grad.mul(x.square()).mul(3);
  }
}

const x = tensor([1, 2], { requiresGrad: true });
const y = Cube.apply(x) as Tensor;
const loss = y.sum();
loss.backward();
`;

describe("A workspace that is not trusted", function () {
  this.timeout(120_000);
  let server: CodeServer;
  let browser: Browser;

  before(async () => {
    server = await CodeServer.start([vsixFile()], { workspaceTrust: true });
    browser = await launchChromium();
  });
  after(async () => {
    await browser.close();
    await server.stop();
  });

  it("runs nothing, however it is asked to, and says why", async () => {
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
    await window.command("Notifications: Clear All Notifications");
    await why.first().waitFor({ state: "hidden" });
    // Nor is a Python of the workspace asked for its torch.
    await window.writeFile(".venv/bin/python", `#!/bin/sh\necho ran > "${window.folder}/ran.txt"\n`);
    await chmod(path.join(window.folder, ".venv/bin/python"), 0o755);
    await window.command("Backstep: Choose Python...");
    await why.first().waitFor();
    assert.equal(await window.page.locator(".debug-toolbar").count(), 0, "a session was started");
    await assert.rejects(window.readFile("ran.txt"), /ENOENT/);
  });

  it("opens recordings, steps through them, and says what only their program could do", async () => {
    await using window = await VsCodeWindow.open(browser, server, { files: { "model.ts": RECORDED } });
    for (const command of ["run", "check"]) {
      const args = [CLI, command, "model.ts", "--record", `${command}.backstep`];
      execFileSync(process.execPath, args, { cwd: window.folder, stdio: "ignore" });
    }
    await window.deleteFile("ran.txt");
    let panel = await window.openRecording("check.backstep");
    let label = panel.locator(".inspector .head .label");
    await label.filter({ hasText: "loss" }).waitFor();
    await panel.locator(".inspector h2").first().click();
    await window.key(".");
    await label.filter({ hasText: "y" }).waitFor();

    // What was found before it was saved is known: on the node, and in the margin of the source, which is what ran.
    await panel.locator(".inspector .verdict-text.pass").waitFor();
    await panel.locator(".inspector").getByText("model.ts:").first().click();
    await window.page.locator(".editor-instance .view-line", { hasText: "Cube.apply" }).waitFor();
    await window.page.locator(".glyph-margin-widgets [class*='TextEditorDecorationType']").first().waitFor();
    await window.hover("loss", 0, "sum");

    // Nothing was found before this one was saved.
    await window.command("View: Close All Editors");
    panel = await window.openRecording("run.backstep");
    label = panel.locator(".inspector .head .label");
    await label.filter({ hasText: "loss" }).waitFor();
    await panel.locator(".inspector h2").first().click();
    await window.key(".");
    await label.filter({ hasText: "y" }).waitFor();
    await window.command("Backstep: Compare with Finite Differences");
    await panel.locator(".inspector .verdict-text.inconclusive").waitFor();
    await panel.locator(".inspector", { hasText: "its program is gone" }).waitFor();
    await panel.locator(".inspector h2").first().click();
    await window.key(",");
    await panel.locator(".inspector .verdict-text.pass").waitFor();
    assert.equal(await panel.getByRole("button", { name: /cannot continue/ }).isDisabled(), true);
    await window.screenshot("untrusted-recording");
    await assert.rejects(window.readFile("ran.txt"), /ENOENT/);
  });
});
