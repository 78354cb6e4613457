import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { EngineSession } from "../../golden/stepping/engine-session.ts";

describe("a program that prints in a loop", () => {
  it("holds nothing of a line once it is on its way, and is called back all the same", async function () {
    this.timeout(60_000);
    await using session = new EngineSession(fileURLToPath(new URL("./printing.model.ts", import.meta.url)));
    await session.firstStop();
    const [, bytes, called] = /each line holds (-?\d+) bytes, (\d) called back/u.exec(session.output.join("")) ?? [];
    assert.ok(Number(bytes) < 20, `${bytes} bytes`);
    assert.equal(called, "2");
  });
});
