import assert from "node:assert/strict";
import { F, nn, randn, tensor } from "../../../engine/index.ts";

describe("the loss of labels without places in time", () => {
  const labels = (values: number[] | number[][]) => tensor(values, { dtype: "int64" });

  it("is minus the logarithm of the sum over all ways to spread them", () => {
    const x = F.logSoftmax(randn([3, 1, 3], { dtype: "float64" }), -1);
    const p = x.exp().squeeze(1).tolist() as number[][];
    let sum = 0;
    for (const path of Array.from({ length: 27 }, (_, i) => [i % 3, Math.floor(i / 3) % 3, Math.floor(i / 9)])) {
      const merged = path.filter((label, t) => label !== path[t - 1]).filter((label) => label !== 0);
      if (merged.join() === "1,2") sum += path.reduce((product, label, t) => product * p[t]![label]!, 1);
    }
    const loss = F.ctcLoss(x, labels([[1, 2]]), [3], [2], { reduction: "sum" });
    assert.ok(Math.abs(loss.item() + Math.log(sum)) < 1e-12);
  });

  it("is infinite for a sequence that is too short, or 0 where that is asked for", () => {
    const x = F.logSoftmax(randn(2, 1, 3), -1);
    assert.equal(F.ctcLoss(x, labels([[1, 1]]), [2], [2]).item(), Infinity);
    assert.equal(new nn.CTCLoss({ zeroInfinity: true }).forward(x, labels([[1, 1]]), [2], [2]).item(), 0);
    assert.ok(Number.isFinite(F.ctcLoss(x, labels([[1, 2]]), labels([2]), labels([2])).item()));
  });

  it("says what does not fit", () => {
    const x = randn(4, 2, 3);
    assert.throws(() => F.ctcLoss(x, labels([[1], [2]]), [5, 4], [1, 1]), /of 2 sequences of at most 4 steps each/);
    assert.throws(() => F.ctcLoss(x, labels([[1], [3]]), [4, 4], [1, 1]), /class 3 is out of range for 3 classes/);
    assert.throws(() => F.ctcLoss(x, labels([1]), [4, 4], [1, 1]), /have not as many labels as targetLengths say/);
    assert.throws(() => F.ctcLoss(randn(3), labels([1]), [4], [1]), /expected logProbs \[T, N, C\] or \[T, C\]/);
    assert.throws(() => F.ctcLoss(x, labels([[1], [2]]), [4, -1], [1, 1]), /inputLengths must be whole numbers/);
  });
});
