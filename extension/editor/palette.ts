/** Colours of a hover's picture, which cannot read the theme: one set for each kind of theme. */
export interface Palette {
  readonly bar: string;
  readonly zeroBar: string;
  readonly negative: string;
  readonly positive: string;
  readonly axis: string;
  readonly text: string;
  readonly bad: string;
  readonly empty: string;
}

export type ThemeKind = "dark" | "light" | "high-contrast" | "high-contrast-light";

export const PALETTES: Readonly<Record<ThemeKind, Palette>> = {
  dark: {
    bar: "#6DB3F8",
    zeroBar: "#8A8A8A",
    negative: "#F0A058",
    positive: "#6DB3F8",
    axis: "#5A5A5A",
    text: "#9D9D9D",
    bad: "#F14C4C",
    empty: "#242424",
  },
  light: {
    bar: "#1F6FB2",
    zeroBar: "#767676",
    negative: "#B35806",
    positive: "#1F6FB2",
    axis: "#BBBBBB",
    text: "#616161",
    bad: "#C72E0F",
    empty: "#FFFFFF",
  },
  "high-contrast": {
    bar: "#7FC4FF",
    zeroBar: "#C0C0C0",
    negative: "#FFB570",
    positive: "#7FC4FF",
    axis: "#FFFFFF",
    text: "#FFFFFF",
    bad: "#FF6A6A",
    empty: "#000000",
  },
  "high-contrast-light": {
    bar: "#0F4A85",
    zeroBar: "#515151",
    negative: "#8A3E00",
    positive: "#0F4A85",
    axis: "#292929",
    text: "#292929",
    bad: "#9B1C00",
    empty: "#FFFFFF",
  },
};
