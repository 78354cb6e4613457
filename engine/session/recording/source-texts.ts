import { readFileSync } from "node:fs";
import type { Site } from "../../protocol/site.ts";

/** Larger ones are no source that somebody wrote. */
const LONGEST_SOURCE = 4 * 2 ** 20;

/** The text of source files as it was when their calls were first heard of, which is when they were loaded. */
export class SourceTexts {
  readonly #texts = new Map<string, string | null>();

  note(sites: readonly Site[]): void {
    for (const { file } of sites) if (!this.#texts.has(file)) this.#texts.set(file, readText(file));
  }

  /** Null where it could not be read. */
  text(file: string): string | null {
    let text = this.#texts.get(file);
    if (text === undefined) this.#texts.set(file, (text = readText(file)));
    return text;
  }
}

function readText(file: string): string | null {
  try {
    const text = readFileSync(file, "utf8");
    return text.length > LONGEST_SOURCE ? null : text;
  } catch {
    return null;
  }
}
