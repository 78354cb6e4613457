import { fileURLToPath } from "node:url";
import "../../engine/api/all-ops.ts";
import { history } from "../../engine/autograd/history.ts";
import { buildKernels } from "../../engine/kernels/assembly/build.ts";
import { createKernels } from "../../engine/kernels/create-kernels.ts";
import { chooseKernelBuild, type KernelBuild } from "../../engine/kernels/kernel-build.ts";
import { startRuntime } from "../../engine/core/runtime.ts";
import { CollectedArena } from "../../engine/memory/arena.ts";
import { createPool } from "../../engine/threads/pool.ts";
import { createSharedMemory } from "../../engine/memory/shared-memory.ts";

/** The kernels as their sources are now. */
export const kernelFolder = fileURLToPath(new URL("../../node_modules/.cache/backstep-kernels/", import.meta.url));
await buildKernels(kernelFolder, { cacheFolder: `${kernelFolder}by-hash` });

/**
 * Where the chosen build is remembered: the self-test runs in the first process alone, as it never does in the thread of a
 * user's program. Calls of three builds from one place keep V8 from compiling those of the one that is used as its own.
 */
const cacheFolder = `${kernelFolder}choice/`;

export const memory = createSharedMemory();
let chosen: KernelBuild | null = null;
export const arena = new CollectedArena(memory);
arena.releaseHistory = () => history.releaseOldest();

/** Runs work on this thread and `threads` − 1 others. */
export async function withThreads<T>(threads: number, work: () => T): Promise<T> {
  // Not before it is needed: whoever compares builds compiles them with other flags, and V8 keeps what it compiled first.
  const build = (chosen ??= chooseKernelBuild({ wasmFolder: kernelFolder, cacheFolder }));
  const pool = createPool(memory, { threads, build });
  await pool.ready();
  startRuntime({ memory, arena, kernels: createKernels(memory, { build, ...(threads > 1 && { pool: pool.caller }) }) });
  try {
    return work();
  } finally {
    await pool.dispose();
  }
}
