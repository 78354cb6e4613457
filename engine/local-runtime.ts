import { history } from "./autograd/history.ts";
import { createKernels } from "./kernels/create-kernels.ts";
import { hasRuntime, startRuntime } from "./runtime.ts";
import { CollectedArena } from "./threads/arena.ts";
import { createSharedMemory, type SharedMemory } from "./threads/shared-memory.ts";

/** Starts the runtime of a thread that runs model code: over `memory`, or over one of its own. */
export function startLocalRuntime(memory?: SharedMemory): void {
  if (hasRuntime()) return;
  const shared = memory ?? createSharedMemory();
  const arena = new CollectedArena(shared);
  arena.releaseHistory = () => history.releaseOldest();
  startRuntime({ memory: shared, arena, kernels: createKernels(shared) });
}
