import { Tensor } from "../../../engine/index.ts";
import type { DType } from "../../../engine/protocol/dtype.ts";
import {
  toNumber,
  type FixtureDigest,
  type FixtureOutput,
  type FixtureResult,
  type Numeral,
  type Tolerance,
} from "./fixture.ts";

/** float32 is held to 2e-5 and float64 to 1e-9; the absolute part is the rounding of numbers that cancel. */
const TOLERANCE: Readonly<Record<string, Tolerance>> = {
  float32: { relative: 2e-5, absolute: 1e-6 },
  float64: { relative: 1e-9, absolute: 1e-12 },
};
const EXACT: Tolerance = { relative: 0, absolute: 0 };

const show = (values: readonly unknown[]): string =>
  `[${values.slice(0, 12).join(", ")}${values.length > 12 ? ", …" : ""}]`;

/** What is wrong with `actual`, or null. `what` names it: "output 0", "gradient of x". */
export function compareOutput(
  what: string,
  expected: FixtureOutput,
  actual: unknown,
  tolerance: Tolerance | undefined,
): string | null {
  if (!("number" in expected)) return compareTensor(what, expected, actual, tolerance);
  const value = typeof actual === "boolean" ? Number(actual) : actual;
  if (typeof value !== "number") return `${what}: expected the number ${expected.number}, got ${describe(actual)}`;
  const wanted = toNumber(expected.number);
  return isClose(wanted, value, tolerance ?? TOLERANCE["float64"]!, 0)
    ? null
    : `${what}: expected ${wanted}, got ${value}`;
}

export function compareTensor(
  what: string,
  expected: FixtureResult,
  actual: unknown,
  tolerance: Tolerance | undefined,
): string | null {
  if (!(actual instanceof Tensor)) return `${what}: expected a tensor ${show(expected.shape)}, got ${describe(actual)}`;
  if (expected.dtype !== undefined && actual.dtype !== expected.dtype) {
    return `${what}: expected dtype ${expected.dtype}, got ${actual.dtype}`;
  }
  if (actual.shape.length !== expected.shape.length || actual.shape.some((n, i) => n !== expected.shape[i])) {
    return `${what}: expected shape ${show(expected.shape)}, got ${show([...actual.shape])}`;
  }
  const values = actual.toArray();
  return "samples" in expected
    ? compareDigest(what, expected, values, tolerance)
    : compareNumbers(what, expected.data, values, expected.dtype, tolerance);
}

function compareDigest(
  what: string,
  { samples, weighted, magnitude, dtype = "float32" }: FixtureDigest,
  values: readonly number[],
  tolerance: Tolerance | undefined,
): string | null {
  const step = (values.length - 1) / (samples.length - 1);
  const picked = samples.map((_, k) => values[Math.floor(k * step + 1e-9)]!);
  const sampled = compareNumbers(`${what}, sampled`, samples, picked, dtype, tolerance);
  if (sampled !== null) return sampled;
  const sum = values.reduce((total, value, i) => total + value * Math.cos(0.7 * i + 0.3), 0);
  // Whole numbers are equal or not, but their weights are rounded too.
  const { relative, absolute } = tolerance ?? TOLERANCE[dtype] ?? TOLERANCE["float64"]!;
  const allowed = relative * toNumber(magnitude) + absolute;
  return Math.abs(sum - toNumber(weighted)) <= allowed
    ? null
    : `${what}: weighted sum: expected ${toNumber(weighted)}, got ${sum}, more than ${allowed} apart`;
}

/** Compares two lists of numbers, as closely as their dtype allows. */
export function compareNumbers(
  what: string,
  expected: readonly Numeral[],
  actual: readonly Numeral[],
  dtype: DType = "float32",
  tolerance?: Tolerance,
): string | null {
  const allowed = tolerance ?? TOLERANCE[dtype] ?? EXACT;
  const wanted = expected.map(toNumber);
  const got = actual.map(toNumber);
  if (got.length !== wanted.length) return `${what}: expected ${wanted.length} numbers, got ${got.length}`;
  const largest = wanted.reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 1);
  const wrong = wanted.findIndex((v, i) => !isClose(v, got[i]!, allowed, largest));
  if (wrong < 0) return null;
  return `${what}: element ${wrong}: expected ${wanted[wrong]}, got ${got[wrong]}\n      expected ${show(wanted)}\n      got      ${show(got)}`;
}

function isClose(expected: number, actual: number, { relative, absolute }: Tolerance, largest: number): boolean {
  if (Number.isNaN(expected)) return Number.isNaN(actual);
  if (!Number.isFinite(expected)) return actual === expected;
  return Math.abs(actual - expected) <= relative * Math.abs(expected) + absolute * largest;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === "object" ? `a ${value.constructor.name}` : `${typeof value} ${JSON.stringify(value)}`;
}
