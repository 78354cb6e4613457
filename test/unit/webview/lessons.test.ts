import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { PassGraph } from "../../../engine/protocol/graph.ts";
import type { NodeId } from "../../../engine/protocol/ids.ts";
import { lessonOf } from "../../../webview/lesson/lesson-source.ts";
import { EngineSession } from "../../golden/stepping/engine-session.ts";

const folder = fileURLToPath(new URL("../../../examples/lessons/", import.meta.url));
const files = globSync("*.ts", { cwd: folder }).sort();

describe("lessons", function () {
  this.timeout(60_000);
  let runs: Awaited<ReturnType<typeof run>>[];
  before(async () => {
    runs = await Promise.all(files.map((file) => run(path.join(folder, file))));
  });

  it("are model files whose comments ask and answer", () => {
    assert.equal(lessonOf("// A network learns.\nconst a = 1;"), null);
    assert.deepEqual(lessonOf("// Lesson 2 of 5: a neuron\n\n  // ? Why\n  // ? so?\n  const z = 1;\n\n// = So.\n"), {
      number: 2,
      of: 5,
      title: "a neuron",
      questions: [{ line: 5, text: "Why so?", answer: "So." }],
    });
  });

  it("are five, in their order", () => {
    const lessons = files.map((file) => lessonOf(readFileSync(path.join(folder, file), "utf8")));
    assert.deepEqual(
      lessons.map((lesson) => [lesson?.number, lesson?.of]),
      [1, 2, 3, 4, 5].map((number) => [number, 5]),
    );
    for (const lesson of lessons) for (const { answer } of lesson!.questions) assert.ok(answer.length > 20);
  });

  it("ask each question at a stop of a backward pass, within the first two", () => {
    files.forEach((file, i) => {
      const { questions } = lessonOf(readFileSync(path.join(folder, file), "utf8"))!;
      const silent = questions.filter(({ line }) => !runs[i]!.lines.has(line));
      assert.deepEqual(silent, [], file);
    });
  });

  it("give the numbers that they name", () => {
    const [chain, neuron, layer, loss] = runs.map(({ gradients }) => gradients);
    assert.deepEqual(
      ["a", "b", "d", "e"].map((name) => chain!.get(name)),
      [[16], [-16], [-8], [-8]],
    );
    // sigmoid′(0) = 1/4, times the inputs 1.5 and −2.
    assert.deepEqual(
      ["z", "bias", "w1", "w2"].map((name) => neuron!.get(name)?.map((one) => Number(one.toPrecision(4)))),
      [[0.25], [0.25], [0.375], [-0.5]],
    );
    assert.deepEqual(layer!.get("scores"), [1, 0, 0, 1, 0, 1]);
    assert.deepEqual(layer!.get("bias"), [2, 0, 1]);
    // softmax([2, 1, −1]) minus 1 at the second.
    assert.deepEqual(
      loss!.get("scores")?.map((one) => Number(one.toFixed(3))),
      [0.705, -0.741, 0.035],
    );
  });
});

/** The lines of the first two passes that a backward pass stops at, and the small gradients of the first by name. */
async function run(program: string): Promise<{ lines: Set<number>; gradients: Map<string, number[]> }> {
  await using session = new EngineSession(program);
  const { engine } = session;
  const { pass } = await session.firstStop();
  await engine.moveCursor({ to: "end" });
  const graph = await engine.graph(pass);
  const gradients = new Map<string, number[]>();
  for (let node = 0; node < graph.nodeCount; node++) {
    const { gradient } = await engine.node(pass, node as NodeId);
    if (gradient?.elements) gradients.set(graph.strings[graph.label[node]!]!, [...gradient.elements]);
  }
  const lines = linesOf(graph);
  await engine.resume();
  const next = await session.nextOf(["stopped", "ended"]);
  if (next.kind === "stopped") {
    for (const line of linesOf(await engine.graph(next.cursor.pass))) lines.add(line);
  }
  return { lines, gradients };
}

function linesOf({ backwardOrder, sites, site }: PassGraph): Set<number> {
  return new Set(Array.from(backwardOrder, (node) => sites[site[node]!]?.line ?? 0));
}
