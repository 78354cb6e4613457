/** A place in a text, as editors count: from 0, in UTF-16 units. */
export interface TextPosition {
  readonly line: number;
  readonly character: number;
}

export interface TextEdit {
  readonly start: TextPosition;
  readonly end: TextPosition;
  readonly text: string;
}

/**
 * Where places of a text are now that it was edited. A run's sites are those of the text that ran; the editor shows the
 * text of now.
 */
export class EditedPositions {
  readonly #edits: TextEdit[] = [];

  get edited(): boolean {
    return this.#edits.length > 0;
  }

  /** Takes edits in the order in which they were made, each in the coordinates that it found. */
  add(edit: TextEdit): void {
    this.#edits.push(edit);
  }

  /** Where a place of the text that ran is now; null when what stood there was changed. */
  toCurrent(position: TextPosition, side: Side = "start"): TextPosition | null {
    let at: TextPosition | null = position;
    for (const edit of this.#edits) {
      at = at && shift(at, edit.start, edit.end, endOf(edit), side);
    }
    return at;
  }

  /** Which place of the text that ran stands here now; null when it was typed since. */
  toOriginal(position: TextPosition): TextPosition | null {
    let at: TextPosition | null = position;
    for (const edit of [...this.#edits].reverse()) {
      at = at && shift(at, edit.start, endOf(edit), edit.end, "start");
    }
    return at;
  }
}

/** Whether a place begins a range or ends it: what is typed right there then stands outside of the range. */
type Side = "start" | "end";

/** Moves a place when the text from `start` to `oldEnd` becomes one that ends at `newEnd`. */
function shift(
  at: TextPosition,
  start: TextPosition,
  oldEnd: TextPosition,
  newEnd: TextPosition,
  side: Side,
): TextPosition | null {
  const order = compare(at, start);
  if (order < 0 || (order === 0 && side === "end")) return at;
  if (compare(at, oldEnd) < 0) return null;
  if (at.line !== oldEnd.line) return { line: at.line + newEnd.line - oldEnd.line, character: at.character };
  return { line: newEnd.line, character: newEnd.character + at.character - oldEnd.character };
}

function endOf({ start, text }: TextEdit): TextPosition {
  const lines = text.split(/\r\n|\r|\n/);
  const last = lines.at(-1) ?? "";
  const line = start.line + lines.length - 1;
  return { line, character: lines.length === 1 ? start.character + last.length : last.length };
}

function compare(a: TextPosition, b: TextPosition): number {
  return a.line - b.line || a.character - b.character;
}
