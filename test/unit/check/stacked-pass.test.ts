import assert from "node:assert/strict";
import fc from "fast-check";
import type { DoubleReplay } from "../../../engine/check/replay/double-replay.ts";
import { stackOfMoves, type ElementMove } from "../../../engine/check/replay/stack.ts";
import { sampleRoots } from "../../../engine/check/replay/stacked-pass.ts";
import { F, manualSeed, nn, randint, randn, tensor, type Tensor } from "../../../engine/index.ts";
import { readElements } from "../../../engine/core/elements.ts";
import { withReplayOf } from "../../fuzz/op-checks.ts";
import { isRefusal, lossOf, programs } from "../../fuzz/programs.ts";
import { casesWithGradients, lossOfRedrawn } from "../../fuzz/redrawn.ts";
import { opNameOf } from "../../../engine/recording/node-names.ts";

const STEPS = [-0.01, 0.3];

/** Moves of a few elements of a value, all of one index along its first axis. */
function movesOf(values: Float64Array, rowSize: number): ElementMove[] {
  const row = Math.floor(values.length / rowSize / 2) * rowSize;
  const elements = [row, row + Math.floor(rowSize / 2), row + rowSize - 1];
  return elements.flatMap((element) => STEPS.map((step) => ({ element, value: values[element]! + step })));
}

/** Holds samples of every leaf, all ops taken together, against the same with each sample by itself. */
async function compareSamples(replay: DoubleReplay): Promise<number> {
  const { reader } = replay;
  // They are run by the user thread, which is not here.
  if (reader.schedule.forwardOrder.some((row) => replay.isFunction(row))) return 0;
  await replay.forward();
  let compared = 0;
  for (let row = 0; row < reader.rows; row++) {
    if (reader.isOp(row) || !reader.requiresGrad(row) || replay.value(row).numel() === 0) continue;
    const tensor = replay.value(row);
    const downstream = replay.downstream(row);
    const moves = movesOf(readElements(tensor), tensor.rank === 0 ? 1 : tensor.numel() / tensor.shape[0]!);
    for (const asSlab of tensor.rank > 0 ? [true, false] : [false]) {
      const [together, alone] = await replay.scoped(async () => [
        await sampleRoots(replay, row, downstream, stackOfMoves(tensor, moves, asSlab)),
        await sampleRoots(replay, row, downstream, stackOfMoves(tensor, moves, asSlab), { together: () => null }),
      ]);
      together.forEach((sample, k) => {
        const other = alone[k]!;
        assert.equal(sample.samePiece, other.samePiece);
        if (Number.isNaN(other.delta)) return assert.ok(Number.isNaN(sample.delta));
        const off = Math.abs(sample.delta - other.delta);
        assert.ok(
          sample.delta === other.delta || off <= 1e-9 * Math.abs(other.delta) + sample.rounding + other.rounding,
          `${sample.delta} together, ${other.delta} alone; ${downstream.map((at) => opNameOf(reader, at)).join(", ")}`,
        );
        compared++;
      });
    }
  }
  return compared;
}

function networks(): Record<string, Tensor> {
  manualSeed(7);
  const image = randn([2, 2, 6, 6]);
  const labels = randint(0, 3, [4]);
  const convolutional = new nn.Sequential(
    new nn.Conv2d(2, 3, 3, { padding: 1, stride: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(3, 2, 3),
    new nn.Tanh(),
    new nn.Flatten(),
    new nn.Linear(2, 3),
  );
  const perceptron = new nn.Sequential(new nn.Linear(5, 4), new nn.Tanh(), new nn.Linear(4, 3));
  const weight = randn([5, 3], { requiresGrad: true });
  const other = randn([3, 4], { requiresGrad: true });
  const x = randn([4, 5]);
  return {
    "a perceptron": F.crossEntropy(perceptron.forward(x), labels),
    "its losses one by one": F.crossEntropy(perceptron.forward(x), labels, { reduction: "none" }).square().sum(),
    "with examples left out": F.crossEntropy(perceptron.forward(x), labels, { ignoreIndex: 1 }),
    "a convolutional network": F.crossEntropy(convolutional.forward(image), randint(0, 3, [2])),
    "products of matrices": x.matmul(weight).relu().matmul(other).softmax(1).square().mean(),
    "transposed weights": x
      .matmul(other.t().narrow(0, 0, 3).repeat([2, 1]).narrow(0, 0, 5))
      .sum(0)
      .logsumexp(0),
    "sums with infinities": tensor(
      [
        [3, 4, 5],
        [1, -Infinity, 2],
      ],
      { requiresGrad: true },
    )
      .sum(0)
      .exp()
      .sum(),
    "a loss without bounds": F.crossEntropy(
      tensor(
        [
          [3, 4, 5],
          [1, -Infinity, 2],
        ],
        { requiresGrad: true },
      ),
      tensor([2, 1], { dtype: "int64" }),
    )
      .neg()
      .exp(),
    "one weight twice": x.matmul(weight).matmul(weight.t()).tanh().sum(),
    "a transformer's layer": new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 6, dropout: 0, batchFirst: true })
      .forward(randn([2, 3, 4]))
      .square()
      .sum(),
  };
}

describe("samples of a pass that are taken together", function () {
  this.timeout(60_000);

  for (const [name, loss] of Object.entries(networks())) {
    it(`are what each is by itself: ${name}`, async () => {
      assert.ok((await withReplayOf(loss, compareSamples)) > 0);
    });
  }

  it("are what each is by itself, in random programs", async () => {
    let compared = 0;
    const property = fc.asyncProperty(programs, async (program) => {
      try {
        const loss = lossOf({ ...program, twice: false });
        if (loss.requiresGrad) compared += await withReplayOf(loss, compareSamples);
      } catch (error) {
        if (!isRefusal(error)) throw error;
      }
    });
    await fc.assert(property, { numRuns: 150 });
    assert.ok(compared > 1000, `${compared} compared`);
  });

  it("are what each is by itself, whatever the op", async () => {
    const cases = casesWithGradients();
    let compared = 0;
    const property = fc.asyncProperty(fc.nat({ max: cases.length - 1 }), fc.nat(), async (index, seed) => {
      const loss = lossOfRedrawn(cases[index]!, seed);
      if (loss !== null) compared += await withReplayOf(loss, compareSamples);
    });
    await fc.assert(property, { numRuns: 400 });
    assert.ok(compared > 1000, `${compared} compared`);
  });
});
