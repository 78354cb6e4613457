import { existsSync } from "node:fs";
import path from "node:path";
import type { Browser } from "playwright-core";
import type { Context } from "mocha";
import { launchChromium } from "./chromium.ts";
import { CodeServer } from "./code-server.ts";
import { VsCodeWindow, type WindowOptions } from "./vs-code-window.ts";

/*
 * What every end-to-end test starts from: one server with the packaged extension installed, and one browser, for all
 * test files; a window of its own for every test, closed after it.
 */

const repository = path.resolve(import.meta.dirname, "../..");

let server: Promise<CodeServer> | null = null;
let browser: Promise<Browser> | null = null;
const windows: VsCodeWindow[] = [];
const windowsOfFile: VsCodeWindow[] = [];

/** The package under test: what BACKSTEP_VSIX names, or the one that `npm run package` writes. */
export function vsixFile(): string {
  const file = process.env["BACKSTEP_VSIX"] ?? path.join(repository, "backstep.vsix");
  if (!existsSync(file)) throw new Error(`${file} is missing: npm run package`);
  return file;
}

/** Opens a window of VS Code, on a copy of examples/ where no folder is named. It is closed after the test. */
export async function openWindow(options: WindowOptions = {}): Promise<VsCodeWindow> {
  const window = await open(options);
  windows.push(window);
  return window;
}

/** Opens a window that stays until the last test of the file has run. */
export async function openWindowOfFile(options: WindowOptions = {}): Promise<VsCodeWindow> {
  const window = await open(options);
  windowsOfFile.push(window);
  return window;
}

async function open(options: WindowOptions): Promise<VsCodeWindow> {
  server ??= CodeServer.start([vsixFile()]);
  browser ??= launchChromium();
  return VsCodeWindow.open(await browser, await server, { folder: "examples", ...options });
}

/** Hooks around every test: a failed one leaves a picture of each of its windows, and what their consoles said. */
export const mochaHooks = {
  async afterEach(this: Context): Promise<void> {
    const failed = this.currentTest?.state === "failed";
    const title = this.currentTest?.fullTitle() ?? "test";
    for (const [index, window] of [...windows, ...windowsOfFile].entries()) {
      if (failed) {
        const name = index === 0 ? title : `${title} ${index + 1}`;
        // A window that is itself the failure may not let itself be pictured.
        const picture = await window.screenshot(name, path.join(repository, "test-output")).catch(String);
        const complaints = window.consoleLines.filter((line) => /^(error|pageerror) /.test(line)).slice(-10);
        console.log([`    window: ${picture}`, ...complaints.map((line) => `    ${line}`)].join("\n"));
      }
    }
    for (const window of windows.splice(0)) await window.close();
  },
  async afterAll(): Promise<void> {
    for (const window of windowsOfFile.splice(0)) await window.close();
    await (await browser)?.close();
    await (await server)?.stop();
    browser = null;
    server = null;
  },
};
