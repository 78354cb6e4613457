import type { Site } from "../../protocol/site.ts";
import type { SourceText } from "../../training/fixes/source-text.ts";

/** An argument as it is written, by offsets into the file's text. */
interface WrittenArgument {
  /** Of `dim=1` the name. */
  readonly keyword: string | null;
  /** Where the value stands. */
  readonly start: number;
  readonly end: number;
}

/** A call in Python source: `x.detach()`, `F.softmax(x, 1)`, `nn.Linear(4, 2)`. */
export interface WrittenPythonCall {
  readonly start: number;
  readonly end: number;
  /** The last of its name, and where that begins: `softmax`, `Linear`. */
  readonly name: string;
  readonly nameStart: number;
  /** What stands before the last dot; null where there is none. */
  readonly receiver: string | null;
  readonly args: readonly WrittenArgument[];
}

const LIBRARY = /^(?:.*\.)?(?:torch|F|nn|functional|optim|utils|clip_grad|init)$/u;
const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Whether a call is of a function, or makes a module: what stands before its name is no tensor. */
export function isOfLibrary({ receiver }: WrittenPythonCall): boolean {
  return receiver === null || LIBRARY.test(receiver);
}

/** Classes are written so. */
export function makesObject({ name }: WrittenPythonCall): boolean {
  return /^[A-Z]/u.test(name);
}

/** The call that is all that stands at a place. */
export function callAt(source: SourceText, site: Site): WrittenPythonCall | null {
  const [start, end] = [source.offset(site.line, site.column), source.offset(site.endLine, site.endColumn)];
  const { text } = source;
  let open = -1;
  for (let at = start; at < end;) {
    const next = pastToken(text, at);
    if (next > end) return null;
    if (text[at]! in CLOSING) {
      if (next === end && text[at] === "(") open = at;
    } else if (!/[\w.]/u.test(text[at]!)) {
      return null; // An operator, or another statement.
    }
    at = next;
  }
  if (open < 0) return null;
  const callee = text.slice(start, open);
  const [name] = /[A-Za-z_]\w*$/u.exec(callee) ?? [];
  if (name === undefined) return null;
  const before = callee.slice(0, -name.length);
  if (before !== "" && !before.endsWith(".")) return null;
  const receiver = before === "" ? null : before.slice(0, -1);
  return { start, end, name, nameStart: open - name.length, receiver, args: argumentsIn(text, open + 1, end - 1) };
}

/** Where what begins at an offset is over: a string, a comment, brackets with all that is in them, or a character. */
function pastToken(text: string, at: number): number {
  const first = text[at]!;
  if (first === "#") {
    const end = text.indexOf("\n", at);
    return end < 0 ? text.length : end;
  }
  if (first === '"' || first === "'") {
    const quote = text.startsWith(first.repeat(3), at) ? first.repeat(3) : first;
    let end = at + quote.length;
    while (end < text.length && !text.startsWith(quote, end)) end += text[end] === "\\" ? 2 : 1;
    return end + quote.length;
  }
  const closing = CLOSING[first];
  if (closing === undefined) return at + 1;
  let end = at + 1;
  while (end < text.length && text[end] !== closing) end = pastToken(text, end);
  return end + 1;
}

function argumentsIn(text: string, from: number, to: number): readonly WrittenArgument[] {
  const found: WrittenArgument[] = [];
  let start = from;
  const add = (end: number): void => {
    const argument = argumentIn(text, start, end);
    if (argument) found.push(argument);
    start = end + 1;
  };
  for (let at = from; at < to; at = pastToken(text, at)) {
    if (text[at] === ",") add(at);
  }
  add(to);
  return found;
}

function argumentIn(text: string, from: number, to: number): WrittenArgument | null {
  let [start, end] = [from, to];
  while (start < end && (/\s/u.test(text[start]!) || text[start] === "#")) start = pastToken(text, start);
  while (end > start && /\s/u.test(text[end - 1]!)) end--;
  const written = text.slice(start, end);
  // A comment behind a value is none of it, and where it ends is not looked for.
  if (written === "" || /#/u.test(written)) return null;
  const [named, keyword] = /^([A-Za-z_]\w*)\s*=(?!=)\s*/u.exec(written) ?? [];
  return { keyword: keyword ?? null, start: start + (named?.length ?? 0), end };
}
