import assert from "node:assert/strict";
import { numberText, roundedText } from "../../../engine/recording/number-text.ts";

describe("Text of numbers", () => {
  it("rounds within a sentence and leaves zeros at the end away", () => {
    assert.equal(roundedText(0.5), "0.5");
    assert.equal(roundedText(2.30258), "2.3");
    assert.equal(roundedText(2.30258, 4), "2.303");
    assert.equal(roundedText(12345.6), "12300");
  });

  it("writes whole numbers below a million as they are", () => {
    assert.equal(roundedText(1234), "1234");
    assert.equal(roundedText(-7), "-7");
    assert.equal(roundedText(-0), "0");
    assert.equal(roundedText(12_000_000), "1.2e7");
  });

  it("gives very small and very large numbers an exponent", () => {
    assert.equal(roundedText(5.371e-13), "5.37e-13");
    assert.equal(roundedText(1e-10), "1e-10");
    assert.equal(roundedText(1.005e-20, 2), "1e-20");
  });

  it("has the same words for what is not finite wherever a number stands", () => {
    for (const value of [NaN, Infinity, -Infinity]) assert.equal(roundedText(value), numberText(value));
    assert.equal(roundedText(-Infinity), "-Inf");
  });
});
