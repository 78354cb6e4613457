/** A small training program that is wrong in one way, and what it would be if it were right. */
export interface FaultPair {
  /** The kind of fault. */
  readonly kind: string;
  /** What is particular about this one; unique within its kind. */
  readonly about: string;
  /** The wrong program; the line to blame ends with `// here`. Names of the library are imported. */
  readonly wrong: string;
  readonly right: string;
}

/** A right program that looks odd. */
export interface TemptingProgram {
  readonly about: string;
  readonly program: string;
}

/** Begins every program, on one line. */
export const PRELUDE =
  'import { F, nn, optim, autograd, tensor, randn, rand, randint, randperm, zeros, ones, zerosLike, onesLike, full, arange, cat, stack, where, noGrad, manualSeed, Tensor } from "backstep"; manualSeed(1);\n';

/** The line of a program that `// here` marks, counted from 1 with the prelude; 0 where none is marked. */
export function markedLine(program: string): number {
  const lines = (PRELUDE + program).split("\n");
  return lines.findIndex((line) => line.includes("// here")) + 1;
}
