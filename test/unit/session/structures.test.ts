import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { EngineSession } from "../../golden/stepping/engine-session.ts";

const program = fileURLToPath(new URL("./structures.model.ts", import.meta.url));

describe("passes of distinct structure", function () {
  this.timeout(30_000);

  it("differ in ops, in parameters' shapes and in what may broadcast, not in the batch size", async () => {
    await using session = new EngineSession(program);
    const launch = { program, args: [], threads: 1, seed: 0, deterministic: true } as const;
    await session.engine.launch({ ...launch, stopOn: { kind: "distinct" }, historyBytes: 2 ** 26 });
    const stopped: number[] = [];
    for (;;) {
      const state = await session.nextOf(["stopped", "ended"]);
      if (state.kind === "ended") break;
      stopped.push(state.cursor.pass);
      await session.engine.resume();
    }
    assert.deepEqual(stopped, [0, 3, 4, 5]);
  });
});
