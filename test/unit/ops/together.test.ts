import assert from "node:assert/strict";
import { autograd, F, nn, ones, tensor, type Tensor } from "../../../engine/index.ts";
import { apply } from "../../../engine/ops/apply.ts";
import { attention, isLargeAttention } from "../../../engine/ops/attention.ts";
import { lstmCell } from "../../../engine/ops/lstm-cell.ts";
import { batchNorm, layerNorm } from "../../../engine/ops/normalisation.ts";
import { allOps, type Op } from "../../../engine/ops/op.ts";

let seed = 1;
/** Numbers without a pattern, in [−1, 1). */
function random(shape: readonly number[], dtype: "float32" | "float64" = "float32"): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Array.from({ length: count }, () => ((seed = (seed * 48271) % 2147483647) / 2147483647) * 2 - 1);
  return tensor(data, { dtype })
    .reshape([...shape])
    .requiresGrad_();
}

const allowed = tensor([
  [true, false, true, true],
  [true, true, false, true],
  [false, false, true, true],
]);
const of = { scale: 0.5, isCausal: false };
const norm = { eps: 1e-5 };

const cases: readonly (readonly [Op<never>, Tensor[], object])[] = [
  [layerNorm, [random([5, 3, 7]), random([7]), random([7])], { ...norm, normalized: [7] }],
  [layerNorm, [random([4, 3, 7]), random([3, 7]), random([3, 7])], { ...norm, normalized: [3, 7] }],
  [batchNorm, [random([5, 3, 7]), random([3]), random([3])], { ...norm, normalized: [] }],
  [lstmCell, [random([3, 20]), random([3, 5])], {}],
  [lstmCell, [random([20], "float64"), random([5], "float64")], {}],
  [attention, [random([2, 3, 5]), random([2, 4, 5]), random([2, 4, 6])], of],
  [attention, [random([2, 2, 3, 5]), random([2, 2, 4, 5]), random([2, 2, 4, 6]), allowed], of],
  [attention, [random([3, 5]), random([4, 5]), random([4, 6])], { ...of, isCausal: true }],
];

describe("cotangents of several inputs in one loop", () => {
  for (const [op, inputs, attributes] of cases) {
    it(`are to the bit those of one input after the other: ${op.name} of ${inputs.length}`, () => {
      const run = (): Tensor => {
        const out = apply(op, inputs, attributes as never);
        return out.mul(out.detach().mul(3).sin()).sum();
      };
      const learned = inputs.filter((input) => input.requiresGrad);
      const together = autograd.grad(run(), learned);
      learned.forEach((input, i) => {
        assert.deepEqual(together[i]!.toArray(), autograd.grad(run(), input)[0]!.toArray(), `input ${i}`);
      });
    });
  }

  it("is held so for every op that has such a loop", () => {
    const tried = new Set<string>(cases.map(([op]) => op.id));
    assert.deepEqual(
      allOps()
        .filter((op) => op.together !== undefined && !tried.has(op.id))
        .map(({ id }) => id),
      [],
    );
  });
});

/** As it is written down, with all scores in memory. */
function plain(q: Tensor, k: Tensor, v: Tensor, added: Tensor | null, scale: number): Tensor {
  const scores = q.mul(scale).matmul(k.transpose(-2, -1));
  return (added ? scores.add(added) : scores).softmax(-1).matmul(v);
}

describe("attention without its scores", () => {
  const near = (a: Tensor, b: Tensor): void => {
    assert.deepEqual(a.shape, b.shape);
    assert.ok(a.sub(b).abs().max().item() < 1e-12);
  };

  it("is softmax(s q kᵀ + mask) v, and so are its gradients, over many blocks of rows", () => {
    const [q, k, v] = [random([1049, 2], "float64"), random([1000, 2], "float64"), random([1000, 3], "float64")];
    const mask = random([1000], "float64").detach();
    const weights = random([1049, 3], "float64").detach();
    const out = apply(attention, [q, k, v, mask], of);
    const expected = plain(q, k, v, mask, 0.5);
    near(out, expected);
    const gradients = autograd.grad(out.mul(weights).sum(), [q, k, v]);
    autograd.grad(expected.mul(weights).sum(), [q, k, v]).forEach((one, i) => near(gradients[i]!, one));
  });

  it("lets position i see positions up to i, and none of a row that a mask forbids", () => {
    const [q, k, v] = [random([2, 5, 3], "float64"), random([2, 4, 3], "float64"), random([2, 4, 2], "float64")];
    const later = tensor([0, 1, 2, 3, 4].map((i) => [0, 1, 2, 3].map((j) => (j <= i ? 0 : -Infinity))));
    near(apply(attention, [q, k, v], { ...of, isCausal: true }), plain(q, k, v, later.double(), 0.5));
    const none = ones([5, 4]).mul(0).bool();
    assert.ok(apply(attention, [q, k, v, none], of).isnan().all().item() === 1);
  });

  it("is what layers and functions take where there are many scores, and they need not be shown", () => {
    const x = random([2048, 1, 2]);
    const layer = new nn.MultiheadAttention(2, 1);
    const [few] = layer.forward(x, x, x, { needWeights: false });
    const [shown] = layer.forward(x, x, x);
    assert.ok(few.sub(shown).abs().max().item() < 1e-5);
    const [q, k, v] = [x.transpose(0, 1), x.transpose(0, 1), x.transpose(0, 1)];
    assert.equal(F.scaledDotProductAttention(q, k, v).node?.name, "attention");
    assert.equal(F.scaledDotProductAttention(q.narrow(1, 0, 9), k, v).node?.name, "matmul");
    assert.ok(!isLargeAttention(q, k, v, random([2048])), "a mask that learns");
  });

  it("can be differentiated twice, as its rule goes op by op then", () => {
    const [q, k, v] = [random([2, 3, 2], "float64"), random([2, 4, 2], "float64"), random([2, 4, 2], "float64")];
    const second = (out: Tensor): Tensor[] => {
      const first = autograd.grad(out.square().sum(), [q, k, v], { createGraph: true });
      return autograd.grad(
        first.map((g) => g.square().sum()).reduce((a, b) => a.add(b)),
        [q, k, v],
      );
    };
    const expected = second(plain(q, k, v, null, 0.5));
    second(apply(attention, [q, k, v], of)).forEach((one, i) =>
      assert.ok(one.sub(expected[i]!).abs().max().item() < 1e-10),
    );
  });
});
