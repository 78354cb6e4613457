import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportPass } from "../../../engine/client/export-pass.ts";
import type { Engine, EngineEvents } from "../../../engine/protocol/engine.ts";
import type { Failure } from "../../../engine/protocol/failure.ts";
import type { PassId } from "../../../engine/protocol/ids.ts";
import { RecordingWriter } from "../../../engine/recording/file/write-recording.ts";
import type { RankNumbers, RankReport } from "../../../engine/recording/ranks/rank-reports.ts";
import { ProgramSession } from "../../../engine/session/program-session.ts";
import { closeRanks, openRanks, type RecordedRanks } from "../../../engine/session/ranks/recorded-ranks.ts";
import { DIGESTS, MANIFEST, MemorySink, PROGRAM, syntheticPass } from "./synthetic-recording.ts";

const numbers = (element: number): RankNumbers => [element, element, Math.abs(element), 0];

/** A pass that reduces one parameter, of which each rank has computed its own number. */
function reports(rank: number, value: number): readonly RankReport[] {
  const leaf = { name: "w", row: 1, op: "matmul", site: null, shape: [1], epsilon: 2 ** -23, divisor: null } as const;
  const planes = { value: numbers(value), before: null, local: numbers(rank), after: numbers(1) };
  const own = { promise: "reduced", group: null, model: 0 } as const;
  const pass = { pass: 3, site: null, turn: "0:1", bad: null, seed: 0, failed: false } as const;
  return [{ event: "rank.pass", ...pass, leaves: [{ ...leaf, ...own, ...planes }] }];
}

interface Made {
  readonly rank: number;
  readonly run?: string;
  readonly began?: number;
  readonly value?: number;
  readonly source?: string;
  /** Whether it ends before what the rank has told. */
  readonly isCut?: boolean;
  /** Whether the pass was still kept when it was saved. */
  readonly isKept?: boolean;
  /** What became of that, where it is not there as a whole. */
  readonly journal?: "whole" | "absent" | "not kept" | "cut short" | "garbled";
}

const TEXT = "import torch\n# a remark\nlr = 0.1\n";

