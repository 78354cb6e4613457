import assert from "node:assert/strict";
import { F, nn, ones, randn, zeros } from "../../../engine/index.ts";

describe("a mask of an attention", () => {
  const q = randn(2, 4, 3, 8);
  const k = randn(2, 4, 5, 8);

  it("must be boolean or of the queries' dtype, and says how it becomes so", () => {
    const integers = ones([3, 5], { dtype: "int64" });
    assert.throws(
      () => F.scaledDotProductAttention(q, k, k, { attnMask: integers }),
      /scaledDotProductAttention: attnMask must be bool or float32, found int64; write attnMask\.bool\(\)/,
    );
    assert.throws(
      () => F.scaledDotProductAttention(q, k, k, { attnMask: zeros([3, 5], { dtype: "float64" }) }),
      /must be bool or float32, found float64; write attnMask\.to\("float32"\)/,
    );
    const layer = new nn.MultiheadAttention(8, 2);
    const x = randn(5, 3, 8);
    const mask = zeros([5, 5], { dtype: "int64" });
    assert.throws(() => layer.forward(x, x, x, { attnMask: mask }), /MultiheadAttention: attnMask must be bool or/);
    assert.throws(
      () => layer.forward(x, x, x, { keyPaddingMask: zeros([3, 5], { dtype: "int64" }) }),
      /keyPaddingMask must be bool or float32, found int64/,
    );
  });

  it("must have a shape that says something of each score", () => {
    for (const shape of [
      [3, 5],
      [1, 5],
      [3, 1],
      [2, 1, 3, 5],
      [4, 3, 5],
    ]) {
      assert.deepEqual(F.scaledDotProductAttention(q, k, k, { attnMask: zeros(shape) }).shape, [2, 4, 3, 8]);
    }
    for (const shape of [
      [5, 3],
      [4, 5],
      [1, 2, 4, 3, 5],
      [2, 3, 5],
    ]) {
      assert.throws(
        () => F.scaledDotProductAttention(q, k, k, { attnMask: zeros(shape) }),
        /attnMask \[.*\] does not broadcast to the scores \[2, 4, 3, 5\]; its last two axes are the queries and the keys/,
      );
    }
  });

  it("of a layer has one of PyTorch's shapes", () => {
    const layer = new nn.MultiheadAttention(8, 2);
    const x = randn(5, 3, 8);
    for (const shape of [
      [5, 5],
      [6, 5, 5],
    ]) {
      assert.deepEqual(layer.forward(x, x, x, { attnMask: zeros(shape) })[0].shape, [5, 3, 8]);
    }
    for (const shape of [[5, 4], [3, 5, 5], [5], [1, 5]]) {
      assert.throws(
        () => layer.forward(x, x, x, { attnMask: zeros(shape) }),
        /attnMask must have shape \[5, 5\] or \[6, 5, 5\], found/,
      );
    }
    assert.throws(
      () => layer.forward(x, x, x, { keyPaddingMask: zeros([5, 3], { dtype: "bool" }) }),
      /keyPaddingMask must have shape \[3, 5\], found \[5, 3\]; its axes are the batch and the keys, whatever batchFirst is/,
    );
    const one = randn(5, 8);
    layer.forward(one, one, one, { keyPaddingMask: zeros([5], { dtype: "bool" }), attnMask: zeros(2, 5, 5) });
    assert.throws(
      () => layer.forward(one, one, one, { keyPaddingMask: zeros([1, 5], { dtype: "bool" }) }),
      /keyPaddingMask must have shape \[5\], found \[1, 5\]/,
    );
  });
});
