/** A range of a text. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A call as it is written: `x.softmax(1)`, `F.softmax(x, 1)`, `new nn.Softmax(1)`. */
export interface CallText {
  readonly isNew: boolean;
  /** What stands before the parenthesis: `softmax`, `nn.Softmax`. */
  readonly name: string;
  readonly nameRange: TextRange;
  /** From the start of what it is called on, where that is a plain name, to its end. */
  readonly start: number;
  readonly end: number;
  /** The dot before the name of a method, with the space before it; −1 of a plain function. */
  readonly dot: number;
  /** Whether what stands before the dot is a library of functions, and no tensor. */
  readonly isFunction: boolean;
  readonly args: readonly TextRange[];
}

/** Reads the call that starts at a name, or at `new`; null where there is something else. */
export function callAt(text: string, start: number): CallText | null {
  const [head = "", isNew = ""] =
    /^(new\s+)?[A-Za-z_$][\w$]*(?:\s*\.\s*[A-Za-z_$][\w$]*)*/u.exec(text.slice(start)) ?? [];
  const open = start + head.length + (/^\s*(?:<[^()]*>)?\s*/u.exec(text.slice(start + head.length))?.[0].length ?? 0);
  if (head === "" || text[open] !== "(") return null;
  const inside = splitArguments(text, open);
  if (!inside) return null;
  const nameRange = { start: start + isNew.length, end: start + head.length };
  const before = text.slice(0, start);
  const dot = isNew === "" ? /\s*\??\.\s*$/u.exec(before) : null;
  const library = isNew === "" ? /(?<![\w$.)\]])(?:F|functional|nn\s*\.\s*functional)\s*\.\s*$/u.exec(before) : null;
  return {
    isNew: isNew !== "",
    name: head.slice(isNew.length),
    nameRange,
    start: library ? library.index : start,
    end: inside.end,
    dot: library || !dot ? -1 : dot.index,
    isFunction: library !== null || (isNew === "" && !dot),
    args: inside.args,
  };
}

/** The arguments between an open parenthesis and its counterpart. @returns null where that is missing */
function splitArguments(
  text: string,
  open: number,
): { readonly args: readonly TextRange[]; readonly end: number } | null {
  const args: TextRange[] = [];
  let depth = 0;
  let from = open + 1;
  const close = (end: number): void => {
    const part = text.slice(from, end);
    const trimmed = part.trim();
    if (trimmed !== "") {
      const start = from + part.indexOf(trimmed);
      args.push({ start, end: start + trimmed.length });
    }
    from = end + 1;
  };
  for (let at = open; at < text.length; at++) {
    const char = text[at]!;
    if ("([{".includes(char)) depth++;
    else if (")]}".includes(char)) {
      depth--;
      if (depth === 0) {
        close(at);
        return { args, end: at + 1 };
      }
    } else if (char === "," && depth === 1) close(at);
    else at = skipped(text, at);
  }
  return null;
}

/** Past a string or a comment that starts here: its last character; else the place itself. */
function skipped(text: string, at: number): number {
  const rest = text.slice(at, at + 2);
  if (rest === "//") return endOf(text, "\n", at);
  if (rest === "/*") return endOf(text, "*/", at + 2);
  const quote = text[at]!;
  if (!`"'\``.includes(quote)) return at;
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === "\\") end++;
    else if (text[end] === quote) return end;
  }
  return text.length;
}

function endOf(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at < 0 ? text.length : at + what.length - 1;
}
