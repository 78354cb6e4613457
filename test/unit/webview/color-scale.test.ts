import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decadesOf,
  logPosition,
  NORM_SCALE,
  parseColor,
  SIGNED_SCALE,
  signedColor,
  stopAt,
  STOPS,
  type Rgb,
} from "../../../webview/ui/color-scale.ts";

/** Relative luminance of WCAG 2. */
function luminance(color: Rgb): number {
  const [red = 0, green = 0, blue = 0] = color.map((c) => {
    const s = c / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe("the scale of gradient norms", () => {
  it("moves away from the background in every theme, so that it reads without colour", () => {
    for (const [kind, scale] of Object.entries(NORM_SCALE)) {
      const values = scale.map((hex) => luminance(parseColor(hex)));
      const direction = kind.endsWith("light") ? -1 : 1;
      assert.equal(scale.length, STOPS);
      for (let i = 1; i < values.length; i++) {
        assert.ok(((values[i] ?? 0) - (values[i - 1] ?? 0)) * direction > 0, `${kind} stop ${String(i)}`);
      }
    }
  });

  it("covers whole decades of what is positive and finite", () => {
    assert.deepEqual(decadesOf([0.0448, 0.794, 1, NaN, 0, Infinity]), { low: -2, high: 0 });
    assert.deepEqual(decadesOf([]), { low: -3, high: 0 });
    assert.deepEqual(decadesOf([5]), { low: 0, high: 1 });
    assert.deepEqual(decadesOf([1e-40, 1]), { low: -12, high: 0 });
  });

  it("puts every number on it", () => {
    fc.assert(
      fc.property(fc.double(), (x) => {
        const position = logPosition(x, { low: -3, high: 0 });
        assert.ok(position >= 0 && position <= 1);
        assert.ok(stopAt(position) >= 0 && stopAt(position) < STOPS);
      }),
    );
    assert.equal(logPosition(0.1, { low: -2, high: 0 }), 0.5);
  });
});

describe("the scale of signed values", () => {
  const ends = SIGNED_SCALE.dark.map(parseColor) as unknown as readonly [Rgb, Rgb, Rgb];

  it("is orange below zero, blue above, the background at zero", () => {
    assert.deepEqual(signedColor(-2, 2, ends), ends[0]);
    assert.deepEqual(signedColor(0, 2, ends), ends[1]);
    assert.deepEqual(signedColor(2, 2, ends), ends[2]);
  });

  it("shows small values, too", () => {
    assert.notDeepEqual(signedColor(0.01, 2, ends), ends[1]);
  });
});
