import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CheckRow, GradientEdit } from "../../../engine/protocol/check.ts";
import { differenceOf } from "../../../engine/protocol/comparison.ts";
import type { Engine, PassReading, SavedRecording } from "../../../engine/protocol/engine.ts";
import type { JobId, NodeId, PassId } from "../../../engine/protocol/ids.ts";
import { labelOf } from "../../../engine/recording/graph-rows.ts";
import { openRecording } from "../../../engine/session/recording/file-source.ts";
import { EngineSession } from "../../golden/stepping/engine-session.ts";

const examples = fileURLToPath(new URL("../../../examples/", import.meta.url));
const EXAMPLES = ["", "lessons/"].flatMap((inner) =>
  readdirSync(join(examples, inner))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => inner + name.slice(0, -3)),
);
/** All ops run many times to be timed, so only those of small models. */
const TIMED: ReadonlySet<string> = new Set(["micrograd", "custom-function", "regression-svm"]);
/** Nodes of a large pass that are asked after one by one: so many, from all of it. */
const MOST_NODES = 6;

/** What can be asked of a recorded run. A question that is added to the interface does not compile until it stands here. */
const QUESTIONS: Readonly<Record<keyof PassReading, "of every example" | "apart">> = {
  // They tell a recording from a live run, or write one.
  capabilities: "apart",
  state: "apart",
  save: "apart",
  cancelSave: "apart",
  // It loads the compiler, and few examples have a wrong gradient.
  gradientEdit: "apart",
  // They are asked of small models alone.
  times: "apart",
  passes: "of every example",
  selectPass: "of every example",
  moveCursor: "of every example",
  graph: "of every example",
  statistics: "of every example",
  node: "of every example",
  heatMap: "of every example",
  elements: "of every example",
  summaryOf: "of every example",
  elementsOf: "of every example",
  explain: "of every example",
  explainRule: "of every example",
  productTerm: "of every example",
  scalars: "of every example",
  nodesInFile: "of every example",
  summaries: "of every example",
  verdicts: "of every example",
  trainingLog: "of every example",
  firstBadStep: "of every example",
  gradientHistograms: "of every example",
  exportLog: "of every example",
  compareWith: "of every example",
  sourceText: "of every example",
};

/** A log as a table, but for the column of how long the passes took. */
async function tableOf(engine: Engine, file: string): Promise<string[]> {
  await engine.exportLog("csv", file);
  const lines = (await readFile(file, "utf8")).split("\n");
  return lines.map((line) => line.replace(/^([^,]*,[^,]*),[^,]*/u, "$1"));
}

/** The edit that puts right the gradient that the example of a wrong Function returns. */
async function editOfGain(engine: Engine, pass: PassId): Promise<GradientEdit | null> {
  const row = (await engine.verdicts(pass)).find(({ inputName }) => inputName === "gain");
  const { backward, fix } = row?.cause ?? {};
  assert.ok(backward && fix?.kind === "append");
  return engine.gradientEdit(backward, { kind: fix.kind, code: fix.code, input: "gain" });
}

