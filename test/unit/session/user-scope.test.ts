import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { EngineSession } from "../../golden/stepping/engine-session.ts";

const program = fileURLToPath(new URL("./locals.model.ts", import.meta.url));

describe("the user's own variables while the file stands still", function () {
  this.timeout(30_000);

  it("are read and evaluated in the frame that called backward()", async () => {
    await using session = new EngineSession(program);
    const { engine } = session;
    await session.firstStop();
    const stack = await engine.stack();
    assert.deepEqual(
      stack.map(({ name, site }) => `${name}:${site.line}`),
      ["step:6", "<module>:9"],
    );
    const locals = new Map((await engine.locals(0)).map(({ name, value }) => [name, value]));
    assert.equal(locals.get("scale")?.text, "2.5");
    assert.deepEqual(locals.get("loss")?.tensor, { shape: [], dtype: "float32" });
    assert.equal((await engine.evaluate("scale * 2 + weight.shape.length", 0)).text, "5");
    assert.equal((await engine.evaluate("weight.grad.mul(weight).shape.length", 0)).text, "0");
  });

  it("stay usable when an expression throws or never ends", async () => {
    await using session = new EngineSession(program);
    const { engine } = session;
    await session.firstStop();
    await assert.rejects(engine.evaluate("nobody", 0), { message: "ReferenceError: nobody is not defined" });
    await assert.rejects(engine.evaluate("while (true) {}", 0), { message: /longer than its second/u });
    assert.equal((await engine.evaluate("1 + 1", 0)).text, "2");
    await engine.resume();
    const { failure } = await session.next("ended");
    assert.equal(failure, undefined);
  });
});
