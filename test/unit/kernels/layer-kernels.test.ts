import assert from "node:assert/strict";
import fc from "fast-check";
import { createKernels } from "../../../engine/kernels/create-kernels.ts";
import type { Kernels, ParameterMeasures, Statistics, Window2d } from "../../../engine/kernels/kernels.ts";
import { createReferenceKernels } from "../../../engine/kernels/reference-kernels.ts";
import type { DType } from "../../../engine/protocol/dtype.ts";
import type { View } from "../../../engine/core/view.ts";
import {
  assertClose,
  BUILD_NAMES,
  currentBuilds,
  dense,
  elementCount,
  fillRandom,
  memory,
  resetHeap,
  TOLERANCE,
} from "./fixture.ts";

const floats = fc.constantFrom<DType>("float32", "float64");
const seed = fc.integer();
const size = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });

/** Classes or positions below `limit`. */
function indices(shape: readonly number[], limit: number, from: number): View {
  const view = fillRandom(dense(shape, "float64"), from, { positive: true });
  const start = view.offset / 8;
  for (let i = 0; i < elementCount(shape); i++) {
    memory.f64[start + i] = Math.min(limit - 1, Math.floor(memory.f64[start + i]! * limit));
  }
  return { ...view, dtype: "int64" };
}

describe("kernels of layers against the reference", () => {
  const reference = createReferenceKernels(memory);
  let kernels: Readonly<Record<string, Kernels>>;

  before(async function () {
    this.timeout(120_000);
    const builds = await currentBuilds();
    kernels = Object.fromEntries(builds.map((build) => [build.name, createKernels(memory, { build })]));
  });

  /** Runs the same call on the reference and on a build, into outputs that begin with the same random numbers. */
  function same(
    build: string,
    outputs: readonly (readonly [readonly number[], DType])[],
    call: (kernels: Kernels, outs: readonly View[]) => void,
    tolerance: number,
  ): void {
    const make = (): View[] =>
      outputs.map(([shape, dtype], i) => fillRandom(dense(shape, dtype), 99 + i, { positive: true }));
    const [expected, actual] = [make(), make()];
    call(reference, expected);
    call(kernels[build]!, actual);
    actual.forEach((view, i) => assertClose(view, expected[i]!, tolerance));
  }

  function check<T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void, numRuns = 80): void {
    fc.assert(
      fc.property(arbitrary, (value) => {
        resetHeap();
        property(value);
      }),
      { numRuns },
    );
  }

  for (const build of BUILD_NAMES) {
    describe(build, () => {
      it("softmax, its logarithm and their cotangents", () => {
        check(fc.record({ rows: size(9), columns: size(40), log: fc.boolean(), dtype: floats, seed }), (c) => {
          const shape = [c.rows, c.columns];
          const [x, grad] = [fillRandom(dense(shape, c.dtype), c.seed), fillRandom(dense(shape, c.dtype), c.seed + 1)];
          const y = dense(shape, c.dtype);
          reference.softmax(x, y, c.log);
          const tolerance = TOLERANCE[c.dtype] * 10;
          same(build, [[shape, c.dtype]], (k, [out]) => k.softmax(x, out!, c.log), tolerance);
          same(build, [[shape, c.dtype]], (k, [out]) => k.softmaxBackward(grad, y, out!, c.log), tolerance);
        });
      });

      it("cross-entropy and its cotangent", () => {
        check(fc.record({ rows: size(9), columns: size(30), dtype: floats, seed, repeated: fc.boolean() }), (c) => {
          const shape = [c.rows, c.columns];
          const x = fillRandom(dense(shape, c.dtype), c.seed);
          const classes = indices([c.rows], c.columns, c.seed + 1);
          const grad = { ...fillRandom(dense([c.rows], c.dtype), c.seed + 2), strides: [c.repeated ? 0 : 1] };
          const row = [[c.rows], c.dtype] as const;
          const tolerance = TOLERANCE[c.dtype] * 10;
          same(build, [row, row], (k, [losses, sums]) => k.crossEntropy(x, classes, losses!, sums!, 1), tolerance);
          const [losses, sums] = [dense([c.rows], c.dtype), dense([c.rows], c.dtype)];
          reference.crossEntropy(x, classes, losses, sums, 1);
          same(
            build,
            [[shape, c.dtype]],
            (k, [out]) => k.crossEntropyBackward(grad, x, classes, sums, out!, 1),
            tolerance,
          );
        });
      });

      it("layer norm and batch norm, forward and backward, with any of their parameters left out", () => {
        const cases = fc.record({
          rows: size(6),
          channels: size(5),
          columns: fc.integer({ min: 2, max: 30 }),
          weighted: fc.boolean(),
          biased: fc.boolean(),
          training: fc.boolean(),
          dtype: floats,
          seed,
        });
        check(cases, (c) => {
          const tolerance = TOLERANCE[c.dtype] * 200;
          const x = fillRandom(dense([c.rows, c.columns], c.dtype), c.seed);
          const grad = fillRandom(dense([c.rows, c.columns], c.dtype), c.seed + 1);
          const weight = c.weighted ? fillRandom(dense([c.columns], c.dtype), c.seed + 2) : null;
          const bias = c.biased ? fillRandom(dense([c.columns], c.dtype), c.seed + 3) : null;
          const whole = [[c.rows, c.columns], c.dtype] as const;
          const [perRow, perColumn] = [[[c.rows], c.dtype] as const, [[c.columns], c.dtype] as const];
          same(
            build,
            [whole, perRow, perRow],
            (k, [out, mean, rstd]) => k.layerNorm(x, weight, bias, out!, mean!, rstd!, 0.1),
            tolerance,
          );
          const [mean, rstd] = [dense([c.rows], c.dtype), dense([c.rows], c.dtype)];
          reference.layerNorm(x, weight, bias, dense([c.rows, c.columns], c.dtype), mean, rstd, 0.1);
          same(
            build,
            [whole, perColumn, perColumn],
            (k, [gx, gw, gb]) => k.layerNormBackward(grad, x, weight, mean, rstd, { x: gx!, weight: gw!, bias: gb! }),
            tolerance,
          );

          const image = [c.rows, c.channels, c.columns];
          const planes = fillRandom(dense(image, c.dtype), c.seed + 4);
          const cotangent = fillRandom(dense(image, c.dtype), c.seed + 5);
          const perChannel = [[c.channels], c.dtype] as const;
          same(build, [perChannel, perChannel], (k, [m, v]) => k.channelMoments(planes, m!, v!), tolerance);
          const parameter = (from: number): View => fillRandom(dense([c.channels], c.dtype), from, { positive: true });
          const [scale, shift] = [c.weighted ? parameter(1) : null, c.biased ? parameter(2) : null];
          const [m, r] = [parameter(3), parameter(4)];
          same(build, [[image, c.dtype]], (k, [out]) => k.batchNorm(planes, scale, shift, m, r, out!), tolerance);
          same(
            build,
            [[image, c.dtype], perChannel, perChannel],
            (k, [gx, gw, gb]) =>
              k.batchNormBackward(cotangent, planes, scale, m, r, c.training, { x: gx!, weight: gw!, bias: gb! }),
            tolerance,
          );
        });
      });

      it("convolution and both its cotangents, pooling and its cotangents", () => {
        const pair = (max: number, min = 1): fc.Arbitrary<readonly [number, number]> =>
          fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
        const cases = fc.record({
          images: fc.oneof(size(3), fc.integer({ min: 7, max: 18 })),
          groups: size(2),
          channels: size(3),
          outputs: size(5),
          input: pair(13, 5),
          kernel: pair(3),
          stride: pair(3),
          padding: pair(1, 0),
          dilation: pair(2),
          biased: fc.boolean(),
          dtype: floats,
          seed,
        });
        check(cases, (c) => {
          const window: Window2d = c;
          const extent = (axis: 0 | 1): number =>
            Math.floor(
              (c.input[axis] + 2 * c.padding[axis] - c.dilation[axis] * (c.kernel[axis] - 1) - 1) / c.stride[axis],
            ) + 1;
          const output = [extent(0), extent(1)];
          const [inShape, outShape] = [
            [c.images, c.channels * c.groups, ...c.input],
            [c.images, c.outputs * c.groups, ...output],
          ];
          const weightShape = [c.outputs * c.groups, c.channels, ...c.kernel];
          const tolerance = TOLERANCE[c.dtype] * 50;
          const x = fillRandom(dense(inShape, c.dtype), c.seed);
          const weight = fillRandom(dense(weightShape, c.dtype), c.seed + 1);
          const bias = c.biased ? fillRandom(dense([c.outputs * c.groups], c.dtype), c.seed + 2) : null;
          const grad = fillRandom(dense(outShape, c.dtype), c.seed + 3);
          same(
            build,
            [[outShape, c.dtype]],
            (k, [out]) => k.conv2d(x, weight, bias, out!, window, c.groups),
            tolerance,
          );
          same(
            build,
            [[inShape, c.dtype]],
            (k, [out]) => k.conv2dInput(grad, weight, out!, window, c.groups),
            tolerance,
          );
          same(
            build,
            [[weightShape, c.dtype]],
            (k, [out]) => k.conv2dWeight(grad, x, out!, window, c.groups),
            tolerance,
          );

          const pooled = [c.images, c.channels * c.groups, ...output];
          const padding = c.padding.map((p, axis) => Math.min(p, Math.floor(c.kernel[axis]! / 2))) as [number, number];
          if (padding.some((p, axis) => p !== c.padding[axis])) return;
          const positions = [pooled, "int64"] as const;
          same(build, [[pooled, c.dtype], positions], (k, [out, at]) => k.maxPool2d(x, out!, at!, window), 0);
          const [best, at] = [dense(pooled, c.dtype), dense(pooled, "int64")];
          reference.maxPool2d(x, best, at, window);
          const cotangent = fillRandom(dense(pooled, c.dtype), c.seed + 4);
          same(build, [[inShape, c.dtype]], (k, [out]) => k.maxPool2dBackward(cotangent, at, out!), tolerance);
          const plain: Window2d = { ...window, dilation: [1, 1] };
          if (c.dilation[0] !== 1 || c.dilation[1] !== 1) return;
          same(build, [[pooled, c.dtype]], (k, [out]) => k.avgPool2d(x, out!, plain, c.biased), tolerance);
          same(
            build,
            [[inShape, c.dtype]],
            (k, [out]) => k.avgPool2dBackward(cotangent, out!, plain, c.biased),
            tolerance,
          );
        });
      });

      it("the commonest pooling, 2 × 2 with stride 2, which has a loop of its own", () => {
        const cases = fc.record({
          planes: size(3),
          ceilMode: fc.boolean(),
          height: fc.integer({ min: 2, max: 9 }),
          width: fc.integer({ min: 2, max: 21 }),
          dtype: floats,
          seed,
        });
        check(cases, (c) => {
          const window: Window2d = { kernel: [2, 2], stride: [2, 2], padding: [0, 0], dilation: [1, 1] };
          const x = fillRandom(dense([1, c.planes, c.height, c.width], c.dtype), c.seed, { special: true });
          const beyond = c.ceilMode ? 1 : 0;
          const pooled = [1, c.planes, (c.height + beyond) >> 1, (c.width + beyond) >> 1];
          same(
            build,
            [
              [pooled, c.dtype],
              [pooled, "int64"],
            ],
            (k, [out, at]) => k.maxPool2d(x, out!, at!, window),
            0,
          );
        });
      });

      it("reads and writes by index", () => {
        check(fc.record({ rows: size(9), columns: size(9), count: size(20), dtype: floats, seed }), (c) => {
          const x = fillRandom(dense([c.rows, c.columns], c.dtype), c.seed);
          const flat = indices([c.count], c.rows * c.columns, c.seed + 1);
          const rows = indices([c.count], c.rows, c.seed + 2);
          const src = fillRandom(dense([c.count], c.dtype), c.seed + 3);
          const matrix = fillRandom(dense([c.count, c.columns], c.dtype), c.seed + 4);
          const tolerance = TOLERANCE[c.dtype] * 4;
          const whole = [[c.rows, c.columns], c.dtype] as const;
          same(build, [[[c.count], c.dtype]], (k, [out]) => k.take(x, flat, out!), 0);
          same(build, [whole], (k, [out]) => k.put(out!, flat, src, false), 0);
          same(build, [whole], (k, [out]) => k.put(out!, flat, src, true), tolerance);
          same(build, [[[c.count, c.columns], c.dtype]], (k, [out]) => k.indexRows(x, rows, out!), 0);
          same(build, [whole], (k, [out]) => k.addRows(out!, rows, matrix), tolerance);
        });
      });

      it("the pointwise part of an LSTM, forward and backward", () => {
        check(
          fc.record({ rows: size(4), columns: size(9), dtype: floats, seed, only: fc.constantFrom("gates", "cell") }),
          (c) => {
            const [state, gates] = [
              [[c.rows, c.columns], c.dtype] as const,
              [[c.rows, 4 * c.columns], c.dtype] as const,
            ];
            const planes = [[6, c.rows, c.columns], c.dtype] as const;
            const x = fillRandom(dense(...gates), c.seed);
            const cell = fillRandom(dense(...state), c.seed + 1);
            const tolerance = TOLERANCE[c.dtype] * 4;
            same(build, [planes], (k, [out]) => k.lstmCell(x, cell, out!), tolerance);
            const y = dense(...planes);
            reference.lstmCell(x, cell, y);
            const grad = fillRandom(dense(...planes), c.seed + 2);
            same(
              build,
              [gates, state],
              (k, [g, previous]) => k.lstmCellBackward(grad, y, cell, { gates: g!, cell: previous! }),
              tolerance,
            );
            const one = c.only === "gates" ? gates : state;
            same(
              build,
              [one],
              (k, [out]) => k.lstmCellBackward(grad, y, cell, { gates: null, cell: null, [c.only]: out! }),
              tolerance,
            );
          },
        );
      });

      it("optimizer updates", () => {
        const flags = fc.record({ nesterov: fc.boolean(), maximize: fc.boolean(), first: fc.boolean() });
        const more = { momentum: fc.boolean(), decay: fc.constantFrom(0, 0.01), apart: fc.boolean() };
        // The larger one has several rows of the table that a step goes through.
        const count = fc.oneof({ weight: 15, arbitrary: size(40) }, { weight: 1, arbitrary: fc.constant(16_391) });
        check(fc.record({ count, dtype: floats, seed, flags, ...more }), (c) => {
          const grad = fillRandom(dense([c.count], c.dtype), c.seed);
          const one = [[c.count], c.dtype] as const;
          const tolerance = TOLERANCE[c.dtype] * 8;
          const { first, ...flags } = c.flags;
          const sgd = { lr: 0.1, momentum: c.momentum ? 0.9 : 0, dampening: 0.1, weightDecay: c.decay, ...flags };
          const moved = fillRandom(dense([c.count], c.dtype), c.seed + 1);
          const from = (p: View): View => (c.apart ? moved : p);
          // The second has another step's numbers, and moves in place what the first may have.
          same(
            build,
            [one, one, one, one],
            (k, [p, m, q, n]) =>
              k.sgd(
                [
                  { parameter: from(p!), grad, momentum: c.momentum ? m! : null, out: p!, first },
                  { parameter: q!, grad, momentum: c.momentum ? n! : null, out: q!, first: !first },
                ],
                sgd,
              ),
            tolerance,
          );
          const adam = { lr: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-3, weightDecay: c.decay };
          const options = { ...adam, decoupled: c.flags.nesterov, maximize: c.flags.maximize };
          const [three, ten] = [
            { grad, step: 3 },
            { grad, step: 10 },
          ];
          same(
            build,
            Array.from({ length: 8 }, () => one),
            (k, [p, m, v, w, p2, m2, v2, w2]) =>
              k.adam(
                [
                  {
                    ...three,
                    parameter: from(p!),
                    mean: m!,
                    variance: v!,
                    maxVariance: c.momentum ? w! : null,
                    out: p!,
                  },
                  { ...ten, parameter: p2!, mean: m2!, variance: v2!, maxVariance: c.momentum ? w2! : null, out: p2! },
                ],
                options,
              ),
            tolerance,
          );
        });
      });

      it("statistics and histograms, NaN and infinities counted apart", () => {
        check(fc.record({ count: fc.nat(70), dtype: floats, seed, special: fc.boolean() }), (c) => {
          const x = fillRandom(dense([c.count], c.dtype, c.count % 3), c.seed, { special: c.special });
          const [want, got] = [reference.statistics(x), kernels[build]!.statistics(x)];
          for (const key of Object.keys(want) as (keyof Statistics)[]) {
            const close = Math.abs(want[key] - got[key]) <= 1e-9 * Math.max(1, Math.abs(want[key]));
            assert.ok(
              Object.is(want[key], got[key]) || want[key] === got[key] || close,
              `${key}: ${got[key]}, not ${want[key]}`,
            );
          }
          assert.deepEqual(kernels[build]!.histogram(x, -2, 2, 7), reference.histogram(x, -2, 2, 7));
        });
      });

      it("measures a gradient and its parameter, in whatever order the gradient's axes lie", () => {
        check(fc.record({ rows: size(9), columns: size(9), dtype: floats, seed, special: fc.boolean() }), (c) => {
          const { rows, columns, dtype, special } = c;
          const turned = fillRandom(dense([columns, rows], dtype), c.seed, { special });
          const gradient = { ...turned, shape: [rows, columns], strides: [1, rows] };
          const value = fillRandom(dense([rows, columns], dtype), c.seed + 1);
          const before = fillRandom(dense([rows, columns], dtype), c.seed + 2);
          const measured = (k: Kernels): ParameterMeasures => k.parameterMeasures(gradient, value, before);
          const [want, got] = [measured(reference), measured(kernels[build]!)];
          for (const key of Object.keys(want) as (keyof ParameterMeasures)[]) {
            const close = Math.abs(want[key] - got[key]) <= 1e-6 * Math.max(1, Math.abs(want[key]));
            assert.ok(Object.is(want[key], got[key]) || close, `${key}: ${got[key]}, not ${want[key]}`);
          }
        });
      });

      it("gives the same random numbers as the reference", () => {
        check(fc.record({ count: size(20), dtype: floats, seed: fc.maxSafeNat(), counter: fc.maxSafeNat() }), (c) => {
          const counter = Math.min(c.counter, 2 ** 52);
          same(build, [[[c.count], c.dtype]], (k, [out]) => k.uniform(out!, c.seed, counter), 0);
        });
      });
    });
  }
});
