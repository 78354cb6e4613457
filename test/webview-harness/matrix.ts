import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../e2e/chromium.ts";
import { clipped, currentIsSeen, touching, unreadable, violations } from "./measures.ts";
import { serveWebview } from "./serve.ts";

/**
 * The panel in all that it shows, at four sizes, in four themes and both languages, over the synthetic engine: measures each, and
 * makes of each state and language one sheet of sixteen pictures. `node test/webview-harness/matrix.ts [FOLDER] [STATE …]`
 */
const SIZES = [
  [390, 800],
  [640, 720],
  [1440, 900],
  [1920, 1080],
] as const;
const THEMES = ["dark", "light", "hc", "hc-light"] as const;
const LANGUAGES = ["en", "zh-cn"] as const;
const READY = ".card, .drawing path, .scalar";

/** What is shown, the page's query, and what there is once it is shown. */
const STATES: Readonly<Record<string, readonly [query: string, ready: string]>> = {
  pass: ["tape=mlp&step=5", READY],
  lens: ["tape=scalar&step=1", READY],
  lesson: ["tape=scalar&step=1&lesson=yes", ".lesson"],
  recurrent: ["tape=lstm&step=20", READY],
  opened: ["tape=transformer-2&step=6&open=all", READY],
  training: ["tape=mlp&step=4&training=300", ".training .curve"],
  findings: ["tape=mlp&step=4&findings=open", ".findings"],
  trial: ["tape=mlp&step=4&findings=tried&training=300", ".findings"],
  compared: ["tape=mlp&step=4", READY],
  infinite: ["tape=mlp&step=4&numbers=infinite", READY],
  nan: ["tape=mlp&step=4&numbers=nan", READY],
  ranks: ["tape=mlp&step=4&ranks=4", READY],
  hostile: ["tape=hostile&step=3", READY],
  laying: ["tape=varied-9000", ".pane"],
  running: ["state=running", ".pane"],
  failed: ["state=failed", ".pane"],
  empty: ["state=empty", ".pane"],
};

const [folder = "test-output/matrix", ...names] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const server = await serveWebview();
const browser = await launchChromium();
const faults = new Map<string, string[]>();
try {
  for (const name of names.length > 0 ? names : Object.keys(STATES)) {
    for (const language of LANGUAGES) await sheet(name, language);
  }
} finally {
  await browser.close();
  await server.close();
}
for (const [fault, where] of faults)
  console.log(`${fault}\n    ${String(where.length)}: ${where.slice(0, 4).join("; ")}`);
process.exitCode = faults.size > 0 ? 1 : 0;

async function sheet(name: string, language: (typeof LANGUAGES)[number]): Promise<void> {
  const [query, ready] = STATES[name] ?? [name, READY];
  const pictures: string[] = [];
  for (const theme of THEMES) {
    const page = await browser.newPage({ viewport: { width: 390, height: 800 }, reducedMotion: "reduce" });
    await page.goto(`${server.url}?${query}&theme=${theme}&language=${language}`);
    await page.waitForSelector(ready, { state: "attached" });
    if (name === "compared") await compare(page);
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height });
      const where = `${name} ${language} ${theme} ${String(width)} × ${String(height)}`;
      if (ready !== ".pane")
        await page.waitForFunction(currentIsSeen, undefined, { timeout: 4000 }).catch(() => note("out of view", where));
      await page.evaluate(() => new Promise((done) => setTimeout(done, 120)));
      pictures.push((await page.screenshot()).toString("base64"));
      for (const measure of [unreadable, clipped, touching])
        for (const fault of await page.evaluate(measure)) note(fault, where);
      if (width > 640) continue;
      await page.evaluate(axe);
      for (const fault of await page.evaluate(violations)) note(fault, where);
    }
    await page.close();
  }
  await write(browser, pictures, path.join(folder, `${name}-${language}.png`));
}

function note(fault: string, where: string): void {
  faults.set(fault, [...(faults.get(fault) ?? []), where]);
}

async function compare(page: Page): Promise<void> {
  await page.setViewportSize({ width: 640, height: 720 });
  await page.locator(".toolbar vscode-button").click();
  await page.waitForSelector(".counts .fail");
}

/** One picture of many, a row for each theme. */
async function write(browser: Browser, pictures: readonly string[], file: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 2200, height: 800 } });
  const columns = SIZES.map(([width]) => `${String(width === 390 ? 0.36 : width === 640 ? 0.6 : 1)}fr`).join(" ");
  const images = pictures.map((data) => `<img style="width:100%" src="data:image/png;base64,${data}">`).join("");
  await page.setContent(
    `<body style="margin:4px;background:#777;display:grid;grid-template-columns:${columns};gap:6px">${images}</body>`,
  );
  await page.waitForFunction(() => [...document.images].every((image) => image.complete));
  await page.screenshot({ path: file, fullPage: true });
  await page.close();
  console.log(file);
}
