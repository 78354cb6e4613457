import assert from "node:assert/strict";
import fc from "fast-check";
import { createKernels } from "../../../engine/kernels/create-kernels.ts";
import type { BinaryFunction, Kernels, Reduction, UnaryFunction } from "../../../engine/kernels/kernels.ts";
import { createReferenceKernels } from "../../../engine/kernels/reference-kernels.ts";
import type { DType } from "../../../engine/protocol/dtype.ts";
import type { View } from "../../../engine/core/view.ts";
import {
  arranged,
  arrangementOf,
  assertClose,
  BUILD_NAMES,
  currentBuilds,
  dense,
  fillRandom,
  memory,
  read,
  resetHeap,
  smallShape,
  TOLERANCE,
} from "./fixture.ts";

const floats = fc.constantFrom<DType>("float32", "float64");
const seed = fc.integer();

const UNARY: readonly UnaryFunction[] = [
  ...(["neg", "abs", "sign", "floor", "ceil", "round", "trunc", "exp", "expm1", "log", "log1p", "log2"] as const),
  ...(["sqrt", "rsqrt", "reciprocal", "square", "erf", "sin", "tanh", "sigmoid", "relu", "softplus"] as const),
  ...(["gelu", "silu", "logicalNot", "isnan", "isinf", "isfinite"] as const),
];
const BINARY: readonly BinaryFunction[] = [
  ...(["add", "sub", "mul", "div", "pow", "maximum", "minimum", "remainder", "atan2"] as const),
  ...(["reluBackward", "tanhBackward", "sigmoidBackward"] as const),
];
const TRUTHS: readonly BinaryFunction[] = ["eq", "ne", "lt", "le", "gt", "ge", "logicalAnd", "logicalXor"];
const PREDICATES: ReadonlySet<string> = new Set(["logicalNot", "isnan", "isinf", "isfinite"]);

