/** A narrow panel, half a window, and whole ones. */
export const PANEL_SIZES = [
  [390, 700],
  [640, 720],
  [1280, 720],
  [1440, 900],
  [1920, 1080],
] as const;

/** What there is to measure of the page: texts that are too small, cut off, or under something else. */
export function unreadable(): string[] {
  const found: string[] = [];
  const describe = (node: Element): string =>
    `<${node.tagName.toLowerCase()} class="${node.getAttribute("class") ?? ""}"> ${node.textContent.slice(0, 40)}`;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!node || (text.textContent ?? "").trim() === "") continue;
    if (node.closest("title, script, style, select, dialog, .spoken-only, .katex, [hidden]")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    if (box.width === 0 || box.height === 0 || !node.checkVisibility({ visibilityProperty: true })) continue;
    const svg = node.closest("svg");
    const scale = svg && node instanceof SVGGraphicsElement ? (node.getScreenCTM()?.a ?? 1) : 1;
    let zoom = 1;
    for (let up: Element | null = node; up; up = up.parentElement) zoom *= Number(getComputedStyle(up).zoom) || 1;
    const size = parseFloat(getComputedStyle(node).fontSize) * scale * zoom;
    if (size < 8.99) found.push(`${size.toFixed(1)} px: ${describe(node)}`);
    // What is scrolled or panned out of its pane is not there to be read.
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    let isSeen = x >= 0 && y >= 0 && x <= innerWidth && y <= innerHeight;
    for (let up: Element | null = node; up && isSeen; up = up.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(up);
      if (overflowX === "visible" && overflowY === "visible" && !up.matches(".drawing-place")) continue;
      const { left, right, top, bottom } = up.getBoundingClientRect();
      isSeen = x > left + 1 && x < right - 1 && y > top + 1 && y < bottom - 1;
    }
    if (!isSeen) continue;
    const top = document.elementFromPoint(x, y);
    if (!top) continue;
    const isItsOwn = top.contains(node) || node.contains(top) || (svg !== null && svg.contains(top));
    if (!isItsOwn && !top.closest(".katex")) found.push(`covered by ${describe(top)}: ${describe(node)}`);
  }
  return found;
}

/**
 * Texts that are cut off where nothing says so: beyond the edge of what neither scrolls nor ends them in an ellipsis, or
 * with an ellipsis that no tooltip completes. A number is whole or not there.
 */
export function clipped(): string[] {
  const found: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    const content = (text.textContent ?? "").trim();
    if (!node || content === "") continue;
    if (node.closest("title, script, style, select, dialog, .spoken-only, .katex, [hidden], svg")) continue;
    if (!node.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    if (box.width === 0) continue;
    let isScrolled = false;
    for (let up: Element | null = node; up && up !== document.body; up = up.parentElement) {
      const { overflowX, overflowY, textOverflow } = getComputedStyle(up);
      const edge = up.getBoundingClientRect();
      const isWide = box.left < edge.left - 1 || box.right > edge.right + 1;
      const isTall = box.top < edge.top - 3 || box.bottom > edge.bottom + 3;
      isScrolled = /auto|scroll/.test(overflowX + overflowY);
      if (isScrolled) break;
      if (overflowX !== "visible" && isWide) {
        const says = up.closest("[title], [aria-label]");
        if (textOverflow !== "ellipsis") found.push(`cut off: ${content.slice(0, 60)}`);
        else if (!says) found.push(`shortened without a tooltip: ${content.slice(0, 60)}`);
        else if (/^[−-]?\d[\d.e−+]*$/.test(content)) found.push(`a number is shortened: ${content}`);
        break;
      }
      if (overflowY !== "visible" && isTall) {
        found.push(`cut off below: ${content.slice(0, 60)}`);
        break;
      }
    }
    if (box.right > innerWidth + 1 && !isScrolled) found.push(`beyond the page: ${content.slice(0, 60)}`);
  }
  return [...new Set(found)];
}

/** What touches on a card: the ink of its texts, whose boxes have room above and below it, and the bar at its foot. */
export function touching(): string[] {
  const pen = document.createElement("canvas").getContext("2d");
  if (!pen) throw new Error("nothing to measure with");
  return [...document.querySelectorAll<SVGGElement>(".drawing .card")].flatMap((card) => {
    const inked = [...card.querySelectorAll("text")].filter((text) => text.textContent.trim() !== "");
    const boxes = inked.map((text) => {
      const { font } = getComputedStyle(text);
      pen.font = font;
      const ink = pen.measureText(text.textContent);
      const { left, right } = text.getBoundingClientRect();
      const matrix = text.getScreenCTM();
      const [scale, baseline] = [matrix?.a ?? 1, (matrix?.f ?? 0) + (matrix?.d ?? 1) * (text.y.baseVal[0]?.value ?? 0)];
      const top = baseline - ink.actualBoundingBoxAscent * scale;
      return { what: text.textContent, left, right, top, bottom: baseline + ink.actualBoundingBoxDescent * scale };
    });
    const track = card.querySelector(".track")?.getBoundingClientRect();
    const all = track ? [...boxes, { what: "bar", ...track.toJSON() } as (typeof boxes)[number]] : boxes;
    return all.flatMap((one, i) =>
      all
        .slice(i + 1)
        .filter((other) => one.left < other.right && other.left < one.right)
        .filter((other) => one.top < other.bottom && other.top < one.bottom)
        .map((other) => `${one.what} touches ${other.what}`),
    );
  });
}

/** Whether the card of the cursor's node lies within what is seen of the drawing. */
export function currentIsSeen(): boolean {
  const card = document.querySelector(".card.current > rect.body, .frame[aria-current] > rect.body");
  const blocks = document.querySelector('.drawing rect[stroke="var(--accent)"]');
  const place = document.querySelector(".drawing-place");
  const mark = card ?? blocks;
  // Past the last step there is no current node.
  if (!mark || !place) return document.querySelector(".card.current, .frame[aria-current]") === null;
  const [box, seen] = [mark.getBoundingClientRect(), place.getBoundingClientRect()];
  return (
    box.left >= seen.left - 1 && box.top >= seen.top - 1 && box.right <= seen.right + 1 && box.bottom <= seen.bottom + 1
  );
}

/** What axe-core, which the page has loaded, objects to. */
export async function violations(): Promise<string[]> {
  const { axe: checker } = window as unknown as {
    axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
  };
  return (await checker.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`);
}
