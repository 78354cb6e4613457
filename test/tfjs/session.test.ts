import assert from "node:assert/strict";
import path from "node:path";
import type { LineBreakpoint } from "../../engine/protocol/breakpoints.ts";
import type { NodeId } from "../../engine/protocol/ids.ts";
import { EngineSession } from "../golden/stepping/engine-session.ts";

const program = path.join(import.meta.dirname, "programs", "dense.js");

function atLine(id: number, line: number, condition = ""): LineBreakpoint {
  const rest = { column: null, phase: "backward" as const, condition, hitCondition: "", logMessage: "" };
  return { id, kind: "line", file: program, line, ...rest };
}

describe("A session with TensorFlow.js", function () {
  this.timeout(60_000);

  it("stops in its pass, and tells of nodes, frames and variables", async () => {
    await using session = new EngineSession(program);
    const { pass } = await session.firstStop();
    const { engine } = session;
    const graph = await engine.graph(pass);
    const titles = Array.from(graph.op, (op, node) => `${graph.strings[op]!} ${graph.strings[graph.label[node]!]!}`);
    const relu = titles.indexOf("relu hidden") as NodeId;
    const site = graph.sites[graph.site[relu]!]!;
    assert.deepEqual([site.file, site.line, site.column], [program, 13, 23]);
    await engine.moveCursor({ to: "end" });
    const detail = await engine.node(pass, relu);
    assert.deepEqual(detail.value.shape, [6, 8]);
    assert.ok(detail.gradient);
    const [frame] = await engine.frames(pass, relu);
    assert.equal(frame?.site.line, 13);
    const { text } = await engine.evaluate("tf.memory().numTensors > 0", 0);
    assert.equal(text, "true");
    // What an expression computes is none of the program's passes.
    await engine.evaluate("tf.grad((v) => v.square())(tf.scalar(3)).dataSync()[0]", 0);
    assert.equal((await engine.passes()).length, 1);
  });

  it("tells slices from the whole that begins where they do", async () => {
    await using session = new EngineSession(path.join(import.meta.dirname, "programs", "pieces.js"));
    const { pass } = await session.firstStop();
    const { engine } = session;
    const graph = await engine.graph(pass);
    const node = Array.from(graph.label, (label) => graph.strings[label]!).indexOf("joined") as NodeId;
    await engine.moveCursor({ to: "end" });
    const gradient = await engine.elements(pass, node, { plane: "gradient", start: 0, count: 6 });
    const parts = [0, 1].map((place) => engine.elementsOf({ kind: "term", pass, node, place }, 0, 3));
    assert.deepEqual(
      [...gradient],
      (await Promise.all(parts)).flatMap((part) => [...part]),
    );
  });

  it("stops at breakpoints, whose conditions read values and gradients", async () => {
    await using session = new EngineSession(program);
    const { engine } = session;
    await engine.setBreakpoints([atLine(1, 14, "pass == 2 && grad.norm() > 0")]);
    await engine.launch({
      program,
      args: [],
      stopOn: { kind: "breakpoints" },
      threads: 1,
      historyBytes: 2 ** 26,
      seed: 0,
      deterministic: true,
    });
    const { reason, cursor } = await session.next("stopped");
    assert.equal(reason, "breakpoint");
    assert.equal(cursor.pass, 1);
    const graph = await engine.graph(cursor.pass);
    assert.equal(graph.sites[graph.site[cursor.node!]!]!.line, 14);
  });
});
