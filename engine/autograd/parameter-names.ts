/** What each method calls its parameters; read once. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- user code, of any signature
const known = new WeakMap<Function, readonly string[]>();

/**
 * The names of a function's parameters as its source writes them: "ctx", "x", "…rest" for the rest. Empty strings where a
 * pattern stands in place of a name.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- as above
export function parameterNames(method: Function): readonly string[] {
  let names = known.get(method);
  if (names === undefined) known.set(method, (names = read(String(method))));
  return names;
}

function read(source: string): string[] {
  const text = source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/gu, "");
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
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- as above
export function operandNames(
  forward: Function,
  args: readonly unknown[],
  isTensor: (arg: unknown) => boolean,
): string[] {
  const names = parameterNames(forward).slice(1);
  return args.flatMap((arg, i) => {
    if (!isTensor(arg)) return [];
    const rest = names.at(-1)?.startsWith("…") === true && i >= names.length - 1 ? names.at(-1)!.slice(1) : null;
    if (rest !== null) return [`${rest}[${i - names.length + 1}]`];
    return [names[i] === undefined || names[i] === "" ? `argument ${i}` : names[i]];
  });
}
