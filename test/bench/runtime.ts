import "../../engine/all-ops.ts";
import { history } from "../../engine/autograd/history.ts";
import { createKernels } from "../../engine/kernels/create-kernels.ts";
import { chooseKernelBuild } from "../../engine/kernels/kernel-build.ts";
import { startRuntime } from "../../engine/runtime.ts";
import { CollectedArena } from "../../engine/threads/arena.ts";
import { createPool } from "../../engine/threads/pool.ts";
import { createSharedMemory } from "../../engine/threads/shared-memory.ts";
import { buildKernels } from "../../scripts/build/kernels.ts";

// What is measured are the kernels as their sources are now.
await buildKernels();

export const memory = createSharedMemory();
export const build = chooseKernelBuild();
export const arena = new CollectedArena(memory);
arena.releaseHistory = () => history.releaseOldest();

/** Runs work on this thread and `threads` − 1 others. */
export async function withThreads<T>(threads: number, work: () => T): Promise<T> {
  const pool = createPool(memory, { threads, build });
  await pool.ready();
  startRuntime({ memory, arena, kernels: createKernels(memory, { build, ...(threads > 1 && { pool: pool.caller }) }) });
  try {
    return work();
  } finally {
    await pool.dispose();
  }
}
