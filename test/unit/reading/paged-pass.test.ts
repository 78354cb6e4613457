import assert from "node:assert/strict";
import { writeAll } from "../../../engine/api/data/element-codec.ts";
import { history } from "../../../engine/autograd/history.ts";
import { runtime, startRuntime } from "../../../engine/core/runtime.ts";
import { readElements } from "../../../engine/core/elements.ts";
import { manualSeed, nn, randn, type Tensor } from "../../../engine/index.ts";
import { ScratchArena } from "../../../engine/memory/arena.ts";
import { createSharedMemory } from "../../../engine/memory/shared-memory.ts";
import { STATISTIC } from "../../../engine/protocol/inspection.ts";
import { RECORDED_DTYPES, type RecordedDType } from "../../../engine/protocol/recorded-dtype.ts";
import { explainElement } from "../../../engine/reading/explain.ts";
import { graphOf } from "../../../engine/reading/graph-of.ts";
import { inspectNode, planeOf } from "../../../engine/reading/inspect-node.ts";
import { LivePass } from "../../../engine/reading/live-pass.ts";
import { factsOf, structureOf, viewOfTensor } from "../../../engine/reading/new-pass.ts";
import { PagedSource } from "../../../engine/reading/paged-source.ts";
import { recordOf } from "../../../engine/reading/pass-record.ts";
import { bringWhole, readPass, tensorsOf } from "../../../engine/reading/pass-source.ts";
import { passStatistics } from "../../../engine/reading/pass-statistics.ts";
import { scalarsOf } from "../../../engine/reading/scalars-of.ts";
import type { ReadablePass } from "../../../engine/reading/readable-pass.ts";
import { cursorAt, moveCursor } from "../../../engine/recording/moves.ts";
import { Held, type PassFacts, type PassStructure } from "../../../engine/recording/pass-structure.ts";
import type { Recording } from "../../../engine/recording/recording.ts";
import { keyOfTensor, type TensorRef } from "../../../engine/recording/tensor-ref.ts";
import { readerTables } from "../../reader-tables.ts";

const FILE = "/models/net.ts";

/** Runs a backward pass in this thread, and reads it where it is. */
function recorded(loss: Tensor): LivePass {
  loss.backward();
  const pass = history.passes.at(-1)!;
  return new LivePass(runtime.memory, readerTables(), recordOf(pass, { backwardSites: [], parameters: [] }));
}

/** The same pass as a recording gives it, whose tensors arrive late; `changed` stands in for what another program recorded. */
class SlowRecording implements Recording {
  readonly program = FILE;
  readonly passes;
  readonly asked: string[] = [];
  readonly structure: PassStructure;
  readonly facts: PassFacts;
  readonly #pass: LivePass;
  readonly #bytes: (ref: TensorRef) => Uint8Array | null;

  constructor(
    pass: LivePass,
    changed: {
      readonly structure?: Partial<PassStructure>;
      readonly facts?: Partial<PassFacts>;
      readonly bytes?: (ref: TensorRef) => Uint8Array | null;
    } = {},
  ) {
    this.#pass = pass;
    this.#bytes = changed.bytes ?? (() => null);
    this.structure = { ...structureOf(pass, FILE), ...changed.structure };
    this.facts = { ...factsOf(pass), ...changed.facts };
    const { id, loss, rows } = pass;
    this.passes = [{ pass: id, kind: "backward" as const, loss, nodeCount: rows, site: null, kept: true }];
  }

  pass(): { structure: PassStructure; facts: PassFacts } {
    return this;
  }

