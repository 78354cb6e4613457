import assert from "node:assert/strict";
import type { Sampler } from "../../../engine/check/difference/five-point.ts";
import { remainderOrder } from "../../../engine/check/verdict/second-opinion.ts";

/** Samples of f around x, whose values carry a relative rounding error of `epsilon`. */
function around(f: (x: number) => number, x: number, epsilon = Number.EPSILON): Sampler {
  return (steps) =>
    Promise.resolve(
      steps.map((step) => ({
        delta: f(x + step) - f(x),
        rounding: (Math.abs(f(x + step)) + Math.abs(f(x))) * epsilon,
        samePiece: true,
      })),
    );
}

describe("the second opinion on a gradient", () => {
  // f(x) = x³ at 2: f′ = 3x² = 12; the odd part of the remainder with g = 12 is h³.
  const cube = around((x) => x ** 3, 2);

  it("sees a remainder of first order where the gradient is off", async () => {
    assert.equal(await remainderOrder(cube, 8, 1e-3), "first");
    assert.equal(await remainderOrder(cube, 12 * 1.001, 1e-3), "first");
  });

  it("sees one of higher order where it is right", async () => {
    assert.equal(await remainderOrder(cube, 12, 1e-2), "higher");
  });

  it("sees nothing in the rounding of the samples", async () => {
    assert.equal(
      await remainderOrder(
        around((x) => x ** 3, 2, 1e-2),
        12.001,
        1e-3,
      ),
      "unseen",
    );
    assert.equal(
      await remainderOrder(
        around((x) => 1e8 + 3 * x, 2),
        3,
        1e-3,
      ),
      "unseen",
    );
  });

  it("sees nothing where a sample is not finite", async () => {
    assert.equal(
      await remainderOrder(
        around((x) => Math.sqrt(x - 2), 2),
        1,
        1e-3,
      ),
      "unseen",
    );
  });
});
