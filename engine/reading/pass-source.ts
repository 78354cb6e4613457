import type { PassSummary } from "../protocol/engine.ts";
import type { NodeId, PassId } from "../protocol/ids.ts";
import type { RecordedPass } from "../recording/recorded-pass.ts";
import type { TensorRef } from "../recording/tensor-ref.ts";
import { Unpaged } from "./paged-tensors.ts";
import type { ReadablePass } from "./readable-pass.ts";
import type { SharedPass } from "./shared-pass.ts";

/** Hands out the passes of one run, wherever they lie. Shared memory is one source, every `Recording` another. */
export interface PassSource {
  readonly passes: readonly PassSummary[];
  /** Those that can be read. */
  readonly kept: readonly PassSummary[];
  /** The number of the newest; null before there is one. */
  readonly last: PassId | null;
  /** Passes from one place in their order to before another: of a long run all of them are many. */
  some(from: number, to: number): readonly PassSummary[];
  /** Makes this thread compute where the tensors of this run are; another run's may have been read meanwhile. */
  enter(): void;
  /** @throws a Failure where there is no such pass, or it was released. */
  open(pass: PassId): ReadablePass | Promise<ReadablePass>;
  /** Brings tensors of a pass into this process's memory, so that it shows them. Shared memory has nothing to bring. */
  page(refs: Iterable<TensorRef>): Promise<void>;
  /** Keeps what was brought of a pass in memory until the function that it returns is called. */
  hold(pass: PassId): () => void;
  /** A pass for another thread, with all its tensors in memory; the caller holds it meanwhile. */
  share(pass: PassId): Promise<SharedPass>;
}

/**
 * Runs a reader on a pass: as often as it takes until every tensor that it asks for is in memory.
 * @param missed hears which tensors were not
 */
export async function readPass<T>(
  source: PassSource,
  id: PassId,
  read: (pass: ReadablePass) => T | Promise<T>,
  missed?: (refs: readonly TensorRef[]) => void,
): Promise<T> {
  const pass = await source.open(id);
  const release = source.hold(id);
  try {
    for (;;) {
      try {
        source.enter();
        return await read(pass);
      } catch (error) {
        if (!(error instanceof Unpaged)) throw error;
        missed?.(error.refs);
        await source.page(error.refs);
      }
    }
  } finally {
    release();
  }
}

/**
 * Brings all of a pass into memory, for readers that look at all of it. What follows computes where it was brought to,
 * as long as it waits for nothing more: meanwhile another run may be read.
 */
export async function bringWhole(source: PassSource, pass: ReadablePass): Promise<void> {
  await source.page(tensorsOf(pass));
  source.enter();
}

/** Every tensor that a pass holds. */
export function* tensorsOf(pass: RecordedPass): Generator<TensorRef> {
  for (let row = 0; row < pass.rows; row++) {
    for (const plane of ["value", "gradient", "accumulated"] as const) {
      if (pass.holds(row, plane)) yield { pass: pass.id, row: row as NodeId, plane };
    }
  }
  for (let edge = 0; edge < pass.edges; edge++) if (pass.holdsEdge(edge)) yield { pass: pass.id, edge };
}
