import type { RecordedPass } from "./recorded-pass.ts";

/** What a name follows from: the op as the program writes it, the variable or path that it is called after, and whether it is computed. */
export interface Named {
  readonly op: string;
  /** Empty where nothing is called after it. */
  readonly label: string;
  readonly isLeaf: boolean;
}

/** An op as the program writes it ("matmul"), a Function's class; of a leaf "parameter" or "input". */
export function opNameOf(pass: RecordedPass, row: number): string {
  return pass.isOp(row) ? pass.recordedOp(row).name : leafWord(pass.requiresGrad(row));
}

/** What stands in place of an op where nothing computed the row. */
export function leafWord(requiresGrad: boolean): string {
  return requiresGrad ? "parameter" : "input";
}

/** What to call a row where its op is not the point: its variable, else its op. */
export function nameOf(pass: RecordedPass, row: number): string {
  return nameFrom(namedOf(pass, row));
}

/** Op and variable: "sqrt root", "matmul"; of a leaf its name alone. */
export function titleOf(pass: RecordedPass, row: number): string {
  return titleFrom(namedOf(pass, row));
}

/** As {@link nameOf}, of a row whose op and label are at hand. */
export function nameFrom({ op, label }: Pick<Named, "op" | "label">): string {
  return label || op;
}

/** As {@link titleOf}, of a row whose op and label are at hand. */
export function titleFrom({ op, label, isLeaf }: Named): string {
  if (label === "") return op;
  return isLeaf ? label : `${op} ${label}`;
}

function namedOf(pass: RecordedPass, row: number): Named {
  return { op: opNameOf(pass, row), label: pass.label(row), isLeaf: !pass.isOp(row) };
}
