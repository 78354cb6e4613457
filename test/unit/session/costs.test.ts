import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { PassGraph } from "../../../engine/protocol/graph.ts";
import type { NodeId, PassId } from "../../../engine/protocol/ids.ts";
import { EngineSession } from "../../golden/stepping/engine-session.ts";

const program = fileURLToPath(new URL("costs.model.ts", import.meta.url));

describe("what nodes cost, and how far their parameters moved", function () {
  this.timeout(30_000);
  let session: EngineSession;
  let first: PassId;
  let graph: PassGraph;
  const node = (name: string): number => {
    const found = Array.from({ length: graph.nodeCount }, (_, i) => i).find(
      (i) => graph.strings[graph.op[i]!] === name || graph.strings[graph.label[i]!] === name,
    );
    assert.notEqual(found, undefined, name);
    return found!;
  };

  before(async () => {
    session = new EngineSession(program);
    ({ pass: first } = await session.firstStop());
    graph = await session.engine.graph(first);
  });
  after(() => session[Symbol.asyncDispose]());

  it("counts value and gradient, and nothing for a view", async () => {
    const { bytes } = await session.engine.statistics(first);
    // [5, 4] float32, its value and its gradient.
    assert.equal(bytes[node("linear")], 160);
    assert.equal(bytes[node("relu")], 160);
    // Its value is relu's, and relu's gradient is its own.
    assert.equal(bytes[node("reshape")], 0);
  });

  it("times every op forward and backward", async () => {
    const { forward, backward } = await session.engine.times(first);
    assert.ok(forward[node("linear")]! > 0);
    assert.ok(backward[node("linear")]! > 0);
    assert.ok(Number.isNaN(forward[node("weight")]!), "a leaf takes no time");
  });

  it("says what gradient descent would do before the first step, and what the optimizer did after it", async () => {
    const expected = (await session.engine.statistics(first)).updateRatio[node("weight")]!;
    const [weight, grad] = await Promise.all(
      (["value", "accumulated"] as const).map((plane) =>
        session.engine.elements(first, node("weight") as NodeId, { plane, start: 0, count: 12 }),
      ),
    );
    assert.ok(Math.abs(expected / ((0.1 * Math.hypot(...grad!)) / Math.hypot(...weight!)) - 1) < 1e-6);
    await session.engine.resume();
    const state = await session.nextOf(["stopped"]);
    const { updateRatio } = await session.engine.statistics(state.cursor.pass);
    assert.ok(
      Math.abs(updateRatio[node("weight")]! / expected - 1) < 1e-5,
      `${updateRatio[node("weight")]} ${expected}`,
    );
  });
});
