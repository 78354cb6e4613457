import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import { launchChromium } from "../e2e/chromium.ts";
import { CodeServer, codeServerScript } from "../e2e/code-server.ts";
import { VsCodeWindow } from "../e2e/vs-code-window.ts";
import { median, type SuiteOptions } from "./row.ts";

const repository = path.resolve(import.meta.dirname, "../..");

/** Milliseconds in a real window of VS Code, from the key to the paint; medians. */
export interface WindowTimes {
  /** F5, to the marked line of the first stop. */
  readonly firstStop: number;
  /** F10, to the marked line, in the editor. */
  readonly step: number;
  /** F10, to the last of Call Stack and Variables. */
  readonly views: number;
}

/** A file that is debugged, and how VS Code knows that F5 is ready and the first stop complete. */
interface Debuggee {
  readonly file: string;
  /** There once F5 does what it should. */
  readonly ready: string;
  /** A row of Variables at the first stop. */
  readonly variable: RegExp;
}

const MODEL: Debuggee = { file: "micrograd.ts", ready: ".codelens-decoration", variable: /^value/ };
/** VS Code's own debugger of JavaScript, on as little as a program can do: what any debugger takes in this window. */
const SCRIPT: Debuggee = { file: "script.js", ready: ".view-line", variable: /^a/ };

const SCRIPT_SOURCE = `function main() {
  let a = 1;
  debugger;
${"  a = a * 2;\n".repeat(60)}  return a;
}
main();
`;
const LAUNCH = {
  version: "0.2.0",
  configurations: [
    {
      name: "script",
      type: "node",
      request: "launch",
      program: "${workspaceFolder}/script.js",
      console: "internalConsole",
    },
  ],
};

declare global {
  interface Window {
    /** When the key that is being timed went down. */
    keyAt: number;
    /** When something that is being timed was last painted. */
    paintedAt: number;
    watch(selectors: readonly string[]): void;
  }
}

/** Notes when a debug key goes down, and when what it leads to has been painted. */
function instrument(): void {
  window.addEventListener(
    "keydown",
    ({ key }) => {
      if (/^F\d+$/.test(key)) window.keyAt = performance.now();
    },
    { capture: true },
  );
  let observer: MutationObserver | null = null;
  window.watch = (selectors) => {
    observer?.disconnect();
    window.paintedAt = 0;
    observer = new MutationObserver((mutations) => {
      const hit = mutations.some(({ target, addedNodes }) =>
        [target, ...addedNodes].some((node) => {
          const element = node instanceof Element ? node : node.parentElement;
          return selectors.some((selector) => element?.closest(selector) ?? element?.querySelector(selector));
        }),
      );
      if (!hit) return;
      requestAnimationFrame(() => setTimeout(() => (window.paintedAt = performance.now()), 0));
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  };
}

const MARKED_LINE = ".debug-top-stack-frame-line";
const CALL_STACK = ".debug-call-stack";
const VARIABLES = ".debug-variables";
/** After the last paint of the views: VS Code lets Variables wait for 400 ms while somebody steps. */
const QUIET_MS = 1_000;

/** From the key to the first paint after it of what is watched. */
async function toFirstPaint(page: Page, key: string, selectors: readonly string[]): Promise<number> {
  await page.evaluate((watched) => window.watch(watched), selectors);
  await page.keyboard.press(key);
  await page.waitForFunction(() => window.paintedAt > window.keyAt);
  return page.evaluate(() => window.paintedAt - window.keyAt);
}

/** From the key to the last paint after it of what is watched. */
async function toLastPaint(page: Page, key: string, selectors: readonly string[]): Promise<number> {
  await page.evaluate((watched) => window.watch(watched), selectors);
  await page.keyboard.press(key);
  await page.waitForFunction(
    (quiet) => window.paintedAt > window.keyAt && performance.now() - window.paintedAt > quiet,
    QUIET_MS,
  );
  return page.evaluate(() => window.paintedAt - window.keyAt);
}

/** Drives the packaged extension, and VS Code's debugger of JavaScript, in the embedded VS Code; null where that is not installed. */
export async function measureInWindow(
  options: SuiteOptions,
): Promise<readonly [model: WindowTimes, script: WindowTimes] | null> {
  if (!existsSync(codeServerScript)) return null;
  execFileSync(process.execPath, [path.join(repository, "scripts", "package.ts")], { stdio: "ignore" });
  await using server = await CodeServer.start([path.join(repository, "backstep.vsix")]);
  await using browser = await launchChromium();
  const times: WindowTimes[] = [];
  for (const debuggee of [MODEL, SCRIPT]) {
    await using window = await VsCodeWindow.open(browser, server, {
      ...(debuggee === MODEL
        ? { folder: "examples" }
        : { files: { "script.js": SCRIPT_SOURCE, ".vscode/launch.json": JSON.stringify(LAUNCH) } }),
      // What is timed is the debugger: the panel beside it has a suite of its own.
      settings: { "backstep.panel.openOnStart": false },
      prepare: async (page) => {
        await page.addInitScript(instrument);
      },
    });
    times.push(await measure(window, debuggee, options));
  }
  return times as [WindowTimes, WindowTimes];
}

async function measure(window: VsCodeWindow, debuggee: Debuggee, { quick }: SuiteOptions): Promise<WindowTimes> {
  const { page } = window;
  await window.openFile(debuggee.file);
  await page.locator(debuggee.ready).first().waitFor();
  await window.command("View: Show Run and Debug");
  const firstStops: number[] = [];
  const steps: number[] = [];
  const views: number[] = [];
  const runs = quick ? 3 : 7;
  for (let run = 0; run < runs; run++) {
    await window.focusEditor();
    // A key that is pressed while the palette closes is lost.
    await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
    await page.locator(".monaco-editor.focused").first().waitFor();
    firstStops.push(await toFirstPaint(page, "F5", [MARKED_LINE]));
    await page.locator(`${CALL_STACK} .stack-frame`).first().waitFor();
    await page.locator(`${VARIABLES} .monaco-list-row`, { hasText: debuggee.variable }).first().waitFor();
    for (let step = 0; step < 4; step++) steps.push(await toFirstPaint(page, "F10", [MARKED_LINE]));
    for (let step = 0; step < 2; step++) views.push(await toLastPaint(page, "F10", [CALL_STACK, VARIABLES]));
    await page.keyboard.press("Shift+F5");
    await window.debugEnded();
  }
  // The first run fills caches.
  return { firstStop: median(firstStops.slice(1)), step: median(steps), views: median(views) };
}
