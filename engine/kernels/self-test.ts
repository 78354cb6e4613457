import { setFlagsFromString } from "node:v8";
import type { View } from "../core/view.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import type { Kernels } from "./kernels.ts";
import { createReferenceKernels } from "./reference-kernels.ts";
import { createWasmKernels } from "./wasm-kernels.ts";
import { instantiateKernels } from "./wasm/instance.ts";

const AT = 4 * 2 ** 20;
const STEP = 2 ** 18;

function view(slot: number, shape: readonly number[], dtype: "float32" | "float64"): View {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  return { dtype, offset: AT + slot * STEP, shape, strides };
}

/** Calls of each kernel after which V8 has compiled it in full, if it does so at once. */
const CALLS_UNTIL_COMPILED = 200;

/**
 * A handful of kernels on awkward sizes against the reference, as V8 makes them once they are called often, which takes some
 * 0.1 s: a build that is miscompiled here must not be used.
 */
export function passesSelfTest(memory: SharedMemory, module: WebAssembly.Module): boolean {
  setFlagsFromString("--wasm-sync-tier-up");
  try {
    return computesRight(memory, module);
  } finally {
    setFlagsFromString("--no-wasm-sync-tier-up");
  }
}

function computesRight(memory: SharedMemory, module: WebAssembly.Module): boolean {
  const reference = createReferenceKernels(memory);
  let wasm: Kernels;
  try {
    wasm = createWasmKernels(memory, instantiateKernels(memory, module, 8 * 2 ** 20), null);
  } catch {
    return false;
  }
  for (const dtype of ["float32", "float64"] as const) {
    const [a, b, bias] = [view(0, [37, 53], dtype), view(1, [53, 45], dtype), view(2, [45], dtype)];
    const positive = view(5, [37, 53], dtype);
    reference.normal(a, 1, 0);
    reference.normal(b, 2, 0);
    reference.normal(bias, 3, 0);
    reference.uniform(positive, 4, 0);
    const square = (kernels: Kernels, out: View): void => kernels.gemm(a, b, out, { bias });
    const shape = [37, 45];
    const trials: readonly (readonly [readonly number[], (kernels: Kernels, out: View) => void])[] = [
      [shape, square],
      ...(["neg", "exp", "log1p", "tanh", "sigmoid", "erf"] as const).map(
        (name) =>
          [
            [37, 53],
            (kernels: Kernels, out: View) => kernels.unary(name, name === "log1p" ? positive : a, out),
          ] as const,
      ),
      [[37, 53], (kernels, out) => kernels.binary("mul", a, a, out)],
      [[37, 53], (kernels, out) => kernels.softmax(a, out, false)],
      [[37], (kernels, out) => kernels.reduce("sum", a, [1], out)],
      [[53], (kernels, out) => kernels.reduce("sum", a, [0], out)],
    ];
    for (const [outShape, run] of trials) {
      const [expected, actual] = [view(3, outShape, dtype), view(4, outShape, dtype)];
      run(reference, expected);
      for (let call = 0; call < CALLS_UNTIL_COMPILED; call++) run(wasm, actual);
      if (!close(memory, expected, actual)) return false;
    }
  }
  return true;
}

function close(memory: SharedMemory, expected: View, actual: View): boolean {
  const elements = expected.dtype === "float32" ? memory.f32 : memory.f64;
  const bytes = expected.dtype === "float32" ? 4 : 8;
  const tolerance = expected.dtype === "float32" ? 1e-5 : 1e-13;
  const count = expected.shape.reduce((product, size) => product * size, 1);
  for (let i = 0; i < count; i++) {
    const want = elements[expected.offset / bytes + i] ?? 0;
    const got = elements[actual.offset / bytes + i] ?? NaN;
    if (!(Math.abs(want - got) <= tolerance * Math.max(1, Math.abs(want)))) return false;
  }
  return true;
}

/** Milliseconds of a 128³ product, once V8 has compiled it in full. */
export function timeProduct(memory: SharedMemory, module: WebAssembly.Module): number {
  const kernels = createWasmKernels(memory, instantiateKernels(memory, module, 8 * 2 ** 20), null);
  const [a, b, out] = [0, 1, 2].map((slot) => view(slot, [128, 128], "float32")) as [View, View, View];
  let best = Infinity;
  // The first calls run baseline code; optimised code arrives within some milliseconds.
  for (const end = performance.now() + 60; performance.now() < end;) {
    const start = performance.now();
    kernels.gemm(a, b, out);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
