import assert from "node:assert/strict";
import { curvePath, heightIn, rangeOf } from "../../../engine/recording/curve.ts";

const BOX = { width: 4, height: 10 };

describe("a curve of numbers", () => {
  it("is logarithmic where its numbers lie decades apart and none is zero or below", () => {
    assert.equal(rangeOf([[1, 0.5]])?.log, false);
    assert.equal(rangeOf([[1, 0.001]])?.log, true);
    assert.equal(rangeOf([[1, 0.001], [-1]])?.log, false);
    assert.equal(rangeOf([[NaN, Infinity]]), null);
  });

  it("puts the middle of a logarithmic range at half its height", () => {
    assert.equal(heightIn({ low: 0.001, high: 10, log: true }, 0.1), 0.5);
    assert.equal(heightIn({ low: 3, high: 3, log: false }, 3), 0.5);
  });

  it("breaks where a number is not finite", () => {
    const range = { low: 0, high: 1, log: false };
    assert.equal(curvePath([0, 1, NaN, 0, 1], range, BOX), "M0.0 10.0L1.0 0.0M3.0 10.0L4.0 0.0");
  });

  it("has a dot where a number stands alone", () => {
    const range = { low: 0, high: 1, log: false };
    assert.equal(
      curvePath([1, NaN, 0, NaN, 0, 1], range, { width: 5, height: 10 }),
      "M0.0 0.0h0M2.0 10.0h0M4.0 10.0L5.0 0.0",
    );
    assert.equal(curvePath([1], range, BOX), "M0.0 0.0h0");
  });

  it("goes on past what is not there", () => {
    const range = { low: 0, high: 1, log: false };
    assert.equal(curvePath([0, null, 1, null, 0], range, BOX), "M0.0 10.0L2.0 0.0L4.0 10.0");
    const turns = Array.from({ length: 400 }, (_, i) => (i % 200 < 150 ? null : i % 2));
    assert.doesNotMatch(curvePath(turns, range, BOX).slice(1), /M/);
  });

  it("keeps the extremes where there are more numbers than pixels", () => {
    const values = Array.from({ length: 400 }, (_, i) => (i === 250 ? 1 : 0));
    const path = curvePath(values, { low: 0, high: 1, log: false }, BOX);
    assert.match(path, / 0\.0/);
    assert.ok(path.split("L").length <= 2 * BOX.width + 2, path);
  });
});
