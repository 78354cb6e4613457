import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Cursor } from "../../../engine/protocol/cursor.ts";
import type { LaunchRequest } from "../../../engine/protocol/engine.ts";
import type { NodeId } from "../../../engine/protocol/ids.ts";
import { EngineSession } from "./engine-session.ts";

const LAUNCH: Omit<LaunchRequest, "program"> = {
  args: [],
  stopOn: { kind: "first" },
  threads: 1,
  historyBytes: 2 ** 26,
  seed: 0,
  deterministic: true,
};

/** Says where the session stands, and what every node's gradient is there. */
async function transcribe(session: EngineSession, cursor: Cursor): Promise<string> {
  const { engine } = session;
  const lines = [`position ${cursor.position} of ${cursor.forwardSteps} + ${cursor.backwardSteps}`];
  const graph = await engine.graph(cursor.pass);
  for (let row = 0; row < graph.nodeCount; row++) {
    const detail = await engine.node(cursor.pass, row as NodeId);
    const name = `${detail.op} ${detail.label}`.padEnd(16);
    const gradient = detail.gradient?.elements ? ` ∂ ${[...detail.gradient.elements].join(", ")}` : "";
    const parts = detail.contributions
      .map(
        ({ consumer, arrived, summary }) =>
          `${consumer}:${arrived && summary ? [...summary.elements!].join(", ") : "waits"}`,
      )
      .join("  ");
    const mark = row === cursor.node ? ">" : " ";
    lines.push(
      `${mark} ${row} ${name} = ${[...detail.value.elements!].join(", ")}  ${detail.gradientState}${gradient}  [${parts}]`.trimEnd(),
    );
  }
  return lines.join("\n");
}

function assertGolden(name: string, text: string): void {
  const file = fileURLToPath(new URL(`./${name}`, import.meta.url));
  if (process.env["UPDATE_GOLDEN"] || !existsSync(file)) {
    assert.ok(process.env["UPDATE_GOLDEN"], `${name} is missing: write it with UPDATE_GOLDEN=1`);
    writeFileSync(file, text);
  }
  assert.equal(text, readFileSync(file, "utf8"));
}

describe("a stepping session", function () {
  this.timeout(30_000);

  it("walks the backward pass of an expression both ways", async () => {
    const program = fileURLToPath(new URL("./expression.model.ts", import.meta.url));
    await using session = new EngineSession(program);
    await session.engine.launch({ ...LAUNCH, program });
    const { cursor, reason } = await session.next("stopped");
    const transcript = [`stopped: ${reason}`, await transcribe(session, cursor)];
    for (const by of [1, 1, 1, -1]) {
      const moved = await session.engine.moveCursor({ by });
      transcript.push(`move by ${by}`, await transcribe(session, moved));
    }
    transcript.push(
      "to the forward start",
      await transcribe(session, await session.engine.moveCursor({ to: "forward-start" })),
    );
    transcript.push("to node 3", await transcribe(session, await session.engine.moveCursor({ node: 3 as NodeId })));
    await session.engine.resume();
    const ended = await session.next("ended");
    transcript.push(`ended: ${ended.failure ? ended.failure.message : "fine"}`, "");
    assertGolden("expression.txt", transcript.join("\n"));
  });
});
