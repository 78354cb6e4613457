import assert from "node:assert/strict";
import { createKernels } from "../../../engine/kernels/create-kernels.ts";
import type { KernelBuild } from "../../../engine/kernels/kernel-build.ts";
import type { Kernels, Window2d } from "../../../engine/kernels/kernels.ts";
import type { DType } from "../../../engine/protocol/dtype.ts";
import type { View } from "../../../engine/core/view.ts";
import { createPool, type Pool } from "../../../engine/threads/pool.ts";
import {
  BUILD_NAMES,
  currentBuilds,
  dense,
  elementsOf,
  elementCount,
  fillRandom,
  memory,
  resetHeap,
} from "./fixture.ts";

const WINDOW: Window2d = { kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1] };
const HALVES: Window2d = { kernel: [2, 2], stride: [2, 2], padding: [0, 0], dilation: [1, 1] };

interface LargeCall {
  readonly name: string;
  readonly outputs: readonly (readonly [readonly number[], DType?])[];
  readonly inputs: readonly (readonly number[])[];
  readonly run: (kernels: Kernels, inputs: readonly View[], outs: readonly View[]) => void;
}

const turned = (x: View): View => ({ ...x, shape: x.shape.toReversed(), strides: x.strides.toReversed() });

/** Calls that are large enough to be divided. */
const CALLS: readonly LargeCall[] = [
  {
    name: "a product divided by rows",
    inputs: [[301, 130], [130, 70], [70]],
    outputs: [[[301, 70]]],
    run: (k, [a, b, bias], [out]) => k.gemm(a!, b!, out!, { bias: bias! }),
  },
  {
    name: "a product divided by columns",
    inputs: [[64, 130], [333, 130], [333]],
    outputs: [[[64, 333]]],
    run: (k, [a, b, bias], [out]) => k.gemm(a!, turned(b!), out!, { bias: bias! }),
  },
  {
    name: "a product that is added to its result",
    inputs: [
      [300, 64],
      [64, 300],
    ],
    outputs: [[[300, 300]]],
    run: (k, [a, b], [out]) => k.gemm(a!, b!, out!, { accumulate: true }),
  },
  {
    name: "a batch of products",
    inputs: [
      [33, 40, 32],
      [33, 32, 40],
    ],
    outputs: [[[33, 40, 40]]],
    run: (k, [a, b], [out]) => k.gemm(a!, b!, out!),
  },
  { name: "exp", inputs: [[50_001]], outputs: [[[50_001]]], run: (k, [x], [out]) => k.unary("exp", x!, out!) },
  {
    name: "mul",
    inputs: [[150_001], [150_001]],
    outputs: [[[150_001]]],
    run: (k, [a, b], [out]) => k.binary("mul", a!, b!, out!),
  },
  {
    name: "ge",
    inputs: [[150_001], [150_001]],
    outputs: [[[150_001], "bool"]],
    run: (k, [a, b], [out]) => k.binary("ge", a!, b!, out!),
  },
  { name: "softmax", inputs: [[301, 77]], outputs: [[[301, 77]]], run: (k, [x], [out]) => k.softmax(x!, out!, false) },
  {
    name: "softmax's cotangent",
    inputs: [
      [601, 77],
      [601, 77],
    ],
    outputs: [[[601, 77]]],
    run: (k, [g, y], [out]) => k.softmaxBackward(g!, y!, out!, true),
  },
  {
    name: "layer norm",
    inputs: [[401, 129], [129], [129]],
    outputs: [[[401, 129]], [[401]], [[401]]],
    run: (k, [x, w, b], [out, mean, rstd]) => k.layerNorm(x!, w!, b!, out!, mean!, rstd!, 1e-5),
  },
  {
    name: "sums of rows",
    inputs: [[301, 257]],
    outputs: [[[301]]],
    run: (k, [x], [out]) => k.reduce("sum", x!, [1], out!),
  },
  {
    name: "sums of columns",
    inputs: [[301, 257]],
    outputs: [[[257]]],
    run: (k, [x], [out]) => k.reduce("sum", x!, [0], out!),
  },
  {
    name: "a convolution",
    inputs: [[7, 3, 20, 20], [8, 3, 3, 3], [8]],
    outputs: [[[7, 8, 20, 20]]],
    run: (k, [x, w, b], [out]) => k.conv2d(x!, w!, b!, out!, WINDOW, 1),
  },
  {
    name: "a convolution's cotangent of its input",
    inputs: [
      [7, 8, 20, 20],
      [8, 3, 3, 3],
    ],
    outputs: [[[7, 3, 20, 20]]],
    run: (k, [g, w], [out]) => k.conv2dInput(g!, w!, out!, WINDOW, 1),
  },
  {
    name: "a convolution's cotangent of its weight",
    inputs: [
      [9, 8, 20, 20],
      [9, 5, 20, 20],
    ],
    outputs: [[[8, 5, 3, 3]]],
    run: (k, [g, x], [out]) => k.conv2dWeight(g!, x!, out!, WINDOW, 1),
  },
  {
    name: "pooling",
    inputs: [[3, 31, 20, 20]],
    outputs: [[[3, 31, 10, 10]], [[3, 31, 10, 10], "int64"]],
    run: (k, [x], [out, at]) => k.maxPool2d(x!, out!, at!, HALVES),
  },
  {
    name: "a pooling's cotangent of its input",
    inputs: [
      [5, 31, 20, 20],
      [5, 31, 10, 10],
    ],
    outputs: [[[5, 31, 20, 20]], [[5, 31, 10, 10]], [[5, 31, 10, 10], "int64"]],
    run: (k, [x, g], [out, best, at]) => {
      k.maxPool2d(x!, best!, at!, HALVES);
      k.maxPool2dBackward(g!, at!, out!);
    },
  },
];

describe("kernels on several threads", () => {
  let builds: readonly KernelBuild[];
  let pools: readonly Pool[] = [];

  before(async function () {
    this.timeout(120_000);
    builds = await currentBuilds();
  });

  afterEach(async () => {
    await Promise.all(pools.map((pool) => pool.dispose()));
    pools = [];
  });

  const bytesOf = (view: View): Uint8Array => {
    const { BYTES_PER_ELEMENT: size } = elementsOf(view.dtype);
    return memory.u8.slice(view.offset, view.offset + elementCount(view.shape) * size);
  };

  for (const name of BUILD_NAMES) {
    for (const threads of [2, 3, 4]) {
      it(`${name}: gives the same bits on ${threads} threads as on one`, async function () {
        this.timeout(30_000);
        const build = builds.find((each) => each.name === name)!;
        const pool = createPool(memory, { threads, build });
        pools = [pool];
        await pool.ready();
        const alone = createKernels(memory, { build });
        const together = createKernels(memory, { build, pool: pool.caller });
        for (const dtype of ["float32", "float64"] as const) {
          for (const call of CALLS) {
            resetHeap();
            const inputs = call.inputs.map((shape, i) => fillRandom(dense(shape, dtype), i + 1));
            const make = (): View[] => call.outputs.map(([shape, own], i) => fillRandom(dense(shape, own ?? dtype), i));
            const [expected, actual] = [make(), make()];
            call.run(alone, inputs, expected);
            call.run(together, inputs, actual);
            actual.forEach((view, i) => {
              assert.ok(Buffer.compare(bytesOf(view), bytesOf(expected[i]!)) === 0, `${call.name} in ${dtype}`);
            });
          }
        }
      });
    }
  }
});
