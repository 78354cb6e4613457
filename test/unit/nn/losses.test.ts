import assert from "node:assert/strict";
import { F, tensor, type Tensor } from "../../../engine/index.ts";
import { onWarning } from "../../../engine/context/warning.ts";
import { assertClose, assertGradients, some } from "./finite-differences.ts";

const int64 = { dtype: "int64" } as const;
const float64 = { dtype: "float64" } as const;

describe("losses", () => {
  for (const reduction of ["mean", "sum", "none"] as const) {
    it(`have gradients that agree with finite differences, reduced by "${reduction}"`, function () {
      this.timeout(20_000);
      const [y, t] = [some([3, 4]), some([3, 4], 1)];
      const sign = tensor([1, -1, 1], float64);
      const classes = tensor([2, 0, 3], int64);
      const p = (): Tensor => y.sigmoid();
      const pairs: (() => Tensor)[] = [
        () => F.mseLoss(y, t, { reduction }),
        () => F.poissonNllLoss(y, t.exp(), { reduction, full: true }),
        () => F.gaussianNllLoss(y, t, y.exp(), { reduction, full: true }),
        () => F.l1Loss(y, t, { reduction }),
        () => F.smoothL1Loss(y, t, { beta: 0.5, reduction }),
        () => F.huberLoss(y, t, { delta: 0.7, reduction }),
        () => F.klDiv(F.logSoftmax(y, 1), F.softmax(t, 1), { reduction }),
        () => F.binaryCrossEntropy(p(), t.sigmoid(), { reduction }),
        () => F.binaryCrossEntropyWithLogits(y, t.sigmoid(), { posWeight: tensor([1, 2, 3, 4], float64), reduction }),
        () => F.crossEntropy(y, F.softmax(t, 1), { reduction, labelSmoothing: 0.1 }),
      ];
      for (const loss of pairs) assertGradients(loss, [y, t]);
      const weight = tensor([1, 2, 0.5, 3], float64);
      assertGradients(() => F.crossEntropy(y, classes, { weight, labelSmoothing: 0.2, reduction }), [y]);
      assertGradients(() => F.nllLoss(F.logSoftmax(y, 1), classes, { ignoreIndex: 0, reduction }), [y]);
      assertGradients(() => F.multiMarginLoss(y, classes, { reduction }), [y]);
      const [a, b] = [some([3]), some([3], 1)];
      assertGradients(() => F.marginRankingLoss(a, b, sign, { margin: 0.3, reduction }), [a, b]);
      assertGradients(() => F.hingeEmbeddingLoss(a, sign, { reduction }), [a]);
      assertGradients(() => F.softMarginLoss(a, sign, { reduction }), [a]);
      assertGradients(() => F.tripletMarginLoss(y, t, some([3, 4], 2), { reduction }), [y, t], { second: false });
      assertGradients(() => F.cosineEmbeddingLoss(y, t, sign, { reduction }), [y, t]);
    });
  }

  it("crossEntropy of equal logits is log C", () => {
    assertClose(F.crossEntropy(tensor([[5, 5, 5]], float64), tensor([1], int64)).toArray(), [Math.log(3)], "", 1e-12);
  });

  it("take logits of any size without overflow", () => {
    const z = tensor([1000, -1000, 0], { ...float64, requiresGrad: true });
    const loss = F.binaryCrossEntropyWithLogits(z, tensor([1, 0, 1], float64), { reduction: "none" });
    assertClose(loss.toArray(), [0, 0, Math.LN2]);
    loss.sum().backward();
    // σ(z) − t: at z = 0 it is −½.
    assertClose(z.grad!.toArray(), [0, 0, -0.5]);
    assert.equal(F.crossEntropy(tensor([[1e4, 0]]), tensor([1], int64)).item(), 1e4);
  });

  it("divide by the weights of the targets that count", () => {
    const logProbs = tensor(
      [
        [-1, -2],
        [-3, -4],
        [-5, -6],
      ],
      float64,
    );
    const loss = F.nllLoss(logProbs, tensor([0, 1, 1], int64), { weight: tensor([1, 3], float64), ignoreIndex: -100 });
    assertClose(loss.toArray(), [(1 + 3 * 4 + 3 * 6) / 7], "", 1e-12);
    assert.ok(Number.isNaN(F.nllLoss(logProbs, tensor([9, 9, 9], int64), { ignoreIndex: 9 }).item()));
  });

  it("refuse targets that are no classes, under the name that the file wrote", () => {
    const logits = tensor([[1, 2, 3]]);
    assert.throws(
      () => F.crossEntropy(logits, tensor([3], int64)),
      /crossEntropy: class 3 in target is out of range: there are 3 classes/,
    );
    assert.throws(
      () => F.crossEntropy(logits, tensor([1])),
      /crossEntropy: target must be int64 class indices, this is float32/,
    );
    assert.throws(() => F.nllLoss(logits, tensor([1])), /nllLoss: target must be int64/);
    assert.throws(
      () => F.nllLoss(logits, tensor([1, 2], int64)),
      /nllLoss: input \[1, 3\] needs a target of shape \[1\], found \[2\]/,
    );
    assert.throws(
      () => F.mseLoss(tensor([1, 2]), tensor([1, 2, 3])),
      /mseLoss: shapes \[2\] and \[3\] do not broadcast/,
    );
    assert.throws(() => F.binaryCrossEntropy(tensor([2]), tensor([1])), /probabilities must be in \[0, 1\], found 2/);
    assert.throws(() => F.mseLoss(logits, logits, { reduction: "average" as "mean" }), /reduction must be/);
  });

  it("warn when (N, 1) meets (N)", () => {
    const seen: string[] = [];
    {
      using _ = onWarning((_kind, message) => seen.push(message));
      F.mseLoss(tensor([[1], [2]]), tensor([1, 2]));
      F.mseLoss(tensor([1, 2]), tensor([1, 2]));
    }
    assert.deepEqual(seen, [
      "mseLoss: input [2, 1] and target [2] broadcast to [2, 2]; reshape one unless that is meant",
    ]);
  });
});