/** Every answer about a pass that does not depend on how long anything took, by the question. */
async function answersOf(
  session: EngineSession,
  pass: PassId,
  isTimed: boolean,
  table: string,
): Promise<Map<string, unknown>> {
  const asked = new Set<string | symbol>();
  const engine = new Proxy(session.engine, {
    get(target, name) {
      asked.add(name);
      return Reflect.get(target, name) as unknown;
    },
  });
  const answers = new Map<string, unknown>();
  const ask = async (question: string, answer: Promise<unknown>): Promise<void> => {
    answers.set(question, await answer.catch((failure: unknown) => ({ failure })));
  };
  await ask(
    "passes",
    engine.passes().then((all) => all.filter(({ kept }) => kept)),
  );
  await ask("start", engine.selectPass(pass));
  const graph = await engine.graph(pass);
  answers.set("graph", graph);
  await ask("statistics", engine.statistics(pass));
  await ask("verdicts", engine.verdicts(pass));
  await ask("log", engine.trainingLog({ from: 0, to: null, width: 100, rows: null, quantities: null }));
  for (const kind of ["not-finite", "exploding", "loss-spike", "dead-units"] as const) {
    await ask(`first bad step ${kind}`, engine.firstBadStep(kind));
  }
  const [first] = (await engine.trainingLog({ from: 0, to: 1, width: 1, rows: null, quantities: null })).rows.filter(
    ({ kind }) => kind === "parameter",
  );
  await ask("histograms", engine.gradientHistograms(first?.name ?? "", 4));
  await ask("log as a table", tableOf(engine, table));
  await ask("compared with itself", engine.compareWith(pass, null, pass));
  if (isTimed) {
    // How long an op takes is another number each time; of which nodes it is known is not.
    const known = (all: Float64Array): boolean[] => Array.from(all, Number.isNaN);
    await ask(
      "times",
      engine.times(pass).then(({ forward, backward }) => [known(forward), known(backward)]),
    );
  }
  const file = graph.sites.find((site) => site !== null)?.file ?? "";
  await ask("nodes in file", engine.nodesInFile(file));
  await ask("source", engine.sourceText(file));
  for (const move of [
    { to: "end" },
    { by: -3 },
    { over: "previous" },
    { line: "previous" },
    { out: "next" },
  ] as const) {
    await ask(`move ${JSON.stringify(move)}`, engine.moveCursor(move));
  }
  await engine.moveCursor({ to: "end" });
  const step = Math.max(1, Math.floor(graph.nodeCount / MOST_NODES));
  for (let row = 0; row < graph.nodeCount; row += step) {
    const node = row as NodeId;
    const rank = graph.shapeStart[row + 1]! - graph.shapeStart[row]!;
    const first = new Array<number>(rank).fill(0);
    await ask(`${row} node`, engine.node(pass, node));
    await ask(`${row} summaries`, engine.summaries(pass, node));
    for (const plane of ["value", "gradient", "accumulated"] as const) {
      await ask(`${row} map ${plane}`, engine.heatMap(pass, node, { plane, maxRows: 8, maxColumns: 8 }));
      await ask(`${row} elements ${plane}`, engine.elements(pass, node, { plane, start: 0, count: 100 }));
    }
    await ask(`${row} explain`, engine.explain(pass, node, first));
    await ask(`${row} rule`, engine.explainRule(pass, node, first));
    await ask(`${row} scalars`, engine.scalars(pass, node));
    await ask(`${row} term`, engine.productTerm(pass, node, 0));
    await ask(`${row} passed back`, engine.summaryOf({ kind: "term", pass, node, place: 0 }));
    await ask(`${row} elements passed back`, engine.elementsOf({ kind: "term", pass, node, place: 0 }, 0, 100));
    await ask(`${row} frames`, engine.frames(pass, node));
  }
  for (const [question, of] of Object.entries(QUESTIONS)) {
    assert.ok(of === "apart" || asked.has(question), `nobody has asked for ${question}`);
  }
  return answers;
}

/** Sums over a transposed view go in another order than over its dense copy: the last bits may differ, nothing else. */
function assertSame(actual: unknown, expected: unknown, where: string): void {
  if (typeof actual === "number" && typeof expected === "number") {
    const near = Math.abs(actual - expected) <= 1e-6 * Math.max(Math.abs(actual), Math.abs(expected));
    assert.ok(Object.is(actual, expected) || near, `${where}: ${actual} instead of ${expected}`);
    return;
  }
  if (typeof actual !== "object" || typeof expected !== "object" || actual === null || expected === null) {
    assert.equal(actual, expected, where);
    return;
  }
  assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort(), where);
  for (const [key, value] of Object.entries(actual)) {
    assertSame(value, (expected as Record<string, unknown>)[key], `${where}.${key}`);
  }
}

