import assert from "node:assert/strict";
import { createSharedMemory } from "../../../engine/memory/shared-memory.ts";
import type { PassSummary } from "../../../engine/protocol/engine.ts";
import type { PassId } from "../../../engine/protocol/ids.ts";
import { LiveSource } from "../../../engine/reading/live-source.ts";

describe("a run of a million passes that stops once", () => {
  it("hands over what it had all together", () => {
    const source = new LiveSource(createSharedMemory(64 * 2 ** 20));
    const summaries = Array.from({ length: 1_000_000 }, (_, pass): PassSummary => {
      return { pass: pass as PassId, kind: "backward", loss: 1, nodeCount: 2, site: null, kept: true };
    });
    const labels = Array.from({ length: 300_000 }, (_, i) => `label ${i}`);
    source.takeIn({ tables: { ops: [], labels, sites: [] }, passes: [], summaries, oldest: 1_000_000 });
    assert.equal(source.passes.length, 1_000_000);
    assert.equal(source.passes.at(-1)!.kept, false);
  });
});
