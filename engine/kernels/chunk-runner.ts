import type { RunChunk } from "../threads/pool-caller.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import type { KernelBuild } from "./kernel-build.ts";
import { createChunkFunction } from "./wasm/descriptor.ts";
import { instantiateKernels } from "./wasm/instance.ts";

/** What a pool thread runs chunks with. Without a build none are ever handed out. */
export function createChunkRunner(memory: SharedMemory, build: KernelBuild | null, scratch: number): RunChunk {
  if (!build) return () => undefined;
  return createChunkFunction(instantiateKernels(memory, build.module, scratch));
}
