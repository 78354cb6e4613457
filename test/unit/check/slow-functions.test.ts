import assert from "node:assert/strict";
import type { FunctionEvaluator } from "../../../engine/check/replay/function-evaluator.ts";
import { fromNumbers } from "../../../engine/core/creation.ts";
import { readElements } from "../../../engine/core/elements.ts";
import { runtime } from "../../../engine/core/runtime.ts";
import { viewOf } from "../../../engine/core/view.ts";
import { autograd, randn, type Tensor } from "../../../engine/index.ts";
import { withReplayOf } from "../../fuzz/op-checks.ts";

class Same extends autograd.Function {
  static forward(_: autograd.Context, x: Tensor): Tensor {
    return x.clone();
  }
  static backward(_: autograd.Context, grad: Tensor): Tensor {
    return grad;
  }
}

/** A hundred runs of one Function, each of which takes `cost` ms of the processor. @returns how many were asked for */
async function runsOf(cost: number): Promise<number> {
  let runs = 0;
  const evaluate: FunctionEvaluator = (_pass, _row, evaluations) => {
    runs += evaluations.length;
    return Promise.resolve(
      evaluations.map(({ inputs }) => ({ outputs: inputs, gradients: null, changed: [], draws: false, cost })),
    );
  };
  const loss = Same.apply(randn([3], { requiresGrad: true })).sum();
  await withReplayOf(
    loss,
    async (replay) => {
      const row = replay.reader.schedule.forwardOrder.find((at) => replay.isFunction(at))!;
      const input = replay.recorded(replay.reader.inputs(row)[0]!);
      await replay.apply(row, Array<Tensor[]>(100).fill([input]));
    },
    evaluate,
  );
  return runs;
}

describe("Runs of a custom Function in a comparison", () => {
  it("are as many as it takes where each costs little, however long they last on a busy machine", async () => {
    assert.equal(await runsOf(1), 100);
  });

  it("are given up, with a sentence, where they cost more than their share", async () => {
    await assert.rejects(runsOf(1000), /^Error: too slow to compare: 16 runs of Same took 16 s$/);
  });

  it("keep what earlier runs answered, whose memory the next answer takes", async () => {
    let answered: Tensor[] = [];
    const evaluate: FunctionEvaluator = (_pass, _row, evaluations) => {
      const nothing = fromNumbers([NaN], [1], "float64");
      for (const tensor of answered) runtime.kernels.copy(nothing, tensor);
      answered = evaluations.map(({ inputs: [x] }) => fromNumbers(readElements(x!), x!.shape, "float64"));
      return Promise.resolve(
        answered.map((y) => ({ outputs: [viewOf(y)], gradients: null, changed: [], draws: false, cost: 1 })),
      );
    };
    const inputs = Array.from({ length: 40 }, (_, i) => i);
    const loss = Same.apply(randn([1], { requiresGrad: true })).sum();
    const results = await withReplayOf(
      loss,
      async (replay) => {
        const row = replay.reader.schedule.forwardOrder.find((at) => replay.isFunction(at))!;
        const found = await replay.apply(
          row,
          inputs.map((value) => [fromNumbers([value], [1], "float64")]),
        );
        return found.flatMap((tensor) => [...readElements(tensor)]);
      },
      evaluate,
    );
    assert.deepEqual(results, inputs);
  });
});
