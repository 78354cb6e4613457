import type { PassSummary } from "../protocol/engine.ts";
import type { PassId } from "../protocol/ids.ts";
import type { TensorRef } from "../recording/tensor-ref.ts";
import type { ReadablePass } from "./readable-pass.ts";

/** Hands out the passes of one run, wherever they lie. Shared memory is one source, every `Recording` another. */
export interface PassSource {
  readonly passes: readonly PassSummary[];
  /** @throws a Failure where there is no such pass, or it was released. */
  open(pass: PassId): ReadablePass | Promise<ReadablePass>;
  /** Brings tensors into this process's memory, so that passes show them. Shared memory has nothing to bring. */
  page(refs: readonly TensorRef[]): Promise<void>;
}
