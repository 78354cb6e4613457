import assert from "node:assert/strict";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { assertGolden, DebugClient } from "./debug-client.ts";

/*
 * Whole sessions of the Debug Adapter Protocol with the real engine, written down as text. A change of behaviour is a
 * change of these texts: read it, and keep it with BACKSTEP_UPDATE_GOLDEN=1.
 */
describe("debug sessions", function () {
  this.timeout(20_000);
  let client: DebugClient;

  beforeEach(() => {
    client = new DebugClient();
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.log(client.transcript);
    await client.close();
    assert.equal(client.engineIsAlive, false, "an engine process is left");
  });

  it("step a small network both ways, on to the next pass and back into the one before", async () => {
    await client.launch("mlp.ts");
    await client.event("stopped");
    await client.look();
    for (let step = 0; step < 4; step++) {
      await client.step("next");
      await client.stack();
    }
    await client.look();
    await client.step("stepBack");
    await client.step("stepOut");
    await client.stack();
    await client.step("reverseContinue");
    await client.step("reverseContinue");
    await client.stack();
    await client.step("continue");
    await client.stack();
    await client.step("reverseContinue");
    await client.step("stepBack");
    await client.stack();
    assertGolden("mlp", client.transcript);
  });

  it("open tensors axis by axis, and answer for names", async () => {
    await client.launch("mlp.ts");
    await client.event("stopped");
    const { scopes } = await client.request<DebugProtocol.ScopesResponse["body"]>("scopes", { frameId: 0 });
    const parameters = scopes.find(({ name }) => name === "Parameters");
    const [fc1] = await client.variables(parameters?.variablesReference ?? 0);
    const [weight] = await client.variables(fc1?.variablesReference ?? 0);
    const [value] = await client.variables(weight?.variablesReference ?? 0);
    const rows = await client.variables(value?.variablesReference ?? 0, { filter: "indexed", start: 1, count: 2 });
    await client.variables(rows[0]?.variablesReference ?? 0);
    await client.variables(value?.variablesReference ?? 0, { filter: "named" });
    await client.request("readMemory", { memoryReference: value?.memoryReference, offset: 4, count: 8 });
    await client.request("evaluate", { expression: "logits", frameId: 0, context: "watch" });
    await client.request("evaluate", { expression: "net.fc2.weight", frameId: 0, context: "hover" });
    await client.ask("evaluate", { expression: "nothing.like.it", frameId: 0, context: "watch" });
    assertGolden("variables", client.transcript);
  });

  it("go through a custom Function", async () => {
    await client.launch("cube.ts");
    await client.event("stopped");
    await client.step("next");
    await client.look();
    await client.step("next");
    await client.look();
    assertGolden("cube", client.transcript);
  });

  it("jump to a line", async () => {
    await client.launch("mlp.ts");
    await client.event("stopped");
    const source = { path: (await client.stack())[0]?.source?.path };
    const { targets } = await client.request<DebugProtocol.GotoTargetsResponse["body"]>("gotoTargets", {
      source,
      line: 9,
    });
    await client.step("goto", { targetId: targets[0]?.id });
    await client.stack();
    assertGolden("goto", client.transcript);
  });

  it("run to the end when not debugging", async () => {
    await client.launch("mlp.ts", { noDebug: true });
    await client.event("terminated");
    assertGolden("no-debug", client.transcript);
  });

  it("keep the passes readable when the file has ended, and end on Continue", async () => {
    await client.launch("cube.ts");
    await client.event("stopped");
    await client.step("continue");
    await client.stack();
    await client.request("continue", { threadId: 1 });
    await client.event("terminated");
    assertGolden("end", client.transcript);
  });

  for (const [model, kind] of [
    ["shapes.ts", "shape"],
    ["typo.ts", "syntax"],
    ["forgetful.ts", "no-backward"],
    ["missing-file.ts", "import"],
  ] as const) {
    it(`say what is wrong with ${model}`, async () => {
      await client.launch(model);
      await client.event("terminated");
      assert.equal(client.failures[0]?.kind, kind);
      assertGolden(model.replace(".ts", ""), client.transcript);
    });
  }

  it("stop an endless loop within 2 s", async () => {
    await client.launch("loop.ts");
    await client.event("stopped");
    await client.request("continue", { threadId: 1 });
    await client.event("output");
    const started = performance.now();
    await client.request("disconnect");
    assert.ok(performance.now() - started < 2000);
  });

  it("refuse a launch configuration that makes no sense", async () => {
    const response = await client.ask("launch", { program: "model.ts", stopOn: "never" });
    assert.equal(response.success, false);
    assertGolden("bad-configuration", client.transcript);
  });
});
