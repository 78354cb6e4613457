import assert from "node:assert/strict";
import type { TensorSummary } from "../../../engine/protocol/inspection.ts";
import { EVIDENCE } from "../../../engine/protocol/check.ts";
import { hoverMarkdown } from "../../../extension/editor/hover-text.ts";
import { pictureUri } from "../../../extension/editor/hover-picture.ts";
import { PALETTES } from "../../../extension/editor/palette.ts";
import { bytesText, numberText, percentText } from "../../../engine/recording/number-text.ts";
import { contentText } from "../../../extension/text/tensor-text.ts";

const summary = (statistics: number[], elements: number[] | null = null): TensorSummary => ({
  shape: elements ? [elements.length] : [64, 64],
  dtype: "float32",
  statistics: Float64Array.from(statistics),
  histogram: Uint32Array.from({ length: 24 }, (_, index) => index * index),
  elements: elements && Float64Array.from(elements),
});
// count, finite, min, max, mean, std, norm, zeros, positives, NaN, +Inf, -Inf
const PLAIN = summary([4096, 4096, 0, 6.35, 1.2, 0.9, 97.04, 1569, 2527, 0, 0, 0]);

describe("numbers as people read them", () => {
  it("have three significant digits", () => {
    const texts = [0, 1, 97.04, 0.0448, 1234.5, -5.37e-3, 9999.4].map(numberText);
    assert.deepEqual(texts, ["0", "1.00", "97.0", "0.0448", "1235", "-0.00537", "9999"]);
  });
  it("have an exponent outside of 1e-3 … 1e4", () => {
    assert.deepEqual([1e-12, 3.58e-4, 9999.6, -2.5e7].map(numberText), ["1.00e-12", "3.58e-4", "1.00e4", "-2.50e7"]);
  });
  it("say what is not finite", () =>
    assert.deepEqual([NaN, Infinity, -Infinity].map(numberText), ["NaN", "Inf", "-Inf"]));
  it("never round a share to none or all", () => {
    assert.deepEqual([0, 1, 0.383, 1e-6, 0.99999].map(percentText), ["0 %", "100 %", "38.3 %", "< 0.1 %", "> 99.9 %"]);
  });
  it("count bytes in steps of a thousand", () =>
    assert.deepEqual([12, 4100, 3.2e6].map(bytesText), ["12 B", "4.10 kB", "3.20 MB"]));
});

describe("a tensor in one line", () => {
  it("is norm, range and share of zeros", () => {
    assert.equal(contentText(PLAIN), "norm 97.0, 0 … 6.35, 38.3 % zero");
  });
  it("is its elements when they are few", () => {
    assert.equal(contentText(summary([3, 3, 1, 3, 2, 1, 3.7, 0, 3, 0, 0, 0], [1, -2, 3])), "[1.00, -2.00, 3.00]");
  });
  it("never hides what is not finite", () => {
    assert.match(contentText(summary([4096, 4090, 0, 1, 0, 0, NaN, 0, 0, 4, 1, 1])), /4 NaN, 2 Inf$/);
  });
});

describe("a hover", () => {
  const evidence = new Float64Array(5);
  evidence[EVIDENCE.relError] = 3.58e-12;
  const content = {
    name: "h2",
    op: "relu",
    value: PLAIN,
    gradient: PLAIN,
    noGradient: "",
    verdict: {
      node: null,
      scope: "op",
      name: "relu",
      label: "h2",
      input: 0,
      site: null,
      verdict: "pass",
      evidence,
      worst: [],
      compared: 1,
      of: 1,
    },
    formula: { forward: "\\max(0, x)", backward: ["\\bar y\\, [x > 0]"] },
    which: "",
    updateRatio: NaN,
    stale: false,
    picture: null,
    links: ["[Go to node](command:x)"],
  } as const;

  it("says what it is, its value and its gradient in a line each, then the verdict and the links", () => {
    assert.equal(
      hoverMarkdown(content),
      [
        "`[64, 64]` float32 · **h2** = relu  ",
        "value norm 97.0, 0 … 6.35, 38.3 % zero  ",
        "gradient norm 97.0, 0 … 6.35, 38.3 % zero  ",
        "`y = max(0, x)` passes back `y\u0304 [x > 0]`",
        "",
        "$(pass) matches finite differences, relative error 3.58e-12",
        "",
        "---",
        "",
        "[Go to node](command:x)",
      ].join("\n"),
    );
  });

  it("cannot be broken by a name with Markdown in it", () => {
    assert.match(hoverMarkdown({ ...content, name: "a_b*c" }), /\*\*a\\_b\\\*c\*\*/);
  });

  it("has a picture of less than 40 KB in each kind of theme, also of a map without a zero", () => {
    const cells = Float32Array.from({ length: 24 * 24 }, (_, index) => Math.sin(index * 12.9898) * 43.5);
    const map = {
      plane: "gradient",
      shape: [64, 64],
      axes: [0, 1],
      slice: [0, 0],
      rows: 24,
      columns: 24,
      window: [0, 0, 64, 64],
      cells,
      peak: [0, 0],
      scale: 44,
    } as const;
    for (const palette of Object.values(PALETTES)) {
      const uri = pictureUri({ value: PLAIN, gradient: PLAIN, map }, palette);
      assert.ok(uri !== null && uri.length < 40_000, `${uri?.length} characters`);
    }
  });
});
