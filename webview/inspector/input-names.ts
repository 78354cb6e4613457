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
  if (backward.includes("=")) return backward;
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
