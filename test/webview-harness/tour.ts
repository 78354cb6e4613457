import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { Page } from "playwright-core";
import { launchChromium } from "../e2e/chromium.ts";
import { EngineSession } from "../golden/stepping/engine-session.ts";
import { clipped, currentIsSeen, PANEL_SIZES, touching, unreadable, violations } from "./measures.ts";
import { serveWebview } from "./serve.ts";

/**
 * A tour of all examples, by the real engine in the panel by itself, in both languages and one theme after the other: at each
 * of five sizes and some stops, is the current node in view, and every text whole? `node test/webview-harness/tour.ts [FILE …]`
 */
const STOPS = [0, 0.15, 0.4, 0.6, 0.8, 0.97];
const THEMES = ["dark", "light", "hc", "hc-light"] as const;
const examples = path.resolve(import.meta.dirname, "../../examples");
const files = ["", "lessons"].flatMap((folder) =>
  readdirSync(path.join(examples, folder))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => path.join(folder, name)),
);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const faults = new Map<string, string[]>();
let stops = 0;

interface Harness {
  readonly harness: { readonly engine: { moveCursor(move: { position: number }): Promise<object> } };
}

const browser = await launchChromium();
const wanted = process.argv.slice(2);
for (const [i, file] of (wanted.length > 0 ? wanted : files).entries()) {
  await using session = new EngineSession(path.join(examples, file));
  await session.firstStop();
  const server = await serveWebview(session.engine);
  for (const [j, language] of (["en", "zh-cn"] as const).entries()) {
    const theme = THEMES[(2 * i + j) % 4]!;
    const page = await browser.newPage({ viewport: { width: 390, height: 700 }, reducedMotion: "reduce" });
    const program = encodeURIComponent(path.join(examples, file));
    await page.goto(`${server.url}?program=${program}&theme=${theme}&language=${language}`);
    await page.waitForSelector(".card, .drawing path, .scalar", { state: "attached" });
    await tour(page, `${file} ${language} ${theme}`);
    await page.close();
  }
  await server.close();
}
await browser.close();
for (const [fault, where] of faults)
  console.log(`${fault}\n    ${String(where.length)}: ${where.slice(0, 3).join("; ")}`);
console.log(`${String(stops)} stops, ${String(faults.size)} kinds of faults`);
process.exitCode = faults.size > 0 ? 1 : 0;

async function tour(page: Page, name: string): Promise<void> {
  for (const [width, height] of PANEL_SIZES) {
    await page.setViewportSize({ width, height });
    const total = Number(await page.locator(".strip").getAttribute("aria-valuemax"));
    for (const share of STOPS) {
      const where = `${name} ${String(width)} × ${String(height)} at ${String(share)}`;
      const position = Math.round(total * share);
      await page.evaluate((to) => (window as unknown as Harness).harness.engine.moveCursor({ position: to }), position);
      await page.waitForSelector(`.strip[aria-valuenow="${String(position)}"]`);
      await page.waitForFunction(currentIsSeen, undefined, { timeout: 4000 }).catch(() => note("out of view", where));
      stops++;
      for (const measure of [unreadable, clipped, touching])
        for (const fault of await page.evaluate(measure)) note(fault, where);
    }
    if (width > 640) continue;
    await page.evaluate(axe);
    for (const fault of await page.evaluate(violations)) note(fault, `${name} ${String(width)}`);
  }
}

function note(fault: string, where: string): void {
  faults.set(fault, [...(faults.get(fault) ?? []), where]);
}
