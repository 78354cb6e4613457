import assert from "node:assert/strict";
import type { NodeDetail, RuleAtElement } from "../../../engine/protocol/inspection.ts";
import type { NodeId, PassId } from "../../../engine/protocol/ids.ts";
import { speak } from "../../../engine/language/translate.ts";
import { PANEL } from "../../../engine/language/zh-cn/panel.ts";
import { reportHtml } from "../../../webview/export/report-html.ts";
import { summarise } from "../../webview-harness/synthetic-engine.ts";

describe("the exported page", () => {
  const detail: NodeDetail = {
    pass: 0 as PassId,
    node: 3 as NodeId,
    op: "relu",
    label: "<img src=x onerror=alert(1)>",
    scope: "net & co",
    site: { file: "/home/ada/models/net.ts", line: 4, column: 2, endLine: 4, endColumn: 9 },
    requiresGrad: true,
    gradientState: "waits",
    value: summarise(Float64Array.of(1, -2, NaN), [3], "float32"),
    gradient: null,
    accumulated: null,
    contributions: [],
    formula: { forward: "\\max(x, 0)", backward: ["\\bar y\\, [x > 0]"] },
    kinks: null,
    attributes: {},
    inputs: [],
    consumers: [],
    saved: [],
    verdict: null,
    compared: null,
    cut: null,
  };
  const rule: RuleAtElement = {
    position: 0,
    input: 2 as NodeId,
    index: [1],
    value: Float64Array.of(3),
    sum: Float64Array.of(0.5),
    terms: [
      { consumer: 3 as NodeId, consumerIndex: [1], factors: Float64Array.of(0.25, 1, 0.25) },
      { consumer: 3 as NodeId, consumerIndex: [2], factors: Float64Array.of(NaN, NaN, 0.125) },
    ],
    others: Float64Array.of(0.125),
    othersCount: 7,
  };
  const step = { node: 3, name: "relu <img src=x>", norm: "0.5", card: "node-3" };
  const pageIn = (language: string): Promise<string> =>
    reportHtml({
      title: "<b>model.ts",
      svg: "<svg></svg>",
      nodes: [{ detail, index: [1], rules: [rule] }],
      steps: [step],
      start: 0,
      root: { card: "group-0", title: "", groups: [], nodes: [step] },
      folder: "/home/ada/models",
      nameOf: () => "<i>x",
      language,
      background: "#000000",
      foreground: "#ffffff",
      accent: "#0078d4",
    });
  let page = "";
  before(async () => {
    page = await pageIn("en");
  });

  it("says all of it in the language of the panel", async () => {
    speak(PANEL);
    const chinese = await pageIn("zh-cn").finally(() => speak());
    assert.match(chinese, /<html lang="zh-cn">/);
    assert.ok(chinese.includes('placeholder="搜索节点"') && chinese.includes("它的梯度尚未到达。"));
    assert.ok(chinese.includes("0.250 × 1.00 + 0.125 + 0.125（另 7 项） = 0.500"));
    assert.match(chinese, /"step":"反向 \{0\} \/ \{1\} 步：\{2\}"/);
  });

  it("never takes a name for markup", () => {
    assert.ok(!page.includes("<img"));
    assert.ok(!page.includes("<b>model"));
    assert.ok(page.includes("net &#38; co"));
  });

  it("needs nothing from elsewhere", () => {
    assert.doesNotMatch(page, /(?:src|href)="|@import|url\(/);
  });

  it("says no absolute path", () => {
    assert.ok(page.includes("net.ts:4:2"));
    assert.ok(!page.includes("/home/ada"));
  });

  it("lets its own script run and no other, and loads nothing", () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
    assert.match(policy, /default-src 'none'; script-src 'sha256-[\w+/=]{44}';/);
    assert.doesNotMatch(policy, /script-src[^;]*unsafe/);
  });

  it("says what the inspector said", () => {
    assert.ok(page.includes('id="about-node-3"'));
    assert.ok(page.includes("−2.00 … 1.00"));
    assert.ok(page.includes("NaN, Inf"));
  });

  it("sets the chain rule for any browser, with numbers", () => {
    assert.match(page, /<h3>Chain rule at \[1\]<\/h3>/);
    assert.equal(page.match(/<math /g)?.length, 2);
    assert.ok(page.includes("&#60;i&#62;x[1]</td><td>= 3.00"));
    assert.ok(page.includes("0.250 × 1.00 + 0.125 + 0.125 (7 more) = 0.500"));
  });
});
