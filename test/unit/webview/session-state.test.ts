import assert from "node:assert/strict";
import type { SessionState } from "../../../engine/protocol/engine.ts";
import type { PanelStart } from "../../../engine/protocol/panel.ts";
import { connectPartners, type Partners } from "../../../webview/state/partners.ts";
import type { Cursor } from "../../../engine/protocol/cursor.ts";
import type { NodeId, PassId } from "../../../engine/protocol/ids.ts";
import type { PassGraph } from "../../../engine/protocol/graph.ts";
import { inspectOnChange } from "../../../webview/state/detail.ts";
import { cursor, graph, session, sessionState } from "../../../webview/state/resources.ts";
import { begin, events } from "../../../webview/state/session.ts";

const RUNNING: SessionState = { kind: "running", passes: 0, loss: null, passesPerSecond: 0 };
const ENDED: SessionState = { kind: "ended", cursor: null };

/** An engine that answers what is awaited here, one call after the other, and nothing else. */
function engineOf(answers: Readonly<Record<string, () => Promise<unknown>>>): Partners {
  const start: PanelStart = { state: null, file: "a.ts", session: true, failure: null };
  const never = (): Promise<never> => new Promise(() => undefined);
  const engine = new Proxy({}, { get: (_, name) => answers[String(name)] ?? never });
  return { engine, host: { ready: () => Promise.resolve(start) }, engineGone: () => undefined } as unknown as Partners;
}

describe("the panel's knowledge of its session", () => {
  it("is never set back by an answer that what the engine told since has overtaken", async () => {
    const asked: string[] = [];
    const released = Promise.withResolvers<undefined>();
    const read = Promise.withResolvers<undefined>();
    let state: SessionState = RUNNING;
    connectPartners(
      engineOf({
        state: () => {
          asked.push("state");
          return Promise.resolve(state);
        },
        ranks: async () => {
          asked.push("ranks");
          await released.promise;
          return null;
        },
        trainingLog: () => {
          read.resolve(undefined);
          return new Promise(() => undefined);
        },
      }),
    );
    await begin();
    // The run ends while the ranks are asked for.
    state = ENDED;
    events.stateChanged(ENDED);
    released.resolve(undefined);
    await read.promise;
    assert.deepEqual(asked.toSorted(), ["ranks", "state"]);
    assert.deepEqual(sessionState.value, ENDED);
  });

  it("asks for no node of the pass before, once the cursor is in the next", () => {
    const asked: string[] = [];
    connectPartners(
      engineOf({
        node: ((pass: number, node: number) => {
          asked.push(`${pass}:${node}`);
          return new Promise(() => undefined);
        }) as () => Promise<unknown>,
      }),
    );
    const at = (pass: number, node: number): Cursor => {
      const steps = { position: 0, forwardSteps: 1, backwardSteps: 1, head: 2 };
      return { pass: pass as PassId, node: node as NodeId, term: null, ...steps };
    };
    const graphOf = (pass: number, nodeCount: number): PassGraph =>
      ({ pass, nodeCount, roots: [nodeCount - 1] }) as unknown as PassGraph;
    inspectOnChange();
    session.value = true;
    graph.value = graphOf(0, 5);
    cursor.value = at(0, 3);
    // The next pass is larger; its graph has yet to come.
    cursor.value = at(1, 10);
    graph.value = graphOf(1, 12);
    assert.deepEqual(asked, ["0:4", "0:3", "1:10"]);
  });
});
