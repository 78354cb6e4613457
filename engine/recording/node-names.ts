import type { RecordedPass } from "./recorded-pass.ts";

/** An op as the program writes it ("matmul"), or a Function's class. */
export function opNameOf(pass: RecordedPass, row: number): string {
  return pass.recordedOp(row).name;
}

/** What to call a row when speaking to people: its variable, else its op. */
export function nameOf(pass: RecordedPass, row: number): string {
  return pass.label(row) || opNameOf(pass, row);
}

/** Op and variable: "sqrt root", "matmul". */
export function titleOf(pass: RecordedPass, row: number): string {
  return titleFrom(opNameOf(pass, row), pass.label(row));
}

/** The same from an op's name and a label; the op alone where nothing is called after it. */
export function titleFrom(op: string, label: string): string {
  return label === "" ? op : `${op} ${label}`;
}
