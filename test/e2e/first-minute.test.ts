import assert from "node:assert/strict";
import { openWindow } from "./vs-code.ts";

/** A file that may be a model file, by its name, and is none. */
const PLAIN = "export const answer: number = 42;\n";

/** In the page: whether what is selected in the drawing is in view as a whole. */
function selectedIsSeen(): boolean {
  const place = document.querySelector(".drawing-place")?.getBoundingClientRect();
  const card = document.querySelector('.drawing [aria-selected="true"] > rect.body')?.getBoundingClientRect();
  return (
    place !== undefined &&
    card !== undefined &&
    card.left >= place.left &&
    card.top >= place.top &&
    card.right <= place.right &&
    card.bottom <= place.bottom
  );
}

describe("The first minute", function () {
  this.timeout(120_000);

  it("tells in two actions which gradient is wrong, and what to write instead", async () => {
    const window = await openWindow({ viewport: { width: 1280, height: 720 } });
    await window.openFile("custom-function.ts");
    // The first action. Nobody has waited for the extension to know the file.
    await window.key("F5");
    await window.debugStopped();
    const panel = await window.webview(".inspector .head");
    const strip = panel.locator(".headline");
    await strip.filter({ hasText: /^loss is 4\.86;/ }).waitFor();
    // The second.
    await panel.getByRole("button", { name: "Compare", exact: true }).click();
    const wrong = strip.filter({ hasText: "GainedSwish.backward is wrong" });
    await wrong.waitFor();
    assert.match(
      await wrong.innerText(),
      /1\/16 of the gradient.* append \.mul\(16\) to what backward returns for gain/s,
    );
    await panel.waitForFunction(selectedIsSeen);
    await window.screenshot("two-actions");

    await wrong.getByRole("button", { name: "Go to line 17" }).click();
    await window.page.locator(".part.statusbar", { hasText: "Ln 17, Col 3" }).waitFor();
    // A key now goes beside the method, and does not take its place.
    assert.doesNotMatch(await window.page.locator(".part.statusbar").innerText(), /selected/);
  });

  it("takes F5 at once in a file that may be a model file, and hands it on where it is none", async () => {
    const window = await openWindow({ files: { "plain.ts": PLAIN } });
    const { page } = window;
    await window.openFile("plain.ts");
    await window.key("F5");
    await page.locator(".quick-input-widget, .monaco-dialog-box, .notification-toast").first().waitFor();
    assert.equal(await page.locator(".debug-toolbar").isVisible(), false);
    await page.keyboard.press("Escape");

    // One that was made a moment ago, and opened as it was written.
    await window.writeFile(
      "fresh.ts",
      'import { tensor } from "backstep";\ntensor(2, { requiresGrad: true }).square().backward();\n',
    );
    await window.openFile("fresh.ts");
    await window.key("F5");
    await window.debugStopped();
    assert.equal(await page.locator(".quick-input-widget").isVisible(), false);
    assert.ok(await window.webview(".inspector .head"));
  });
});
