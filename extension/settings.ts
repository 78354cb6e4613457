import * as v from "valibot";
import * as vscode from "vscode";

/** The settings of package.json's `contributes.configuration`. What does not parse counts as its default. */
const Settings = v.object({
  stopOn: v.fallback(v.picklist(["first", "every", "breakpoints"]), "first"),
  stepBy: v.fallback(v.picklist(["op", "line"]), "op"),
  threads: v.fallback(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))), null),
  deterministic: v.fallback(v.boolean(), false),
  historyMemory: v.fallback(v.pipe(v.number(), v.minValue(0)), 128),
  record: v.fallback(
    v.nullable(v.object({ file: v.pipe(v.string(), v.minLength(1)), passes: v.optional(v.number()) })),
    null,
  ),
  openPanel: v.fallback(v.boolean(), true),
  hover: v.fallback(v.boolean(), true),
  inlineValues: v.fallback(v.boolean(), true),
  codeLens: v.fallback(v.boolean(), true),
  gradientMarks: v.fallback(v.boolean(), true),
  findings: v.fallback(v.boolean(), true),
  /** Empty: whichever is found. */
  python: v.fallback(v.string(), ""),
});
export type Settings = v.InferOutput<typeof Settings>;

export function readSettings(scope?: vscode.Uri): Settings {
  const configuration = vscode.workspace.getConfiguration("backstep", scope);
  return v.parse(Settings, {
    stopOn: configuration.get("stopOn"),
    stepBy: configuration.get("stepBy"),
    threads: configuration.get("engine.threads"),
    deterministic: configuration.get("engine.deterministic"),
    historyMemory: configuration.get("history.memory"),
    record: configuration.get("record"),
    openPanel: configuration.get("panel.openOnStart"),
    hover: configuration.get("hover.enabled"),
    inlineValues: configuration.get("inlineValues.enabled"),
    codeLens: configuration.get("codeLens.enabled"),
    gradientMarks: configuration.get("gradientMarks.enabled"),
    findings: configuration.get("findings"),
    python: configuration.get("python"),
  });
}
