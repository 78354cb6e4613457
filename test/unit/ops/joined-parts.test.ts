import assert from "node:assert/strict";
import { cat, ones, type Tensor } from "../../../engine/index.ts";
import type { Application } from "../../../engine/ops/op.ts";
import * as rearrangements from "../../../engine/ops/rearrangements.ts";

describe("the gradient of joined tensors", () => {
  it("looks at each part a few times, however many there are", () => {
    const count = 500;
    let reads = 0;
    const at: Application<{ readonly dim: number }> = {
      attributes: { dim: 0 },
      inputCount: count,
      outputShape: [count],
      shape: (): readonly number[] => {
        reads++;
        return [1];
      },
      dtype: () => "float32",
      input: () => assert.fail("no input is saved"),
      get output(): Tensor {
        return assert.fail("no output is saved");
      },
    };
    const rule = rearrangements.cat.vjp;
    if (typeof rule !== "function") return assert.fail("one rule for all parts");
    const g = ones([count]);
    for (let i = 0; i < count; i++) assert.deepEqual(rule(g, at, i)?.shape, [1]);
    assert.ok(reads <= 5 * count, `${reads} reads of ${count} shapes`);
  });

  it("gives each part its own, and an empty vector nothing", () => {
    const parts = [ones([2, 1]), ones([2, 2]), ones([0]), ones([2, 3])].map((x) => x.requiresGrad_());
    const weights = cat([ones([2, 1]), ones([2, 2]).mul(2), ones([2, 3]).mul(3)], 1);
    cat(parts, 1).mul(weights).sum().backward();
    assert.deepEqual(
      parts.map((x) => x.grad?.tolist()),
      [
        [[1], [1]],
        [
          [2, 2],
          [2, 2],
        ],
        [],
        [
          [3, 3, 3],
          [3, 3, 3],
        ],
      ],
    );
  });
});
