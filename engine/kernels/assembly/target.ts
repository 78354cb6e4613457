import { ConstantTable } from "./constant-table.ts";

/** How a build of the kernels differs from the others. */
export interface Target {
  readonly name: "portable" | "relaxed" | "revectorized";
  /** Whether a product and a sum may be rounded once (`relaxed_madd`) or must be rounded twice. */
  readonly fused: boolean;
  /** Rows and vectors of the tile of a matrix product that is kept in registers. */
  readonly tile: { readonly rows: number; readonly vectors: number };
}

/**
 * The tiles are the fastest measured: V8 keeps 8–9 vector accumulators in registers and spills beyond; the revectorizer
 * makes one of each pair of vectors, and so has room for twice as many.
 */
export const TARGETS: readonly Target[] = [
  { name: "portable", fused: false, tile: { rows: 3, vectors: 3 } },
  { name: "relaxed", fused: true, tile: { rows: 4, vectors: 2 } },
  { name: "revectorized", fused: true, tile: { rows: 4, vectors: 4 } },
];

/** How source text is written for one element type in one target. */
export interface Dialect {
  readonly target: Target;
  readonly type: "f32" | "f64";
  readonly vector: "f32x4" | "f64x2";
  /** Elements of a vector. */
  readonly lanes: 4 | 2;
  /** Bytes of an element, and their logarithm. */
  readonly bytes: 4 | 8;
  readonly shift: 2 | 3;
  readonly constants: ConstantTable;
}

export function dialectsOf(target: Target): readonly Dialect[] {
  return [
    { target, type: "f32", vector: "f32x4", lanes: 4, bytes: 4, shift: 2, constants: new ConstantTable("f32") },
    { target, type: "f64", vector: "f64x2", lanes: 2, bytes: 8, shift: 3, constants: new ConstantTable("f64") },
  ];
}

/** a · b + c. */
export function multiplyAdd({ target, vector }: Dialect, a: string, b: string, c: string): string {
  return target.fused ? `${vector}.relaxed_madd(${a}, ${b}, ${c})` : `${vector}.add(${c}, ${vector}.mul(${a}, ${b}))`;
}

/** [0, 1, …, count − 1]. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
