import assert from "node:assert/strict";
import { openWindow } from "./vs-code.ts";

const SOFTMAX_TWICE = `import { F, nn, optim, randn, manualSeed } from "backstep";

manualSeed(1);
const x = randn([48, 4]);
const y = x.select(1, 0).gt(0).long();
const net = new nn.Sequential(
  new nn.Linear(4, 16),
  new nn.ReLU(),
  new nn.Linear(16, 2),
  new nn.Softmax(1),
);
const opt = new optim.SGD(net.parameters(), { lr: 0.5 });
for (let i = 0; i < 40; i++) {
  opt.zeroGrad();
  const loss = F.crossEntropy(net.forward(x), y);
  loss.backward();
  opt.step();
}
`;

describe("Findings in VS Code", function () {
  this.timeout(120_000);

  it("are problems of the file, are tried in the panel, and go when the file is edited", async () => {
    const window = await openWindow({
      files: { "twice.ts": SOFTMAX_TWICE },
      settings: { "backstep.stopOn": "breakpoints" },
    });
    await window.openFile("twice.ts");
    await window.page.locator(".codelens-decoration", { hasText: "Debug gradients" }).first().waitFor();
    await window.key("F5");
    const panel = await window.webview(".headline");
    await panel.locator(".headline", { hasText: "crossEntropy runs a softmax itself" }).waitFor();
    await panel.locator(".training .curve").first().waitFor();
    await window.page.locator(".monaco-editor .squiggly-error").first().waitFor();
    await panel.getByRole("button", { name: "Show 1 finding" }).click();
    await panel.getByRole("button", { name: "Try it without editing" }).click();
    const trial = panel.locator(".trial .curves");
    await trial.waitFor();
    await window.screenshot("finding-tried");
    assert.match(await panel.locator(".trial").innerText(), /The finding is gone with the fix/);
    assert.equal(await window.readFile("twice.ts"), SOFTMAX_TWICE);
    await panel.getByRole("button", { name: "Edit the file" }).click();
    await window.page.locator(".monaco-editor .squiggly-error").first().waitFor({ state: "detached" });
    await panel.locator(".findings").waitFor({ state: "detached" });
  });
});
