import assert from "node:assert/strict";
import path from "node:path";
import * as comlink from "comlink";
import { ChannelEndpoint } from "../../../engine/protocol/endpoint.ts";
import type { Engine, EngineEvents, LaunchRequest } from "../../../engine/protocol/engine.ts";
import type { Failure } from "../../../engine/protocol/failure.ts";
import { EngineProcess } from "../../../engine/client/engine-process.ts";

const script = path.join(import.meta.dirname, "scripted-engine.ts");
const REQUEST: LaunchRequest = {
  program: "/model.ts",
  args: [],
  stopOn: { kind: "first" },
  threads: null,
  historyBytes: 0,
  seed: null,
  deterministic: false,
};

function start(behaviour: string, events: Partial<EngineEvents> = {}): EngineProcess {
  const engine = new EngineProcess({
    script,
    folder: import.meta.dirname,
    // Little heap, so that running out of it takes no time.
    env: {
      BACKSTEP_SCRIPT: behaviour,
      ...(behaviour === "out of memory" ? { NODE_OPTIONS: "--max-old-space-size=40" } : {}),
    },
    log: () => undefined,
  });
  engine.serve(events as EngineEvents);
  return engine;
}

function isAlive(processId: number | undefined): boolean {
  try {
    return processId !== undefined && process.kill(processId, 0);
  } catch {
    return false;
  }
}

async function rejection(call: Promise<unknown>): Promise<Failure> {
  return call.then(
    () => assert.fail("the call should have been rejected"),
    (reason: unknown) => reason as Failure,
  );
}

describe("the engine process, seen from the extension host", () => {
  it("answers requests, and rejects with the engine's own failure", async () => {
    const process_ = start("");
    assert.deepEqual(await process_.engine.state(), { kind: "idle" });
    assert.deepEqual(await rejection(process_.engine.passes()), { kind: "value", message: "no such pass", site: null });
    await process_.stop();
  });

  it("hands on what the engine pushes, with the count of dropped lines", async () => {
    const printed = Promise.withResolvers<unknown>();
    const process_ = start("print", { output: (lines, dropped) => printed.resolve([lines, dropped]) });
    await process_.engine.launch(REQUEST);
    assert.deepEqual(await printed.promise, [[{ stream: "stdout", text: "hello\n", site: null }], 7]);
    await process_.stop();
  });

  it("relays a panel's frames unopened", async () => {
    const process_ = start("");
    const endpoint: ChannelEndpoint = new ChannelEndpoint(
      { send: ({ data }) => relay.send("/requests", data) },
      "engine",
    );
    const relay = process_.relay("panel-7", (_, data) => endpoint.receive(data));
    const engine = comlink.wrap<Engine>(endpoint);
    assert.deepEqual(await engine.state(), { kind: "idle", of: "panel" });
    await process_.stop();
  });

  it("ends when it is asked, without calling that a failure", async () => {
    const process_ = start("");
    const pending = rejection(process_.engine.pause());
    await process_.stop();
    assert.equal(await process_.gone, null);
    assert.equal(isAlive(process_.processId), false);
    assert.equal((await pending).kind, "request");
  });

  for (const behaviour of ["busy", "deaf"]) {
    it(`ends within 2 s when the process is ${behaviour}`, async () => {
      const process_ = start(behaviour);
      await process_.engine.state();
      process_.engine.launch(REQUEST).catch(() => undefined);
      const started = performance.now();
      await process_.stop();
      assert.ok(performance.now() - started < 2000);
      assert.equal(isAlive(process_.processId), false);
    });
  }

  it("reports an exit with its code, and rejects every call under way", async () => {
    const process_ = start("exit");
    const pending = rejection(process_.engine.pause());
    process_.engine.launch(REQUEST).catch(() => undefined);
    const failure = await process_.gone;
    assert.equal(failure?.kind, "exited");
    assert.match(failure.message, /exit code 3/);
    assert.deepEqual(await pending, failure);
    assert.deepEqual(await rejection(process_.engine.state()), failure);
  });

  it("reports a crash with its signal", async () => {
    const process_ = start("crash");
    process_.engine.launch(REQUEST).catch(() => undefined);
    const failure = await process_.gone;
    assert.equal(failure?.kind, "crashed");
    assert.match(failure.message, /SIGSEGV/);
  });

  it("reports that memory ran out", async () => {
    const process_ = start("out of memory");
    process_.engine.launch(REQUEST).catch(() => undefined);
    assert.equal((await process_.gone)?.kind, "out-of-memory");
  }).timeout(20_000);

  it("rejects what is sent while the engine dies, and nothing is left unhandled", async () => {
    const process_ = start("");
    await process_.engine.state();
    process.kill(process_.processId!, "SIGKILL");
    // The channel is open until the exit has arrived here.
    const calls = Array.from({ length: 200 }, () => rejection(process_.engine.state()));
    const failure = await process_.gone;
    assert.match(failure!.message, /SIGKILL/);
    for (const reason of await Promise.all(calls)) assert.deepEqual(reason, failure);
  });

  it("ends it at once where nobody waits for it to end by itself", async () => {
    const process_ = start("");
    await process_.engine.state();
    await process_.kill();
    assert.equal(await process_.gone, null);
    assert.equal(isAlive(process_.processId), false);
  });

  it("says that it could not be started", async () => {
    const process_ = new EngineProcess({ script, folder: "/no/such/folder", env: {}, log: () => undefined });
    process_.serve({} as EngineEvents);
    const failure = await process_.gone;
    assert.equal(failure?.kind, "crashed");
    assert.equal(failure.message, "The engine could not be started: the folder /no/such/folder is no longer there.");
    assert.deepEqual(await rejection(process_.engine.state()), failure);
  });
});
