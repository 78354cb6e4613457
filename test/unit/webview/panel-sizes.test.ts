import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../../e2e/chromium.ts";
import {
  clipped,
  currentIsSeen,
  PANEL_SIZES,
  touching,
  unreadable,
  violations,
} from "../../webview-harness/measures.ts";
import { serveWebview } from "../../webview-harness/serve.ts";

const TOURS = ["lstm", "transformer-4", "scalar&lesson=yes"] as const;

interface Harness {
  readonly harness: { readonly engine: { moveCursor(move: { position: number }): Promise<object> } };
}

describe("the panel at every size", function () {
  this.timeout(120_000);
  let server: Awaited<ReturnType<typeof serveWebview>>;
  let browser: Browser;

  before(async () => {
    server = await serveWebview();
    browser = await launchChromium();
  });
  after(async () => {
    await browser.close();
    await server.close();
  });

  async function open(query: string, [width, height]: readonly [number, number]): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height }, reducedMotion: "reduce" });
    await page.goto(`${server.url}?${query}`);
    await page.waitForSelector(".card, .drawing path, .scalar", { state: "attached" });
    return page;
  }

  it("keeps the current node in view at every stop of a tour", async () => {
    for (const tape of TOURS) {
      const page = await open(`tape=${tape}&step=0`, PANEL_SIZES[0]);
      for (const [width, height] of PANEL_SIZES) {
        await page.setViewportSize({ width, height });
        await page.waitForFunction(currentIsSeen);
        const strip = page.locator(".strip");
        const total = Number(await strip.getAttribute("aria-valuemax"));
        for (const share of [0.02, 0.31, 0.55, 0.78, 0.99]) {
          const position = Math.round(total * share);
          await page.evaluate(
            (to) => (window as unknown as Harness).harness.engine.moveCursor({ position: to }),
            position,
          );
          await page.waitForSelector(`.strip[aria-valuenow="${String(position)}"]`);
          await page.waitForFunction(currentIsSeen, undefined, { timeout: 4000 }).catch(() => {
            assert.fail(`${tape}, ${String(width)} × ${String(height)}: out of view at position ${String(position)}`);
          });
          assert.deepEqual(await page.locator(".toast").allTextContents(), []);
        }
      }
      await page.close();
    }
  });

  // Each pass in another theme: what does not depend on colours need not be asked four times.
  for (const [query, theme] of [
    ["tape=mlp&step=5", "light"],
    ["tape=lstm&step=20", "hc"],
    ["tape=transformer-2&step=6", "dark"],
    ["tape=scalar&step=1", "hc-light"],
    ["tape=scalar&step=1&lesson=yes&language=zh-cn", "light"],
    ["tape=mlp&step=5&language=zh-cn", "dark"],
    ["tape=lstm&step=20&language=zh-cn", "hc-light"],
    ["tape=mlp&step=4&findings=tried&training=300&language=zh-cn", "hc"],
    ["tape=mlp&step=4&numbers=infinite", "dark"],
    ["tape=mlp&step=4&findings=tried", "light"],
    ["tape=mlp&step=4&training=300", "hc"],
  ] as const) {
    it(`writes nothing below nine pixels, covers no text, lets no lines touch, and is accessible: ${query}, ${theme}`, async () => {
      const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
      const page = await open(`${query}&theme=${theme}`, PANEL_SIZES[0]);
      for (const [width, height] of PANEL_SIZES) {
        await page.setViewportSize({ width, height });
        await page.waitForFunction(currentIsSeen);
        const wrong = [unreadable, clipped, touching].map((measure) => page.evaluate(measure));
        assert.deepEqual((await Promise.all(wrong)).flat(), [], `${String(width)} × ${String(height)}`);
        if (width > 640) continue;
        await page.evaluate(axe);
        assert.deepEqual(await page.evaluate(violations), [], `${String(width)} × ${String(height)}`);
      }
      await page.close();
    });
  }

  it("leaves the graph its room, and a scale to be drawn in, where findings and training are open as well", async () => {
    for (const [width, height] of [
      [520, 760],
      [390, 700],
      [640, 450],
    ] as const) {
      const page = await open("tape=mlp&step=4&findings=tried&training=300", [width, height]);
      await page.waitForSelector(".training .curve");
      const place = await page.locator(".graph-place").boundingBox();
      assert.ok(place && place.height >= 100, `${String(width)} × ${String(height)}: ${String(place?.height)}`);
      await page.waitForFunction(currentIsSeen);
      const zoom = parseFloat((await page.locator(".zoom-controls").textContent()) ?? "");
      assert.ok(zoom >= 2, `a zoom of ${String(zoom)} %`);
      await page.close();
    }
  });

  it("lets dividers be moved by keys and by dragging, and shows one pane at a time where there is room for one", async () => {
    const page = await open("tape=mlp&step=4", [640, 720]);
    const divider = page.getByRole("separator", { name: "Height of the graph" });
    await divider.focus();
    const height = async (): Promise<number> => (await page.locator(".graph-place").boundingBox())?.height ?? 0;
    const before = await height();
    await page.keyboard.press("ArrowUp");
    await page.waitForFunction((was) => (document.querySelector(".graph-place")?.clientHeight ?? 0) < was - 5, before);
    const box = await divider.boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + 50, box.y);
    await page.mouse.down();
    await page.mouse.move(box.x + 50, box.y + 120);
    await page.mouse.up();
    assert.ok((await height()) > before);
    await page.setViewportSize({ width: 390, height: 700 });
    await page.getByRole("tab", { name: "Inspector" }).click();
    await page.waitForSelector(".inspector .head");
    assert.equal(await page.locator(".graph-place").isVisible(), false);
    await page.close();
  });
});
