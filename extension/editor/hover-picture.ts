import { STATISTIC, type HeatMap, type TensorSummary } from "../../engine/protocol/inspection.ts";
import type { Palette } from "./palette.ts";

const WIDTH = 112;
const HEIGHT = 40;
const GAP = 20;
const CAPTION = 16;
/** The map is as tall as the histograms, and at most twice as wide. */
const MAP_WIDTH = 2 * HEIGHT;
/** Shades on either side of zero. */
const SHADES = 7;

export interface PictureContent {
  readonly value: TensorSummary;
  readonly gradient: TensorSummary | null;
  readonly map: HeatMap | null;
}

/** A hover's picture as a data URI: a histogram of the value, one of the gradient, and the gradient as a small map. */
export function pictureUri(content: PictureContent, palette: Palette): string | null {
  const svg = picture(content, palette);
  return svg === null ? null : `data:image/svg+xml;base64,${Buffer.from(svg, "utf8").toString("base64")}`;
}

/** The width that the picture should be shown at, in CSS pixels. */
export function pictureWidth({ value, gradient, map }: PictureContent): number {
  const parts = (hasHistogram(value) ? 1 : 0) + (gradient && hasHistogram(gradient) ? 1 : 0);
  return parts * (WIDTH + GAP) + (map ? Math.max(56, Math.ceil(map.columns * cellSize(map))) : 0);
}

function picture(content: PictureContent, palette: Palette): string | null {
  const { value, gradient, map } = content;
  const parts: string[] = [];
  let x = 0;
  if (hasHistogram(value)) {
    parts.push(histogram(value, x, palette, false, "value"));
    x += WIDTH + GAP;
  }
  if (gradient && hasHistogram(gradient)) {
    parts.push(histogram(gradient, x, palette, true, "gradient"));
    x += WIDTH + GAP;
  }
  if (map) parts.push(heatMap(map, x, palette));
  if (parts.length === 0) return null;
  const width = pictureWidth(content);
  const height = HEIGHT + CAPTION;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${parts.join("")}</svg>`;
}

/** One number, or all the same, makes no picture. */
function hasHistogram({ statistics, histogram: bins }: TensorSummary): boolean {
  return (
    bins.length > 1 &&
    (statistics[STATISTIC.finite] ?? 0) > 1 &&
    statistics[STATISTIC.min] !== statistics[STATISTIC.max]
  );
}

function histogram(summary: TensorSummary, x: number, palette: Palette, signed: boolean, caption: string): string {
  const bins = summary.histogram;
  const low = summary.statistics[STATISTIC.min] ?? 0;
  const high = summary.statistics[STATISTIC.max] ?? 0;
  const most = Math.max(1, ...bins);
  const step = WIDTH / bins.length;
  const bars: Record<string, string> = {};
  bins.forEach((count, index) => {
    if (count === 0) return;
    const from = low + ((high - low) * index) / bins.length;
    const to = low + ((high - low) * (index + 1)) / bins.length;
    const holdsZero = from <= 0 && to > 0;
    const colour = signed && to <= 0 ? palette.negative : holdsZero && !signed ? palette.zeroBar : palette.bar;
    // The square root keeps the tails visible beside a tall peak.
    const tall = Math.max(1, Math.sqrt(count / most) * HEIGHT);
    bars[colour] =
      `${bars[colour] ?? ""}M${num(x + index * step)} ${HEIGHT}v-${num(tall)}h${num(step - 0.6)}v${num(tall)}z`;
  });
  const paths = Object.entries(bars).map(([colour, path]) => `<path fill="${colour}" d="${path}"/>`);
  const axis = `<path stroke="${palette.axis}" d="M${x} ${HEIGHT + 0.5}h${WIDTH}"/>`;
  return paths.join("") + axis + captionText(x, caption, palette);
}

function heatMap(map: HeatMap, x: number, palette: Palette): string {
  const cell = cellSize(map);
  const paths: Record<string, string> = {};
  map.cells.forEach((value, index) => {
    const row = Math.floor(index / map.columns);
    const column = index % map.columns;
    const colour = shade(value, map.scale, palette);
    if (colour === palette.empty) return;
    paths[colour] =
      `${paths[colour] ?? ""}M${num(x + column * cell)} ${num(row * cell)}h${num(cell)}v${num(cell)}h-${num(cell)}z`;
  });
  const width = num(map.columns * cell);
  const height = num(map.rows * cell);
  const frame = `<path fill="${palette.empty}" stroke="${palette.axis}" stroke-width=".5" d="M${x} 0h${width}v${height}h-${width}z"/>`;
  const cells = Object.entries(paths).map(([colour, path]) => `<path fill="${colour}" d="${path}"/>`);
  return frame + cells.join("") + captionText(x, map.plane === "value" ? "value" : "gradient", palette);
}

function cellSize({ rows, columns }: HeatMap): number {
  return Math.min(HEIGHT / Math.max(rows, 1), MAP_WIDTH / Math.max(columns, 1));
}

/** Signed, on a logarithmic scale of three decades: zero is the background. */
function shade(value: number, scale: number, palette: Palette): string {
  if (!Number.isFinite(value)) return palette.bad;
  if (value === 0 || scale === 0) return palette.empty;
  const decades = 3;
  const level = 1 + Math.log10(Math.max(Math.abs(value) / scale, 10 ** -decades)) / decades;
  const step = Math.ceil(Math.max(level, 0) * SHADES);
  if (step === 0) return palette.empty;
  return mix(palette.empty, value < 0 ? palette.negative : palette.positive, step / SHADES);
}

function mix(from: string, to: string, share: number): string {
  const channel = (text: string, at: number): number => Number.parseInt(text.slice(at, at + 2), 16);
  const hex = [1, 3, 5].map((at) => {
    const value = Math.round(channel(from, at) + (channel(to, at) - channel(from, at)) * share);
    return value.toString(16).padStart(2, "0");
  });
  return `#${hex.join("")}`;
}

function captionText(x: number, text: string, palette: Palette): string {
  return `<text x="${x}" y="${HEIGHT + 13}" font-family="sans-serif" font-size="11" fill="${palette.text}">${text}</text>`;
}

function num(value: number): string {
  return String(Math.round(value * 10) / 10);
}
