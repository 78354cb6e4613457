import assert from "node:assert/strict";
import {
  arange,
  bernoulli,
  manualSeed,
  multinomial,
  ones,
  randint,
  randn,
  randperm,
  tensor,
  zeros,
  type Tensor,
} from "../../../engine/index.ts";

const bool = (data: boolean[]): Tensor => tensor(data);
const gradient = (data: number[], body: (x: Tensor) => Tensor): unknown => {
  const x = tensor(data, { dtype: "float64", requiresGrad: true });
  body(x).backward();
  return x.grad?.tolist();
};

describe("dtypes promote as in PyTorch", () => {
  it("between tensors: bool, int64, float32, float64; a scalar tensor only to a higher kind", () => {
    assert.equal(arange(2).add(ones([2])).dtype, "float32");
    assert.equal(ones([2]).add(ones([2], { dtype: "float64" })).dtype, "float64");
    assert.equal(ones([2]).mul(tensor(2, { dtype: "float64" })).dtype, "float32");
    assert.equal(arange(2).mul(tensor(2)).dtype, "float32");
    assert.equal(bool([true]).add(bool([true])).dtype, "bool");
  });

  it("with numbers: none makes a float wider, a fraction makes an integer float32", () => {
    assert.equal(ones([2]).add(0.1).dtype, "float32");
    assert.equal(arange(2).add(1).dtype, "int64");
    assert.equal(arange(2).add(1.5).dtype, "float32");
    assert.equal(bool([true]).add(1).dtype, "int64");
    assert.equal(arange(2).div(2).dtype, "float32");
    assert.deepEqual(tensor([0.1]).eq(0.1).tolist(), [true]); // 0.1 as float32
  });

  it("in sums of integers, and in functions whose results are floats", () => {
    assert.equal(bool([true, true]).sum().dtype, "int64");
    assert.equal(arange(3).exp().dtype, "float32");
    assert.equal(arange(3).floor().dtype, "int64");
  });
});

describe("ties, empty axes and axes of one element", () => {
  it("share or pick the gradient as PyTorch does", () => {
    const data = [3, 1, 3];
    assert.deepEqual(
      gradient(data, (x) => x.max()),
      [0.5, 0, 0.5],
    );
    assert.deepEqual(
      gradient(data, (x) => x.amax(0)),
      [0.5, 0, 0.5],
    );
    assert.deepEqual(
      gradient(data, (x) => x.max(0).values),
      [1, 0, 0],
    );
    assert.deepEqual(
      gradient([0, 0], (x) => x.relu().sum()),
      [0, 0],
    );
    assert.deepEqual(
      gradient([0, 0], (x) => x.norm()),
      [0, 0],
    );
    assert.deepEqual(
      gradient([2, 2], (x) => x.std()),
      [0, 0],
    );
    assert.deepEqual(
      gradient([1, 2], (x) => x.clamp(1, 2).sum()),
      [1, 1],
    );
    assert.deepEqual(
      gradient([1, 2], (x) => x.maximum(x.detach()).sum()),
      [0.5, 0.5],
    );
    assert.deepEqual(
      gradient([0, 2, 0], (x) => x.prod()),
      [0, 0, 0],
    );
    assert.deepEqual(
      gradient([0, 2, 3], (x) => x.prod()),
      [6, 0, 0],
    );
  });

  it("give the neutral element, or NaN, or are refused", () => {
    assert.equal(zeros([0]).sum().item(), 0);
    assert.equal(zeros([0]).prod().item(), 1);
    assert.ok(Number.isNaN(zeros([0]).mean().item()));
    assert.deepEqual(zeros([0, 3]).logsumexp(0).tolist(), [-Infinity, -Infinity, -Infinity]);
    assert.ok(Number.isNaN(ones([1]).std().item()));
    assert.deepEqual(
      zeros([2, 0])
        .matmul(zeros([0, 3]))
        .tolist(),
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    );
    assert.throws(() => zeros([0]).max());
    assert.deepEqual(ones([2, 0]).cumsum(1).shape, [2, 0]);
  });
});

describe("random numbers", () => {
  it("follow from the seed", () => {
    const draw = (): unknown[] => {
      manualSeed(7);
      return [randn([3]), randint(0, 10, [4]), randperm(5), bernoulli(ones([3]).mul(0.5))].map((x) => x.tolist());
    };
    assert.deepEqual(draw(), draw());
  });

  it("are drawn by methods as by functions, of what a tensor says", () => {
    const weights = tensor([0, 1, 3]);
    const seeded = <T>(draw: () => T): T => (manualSeed(3), draw());
    assert.deepEqual(
      seeded(() => weights.multinomial(8, true).tolist()),
      seeded(() => multinomial(weights, 8, true).tolist()),
    );
    assert.deepEqual(
      weights
        .multinomial({ numSamples: 2, replacement: false } as never)
        .sort()
        .values.tolist(),
      [1, 2],
    );
    assert.deepEqual(tensor([0, 1, 1]).bernoulli().tolist(), [0, 1, 1]);
    assert.throws(() => weights.multinomial(0), /multinomial: the number of draws must be positive, got 0/);
  });

  it("have the distribution that was asked for", () => {
    manualSeed(1);
    const x = randn([20_000], { dtype: "float64" });
    assert.ok(Math.abs(x.mean().item()) < 0.03 && Math.abs(x.std().item() - 1) < 0.03);
    const counts = multinomial(tensor([1, 0, 3]), 4000, true)
      .bincount(null, 3)
      .toArray();
    assert.ok(counts[1] === 0 && Math.abs(counts[2]! / counts[0]! - 3) < 0.4, String(counts));
    assert.deepEqual(randperm(6).sort().values.tolist(), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(
      multinomial(tensor([1, 0, 3]), 2)
        .sort()
        .values.tolist(),
      [0, 2],
    );
  });
});
