/** Sentences of another language, by the English ones; `{0}`, `{1}` stand for what is put in, in whatever order it needs them. */
export type Catalogue = Readonly<Record<string, string>>;

/** What this process speaks besides English: set once, by its first module, before any other asks for a sentence. */
const spoken = new Map<string, string>();

/** Says everything of these catalogues in their language from here on. */
export function speak(...catalogues: readonly Catalogue[]): void {
  spoken.clear();
  for (const [sentence, text] of catalogues.flatMap((one) => Object.entries(one))) spoken.set(sentence, text);
}

/** Whether a person who has chosen a language, as VS Code names it, reads Simplified Chinese. */
export function isChinese(language: string): boolean {
  return language.toLowerCase() === "zh-cn";
}

/**
 * A sentence in the language that is spoken here: t("Graph"), t("{0} of {1}", done, all), or t`${done} of ${all}`, which has the same
 * key. What has no translation is said in English.
 */
export function t(sentence: string | TemplateStringsArray, ...values: readonly (string | number)[]): string {
  const key = typeof sentence === "string" ? sentence : keyOf(sentence);
  return filled(spoken.get(key) ?? key, values);
}

/** The key of a template: what is put in has its number in its place. */
function keyOf(parts: readonly string[]): string {
  return parts.map((part, i) => (i === 0 ? part : `{${i - 1}}${part}`)).join("");
}

/** A sentence with its values put in. */
export function filled(sentence: string, values: readonly (string | number)[]): string {
  return sentence.replace(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)] ?? ""));
}
