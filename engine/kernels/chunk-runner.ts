import type { RunChunk } from "../threads/pool-caller.ts";
import type { SharedMemory } from "../threads/shared-memory.ts";

/** A compiled build of the WASM kernels; it may be posted to other threads. */
export interface KernelBuild {
  readonly name: "portable" | "relaxed" | "revectorized";
  readonly module: WebAssembly.Module;
}

/** Memory of its own that each thread which runs kernels has: packed panels, unfolded images. */
export const SCRATCH_BYTES = 16 * 2 ** 20;

/** Instantiates the kernels for this thread. Without a build no chunks are ever handed out. */
export function createChunkRunner(_memory: SharedMemory, build: KernelBuild | null, _scratch: number): RunChunk {
  if (!build) return () => undefined;
  return () => undefined;
}
