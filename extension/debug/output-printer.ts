import { OutputEvent } from "@vscode/debugadapter";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { t } from "../../engine/language/translate.ts";
import type { OutputLine } from "../../engine/protocol/engine.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import type { Site } from "../../engine/protocol/site.ts";
import { failureReport } from "../text/failure-text.ts";

/** Lines that the debug console gets in {@link WINDOW_MS}; it shows them as fast as it can, and no faster. */
const MOST_LINES = 400;
const MOST_CHARACTERS = 2 ** 18;
const WINDOW_MS = 100;

/** Words what a session prints as events of the Debug Adapter Protocol; of a flood it prints the first and counts the rest. */
export class OutputPrinter {
  readonly #send: (event: DebugProtocol.OutputEvent) => void;
  #printed = 0;
  #characters = 0;
  #dropped = 0;
  #window: NodeJS.Timeout | null = null;

  constructor(send: (event: DebugProtocol.OutputEvent) => void) {
    this.#send = send;
  }

  print(lines: readonly OutputLine[], dropped: number): void {
    this.#dropped += dropped;
    for (const line of lines) {
      if (this.#printed >= MOST_LINES || this.#characters >= MOST_CHARACTERS) {
        this.#dropped++;
        continue;
      }
      this.#printed++;
      this.#characters += line.text.length;
      this.#event(line.text, line.stream, line.site);
    }
    this.#window ??= setTimeout(() => {
      this.flush();
    }, WINDOW_MS);
  }

  say(text: string, category: string, site: Site | null = null): void {
    this.#event(text.endsWith("\n") ? text : `${text}\n`, category, site);
  }

  report(failure: Failure): void {
    const category = failure.kind === "no-backward" ? "important" : "stderr";
    this.say(failureReport(failure), category, failure.site);
  }

  /** Says what was left out so far. */
  flush(): void {
    if (this.#window) clearTimeout(this.#window);
    this.#window = null;
    this.#printed = 0;
    this.#characters = 0;
    if (this.#dropped === 0) return;
    this.say(droppedText(this.#dropped), "console");
    this.#dropped = 0;
  }

  #event(output: string, category: string, site: Site | null): void {
    const event: DebugProtocol.OutputEvent = new OutputEvent(output, category);
    if (site) {
      event.body.source = { path: site.file };
      event.body.line = site.line;
      event.body.column = site.column;
    }
    this.#send(event);
  }
}

export function droppedText(count: number): string {
  const lines = count === 1 ? t("1 line was") : t`${count} lines were`;
  return t`… ${lines} dropped: the file writes faster than they can be shown.`;
}
