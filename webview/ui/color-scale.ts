export type ThemeKind = "dark" | "light" | "high-contrast" | "high-contrast-light";

const ON_LIGHT = [
  "#6695BC",
  "#5A8CB8",
  "#4E82B4",
  "#4678AE",
  "#3F6DA8",
  "#3E609F",
  "#3D5296",
  "#3E4489",
  "#3F357C",
  "#3A2466",
  "#35124F",
];

/**
 * Gradient norm on a log scale: eleven stops whose luminance rises away from the background, so that they read without
 * colour as well.
 */
export const NORM_SCALE: Readonly<Record<ThemeKind, readonly string[]>> = {
  dark: [
    "#5B6BBF",
    "#4F76B8",
    "#4282B2",
    "#388FAA",
    "#309D9F",
    "#3DAC8E",
    "#51BB7C",
    "#7AC761",
    "#A8D447",
    "#D2DF35",
    "#FDE725",
  ],
  light: ON_LIGHT,
  "high-contrast": [
    "#7F8EE0",
    "#6E97DA",
    "#5CA0D3",
    "#4DABCB",
    "#45B7BE",
    "#4CC3AA",
    "#5FCF92",
    "#86D873",
    "#B0E052",
    "#D6E53A",
    "#FDE725",
  ],
  "high-contrast-light": ON_LIGHT,
};

/** Signed values: negative, zero, positive. */
export const SIGNED_SCALE: Readonly<Record<ThemeKind, readonly [string, string, string]>> = {
  dark: ["#F0A058", "#242424", "#6DB3F8"],
  light: ["#B35806", "#FFFFFF", "#1F6FB2"],
  "high-contrast": ["#F7A85F", "#000000", "#7CC0FF"],
  "high-contrast-light": ["#B35806", "#FFFFFF", "#1F6FB2"],
};

export const STOPS = 11;

/** A range of whole decades, at least one, for a log scale. */
export interface LogRange {
  readonly low: number;
  readonly high: number;
}

/** The decades that hold the positive, finite numbers among `values`; at most twelve, counted from the top. */
export function decadesOf(values: Iterable<number>): LogRange {
  let smallest = Infinity;
  let largest = 0;
  for (const value of values) {
    if (!(value > 0) || !Number.isFinite(value)) continue;
    if (value < smallest) smallest = value;
    if (value > largest) largest = value;
  }
  if (largest === 0) return { low: -3, high: 0 };
  // Not −0, which would be written with a sign.
  const high = Math.ceil(Math.log10(largest) - 1e-9) + 0;
  const low = Math.max(Math.floor(Math.log10(smallest) + 1e-9), high - 12);
  return { low: Math.min(low, high - 1), high };
}

/** Where a number stands in a log range: 0 … 1; 0 for zero and what is not a number. */
export function logPosition(value: number, { low, high }: LogRange): number {
  if (value === Infinity) return 1;
  if (!(value > 0)) return 0;
  return Math.min(1, Math.max(0, (Math.log10(value) - low) / (high - low)));
}

/** The stop of {@link NORM_SCALE} for a position from 0 to 1. */
export function stopAt(position: number): number {
  return Math.min(STOPS - 1, Math.max(0, Math.round(position * (STOPS - 1))));
}

export type Rgb = readonly [red: number, green: number, blue: number];

export function parseColor(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/**
 * The colour of a signed element on a symmetric log scale that ends at ±`scale` and is linear within a thousandth of it.
 */
export function signedColor(value: number, scale: number, [negative, zero, positive]: readonly [Rgb, Rgb, Rgb]): Rgb {
  if (value === 0 || scale <= 0 || Number.isNaN(value)) return zero;
  const share = symmetricLog(Math.min(1, Math.abs(value) / scale));
  const end = value < 0 ? negative : positive;
  return [
    Math.round(zero[0] + (end[0] - zero[0]) * share),
    Math.round(zero[1] + (end[1] - zero[1]) * share),
    Math.round(zero[2] + (end[2] - zero[2]) * share),
  ];
}

/** 0 … 1 → 0 … 1: steep near zero, so that small values are still told from none. */
function symmetricLog(share: number): number {
  const linear = 0.02;
  return Math.log1p(share / linear) / Math.log1p(1 / linear);
}
