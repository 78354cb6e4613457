import assert from "node:assert/strict";
import { openWindow } from "./vs-code.ts";
import type { VsCodeWindow } from "./vs-code-window.ts";

/** L = (a b + c) f, as in micrograd's own figure: at a = 2, b = −3, c = 10, f = −2 it is −8. */
const EXPRESSION = `import { tensor } from "backstep";

const a = tensor(2, { requiresGrad: true });
const b = tensor(-3, { requiresGrad: true });
const c = tensor(10, { requiresGrad: true });
const f = tensor(-2, { requiresGrad: true });
const e = a.mul(b);
const d = e.add(c);
const L = d.mul(f);
L.backward();
`;

/** VS Code takes the keyboard along some frames after it shows an editor that was hidden, and the panel takes it back: so many. */
const FRAMES_OF_A_LOSS = 40;

/** In the page: settles when it has had the keyboard for so many frames on end. */
function keptFocus(_body: Element, frames: number): Promise<void> {
  return new Promise((done) => {
    let had = 0;
    const look = (): void => {
      had = document.hasFocus() ? had + 1 : 0;
      if (had === frames) done();
      else requestAnimationFrame(look);
    };
    look();
  });
}

async function stopped(window: VsCodeWindow) {
  await window.openFile("expression.ts");
  await window.page.locator(".codelens-decoration", { hasText: "Debug gradients" }).first().waitFor();
  await window.key("F5");
  await window.debugStopped();
  const panel = await window.webview(".inspector .head");
  await panel.locator(".inspector .head", { hasText: "L" }).waitFor();
  return panel;
}

describe("The panel in VS Code", function () {
  this.timeout(120_000);

  it("keeps the keyboard while it steps, and the editor follows", async () => {
    const window = await openWindow({ files: { "expression.ts": EXPRESSION } });
    const panel = await stopped(window);
    const before = await window.readFile("expression.ts");
    await panel.locator(".inspector h2").first().click();
    /** Waits until the line at which the file stands is above `limit`. @returns its distance from the top of the text */
    const standsAbove = async (limit: number): Promise<number> => {
      const found = await window.page.waitForFunction((below) => {
        const marker = document.querySelector(".view-overlays .debug-top-stack-frame-line");
        const text = marker?.closest(".view-overlays");
        // Of the text, not of the window: what VS Code puts above the text comes when it comes.
        const top = marker && text ? marker.getBoundingClientRect().y - text.getBoundingClientRect().y : Infinity;
        return top < below && top;
      }, limit);
      return (await found.jsonValue()) as number;
    };
    const start = await standsAbove(Infinity);
    for (const label of ["d", "e"]) {
      await window.key(".");
      await panel.locator(".inspector .head .label", { hasText: label }).waitFor();
      assert.equal(await panel.locator("body").evaluate(() => document.hasFocus()), true);
    }
    // The line of e is two above that of L.
    await standsAbove(start);
    assert.equal(await window.page.locator(".tab.dirty").count(), 0);
    assert.equal(await window.readFile("expression.ts"), before);

    await window.key("Home");
    await panel.locator(".inspector .head .label", { hasText: "L" }).waitFor();
    // The keyboard is in the panel, but a stop has made the editor's group the one that commands are about.
    await window.command("View: Focus Last Editor Group");
    await window.command("View: Maximize Editor Group");
    await panel.locator(".inspector h2").first().click();
    for (const label of ["d", "e"]) {
      await window.key(".");
      await panel.locator(".inspector .head .label", { hasText: label }).waitFor();
      await standsAbove(Infinity);
      await panel.locator("body").evaluate(keptFocus, FRAMES_OF_A_LOSS);
    }
    assert.equal(await window.page.locator(".tab.dirty").count(), 0);
    assert.equal(await window.readFile("expression.ts"), before);
  });

  it("opens an expression into scalars, and passes gradients on one multiplication at a time", async () => {
    const window = await openWindow({ files: { "expression.ts": EXPRESSION }, theme: "high contrast" });
    const panel = await stopped(window);
    // It opens by itself, and leaves the keyboard where it was.
    await panel.locator(".lens h2").click();
    const card = (name: RegExp) => panel.getByRole("button", { name });
    await card(/^L data −8\.00 grad 1\.00$/).waitFor();
    const next = panel.locator(".next-lines");
    assert.match(await next.innerText(), /d\.grad \+= f · L\.grad = −2\.00 × 1\.00 = −2\.00/);
    await window.screenshot("scalar-lens");
    for (const reached of [/^d data 4\.00 grad −2\.00$/, /^e data −6\.00 grad −2\.00$/, /^a data 2\.00 grad 6\.00$/]) {
      await window.key("]");
      await card(reached).waitFor();
    }
    await card(/^b data −3\.00 grad −4\.00$/).waitFor();
    await window.key("[");
    await card(/^a data 2\.00 grad waits$/).waitFor();
    await window.key("Escape");
    await panel.locator(".lens").waitFor({ state: "detached" });
  });
});
