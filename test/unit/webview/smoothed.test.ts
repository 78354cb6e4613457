import assert from "node:assert/strict";
import { smoothed } from "../../../webview/training/smoothed.ts";

describe("smoothing a curve", () => {
  it("starts at the first number, keeps a constant, and passes over what is not finite", () => {
    assert.deepEqual(smoothed([2, 2]), [2, 2]);
    const [first, second, third] = smoothed([1, NaN, 3]);
    assert.deepEqual([first, second], [1, NaN]);
    // (0.09 · 1 + 0.1 · 3) / 0.19
    assert.ok(Math.abs((third ?? 0) - 0.39 / 0.19) < 1e-12);
  });
});
