import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { createKernels } from "../../../engine/kernels/create-kernels.ts";
import type { KernelBuild } from "../../../engine/kernels/kernel-build.ts";
import type { BinaryFunction, UnaryFunction } from "../../../engine/kernels/kernels.ts";
import { createReferenceKernels } from "../../../engine/kernels/reference-kernels.ts";
import { erf } from "../../../engine/kernels/reference/error-function.ts";
import { BUILD_NAMES, currentBuilds, dense, elementsOf, memory, read, resetHeap } from "./fixture.ts";

const COUNT = 1 << 16;

/** What V8 computes in doubles, itself to within 1 unit in the last place. */
const EXACT: Readonly<Partial<Record<UnaryFunction, (x: number) => number>>> = {
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  tanh: Math.tanh,
  erf,
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
};

/** As 1 / (1 + e⁻ˣ) in the type of the result ends: PyTorch gives zero from where e⁻ˣ overflows. */
const LEAST_OF_SIGMOID = { float32: -88.72283172607422, float64: -709.782712893384 } as const;

function exactSigmoid(dtype: "float32" | "float64"): (x: number) => number {
  return (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : x < LEAST_OF_SIGMOID[dtype] ? 0 : Math.exp(x) / (1 + Math.exp(x)));
}

/** The distance between neighbouring numbers of a type at `x`. */
function unitInTheLastPlace(x: number, single: boolean): number {
  const [digits, least] = single ? [23, -126] : [52, -1022];
  const exponent = Math.max(least, Math.floor(Math.log2(Math.max(Math.abs(x), Number.MIN_VALUE))));
  return 2 ** (exponent - digits);
}

/** Arguments that cover a function's range: everyday sizes, all exponents, both ends, and next to 0 and 1. */
function* samples(single: boolean): Generator<number> {
  const [largest, exponents] = single ? [104, 88] : [745, 700];
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 23 - 1;
  };
  yield* [0, -0, 1, -1, NaN, Infinity, -Infinity, Number.MIN_VALUE, 1e-40, 3.4e38, -3.4e38];
  // Where results of exp and sigmoid are subnormal, become zero, or overflow; subnormal arguments of all sizes.
  const [subnormal, end, overflow] = single ? [87.4, 104.2, 88.8] : [708.4, 745.4, 709.9];
  for (let i = 0; i <= 2000; i++) yield -subnormal - ((end - subnormal) * i) / 2000;
  for (let i = 0; i <= 200; i++) yield overflow - 0.2 + i / 1000;
  for (let i = 0; i <= 200; i++) yield -overflow + 0.2 - i / 1000;
  const least = single ? 2 ** -149 : Number.MIN_VALUE;
  for (let i = 0; i < (single ? 23 : 52); i++) yield* [least * 2 ** i, -least * 2 ** i, least * (2 ** i + 1)];
  for (;;) {
    yield random() * 2;
    yield random() * largest;
    yield Math.sign(random()) * Math.exp(random() * exponents);
    yield 1 + random() * 0.01;
    yield random() * 10;
  }
}

