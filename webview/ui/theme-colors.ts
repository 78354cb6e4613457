/** Colours of modules, in the order in which they are given out; grey outside a module. */
export const MODULE_COLORS = [
  "var(--vscode-charts-blue)",
  "var(--vscode-charts-purple)",
  // The charts' own orange is the minimap's: see-through in some themes, missing in those of high contrast.
  "var(--vscode-symbolIcon-classForeground, rgb(from var(--vscode-charts-orange) r g b))",
  "var(--vscode-charts-green)",
] as const;
export const NO_MODULE = "var(--quiet-fill)";
