import { signal } from "@preact/signals";
import { CHINESE } from "./zh-cn.ts";

/** What the editor speaks, as VS Code names it; set when the panel starts. */
export const language = signal("en");

/**
 * A sentence of the panel in the editor's language. The English sentence is its key; `{0}`, `{1}` stand for the arguments, in
 * whatever order the other language needs them. What has no translation is said in English.
 */
export function t(sentence: string, ...args: readonly (string | number)[]): string {
  const known = language.value.toLowerCase() === "zh-cn" ? CHINESE[sentence] : undefined;
  return (known ?? sentence).replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)] ?? ""));
}
