import { checkOptions } from "./options.ts";

/** Python's keyword `dim`, in the place of the axis itself. */
export interface DimKeyword {
  readonly dim?: number;
}

/** An axis that is given as a number, or as `{ dim }`; `otherwise` when the object has none. */
export function dimOf(op: string, given: number | DimKeyword | null | undefined, otherwise: number): number {
  if (given === undefined || given === null) return otherwise;
  if (typeof given === "number") return given;
  checkOptions(op, given, ["dim"]);
  return given.dim ?? otherwise;
}
