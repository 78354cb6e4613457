import { isMainThread, workerData } from "node:worker_threads";
import { history } from "../autograd/history.ts";
import { createKernels } from "../kernels/create-kernels.ts";
import type { KernelBuild } from "../kernels/kernel-build.ts";
import { hasRuntime, startRuntime } from "../core/runtime.ts";
import { CollectedArena } from "../memory/arena.ts";
import { attachPool } from "../threads/pool.ts";
import { attachSharedMemory, createSharedMemory } from "../memory/shared-memory.ts";

/** What the engine process puts into the user thread's `workerData`, among other things. */
export interface ModelRuntimeData {
  readonly wasm: WebAssembly.Memory;
  /** The kernels that the pool's threads use as well; null for the reference kernels. */
  readonly build: KernelBuild | null;
}

/**
 * Starts the runtime of a thread that runs model code, when the engine is first loaded there: over the engine process's
 * shared memory and with its pool in the user thread; over a memory of its own where the engine is a plain library.
 */
export function startModelRuntime(): void {
  if (hasRuntime()) return;
  const shared = !isMainThread && isModelRuntimeData(workerData) ? workerData : null;
  const memory = shared ? attachSharedMemory(shared.wasm) : createSharedMemory();
  const arena = new CollectedArena(memory);
  arena.releaseHistory = () => history.releaseOldest();
  const kernels = shared
    ? createKernels(memory, { pool: attachPool(memory), build: shared.build })
    : createKernels(memory);
  startRuntime({ memory, arena, kernels });
}

function isModelRuntimeData(data: unknown): data is ModelRuntimeData {
  return typeof data === "object" && data !== null && "wasm" in data && data.wasm instanceof WebAssembly.Memory;
}
