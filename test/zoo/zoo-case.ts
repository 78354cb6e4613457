import { readFileSync } from "node:fs";
import type { FixtureTensor, Numeral } from "../unit/parity/fixture.ts";

/** What PyTorch says of one Function, from finite differences of its forward in float64. */
export interface ZooCase {
  readonly name: string;
  readonly kind: string;
  readonly inputs: readonly FixtureTensor[];
  readonly cotangents: readonly FixtureTensor[];
  readonly outputs: readonly FixtureTensor[];
  readonly gradients: readonly ZooGradient[];
}

export interface ZooGradient {
  readonly input: number;
  readonly product: FixtureTensor;
  /** At a kink every slope from the left one to the right one is right. */
  readonly kinks?: readonly { readonly element: number; readonly between: readonly [Numeral, Numeral] }[];
  /** What a mistake of this kind makes of the product. Absent: no mistake here. Null: the kind does not say. */
  readonly mistaken?: FixtureTensor | null;
}

/** The cases of oracle.json. */
export function readCases(): readonly ZooCase[] {
  return JSON.parse(readFileSync(new URL("./oracle.json", import.meta.url), "utf8")) as ZooCase[];
}
