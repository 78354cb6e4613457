import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, BrowserContext, Frame, Locator, Page } from "playwright-core";
import type { CodeServer } from "./code-server.ts";
import { loadDevelopmentExtension } from "./development-extension.ts";

const repository = path.resolve(import.meta.dirname, "../..");
const START_TIMEOUT_MS = 60_000;
const WAIT_MS = 60_000;

/** The themes that tests look at, by the name VS Code has for each, and the class it puts on the workbench. */
const THEMES = {
  dark: { name: "Dark Modern", className: "vs-dark" },
  light: { name: "Light Modern", className: "vs" },
  "high contrast": { name: "Default High Contrast", className: "hc-black" },
  "high contrast light": { name: "Default High Contrast Light", className: "hc-light" },
} as const;

export type Theme = keyof typeof THEMES;

export interface WindowOptions {
  /** The folder to open, relative to the repository. It is copied, so that a test may write to it. */
  readonly folder?: string;
  /** More files for the copy: path in it, and text. */
  readonly files?: Readonly<Record<string, string>>;
  /** Workspace settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly theme?: Theme;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Load the extension from this folder instead of the installed one. */
  readonly extensionPath?: string;
  /** Module that exports `run`, to be called in the extension host. Needs `extensionPath`. */
  readonly testsPath?: string;
  /** Called with the page before anything is loaded into it. */
  readonly prepare?: (page: Page) => Promise<void>;
}

/** One window of a real VS Code, on a folder of its own. */
export class VsCodeWindow {
  readonly page: Page;
  /** Absolute path of the folder that is open: a copy, removed on close. */
  readonly folder: string;
  /** What the browser's console said, one line each. */
  readonly consoleLines: string[] = [];
  readonly #context: BrowserContext;
  readonly #settings: Record<string, unknown>;

  private constructor(context: BrowserContext, page: Page, folder: string, settings: Record<string, unknown>) {
    this.#context = context;
    this.page = page;
    this.folder = folder;
    this.#settings = settings;
    page.on("console", (message) => this.consoleLines.push(`${message.type()} ${message.text()}`));
    page.on("pageerror", (error) => this.consoleLines.push(`pageerror ${error.message}`));
  }

  static async open(browser: Browser, server: CodeServer, options: WindowOptions = {}): Promise<VsCodeWindow> {
    const folder = await mkdtemp(path.join(tmpdir(), "backstep-workspace-"));
    const context = await browser.newContext({
      viewport: options.viewport ?? { width: 1440, height: 900 },
      permissions: ["local-network-access", "clipboard-read", "clipboard-write"],
    });
    const settings = { "workbench.colorTheme": THEMES[options.theme ?? "dark"].name, ...options.settings };
    const window = new VsCodeWindow(context, await context.newPage(), folder, settings);
    try {
      await window.#load(server, options);
    } catch (error) {
      await window.close();
      throw error;
    }
    return window;
  }

