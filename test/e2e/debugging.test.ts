import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import { openWindow } from "./vs-code.ts";
import type { VsCodeWindow } from "./vs-code-window.ts";

/** A small network on one line each, so that a step is a line. */
const MODEL = `import { F, manualSeed, nn, randn, tensor, type Tensor } from "backstep";

manualSeed(3);

class Net extends nn.Module {
  fc1 = new nn.Linear(6, 16);
  fc2 = new nn.Linear(16, 3);
  override forward(x: Tensor): Tensor {
    const h = F.relu(this.fc1.forward(x));
    return this.fc2.forward(h);
  }
}

const net = new Net();
const x = randn([8, 6]);
const target = tensor([0, 1, 2, 0, 1, 2, 0, 1], { dtype: "int64" });
for (let step = 0; step < 2; step++) {
  net.zeroGrad();
  const logits = net.forward(x);
  const loss = F.crossEntropy(logits, target, { labelSmoothing: 0.1 });
  loss.backward();
  console.log(\`step \${step} done\`);
}
`;

async function debug(window: VsCodeWindow): Promise<void> {
  await window.openFile("model.ts");
  await window.page.locator(".codelens-decoration", { hasText: "Debug gradients" }).first().waitFor();
  await window.key("F5");
  await window.debugStopped();
  await stackMarker(window).waitFor();
}

function stackMarker(window: VsCodeWindow): Locator {
  return window.page.locator(".debug-top-stack-frame-line").first();
}

/** The top row of the call stack, once the debug view is open. */
function topFrame(window: VsCodeWindow): Locator {
  return window.page.locator(".debug-call-stack .stack-frame").first();
}

describe("Debugging gradients", function () {
  this.timeout(120_000);

  it("starts with F5 in a file that imports backstep, stops at backward() and steps both ways", async () => {
    const window = await openWindow({ files: { "model.ts": MODEL } });
    await debug(window);
    await window.command("View: Show Run and Debug");
    await topFrame(window).waitFor();
    const start = await topFrame(window).innerText();
    assert.match(start, /backward 1 of \d+/);
    await window.screenshot("debug-first-stop");

    // Over crossEntropy, which with smoothing is made of ten ops.
    await window.key("F10");
    await window.page.locator(".debug-call-stack .stack-frame", { hasText: "backward 11 of" }).first().waitFor();
    await window.key("F10");
    await window.page.locator(".debug-call-stack .stack-frame", { hasText: "backward 12 of" }).first().waitFor();
    await window.screenshot("debug-after-two-steps");
    await window.command("Backstep: Step Back");
    await window.page.locator(".debug-call-stack .stack-frame", { hasText: "backward 11 of" }).first().waitFor();
    await window.key("F11");
    await window.page.locator(".debug-call-stack .stack-frame", { hasText: "term 1 of" }).first().waitFor();

    await window.key("F5");
    await window.page.locator(".debug-call-stack .stack-frame", { hasText: "pass 2" }).first().waitFor();
    await window.command("Debug: Stop");
    await window.debugEnded();
  });

  it("shows value, gradient and a picture when hovering, in every kind of theme", async () => {
    const window = await openWindow({ files: { "model.ts": MODEL } });
    await debug(window);
    await window.command("Backstep: Jump to the End of the Backward Pass");
    for (const theme of ["dark", "light", "high contrast"] as const) {
      await window.setTheme(theme);
      const hover = await window.hover("h = F.relu");
      const text = await hover.innerText();
      assert.match(text, /\[8, 16\].*float32/);
      assert.match(text, /value norm/);
      assert.match(text, /gradient norm/);
      assert.ok((await hover.locator("img").count()) > 0, "the hover has no picture");
      await window.screenshot(`hover-${theme}`);
      await window.key("Escape");
    }
  });

  it("shows tensors in the Variables view, shape first", async () => {
    const window = await openWindow({ files: { "model.ts": MODEL } });
    await debug(window);
    await window.command("View: Show Run and Debug");
    const variable = (text: string | RegExp): Locator =>
      window.page.locator(".debug-variables .monaco-list-row", { hasText: text }).first();
    await variable("Op").waitFor();
    // VS Code opens the first scope by itself when the view is there at the stop.
    if (!(await variable(/^value/).isVisible())) await variable("Op").click();
    await variable(/^value/).waitFor();
    // The view is short: what is below must come up to be seen.
    await variable("Op").click();
    await variable("Parameters").click();
    await variable(/^fc1/).click();
    await variable("[16, 6] float32").waitFor();
    await window.screenshot("variables");
  });

  it("leaves F5 alone in other files", async () => {
    const window = await openWindow({ files: { "plain.ts": "export const answer: number = 42;\n" } });
    await window.openFile("plain.ts");
    await window.key("F5");
    // VS Code's own: it asks which debugger to use, or says that it has none for this file.
    await window.page.locator(".quick-input-widget, .monaco-dialog-box, .notification-toast").first().waitFor();
    assert.equal(await window.page.locator(".debug-toolbar").isVisible(), false);
  });

  it("runs without debugging, and prints", async () => {
    const window = await openWindow({ files: { "model.ts": MODEL } });
    await window.openFile("model.ts");
    await window.command("Backstep: Run Without Debugging");
    await window.page.locator(".repl .monaco-list-row", { hasText: "step 1 done" }).first().waitFor();
    await window.debugEnded();
    await window.screenshot("run-without-debugging");
  });

  it("compares with finite differences when asked, and tells where", async () => {
    const window = await openWindow({ files: { "cube.ts": CUBE }, settings: { "backstep.panel.openOnStart": false } });
    await window.openFile("cube.ts");
    await window.command("Backstep: Compare with Finite Differences");
    await window.notification(/Finite differences: 1 passed, 2 failed/).waitFor({ timeout: 30_000 });
    const problems = await window.problems();
    await problems.filter({ hasText: "Cube" }).first().waitFor();
    await window.screenshot("compare-problems");
    const hover = await window.hover("y = Cube");
    assert.match(await hover.innerText(), /wrong gradient/);
    await window.screenshot("compare-hover");
  });

  it("lists model files as tests, and runs them", async () => {
    const window = await openWindow({ files: { "cube.ts": CUBE } });
    await window.openFile("cube.ts");
    await window.command("Testing: Focus on Test Explorer View");
    const rows = window.page.locator(".test-explorer .monaco-list-row");
    // Once the last of the folder's files is listed no row moves any more.
    await rows.filter({ hasText: "timeseries.ts" }).first().waitFor();
    const row = rows.filter({ hasText: "cube.ts" }).first();
    await row.click();
    await row.getByRole("button", { name: /Run Test/ }).click();
    await window.page.locator(".test-explorer .codicon-testing-failed-icon").first().waitFor({ timeout: 30_000 });
    await window.screenshot("test-explorer");
  });
});

const CUBE = `import { autograd, tensor, type Tensor } from "backstep";

class Cube extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.pow(3);
  }
  static backward(ctx: autograd.Context, grad: Tensor): Tensor[] {
    const [x] = ctx.savedTensors as [Tensor];
    return [grad.mul(x.pow(2)).mul(2)];
  }
}

const x = tensor([1, -2, 3, 0.5], { requiresGrad: true });
const y = Cube.apply(x);
const loss = y.sum();
loss.backward();
`;
