/**
 * A quick look at the product: opens a real VS Code, headless, with the extension as it is built now, on a copy of
 * examples/, does what a script says, and keeps pictures in test-output/look/.
 *
 *     npm run look -- steps.mjs      a module (or .ts) that exports `async function look(window)`; `window` is a VsCodeWindow
 *     npm run look -- steps.json     a list of steps, see Step below
 *     npm run look -- -e '[{ "open": "micrograd.ts" }, { "command": "Backstep: Debug Gradients" }, { "screenshot": "panel" }]'
 *
 * Options: --folder F (instead of examples), --theme "light" | "dark" | "high contrast", --no-build, --vsix FILE (the
 * packaged extension instead of the repository's folder), --size 1440x900.
 */
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { launchChromium } from "../test/e2e/chromium.ts";
import { CodeServer } from "../test/e2e/code-server.ts";
import { VsCodeWindow, type Theme } from "../test/e2e/vs-code-window.ts";
import { build } from "./build.ts";
import { installBrowser, installCodeServer, InstallError } from "./install.ts";
import { inRepository, repository } from "./repository.ts";

/** One thing to do; a selector with `in: "webview"` is looked for in the extension's page. */
type Step =
  | { readonly open: string; readonly line?: number; readonly column?: number }
  | { readonly command: string }
  | { readonly key: string }
  | { readonly type: string }
  | { readonly hover: string; readonly occurrence?: number }
  | { readonly click: string; readonly in?: "webview" }
  | { readonly waitFor: string; readonly in?: "webview" }
  | { readonly wait: number }
  | { readonly theme: Theme }
  | { readonly print: string; readonly in?: "webview" }
  | { readonly screenshot: string };

interface LookModule {
  readonly look: (window: VsCodeWindow) => Promise<void>;
}

const pictures = inRepository("test-output", "look");

async function run(window: VsCodeWindow, step: Step): Promise<void> {
  const locate = async (selector: string, where: "webview" | undefined) =>
    (where === "webview" ? await window.webview(selector) : window.page).locator(selector).first();

  if ("open" in step) await window.openFile(step.open, step.line, step.column);
  else if ("command" in step) await window.command(step.command);
  else if ("key" in step) await window.key(step.key);
  else if ("type" in step) await window.page.keyboard.type(step.type);
  else if ("hover" in step) console.log(await (await window.hover(step.hover, step.occurrence)).innerText());
  else if ("click" in step) await (await locate(step.click, step.in)).click();
  else if ("waitFor" in step) await (await locate(step.waitFor, step.in)).waitFor();
  else if ("wait" in step) await window.page.waitForTimeout(step.wait);
  else if ("theme" in step) await window.setTheme(step.theme);
  else if ("print" in step) console.log(await (await locate(step.print, step.in)).innerText());
  else console.log(await window.screenshot(step.screenshot, pictures));
}

async function readScript(file: string | undefined, inline: string | undefined): Promise<LookModule["look"]> {
  if (file !== undefined && !file.endsWith(".json")) {
    const script = (await import(pathToFileURL(path.resolve(file)).href)) as LookModule;
    return script.look;
  }
  const text = inline ?? (file === undefined ? '[{ "screenshot": "window" }]' : await readFile(file, "utf8"));
  const steps = JSON.parse(text) as Step[];
  return async (window) => {
    for (const step of steps) {
      const started = performance.now();
      await run(window, step);
      console.log(`${JSON.stringify(step)} (${Math.round(performance.now() - started)} ms)`);
    }
  };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: {
    eval: { type: "string", short: "e" },
    folder: { type: "string" },
    theme: { type: "string", default: "dark" },
    build: { type: "boolean", default: true },
    vsix: { type: "string" },
    size: { type: "string", default: "1440x900" },
  },
});

const look = await readScript(positionals[0], values.eval);
try {
  await installCodeServer();
  await installBrowser();
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  console.error(error.message);
  process.exit(1);
}
if (values.build && values.vsix === undefined) {
  await build(false).catch((error: unknown) => {
    console.warn(`${String(error)}\nGoing on with what is in dist/.`);
  });
}
await mkdir(pictures, { recursive: true });
await using server = await CodeServer.start(values.vsix === undefined ? [] : [path.resolve(values.vsix)]);
await using browser = await launchChromium();
const [width = 1440, height = 900] = values.size.split("x").map(Number);
await using window = await VsCodeWindow.open(browser, server, {
  // From where the command was given, unless it is the default.
  folder:
    values.folder === undefined ? inRepository("examples") : path.resolve(process.env["INIT_CWD"] ?? "", values.folder),
  theme: values.theme as Theme,
  viewport: { width, height },
  ...(values.vsix === undefined ? { extensionPath: repository } : {}),
});
try {
  await look(window);
} catch (error) {
  console.error(error);
  console.error(`The window as it was: ${await window.screenshot("failed", pictures)}`);
  console.error(window.consoleLines.filter((line) => /^(error|pageerror)/.test(line)).join("\n"));
  process.exitCode = 1;
}