describe("vector functions", () => {
  let builds: readonly KernelBuild[];

  before(async function () {
    this.timeout(120_000);
    builds = await currentBuilds();
  });

  // First, while nothing is compiled in full yet. V8's revectorizer negates doubles wrongly, and only once it compiles a function that has been called often.
  it("give the same bits before and after V8 has compiled them in full", () => {
    const unary: readonly UnaryFunction[] = [
      ...(["neg", "abs", "sign", "exp", "expm1", "log", "log1p", "sqrt", "rsqrt", "reciprocal", "square"] as const),
      ...(["erf", "tanh", "sigmoid", "relu", "softplus", "gelu", "silu"] as const),
    ];
    const binary: readonly BinaryFunction[] = [
      ...(["add", "sub", "mul", "div", "maximum", "minimum"] as const),
      ...(["reluBackward", "tanhBackward", "sigmoidBackward", "geluBackward", "siluBackward"] as const),
    ];
    setFlagsFromString("--wasm-sync-tier-up");
    try {
      const kernels = createKernels(memory, { build: builds.at(-1)! });
      for (const dtype of ["float32", "float64"] as const) {
        resetHeap();
        const [x, y, out] = [dense([512], dtype), dense([512], dtype), dense([512], dtype)];
        kernels.normal(x, 1, 0);
        kernels.normal(y, 2, 0);
        const calls = new Map<string, () => void>([
          ...unary.map((name) => [name, () => kernels.unary(name, x, out)] as const),
          ...binary.map((name) => [name, () => kernels.binary(name, x, y, out)] as const),
        ]);
        for (const [name, call] of calls) {
          call();
          const before = read(out);
          for (let i = 0; i < 1000; i++) call();
          assert.deepEqual(read(out), before, `${name} in ${dtype}`);
        }
      }
    } finally {
      setFlagsFromString("--no-wasm-sync-tier-up");
    }
  });

  for (const build of BUILD_NAMES) {
    for (const dtype of ["float32", "float64"] as const) {
      it(`${build}: within 2 units in the last place over their range in ${dtype}`, () => {
        const kernels = createKernels(memory, { build: builds.find(({ name }) => name === build)! });
        resetHeap();
        const [x, out] = [dense([COUNT], dtype), dense([COUNT], dtype)];
        const single = dtype === "float32";
        const elements = elementsOf(dtype);
        const [from, to] = [x.offset / (single ? 4 : 8), out.offset / (single ? 4 : 8)];
        let i = 0;
        for (const value of samples(single)) {
          if (i === COUNT) break;
          elements[from + i++] = value;
        }
        for (const [name, exact] of Object.entries({ ...EXACT, sigmoid: exactSigmoid(dtype) })) {
          kernels.unary(name as UnaryFunction, x, out);
          for (let n = 0; n < COUNT; n++) {
            const argument = elements[from + n]!;
            const want = exact(argument);
            const got = elements[to + n]!;
            const rounded = single ? Math.fround(want) : want;
            if (Object.is(got, rounded) || got === rounded) continue;
            const error = Math.abs(got - want) / unitInTheLastPlace(want, single);
            // In doubles V8's own error comes on top.
            assert.ok(error <= (single ? 2 : 3), `${name}(${argument}) = ${got}, expected ${want}: off by ${error}`);
          }
        }
      });
    }
  }

  it("end where PyTorch's end: sigmoid and silu are zero from where e⁻ˣ overflows", () => {
    for (const kernels of [
      ...builds.map((build) => createKernels(memory, { build })),
      createReferenceKernels(memory),
    ]) {
      resetHeap();
      const [x, out] = [dense([8], "float32"), dense([8], "float32")];
      // The third is the first that PyTorch gives zero for.
      const [from, to] = [x.offset / 4, out.offset / 4];
      memory.f32.set([-88, -88.7, -88.72283935546875, -89, -95, -103, -104, NaN], from);
      kernels.unary("sigmoid", x, out);
      const [a, b, ...rest] = memory.f32.subarray(to, to + 8);
      assert.ok(Math.abs(a! - 6.054601485195952e-39) <= 2 ** -148 && Math.abs(b! - 3.006635794144578e-39) <= 2 ** -148);
      assert.deepEqual(rest, [0, 0, 0, 0, 0, NaN]);
      kernels.unary("silu", x, out);
      assert.deepEqual([...memory.f32.subarray(to + 2, to + 8)], [-0, -0, -0, -0, -0, NaN]);
    }
  });

  it("give the same bits for the same number wherever it stands in a tensor", () => {
    for (const build of builds) {
      const kernels = createKernels(memory, { build });
      resetHeap();
      const [x, out] = [dense([23], "float32", 1), dense([23], "float32")];
      for (const name of [...Object.keys(EXACT), "sigmoid"]) {
        memory.f32.fill(0.7, x.offset / 4, x.offset / 4 + 23);
        kernels.unary(name as UnaryFunction, x, out);
        const results = new Set(memory.f32.subarray(out.offset / 4, out.offset / 4 + 23));
        assert.equal(results.size, 1, `${name} of the ${build.name} build`);
      }
    }
  });
});
