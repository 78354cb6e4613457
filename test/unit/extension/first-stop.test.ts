import assert from "node:assert/strict";
import { firstStop } from "../../../extension/session/first-stop.ts";
import type { GradientSession } from "../../../extension/session/gradient-session.ts";
import { SessionRegistry } from "../../../extension/session/session-registry.ts";
import { Signal } from "../../../extension/session/signal.ts";

/** What a registry listens to of a session, and whether it can be read. */
function session() {
  const signals = { stateChanged: new Signal(), cursorMoved: new Signal(), verdictsChanged: new Signal() };
  const state = { ...signals, program: "model.ts", readable: false };
  return { state, signals, gradients: state as unknown as GradientSession };
}

function listeners({ started, ended }: SessionRegistry): number {
  return started.listenerCount + ended.listenerCount;
}

describe("the first stop of a session", () => {
  it("is told once the session can be read, and nothing is listened to after it", async () => {
    const registry = new SessionRegistry();
    const { state, signals, gradients } = session();
    const stopped = firstStop(registry, () => {
      registry.add({ gradients, debug: null });
      return Promise.resolve(true);
    });
    const ofRegistry = signals.stateChanged.listenerCount - 1;
    signals.stateChanged.fire(null);
    state.readable = true;
    signals.stateChanged.fire(null);
    assert.equal(await stopped, gradients);
    assert.equal(listeners(registry), 0);
    assert.equal(signals.stateChanged.listenerCount, ofRegistry);
  });

  it("takes no later session for one that did not begin, or could not", async () => {
    const registry = new SessionRegistry();
    assert.equal(await firstStop(registry, () => Promise.resolve(false)), null);
    await assert.rejects(
      firstStop(registry, () => Promise.reject(new Error("no debugger"))),
      /no debugger/,
    );
    assert.equal(listeners(registry), 0);
  });

  it("is null where the session ends before it can be read", async () => {
    const registry = new SessionRegistry();
    const { signals, gradients } = session();
    const stopped = firstStop(registry, () => Promise.resolve(true));
    registry.add({ gradients, debug: null });
    registry.remove(gradients);
    assert.equal(await stopped, null);
    assert.equal(listeners(registry), 0);
    assert.equal(signals.stateChanged.listenerCount, 0);
  });
});
