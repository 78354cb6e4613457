import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../../e2e/chromium.ts";
import { serveWebview } from "../../webview-harness/serve.ts";

/** A narrow panel, half a window, and whole ones. */
const SIZES = [
  [390, 700],
  [640, 720],
  [1280, 720],
  [1440, 900],
  [1920, 1080],
] as const;
const TOURS = ["lstm", "transformer-4", "scalar&lesson=yes"] as const;

/** What there is to measure of the page: texts that are too small, cut off, or under something else. */
function unreadable(): string[] {
  const found: string[] = [];
  const describe = (node: Element): string =>
    `<${node.tagName.toLowerCase()} class="${node.getAttribute("class") ?? ""}"> ${node.textContent.slice(0, 40)}`;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!node || (text.textContent ?? "").trim() === "") continue;
    if (node.closest("title, script, style, select, dialog, .spoken-only, .katex, [hidden]")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    if (box.width === 0 || box.height === 0 || !node.checkVisibility({ visibilityProperty: true })) continue;
    const svg = node.closest("svg");
    const scale = svg && node instanceof SVGGraphicsElement ? (node.getScreenCTM()?.a ?? 1) : 1;
    let zoom = 1;
    for (let up: Element | null = node; up; up = up.parentElement) zoom *= Number(getComputedStyle(up).zoom) || 1;
    const size = parseFloat(getComputedStyle(node).fontSize) * scale * zoom;
    if (size < 8.99) found.push(`${size.toFixed(1)} px: ${describe(node)}`);
    // What is scrolled or panned out of its pane is not there to be read.
    const pane = node.closest(
      ".drawing-place, .inspector, .graph-side, .scalars, .parameters ul, .findings ul, .map-place, .panes, body",
    );
    const around = (pane ?? document.body).getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    if (x < around.left || x > around.right || y < around.top || y > around.bottom) continue;
    const top = document.elementFromPoint(x, y);
    if (!top || x < 0 || y < 0 || x > innerWidth || y > innerHeight) continue;
    const isItsOwn = top.contains(node) || node.contains(top) || (svg !== null && svg.contains(top));
    if (!isItsOwn && !top.closest(".katex")) found.push(`covered by ${describe(top)}: ${describe(node)}`);
  }
  return found;
}

/** What touches on a card: the ink of its texts, whose boxes have room above and below it, and the bar at its foot. */
function touching(): string[] {
  const pen = document.createElement("canvas").getContext("2d");
  if (!pen) throw new Error("nothing to measure with");
  return [...document.querySelectorAll<SVGGElement>(".drawing .card")].flatMap((card) => {
    const inked = [...card.querySelectorAll("text")].filter((text) => text.textContent.trim() !== "");
    const boxes = inked.map((text) => {
      const { font } = getComputedStyle(text);
      pen.font = font;
      const ink = pen.measureText(text.textContent);
      const { left, right } = text.getBoundingClientRect();
      const matrix = text.getScreenCTM();
      const [scale, baseline] = [matrix?.a ?? 1, (matrix?.f ?? 0) + (matrix?.d ?? 1) * (text.y.baseVal[0]?.value ?? 0)];
      const top = baseline - ink.actualBoundingBoxAscent * scale;
      return { what: text.textContent, left, right, top, bottom: baseline + ink.actualBoundingBoxDescent * scale };
    });
    const track = card.querySelector(".track")?.getBoundingClientRect();
    const all = track ? [...boxes, { what: "bar", ...track.toJSON() } as (typeof boxes)[number]] : boxes;
    return all.flatMap((one, i) =>
      all
        .slice(i + 1)
        .filter((other) => one.left < other.right && other.left < one.right)
        .filter((other) => one.top < other.bottom && other.top < one.bottom)
        .map((other) => `${one.what} touches ${other.what}`),
    );
  });
}

/** Whether the card of the cursor's node lies within what is seen of the drawing. */
function currentIsSeen(): boolean {
  const card = document.querySelector(".card.current > rect.body, .frame[aria-current] > rect.body");
  const blocks = document.querySelector('.drawing rect[stroke="var(--accent)"]');
  const place = document.querySelector(".drawing-place");
  const mark = card ?? blocks;
  // Past the last step there is no current node.
  if (!mark || !place) return document.querySelector(".card.current, .frame[aria-current]") === null;
  const [box, seen] = [mark.getBoundingClientRect(), place.getBoundingClientRect()];
  return (
    box.left >= seen.left - 1 && box.top >= seen.top - 1 && box.right <= seen.right + 1 && box.bottom <= seen.bottom + 1
  );
}

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
      const page = await open(`tape=${tape}&step=0`, SIZES[0]);
      for (const [width, height] of SIZES) {
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
      const page = await open(`${query}&theme=${theme}`, SIZES[0]);
      for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        await page.waitForFunction(currentIsSeen);
        const wrong = [...(await page.evaluate(unreadable)), ...(await page.evaluate(touching))];
        assert.deepEqual(wrong, [], `${String(width)} × ${String(height)}`);
        if (width > 640) continue;
        await page.evaluate(axe);
        const violations = await page.evaluate(async () => {
          const { axe: checker } = window as unknown as {
            axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
          };
          return (await checker.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`);
        });
        assert.deepEqual(violations, [], `${String(width)} × ${String(height)}`);
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