  async tensor(ref: TensorRef): Promise<Uint8Array> {
    this.asked.push(keyOfTensor(ref));
    const view = viewOfTensor(this.#pass, ref)!;
    return this.#bytes(ref) ?? writeAll(view.dtype, readElements(view));
  }

  dispose(): void {
    // Nothing is open.
  }
}

/** Reads with scratch memory of its own, as the examiner does. */
async function reading<T>(pass: LivePass, recording: Recording, read: (paged: ReadablePass) => T): Promise<T> {
  const own = runtime;
  startRuntime({ ...own, arena: new ScratchArena(own.memory) });
  try {
    return await readPass(new PagedSource(own.memory, recording), pass.id, read);
  } finally {
    startRuntime(own);
  }
}

function perceptron(): LivePass {
  manualSeed(3);
  const net = new nn.Sequential(new nn.Linear(4, 6), new nn.ReLU(), new nn.Linear(6, 3));
  return recorded(
    net
      .forward(randn([5, 4]))
      .square()
      .mean(),
  );
}

/** Every answer about every node, at the cursor of a position. */
function answersAt(pass: ReadablePass, position: number): unknown {
  const cursor = cursorAt(pass, position);
  return Array.from({ length: pass.rows }, (_, row) => {
    const detail = inspectNode(pass, row, cursor, null, null);
    const index = pass.shape(row).map(() => 0);
    return [detail, explainElement(pass, row, index, detail.gradientState === "complete" ? pass.steps : 0)];
  });
}

describe("a pass whose tensors lie elsewhere", () => {
  it("answers as the one in memory, at every position", async () => {
    const live = perceptron();
    const recording = new SlowRecording(live);
    const last = live.schedule.forwardSteps + live.schedule.backwardSteps;
    for (let position = 0; position <= last; position++) {
      const paged = await reading(live, recording, (pass) => answersAt(pass, position));
      assert.deepEqual(paged, answersAt(live, position));
    }
    assert.deepEqual(await reading(live, recording, (pass) => graphOf(pass, FILE)), graphOf(live, FILE));
  });

  it("moves its cursor as the one in memory", async () => {
    const live = perceptron();
    const walk = (pass: ReadablePass): unknown[] => {
      let cursor = cursorAt(pass, 0);
      return Array.from({ length: 30 }, () => (cursor = moveCursor(pass, cursor, { into: "next" })));
    };
    assert.deepEqual(await reading(live, new SlowRecording(live), walk), walk(live));
  });

  it("has the same statistics, once all of it is there", async () => {
    const live = perceptron();
    const statistics = (pass: ReadablePass) => passStatistics(pass, new ScratchArena(runtime.memory), () => null);
    const source = new PagedSource(runtime.memory, new SlowRecording(live));
    const paged = await readPass(source, live.id, async (pass) => {
      await source.page(tensorsOf(pass));
      return statistics(pass);
    });
    assert.deepEqual(paged, await statistics(live));
  });

  it("brings a tensor once, and only what is looked at", async () => {
    const live = perceptron();
    const recording = new SlowRecording(live);
    const source = new PagedSource(runtime.memory, recording);
    const look = (): Promise<number> => readPass(source, live.id, (pass) => readElements(pass.value(0)).length);
    await Promise.all([look(), look()]);
    await look();
    assert.deepEqual(recording.asked, [`${live.id} value 0`]);
  });

  it("is read where it was brought to, whichever run's memory this thread has computed in meanwhile", async () => {
    const live = perceptron();
    const given = Float64Array.from(readElements(live.value(0)), (_, index) => index + 1);
    const own = runtime;
    const memory = createSharedMemory(64 * 2 ** 20);
    startRuntime({ ...own, memory, arena: new ScratchArena(memory) });
    try {
      const recording = new SlowRecording(live, {
        bytes: (ref) => ("row" in ref && ref.row === 0 && ref.plane === "value" ? writeAll("float32", given) : null),
      });
      const source = new PagedSource(memory, recording);
      startRuntime(own);
      const read = await readPass(source, live.id, (pass) => Float64Array.from(readElements(pass.value(0))));
      assert.deepEqual(read, given);
      const whole = await readPass(source, live.id, async (pass) => {
        const brought = bringWhole(source, pass);
        startRuntime(own);
        await brought;
        return Float64Array.from(readElements(pass.value(0)));
      });
      assert.deepEqual(whole, given);
    } finally {
      startRuntime(own);
    }
  });

  it("refuses bytes that are not the tensor's", async () => {
    const live = perceptron();
    const recording = new SlowRecording(live, { bytes: () => new Uint8Array(3) });
    await assert.rejects(
      reading(live, recording, (pass) => pass.value(0)),
      { kind: "request", message: /gives 3 bytes for \[\d+, \d+\] float32/ },
    );
  });

  it("shows statistics of what was too large to keep, and what it can of the rest", async () => {
    const live = perceptron();
    const row = live.roots[0]! - 1;
    const facts = factsOf(live);
    const held = facts.held.slice();
    held[row]! &= ~Held.value;
    const valueStatistics = new Float64Array(live.rows * Object.keys(STATISTIC).length).fill(Number.NaN);
    const at = row * Object.keys(STATISTIC).length;
    valueStatistics.set([15, 15, 0, 4], at);
    valueStatistics[at + STATISTIC.norm] = 7;
    const recording = new SlowRecording(live, { facts: { held, valueStatistics } });
    const { value, contributions } = await reading(live, recording, (pass) =>
      inspectNode(pass, row, cursorAt(pass, 1000), null, null),
    );
    assert.deepEqual([value.statistics[STATISTIC.count], value.statistics[STATISTIC.norm]], [15, 7]);
    assert.equal(value.elements, null);
    assert.equal(contributions.length, 1);
    const root = await reading(live, recording, (pass) => inspectNode(pass, row + 1, null, null, null));
    assert.equal(root.value.shape.length, 0);
    const why = /too large to be kept when the program ran: its statistics are what was noted/u;
    await assert.rejects(
      reading(live, recording, (pass) => planeOf(pass, row, "value", null)),
      why,
    );
    await assert.rejects(
      reading(live, recording, (pass) => scalarsOf(pass, row, 0)),
      why,
    );
    const around = await reading(live, recording, (pass) => scalarsOf(pass, row + 1, 0));
    assert.deepEqual(
      around.tensors.map(({ node }) => node),
      [row + 1],
    );
    assert.equal(around.more, true);
  });
});

describe("an op that another framework ran", () => {
  const foreign = { foreign: true };

  /** The records that hold for a pass's ops, as its reader finds them; "" where none does. */
  const recordsOf = (live: LivePass, recording: Recording): Promise<string[]> =>
    reading(live, recording, (pass) => Array.from(live.schedule.forwardOrder, (row) => pass.op(row)?.id ?? ""));

  it("follows our record where our forward gives the recorded value", async () => {
    const live = perceptron();
    const ours = await recordsOf(live, new SlowRecording(live));
    assert.deepEqual(await recordsOf(live, new SlowRecording(live, { structure: foreign })), ours);
  });

  it("is opaque where it does not", async () => {
    const live = perceptron();
    const structure = structureOf(live, FILE);
    // Says relu, and was something else.
    const ops = structure.ops.map((op) => (op.record === "square" ? { ...op, record: "relu" } : op));
    const records = await recordsOf(live, new SlowRecording(live, { structure: { ...foreign, ops } }));
    assert.equal(records.filter((record) => record === "").length, 1);
  });

  it("is opaque where its attributes are not those that it ran with", async () => {
    const live = recorded(randn([3, 4]).requiresGrad_().mul(2).sum());
    const structure = structureOf(live, FILE);
    const attributes = structure.attributes.map((one) => (one["value"] === 2 ? { ...one, value: 3 } : one));
    const records = await recordsOf(live, new SlowRecording(live, { structure: { ...foreign, attributes } }));
    assert.equal(records[0], "");
  });

  it("may round as its dtype does, and no more", async () => {
    manualSeed(5);
    const live = recorded(
      randn([8, 16])
        .requiresGrad_()
        .matmul(randn([16, 8]))
        .sum(),
    );
    const dtype = new Uint8Array(live.rows).fill(RECORDED_DTYPES.indexOf("bfloat16"));
    const rounded = (ref: TensorRef, error: number): Uint8Array => {
      const elements = readElements(viewOfTensor(live, ref)!);
      const isResult = "row" in ref && live.isOp(ref.row);
      return bfloat16(elements.map((x) => (isResult ? x * (1 + error) : x)));
    };
    const recordings = [0, 0.2].map(
      (error) => new SlowRecording(live, { structure: { ...foreign, dtype }, bytes: (ref) => rounded(ref, error) }),
    );
    const [right, wrong] = [await recordsOf(live, recordings[0]!), await recordsOf(live, recordings[1]!)];
    assert.equal(right[0], "matmul");
    assert.equal(wrong[0], "");
    const summary = await reading(live, recordings[0]!, (pass) => inspectNode(pass, 0, null, null, null).value);
    assert.equal(summary.dtype, "bfloat16" satisfies RecordedDType);
  });

  it("is judged by how far rounding of its inputs moves a sum that cancels", async () => {
    manualSeed(7);
    const half = randn([1000]);
    const live = recorded(half.sub(half.mul(1)).add(1e-7).requiresGrad_().sum());
    const root = live.roots[0]!;
    const [sum] = readElements(live.value(root));
    const bytes = (ref: TensorRef): Uint8Array | null =>
      "row" in ref && ref.row === root && ref.plane === "value" ? writeAll("float32", [sum! * (1 + 2 ** -20)]) : null;
    const records = await recordsOf(live, new SlowRecording(live, { structure: foreign, bytes }));
    assert.equal(records.at(-1), live.op(root)?.id);
  });
});

/** The upper halves of float32 numbers, rounded to nearest. */
function bfloat16(values: Float64Array): Uint8Array {
  const bits = new Uint32Array(Float32Array.from(values).buffer);
  return new Uint8Array(Uint16Array.from(bits, (word) => (word + 0x8000) >>> 16).buffer);
}
