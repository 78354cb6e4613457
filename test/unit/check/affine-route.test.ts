import assert from "node:assert/strict";
import { withGradMode } from "../../../engine/context/grad-mode.ts";
import { affineRoute, derivativesThrough } from "../../../engine/check/difference/affine-route.ts";
import type { DoubleReplay } from "../../../engine/check/replay/double-replay.ts";
import { fivePointDerivative } from "../../../engine/check/difference/five-point.ts";
import { moveElements } from "../../../engine/check/difference/move-elements.ts";
import { sampleRoots } from "../../../engine/check/replay/stacked-pass.ts";
import { F, manualSeed, nn, randint, randn, tensor, type Tensor } from "../../../engine/index.ts";
import { apply } from "../../../engine/ops/apply.ts";
import { isAffine } from "../../../engine/ops/op.ts";
import { readElements } from "../../../engine/core/elements.ts";
import { isFloating } from "../../../engine/core/tensor.ts";
import { withReplayOf } from "../../fuzz/op-checks.ts";
import { casesWithGradients, lossOfRedrawn } from "../../fuzz/redrawn.ts";
import { opNameOf } from "../../../engine/recording/node-names.ts";

/** The last value of the one leaf's route, as a model file writes the op that gives it; null without a route. */
function endOfRoute(replay: DoubleReplay): string | null {
  const { reader } = replay;
  const { rows } = reader;
  const row = Array.from({ length: rows }, (_, i) => i).find((i) => !replay.reader.isOp(i) && reader.requiresGrad(i))!;
  const last = affineRoute(replay, row, replay.downstream(row)).at(-1);
  return last === undefined ? null : opNameOf(replay.reader, last);
}

/** Holds the derivatives by each leaf that has a route against those with each element moved. */
async function compareRoutes(replay: DoubleReplay): Promise<number> {
  const { reader } = replay;
  await replay.forward();
  const cotangents = await replay.backward();
  let compared = 0;
  for (let row = 0; row < reader.rows; row++) {
    if (reader.isOp(row) || !reader.requiresGrad(row)) continue;
    const downstream = replay.downstream(row);
    const route = affineRoute(replay, row, downstream);
    if (route.length === 0) continue;
    const tensor = replay.value(row);
    const elements = Array.from({ length: tensor.numel() }, (_, i) => i);
    const behind = { analytic: readElements(cotangents[route.at(-1)!]!), scale: 1, epsilon: Number.EPSILON };
    const found = await derivativesThrough(replay, row, route, elements, behind);
    const direct = await moveElements(
      tensor,
      elements,
      Math.max(...downstream.map((at) => replay.value(at).numel())),
      (stackOf) => replay.scoped(() => sampleRoots(replay, row, downstream, stackOf())),
      (_, magnitude, sampler) => fivePointDerivative(sampler, magnitude),
    );
    direct.forEach(({ value, errorBar, smooth }, i) => {
      const one = found[i];
      if (!one || !smooth) return;
      const off = Math.abs(one.value - value);
      assert.ok(off <= errorBar + one.errorBar, `${one.value} ± ${one.errorBar}, moved ${value} ± ${errorBar}`);
      compared++;
    });
  }
  return compared;
}

function networks(): Record<string, { readonly loss: Tensor; readonly compared: number }> {
  manualSeed(11);
  const x = randn([3, 8]);
  const weight = randn([8, 5], { requiresGrad: true });
  const rows = randn([5, 8], { requiresGrad: true });
  const filters = randn([4, 3, 3, 3], { requiresGrad: true });
  const perceptron = new nn.Sequential(new nn.Linear(8, 6), new nn.Tanh(), new nn.Linear(6, 5));
  const rectified = new nn.Sequential(new nn.Linear(8, 6), new nn.ReLU(), new nn.Linear(6, 5));
  const labels = randint(0, 5, [3]);
  return {
    "a perceptron's": { loss: F.crossEntropy(perceptron.forward(x), labels), compared: 48 + 30 },
    "one with kinks'": { loss: F.crossEntropy(rectified.forward(x), labels), compared: 48 + 30 },
    "of a product": { loss: x.matmul(weight).sigmoid().square().mean(), compared: 40 },
    "of a transposed weight": { loss: x.matmul(rows.t()).sigmoid().square().sum(), compared: 40 },
    "of the rows that are used": {
      loss: x
        .matmul(rows.t().narrow(1, 1, 2))
        .exp()
        .sum(),
      compared: 40,
    },
    "of filters that reach over all of an image": {
      loss: F.conv2d(randn([2, 3, 3, 3]), filters)
        .tanh()
        .sum(),
      compared: 108,
    },
  };
}

