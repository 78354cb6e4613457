import { NORM_SCALE, SIGNED_SCALE, type ThemeKind } from "./color-scale.ts";
import { TextRuler } from "./text-ruler.ts";
import { fonts, reducedMotion, theme } from "../state/ui.ts";

export function themeOf(classes: DOMTokenList): ThemeKind {
  if (classes.contains("vscode-high-contrast-light")) return "high-contrast-light";
  if (classes.contains("vscode-high-contrast")) return "high-contrast";
  return classes.contains("vscode-light") ? "light" : "dark";
}

/** Follows the editor's theme: the kind of theme chooses the scales, every other colour is one of its tokens. */
export function followTheme(): void {
  const apply = (): void => {
    const kind = themeOf(document.body.classList);
    theme.value = kind;
    const { style } = document.documentElement;
    NORM_SCALE[kind].forEach((color, i) => style.setProperty(`--g${String(i)}`, color));
    const [negative, zero, positive] = SIGNED_SCALE[kind];
    style.setProperty("--negative", negative);
    style.setProperty("--zero", zero);
    style.setProperty("--positive", positive);
    const body = getComputedStyle(document.body);
    fonts.value = {
      sans: body.fontFamily,
      mono: body.getPropertyValue("--vscode-editor-font-family") || "monospace",
      // What was measured in other fonts no longer holds.
      ruler: new TextRuler(),
    };
  };
  apply();
  new MutationObserver(apply).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  const motion = matchMedia("(prefers-reduced-motion: reduce)");
  const follow = (): void => {
    reducedMotion.value = motion.matches || document.body.classList.contains("vscode-reduce-motion");
  };
  follow();
  motion.addEventListener("change", follow);
}
