import assert from "node:assert/strict";
import { hasStalledThread } from "../../../engine/memory/pool-words.ts";
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

  it("computes a stalled thread's chunk again, and frees no memory until that thread has ended", async () => {
    await start({ threads: 2, stallMilliseconds: 30 });
    fixture.closeGate();
    await fixture.dispatchShared();
    // The owner ends the stalled thread and starts another.
    await fixture.restored();
    while (hasStalledThread(fixture.memory)) await new Promise((resolve) => setImmediate(resolve));
    fixture.openGate();
    await fixture.dispatchShared();
  });

  it("reports a stalled thread as soon as its chunk was computed again", async () => {
    await start({ threads: 2, stallMilliseconds: 30 });
    fixture.closeGate();
    const before = fixture.begunElsewhere;
    while (fixture.begunElsewhere === before) fixture.dispatch(16, { rounds: 200_000 });
    assert.ok(hasStalledThread(fixture.memory));
    assert.equal(fixture.pool.caller.threads, 1, "the caller goes on alone meanwhile");
    fixture.dispatch(16);
  });

  it("computes a dead thread's chunk again and starts another thread", async () => {
    await start({ threads: 2 });
    await fixture.dispatchShared({ deadly: true });
    await fixture.restored();
    await fixture.dispatchShared();
    assert.equal(hasStalledThread(fixture.memory), false);
  });

  it("waits for a chunk that must not be computed twice", async () => {
    await start({ threads: 2, stallMilliseconds: 10 });
    for (let i = 0; i < 200; i++) fixture.dispatch(8, { rounds: 2000, idempotent: false });
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