describe("derivatives through what an affine op gives", () => {
  for (const [name, { loss, compared }] of Object.entries(networks())) {
    it(`are those with each element moved: ${name}`, async () => {
      assert.equal(await withReplayOf(loss, compareRoutes), compared);
    });
  }

  it("are taken at the smallest value, and only where all goes through it", async () => {
    manualSeed(3);
    const x = randn([2, 6]);
    const weight = randn([6, 4], { requiresGrad: true });
    const end = (loss: Tensor): Promise<string | null> =>
      withReplayOf(loss, (replay) => Promise.resolve(endOfRoute(replay)));
    assert.equal(await end(weight.t().matmul(x.t()).t().sum()), "matmul");
    assert.equal(
      await end(
        x
          .matmul(weight)
          .matmul(randn([4, 1]))
          .tanh()
          .sum(),
      ),
      "matmul",
    );
    assert.equal(await end(x.matmul(weight).sum().add(weight.sum())), null, "used twice");
    assert.equal(await end(weight.matmul(weight.t()).sum()), null, "with itself");
    assert.equal(
      await end(
        weight
          .tanh()
          .matmul(randn([4, 1]))
          .sum(),
      ),
      null,
      "not affine",
    );
    assert.equal(await end(randn([20, 6]).matmul(weight).tanh().sum()), null, "larger");
    assert.equal(await end(tensor(2, { requiresGrad: true }).expand([0]).exp().sum()), null, "empty");
  });

  it("do not take what is lost in large numbers for nothing", async () => {
    const x = [1, 1, -1];
    const options = { dtype: "float64" } as const;
    const weight = tensor([[1e18, 1e18, 2e18]], { ...options, requiresGrad: true });
    await withReplayOf(F.linear(tensor([x], options), weight).sum(), async (replay) => {
      await replay.forward();
      const { reader } = replay;
      const { rows } = reader;
      const row = Array.from({ length: rows }, (_, i) => i).find((i) => reader.requiresGrad(i))!;
      const route = affineRoute(replay, row, replay.downstream(row));
      const behind = { analytic: Float64Array.of(1), scale: 1, epsilon: Number.EPSILON };
      const found = await derivativesThrough(replay, row, route, [0, 1, 2], behind);
      assert.deepEqual(
        found.map((one) => one?.value),
        x,
      );
    });
  });
});

describe("ops that call themselves affine", function () {
  this.timeout(60_000);

  it("have the same difference quotient for every step", async () => {
    let compared = 0;
    const seen = new Set<string>();
    const cases = casesWithGradients().filter(({ code }) => /linear|matmul|mm\(|conv|transpose|narrow/.test(code));
    for (const [n, parityCase] of cases.entries()) {
      const loss = lossOfRedrawn(parityCase, n);
      if (loss === null) continue;
      await withReplayOf(loss, async (replay) => {
        for (const row of replay.reader.schedule.forwardOrder) {
          const op = replay.reader.op(row);
          if (!op || !isAffine(op)) continue;
          const inputs = replay.reader.inputs(row).map((input) => replay.recorded(input));
          inputs.forEach((input, i) => {
            if (!isFloating(input.dtype)) return;
            withGradMode(false, () => {
              const way = input.mul(0).add(0.5).mul(input.add(3).sin());
              const at = (step: number): Tensor =>
                apply(op, inputs.with(i, input.add(way.mul(step))), replay.attributes(row));
              const once = readElements(at(1).sub(at(0)));
              const further = readElements(at(3).sub(at(0)));
              const scale = Math.max(1, ...readElements(at(3)).map(Math.abs));
              once.forEach((change, k) => assert.ok(Math.abs(further[k]! - 3 * change) <= 1e-12 * scale, op.id));
            });
            seen.add(op.id);
            compared++;
          });
        }
      });
    }
    assert.ok(compared > 100, `${compared} compared`);
    for (const id of ["linear", "matmul", "conv1d", "conv2d", "transpose"]) assert.ok(seen.has(id), id);
  });
});
