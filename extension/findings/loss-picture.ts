import { t } from "../../engine/language/translate.ts";
import { curvePath, rangeOf } from "../../engine/recording/curve.ts";
import { numberText } from "../../engine/recording/number-text.ts";
import type { Palette } from "../editor/palette.ts";

const WIDTH = 220;
const HEIGHT = 48;
const CAPTION = 16;
/** Fewer losses than this have no course. */
const FEWEST = 3;

/** The course of a loss as a picture in a data URI; null where there is none. */
export function lossPicture(
  losses: readonly number[],
  palette: Palette,
): { readonly uri: string; readonly width: number } | null {
  const range = rangeOf([losses]);
  if (!range || losses.length < FEWEST) return null;
  const path = curvePath(losses, range, { width: WIDTH, height: HEIGHT - 4 });
  const [first, last] = [losses[0] ?? Number.NaN, losses.at(-1) ?? Number.NaN];
  const caption = t`loss ${numberText(first)} → ${numberText(last)} in ${losses.length} passes`;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT + CAPTION}" viewBox="0 0 ${WIDTH} ${HEIGHT + CAPTION}">` +
    `<path d="M0 ${HEIGHT}H${WIDTH}" stroke="${palette.axis}"/>` +
    `<path d="${path}" transform="translate(0 2)" fill="none" stroke="${palette.bar}" stroke-width="1.5" stroke-linecap="round"/>` +
    `<text x="0" y="${HEIGHT + 12}" fill="${palette.text}" font-family="sans-serif" font-size="11">${caption}</text></svg>`;
  return { uri: `data:image/svg+xml;base64,${Buffer.from(svg, "utf8").toString("base64")}`, width: WIDTH };
}
