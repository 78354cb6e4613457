import type { SharedMemory } from "../../memory/shared-memory.ts";

/** An export of a kernel module. Arguments beyond its own are ignored. */
export type KernelFunction = (...args: readonly number[]) => void;

/** A kernel module instantiated for one thread. */
export interface KernelInstance {
  readonly memory: SharedMemory;
  /** Exports in the module's order, so that an index means the same function on every thread. */
  readonly functions: readonly KernelFunction[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** Byte offset of memory that is this thread's own: packed panels, unfolded images, numbers as operands. */
  readonly scratch: number;
}

/** Memory of its own that each thread which runs kernels has. */
export const SCRATCH_BYTES = 16 * 2 ** 20;

/** Where a kernel's working memory begins; what is before it holds operands and descriptors. */
export const WORK_OFFSET = 65_536;

export function instantiateKernels(memory: SharedMemory, module: WebAssembly.Module, scratch: number): KernelInstance {
  const abort = (): never => {
    throw new Error("a kernel aborted");
  };
  const { exports } = new WebAssembly.Instance(module, { env: { memory: memory.wasm, abort } });
  const names: string[] = [];
  const functions: KernelFunction[] = [];
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value !== "function") continue;
    names.push(name);
    functions.push(value as KernelFunction);
  }
  return { memory, functions, indexOf: new Map(names.map((name, index) => [name, index])), scratch };
}
