import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createSharedMemory } from "../../../engine/memory/shared-memory.ts";
import type { PassSummary } from "../../../engine/protocol/engine.ts";
import type { PassId } from "../../../engine/protocol/ids.ts";
import { LiveSource } from "../../../engine/reading/live-source.ts";
import { PassList } from "../../../engine/reading/pass-list.ts";
import { linesOf, PassColumns } from "../../../engine/training/pass-entries.ts";

const MILLION = 1_000_000;
const SITE = { file: "/model.ts", line: 3, column: 1, endLine: 3, endColumn: 9 };

function summary(pass: number, more: Partial<PassSummary> = {}): PassSummary {
  return { pass: pass as PassId, kind: "backward", loss: 1, nodeCount: 2, site: null, kept: true, ...more };
}

/** Bytes that can be reached. */
function bytesInUse(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe("a run of a million passes", () => {
  it("hands over what it had all together where it stops once", () => {
    const source = new LiveSource(createSharedMemory(64 * 2 ** 20));
    const summaries = Array.from({ length: MILLION }, (_, pass) => summary(pass));
    const labels = Array.from({ length: 300_000 }, (_, i) => `label ${i}`);
    source.takeIn({ tables: { ops: [], labels, sites: [] }, passes: [], summaries, oldest: MILLION });
    assert.equal(source.passes.length, MILLION);
    assert.equal(source.last, MILLION - 1);
    assert.deepEqual(source.some(MILLION - 1, Infinity), [summary(MILLION - 1, { kept: false })]);
    assert.deepEqual(source.kept, []);
  });

  it("takes no more than columns for what is told of them, and for what findings know of them", () => {
    const before = bytesInUse();
    const [list, columns] = [new PassList(), new PassColumns()];
    for (let pass = 0; pass < MILLION; pass++) {
      list.add(summary(pass, { loss: 1 / (pass + 1), site: SITE }));
      columns.push({ index: pass, kind: "backward", loss: 1 / (pass + 1), site: SITE });
    }
    const bytes = bytesInUse() - before;
    assert.ok(bytes < 100 * MILLION, `${bytes} bytes`);
    assert.equal(list.slice(MILLION - 1)[0]!.loss, 1e-6);
    assert.equal(columns.at(-1)!.loss, 1e-6);
  });
});

describe("the passes of a run", () => {
  it("stand in the order of their numbers, though one within another ends first", () => {
    const list = new PassList();
    const told = [
      summary(0, { kind: "grad", loss: null }),
      summary(3, { within: 2 as PassId, site: SITE, loss: Number.NaN }),
      summary(2, { within: 1 as PassId, kept: false }),
      summary(1, { site: SITE }),
      summary(4),
    ];
    for (const one of told) list.add(one);
    const ordered = [told[0]!, told[3]!, told[2]!, told[1]!, told[4]!];
    assert.deepEqual(list.slice(), ordered);
    assert.deepEqual(list.slice(1, 3), ordered.slice(1, 3));
    list.release(4 as PassId);
    assert.deepEqual(list.of(4 as PassId), summary(4, { kept: false }));
    assert.deepEqual(list.slice(5), []);
  });

  it("are gone through as an array is", () => {
    const entries = [
      { index: 0, kind: "grad", loss: null, site: null },
      { index: 1, kind: "backward", loss: Infinity, site: SITE },
      { index: 3, kind: "backward", loss: 0.5, site: { ...SITE } },
    ] as const;
    const columns = new PassColumns();
    for (const entry of entries) columns.push(entry);
    assert.deepEqual([...columns], entries);
    assert.deepEqual([columns.at(-1), columns.at(3), columns.at(-4)], [entries[2], undefined, undefined]);
    assert.deepEqual(
      columns.findLast(({ kind }) => kind === "grad"),
      entries[0],
    );
    assert.equal(
      columns.some(({ loss }) => loss === 0.5),
      true,
    );
    assert.deepEqual([...linesOf(columns)], [null, "/model.ts:3"]);
    assert.deepEqual(linesOf(columns), linesOf(entries));
  });
});
