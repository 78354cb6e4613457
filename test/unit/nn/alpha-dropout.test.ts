import assert from "node:assert/strict";
import { F, manualSeed, nn, ones, randn, zeros } from "../../../engine/index.ts";

describe("dropout for SELU", () => {
  it("keeps mean 0 and variance 1, and drops to SELU's lower end", () => {
    manualSeed(3);
    const x = randn(200, 500);
    for (const p of [0.1, 0.5, 0.8]) {
      const y = F.alphaDropout(x, p, true);
      assert.ok(Math.abs(y.mean().item()) < 0.02, `mean for ${p}`);
      assert.ok(Math.abs(y.std().item() - 1) < 0.02, `deviation for ${p}`);
    }
    // What PyTorch makes of ones and p = 0.5: a + b where kept, a · −1.758… + b where dropped.
    const scale = 1 / Math.sqrt((1.7580993408473766 ** 2 * 0.5 + 1) * 0.5);
    const shift = scale * 1.7580993408473766 * 0.5;
    const seen = new Set((F.alphaDropout(ones(1000), 0.5, true).tolist() as number[]).map((v) => v.toFixed(4)));
    const expected = [scale + shift, -scale * 1.7580993408473766 + shift].map((v) => v.toFixed(4));
    assert.deepEqual([...seen].toSorted(), expected.toSorted());
  });

  it("passes gradients to what is kept alone, and does nothing outside of training", () => {
    const x = ones([4, 3, 5], { requiresGrad: true });
    const layer = new nn.FeatureAlphaDropout(0.5);
    layer.forward(x).sum().backward();
    for (const channel of (x.grad!.tolist() as number[][][]).flat()) assert.equal(new Set(channel).size, 1);
    assert.equal(new nn.AlphaDropout().eval().forward(x), x);
    assert.equal(F.alphaDropout(x), x);
    assert.deepEqual(F.alphaDropout(ones(3), 1, true).tolist(), [0, 0, 0]);
    assert.throws(() => F.featureAlphaDropout(zeros(3), 0.5, true), /expected x \[N, C, \.\.\.\], found \[3\]/);
    assert.throws(() => new nn.AlphaDropout(2), /AlphaDropout: p must be in \[0, 1\], found 2/);
  });
});
