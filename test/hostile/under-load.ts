import assert from "node:assert/strict";
import { expectOutcome } from "./expectation.ts";
import { PASS, withFunction } from "./hostile-file.ts";
import type { Trial } from "./trial.ts";

const AT_ONCE = 8;

/** After so many checks it says how far it is: an hour's run that is cut off has told something. */
const TELLS_EVERY = 20;

/** Right and wrong files by turns: each check ends with the status of its own file, however busy the machine is. */
export function checksUnderLoad(runs: number): Trial {
  return {
    kind: "load",
    name: `${runs} checks, ${AT_ONCE} at a time`,
    memory: 2 ** 32,
    ...(runs > 100 && { long: true }),
    run: async (room) => {
      const files = [
        { file: room.write("right.ts", PASS), expected: { status: 0, says: /3 passed, 0 failed/u } },
        { file: room.write("wrong.ts", withFunction("return x.mul(2);", "return g.mul(3);")), expected: { status: 1 } },
        { file: room.write("refused.ts", `${PASS}throw new Error("x");`), expected: { status: 2 } },
      ];
      let [next, done] = [0, 0];
      const work = async (): Promise<void> => {
        while (next < runs) {
          const { file, expected } = files[next++ % files.length]!;
          expectOutcome(await room.backstep(["check", file], { milliseconds: 120_000 }), expected);
          if (++done % TELLS_EVERY === 0) console.log(`${done} checks of ${runs} with the right status`);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      assert.equal(done, runs);
    },
  };
}

export const UNDER_LOAD: readonly Trial[] = [checksUnderLoad(16), checksUnderLoad(1000)];
