/** Token values of VS Code's Dark Modern, Light Modern and Dark High Contrast. */
const FONTS = {
  "font-family": '"Segoe WPC", "Segoe UI", system-ui, "Ubuntu", "Droid Sans", sans-serif',
  "font-size": "13px",
  "editor-font-family": '"Droid Sans Mono", "DejaVu Sans Mono", monospace',
};
export const DARK: Readonly<Record<string, string>> = {
  ...FONTS,
  "editor-background": "#1F1F1F", foreground: "#CCCCCC", "editor-foreground": "#CCCCCC", descriptionForeground: "#9D9D9D",
  "sideBar-background": "#181818", "panel-border": "#2B2B2B", "widget-border": "#313131", "editorWidget-background": "#202020",
  focusBorder: "#0078D4", "input-background": "#313131", "input-border": "#3C3C3C", "input-placeholderForeground": "#989898",
  "input-foreground": "#CCCCCC", "button-background": "#0078D4", "button-foreground": "#FFFFFF", "button-border": "#FFFFFF1A",
  "button-hoverBackground": "#026EC1", "button-secondaryBackground": "#313131", "button-secondaryForeground": "#CCCCCC",
  "textLink-foreground": "#4DAAFC", errorForeground: "#F85149", "toolbar-hoverBackground": "#5A5D5E50", "icon-foreground": "#CCCCCC",
  "progressBar-background": "#0078D4", "debugIcon-breakpointCurrentStackframeForeground": "#FFCC00", "debugIcon-stepOverForeground": "#75BEFF",
  "symbolIcon-variableForeground": "#75BEFF", "charts-red": "#F14C4C", "charts-blue": "#59A4F9", "charts-yellow": "#CCA700",
  "charts-orange": "#D18616", "charts-green": "#89D185", "charts-purple": "#B180D7", "textCodeBlock-background": "#2B2B2B",
  "dropdown-background": "#313131", "dropdown-border": "#3C3C3C", "list-hoverBackground": "#2A2D2E",
};
export const LIGHT: Readonly<Record<string, string>> = {
  ...FONTS,
  "editor-background": "#FFFFFF", foreground: "#3B3B3B", "editor-foreground": "#3B3B3B", descriptionForeground: "#3B3B3B",
  "sideBar-background": "#F8F8F8", "panel-border": "#E5E5E5", "widget-border": "#E5E5E5", "editorWidget-background": "#F8F8F8",
  focusBorder: "#005FB8", "input-background": "#FFFFFF", "input-border": "#CECECE", "input-placeholderForeground": "#767676",
  "input-foreground": "#3B3B3B", "button-background": "#005FB8", "button-foreground": "#FFFFFF", "button-border": "#0000001A",
  "button-hoverBackground": "#0258A8", "button-secondaryBackground": "#E5E5E5", "button-secondaryForeground": "#3B3B3B",
  "textLink-foreground": "#005FB8", errorForeground: "#C72E0F", "toolbar-hoverBackground": "#B8B8B850", "icon-foreground": "#3B3B3B",
  "progressBar-background": "#005FB8", "debugIcon-breakpointCurrentStackframeForeground": "#BE8700", "debugIcon-stepOverForeground": "#007ACC",
  "symbolIcon-variableForeground": "#007ACC", "charts-red": "#E51400", "charts-blue": "#0063D3", "charts-yellow": "#BF8803",
  "charts-orange": "#D18616", "charts-green": "#388A34", "charts-purple": "#652D90", "textCodeBlock-background": "#F2F2F2",
  "dropdown-background": "#FFFFFF", "dropdown-border": "#CECECE", "list-hoverBackground": "#F2F2F2",
};
export const HIGH_CONTRAST: Readonly<Record<string, string>> = {
  ...FONTS,
  "editor-background": "#000000", foreground: "#FFFFFF", "editor-foreground": "#FFFFFF", descriptionForeground: "#FFFFFFB3",
  "sideBar-background": "#000000", "panel-border": "#6FC3DF", "widget-border": "#6FC3DF", "editorWidget-background": "#0C141F",
  contrastBorder: "#6FC3DF", contrastActiveBorder: "#F38518",
  focusBorder: "#F38518", "input-background": "#000000", "input-border": "#6FC3DF", "input-placeholderForeground": "#FFFFFFB3",
  "input-foreground": "#FFFFFF", "button-background": "#000000", "button-foreground": "#FFFFFF", "button-border": "#6FC3DF",
  "button-secondaryForeground": "#FFFFFF", "textLink-foreground": "#21A6FF", errorForeground: "#F48771",
  "toolbar-hoverBackground": "transparent", "icon-foreground": "#FFFFFF", "progressBar-background": "#6FC3DF",
  "debugIcon-breakpointCurrentStackframeForeground": "#FFCC00", "debugIcon-stepOverForeground": "#75BEFF",
  "symbolIcon-variableForeground": "#75BEFF", "charts-red": "#F48771", "charts-blue": "#59A4F9", "charts-yellow": "#FFD370",
  "charts-orange": "#D18616", "charts-green": "#89D185", "charts-purple": "#B180D7", "textCodeBlock-background": "#000000",
  "dropdown-background": "#000000", "dropdown-border": "#6FC3DF",
};
