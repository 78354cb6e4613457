import { readdirSync, readFileSync } from "node:fs";

import * as backstep from "../../../engine/index.ts";
import type { Tensor } from "../../../engine/index.ts";
import type { NestedArray } from "../../../engine/core/elements.ts";
import type { DType } from "../../../engine/protocol/dtype.ts";

/** A number as fixtures hold it: JSON has no NaN and no infinities. */
export type Numeral = number | boolean | "NaN" | "Infinity" | "-Infinity";

export interface FixtureTensor {
  /** Left out where PyTorch's dtype follows from Python's two kinds of number. */
  readonly dtype?: DType;
  readonly shape: readonly number[];
  readonly data: readonly Numeral[];
  readonly requiresGrad?: boolean;
}

/** A large input: offset + scale · sin(0.37 i + phase) at flat position i. */
export interface FixtureWave {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly wave: { readonly offset: number; readonly scale: number; readonly phase: number };
  readonly requiresGrad?: boolean;
}

/** A large result: evenly spaced elements of it, and the sum of its elements weighted with cos(0.7 i + 0.3). */
export interface FixtureDigest {
  readonly dtype?: DType;
  readonly shape: readonly number[];
  readonly samples: readonly Numeral[];
  readonly weighted: Numeral;
  /** The sum of the magnitudes of the weighted terms: what the rounding of `weighted` is relative to. */
  readonly magnitude: Numeral;
}

export type FixtureResult = FixtureTensor | FixtureDigest;

export type FixtureOutput = FixtureResult | { readonly number: Numeral };

/** How far a number may be from PyTorch's: relative to it, plus a part of the largest number beside it. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

interface CaseHead {
  readonly id: string;
  readonly family: string;
  readonly op: string;
  /** An expression, or statements; its free names are the inputs and what "backstep" exports. */
  readonly code: string;
  readonly inputs: Readonly<Record<string, FixtureTensor | FixtureWave>>;
}

/** What PyTorch computed. */
export interface ValueCase extends CaseHead {
  readonly outputs: readonly FixtureOutput[];
  /** The gradient of the outputs, weighted with a fixed pattern, per leaf; null where none arrives. */
  readonly grads?: Readonly<Record<string, FixtureResult | null>>;
  /** The gradient of those gradients, weighted likewise. */
  readonly second?: Readonly<Record<string, FixtureResult | null>>;
  readonly tolerance?: Tolerance;
}

/** What PyTorch refused. */
export interface RefusedCase extends CaseHead {
  readonly throws: string;
  readonly mentions: readonly string[];
}

export type ParityCase = ValueCase | RefusedCase;

const ORACLE = new URL("../../oracle/", import.meta.url);

/** The names of the files of test/oracle/fixtures. */
export function families(): readonly string[] {
  return readdirSync(new URL("fixtures/", ORACLE))
    .map((file) => file.replace(".json", ""))
    .sort();
}

/** The cases of one file of test/oracle/fixtures. */
export function readCases(family: string): readonly ParityCase[] {
  return JSON.parse(readFileSync(new URL(`fixtures/${family}.json`, ORACLE), "utf8")) as ParityCase[];
}

/** A fixture's number as JavaScript has it; booleans as 0 and 1. */
export function toNumber(numeral: Numeral): number {
  return Number(numeral);
}

/** The leaf that a fixture describes. */
export function toTensor(fixture: FixtureTensor | FixtureWave): Tensor {
  const { shape, dtype = "float32", requiresGrad = false } = fixture;
  const data = "wave" in fixture ? waveValues(fixture) : fixture.data;
  if (data.length === 0) return backstep.zeros([...shape], { dtype, requiresGrad });
  let at = 0;
  const nest = (axis: number): NestedArray =>
    axis === shape.length ? toNumber(data[at++]!) : Array.from({ length: shape[axis]! }, () => nest(axis + 1));
  return backstep.tensor(nest(0), { dtype, requiresGrad });
}

function waveValues({ shape, wave: { offset, scale, phase } }: FixtureWave): readonly number[] {
  const count = shape.reduce((product, n) => product * n, 1);
  return Array.from({ length: count }, (_, i) => offset + scale * Math.sin(0.37 * i + phase));
}