describe("a reopened recording", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "backstep-reopened-"));
  });
  after(() => rm(folder, { recursive: true }));

  const sessions: EngineSession[] = [];
  const open = (program: string): EngineSession => {
    const session = new EngineSession(program);
    sessions.push(session);
    return session;
  };
  afterEach(() => Promise.all(sessions.splice(0).map((session) => session[Symbol.asyncDispose]())));

  /** Saves what a session has recorded. */
  const save = (session: EngineSession, file: string): Promise<SavedRecording> =>
    session.engine.save(1 as JobId, join(folder, file), null);

  for (const example of EXAMPLES) {
    it(`answers every question about ${example} as the live run did`, async function () {
      this.timeout(60_000);
      const live = open(join(examples, `${example}.ts`));
      const { pass } = await live.firstStop();
      if (example === "custom-function") await live.engine.check(2 as JobId, pass, "local");
      const name = basename(example);
      const saved = await save(live, `${name}.backstep`);
      const table = join(folder, `${name}.csv`);
      const expected = await answersOf(live, pass, TIMED.has(example), table);
      const reopened = open(saved.file);
      await reopened.open();
      assert.deepEqual(await reopened.engine.capabilities(), { checking: true, live: false });
      const answers = await answersOf(reopened, pass, TIMED.has(example), table);
      for (const [question, answer] of expected) assertSame(answers.get(question), answer, question);
      if (example === "custom-function") {
        const edits = await Promise.all([live, reopened].map(({ engine }) => editOfGain(engine, pass)));
        assert.equal(edits[0]?.text, "gradGain.mul(16)");
        assertSame(edits[1], edits[0], "edit");
      }
    });
  }

  it("knows what a hook changed and what a Function calls its operands, and compares what can be run again", async function () {
    this.timeout(60_000);
    const live = open(fileURLToPath(new URL("hooked.model.ts", import.meta.url)));
    const { pass } = await live.firstStop();
    const saved = await save(live, "hooked.backstep");
    const reopened = open(saved.file);
    await reopened.open();
    const [ours, theirs] = await Promise.all(
      [reopened, live].map(async ({ engine }) => (await engine.check(2 as JobId, pass, "full")).rows),
    );
    const isFunction = ({ name }: CheckRow): boolean => name === "Blend";
    assertSame(
      ours!.filter((row) => row.scope === "op" && !isFunction(row)),
      theirs!.filter((row) => row.scope === "op" && !isFunction(row)),
      "rows of ops",
    );
    const [blend, judged] = [ours!.find(isFunction)!, theirs!.find(isFunction)!];
    assert.equal(judged.verdict, "fail");
    assert.equal(judged.inputName, "light");
    assert.equal(blend.verdict, "inconclusive");
    assert.match(blend.reason!, /its program is gone/u);
    // What the Function does not depend on is compared through the whole pass, as if it could be run.
    const parameters = (rows: readonly CheckRow[]): unknown[] =>
      rows
        .filter(({ scope }) => scope === "parameter")
        .map(({ label, verdict, reason = "" }) => [label, verdict, reason])
        .sort();
    const unknown = "Blend depends on it, and cannot be run again: its program is gone";
    assert.deepEqual(parameters(ours!), [
      ["x", "inconclusive", unknown],
      ["y", "inconclusive", unknown],
      ["z", "pass", ""],
    ]);
    const [found, expected] = [ours!, theirs!].map((rows) => rows.find(({ label }) => label === "z")!.evidence);
    assertSame(found, expected, "evidence of z");

    // What was decided while the program was there stays decided, of all and of one gradient.
    const judgedOnes = await save(live, "judged.backstep");
    const known = open(judgedOnes.file);
    await known.open();
    const again = (await known.engine.check(3 as JobId, pass, "full")).rows;
    const verdictOf = (rows: readonly CheckRow[]): unknown[] =>
      rows.map(({ scope, name, verdict, cause }) => [scope, name, verdict, cause?.text]);
    assertSame(verdictOf(again), verdictOf(theirs!), "verdicts of a recording that has some");
    const onOthers = (await known.engine.check(5 as JobId, pass, "other-inputs")).rows;
    assert.equal(onOthers.find(isFunction)!.verdict, "fail");
    const x = again.find(({ label, scope }) => label === "x" && scope === "parameter")!;
    assert.notEqual(x.verdict, "inconclusive");
    assert.equal((await known.engine.checkGradient(4 as JobId, pass, x.node!)).verdict, x.verdict);

    // It is saved again as the recording that it is.
    const second = await save(reopened, "second.backstep");
    const [{ recording: a, close: closeFirst }, { recording: b, close: closeSecond }] = await Promise.all([
      openRecording(saved.file),
      openRecording(second.file),
    ]);
    const { structure, facts } = a.pass(0 as PassId);
    assert.ok(structure.hooks.length === 1 && structure.operandNames.length === 1);
    assert.deepEqual(b.pass(0 as PassId), { structure, facts });
    assert.deepEqual(b.passes, a.passes);
    assert.deepEqual({ ...b.manifest, created: "" }, { ...a.manifest, created: "" });
    closeFirst();
    closeSecond();
  });

  it("has each result of a Function with several, and is compared with another recording by value, gradient and shape", async function () {
    this.timeout(60_000);
    const file = fileURLToPath(new URL("several-results.model.ts", import.meta.url));
    const text = await readFile(file, "utf8");
    const changed = join(folder, "changed.model.ts");
    await writeFile(
      changed,
      text
        .replace("[2, 5]", "[2, 6]")
        .replace("slope.tanh()", "slope.tanh().exp()")
        .replace("tensor([1])", "tensor([[1], [1]])"),
    );
    const [live, other] = [open(file), open(changed)];
    const [{ pass }] = await Promise.all([live.firstStop(), other.firstStop()]);
    const [saved, second] = await Promise.all([save(live, "one.backstep"), save(other, "other.backstep")]);
    const reopened = open(saved.file);
    await reopened.open();
    const graph = await reopened.engine.graph(pass);
    const results = Array.from({ length: graph.nodeCount }, (_, node) => node as NodeId).filter((node) =>
      ["square", "slope"].includes(labelOf(graph, node)),
    );
    assert.equal(results.length, 2);
    for (const node of results) {
      const [here, there] = await Promise.all([live, reopened].map(({ engine }) => engine.node(pass, node)));
      assertSame(there, here, `node ${node}`);
    }

    const judged = (await live.engine.check(2 as JobId, pass, "full")).rows;
    const found = (await reopened.engine.check(2 as JobId, pass, "full")).rows;
    const ofPolar = (rows: readonly CheckRow[]): string[] =>
      rows.filter(({ name }) => name === "Polar").map(({ verdict, reason = "" }) => `${verdict} ${reason}`);
    assert.deepEqual([...new Set(ofPolar(judged))], ["pass "]);
    assert.ok(ofPolar(found).length > 0);
    for (const verdict of ofPolar(found)) assert.match(verdict, /^inconclusive .*its program is gone/u);

    // Right on the recorded inputs is not right on others, which only the program could tell.
    const judgedFile = (await save(live, "judged-results.backstep")).file;
    const known = open(judgedFile);
    await known.open();
    const verdictsIn = async (mode: "full" | "other-inputs"): Promise<string[]> =>
      ofPolar((await known.engine.check(3 as JobId, pass, mode)).rows);
    assert.deepEqual([...new Set(await verdictsIn("full"))], ["pass "]);
    for (const verdict of await verdictsIn("other-inputs")) assert.match(verdict, /^inconclusive/u);

    const compared = await reopened.engine.compareWith(pass, second.file, null);
    const differences = compared.nodes
      .map((node) => [node.isLeaf ? node.label : node.op, differenceOf(node, compared.tolerance)])
      .filter(([, kind]) => kind !== null);
    assert.deepEqual(differences, [
      ["x", "gradient"],
      ["y", "gradient"],
      ["output", "gradient"],
      ["output", "gradient"],
      ["scale", "value"],
      ["mul", "value"],
      ["tanh", "gradient"],
      ["exp", "only-second"],
      ["add", "value"],
      ["", "only-first"],
      ["", "only-second"],
      ["add", "shape"],
      ["sum", "value"],
    ]);
    const first = compared.nodes[compared.first!]!;
    const line = text.split("\n").findIndex((one) => one.includes("scale =")) + 1;
    assert.equal(first.label, "scale");
    assert.deepEqual(
      first.sites.map((site) => [site?.file, site?.line]),
      [
        [file, line],
        [changed, line],
      ],
    );
    assertSame(await live.engine.compareWith(pass, second.file, null), compared, "live");
  });

  it("says that its program is gone to what only that could answer", async () => {
    const live = open(join(examples, "micrograd.ts"));
    await live.firstStop();
    const { file } = await save(live, "gone.backstep");
    const reopened = open(file);
    await reopened.open();
    await assert.rejects(reopened.engine.evaluate("1", null), { message: /its program is gone/u });
    await assert.rejects(reopened.engine.resume(), { message: /its program is gone/u });
  });

  it("cannot be saved where there is no folder, and leaves nothing behind when saving is cancelled", async () => {
    const live = open(join(examples, "micrograd.ts"));
    await live.firstStop();
    await assert.rejects(live.engine.save(1 as JobId, join(folder, "nowhere", "x.backstep"), null), {
      message: /^x\.backstep cannot be written: its folder does not exist \(in .*nowhere\)$/u,
    });
    await assert.rejects(live.engine.save(1 as JobId, "/dev/null/x.backstep", null), {
      message: /cannot be written: its folder is a file/u,
    });
    const saving = live.engine.save(7 as JobId, join(folder, "cancelled.backstep"), null);
    await live.engine.cancelSave(7 as JobId);
    await assert.rejects(saving, { message: /saving was cancelled; there is no file/u });
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.includes("cancelled")),
      [],
    );
  });
});
