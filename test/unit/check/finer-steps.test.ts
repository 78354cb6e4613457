import assert from "node:assert/strict";
import { compareAlong } from "../../../engine/check/difference/compare-along.ts";
import type { Sampler } from "../../../engine/check/difference/five-point.ts";
import { SINGLE_EPSILON } from "../../../engine/check/verdict/input-check.ts";
import type { Comparison } from "../../../engine/check/verdict/verdict.ts";

/** Compares `analytic` with the differences of f at x; `rounding` is that of one sample. */
function compareAt(
  f: (x: number) => number,
  x: number,
  analytic: number,
  { epsilon = Number.EPSILON, rounding = 0 } = {},
): Promise<Comparison> {
  const sampler: Sampler = (steps) =>
    Promise.resolve(
      steps.map((step) => ({
        delta: f(x + step) - f(x),
        rounding: (Math.abs(f(x + step)) + Math.abs(f(x))) * epsilon,
        samePiece: true,
      })),
    );
  const way = { element: 0, analytic, magnitude: Math.abs(x) };
  const roundingOf = (): Promise<number> => Promise.resolve(rounding);
  return compareAlong(way, sampler, { scale: 1, epsilon, isCoarse: false, roundingOf });
}

describe("a difference that contradicts a gradient, looked at with finer steps", () => {
  it("is no evidence where the function turns faster than x is large", async () => {
    // sin′ = cos
    const { verdict } = await compareAt(Math.sin, 1e5, Math.cos(1e5));
    assert.equal(verdict, "pass");
  });

  it("is no evidence where the function is steep", async () => {
    // d tanh(10⁶ x − 5·10⁵)/dx = 10⁶ at 1/2
    const { verdict, numeric } = await compareAt((x) => Math.tanh(1e6 * x - 5e5), 0.5, 1e6);
    assert.equal(verdict, "pass");
    assert.ok(Math.abs(numeric - 1e6) < 100, `${numeric}`);
  });

  it("still finds those functions' gradients wrong", async () => {
    const large = await compareAt(Math.sin, 100, -Math.cos(100));
    const steep = await compareAt((x) => Math.tanh(100 * x - 50), 0.5, 200);
    assert.deepEqual([large.verdict, steep.verdict], ["fail", "fail"]);
  });

  it("decides nothing where no step resolves the function", async () => {
    const { verdict } = await compareAt((x) => Math.sin(1e9 * x), 1, 1e9 * Math.cos(1e9), { epsilon: SINGLE_EPSILON });
    assert.notEqual(verdict, "fail");
  });

  it("decides nothing within the rounding of what was summed up", async () => {
    const { verdict, reason } = await compareAt((x) => 1e20 + x - 1e20, 1, 1, { rounding: 2e4 });
    assert.equal(verdict, "inconclusive");
    assert.match(reason ?? "", /rounding of what is summed up/u);
  });

  it("is evidence where the function is smooth", async () => {
    const { verdict } = await compareAt((x) => x ** 3, 2, 12.001);
    assert.equal(verdict, "fail");
  });
});
