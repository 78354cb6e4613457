import assert from "node:assert/strict";
import { MOST_MEMORY, mutate, peakMemory, readWhole } from "../../fuzz/mutated-recordings.ts";
import { seededRandom } from "../../fuzz/seeded-random.ts";
import { syntheticRecording } from "./synthetic-recording.ts";

/** As many as take a second; `npm run fuzz` reads a hundred thousand. */
const FILES = 1000;

describe("mutated recordings", () => {
  it("open, or say what is wrong with them", async () => {
    const bytes = await syntheticRecording();
    assert.equal(await readWhole(bytes), "opened");
    const before = peakMemory();
    let opened = 0;
    for (let seed = 0; seed < FILES; seed++) {
      const mutated = mutate(bytes, seededRandom(seed));
      try {
        if ((await readWhole(mutated)) === "opened") opened++;
      } catch (error) {
        throw new Error(`the mutation of seed ${seed} is not survived`, { cause: error });
      }
    }
    assert.ok(peakMemory() - before < bytes.length + MOST_MEMORY, "reading a file took more memory than it may");
    // Both ends are seen: what does not matter, and what does.
    assert.ok(opened > FILES / 100 && opened < FILES * 0.9, `${opened} of ${FILES} opened`);
  });
});
