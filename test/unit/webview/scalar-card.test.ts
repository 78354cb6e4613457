import assert from "node:assert/strict";
import { launchChromium } from "../../e2e/chromium.ts";
import { serveWebview } from "../../webview-harness/serve.ts";

describe("a card of the scalar lens", function () {
  this.timeout(120_000);

  it("says whose numbers it has, and what they are, also where it is narrow", async () => {
    const server = await serveWebview();
    const browser = await launchChromium();
    try {
      const page = await browser.newPage({ viewport: { width: 390, height: 800 }, reducedMotion: "reduce" });
      await page.goto(`${server.url}?tape=scalar&step=1`);
      await page.waitForSelector(".scalar.narrow", { state: "attached" });
      const names = await page
        .locator(".scalar.narrow")
        .evaluateAll((cards) => cards.map((card) => card.getAttribute("aria-label")));
      assert.ok(names.length > 2);
      for (const name of names) assert.match(name ?? "", /^\S.* data \S+ grad \S+$/u);
    } finally {
      await browser.close();
      await server.close();
    }
  });
});
