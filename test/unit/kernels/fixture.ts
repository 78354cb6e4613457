import fc from "fast-check";
import { fileURLToPath } from "node:url";
import { buildKernels } from "../../../engine/kernels/assembly/build.ts";
import { compile, type KernelBuild, type KernelBuildName } from "../../../engine/kernels/kernel-build.ts";
import type { DType } from "../../../engine/protocol/dtype.ts";
import { BYTES_PER_ELEMENT } from "../../../engine/protocol/dtype.ts";
import type { View } from "../../../engine/core/view.ts";
import { createSharedMemory, SEGMENT_BYTES, takeSegments } from "../../../engine/memory/shared-memory.ts";

/** Portable and relaxed first: the revectorizer's flag holds for all that is compiled after it. */
export const BUILD_NAMES: readonly KernelBuildName[] = ["portable", "relaxed", "revectorized"];

const cache = fileURLToPath(new URL("../../../node_modules/.cache/backstep-kernels/", import.meta.url));

/** The three builds of the sources as they are now; compiled only when the sources have changed. */
export async function currentBuilds(): Promise<readonly KernelBuild[]> {
  await buildKernels(cache, { cacheFolder: `${cache}by-hash` });
  return BUILD_NAMES.map((name) => {
    const module = compile(name, cache);
    if (!module) throw new Error(`the ${name} build does not compile here`);
    return { name, module };
  });
}

export const memory = createSharedMemory();

// What the tests compute with, the kernels' own memory included, lies beyond 2 GiB, where an address is negative as an
// int32. Everything else that is tested computes below.
takeSegments(memory, 2 ** 31 / SEGMENT_BYTES);
const heap = takeSegments(memory, (512 * 2 ** 20) / SEGMENT_BYTES);
let used = 0;

/** Forgets all views made so far. */
export function resetHeap(): void {
  used = 0;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function dense(shape: readonly number[], dtype: DType, misaligned = 0): View {
  const bytes = BYTES_PER_ELEMENT[dtype];
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  const offset = heap + used + misaligned * bytes;
  used += (elementCount(shape) + misaligned) * bytes + 64;
  used = (used + 63) & ~63;
  return { dtype, offset, shape, strides };
}

export function elementsOf(dtype: DType): Float32Array | Float64Array | Uint8Array {
  return dtype === "float32" ? memory.f32 : dtype === "bool" ? memory.u8 : memory.f64;
}

export function read(view: View): number[] {
  const elements = elementsOf(view.dtype);
  const start = view.offset / BYTES_PER_ELEMENT[view.dtype];
  const values: number[] = [];
  const visit = (axis: number, at: number): void => {
    if (axis === view.shape.length) values.push(elements[at]!);
    else for (let i = 0; i < view.shape[axis]!; i++) visit(axis + 1, at + i * view.strides[axis]!);
  };
  visit(0, start);
  return values;
}

/** Numbers from a seed, now and then a special one. */
export function fillRandom(view: View, seed: number, options: { special?: boolean; positive?: boolean } = {}): View {
  const elements = elementsOf(view.dtype);
  const start = view.offset / BYTES_PER_ELEMENT[view.dtype];
  const specials = [NaN, Infinity, -Infinity, 0, -0, 1e-40, 1e30, -1];
  let state = seed | 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
  next();
  for (let i = 0; i < elementCount(view.shape); i++) {
    const value = options.positive ? next() + 0.01 : next() * 6 - 3;
    const special = options.special === true && next() < 0.08;
    if (view.dtype === "bool") elements[start + i] = value > 0 ? 1 : 0;
    else if (view.dtype === "int64") elements[start + i] = Math.round(value * 10);
    else elements[start + i] = special ? specials[Math.floor(next() * specials.length)]! : value;
  }
  return view;
}

/** A shape, and a layout of a tensor that has it: permuted, repeated, reversed, with gaps, at any alignment. */
export interface Arrangement {
  readonly order: readonly number[];
  readonly kinds: readonly ("plain" | "repeated" | "reversed" | "gaps")[];
  readonly misaligned: number;
}

export const smallShape = fc.array(fc.integer({ min: 1, max: 11 }), { minLength: 0, maxLength: 4 });

export function arrangementOf(rank: number): fc.Arbitrary<Arrangement> {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return fc.record({
    order: fc.shuffledSubarray(axes, { minLength: rank, maxLength: rank }),
    kinds: fc.array(fc.constantFrom("plain", "plain", "plain", "repeated", "reversed", "gaps"), {
      minLength: rank,
      maxLength: rank,
    }),
    misaligned: fc.integer({ min: 0, max: 3 }),
  });
}

export function arranged(shape: readonly number[], dtype: DType, how: Arrangement, seed: number, special = true): View {
  const gaps = 2;
  const stored = how.order.map((axis) => {
    const kind = how.kinds[axis];
    return kind === "repeated" ? 1 : shape[axis]! * (kind === "gaps" ? gaps : 1);
  });
  const base = fillRandom(dense(stored, dtype, how.misaligned), seed, { special });
  const strides = new Array<number>(shape.length).fill(0);
  let offset = base.offset;
  how.order.forEach((axis, place) => {
    const kind = how.kinds[axis];
    const stride = base.strides[place]!;
    strides[axis] = kind === "repeated" ? 0 : kind === "gaps" ? stride * gaps : kind === "reversed" ? -stride : stride;
    if (kind === "reversed") offset += (shape[axis]! - 1) * stride * BYTES_PER_ELEMENT[dtype];
  });
  return { dtype, offset, shape, strides };
}

/** @throws Error naming the first element that is not within `tolerance`, relative to 1 or the element's size. */
export function assertClose(actual: View, expected: View, tolerance: number): void {
  const [got, want] = [read(actual), read(expected)];
  want.forEach((w, i) => {
    const g = got[i]!;
    if (Object.is(w, g) || w === g) return;
    const near = Number.isFinite(w) && Math.abs(w - g) <= tolerance * Math.max(1, Math.abs(w));
    // Where the reference, in doubles, just fails to overflow, float32 arithmetic may not, and the other way around.
    const edge =
      actual.dtype === "float32" && Math.abs(w) > 1e37 && Math.abs(g) > 1e37 && Math.sign(w) === Math.sign(g);
    if (!near && !edge) throw new Error(`element ${i} of [${expected.shape.join(", ")}]: ${g}, expected ${w}`);
  });
}

export const TOLERANCE: Readonly<Record<DType, number>> = { float32: 4e-6, float64: 1e-13, int64: 0, bool: 0 };
