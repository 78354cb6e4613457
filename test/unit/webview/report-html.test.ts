import assert from "node:assert/strict";
import type { NodeDetail } from "../../../engine/protocol/inspection.ts";
import type { NodeId, PassId } from "../../../engine/protocol/ids.ts";
import { reportHtml } from "../../../webview/export/report-html.ts";
import { summarise } from "../../webview-harness/synthetic-engine.ts";

describe("the exported page", () => {
  const detail: NodeDetail = {
    pass: 0 as PassId,
    node: 3 as NodeId,
    op: "relu",
    label: "<img src=x onerror=alert(1)>",
    scope: "net & co",
    site: null,
    requiresGrad: true,
    gradientState: "waits",
    value: summarise(Float64Array.of(1, -2, NaN), [3], "float32"),
    gradient: null,
    accumulated: null,
    contributions: [],
    formula: null,
    kinks: null,
    attributes: {},
    inputs: [],
    consumers: [],
    saved: [],
    verdict: null,
    compared: null,
    cut: null,
  };
  const page = reportHtml({
    title: "<b>model.ts",
    svg: "<svg></svg>",
    details: [detail],
    background: "#000000",
    foreground: "#ffffff",
    accent: "#0078d4",
  });

  it("never takes a name for markup", () => {
    assert.ok(!page.includes("<img"));
    assert.ok(!page.includes("<b>model"));
    assert.ok(page.includes("net &#38; co"));
  });

  it("needs nothing from elsewhere", () => {
    assert.doesNotMatch(page, /(?:src|href)="|@import|url\(/);
  });

  it("says what the inspector said", () => {
    assert.ok(page.includes('id="about-node-3"'));
    assert.ok(page.includes("−2.00 … 1.00"));
    assert.ok(page.includes("NaN, Inf"));
  });
});
