import type { SourceEdit } from "../../protocol/finding.ts";
import type { Site } from "../../protocol/site.ts";

/** A source file's text, by lines and columns that count from 1 and by offsets. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  readonly #starts: readonly number[];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    this.#starts = [0, ...Array.from(text.matchAll(/\r\n|\r|\n/gu), (end) => end.index + end[0].length)];
  }

  offset(line: number, column: number): number {
    return (this.#starts[line - 1] ?? this.text.length) + column - 1;
  }

  /** The line of a place, without its end. */
  line(line: number): string {
    return this.text.slice(this.offset(line, 1), this.offset(line + 1, 1)).replace(/[\r\n]+$/u, "");
  }

  lineOf(offset: number): number {
    return this.#starts.findLastIndex((start) => start <= offset) + 1;
  }

  edit(start: number, end: number, text: string): SourceEdit {
    const [from, to] = [this.#place(start), this.#place(end)];
    const site: Site = {
      file: this.file,
      line: from.line,
      column: from.column,
      endLine: to.line,
      endColumn: to.column,
    };
    return { site, text };
  }

  #place(offset: number): { readonly line: number; readonly column: number } {
    const line = this.lineOf(offset);
    return { line, column: offset - this.#starts[line - 1]! + 1 };
  }
}
