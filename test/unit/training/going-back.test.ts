import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Failure } from "../../../engine/protocol/failure.ts";
import type { JobId, PassId } from "../../../engine/protocol/ids.ts";
import type { LogRequest } from "../../../engine/protocol/training-log.ts";
import { EngineSession } from "../../golden/stepping/engine-session.ts";

const model = fileURLToPath(new URL("logged.model.ts", import.meta.url));
const clock = fileURLToPath(new URL("clock.model.ts", import.meta.url));
const LOSSES: LogRequest = { from: 0, to: null, width: 1, rows: [1], quantities: null };
const JOB = 1 as JobId;

async function lossesOf(session: EngineSession): Promise<number[]> {
  const { columns } = await session.engine.trainingLog(LOSSES);
  return [...columns[0]!.mean];
}

describe("going to a pass that was released", function () {
  this.timeout(60_000);

  it("runs the file again, with the same numbers, and stops there", async () => {
    await using session = new EngineSession(model);
    const { engine } = session;
    await session.run({ historyBytes: -1 });
    const before = await lossesOf(session);
    const cursor = await engine.goToPass(JOB, 40 as PassId);
    assert.equal(cursor.pass, 40);
    const state = await engine.state();
    assert.equal(state.kind, "stopped");
    assert.equal((await engine.graph(40 as PassId)).loss, before[40]);
    assert.deepEqual(await lossesOf(session), before, "the log is still that of the whole run");
    // The program stands there, and can be asked.
    assert.equal((await engine.evaluate("step", 0)).text, "40");
    // From there on it is as it was.
    await engine.resume();
    await session.next("ended");
    assert.deepEqual(await lossesOf(session), before);
  });

  it("says where the runs part, and what the file has read, and leaves everything as it was", async () => {
    await using session = new EngineSession(clock);
    const { engine } = session;
    await session.run({ historyBytes: -1 });
    const before = await lossesOf(session);
    const failure = (await engine.goToPass(JOB, 15 as PassId).catch((error: unknown) => error)) as Failure;
    assert.match(
      failure.message,
      /^run again, the file is another from pass 10 on: the loss is .* and was .*Date\.now\(\)$/u,
    );
    assert.equal(failure.site?.line, 6);
    assert.deepEqual(await lossesOf(session), before);
    assert.equal((await engine.state()).kind, "ended");
    assert.equal((await engine.goToPass(JOB, 9 as PassId)).pass, 9, "before that it is the same");
  });

  it("can be cancelled, and refuses what was never there", async () => {
    await using session = new EngineSession(model);
    const { engine } = session;
    await session.run({ historyBytes: -1 });
    await assert.rejects(engine.goToPass(JOB, 60 as PassId), { message: "there was no pass 60" });
    const going = engine.goToPass(JOB, 30 as PassId);
    await engine.cancelGoTo(JOB);
    await assert.rejects(going, { message: /cancelled/u });
    assert.equal((await engine.state()).kind, "ended");
    assert.equal((await engine.goToPass(JOB, 59 as PassId)).pass, 59, "the last pass is kept");
  });
});
