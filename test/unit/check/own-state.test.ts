import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { CheckRow } from "../../../engine/protocol/check.ts";
import type { JobId } from "../../../engine/protocol/ids.ts";
import { EngineSession } from "../../golden/stepping/engine-session.ts";

const program = fileURLToPath(new URL("./own-state.model.ts", import.meta.url));

describe("a check of Functions that have a state", function () {
  this.timeout(30_000);

  it("leaves their tensors and the random numbers as they were, and sees where they make a difference", async () => {
    await using session = new EngineSession(program);
    const { engine } = session;
    const launch = { program, args: [], stopOn: { kind: "every" }, threads: 2, seed: 0, deterministic: true } as const;
    await engine.launch({ ...launch, historyBytes: 2 ** 26 });
    const rows: CheckRow[] = [];
    for (let job = 1; ; job++) {
      const state = await session.nextOf(["stopped", "ended"]);
      if (state.kind === "ended") {
        assert.equal(state.failure, undefined);
        break;
      }
      rows.push(...(await engine.check(job as JobId, state.cursor.pass)).rows);
      await engine.resume();
    }
    const found = ["Watches", "DependsOnIt", "Draws"].map((name) =>
      rows.find((row) => row.name === name && row.scope === "op"),
    );
    assert.deepEqual(
      found.map((row) => row?.verdict),
      ["pass", "inconclusive", "pass"],
      "what forward draws is drawn again from where the random numbers stood",
    );
    assert.match(found[1]?.reason ?? "", /^not deterministic: forward gives another result/u);
  });
});