describe("recordings of ranks in a folder", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "backstep-ranks-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function make(
    {
      rank,
      run = "one",
      began = 1000,
      value = 1,
      source = TEXT,
      isCut = false,
      isKept = true,
      journal = "whole",
    }: Made,
    name = `r${rank}`,
  ) {
    const sink = new MemorySink();
    const writer = new RecordingWriter(sink, DIGESTS);
    await writer.manifest({ ...MANIFEST, rank: { rank, ranks: 3, run, began: began + rank } });
    await writer.source(PROGRAM, source);
    if (isKept) await writer.pass(syntheticPass(3, 1));
    const rows = { pass: 3 as PassId, rows: 5, key: 1, parameters: [1] };
    const columns = { norms: new Float64Array(5).fill(NaN), bad: new Float64Array(5), compared: new Float64Array(8) };
    const kept = journal === "not kept" ? [] : [...reports(rank, value)];
    const dropped = journal === "not kept" || journal === "cut short" ? 5 : 0;
    const passes = [{ ...rows, ...columns, ...(journal === "garbled" && { norms: new Float64Array(1) }) }];
    if (journal !== "absent") await writer.rank({ reports: kept, dropped, passes });
    const summary = { pass: 3 as PassId, kind: "backward", loss: 1, nodeCount: 5, site: null } as const;
    await writer.end({ passes: [summary], failure: null });
    const file = join(folder, `${name}.backstep`);
    const { bytes } = sink;
    writeFileSync(file, isCut ? bytes.subarray(0, Buffer.from(bytes).indexOf("rank.json")) : bytes);
    return file;
  }

  async function opened(
    path = folder,
  ): Promise<Pick<RecordedRanks, "world"> & Record<"ranks" | "said" | "rules", unknown>> {
    const ranks = await openRanks(path);
    assert.ok(ranks);
    closeRanks(ranks);
    return {
      ranks: [...ranks.ranks.keys()],
      world: ranks.world,
      said: ranks.remarks.map(({ message }) => message),
      rules: ranks.findings.map(({ rule, evidence }) => [rule, evidence["rank"]]),
    };
  }

  async function session(program: string) {
    const warned: string[] = [];
    const events = { warned: ({ message }: Failure) => warned.push(message) };
    const opened = new ProgramSession(
      null,
      new Proxy(events, { get: (own, name) => Reflect.get(own, name) ?? (() => undefined) }) as unknown as EngineEvents,
    );
    const launch = { args: [], stopOn: { kind: "none" }, threads: 1, historyBytes: 0, seed: null } as const;
    await opened.engine.launch({ program, ...launch, deterministic: false });
    return { engine: opened.engine, warned, end: () => opened.dispose() };
  }

  it("are opened as one and held against each other, whichever of them is named", async () => {
    for (const rank of [0, 1, 2]) await make({ rank, value: rank === 1 ? 2 : 1 });
    const whole = { ranks: [0, 1, 2], world: 3, said: [], rules: [["rank-initial-weights", 1]] };
    assert.deepEqual(await opened(), whole);
    assert.deepEqual(await opened(join(folder, "r2.backstep")), whole);
  });

  it("say which are missing, and open without them", async () => {
    await make({ rank: 0 });
    await make({ rank: 2, value: 5 });
    const { ranks, said, rules } = await opened();
    assert.deepEqual(ranks, [0, 2]);
    assert.deepEqual(said, ["there is no recording of rank 1: what the others make of theirs is not known"]);
    assert.deepEqual(rules, [["rank-initial-weights", 2]]);
  });

  it("say which were cut off, are of another run, are there twice, or are none", async () => {
    for (const rank of [0, 2]) await make({ rank });
    await make({ rank: 1, isCut: true });
    await make({ rank: 1, run: "other" }, "other");
    await make({ rank: 0, began: 9000 }, "another-day");
    copyFileSync(join(folder, "r2.backstep"), join(folder, "twice.backstep"));
    writeFileSync(join(folder, "z.backstep"), "no recording");
    assert.deepEqual((await opened(join(folder, "r1.backstep"))).said, [
      "r1.backstep was cut off: whole passes of rank 1 in it: 1",
      "r1.backstep lacks what rank 1 told while it ran: it is not held against the others",
      ...((await opened(join(folder, "r0.backstep"))).said as string[]).filter((one) => !one.startsWith("r1.")),
    ]);
    const { ranks, said } = await opened(join(folder, "r0.backstep"));
    assert.deepEqual(ranks, [0, 1, 2]);
    const sentences = (said as string[]).sort().join("\n");
    assert.match(sentences, /another-day\.backstep is of another run \(rank 0 of 3\): it is left out/u);
    assert.match(sentences, /other\.backstep is of another run/u);
    assert.match(sentences, /r1\.backstep was cut off: whole passes of rank 1 in it: 1/u);
    assert.match(sentences, /twice\.backstep is of rank 2 as r2\.backstep is/u);
    assert.match(sentences, /z\.backstep /u);
    assert.equal((said as string[]).length, 6);
  });

  it("say of which ranks nothing is known but their passes, and why, and hold the others against each other", async () => {
    const why = {
      absent: [/^r1\.backstep lacks what rank 1 told while it ran: it is not held against the others$/u],
      "not kept": [
        /^r1\.backstep was saved from a run that was not recorded as it went: what rank 1 told before is not in it/u,
      ],
      garbled: [
        /r1\.backstep rank\.json makes no sense/u,
        /^rank 1 is not held against the others: what it told cannot be read$/u,
      ],
      "cut short": [/^the run is long: the ranks are held against each other up to pass 1$/u],
    } as const;
    for (const [journal, sentences] of Object.entries(why)) {
      await make({ rank: 0 });
      await make({ rank: 1, journal: journal as keyof typeof why });
      await make({ rank: 2, value: 5 });
      const { ranks, said, rules } = await opened();
      assert.deepEqual(ranks, [0, 1, 2]);
      assert.equal((said as string[]).length, sentences.length, journal);
      for (const [i, sentence] of sentences.entries()) assert.match((said as string[])[i]!, sentence);
      assert.deepEqual(rules, [["rank-initial-weights", 2]], journal);
    }
  });

  it("are written as a trace with a process for each rank, which says of which there is none", async () => {
    for (const rank of [0, 1, 2]) await make({ rank });
    const { engine, end } = await session(folder);
    try {
      const traced = async (source: Parameters<typeof exportPass>[0]): Promise<[unknown, readonly string[]]> => {
        const { files, remarks } = await exportPass(source, 3 as PassId, "trace");
        const { traceEvents } = JSON.parse(files[0]!.text) as {
          traceEvents: { name: string; args: { name: string } }[];
        };
        const processes = traceEvents.filter(({ name }) => name === "process_name").map(({ args }) => args.name);
        return [processes.map((name) => name.slice(0, 7)), remarks];
      };
      // Attributes of the pass are made up: its ops cannot be run again.
      const times = async (pass: PassId) => {
        const unmeasured = new Float64Array(5).fill(NaN);
        return { pass, forward: unmeasured, backward: unmeasured };
      };
      const instead = (methods: Partial<Engine>) =>
        new Proxy(engine, { get: (own, name) => Reflect.get(methods, name) ?? Reflect.get(own, name) });
      assert.deepEqual(await traced(instead({ times })), [["rank 0:", "rank 1:", "rank 2:"], []]);
      assert.equal((await engine.ranks())?.shown, 0);
      const standing = (await engine.ranks())!;
      const kinds = ["ended", "running", "missing"] as const;
      const ranks = async () => ({ ...standing, ranks: standing.ranks.map((one, i) => ({ ...one, kind: kinds[i]! })) });
      assert.deepEqual(await traced(instead({ times, ranks })), [
        ["rank 0:"],
        [
          "Rank 1 is still running: it is not in the trace. Pause it, and export again.",
          "There is no recording of rank 2: it is not in the trace.",
        ],
      ]);
    } finally {
      await end();
    }
  });

  it("are shown beside each other where one of them has let go of the pass", async () => {
    for (const rank of [0, 1, 2]) await make({ rank, isKept: rank !== 1 });
    const { engine, end } = await session(join(folder, "r2.backstep"));
    try {
      const strip = await engine.rankStrip(3 as PassId);
      assert.deepEqual(
        strip?.ranks.map(({ gradient }) => gradient.length),
        [5, 5, 5],
      );
    } finally {
      await end();
    }
  });

  it("are shown rank by rank, and beside each other", async () => {
    for (const rank of [0, 2]) await make({ rank });
    const { engine, warned, end } = await session(join(folder, "r2.backstep"));
    try {
      const states = await engine.ranks();
      assert.deepEqual([states?.shown, states?.ranks.map(({ kind }) => kind)], [2, ["ended", "missing", "ended"]]);
      const strip = await engine.rankStrip(3 as PassId);
      assert.deepEqual(
        strip?.ranks.map(({ gradient }) => gradient.length),
        [5, 5, 5],
      );
      await assert.rejects(engine.selectRank(1), (failure: Failure) => /no recording of rank 1/u.test(failure.message));
      await engine.selectRank(0);
      assert.equal((await engine.passes()).length, 1);
      await engine.selectRank(2);
      assert.equal((await engine.ranks())?.shown, 2);
      assert.deepEqual(warned, ["there is no recording of rank 1: what the others make of theirs is not known"]);
    } finally {
      await end();
    }
  });

  it("say where the ranks run different code, and let remarks be", async () => {
    await make({ rank: 0 });
    await make({ rank: 1, source: TEXT.replace("a remark", "another") });
    await make({ rank: 2, source: TEXT.replace("0.1", "0.2") });
    const ranks = await openRanks(folder);
    closeRanks(ranks!);
    const [found] = ranks!.findings;
    assert.match(found!.text, /line 3 of net\.ts on rank 2 is `lr = 0\.2`, on rank 0 `lr = 0\.1`/u);
    assert.deepEqual([found!.rule, found!.severity, found!.site?.line], ["rank-code", "note", 3]);
  });

  it("are none where the folder has no recording of a rank", async () => {
    await assert.rejects(openRanks(folder), (failure: Error) => /holds no recording of a rank/u.test(failure.message));
    const file = await make({ rank: 0 });
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, 20));
    await assert.rejects(openRanks(file));
  });
});
