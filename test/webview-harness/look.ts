import { mkdir } from "node:fs/promises";
import path from "node:path";
import { launchChromium } from "../e2e/chromium.ts";
import { serveWebview } from "./serve.ts";

/**
 * Pictures of the panel over the synthetic engine: `node test/webview-harness/look.ts FOLDER NAME=QUERY[@WIDTHxHEIGHT][;keys] …`,
 * with keys as Playwright names them, one after another: `mlp=tape=mlp&step=5@1100x800;Tab,Enter`.
 */
const [folder = "test-output", ...shots] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const server = await serveWebview();
const browser = await launchChromium();
try {
  for (const shot of shots) {
    const [name, rest] = splitOnce(shot, "=");
    const [query, script] = splitOnce(rest, ";");
    const [address, size] = splitOnce(query, "@");
    const [width = 1100, height = 800] = (size || "1100x800").split("x").map(Number);
    const page = await browser.newPage({ viewport: { width, height } });
    page.on("console", (message) => console.log(`${name}: ${message.type()} ${message.text()}`));
    page.on("pageerror", (error) => console.log(`${name}: ${error.message}`));
    await page.goto(`${server.url}?${address}`);
    if (!/state=(running|failed|empty)/.test(address))
      await page.waitForSelector(".card, .drawing path", { state: "attached" });
    else await page.waitForSelector(".pane");
    for (const act of script.split(",").filter(Boolean)) {
      if (act.startsWith("click:")) await page.locator(act.slice(6)).first().click();
      else if (act.startsWith("wait:")) await page.waitForTimeout(Number(act.slice(5)));
      else if (act.startsWith("eval:")) await page.evaluate(act.slice(5));
      else if (act.startsWith("at:")) {
        const [x = 0, y = 0] = act.slice(3).split("/").map(Number);
        await page.mouse.click(x, y);
      } else await page.keyboard.press(act);
    }
    await page.waitForTimeout(350);
    await page.screenshot({ path: path.join(folder, `${name}.png`) });
    await page.close();
  }
} finally {
  await browser.close();
  await server.close();
}

function splitOnce(text: string, at: string): [string, string] {
  const i = text.indexOf(at);
  return i < 0 ? [text, ""] : [text.slice(0, i), text.slice(i + 1)];
}
