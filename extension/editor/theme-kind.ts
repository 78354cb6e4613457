import * as vscode from "vscode";
import type { ThemeKind } from "./palette.ts";

/** Which kind of theme the editor shows: pictures in hovers cannot read its colours. */
export function themeKind(): ThemeKind {
  switch (vscode.window.activeColorTheme.kind) {
    case vscode.ColorThemeKind.Light:
      return "light";
    case vscode.ColorThemeKind.HighContrast:
      return "high-contrast";
    case vscode.ColorThemeKind.HighContrastLight:
      return "high-contrast-light";
    case vscode.ColorThemeKind.Dark:
      return "dark";
  }
}
