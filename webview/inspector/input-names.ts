/** Letters that formulas use for constants, indices and functions, never for an input. */
const NEVER_INPUTS = new Set([
  "c",
  "d",
  "e",
  "f",
  "i",
  "j",
  "k",
  "l",
  "m",
  "n",
  "p",
  "s",
  "u",
  "y",
  "N",
  "M",
  "L",
  "T",
]);

/**
 * The letters that a formula uses for an op's inputs, in their order; null where they cannot be told apart from its
 * other letters. `a \odot b` → a, b.
 */
export function inputNames(forward: string, inputs: number): readonly string[] | null {
  const letters: string[] = [];
  for (const [, letter = ""] of forward.matchAll(/(?<![\\A-Za-z])([A-Za-z])(?![A-Za-z])/g)) {
    if (!letters.includes(letter)) letters.push(letter);
  }
  if (letters.length === inputs) return letters;
  const likely = letters.filter((letter) => !NEVER_INPUTS.has(letter));
  return likely.length === inputs ? likely : null;
}

/** The op's rule as an equation: what it computes is y, unless the formula says so itself. */
export function forwardEquation(forward: string): string {
  return forward.includes("=") ? forward : `y = ${forward}`;
}

/** The cotangent of an input as an equation. */
export function backwardEquation(backward: string, name: string | undefined, position: number): string {
  // The attribute by which a term is marked is no equation.
  if (backward.replace(/\\htmlData\{[^}]*\}/g, "").includes("=")) return backward;
  const of = name === undefined ? `\\text{input}_{${String(position + 1)}}` : name;
  return `\\frac{\\partial L}{\\partial ${of}} = ${backward}`;
}

/** ȳ is short for the gradient that arrives; written out it needs no explanation. */
export function writtenOut(tex: string): string {
  return tex.replace(
    /\\bar\s*(?:\{\s*([A-Za-z])\s*\}|([A-Za-z]))/g,
    (_, braced: string | undefined, bare: string | undefined) =>
      `\\tfrac{\\partial L}{\\partial ${braced ?? bare ?? "y"}}`,
  );
}

/** A program's own name in a formula: upright, so that `a` is not the letter a. */
export function ownName(label: string): string {
  const plain = label.replace(/[^\p{L}\p{N}_.[\] -]/gu, "");
  return `\\mathtt{${plain.replaceAll("_", "\\_").replaceAll(" ", "\\ ")}}`;
}

/** A formula in which letters that stand for tensors are the names that the program has for them. */
export function withOwnNames(tex: string, names: ReadonlyMap<string, string>): string {
  return tex.replace(/(?<![\\A-Za-z])([A-Za-z])(?![A-Za-z])/g, (letter) => names.get(letter) ?? letter);
}

/** A part of a formula that stands for a node: who points at it, lights the node up. In braces, so that it is one argument. */
export function nodeTerm(node: number, tex: string): string {
  return `{\\htmlData{node=${String(node)}}{${tex}}}`;
}

export interface NamedNode {
  readonly node: number;
  /** Empty where the program has no name for it. */
  readonly label: string;
}

export interface OwnNames {
  /** By letter of the formula. */
  readonly letters: ReadonlyMap<string, string>;
  /** By input; undefined where the formula has no letter for it and the program no name. */
  readonly inputs: readonly (string | undefined)[];
}

/**
 * What stands in a formula for the result and the inputs of an op: what the program calls them, else the formula's letter,
 * marked as terms. With several inputs under one rule a letter stands for none of them.
 */
export function ownNamesIn(of: {
  readonly letters: readonly string[] | null;
  readonly rules: number;
  readonly result: NamedNode;
  readonly inputs: readonly NamedNode[];
}): OwnNames {
  const { letters: known, rules, result } = of;
  const term = ({ node, label }: NamedNode, letter: string): string =>
    nodeTerm(node, label === "" ? letter : ownName(label));
  const letters = new Map([["y", term(result, "y")]]);
  if (rules !== of.inputs.length) return { letters, inputs: [] };
  const inputs = of.inputs.map((input, i) => {
    const letter = known?.[i];
    if (letter === undefined) return input.label === "" ? undefined : term(input, "");
    letters.set(letter, term(input, letter));
    return term(input, letter);
  });
  return { letters, inputs };
}
