import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Failure } from "../../../engine/protocol/failure.ts";
import { patience } from "../../../engine/session/patience.ts";
import type { JobId, PassId } from "../../../engine/protocol/ids.ts";
import { EngineSession } from "../../golden/stepping/engine-session.ts";

const program = fileURLToPath(new URL("./evaluations.model.ts", import.meta.url));

describe("expressions evaluated at a stop", function () {
  this.timeout(60_000);
  let session: EngineSession;

  before(async () => {
    session = new EngineSession(program);
    await session.firstStop();
  });

  after(() => session[Symbol.asyncDispose]());

  const text = async (expression: string): Promise<string> => (await session.engine.evaluate(expression, 0)).text;

  it("may wait for the pool, again and again", async () => {
    for (let i = 0; i < 5; i++) assert.match(await text("a.matmul(b).sum().item()"), /^-?\d/u);
  });

  it("may run passes, which nobody stops in and which are not kept", async () => {
    for (let i = 0; i < 3; i++) await text("w.mul(w).sum().backward()");
    assert.equal((await session.engine.passes()).length, 1);
    assert.equal((await session.engine.state()).kind, "stopped");
  });

  it("may wait by themselves, for a second", async () => {
    const forever = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)";
    await assert.rejects(session.engine.evaluate(forever, 0), { message: /longer than its second/u });
  });

  it("cannot end the file that stands still", async () => {
    await assert.rejects(session.engine.evaluate("process.exit(1)", 0), { message: /does nothing/u });
  });

  it("end when a getter or toJSON never does", async () => {
    for (const expression of ["endlessGetter.value", "JSON.stringify(endlessGetter)", "endless.anything"]) {
      await assert.rejects(session.engine.evaluate(expression, 0), { message: /longer than its second/u });
    }
  });

  it("give strings and integers of any size, cut to what can be shown", async () => {
    const cut = await text('"x".repeat(5e7)');
    assert.ok(cut.length < 11_000 && cut.endsWith('(50000000 characters)"'), cut.slice(-40));
    assert.equal(await text("2n ** 100_000n"), '"a very large integer"');
  });

  it("give arrays of any size page by page", async () => {
    const { engine } = session;
    const array = await engine.evaluate("big", 0);
    assert.equal(array.indexed, 1_000_000);
    const page = await engine.children(array.reference, { start: 999_990, count: 100 });
    assert.deepEqual(
      page.map(({ name, value }) => `${name}: ${value.text}`),
      Array.from({ length: 10 }, (_, i) => `${999_990 + i}: ${999_990 + i}`),
    );
    assert.deepEqual(await engine.children(array.reference), []);
    const pairs = await engine.evaluate("map", 0);
    assert.equal(pairs.indexed, 200_000);
    const [pair] = await engine.children(pairs.reference, { start: 3, count: 1 });
    const parts = await engine.children(pair!.value.reference);
    assert.deepEqual(
      parts.map(({ name, value }) => `${name}: ${value.text}`),
      ['key: "key 3"', "value: 3"],
    );
  });

  it("look at nothing that is user code", async () => {
    const { engine } = session;
    const proxy = await engine.evaluate("endless", 0);
    assert.deepEqual(await engine.children(proxy.reference), []);
    const locals = await engine.locals(0);
    const long = locals.find(({ name }) => name === "long")!;
    assert.ok(long.value.text.length < 11_000);
  });

  it("are given up when they are in a call that nobody can end, and the session goes on", async () => {
    const { engine } = session;
    // Attaches the debugger, which is no part of what an expression takes.
    await engine.evaluate("1", 0);
    const begun = performance.now();
    const started = engine.evaluate('process.getBuiltinModule("child_process").execSync("sleep 8")', 0);
    await assert.rejects(started, { message: /within its second/u });
    // Before the call can have returned, with some time for a machine that does other things as well.
    assert.ok(performance.now() - begun < 2000 * patience());
    await engine.node(0 as never, 0 as never);
    await assert.rejects(engine.resume(), { message: /busy with an expression/u });
    let answer = "";
    while (answer === "") {
      answer = await text("1 + 1").catch((failure: unknown) => {
        assert.match((failure as Failure).message, /busy/u);
        return "";
      });
    }
    assert.equal(answer, "2");
  });

  it("that never return are left behind by going to the pass again: the program is run again up to it", async () => {
    const { engine } = session;
    await engine.evaluate('globalThis.left = "behind"', 0);
    // For as long as the engine lives.
    const wait = "while kill -0 $PPID 2> /dev/null; do sleep 0.1; done";
    const started = engine.evaluate(`process.getBuiltinModule("child_process").execSync("${wait}")`, 0);
    await assert.rejects(started, { message: /within its second/u });
    await engine.goToPass(1 as JobId, 0 as PassId);
    assert.equal(await text("1 + 1"), "2");
    assert.equal(await text("globalThis.left"), "undefined");
    await engine.resume();
    await session.next("ended");
  });
});
