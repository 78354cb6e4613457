import assert from "node:assert/strict";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { hasRetiredThread, PoolWord, slotOffset, SlotWord } from "../../../engine/memory/pool-words.ts";
import { createSharedMemory } from "../../../engine/memory/shared-memory.ts";
import { PoolCaller } from "../../../engine/threads/pool-caller.ts";
import { PoolFixture, stressPool } from "./pool-fixture.ts";

describe("the pool", () => {
  let fixture: PoolFixture;

  async function start(options: ConstructorParameters<typeof PoolFixture>[0]): Promise<PoolFixture> {
    fixture = new PoolFixture(options);
    await fixture.pool.ready();
    return fixture;
  }

  afterEach(() => fixture.pool.dispose());

  for (const threads of [1, 2, 3, 4]) {
    it(`computes every chunk once and in full on ${threads} threads`, async () => {
      await start({ threads });
      assert.equal(fixture.pool.caller.threads, threads);
      for (const chunks of [1, 2, 7, 64, 256]) fixture.dispatch(chunks, { rounds: 500 });
    });
  }

  it("shares work with its threads", async () => {
    await start({ threads: 2 });
    await fixture.dispatchShared();
    assert.ok(fixture.begunElsewhere > 0);
  });

  it("waits for a thread that is held up in a chunk, however long: it would write once more over what is done meanwhile", async () => {
    await start({ threads: 2 });
    const before = fixture.begunElsewhere;
    while (fixture.begunElsewhere === before) {
      fixture.holdUp(700);
      fixture.dispatch(16, { rounds: 200_000 });
    }
    assert.equal(hasRetiredThread(fixture.memory), false);
    assert.equal(fixture.pool.caller.threads, 2);
  });

  it("computes a dead thread's chunk again and starts another thread", async () => {
    await start({ threads: 2 });
    await fixture.dispatchShared({ deadly: true });
    await fixture.restored();
    await fixture.dispatchShared();
    assert.equal(hasRetiredThread(fixture.memory), false);
  });

  it("goes on once a chunk is counted, so that no later dispatch counts it", async () => {
    const memory = createSharedMemory(64 * 2 ** 20);
    const words = memory.i32;
    const word = (at: number): number => (slotOffset(0) + at) >> 2;
    words[PoolWord.current >> 2] = 0;
    words[word(SlotWord.ready)] = 1;
    const thread = new Worker(
      `const { buffer, remaining, finished, sequence, done } = require("node:worker_threads").workerData;
      const words = new Int32Array(buffer);
      let claim = 0;
      while (claim <= 0) if (Atomics.load(words, remaining) > 0) claim = Atomics.sub(words, remaining, 1);
      // Descheduled while it computes, and again before it counts the chunk.
      Atomics.wait(words, done, 0, 40);
      Atomics.store(words, finished + claim - 1, Atomics.load(words, sequence));
      Atomics.wait(words, done, 0, 60);
      Atomics.add(words, done, 1);`,
      {
        eval: true,
        workerData: {
          buffer: words.buffer,
          remaining: word(SlotWord.remaining),
          finished: word(SlotWord.finished),
          sequence: word(SlotWord.sequence),
          done: word(SlotWord.done),
        },
      },
    );
    await once(thread, "online");
    const caller = new PoolCaller(memory);
    // Our own chunk lasts until the thread has taken the other one.
    const runChunk = (): void => {
      while (Atomics.load(words, word(SlotWord.remaining)) > 0);
    };
    caller.run(runChunk, 0, 0, 2, false);
    assert.equal(Atomics.load(words, word(SlotWord.done)), 1);
    await once(thread, "exit");
  });

  it("rejects a job of a kind that nobody handles, and goes on", async () => {
    await start({ threads: 2 });
    const jobs = [1, 2, 3].map(() => fixture.pool.runJob("unheard of", null));
    await Promise.all(jobs.map((job) => assert.rejects(job, /no handler for jobs of kind unheard of/)));
    await fixture.dispatchShared();
  });

  it("rejects jobs that wait when it is disposed", async () => {
    await start({ threads: 2 });
    const job = fixture.pool.runJob("unheard of", null);
    const ended = assert.rejects(job);
    await fixture.pool.dispose();
    await ended;
    await assert.rejects(fixture.pool.runJob("unheard of", null), /disposed/);
  });

  it("gives right results while threads are delayed and killed", async function () {
    this.timeout(60_000);
    const { shared } = await stressPool(4000, 7);
    assert.ok(shared > 0);
  });
});
