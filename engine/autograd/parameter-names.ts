/** What each method calls its parameters; read once. */
const known = new WeakMap<object, readonly string[]>();

/**
 * The names of a function's parameters as its source writes them: "ctx", "x", "…rest" for the rest. Empty strings where a
 * pattern stands in place of a name.
 */
export function parameterNames(method: object): readonly string[] {
  let names = known.get(method);
  if (names === undefined) known.set(method, (names = read(sourceOf(method))));
  return names;
}

function sourceOf(method: object): string {
  // A function's own: a class may have put another in its place.
  return typeof method === "function" ? Function.prototype.toString.call(method) : "";
}

function read(source: string): string[] {
  const text = source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/gu, "");
  const [, only] = /^\s*(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(text) ?? [];
  if (only !== undefined) return [only];
  const names: string[] = [];
  let depth = 0;
  let from = -1;
  for (let at = text.indexOf("("); at >= 0 && at < text.length; at++) {
    const letter = text[at]!;
    if ("([{".includes(letter)) {
      if (depth++ === 0) from = at + 1;
    } else if (")]}".includes(letter)) {
      if (--depth > 0) continue;
      if (text.slice(from, at).trim() !== "") names.push(nameIn(text.slice(from, at)));
      break;
    } else if (letter === "," && depth === 1) {
      names.push(nameIn(text.slice(from, at)));
      from = at + 1;
    }
  }
  return names;
}

function nameIn(parameter: string): string {
  const [, rest, name] = /^\s*(\.\.\.)?\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)?/u.exec(parameter)!;
  return name === undefined ? "" : `${rest === undefined ? "" : "…"}${name}`;
}

/**
 * What a Function's `forward` calls each of its tensor arguments.
 * @param args the arguments after the context. @param isTensor which of them are tensors.
 */
export function operandNames(
  { forward }: { readonly forward: object },
  args: readonly unknown[],
  isTensor: (arg: unknown) => boolean,
): string[] {
  const names = parameterNames(forward).slice(1);
  const last = names.length > 0 ? names[names.length - 1]! : "";
  return args.flatMap((arg, i) => {
    if (!isTensor(arg)) return [];
    if (last.startsWith("…") && i >= names.length - 1) return [`${last.slice(1)}[${i - names.length + 1}]`];
    return [names[i] === undefined || names[i] === "" ? `argument ${i}` : names[i]];
  });
}
