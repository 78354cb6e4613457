/**
 * The one shared `WebAssembly.Memory` of an engine process. Tensors, tapes, kernel descriptors and the words by which
 * threads talk to each other all live here, so that any thread can read what any other made without a copy.
 *
 * The whole address space is reserved at once: untouched pages cost nothing, and since the memory never grows, the
 * views below stay valid for the life of the process.
 */
export interface SharedMemory {
  readonly wasm: WebAssembly.Memory;
  readonly byteLength: number;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
}

const WASM_PAGE = 65_536;
const LARGEST = 4 * 2 ** 30;
const SMALLEST = 64 * 2 ** 20;

/** Bytes at the start of the memory that hold control words; see {@link Control}. Address 0 stays a null pointer. */
export const CONTROL_BYTES = 65_536;

/** Byte offsets of the control words. All are int32 unless named otherwise, each on a cache line of its own. */
export const Control = {
  /** First byte not yet handed to any arena, in units of {@link SEGMENT_BYTES}. */
  heapTop: 64,
  /** The user thread waits here; see engine/session/freeze.ts. */
  freeze: 128,
  /** Bytes of user output that nobody has taken yet; the user thread waits here while they are too many. */
  outputPending: 192,
  /** Writes of user output dropped because nobody took them. */
  outputDropped: 256,
  /** Set by the examiner to ask the user thread to stop at the next place it can. */
  interrupt: 320,
  /** Passes that have finished so far. */
  passCount: 384,
  /** The newest pass's loss, as a float64; NaN when it is not a scalar. */
  lastLoss: 448,
  /** Ordinal of the oldest pass that is still kept: a reader looks before and after it has read an older tape. */
  oldestPass: 512,
  /** The pool's own words and descriptors; see engine/threads/pool.ts. Up to {@link Control.kernelConstants}. */
  pool: 4096,
  /** What the kernels' code reads from memory, each build in a place of its own; up to {@link CONTROL_BYTES}. */
  kernelConstants: 57_344,
} as const;

/** Arenas take memory from the heap in multiples of this. */
export const SEGMENT_BYTES = 65_536;

/**
 * Reserves up to 4 GiB, or less where the machine allows no more.
 * @throws RangeError when not even 64 MiB can be reserved.
 */
export function createSharedMemory(limit: number = LARGEST): SharedMemory {
  for (let bytes = Math.max(SMALLEST, Math.min(LARGEST, limit)); ; bytes /= 2) {
    const pages = Math.floor(bytes / WASM_PAGE);
    try {
      const memory = attachSharedMemory(new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }));
      Atomics.store(memory.i32, Control.heapTop >> 2, CONTROL_BYTES / SEGMENT_BYTES);
      return memory;
    } catch (error) {
      if (bytes <= SMALLEST) throw error;
    }
  }
}

/** Views on a memory that another thread created. */
export function attachSharedMemory(wasm: WebAssembly.Memory): SharedMemory {
  const { buffer } = wasm;
  return {
    wasm,
    byteLength: buffer.byteLength,
    u8: new Uint8Array(buffer),
    i32: new Int32Array(buffer),
    u32: new Uint32Array(buffer),
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
  };
}

/**
 * Takes a run of segments that no thread has had before, atomically. The last one of the memory is nobody's: with 4 GiB
 * the address behind it would be 0 again, and a loop that runs up to the end of a block would not run.
 * @returns its byte offset, or -1 when the memory is exhausted.
 */
export function takeSegments(memory: SharedMemory, segments: number): number {
  const word = Control.heapTop >> 2;
  const limit = Math.floor(memory.byteLength / SEGMENT_BYTES) - 1;
  for (;;) {
    const top = Atomics.load(memory.i32, word);
    if (top + segments > limit) return -1;
    if (Atomics.compareExchange(memory.i32, word, top, top + segments) === top) return top * SEGMENT_BYTES;
  }
}
