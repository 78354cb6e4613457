/** A piece of a text, and what to write there. */
export interface TextChange {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** How a gradient that `backward` returns is put right. */
export interface GradientFix {
  readonly kind: "append" | "write";
  /** Calls to append to it; or an expression of `grad` and of what forward saved. */
  readonly code: string;
  /** What forward calls the tensor that it is the gradient of, where there are several. */
  readonly input: string | null;
}

/**
 * The edit of the expression that a Function's `backward` returns, where it is certain: one `return`, whose expression or
 * element is the gradient, and names that mean there what they mean in the fix.
 * @param start where `static backward` stands.
 */
export function fixedReturn(text: string, start: number, fix: GradientFix): TextChange | null {
  const code = withoutWords(text);
  const method = methodAt(code, start);
  const returned = method && returnOf(code, method.body);
  if (!method || !returned) return null;
  const place = placeOf(code, method, returned, fix.input);
  if (place === null) return null;
  const before = text.slice(place.start, place.end);
  if (fix.kind === "append") {
    if (/^(?:null|undefined|\.\.\.)/u.test(before)) return null;
    const isChain = isCallChain(code.slice(place.start, place.end));
    return { ...place, text: `${isChain ? before : `(${before})`}${fix.code}` };
  }
  const [, grad] = method.parameters;
  const saved = savedNames(code, method);
  if (grad === undefined || grad === "") return null;
  const names = [...fix.code.matchAll(/(?<![\w$.])[A-Za-z_$][\w$]*/gu)].map(([name]) => name);
  const isKnown = (name: string): boolean => ["grad", "Math"].includes(name) || saved.has(name);
  if (!names.every(isKnown)) return null;
  return { ...place, text: fix.code.replaceAll(/(?<![\w$.])grad(?![\w$])/gu, grad) };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Method {
  readonly start: number;
  readonly parameters: readonly string[];
  readonly body: Span;
}

/** The expression itself, or the element for an argument of forward: there is one for each, tensor or not. */
function placeOf(code: string, { start }: Method, returned: Span, input: string | null): Span | null {
  const elements = elementsOf(code, returned);
  if (elements === null) return input === null ? returned : null;
  if (input === null) return elements.length === 1 ? (elements[0] ?? null) : null;
  const heads = [...code.matchAll(/\bforward\s*(?=\()/gu)].map((head) => head.index);
  const own = heads.findLast((at) => at < start) ?? heads[0];
  const open = own === undefined ? -1 : code.indexOf("(", own);
  const given = open < 0 ? null : bracketed(code, open);
  if (given === null) return null;
  const names = split(code, { start: given.start + 1, end: given.end - 1 }).map((part) => nameOf(code, part));
  return elements[names.indexOf(input) - 1] ?? null;
}

function nameOf(code: string, { start, end }: Span): string {
  return /^[\w$]+/u.exec(code.slice(start, end))?.[0] ?? "";
}

/** The same text with spaces for what stands in strings and comments. */
function withoutWords(text: string): string {
  const words = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`/gu;
  return text.replaceAll(words, (match) => match.replaceAll(/[^\n]/gu, " "));
}

/** From an opening bracket to behind its counterpart; null where that is missing. */
function bracketed(code: string, open: number): Span | null {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if ("([{".includes(code.charAt(at))) depth++;
    if (")]}".includes(code.charAt(at)) && --depth === 0) return { start: open, end: at + 1 };
  }
  return null;
}

function methodAt(code: string, start: number): Method | null {
  const head = /^\s*(?:static\s+)?backward\s*(?=\()/u.exec(code.slice(start));
  const given = head && bracketed(code, start + head[0].length);
  const open = given ? /^[^{;]*\{/u.exec(code.slice(given.end)) : null;
  const body = given && open && bracketed(code, given.end + open[0].length - 1);
  if (!given || !body) return null;
  const inside = { start: given.start + 1, end: given.end - 1 };
  const parameters = split(code, inside).map((part) => nameOf(code, part));
  return { start, parameters, body };
}

/** The expression of the only `return`. */
function returnOf(code: string, body: Span): Span | null {
  const inside = code.slice(body.start, body.end);
  const returns = [...inside.matchAll(/\breturn\b/gu)];
  if (returns.length !== 1 || /=>\s*\{|\bfunction\b/u.test(inside)) return null;
  const from = body.start + (returns[0]?.index ?? 0) + "return".length;
  const [first] = split(code, { start: from, end: body.end - 1 }, ";");
  return first ?? null;
}

/** The elements of an array that is written out; null for any other expression. */
function elementsOf(code: string, { start, end }: Span): readonly Span[] | null {
  if (code[start] !== "[") return null;
  const array = bracketed(code, start);
  return array?.end === end ? split(code, { start: start + 1, end: end - 1 }) : null;
}

/** Parts between separators that stand in no brackets, without the space around them. */
function split(code: string, { start, end }: Span, separator = ","): readonly Span[] {
  const parts: Span[] = [];
  let depth = 0;
  let from = start;
  const close = (to: number): void => {
    const part = code.slice(from, to);
    const [lead, trail] = [part.length - part.trimStart().length, part.length - part.trimEnd().length];
    if (part.trim() !== "") parts.push({ start: from + lead, end: to - trail });
    from = to + 1;
  };
  for (let at = start; at < end; at++) {
    if ("([{".includes(code.charAt(at))) depth++;
    if (")]}".includes(code.charAt(at))) depth--;
    if (code[at] === separator && depth === 0) close(at);
  }
  close(end);
  return parts;
}

/** Whether calls may be appended without parentheses: `grad.mul(x)`, and not `a ? b : c`. */
function isCallChain(code: string): boolean {
  let depth = 0;
  for (const char of code) {
    if ("([{".includes(char)) depth++;
    else if (")]}".includes(char)) depth--;
    else if (depth === 0 && !/[\w$.!\s]/u.test(char)) return false;
  }
  return !/^(?:await|new|typeof|void)\b/u.test(code);
}

/** Names that mean the same in forward and in backward: saved in the one, and taken in the same order in the other. */
function savedNames(code: string, { start, body }: Method): ReadonlySet<string> {
  const taken = /(?:const|let)\s*\[([\w$\s,]*)\][^=;]*=\s*\(?\s*\w+\.savedTensors/u.exec(
    code.slice(body.start, body.end),
  );
  const calls = [...code.matchAll(/\.saveForBackward\(([\w$\s,]*)\)/gu)];
  const saved = calls.findLast(({ index }) => index < start) ?? calls[0];
  const list = (names: string | undefined): string[] => (names ?? "").split(",").map((name) => name.trim());
  if (!taken) return new Set();
  const [inBackward, inForward] = [list(taken[1]), list(saved?.[1])];
  return new Set(inBackward.filter((name, i) => name !== "" && name === inForward[i]));
}
