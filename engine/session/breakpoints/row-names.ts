import { labelTable, opTable, type Pass } from "../../autograd/pass.ts";
import { TapeColumn } from "../../autograd/tape.ts";
import { opById } from "../../ops/op.ts";

const FUNCTION = "function:";

/** As a model file writes it: an op's name, or a Function's class. */
export function opName(pass: Pass, row: number): string {
  const id = opTable.text(pass.tape.get(row, TapeColumn.op));
  return id.startsWith(FUNCTION) ? id.slice(FUNCTION.length) : (opById(id)?.name ?? id);
}

export function labelName(pass: Pass, row: number): string {
  return labelTable.text(pass.tape.get(row, TapeColumn.label));
}

/** "sqrt root", "matmul". */
export function rowTitle(pass: Pass, row: number): string {
  return [opName(pass, row), labelName(pass, row)].filter(Boolean).join(" ");
}
