import assert from "node:assert/strict";
import fc from "fast-check";
import { NodeFlag, type NodeStatistics } from "../../../engine/protocol/graph.ts";
import type { PassId } from "../../../engine/protocol/ids.ts";
import { parseQuery, search } from "../../../webview/graph/search.ts";
import { mlpTape } from "../../webview-harness/tapes.ts";

describe("the search", () => {
  const { tape, root } = mlpTape();
  const graph = tape.graph(root);
  const n = graph.nodeCount;
  const statistics: NodeStatistics = {
    pass: 0 as PassId,
    valueNorm: new Float64Array(n).fill(1),
    gradNorm: Float64Array.from({ length: n }, (_, i) => i),
    valueZeros: new Float32Array(n).fill(0.5),
    gradZeros: new Float32Array(n),
    valueItem: new Float64Array(n).fill(NaN),
    gradItem: new Float64Array(n).fill(NaN),
    deadUnits: new Uint32Array(n),
    flags: new Uint8Array(n).map((_, i) => (i === 3 ? NodeFlag.gradNaN : 0)),
    bytes: new Float64Array(n).fill(4),
    updateRatio: new Float64Array(n).fill(NaN),
    edgeShare: new Float32Array(graph.inputs.length),
  };
  const find = (text: string): string[] =>
    search(parseQuery(text), { graph, statistics, verdicts: new Map([[root, "fail" as const]]) }).map(
      (node) => tape.rows[node]?.label || (tape.rows[node]?.op ?? ""),
    );

  it("finds words in op, label and module", () => {
    assert.deepEqual(find("relu"), ["h1", "h2"]);
    assert.deepEqual(find("H2"), ["h2"]);
    assert.deepEqual(find("module:fc3 op:matmul"), ["matmul"]);
  });

  it("finds shapes, also with a size left open and half typed", () => {
    assert.deepEqual(find("[64, 784]"), ["x"]);
    assert.deepEqual(find("[*, 784]"), ["x", "fc1.weight"]);
    assert.deepEqual(find("[64, 78"), ["x"]);
    assert.deepEqual(find("[]"), ["loss"]);
  });

  it("finds numbers, flags and verdicts", () => {
    assert.deepEqual(find("grad.norm > 16"), ["loss"]);
    assert.deepEqual(find("grad.norm>16"), ["loss"]);
    assert.equal(find("grad.norm <= 2").length, 3);
    assert.equal(find("value.zeros >= 50%").length, n);
    assert.equal(find("nan").length, 1);
    assert.deepEqual(find("verdict:fail"), ["loss"]);
    assert.deepEqual(find("nograd"), ["x", "target"]);
  });

  it("says what it cannot read", () => {
    assert.match(parseQuery("norms > 3").problem ?? "", /not one of grad\.norm/);
    assert.match(parseQuery("grad.norm > lots").problem ?? "", /expected a number/);
    assert.match(parseQuery("verdict:maybe").problem ?? "", /pass, fail/);
  });

  it("finds nothing for nothing, and never throws", () => {
    assert.deepEqual(find("   "), []);
    fc.assert(fc.property(fc.string(), (text) => void find(text)));
  });
});
