import assert from "node:assert/strict";
import { buildHierarchy } from "../../../webview/graph/hierarchy.ts";
import { selectionKey, selectionOf } from "../../../webview/state/selection-key.ts";
import { lstmTape, mlpTape } from "../../webview-harness/tapes.ts";

describe("a remembered selection", () => {
  const [mlp, lstm] = [mlpTape(), lstmTape()].map(({ tape, root }) => {
    const graph = tape.graph(root);
    return { graph, tree: buildHierarchy(graph) };
  });

  it("is the same node or group in the next pass of the same model", () => {
    for (const { graph, tree } of [mlp!, lstm!]) {
      for (const selection of [{ kind: "node", node: 5 } as const, { kind: "group", group: 2 } as const]) {
        const key = selectionKey(selection, graph, tree)!;
        assert.deepEqual(selectionOf(key, graph, tree), selection);
      }
    }
  });

  it("is nothing in a pass where that node does something else", () => {
    const key = selectionKey({ kind: "node", node: 5 }, mlp!.graph, mlp!.tree)!;
    assert.equal(selectionOf(key, lstm!.graph, lstm!.tree), null);
    assert.equal(selectionOf("node 99999 relu h1", mlp!.graph, mlp!.tree), null);
  });

  it("is nothing where nothing is selected", () => {
    assert.equal(selectionKey(null, mlp!.graph, mlp!.tree), null);
  });
});
