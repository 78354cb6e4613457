import assert from "node:assert/strict";
import { openWindow } from "./vs-code.ts";

/** A file that may be a model file, by its name, and is none. */
const PLAIN = "export const answer: number = 42;\n";

describe("The first minute", function () {
  this.timeout(120_000);

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
