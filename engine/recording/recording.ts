import type { PassSummary } from "../protocol/engine.ts";
import type { PassId } from "../protocol/ids.ts";
import type { PassFacts, PassStructure } from "./pass-structure.ts";
import type { TensorRef } from "./tensor-ref.ts";

/** What a recording that does not lie in this process's memory gives of one pass. */
export interface PassData {
  /** The same object for passes of one structure, so that what follows from it is derived once. */
  readonly structure: PassStructure;
  readonly facts: PassFacts;
}

/**
 * A recording outside this process's memory: in a file, or in the process that runs the program. The engine's readers
 * sit on it through one paging source, so a kind of recording is a class with these few methods.
 *
 * What can be had at once is returned as it is, what must be waited for as a promise; a promise is rejected with a `Failure`.
 */
export interface Recording {
  /** Absolute path of the program that was run. */
  readonly program: string;
  /** In order of their ids; `kept` where {@link pass} can be asked for it. */
  readonly passes: readonly PassSummary[];
  pass(id: PassId): PassData | Promise<PassData>;
  /**
   * The elements of a tensor that the pass holds: dense, row-major, little-endian, in its recorded dtype, as PyTorch and NumPy
   * store it. A contribution and a gradient have the shape and dtype of the row that they belong to.
   */
  tensor(ref: TensorRef): Uint8Array | Promise<Uint8Array>;
  dispose(): void;
}