  async #load(server: CodeServer, options: WindowOptions): Promise<void> {
    if (options.folder !== undefined)
      await cp(path.resolve(repository, options.folder), this.folder, { recursive: true });
    for (const [name, text] of Object.entries(options.files ?? {})) await this.writeFile(name, text);
    await this.setSettings({});
    const { extensionPath, testsPath } = options;
    if (extensionPath !== undefined) {
      const tests = testsPath === undefined ? {} : { testsPath };
      await loadDevelopmentExtension(this.page, server, { extensionPath, ...tests });
    }
    await options.prepare?.(this.page);
    await this.page.goto(`${server.url}?folder=${encodeURI(this.folder)}`, { timeout: START_TIMEOUT_MS });
    await this.page.locator(".monaco-workbench .part.statusbar").waitFor({ timeout: START_TIMEOUT_MS });
    if (extensionPath !== undefined && testsPath === undefined) {
      // VS Code starts with the first theme found below an extension under development: the embedded VS Code's own.
      await this.page.locator('.monaco-workbench[class*="theme-defaults"]').waitFor({ timeout: START_TIMEOUT_MS });
      const theme = options.theme ?? "dark";
      await this.setTheme(theme === "high contrast" ? "dark" : "high contrast");
      await this.setTheme(theme);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async close(): Promise<void> {
    await this.#context.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Writes a file of the open folder from outside the editor. */
  async writeFile(name: string, text: string): Promise<void> {
    const file = path.join(this.folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  /** Deletes a file of the open folder from outside the editor. */
  async deleteFile(name: string): Promise<void> {
    await rm(path.join(this.folder, name));
  }

  async readFile(name: string): Promise<string> {
    return readFile(path.join(this.folder, name), "utf8");
  }

  /** Opens a file of the folder, with the caret at a place (line and column count from 1). */
  async openFile(name: string, line?: number, column = 1): Promise<void> {
    const label = path.basename(name);
    await this.#pick("Control+P", name, label, line === undefined ? name : `${name}:${line}:${column}`);
    // The tab is there before the text: until then the editor holds the file it held before, and keys go to that one.
    const editor = `.editor-group-container.active .monaco-editor[data-uri$="/${encodeURI(name)}"]`;
    await this.page.locator(`${editor} .view-line`).first().waitFor();
  }

  /** Opens a recording of the folder, and returns its panel. */
  async openRecording(name: string): Promise<Frame> {
    await this.#pick("Control+P", name, path.basename(name), name);
    return this.webview(".inspector h2");
  }

  /** Runs a command by its title as the palette shows it, category included: "Backstep: Debug Gradients". */
  async command(title: string): Promise<void> {
    await this.#pick("F1", `>${title}`, title, `>${title}`);
  }

  /** Presses a key or a chord, as playwright writes them: "F10", "Shift+F5", "Control+S". */
  async key(keys: string): Promise<void> {
    await this.page.keyboard.press(keys);
  }

  /** Puts the keyboard focus into the active editor. */
  async focusEditor(): Promise<void> {
    await this.command("View: Focus Active Editor Group");
  }

  /**
   * Rests the mouse on a text of the visible editor, and returns the hover that appears.
   * @param occurrence which of the visible occurrences, from 0
   * @param content what the hover must say; until it does, the mouse is taken away and brought back, because a hover
   *   shows what was known when it opened
   */
  async hover(text: string, occurrence = 0, content: string | RegExp = ""): Promise<Locator> {
    const anyHover = this.page.locator(".monaco-hover:not(.hidden)");
    const hover = anyHover
      .filter({ hasNotText: /loading\.\.\./i })
      .filter({ hasText: content })
      .first();
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const place = await this.placeOf(text, occurrence);
      await this.page.mouse.move(place.x + 60, place.y + 160);
      // A hover that the mouse comes back to in time stays as it was.
      await anyHover.first().waitFor({ state: "hidden" });
      await this.page.mouse.move(place.x, place.y, { steps: 4 });
      const shown = await hover.waitFor({ timeout: 4_000 }).then(
        () => true,
        () => false,
      );
      if (shown) return hover;
      if (Date.now() > deadline) {
        const seen = await anyHover.allInnerTexts();
        throw new Error(`no hover over "${text}" says ${String(content)}, but: ${JSON.stringify(seen)}`);
      }
    }
  }

  /** Where on the page a text of the visible editors is: the middle of its first characters. */
  async placeOf(text: string, occurrence = 0): Promise<{ readonly x: number; readonly y: number }> {
    const find = (): Promise<{ x: number; y: number } | null> =>
      this.page.evaluate(
        ([wanted, skip]) => {
          let left = skip;
          const lines = [...document.querySelectorAll<HTMLElement>(".editor-instance .view-line")];
          lines.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
          for (const line of lines) {
            // The editor shows a space as a no-break space.
            const content = line.textContent.replaceAll("\u00a0", " ");
            for (let at = content.indexOf(wanted); at >= 0; at = content.indexOf(wanted, at + 1)) {
              if (left-- > 0) continue;
              const nodes = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
              let start = at;
              for (let node = nodes.nextNode(); node !== null; node = nodes.nextNode()) {
                const length = node.nodeValue?.length ?? 0;
                if (start >= length) {
                  start -= length;
                  continue;
                }
                const range = document.createRange();
                range.setStart(node, start);
                range.setEnd(node, start + 1);
                const box = range.getBoundingClientRect();
                return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
              }
            }
          }
          return null;
        },
        [text, occurrence] as const,
      );
    await this.page.locator(".editor-instance .view-line").first().waitFor({ timeout: WAIT_MS });
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const place = await find();
      if (place !== null) return place;
      if (Date.now() > deadline) throw new Error(`no visible editor shows "${text}"`);
      await this.#nextFrame();
    }
  }

  /** The content of the webview in which a selector matches, once there is one. */
  async webview(selector: string): Promise<Frame> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      for (const frame of this.page.frames()) {
        if (frame === this.page.mainFrame()) continue;
        // A frame may vanish while it is asked.
        const count = await frame
          .locator(selector)
          .count()
          .catch(() => 0);
        if (count > 0) return frame;
      }
      if (Date.now() > deadline) {
        const urls = this.page.frames().map((frame) => frame.url());
        throw new Error(`no webview has ${selector}; frames:\n${urls.join("\n")}`);
      }
      await this.#nextFrame();
    }
  }

