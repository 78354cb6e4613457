import type { Landmark } from "./model-landmarks.ts";

/** An `import` of torch or of what is in it; not of packages whose names begin with it. */
const IMPORT =
  /(?:^|[;:])[ \t]*(?:from[ \t]+torch(?:\.[\w.]+)?[ \t]+import\b|import[ \t]+(?:[\w.]+(?:[ \t]+as[ \t]+\w+)?[ \t]*,[ \t]*)*torch(?![\w]))/mu;
const CLASS = /^\s*class\s+([\p{L}_][\p{L}\p{N}_]*)\s*\(([^)]*)/u;
const BASE = /(?:^|[\s,.])(Module|Function)\s*(?:,|$)/u;
const BACKWARD = /\.backward\s*\(|\bautograd\s*\.\s*grad\s*\(/u;

/** Whether a Python source imports torch: cheap, without parsing. */
export function importsTorch(source: string): boolean {
  return source.includes("torch") && IMPORT.test(withoutTextAndComments(source));
}

/** Calls of backward(), nn.Modules and autograd.Functions of a Python source, found by their text. */
export function pythonLandmarksOf(source: string): Landmark[] {
  const landmarks: Landmark[] = [];
  withoutTextAndComments(source)
    .split("\n")
    .forEach((text, line) => {
      const [, name = "", bases = ""] = CLASS.exec(text) ?? [];
      const base = BASE.exec(bases.trim())?.[1];
      if (base !== undefined) landmarks.push({ kind: base === "Module" ? "model" : "function", line, name });
      else if (BACKWARD.test(text) && !/\bsuper\s*\(/u.test(text)) landmarks.push({ kind: "backward", line, name: "" });
    });
  return landmarks;
}

/** The lines of a Python source without what stands in brackets: there `name=` is a keyword, and no assignment. */
export function withoutArguments(source: string): string[] {
  let depth = 0;
  let text = "";
  for (const letter of withoutTextAndComments(source)) {
    if (")]}".includes(letter)) depth = Math.max(0, depth - 1);
    text += depth > 0 && letter !== "\n" ? " ".repeat(letter.length) : letter;
    if ("([{".includes(letter)) depth++;
  }
  return text.split(/\r?\n/u);
}

/** The same text with strings and comments blanked, so that lines keep their numbers. */
function withoutTextAndComments(source: string): string {
  return source.replace(
    /#[^\n]*|("""|''')(?:\\[^]|(?!\1)[^\\])*(?:\1|$)|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'/gu,
    (text) => text.replace(/[^\n]/gu, " "),
  );
}
