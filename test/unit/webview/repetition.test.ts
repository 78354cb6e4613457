import assert from "node:assert/strict";
import fc from "fast-check";
import { findRepetitions } from "../../../webview/graph/repetition.ts";

const text = (s: string): number[] => [...s].map((letter) => letter.charCodeAt(0));

describe("repetitions", () => {
  it("are found with the shortest unit", () => {
    assert.deepEqual(
      findRepetitions(text("xababababy"), () => 3),
      [{ start: 1, period: 2, count: 4 }],
    );
    assert.deepEqual(
      findRepetitions(text("aaaaaa"), () => 3),
      [{ start: 0, period: 1, count: 6 }],
    );
  });

  it("are left alone when there are too few", () => {
    assert.deepEqual(
      findRepetitions(text("abab"), () => 3),
      [],
    );
  });

  it("never overlap, and are what they say", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 120 }), (sequence) => {
        let end = 0;
        for (const { start, period, count } of findRepetitions(sequence, () => 2)) {
          assert.ok(start >= end);
          end = start + period * count;
          assert.ok(end <= sequence.length);
          for (let i = start; i + period < end; i++) assert.equal(sequence[i], sequence[i + period]);
        }
      }),
    );
  });
});
