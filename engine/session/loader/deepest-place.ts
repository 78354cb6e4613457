import type { Site } from "../../protocol/site.ts";
import { siteOf } from "./loaded-modules.ts";

/** What is passed over, then what opens, closes or ends a statement. */
const TOKEN =
  /\/\/[^\n]*|\/\*[^]*?\*\/|`(?:\\[^]|[^`\\])*`|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'|[([{]|[)\]}]|;/gu;

/** Less is no reason to overflow; then it is the length of a chain. */
const DEEP = 200;

/**
 * Where a source nests most, or else its longest statement: what overflows whoever goes through it by recursion, who
 * cannot say where. Read without parsing, since parsing is what failed.
 */
export function deepestPlace(file: string, source: string): Site {
  const open: number[] = [];
  const deepest = { depth: 0, at: 0 };
  const longest = { length: 0, at: 0 };
  let start = 0;
  const endStatement = (end: number): void => {
    if (end - start > longest.length) Object.assign(longest, { length: end - start, at: start });
    start = end + 1;
  };
  for (const { 0: token, index } of source.matchAll(TOKEN)) {
    if (/^[([{]$/u.test(token)) {
      open.push(index);
      if (open.length > deepest.depth) Object.assign(deepest, { depth: open.length, at: open[0] });
    } else if (/^[)\]}]$/u.test(token)) open.pop();
    else if (token === ";" && open.length === 0) endStatement(index);
  }
  endStatement(source.length);
  const from = deepest.depth >= DEEP ? deepest.at : longest.at;
  const at = from + (/^\s*/u.exec(source.slice(from))?.[0].length ?? 0);
  const before = source.slice(0, at).split(/\r\n|[\n\r]/u);
  const [line, column] = [before.length, before[before.length - 1]!.length + 1];
  return siteOf(file, [line, column, line, column + 1]);
}
