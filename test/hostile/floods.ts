import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Breakpoint } from "../../engine/protocol/breakpoints.ts";
import { openSession, within } from "./engine-trials.ts";
import { PASS } from "./hostile-file.ts";
import { memoryOf } from "./processes.ts";
import type { Trial } from "./trial.ts";

/** Answers that are asked for while something else goes on. */
const LONGEST_ANSWER_MILLISECONDS = 1_000;
/** Usual are 200 MiB at the most. */
const MOST_MEMORY = 300 * 2 ** 20;
const LOOKS = 40;
const LOOK_MILLISECONDS = 50;

/** The op of every pass is printed, though nothing stops there. */
const LOG_MESSAGE: Breakpoint = {
  kind: "function",
  id: 1,
  name: "mul",
  condition: "",
  hitCondition: "",
  logMessage: "loss {loss} {'x'.repeat(1000)}",
};

/** A program that prints without end, in one of several ways. */
function flood(name: string, statement: string, breakpoints: readonly Breakpoint[] = []): Trial {
  return {
    kind: "floods",
    name,
    run: async (room) => {
      await using session = openSession(
        room,
        `${PASS}const long = "y".repeat(1e7);\nvoid long;\nfor (;;) ${statement}`,
      );
      await session.firstStop();
      await session.engine.setBreakpoints(breakpoints);
      await session.engine.resume();
      await session.next("running");
      const most = { memory: 0, answer: 0 };
      let lines = 0;
      for (let look = 0; look < LOOKS; look++) {
        const asked = performance.now();
        await within(5 * LONGEST_ANSWER_MILLISECONDS, "an answer", session.engine.passes());
        most.answer = Math.max(most.answer, performance.now() - asked);
        most.memory = Math.max(most.memory, memoryOf(session.processId));
        lines += session.output.length;
        session.output.length = 0;
        await delay(LOOK_MILLISECONDS);
      }
      room.peak = Math.max(room.peak, most.memory);
      if (breakpoints.length > 0) assert.ok(lines > 0, "nothing was printed");
      assert.ok(most.answer <= LONGEST_ANSWER_MILLISECONDS, `an answer took ${most.answer.toFixed(0)} ms`);
      assert.ok(most.memory <= MOST_MEMORY, `it held ${(most.memory / 2 ** 20).toFixed(0)} MiB`);
    },
  };
}

/** Programs that give the examiner more than it can take: each is held back. */
export const FLOODS: readonly Trial[] = [
  flood("short lines", `console.log("x");`),
  flood("short lines to both streams", `{ console.log("x"); console.error("x"); }`),
  flood("lines of 10 MB", `console.log(long);`),
  flood("objects", `console.error({ a: [1, { b: process.memoryUsage }] });`),
  flood("writes to descriptor 1", `(await import("node:fs")).writeSync(1, "x\\n");`),
  flood("warnings", `process.emitWarning(new Error("w"));`),
  flood("passes", `w.mul(w).sum().backward();`),
  flood("passes and lines", `{ w.mul(w).sum().backward(); console.log("x".repeat(1000)); }`),
  flood("log messages", `w.mul(w).sum().backward();`, [LOG_MESSAGE]),
];
