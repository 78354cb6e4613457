import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { pythons } from "../pytorch/pythons.ts";
import { openWindow } from "./vs-code.ts";
import type { VsCodeWindow } from "./vs-code-window.ts";

/** The backward of Double passes on half of what it should. */
const SCRIPT = `import torch

class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad

torch.manual_seed(0)
w = torch.randn(3, 2, requires_grad=True)
for step in range(2):
    h = Double.apply(w)
    loss = h.sin().sum()
    loss.backward()
`;

const FAILS = `import torch

a = torch.ones(3, requires_grad=True)
b = a @ torch.ones(2)
b.backward()
`;

/** With a Python that has torch where one is looked for. */
async function openScript(name: string, source: string): Promise<VsCodeWindow> {
  const window = await openWindow({ files: { [name]: source } });
  const folder = path.join(window.folder, ".venv", "bin");
  await mkdir(folder, { recursive: true });
  await symlink(pythons[0] ?? "", path.join(folder, "python"));
  await window.openFile(name);
  await window.page.locator(".codelens-decoration", { hasText: "Debug gradients" }).first().waitFor();
  return window;
}

describe("Debugging a PyTorch script", function () {
  this.timeout(120_000);
  before(() => assert.ok(pythons.length > 0, "there is no Python with torch to test with"));

  it("starts with F5, stops at backward(), steps, and names the Function whose backward is wrong", async () => {
    const window = await openScript("train.py", SCRIPT);
    assert.equal(await window.page.locator(".codelens-decoration", { hasText: "Debug gradients" }).count(), 2);
    await window.key("F5");
    await window.debugStopped();
    const panel = await window.webview(".inspector .head");
    await panel.locator(".inspector .head .label", { hasText: "loss" }).waitFor();
    await window.command("View: Show Run and Debug");
    const frames = window.page.locator(".debug-call-stack .stack-frame");
    await frames.filter({ hasText: "backward 1 of 3" }).first().waitFor();
    await window.key("F10");
    await frames.filter({ hasText: "backward 2 of 3" }).first().waitFor();
    await window.screenshot("pytorch-step");

    await window.command("Backstep: Compare with Finite Differences");
    await panel.getByText("Double.backward is wrong").first().waitFor();
    await window.screenshot("pytorch-compare");

    await window.key("F5");
    await frames.filter({ hasText: "pass 2" }).first().waitFor();
    await window.command("Debug: Stop");
    await window.debugEnded();
  });

  it("leaves Python that does not import torch to other debuggers, also where VS Code asks for one", async () => {
    const window = await openScript("train.py", SCRIPT);
    await window.writeFile("plain.py", "print(1 + 1)\n");
    await window.openFile("plain.py");
    await window.key("F5");
    const choices = window.page.locator(".quick-input-widget .monaco-list-row");
    await choices.first().waitFor();
    assert.deepEqual(await choices.filter({ hasText: /backstep/i }).allTextContents(), []);
    await window.key("Escape");
  });

  it("shows what a script raises before it calls backward() at its line", async () => {
    const window = await openScript("fails.py", FAILS);
    await window.key("F5");
    await window.page.locator(".squiggly-error").first().waitFor();
    await window.debugEnded();
    await (
      await window.problems()
    )
      .filter({ hasText: /tensor size/ })
      .first()
      .waitFor();
    await window.screenshot("pytorch-problem");
  });
});
