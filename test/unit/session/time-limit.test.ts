import assert from "node:assert/strict";
import { isGradEnabled, setGradEnabled } from "../../../engine/context/grad-mode.ts";
import { mapWithTimeLimit, TimeLimitError, withTimeLimit } from "../../../engine/session/time-limit.ts";

function forEver(): never {
  for (;;);
}

describe("user code with a time limit", () => {
  it("returns what it returns, and throws what it throws", () => {
    assert.equal(
      withTimeLimit(1000, () => 3),
      3,
    );
    assert.deepEqual(
      mapWithTimeLimit([1, 2, 3], 1000, (item) => item * item),
      [1, 4, 9],
    );
    assert.deepEqual(mapWithTimeLimit([], 1000, forEver), []);
    for (const thrown of [new RangeError("no"), null] as unknown[]) {
      const run = (item: number): number => {
        if (item === 2) throw thrown;
        return item;
      };
      assert.throws(
        () => mapWithTimeLimit([1, 2, 3], 1000, run),
        (error) => error === thrown,
      );
    }
  });

  it("is ended where it does not end, also after others, and leaves the engine as it was", () => {
    const ran: number[] = [];
    const run = (item: number): void => {
      ran.push(item);
      if (item < 3) return;
      setGradEnabled(false);
      try {
        forEver();
      } finally {
        ran.push(-1);
      }
    };
    assert.throws(() => mapWithTimeLimit([1, 2, 3, 4], 50, run), TimeLimitError);
    assert.throws(() => withTimeLimit(50, forEver), /it was ended when it had run for 0.05 s/u);
    assert.deepEqual(ran, [1, 2, 3]);
    assert.ok(isGradEnabled());
  });
});
