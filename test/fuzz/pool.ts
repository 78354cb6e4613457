import { stressPool } from "../unit/threads/pool-fixture.ts";

/** The pool under 10⁵ dispatches, its threads delayed and killed: every result is checked. */
export async function run(seed: number = Date.now() | 0): Promise<void> {
  const { shared, kills } = await stressPool(100_000, seed);
  console.log(`pool: 100000 dispatches with seed ${seed}, ${shared} chunks on other threads, ${kills} threads killed`);
}
