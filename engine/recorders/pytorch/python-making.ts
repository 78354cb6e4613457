import type { Attributes } from "../../recording/attributes.ts";
import type { Site } from "../../protocol/site.ts";
import type { PythonCut } from "./python-cut.ts";

/** A step by which a script made a constant, as the recorder tells of it. */
export interface PythonMaking {
  /** The function that was called; "leaf" of what nobody saw being made. */
  readonly name: string;
  readonly site: Site | null;
  /** The variable that it was given; empty where that is not known. */
  readonly label: string;
  readonly shape: readonly number[];
  readonly attributes: Attributes;
  /** Numbers of the steps that made what it was given. */
  readonly inputs: readonly number[];
  /** How many passes had ended by then. */
  readonly epoch: number;
  /** How many steps were noted before it. */
  readonly order: number;
  /** Where what nobody saw being made was cut off the graph; null of data. */
  readonly cut: PythonCut | null;
}

/** How the constants of a pass were made. */
export interface PythonMakings {
  /** Each after those that it was given. */
  readonly steps: readonly PythonMaking[];
  readonly rows: readonly (readonly [row: number, step: number])[];
}

/** Ops of the engine by what Python's operators, and calls of torch with another name, are. */
const NAMES: Readonly<Record<string, string>> = {
  add: "add",
  radd: "add",
  sub: "sub",
  mul: "mul",
  rmul: "mul",
  truediv: "div",
  divide: "div",
  pow: "pow",
  true_divide: "div",
  absolute: "abs",
  greater: "gt",
  greater_equal: "ge",
  less: "lt",
  less_equal: "le",
  not_equal: "ne",
};

/** The id of the record that does what a function of torch does to a constant. */
export function recordOfMaking({ name, inputs }: PythonMaking): string {
  if (name === "__getitem__") return inputs.length > 1 ? "index" : "slice";
  const plain = name.replace(/^__|__$/gu, "");
  const known = NAMES[plain] ?? plain.replaceAll(/_([a-z])/gu, (_, letter: string) => letter.toUpperCase());
  return inputs.length === 1 && OF_NUMBERS.has(known) ? `${known}.number` : known;
}

/** Ops whose other operand may be a number. */
const OF_NUMBERS: ReadonlySet<string> = new Set(["add", "sub", "mul", "div", "pow"]);
