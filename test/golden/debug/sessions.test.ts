import assert from "node:assert/strict";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { JobId } from "../../../engine/protocol/ids.ts";
import { EngineSession } from "../stepping/engine-session.ts";
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

  it("go back over passes that were released, by running the file again", async () => {
    const stepHere = async (): Promise<string> => {
      await client.stack();
      const { result } = await client.request<DebugProtocol.EvaluateResponse["body"]>("evaluate", {
        expression: "step",
        frameId: 0,
        context: "watch",
      });
      return result;
    };
    await client.launch("released.ts", { historyMemory: 0 });
    await client.event("stopped");
    for (let pass = 1; pass < 4; pass++) await client.step("continue");
    assert.equal(await stepHere(), "3");
    // To the start of the forward pass, and over it.
    await client.step("reverseContinue");
    await client.step("reverseContinue");
    assert.equal(await stepHere(), "2");
    await client.step("continue");
    assert.equal(await stepHere(), "3");
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
    await client.request("evaluate", { expression: "net.fc2.weight.norm().item() > 0", frameId: 0, context: "repl" });
    await client.ask("evaluate", { expression: "nothing.like.it", frameId: 0, context: "watch" });
    await client.ask("evaluate", { expression: "for (;;);", frameId: 0, context: "repl" });
    await client.ask("evaluate", { expression: "(() => { for (;;); })()", frameId: 0, context: "watch" });
    await client.request("completions", { text: "lo", column: 3, frameId: 0 });
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

  it("step into the terms of an op's product, and out of them", async () => {
    await client.launch("terms.ts");
    await client.event("stopped");
    await client.step("next");
    for (const command of ["stepIn", "stepIn", "stepIn", "stepBack", "stepIn", "stepBack", "stepIn", "next"]) {
      await client.step(command);
      await client.look();
    }
    assertGolden("terms", client.transcript);
  });

  it("step through a recording, whose program is gone", async () => {
    const live = new EngineSession(client.pathOf("mlp.ts"));
    await live.firstStop();
    await live.engine.save(1 as JobId, client.pathOf("mlp.backstep"), null);
    await live[Symbol.asyncDispose]();
    await client.launch("mlp.backstep");
    await client.event("capabilities");
    await client.event("stopped");
    await client.look();
    await client.step("next");
    await client.step("stepIn");
    await client.stack();
    await client.step("reverseContinue");
    await client.stack();
    await client.request("evaluate", { expression: "logits", frameId: 0, context: "hover" });
    await client.ask("evaluate", { expression: "logits.norm()", frameId: 0, context: "repl" });
    const source = { path: (await client.stack())[0]?.source?.path };
    await client.request("setBreakpoints", { source, breakpoints: [{ line: 9 }] });
    assertGolden("recording", client.transcript);
  });

  it("step through a pass that a Function ran within another, and then through that one", async () => {
    await client.launch("nested.ts", { stopOn: "every" });
    await client.event("stopped");
    await client.stack();
    await client.step("next");
    await client.stack();
    await client.step("continue");
    await client.stack();
    await client.step("next");
    await client.step("stepIn");
    await client.stack();
    await client.step("reverseContinue");
    await client.step("reverseContinue");
    await client.step("stepBack");
    await client.stack();
    assertGolden("nested", client.transcript);
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

  it("read the variables of the frames that stand still", async () => {
    await client.launch("mlp.ts");
    await client.event("stopped");
    const frames = await client.stack();
    const { scopes } = await client.request<DebugProtocol.ScopesResponse["body"]>("scopes", {
      frameId: frames.length - 1,
    });
    const [scope] = scopes;
    assert.equal(scope?.name, "Locals");
    const locals = await client.variables(scope.variablesReference);
    const net = locals.find(({ name }) => name === "net");
    await client.variables(net?.variablesReference ?? 0);
    assertGolden("locals", client.transcript);
  });

  it("stop at breakpoints on lines, in both directions, with conditions and counts", async () => {
    const source = { path: client.pathOf("mlp.ts") };
    await client.launch("mlp.ts", { stopOn: "breakpoints" }, async () => {
      await client.request("setBreakpoints", {
        source,
        breakpoints: [
          { line: 9 },
          { line: 20, condition: "loss < 1", logMessage: "loss {loss.toFixed(3)} |g| {grad.norm()}" },
          { line: 10, hitCondition: "== 2" },
          { line: 8, condition: "grad.norm() > 1e9" },
          { line: 11, condition: "this is no expression" },
          { line: 400 },
        ],
      });
    });
    await client.event("stopped");
    await client.stack();
    await client.step("continue");
    await client.stack();
    await client.step("reverseContinue");
    await client.stack();
    await client.step("continue");
    await client.step("continue");
    await client.stack();
    // To the start of the backward pass, of the forward pass, to the end of the pass before, and into it.
    for (let back = 0; back < 4; back++) await client.step("reverseContinue");
    await client.stack();
    await client.step("continue");
    await client.stack();
    assertGolden("line-breakpoints", client.transcript);
  });

  it("stop, in the pass they stand in, at breakpoints set since: run to cursor is one", async () => {
    await client.launch("mlp.ts");
    await client.event("stopped");
    const source = { path: client.pathOf("mlp.ts") };
    const breakpoints = [
      { line: 10, hitCondition: "== 1" },
      { line: 20, logMessage: "loss {loss}" },
    ];
    await client.request("setBreakpoints", { source, breakpoints });
    await client.step("continue");
    await client.stack();
    await client.request("setBreakpoints", { source, breakpoints: [] });
    await client.step("continue");
    await client.stack();
    assertGolden("set-while-stopped", client.transcript);
  });

  it("stop at ops, modules and gradients by name", async () => {
    await client.launch("mlp.ts", { stopOn: "breakpoints" }, async () => {
      await client.request("setFunctionBreakpoints", { breakpoints: [{ name: "fc*" }, { name: "relu" }] });
      await client.request("dataBreakpointInfo", { name: "fc1.weight" });
      await client.request("setDataBreakpoints", { breakpoints: [{ dataId: "fc1.weight", accessType: "write" }] });
    });
    await client.event("stopped");
    await client.stack();
    for (let stop = 0; stop < 3; stop++) {
      await client.step("continue");
      await client.stack();
    }
    assertGolden("name-breakpoints", client.transcript);
  });

  it("stop where somebody wished in the panel: at a gradient's norm above a threshold, from its second time on", async () => {
    await client.launch("mlp.ts", { stopOn: "breakpoints" }, async () => {
      const norm = { kind: "norm", name: "fc1.weight", above: 1e-3, fromHit: 2 };
      await client.request("stopWhen", { wishes: [norm, { kind: "filter", filter: "exploding", threshold: 1e6 }] });
    });
    await client.event("stopped");
    await client.stack();
    await client.request("stopWhen");
    await client.request("stopWhen", { wishes: [] });
    await client.step("continue");
    assertGolden("stop-when", client.transcript);
  });

  it("stop at the op that made the first NaN, also when a masked branch made it", async () => {
    await client.launch("masked-nan.ts", { stopOn: "breakpoints" }, async () => {
      await client.request("setExceptionBreakpoints", {
        filters: ["not-finite-backward"],
        filterOptions: [{ filterId: "exploding", condition: "1e6" }],
      });
    });
    await client.event("stopped");
    await client.stack();
    await client.request("exceptionInfo", { threadId: 1 });
    assertGolden("first-nan", client.transcript);
  });

  it("stop at the op that made the first value which is not finite, where it is computed", async () => {
    await client.launch("log-of-zero.ts", { stopOn: "breakpoints" }, async () => {
      await client.request("setExceptionBreakpoints", { filters: ["not-finite-forward"] });
    });
    await client.event("stopped");
    await client.stack();
    assertGolden("first-infinity", client.transcript);
  });

  it("stop in the forward pass wherever else they stop, and go on to backward() from there", async () => {
    await client.launch("log-of-zero.ts", { stopOn: "first" }, async () => {
      await client.request("setExceptionBreakpoints", { filters: ["not-finite-forward"] });
    });
    await client.event("stopped");
    await client.stack();
    await client.step("continue");
    await client.stack();
    assertGolden("infinity-before-entry", client.transcript);
  });

  it("show a thrown error once, at its own line and column, above the pass that was recorded before", async () => {
    await client.launch("thrower.ts");
    await client.event("stopped");
    await client.step("continue");
    await client.stack();
    await client.request("exceptionInfo", { threadId: 1 });
    await client.step("stepBack");
    await client.stack();
    assertGolden("thrown", client.transcript);
    assert.deepEqual(client.shown, [true]);
  });

  it("reverse to breakpoints that the pass went by, also when the file has ended", async () => {
    await client.launch("mlp.ts", { stopOn: "breakpoints" }, async () => {
      await client.request("setBreakpoints", {
        source: { path: client.pathOf("mlp.ts") },
        breakpoints: [{ line: 10, condition: "pass === 3" }],
      });
    });
    await client.event("stopped");
    await client.step("continue");
    await client.stack();
    await client.step("next");
    await client.step("next");
    await client.step("next");
    await client.step("next");
    await client.step("reverseContinue");
    await client.stack();
    assertGolden("reverse-after-end", client.transcript);
  });

  it("take a tensor of one element for its number in conditions, and say once what yields neither true nor false", async () => {
    await client.launch("mlp.ts", { stopOn: "breakpoints" }, async () => {
      await client.request("setBreakpoints", {
        source: { path: client.pathOf("mlp.ts") },
        breakpoints: [
          { line: 10, condition: "grad.norm() > 1e-6" },
          { line: 9, condition: "grad.mul(2)" },
        ],
      });
    });
    await client.event("stopped");
    await client.stack();
    await client.step("continue");
    await client.stack();
    assertGolden("conditions", client.transcript);
  });

  it("stop at what softmax makes of a row that is all masked, and not at masks", async () => {
    await client.launch("hidden-tokens.ts", { stopOn: "breakpoints" }, async () => {
      await client.request("setExceptionBreakpoints", { filters: ["not-finite-forward"] });
    });
    await client.event("stopped");
    await client.stack();
    assertGolden("masked-row", client.transcript);
  });

  it("stop at gradients that explode, vanish or are all zero, by thresholds of one's own, and where none arrives", async () => {
    await client.launch("unhealthy.ts", { stopOn: "breakpoints" }, async () => {
      await client.request("setExceptionBreakpoints", {
        filters: ["all-zero", "no-gradient"],
        filterOptions: [
          { filterId: "exploding", condition: "1e5" },
          { filterId: "vanishing", condition: "1e-9" },
          { filterId: "vanishing", condition: "tiny" },
        ],
      });
    });
    await client.event("stopped");
    await client.stack();
    for (let stop = 0; stop < 4; stop++) {
      await client.step("continue");
      await client.stack();
    }
    assertGolden("unhealthy", client.transcript);
  });

  it("stop at an op whose gradient does not match finite differences, in the first pass that has it", async () => {
    await client.launch("training-cube.ts", { stopOn: "breakpoints" }, async () => {
      await client.request("setExceptionBreakpoints", { filters: ["mismatch"] });
      await client.request("setExceptionBreakpoints", {
        filters: [],
        filterOptions: [{ filterId: "mismatch", condition: "grad.norm() > 1" }],
      });
      await client.request("setExceptionBreakpoints", {
        filters: [],
        filterOptions: [{ filterId: "mismatch", condition: "0.01" }],
      });
    });
    await client.event("stopped");
    await client.stack();
    await client.request("exceptionInfo", { threadId: 1 });
    await client.request("continue", { threadId: 1 });
    await client.event("stopped");
    await client.stack();
    assertGolden("mismatch", client.transcript);
  });

  it("compare nothing that is right for long enough to stop it", async () => {
    await client.launch("mlp.ts", { stopOn: "breakpoints" }, async () => {
      await client.request("setExceptionBreakpoints", { filters: ["mismatch"] });
    });
    await client.event("stopped");
    await client.stack();
    assertGolden("no-mismatch", client.transcript);
  });

  it("step through the time steps of an LSTM, into a cell's ops, out of it and back", async () => {
    await client.launch("lstm.ts");
    await client.event("stopped");
    await client.stack();
    for (const command of [
      "next",
      "next",
      "next",
      "stepIn",
      "next",
      "stepBack",
      "stepOut",
      "stepOut",
      "stepOut",
      "stepBack",
    ]) {
      await client.step(command);
      await client.stack();
    }
    await client.step("next", { granularity: "line" });
    await client.stack();
    assertGolden("lstm", client.transcript);
  });

  it("step into a Function where its backward is written, and open what a term passes back", async () => {
    await client.launch("training-cube.ts", { stopOn: 3 });
    await client.event("stopped");
    // Over the loss, which is made of two ops; into the Function and the linear layer.
    for (const command of ["next", "stepIn", "stepIn", "stepIn"]) {
      await client.step(command);
      await client.stack();
    }
    const { scopes } = await client.request<DebugProtocol.ScopesResponse["body"]>("scopes", { frameId: 0 });
    const term = await client.variables(scopes[0]?.variablesReference ?? 0);
    const passedBack = term.find(({ name }) => name === "contribution");
    await client.variables(passedBack?.variablesReference ?? 0, { filter: "indexed" });
    await client.request("readMemory", { memoryReference: passedBack?.memoryReference, offset: 0, count: 8 });
    for (const command of ["stepBack", "stepBack"]) {
      await client.step(command);
      await client.stack();
    }
    assertGolden("function-term", client.transcript);
  });

  it("show what an optimizer remembers of each parameter", async () => {
    await client.launch("training-cube.ts");
    await client.event("stopped");
    const optimizers = async (): Promise<DebugProtocol.Variable[]> => {
      const { scopes } = await client.request<DebugProtocol.ScopesResponse["body"]>("scopes", { frameId: 0 });
      const scope = scopes.find(({ name }) => name === "Optimizers");
      const [sgd] = await client.variables(scope?.variablesReference ?? 0);
      return client.variables(sgd?.variablesReference ?? 0);
    };
    await optimizers();
    await client.step("continue");
    const weight = (await optimizers()).find(({ name }) => name.endsWith("weight"));
    const [momentum] = await client.variables(weight?.variablesReference ?? 0);
    await client.variables(momentum?.variablesReference ?? 0, { filter: "indexed" });
    await client.request("readMemory", { memoryReference: momentum?.memoryReference, offset: 0, count: 8 });
    assertGolden("optimizer", client.transcript);
  });

  it("record no calls where the recording is to be light, and step by source lines where that is wanted", async () => {
    await client.launch("mlp.ts", { recording: "light", stepBy: "line" });
    await client.event("stopped");
    for (const command of ["next", "next", "stepBack"]) {
      await client.step(command);
      await client.stack();
    }
    assertGolden("light", client.transcript);
  });

  it("ask what if an element had another value, and take it back", async () => {
    await client.launch("cube.ts");
    await client.event("stopped");
    const { scopes } = await client.request<DebugProtocol.ScopesResponse["body"]>("scopes", { frameId: 0 });
    const parameters = scopes.find(({ name }) => name === "Parameters");
    const [x] = await client.variables(parameters?.variablesReference ?? 0);
    const [value] = await client.variables(x?.variablesReference ?? 0);
    const valueReference = value?.variablesReference ?? 0;
    await client.variables(valueReference, { filter: "indexed" });
    await client.request("setVariable", { variablesReference: valueReference, name: "1", value: "2" });
    await client.event("invalidated");
    await client.look();
    await client.ask("setVariable", { variablesReference: valueReference, name: "1", value: "two" });
    await client.request("undoEdits");
    await client.request("scopes", { frameId: 0 });
    assertGolden("what-if", client.transcript);
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
