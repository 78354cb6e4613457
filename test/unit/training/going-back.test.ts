import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { CancellationToken } from "vscode";
import type { PassComparison } from "../../../engine/protocol/comparison.ts";
import type { Failure } from "../../../engine/protocol/failure.ts";
import type { JobId, PassId } from "../../../engine/protocol/ids.ts";
import type { LogRequest } from "../../../engine/protocol/training-log.ts";
import { ComparedSteps, type ComparingPanel } from "../../../extension/recordings/compared-steps.ts";
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
      /^run again, the file is another from pass 10 on: the loss (?:is .* and was|differs in its last digits).*Date\.now\(\)$/u,
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

  it("compares a step that is there with one that was released, earlier or later", async () => {
    await using session = new EngineSession(model);
    const { engine } = session;
    await session.run({ historyBytes: -1 });
    const losses = await lossesOf(session);
    const steps = new ComparedSteps((_, save) => save({} as CancellationToken));
    const compared: Promise<PassComparison>[] = [];
    let at = 59 as PassId;
    const panel: ComparingPanel = {
      session: {
        saveRecording: (file, passes) => engine.save(JOB, file, passes),
        goToPass: (pass) => engine.goToPass(JOB, (at = pass)),
      },
      compareWith: (file, other) => void compared.push(engine.compareWith(at, file, other)),
    };
    for (const [shown, other] of [
      [59, 20],
      [20, 45],
      [45, 3],
    ] as [PassId, PassId][]) {
      await steps.compare(panel, shown, other);
      const [comparison] = await Promise.all(compared.splice(0));
      assert.ok(comparison);
      const { passes, losses: found, nodes, different } = comparison;
      assert.deepEqual(passes, [other, shown]);
      assert.deepEqual(found, [losses[other], losses[shown]], "the numbers are those of the log");
      assert.ok(different > 0 && nodes.every((node) => node.nodes[0] !== null && node.nodes[1] !== null));
    }
    steps.dispose();
  });
});
