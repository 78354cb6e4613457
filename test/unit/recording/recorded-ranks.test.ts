import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineEvents } from "../../../engine/protocol/engine.ts";
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
}

const TEXT = "import torch\n# a remark\nlr = 0.1\n";

describe("recordings of ranks in a folder", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "backstep-ranks-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function make(
    { rank, run = "one", began = 1000, value = 1, source = TEXT, isCut = false }: Made,
    name = `r${rank}`,
  ) {
    const sink = new MemorySink();
    const writer = new RecordingWriter(sink, DIGESTS);
    await writer.manifest({ ...MANIFEST, rank: { rank, ranks: 3, run, began: began + rank } });
    await writer.source(PROGRAM, source);
    await writer.pass(syntheticPass(3, 1));
    const rows = { pass: 3 as PassId, rows: 5, key: 1, parameters: [1] };
    const columns = { norms: new Float64Array(5).fill(NaN), bad: new Float64Array(5), compared: new Float64Array(8) };
    await writer.rank({ reports: [...reports(rank, value)], dropped: 0, passes: [{ ...rows, ...columns }] });
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
    const { ranks, said } = await opened(join(folder, "r0.backstep"));
    assert.deepEqual(ranks, [0, 1, 2]);
    const sentences = (said as string[]).sort().join("\n");
    assert.match(sentences, /another-day\.backstep is of another run \(rank 0 of 3\): it is left out/u);
    assert.match(sentences, /other\.backstep is of another run/u);
    assert.match(sentences, /r1\.backstep was cut off: whole passes of rank 1 in it: 1/u);
    assert.match(sentences, /twice\.backstep is of rank 2 as r2\.backstep is/u);
    assert.match(sentences, /z\.backstep /u);
    assert.equal((said as string[]).length, 5);
  });

  it("are shown rank by rank, and beside each other", async () => {
    for (const rank of [0, 2]) await make({ rank });
    const warned: string[] = [];
    const events = { warned: ({ message }: Failure) => warned.push(message) };
    const session = new ProgramSession(
      null,
      new Proxy(events, { get: (own, name) => Reflect.get(own, name) ?? (() => undefined) }) as unknown as EngineEvents,
    );
    try {
      const { engine } = session;
      const launch = { args: [], stopOn: { kind: "none" }, threads: 1, historyBytes: 0, seed: null } as const;
      await engine.launch({ program: join(folder, "r2.backstep"), ...launch, deterministic: false });
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
      await session.dispose();
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
