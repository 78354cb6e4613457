import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { NodeId, PassId } from "../../../engine/protocol/ids.ts";
import type { ScalarGraph } from "../../../engine/protocol/scalars.ts";
import { EngineSession } from "../../golden/stepping/engine-session.ts";

const program = fileURLToPath(new URL("scalars.model.ts", import.meta.url));

// w x = [3·1 − 5·2, 7·1 − 1·2] = [−7, 5]; relu: [0, 5]; ∂L/∂h = 2 h = [0, 10].
describe("tensors as scalars", function () {
  this.timeout(30_000);
  let session: EngineSession;
  let pass: PassId;

  before(async () => {
    session = new EngineSession(program);
    ({ pass } = await session.firstStop());
  });
  after(() => session[Symbol.asyncDispose]());

  const named = (graph: ScalarGraph, name: string) =>
    graph.tensors.find((one) => one.label === name || one.op === name)!;
  const flow = (graph: ScalarGraph, from: string, to: string): string[] => {
    const one = graph.flows.find(
      ({ input, consumer }) => input === named(graph, from).node && consumer === named(graph, to).node,
    )!;
    return Array.from(one.from, (element, i) => `${element} → ${one.to[i]}: ${one.local[i]}`);
  };
  /** The node of the loss is the pass's root; the relu is found from it. */
  const around = async (): Promise<ScalarGraph> => {
    const graph = await session.engine.graph(pass);
    return session.engine.scalars(pass, graph.roots[0] as NodeId);
  };

  it("depend on each other as the ops' rules say", async () => {
    const graph = await around();
    assert.deepEqual([...named(graph, "w").data], [3, 5, 7, 1]);
    // y₀ = w₀ x₀ + w₁ x₁, y₁ = w₂ x₀ + w₃ x₁.
    assert.deepEqual(flow(graph, "w", "matmul"), ["0 → 0: 1", "1 → 0: -2", "2 → 1: 1", "3 → 1: -2"]);
    // A unit that is off still depends on its input, with derivative 0.
    assert.deepEqual(flow(graph, "matmul", "h"), ["0 → 0: 0", "1 → 1: 1"]);
    assert.deepEqual(flow(graph, "h", "square"), ["0 → 0: 0", "1 → 1: 10"]);
  });

  it("have the gradients that are there at the cursor", async () => {
    await session.engine.moveCursor({ to: "start" });
    assert.equal(named(await around(), "w").gradient, null);
    await session.engine.moveCursor({ to: "end" });
    const graph = await around();
    assert.deepEqual([...named(graph, "w").gradient!], [0, 0, 10, -20]);
    assert.equal(named(graph, "x").requiresGrad, false);
  });

  it("leave out what is too large, and say so", async () => {
    const graph = await around();
    assert.ok(graph.more);
    assert.ok(graph.tensors.every((one) => one.data.length <= 64));
    const all = await session.engine.graph(pass);
    const large = all.shapes.indexOf(100);
    const node = all.shapeStart.findIndex((start, i) => start === large && all.shapeStart[i + 1]! > start);
    await assert.rejects(session.engine.scalars(pass, node as NodeId), {
      message: "a tensor of 100 elements is not shown as scalars: from 1 to 64 are",
    });
  });
});