  /** Waits until a debug session is stopped somewhere: until its toolbar offers to continue. */
  async debugStopped(): Promise<void> {
    await this.page.locator(".debug-toolbar .codicon-debug-continue").waitFor({ timeout: WAIT_MS });
  }

  /** Waits until no debug session is left. */
  async debugEnded(): Promise<void> {
    await this.page.locator(".debug-toolbar").waitFor({ state: "hidden", timeout: WAIT_MS });
  }

  async setTheme(theme: Theme): Promise<void> {
    await this.setSettings({ "workbench.colorTheme": THEMES[theme].name });
    await this.page.locator(`.monaco-workbench.${THEMES[theme].className}`).waitFor({ timeout: WAIT_MS });
  }

  /** Changes workspace settings; those that were set before stay. */
  async setSettings(settings: Readonly<Record<string, unknown>>): Promise<void> {
    Object.assign(this.#settings, settings);
    await this.writeFile(".vscode/settings.json", JSON.stringify(this.#settings, null, 2));
  }

  /** A notification that contains a text. */
  notification(text: string | RegExp): Locator {
    return this.page.locator(".notification-toast", { hasText: text });
  }

  /** Rows of the Problems view, which it opens. */
  async problems(): Promise<Locator> {
    await this.command("Problems: Focus on Problems View");
    return this.page.locator(".markers-panel .monaco-list-row");
  }

  /** Keeps a picture of the window in test-output/screenshots/NAME.png. */
  async screenshot(name: string, folder = path.join(repository, "test-output", "screenshots")): Promise<string> {
    await mkdir(folder, { recursive: true });
    const file = path.join(folder, `${name.replaceAll(/[^\w.-]+/g, "-")}.png`);
    await this.page.screenshot({ path: file });
    return file;
  }

  async #openQuickInput(keys: string): Promise<Locator> {
    const input = this.page.locator(".quick-input-widget:not([style*='display: none']) input").first();
    // In the first moments of a window its keybindings are not there yet.
    for (let attempt = 0; ; attempt++) {
      await this.page.keyboard.press(keys);
      const shown = await input.waitFor({ timeout: 1_000 }).then(
        () => true,
        () => false,
      );
      if (shown) break;
      if (attempt === 20) throw new Error(`${keys} opens no quick input`);
    }
    return input;
  }

  /**
   * Picks the row with just this label from a quick input. Never by Enter: the list ranks by its own lights, and another
   * row may be first. Tries again when the list lacks the row, because a list is made when it opens and an extension may
   * add to it later, and when the list is gone before the click, because something else took the focus.
   */
  async #pick(keys: string, search: string, label: string, finalText: string): Promise<void> {
    const exact = this.page
      .locator(".monaco-highlighted-label, .quick-input-list-label")
      .getByText(label, { exact: true });
    const row = this.page.locator(".quick-input-list .monaco-list-row").filter({ has: exact }).first();
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      try {
        const input = await this.#openQuickInput(keys);
        await input.fill(search, { timeout: 3_000 });
        await row.waitFor({ timeout: 3_000 });
        if (finalText !== search) await input.fill(finalText, { timeout: 3_000 });
        await row.click({ timeout: 3_000 });
        return;
      } catch (error) {
        if (Date.now() > deadline) throw new Error(`no "${label}" to pick after ${keys}`, { cause: error });
        await this.page.keyboard.press("Escape");
      }
    }
  }

  async #nextFrame(): Promise<void> {
    await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}
