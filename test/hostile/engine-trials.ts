import assert from "node:assert/strict";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { EvaluatedValue } from "../../engine/protocol/evaluation.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import type { JobId, PassId } from "../../engine/protocol/ids.ts";
import { crowd } from "../crowd.ts";
import { EngineSession } from "../golden/stepping/engine-session.ts";
import { PASS } from "./hostile-file.ts";
import { memoryOf } from "./processes.ts";
import type { Room } from "./room.ts";
import type { Trial } from "./trial.ts";

/** An evaluation has a second; the rest is for a machine that does other things as well. */
const LONGEST_EVALUATION_MILLISECONDS = 2_000;

/** What V8 cannot end (a power of large integers, a sort) goes on for so long at most. */
const LONGEST_RETURN_MILLISECONDS = 10_000;

/** A session of the shipped engine over a model file of the room. */
export function openSession(room: Room, source: string): EngineSession {
  const file = room.write("model.ts", source);
  const env = Object.fromEntries(Object.entries(room.env()).map(([name, value]) => [name, value ?? null]));
  return new EngineSession(file, { script: path.join(room.dist, "engine-process.js"), env });
}

/** Settles as `promise` does. @throws when it takes longer than on a machine that does nothing else */
export async function within<T>(quietMilliseconds: number, what: string, promise: Promise<T>): Promise<T> {
  const milliseconds = quietMilliseconds * crowd();
  const given = new AbortController();
  const late = delay(milliseconds, null, { signal: given.signal }).then(
    () => Promise.reject(new Error(`${what} took more than ${milliseconds / 1000} s`)),
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    given.abort();
  }
}

const HEAVY = `import { autograd, data, nn, ones, randn, tensor } from "backstep";
const A = randn([1200, 1200]), B = randn([1200, 1200]);
const w = tensor([1, 2, 3], { requiresGrad: true });
const net = new nn.Linear(3, 3);
const big = new Float64Array(1e6), map = new Map(Array.from({ length: 1e5 }, (_, i) => [i, { i }]));
const endless = new Proxy({}, { get() { for (;;); }, ownKeys() { for (;;); }, has() { for (;;); } });
const getter = { get value(): never { for (;;); }, toJSON(): never { for (;;); }, toString(): never { for (;;); } };
const thrower = new Proxy({}, { get() { throw null; }, getPrototypeOf() { throw 1; } });
const circle: any = { list: [] }; circle.list.push(circle, circle.list);
w.mul(w).sum().backward();
console.log("on", typeof autograd, typeof data, typeof ones, A.shape, B.shape, net, big.length, map.size);
void [endless, getter, thrower, circle];
`;

/** Heavy, endless or blocking: any expression whatever ends within its second, and the session goes on. */
const EXPRESSIONS: readonly string[] = [
  "A.matmul(B).sum().item()",
  "w.mul(w).sum().backward()",
  "autograd.grad(w.mul(2).sum(), [w])",
  "process.exit(1)",
  "process.exitCode = 3",
  '"x".repeat(5e8)',
  "getter.value",
  "JSON.stringify(getter)",
  "`${getter}`",
  "endless",
  "endless.x",
  "'x' in endless",
  "Object.keys(endless)",
  "thrower",
  "thrower.x",
  "circle",
  "for (;;);",
  "(() => { for (;;); })()",
  "new Promise(() => {})",
  "(async () => { for (;;) await null; })()",
  "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
  "Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
  "new Array(1e7).fill(0)",
  "new Uint8Array(4e6)",
  "big",
  "map",
  "Array.from({ length: 1e7 }, (_, i) => ({ i }))",
  "2n ** 10_000_000n",
  "/(a+)+b/.test('a'.repeat(40))",
  "randn([3000, 3000]).matmul(randn([3000, 3000])).sum().item()",
  "ones([2 ** 31])",
  "net.forward(w).sum().backward()",
  "w.registerHook(() => { for (;;); })",
  "throw null",
  "throw endless",
  "throw new AggregateError([endless, getter], 'two')",
  "debugger",
  "eval('for (;;);')",
  "new Function('for (;;);')()",
  "queueMicrotask(() => { for (;;); })",
  "process.nextTick(() => {})",
  "setTimeout(() => {}, 0)",
  "Error.prepareStackTrace = () => { for (;;); }",
  "delete Error.prepareStackTrace",
  "structuredClone(map).size",
  "globalThis",
  "process.env",
  "w",
  "((((",
  "\u202E\u001b[2J",
];

