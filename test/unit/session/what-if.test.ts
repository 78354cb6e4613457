import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { JobId, NodeId } from "../../../engine/protocol/ids.ts";
import { EngineSession } from "../../golden/stepping/engine-session.ts";

const program = fileURLToPath(new URL("../../golden/stepping/expression.model.ts", import.meta.url));

describe("what if an element were another", function () {
  this.timeout(30_000);

  it("runs what depends on it again, and leaves the record alone", async () => {
    await using session = new EngineSession(program);
    const { engine } = session;
    const cursor = await session.firstStop();
    // e = a b, d = e + a, loss = d², at a = 2, b = −3; nodes 0 a, 1 b, 2 e, 3 d, 4 loss.
    const edited = await engine.whatIf(1 as JobId, cursor.pass, [
      { node: 1 as NodeId, plane: "value", element: 0, value: 1 },
    ]);
    // d = 2 · 1 + 2 = 4: loss 16 as before, ∂ loss / ∂ a = 2 d (b + 1) = 16, ∂ loss / ∂ b = 2 d a = 16.
    assert.deepEqual([...edited.loss], [16, 16]);
    assert.deepEqual([...edited.elements[0]!.gradient!], [16]);
    assert.deepEqual([...edited.elements[1]!.gradient!], [16]);

    const pushed = await engine.whatIf(1 as JobId, cursor.pass, [
      { node: 3 as NodeId, plane: "gradient", element: 0, value: 1 },
    ]);
    // With ∂ loss / ∂ d set to 1: ∂ / ∂ b = a = 2, ∂ / ∂ a = b + 1 = −2.
    assert.deepEqual([...pushed.elements[1]!.gradient!], [2]);
    assert.deepEqual([...pushed.elements[0]!.gradient!], [-2]);

    await engine.moveCursor({ to: "end" });
    const { gradient } = await engine.node(cursor.pass, 1 as NodeId);
    assert.deepEqual([...gradient!.elements!], [-16]);
    await assert.rejects(
      engine.whatIf(1 as JobId, cursor.pass, [{ node: 1 as NodeId, plane: "value", element: 5, value: 1 }]),
      {
        message: "node 1 has no element 5",
      },
    );
  });

  it("can be given up while it runs", async () => {
    const long = fileURLToPath(new URL("long-chain.model.ts", import.meta.url));
    await using session = new EngineSession(long);
    const { engine } = session;
    const { pass } = await session.firstStop();
    const asked = engine.whatIf(7 as JobId, pass, [{ node: 0 as NodeId, plane: "value", element: 0, value: 3 }]);
    const refused = assert.rejects(asked, { message: /was cancelled/u });
    await engine.cancel(7 as JobId);
    await refused;
    // Nothing of it is in the way of the next.
    const [before, after] = (await engine.whatIf(8 as JobId, pass, [])).loss;
    assert.deepEqual([before, after], [40_002, 40_002]);
  });
});
