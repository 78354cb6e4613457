import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { launchChromium } from "../../e2e/chromium.ts";
import { violations } from "../../webview-harness/measures.ts";
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
      const cards = page.locator(".scalar.narrow");
      assert.ok((await cards.count()) > 2);
      const heard = await page.getByRole("button", { name: /^\S.* data \S+ grad \S+$/u }).count();
      assert.equal(heard, await cards.count());
      await page.addScriptTag({ path: createRequire(import.meta.url).resolve("axe-core/axe.min.js") });
      assert.deepEqual(await page.evaluate(violations), []);
    } finally {
      await browser.close();
      await server.close();
    }
  });
});
