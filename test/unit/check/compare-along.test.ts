import assert from "node:assert/strict";
import { compareAlong } from "../../../engine/check/difference/compare-along.ts";
import type { Sampler } from "../../../engine/check/difference/five-point.ts";

const COMPARED = { scale: 1, epsilon: Number.EPSILON, isCoarse: false, isAffine: true };

/** f(x + t) − f(x) = 3 t, and how often it was asked for. */
function line(): { readonly sampler: Sampler; readonly asked: () => number } {
  let asked = 0;
  const sampler: Sampler = (steps) => {
    asked += steps.length;
    return Promise.resolve(
      steps.map((step) => ({ delta: 3 * step, rounding: Number.EPSILON * Math.abs(3 * step), samePiece: true })),
    );
  };
  return { sampler, asked: () => asked };
}

describe("the comparison along a way of an affine function", () => {
  it("takes one sample", async () => {
    for (const magnitude of [0, 1, 1e6]) {
      const { sampler, asked } = line();
      const { verdict, numeric } = await compareAlong({ element: 0, analytic: 3, magnitude }, sampler, COMPARED);
      assert.equal(verdict, "pass");
      assert.ok(Math.abs(numeric - 3) < 1e-14);
      assert.equal(asked(), 1);
    }
  });

  it("calls another slope wrong", async () => {
    for (const analytic of [3.001, -3, 0]) {
      const { sampler } = line();
      const { verdict } = await compareAlong({ element: 0, analytic, magnitude: 1 }, sampler, COMPARED);
      assert.equal(verdict, "fail", `${analytic}`);
    }
  });
});
