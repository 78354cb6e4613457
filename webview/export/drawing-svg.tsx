import { render } from "preact";
import { Content, type ContentProps } from "../graph/graph-content.tsx";
import { fonts } from "../state/ui.ts";
import type { Scene } from "../graph/scene.ts";

const MARGIN = 24;
/** Selectors of the rules that a drawing outside the panel needs. */
const DRAWN =
  /^\.(drawing|card|frame|edges|mark|marks|chevron|toggle|arrow-now|quiet|pass|fail|nan|inconclusive)\b|^(svg|g)\.mark/;

/** The whole drawing with everything on its cards, as an SVG file of its own: colours and rules of the theme included. */
export function drawingSvg(props: Omit<ContentProps, "box" | "detail">, scene: Scene): string {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const [width, height] = [scene.width + 2 * MARGIN, scene.height + 2 * MARGIN];
  svg.setAttribute("viewBox", `${String(-MARGIN)} ${String(-MARGIN)} ${String(width)} ${String(height)}`);
  svg.setAttribute("width", String(Math.ceil(width)));
  svg.setAttribute("height", String(Math.ceil(height)));
  svg.setAttribute("class", "drawing");
  const box = { x: -MARGIN, y: -MARGIN, width, height };
  render(<Content {...props} box={box} detail="full" />, svg);
  for (const card of svg.querySelectorAll<SVGElement>("[style]")) {
    // Few programs but browsers know transforms as CSS.
    const move = /translate\(([-\d.]+)px, ([-\d.]+)px\)/.exec(card.style.transform);
    if (!move) continue;
    card.setAttribute("transform", `translate(${move[1] ?? "0"} ${move[2] ?? "0"})`);
    card.style.removeProperty("transform");
  }
  const background = `<rect x="${String(-MARGIN)}" y="${String(-MARGIN)}" width="${String(width)}" height="${String(height)}" fill="var(--bg)"/>`;
  const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
  style.textContent = drawnRules();
  svg.prepend(style);
  const text = new XMLSerializer().serializeToString(svg).replace("</style>", `</style>${background}`);
  render(null, svg);
  return withResolvedTokens(text);
}

function drawnRules(): string {
  const found: string[] = [];
  for (const sheet of document.styleSheets) {
    let rules: CSSRuleList;
    try {
      rules = sheet.cssRules;
    } catch {
      // A style sheet of the host, from elsewhere: none of ours.
      continue;
    }
    for (const rule of rules) {
      if (rule instanceof CSSStyleRule && DRAWN.test(rule.selectorText)) found.push(rule.cssText);
    }
  }
  return found.join("\n");
}

/** Writes every token's present value in its place. */
function withResolvedTokens(text: string): string {
  const probe = document.createElement("span");
  document.body.append(probe);
  const known = new Map<string, string>();
  const { sans, mono } = fonts.peek();
  const resolve = (name: string): string => {
    if (name === "--sans") return sans;
    if (name === "--mono") return mono;
    const value = known.get(name) ?? colorOf(probe, name);
    known.set(name, value);
    return value;
  };
  let out = text;
  // From the inside out: a token may have another as its fallback.
  for (let again = true; again;) {
    const next = out.replace(/var\((--[\w-]+)(?:,[^()]*)?\)/g, (_, name: string) => resolve(name));
    again = next !== out;
    out = next;
  }
  probe.remove();
  return out;
}

function colorOf(probe: HTMLElement, name: string): string {
  probe.style.color = `var(${name})`;
  return hexOf(getComputedStyle(probe).color);
}

/** "rgb(41, 41, 41)" and "color(srgb 0.16 0.16 0.16)" as "#292929", which every program reads. */
export function hexOf(color: string): string {
  const numbers = (color.match(/[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
  const scale = color.startsWith("color(") ? 255 : 1;
  const byte = (x: number | undefined): string =>
    Math.round(Math.min(255, Math.max(0, (x ?? 0) * scale)))
      .toString(16)
      .padStart(2, "0");
  return `#${byte(numbers[0])}${byte(numbers[1])}${byte(numbers[2])}`;
}
