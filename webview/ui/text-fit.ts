/** Measures text; there is none where there is no page. */
const context = "document" in globalThis ? document.createElement("canvas").getContext("2d") : null;
const widths = new Map<string, number>();
const MOST_KEPT = 20_000;

/** Width of a text in pixels. */
export function textWidth(text: string, font: string): number {
  const key = `${font}\n${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  if (!context) return text.length * 7;
  if (widths.size > MOST_KEPT) widths.clear();
  context.font = font;
  const { width } = context.measureText(text);
  widths.set(key, width);
  return width;
}

/** The text, or as much of its start as fits with an ellipsis. SVG text does not shorten itself. */
export function fitText(text: string, font: string, room: number): string {
  if (textWidth(text, font) <= room) return text;
  const letters = [...text];
  let low = 0;
  let high = letters.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (textWidth(`${letters.slice(0, middle).join("")}…`, font) <= room) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? (room > 8 ? "…" : "") : `${letters.slice(0, low).join("")}…`;
}

/** Fonts change with the theme and with zoom: what was measured no longer holds. */
export function forgetWidths(): void {
  widths.clear();
}
