import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { PassGraph } from "../../../engine/protocol/graph.ts";
import type { JobId, NodeId, PassId } from "../../../engine/protocol/ids.ts";
import type { Terms } from "../../../engine/protocol/inspection.ts";
import { EngineSession } from "../../golden/stepping/engine-session.ts";

const program = fileURLToPath(new URL("explain.model.ts", import.meta.url));

// x w = y: [1·1 − 1·3 + 2·5, 1·2 − 1·4 + 2·6] = [8, 10]. ∂L/∂y = [10 + 2·8, 100] = [26, 100].
describe("where a gradient came from", function () {
  this.timeout(30_000);
  let session: EngineSession;
  let pass: PassId;
  let graph: PassGraph;

  before(async () => {
    session = new EngineSession(program);
    ({ pass } = await session.firstStop());
    graph = await session.engine.graph(pass);
    await session.engine.moveCursor({ to: "end" });
  });
  after(() => session[Symbol.asyncDispose]());

  const opOf = (node: number): string => graph.strings[graph.op[node]!]!;
  const called = (label: string): NodeId => {
    for (let node = 0; node < graph.nodeCount; node++)
      if (graph.strings[graph.label[node]!] === label) return node as NodeId;
    throw new Error(`no node is called ${label}`);
  };
  const written = ({ terms }: Terms): string[] =>
    terms.map(({ consumer, consumerIndex, factors }) => {
      const [upstream, local, product] = factors;
      return `${opOf(consumer)}[${consumerIndex.join()}]: ${upstream} × ${local} = ${product}`;
    });

  it("is told past views and copies: by the arithmetic that made it", async () => {
    const detail = await session.engine.node(pass, called("w"));
    assert.equal(detail.contributions.length, 1);
    const [one] = detail.contributions;
    assert.equal(opOf(one!.consumer), "matmul");
    assert.deepEqual(one!.past.map(opOf), ["t", "clone", "view", "t"]);
    // In w's own shape: ∂L/∂w = xᵀ ∂L/∂y.
    assert.deepEqual([...one!.summary!.elements!], [26, 100, -26, -100, 52, 200]);
    assert.deepEqual([...detail.gradient!.elements!], [26, 100, -26, -100, 52, 200]);
  });

  it("has one contribution for each reader, also for one that reads a part", async () => {
    const detail = await session.engine.node(pass, called("y"));
    const byOp = new Map(detail.contributions.map((one) => [opOf(one.consumer), [...one.summary!.elements!]]));
    assert.deepEqual(
      byOp,
      new Map([
        ["relu", [10, 100]],
        ["square", [16, 0]],
      ]),
    );
    const { terms, gradient } = await session.engine.explain(pass, called("y"), [0, 0]);
    assert.deepEqual(written({ terms, others: new Float64Array(1), othersCount: 0 }), [
      "square[0,0]: 1 × 16 = 16",
      "relu[0,0]: 10 × 1 = 10",
    ]);
    assert.deepEqual([...gradient], [26]);
  });

  it("is a sum of products at an element", async () => {
    // ∂L/∂w[2, 1] = ∂L/∂y[0, 1] · x[0, 2].
    const explained = await session.engine.explain(pass, called("w"), [2, 1]);
    assert.deepEqual(written(explained), ["matmul[0,1]: 100 × 2 = 200"]);
    await assert.rejects(session.engine.explain(pass, called("w"), [3, 0]), { message: "no element [3, 0] in [3, 2]" });
  });

  it("is the op's rule with the numbers of the element that the chosen one depends on most", async () => {
    const [rule] = await session.engine.explainRule(pass, called("y"), [0, 1]);
    // y[0, 1] depends on column 1 of w, most on the row where x is 2.
    assert.equal(rule!.position, 1);
    assert.deepEqual(rule!.index, [2, 1]);
    assert.deepEqual([...rule!.value], [6]);
    assert.deepEqual(written(rule!), ["matmul[0,1]: 100 × 2 = 200"]);
    assert.deepEqual([...rule!.sum], [200]);
    const [ofRelu] = await session.engine.explainRule(pass, called("on"), [0, 1]);
    assert.deepEqual(written(ofRelu!), ["relu[0,1]: 100 × 1 = 100"]);
  });

  it("can be held against finite differences, element by element", async () => {
    const missing = { message: "there is no numeric here yet" };
    const request = { plane: "numeric", maxRows: 96, maxColumns: 96 } as const;
    await assert.rejects(session.engine.heatMap(pass, called("w"), request), missing);
    await session.engine.check(1 as JobId, pass);
    const { cells, peak } = await session.engine.heatMap(pass, called("w"), request);
    [26, 100, -26, -100, 52, 200].forEach((expected, i) => assert.ok(Math.abs(cells[i]! - expected) < 1e-6));
    assert.deepEqual(peak, [2, 1]);
    const difference = await session.engine.elements(pass, called("w"), { plane: "difference", start: 0, count: 6 });
    assert.ok(difference.every((x) => Math.abs(x) < 1e-6));
    // An op is compared with cotangents of its own.
    await assert.rejects(session.engine.heatMap(pass, called("y"), request), missing);
  });

  it("is not told before it is there", async () => {
    const { forwardSteps } = await session.engine.moveCursor({ to: "start" });
    assert.deepEqual(await session.engine.explainRule(pass, called("y"), [0, 0]), []);
    const { terms } = await session.engine.explain(pass, called("w"), [0, 0]);
    assert.deepEqual(terms, []);
    const waiting = await session.engine.node(pass, called("w"));
    assert.deepEqual(
      waiting.contributions.map((one) => one.arrived),
      [false],
    );
    await session.engine.moveCursor({ position: forwardSteps });
  });
});
