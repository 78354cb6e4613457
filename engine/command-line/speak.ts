import { Phrasebook } from "../language/phrasebook.ts";
import { isChinese, speak } from "../language/translate.ts";
import { USAGE } from "./usage.ts";

let phrases: Phrasebook | null = null;

/** Says everything in the language of a command line from here on. Programs that read `--json` get the engine's own words. */
export async function speakLanguageOf(argv: readonly string[]): Promise<void> {
  if (!isChinese(languageOf(argv))) return;
  // An English terminal reads no catalogue.
  const [{ COMMAND_LINE }, { USAGE_IN_CHINESE }, { ENGINE }, { SHARED }, { inPythonWordsToo }] = await Promise.all([
    import("../language/zh-cn/command-line.ts"),
    import("../language/zh-cn/usage.ts"),
    import("../language/zh-cn/engine.ts"),
    import("../language/zh-cn/shared.ts"),
    import("../recorders/pytorch/python-words.ts"),
  ]);
  speak(SHARED, COMMAND_LINE, { [USAGE]: USAGE_IN_CHINESE });
  phrases = new Phrasebook({ ...inPythonWordsToo(ENGINE), ...SHARED, ...ENGINE });
}

/** What the engine said in English, in the language of the command line. */
export function said(text: string): string {
  return phrases?.say(text) ?? text;
}

/** The language that `--language` names, else that of the terminal: "en", "zh-cn". */
function languageOf(argv: readonly string[]): string {
  const end = argv.indexOf("--");
  const own = end < 0 ? argv : argv.slice(0, end);
  const at = own.findLastIndex((word) => word === "--language" || word.startsWith("--language="));
  if (at >= 0) return own[at]!.split("=")[1] ?? own[at + 1] ?? "en";
  // The order of setlocale(): "zh_CN.UTF-8" is zh-cn, "C" and "POSIX" are English.
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  const locale = [LC_ALL, LC_MESSAGES, LANG].find((one) => one !== undefined && one !== "") ?? "en";
  return locale.replace(/[.@].*$/u, "").replace("_", "-");
}