/** The value of an expression that takes far less than its second, which may pass while others have the processors. */
async function evaluated(session: EngineSession, expression: string): Promise<EvaluatedValue> {
  const end = Date.now() + LONGEST_RETURN_MILLISECONDS * crowd();
  for (;;) {
    try {
      return await session.engine.evaluate(expression, 0);
    } catch (failure) {
      if (Date.now() > end) throw failure;
    }
  }
}

const evaluations = (rounds: number): Trial => ({
  kind: "evaluations",
  name: `${rounds * EXPRESSIONS.length} heavy ones at one stop`,
  memory: 3 * 2 ** 30,
  ...(rounds > 1 && { long: true }),
  run: async (room) => {
    await using session = openSession(room, HEAVY);
    await session.firstStop(2);
    for (let round = 0; round < rounds; round++) {
      for (const expression of EXPRESSIONS) {
        const asked = session.engine.evaluate(expression, 0).catch((failure: unknown) => {
          assert.equal(typeof (failure as Failure).message, "string", expression);
        });
        await within(LONGEST_EVALUATION_MILLISECONDS, expression, asked);
      }
      // The session is whole.
      // What V8 could not end in its second has yet to return, and may wait for a processor to do so.
      assert.equal((await evaluated(session, "w.mul(2).sum().item()")).text, "12");
    }
    // Some left work that never ends for when the file goes on.
    room.peak = memoryOf(session.processId);
    assert.equal((await session.engine.passes()).length, 1);
  },
});

const PAGES: Trial = {
  kind: "evaluations",
  name: "values of a million parts are looked at by pages",
  run: async (room) => {
    await using session = openSession(room, HEAVY);
    await session.firstStop();
    for (const expression of [
      "new Float64Array(1e6)",
      "new Uint8Array(4e6)",
      "map",
      "new Set(map.keys())",
      "[...big]",
    ]) {
      const value = await evaluated(session, expression);
      const page = await within(
        LONGEST_EVALUATION_MILLISECONDS,
        `a page of ${expression}`,
        session.engine.children(value.reference, { start: 100, count: 50 }),
      );
      assert.equal(page.length, 50, expression);
      await within(LONGEST_EVALUATION_MILLISECONDS, expression, session.engine.children(value.reference));
    }
    room.peak = memoryOf(session.processId);
  },
};

const NO_NUMBER = [NaN, -1, 0.5, 1e9, 2 ** 32, Infinity, null, undefined, "0", {}, [], "__proto__"];

/** Requests of a panel that has lost its mind: each is answered or refused, and the engine is none the worse. */
const GARBAGE: Trial = {
  kind: "adapter requests",
  name: "garbage to every method of the engine",
  run: async (room) => {
    await using session = openSession(room, PASS);
    await session.firstStop();
    const engine = session.engine as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    const methods = [
      ...["selectPass", "moveCursor", "graph", "statistics", "times", "node", "heatMap", "elements", "summaryOf"],
      ...["elementsOf", "explain", "explainRule", "productTerm", "scalars", "nodesInFile", "summaries", "verdicts"],
      ...[
        "cancelSave",
        "compareWith",
        "sourceText",
        "gradientEdit",
        "check",
        "checkGradient",
        "whatIf",
        "cancel",
        "launch",
      ],
      ...["setBreakpoints", "frames", "locals", "evaluate", "children", "nope", "constructor", "__proto__", "then"],
    ];
    for (const method of methods) {
      for (const odd of NO_NUMBER) {
        const ask = async (...args: unknown[]): Promise<unknown> => engine[method]?.(...args);
        const asked = [ask(odd), ask(0, odd, odd), ask(odd, 0, 0)].map((answer) => answer.catch(() => undefined));
        await within(LONGEST_EVALUATION_MILLISECONDS, `${method}(${JSON.stringify(odd)})`, Promise.all(asked));
      }
    }
    const { rows, summary } = await session.engine.check(99 as JobId, 0 as PassId);
    assert.ok(rows.length > 0 && summary.failed === 0);
    await session.engine.resume();
    await within(10_000, "the end", session.next("ended"));
  },
};

/** At least so many of them, in whole rounds. */
export const heavyEvaluations = (count: number): Trial => evaluations(Math.ceil(count / EXPRESSIONS.length));

/** What is tried on the shipped engine by who talks to it. */
export const ENGINE_TRIALS: readonly Trial[] = [evaluations(1), evaluations(2), PAGES, GARBAGE];