describe("kernels against the reference", () => {
  const reference = createReferenceKernels(memory);
  let kernels: Readonly<Record<string, Kernels>>;

  before(async function () {
    this.timeout(120_000);
    const builds = await currentBuilds();
    kernels = Object.fromEntries(builds.map((build) => [build.name, createKernels(memory, { build })]));
  });

  beforeEach(resetHeap);

  /** Runs the same call on the reference and on a build, into two outputs. */
  function same(
    name: string,
    shape: readonly number[],
    dtype: DType,
    call: (kernels: Kernels, out: View) => void,
    tolerance = TOLERANCE[dtype],
    prepare: (out: View) => void = () => undefined,
  ): void {
    const [expected, actual] = [dense(shape, dtype), dense(shape, dtype)];
    prepare(expected);
    prepare(actual);
    call(reference, expected);
    call(kernels[name]!, actual);
    assertClose(actual, expected, tolerance);
  }

  /** Every property starts with an empty heap. */
  function check<T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void, numRuns = 150): void {
    fc.assert(
      fc.property(arbitrary, (value) => {
        resetHeap();
        property(value);
      }),
      { numRuns },
    );
  }

  const oneOperand = smallShape.chain((shape) =>
    fc.record({ shape: fc.constant(shape), how: arrangementOf(shape.length), seed, dtype: floats }),
  );
  const twoOperands = smallShape.chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      a: arrangementOf(shape.length),
      b: arrangementOf(shape.length),
      c: arrangementOf(shape.length),
      seed,
      dtype: floats,
    }),
  );

  for (const build of BUILD_NAMES) {
    describe(build, () => {
      it("computes every function of one operand, whatever its layout", () => {
        check(
          fc.tuple(fc.constantFrom(...UNARY), oneOperand),
          ([fn, { shape, how, seed: from, dtype }]) => {
            const x = arranged(shape, dtype, how, from);
            same(build, shape, PREDICATES.has(fn) ? "bool" : dtype, (k, out) => k.unary(fn, x, out), TOLERANCE[dtype]);
          },
          400,
        );
      });

      it("computes every function of two operands that broadcast", () => {
        check(
          fc.tuple(fc.constantFrom(...BINARY), twoOperands),
          ([fn, { shape, a, b, seed: from, dtype }]) => {
            // A slope of 1 − y² loses all its digits where y is huge.
            const special = !fn.endsWith("Backward");
            const [x, y] = [arranged(shape, dtype, a, from, special), arranged(shape, dtype, b, from + 1, special)];
            same(build, shape, dtype, (k, out) => k.binary(fn, x, y, out));
            same(build, shape, dtype, (k, out) => k.binaryScalar(fn, x, 1.5, out));
            same(build, shape, dtype, (k, out) => k.scalarBinary(fn, -0.5, y, out));
          },
          300,
        );
      });

      it("computes of two scalars, to the last bit, what it computes of two elements", () => {
        const numbers = fc.oneof(fc.float(), fc.double());
        const functions = fc.constantFrom<BinaryFunction>("add", "sub", "mul", "div");
        check(fc.tuple(functions, numbers, numbers, floats), ([fn, a, b, dtype]) => {
          const results = [[], [1]].map((shape) => {
            const [x, y, out] = [dense(shape, dtype), dense(shape, dtype), dense(shape, dtype)];
            reference.fill(x, a);
            reference.fill(y, b);
            kernels[build]!.binary(fn, x, y, out);
            return read(out);
          });
          assert.deepEqual(results[0], results[1]);
        });
      });

      it("compares and combines truths, of floats, integers and bools", () => {
        const dtypes = fc.constantFrom<DType>("float32", "float64", "int64", "bool");
        check(fc.tuple(fc.constantFrom(...TRUTHS), twoOperands, dtypes), ([fn, { shape, a, b, seed: from }, dtype]) => {
          const [x, y] = [arranged(shape, dtype, a, from), arranged(shape, dtype, b, from + 1)];
          same(build, shape, "bool", (k, out) => k.binary(fn, x, y, out));
        });
      });

      it("keeps integers whole", () => {
        const fns = fc.constantFrom<BinaryFunction>("add", "sub", "mul", "div", "maximum", "floorDivide", "remainder");
        check(fc.tuple(fns, twoOperands), ([fn, { shape, a, seed: from }]) => {
          const x = arranged(shape, "int64", a, from);
          same(build, shape, "int64", (k, out) => k.binaryScalar(fn, x, 3, out));
        });
      });

      it("raises to powers", () => {
        const exponents = fc.constantFrom(0, 1, 2, 3, 0.5, -0.5, -1, -2, 2.5, NaN);
        check(fc.tuple(exponents, oneOperand), ([exponent, { shape, how, seed: from, dtype }]) => {
          const x = arranged(shape, dtype, how, from);
          same(build, shape, dtype, (k, out) => k.binaryScalar("pow", x, exponent, out));
        });
      });

      it("copies between any two dtypes and layouts", () => {
        const dtypes = fc.constantFrom<DType>("float32", "float64", "int64", "bool");
        check(fc.tuple(twoOperands, dtypes, dtypes), ([{ shape, a, b, seed: from }, source, target]) => {
          const x = arranged(shape, source, a, from, source === target);
          same(build, shape, target, (k, out) => k.copy(x, out));
          const plain = { ...b, kinds: b.kinds.map((kind) => (kind === "repeated" ? "plain" : kind)) };
          const [expected, actual] = [arranged(shape, target, plain, 1), arranged(shape, target, plain, 1)];
          reference.copy(x, expected);
          kernels[build]!.copy(x, actual);
          assertClose(actual, expected, 0);
          reference.fill(expected, 2);
          kernels[build]!.fill(actual, 2);
          assertClose(actual, expected, 0);
        });
      });

      it("chooses and clamps", () => {
        check(twoOperands, ({ shape, a, b, c, seed: from, dtype }) => {
          const [x, y] = [arranged(shape, dtype, a, from), arranged(shape, dtype, b, from + 1)];
          const condition = arranged(shape, "bool", c, from + 2);
          same(build, shape, dtype, (k, out) => k.where(condition, x, y, out), 0);
          same(build, shape, dtype, (k, out) => k.clamp(x, -1, 2, out), 0);
        });
      });

      it("reduces any axes", () => {
        const fns = fc.constantFrom<Reduction>(
          "sum",
          "prod",
          "max",
          "min",
          "argmax",
          "argmin",
          "any",
          "all",
          "sumOfSquares",
        );
        const cases = oneOperand.chain((one) =>
          fc.record({ one: fc.constant(one), dims: fc.subarray(one.shape.map((_, axis) => axis)), fn: fns }),
        );
        check(
          cases,
          ({ one: { shape, how, seed: from, dtype }, dims, fn }) => {
            const x = arranged(shape, dtype, how, from);
            const kept = shape.filter((_, axis) => !dims.includes(axis));
            const out = fn.startsWith("arg") ? "int64" : fn === "any" || fn === "all" ? "bool" : dtype;
            same(build, kept, out, (k, to) => k.reduce(fn, x, dims, to), TOLERANCE[dtype] * 20);
          },
          400,
        );
      });

      it("multiplies matrices of any sizes and strides", () => {
        const size = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 70 }));
        const cases = fc.record({
          m: size,
          n: size,
          k: fc.oneof(size, fc.constant(300)),
          batch: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
          a: arrangementOf(2),
          b: arrangementOf(2),
          repeatB: fc.boolean(),
          bias: fc.boolean(),
          accumulate: fc.boolean(),
          seed,
          dtype: floats,
        });
        check(
          cases,
          ({ m, n, k, batch, a, b, repeatB, bias, accumulate, seed: from, dtype }) => {
            const batched = (view: View, each: number, repeat: boolean): View => {
              if (batch.length === 0) return view;
              const whole = fillRandom(dense([...batch, each], dtype), from + 7);
              const strides = whole.strides.slice(0, -1).map((stride) => (repeat ? 0 : stride));
              return {
                dtype,
                offset: whole.offset,
                shape: [...batch, ...view.shape],
                strides: [...strides, ...view.strides],
              };
            };
            const plain = { ...a, kinds: ["plain", "plain"] as const };
            const p = batched(arranged([m, k], dtype, batch.length ? plain : a, from, false), m * k, false);
            const plainB = { ...b, kinds: ["plain", "plain"] as const };
            const q = batched(arranged([k, n], dtype, batch.length ? plainB : b, from + 1, false), k * n, repeatB);
            const options = { accumulate, ...(bias ? { bias: fillRandom(dense([n], dtype), from + 2) } : {}) };
            const shape = [...batch, m, n];
            const tolerance = TOLERANCE[dtype] * Math.sqrt(k) * 4;
            same(
              build,
              shape,
              dtype,
              (kernel, out) => kernel.gemm(p, q, out, options),
              tolerance,
              (out) => void fillRandom(out, from + 3),
            );
          },
          200,
        );
      });
    });
  }
});
