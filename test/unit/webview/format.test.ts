import assert from "node:assert/strict";
import fc from "fast-check";
import { bytesText, exactText, percentText } from "../../../engine/recording/number-text.ts";
import {
  formatElement,
  formatNumber,
  formatRounded,
  formatScale,
  formatShape,
  sharedExponent,
} from "../../../webview/ui/format.ts";

describe("numbers of the panel", () => {
  it("have three significant digits, plain between 1e-3 and 1e4", () => {
    assert.equal(formatNumber(97.04), "97.0");
    assert.equal(formatNumber(0.41199), "0.412");
    assert.equal(formatNumber(1), "1.00");
    assert.equal(formatNumber(1234.4), "1234");
    assert.equal(formatNumber(0.001), "0.00100");
    assert.equal(formatNumber(0), "0");
  });

  it("turn to exponents outside of that, also where rounding takes them there", () => {
    assert.equal(formatNumber(0.000999), "9.99e−4");
    assert.equal(formatNumber(-5.371e-13), "−5.37e−13");
    assert.equal(formatNumber(9999.9), "1.00e4");
    assert.equal(formatNumber(12345), "1.23e4");
  });

  it("name what is not finite", () => {
    assert.equal(formatNumber(NaN), "NaN");
    assert.equal(formatNumber(-Infinity), "−Inf");
    assert.equal(formatRounded(-Infinity), "−Inf");
  });

  it("have no zeros at their end where there is little room", () => {
    assert.equal(formatRounded(0.5), "0.5");
    assert.equal(formatRounded(-3), "−3");
    assert.equal(formatRounded(2.5e-7), "2.5e−7");
    assert.equal(formatRounded(1.234e8), "1.23e8");
  });

  it("keep integers and booleans exact", () => {
    assert.equal(formatElement(123456789, "int64"), "123456789");
    assert.equal(formatElement(-3, "int64"), "−3");
    assert.equal(formatElement(1, "bool"), "true");
  });

  it("lose nothing in exact form", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
        assert.equal(Math.fround(Number(exactText(x, "float32"))), x === 0 ? 0 : x);
      }),
    );
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        assert.equal(Number(exactText(x, "float64")), x === 0 ? 0 : x);
      }),
    );
    assert.equal(exactText(Math.fround(0.1), "float32"), "0.1");
  });

  it("share one power of ten in a column", () => {
    const { exponent, format } = sharedExponent([-5.1e-6, 7.05e-7]);
    assert.equal(exponent, -6);
    assert.equal(format(-5.1e-6), "−5.10");
    assert.equal(formatScale(exponent), "×10⁻⁶");
    assert.equal(sharedExponent([1, 20]).exponent, 0);
  });

  it("write shares, bytes and shapes", () => {
    assert.equal(percentText(0.383), "38.3 %");
    assert.equal(percentText(0.25), "25.0 %");
    assert.equal(percentText(1e-5), "< 0.1 %");
    assert.equal(bytesText(4100), "4.10 kB");
    assert.equal(formatShape([64, 10]), "[64, 10]");
    assert.equal(formatShape([]), "[]");
  });
});
