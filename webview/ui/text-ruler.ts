const MOST_KEPT = 20_000;

/** Measures text in the fonts of one theme, each text once. There is nothing to measure with where there is no page. */
export class TextRuler {
  readonly #context = "document" in globalThis ? document.createElement("canvas").getContext("2d") : null;
  readonly #widths = new Map<string, number>();

  /** Width of a text in pixels. */
  width(text: string, font: string): number {
    const key = `${font}\n${text}`;
    const known = this.#widths.get(key);
    if (known !== undefined) return known;
    if (!this.#context) return text.length * 7;
    if (this.#widths.size > MOST_KEPT) this.#widths.clear();
    this.#context.font = font;
    const { width } = this.#context.measureText(text);
    this.#widths.set(key, width);
    return width;
  }

  /** The text, or as much of its start as fits with an ellipsis. SVG text does not shorten itself. */
  fit(text: string, font: string, room: number): string {
    if (this.width(text, font) <= room) return text;
    const letters = [...text];
    let low = 0;
    let high = letters.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.width(`${letters.slice(0, middle).join("")}…`, font) <= room) low = middle;
      else high = middle - 1;
    }
    return low === 0 ? (room > 8 ? "…" : "") : `${letters.slice(0, low).join("")}…`;
  }
}
