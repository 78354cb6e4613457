import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { scriptOf } from "../../programs.ts";

const cli = scriptOf("command line");
const model = path.join(import.meta.dirname, "exported.model.ts");

/** As Model Explorer's graph_builder.py declares a graph, of the fields that are written. */
const KeyValue = z.strictObject({ key: z.string(), value: z.string() });
const Graphs = z.array(
  z.strictObject({
    id: z.string(),
    nodes: z.array(
      z.strictObject({
        id: z.string(),
        label: z.string(),
        namespace: z.string(),
        attrs: z.array(KeyValue),
        incomingEdges: z.array(
          z.strictObject({ sourceNodeId: z.string(), sourceNodeOutputId: z.string(), targetNodeInputId: z.string() }),
        ),
        outputsMetadata: z.array(z.strictObject({ id: z.string(), attrs: z.array(KeyValue) })),
      }),
    ),
    groupNodeAttributes: z.record(z.string(), z.record(z.string(), z.string())),
  }),
);
const Color = z.string().regex(/^#[0-9a-f]{6}$/u);
/** As its node_data_builder.py declares the data of a model's nodes. */
const NodeData = z.record(
  z.string(),
  z.strictObject({
    results: z.record(
      z.string(),
      z.strictObject({ value: z.union([z.number(), z.string()]), bgColor: Color.optional() }),
    ),
    gradient: z.array(z.strictObject({ stop: z.number().min(0).max(1), bgColor: Color })).optional(),
  }),
);
/** Complete and metadata events of the Trace Event Format. */
const Trace = z.strictObject({
  traceEvents: z.array(
    z.discriminatedUnion("ph", [
      z.strictObject({
        ph: z.literal("X"),
        name: z.string(),
        cat: z.string(),
        ts: z.number().min(0),
        dur: z.number().positive(),
        pid: z.int(),
        tid: z.int(),
        args: z.record(z.string(), z.unknown()),
      }),
      z.strictObject({
        ph: z.literal("M"),
        name: z.enum(["process_name", "thread_name"]),
        pid: z.int(),
        tid: z.int(),
        args: z.strictObject({ name: z.string() }),
      }),
    ]),
  ),
  displayTimeUnit: z.enum(["ms", "ns"]),
});

describe("backstep export", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(path.join(tmpdir(), "backstep-export-"));
  const recording = path.join(folder, "run.backstep");

  after(() => {
    rmSync(folder, { recursive: true });
  });

  function backstep(...args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    return stdout;
  }

  function read(name: string): unknown {
    return JSON.parse(readFileSync(path.join(folder, name), "utf8"));
  }

  it("writes a recorded pass for Model Explorer, with its layers, gradient norms and verdicts", () => {
    backstep("check", model, "--pass", "1", "--record", recording);
    const out = path.join(folder, "net.json");
    const written = backstep("export", recording, "--to", "model-explorer", out);
    assert.deepEqual(
      written.trim().split("\n"),
      ["net.json", "net.gradient-norm.json", "net.verdicts.json"].map((name) => path.join(folder, name)),
    );
    const [graph] = Graphs.parse(read("net.json"));
    const ids = new Set(graph!.nodes.map(({ id }) => id));
    for (const { incomingEdges } of graph!.nodes)
      for (const { sourceNodeId } of incomingEdges) assert.ok(ids.has(sourceNodeId));
    assert.ok(graph!.nodes.some(({ label, namespace }) => label === "linear" && namespace === "Net/first"));
    const norms = NodeData.parse(read("net.gradient-norm.json"))["pass 1"]!;
    const verdicts = NodeData.parse(read("net.verdicts.json"))["pass 1"]!;
    for (const id of [...Object.keys(norms.results), ...Object.keys(verdicts.results)]) assert.ok(ids.has(id));
    assert.ok(Object.values(verdicts.results).every(({ value }) => value === "pass"));
  });

  it("writes a pass of a program as a trace in which nothing overlaps but layers and what is in them", () => {
    const out = path.join(folder, "trace.json");
    backstep("export", model, "--to", "trace", out);
    const { traceEvents } = Trace.parse(read("trace.json"));
    const events = traceEvents.filter((event) => event.ph === "X");
    for (const tid of [1, 2]) {
      const ops = events.filter((event) => event.tid === tid && event.cat === "op");
      assert.ok(ops.length >= 5);
      ops.reduce((before, event) => {
        assert.ok(event.ts >= before.ts + before.dur - 1e-6);
        return event;
      });
      for (const layer of events.filter((event) => event.tid === tid && event.cat === "module")) {
        const within = ops.filter(({ ts, dur }) => ts >= layer.ts - 1e-6 && ts + dur <= layer.ts + layer.dur + 1e-6);
        assert.ok(within.length > 0, layer.name);
      }
    }
    assert.ok(events.some(({ name, args }) => name === "tanh hidden" && args["source"] === `${model}:10:42`));
  });

  it("says what is missing", () => {
    const run = (...args: readonly string[]) =>
      spawnSync(process.execPath, [cli, "export", ...args], { encoding: "utf8" });
    assert.match(run(model, "out.json").stderr, /export: say for which tool with --to: model-explorer or trace/u);
    const { status, stderr } = run(recording, "--to", "trace", path.join(folder, "x.json"), "--pass", "7");
    assert.equal(status, 2);
    assert.match(stderr, /run\.backstep does not hold pass 7/u);
  });
});
