import { denseStrides } from "../core/shape.ts";
import type { View } from "../core/view.ts";
import type { DType } from "../protocol/dtype.ts";
import { keyOfTensor, type TensorRef } from "../recording/tensor-ref.ts";

/** Thrown by a pass whose reader asks for tensors that are not in this process's memory yet. */
export class Unpaged extends Error {
  readonly refs: readonly TensorRef[];

  constructor(refs: readonly TensorRef[]) {
    super("a recorded tensor is not in memory yet");
    this.refs = refs;
  }
}

/** Thrown where a reader needs elements that the recording does not have, or that the engine has no form for. */
export class NotKept extends Error {}

/** Why there are no elements to show. */
export function whyNotKept(plane: "value" | "gradient", hasStatistics: boolean): string {
  return hasStatistics
    ? `this ${plane} was too large to be kept when the program ran: its statistics are what was noted of it`
    : `this ${plane} was not kept when the program ran`;
}

/** Where tensors that were brought into memory begin: dense, in the dtype in which the engine holds them. */
export type PagedOffsets = ReadonlyMap<string, number>;

/**
 * The view of a tensor that was brought into memory.
 * @throws Unpaged where it was not
 */
export function pagedView(offsets: PagedOffsets, ref: TensorRef, dtype: DType, shape: readonly number[]): View {
  const offset = offsets.get(keyOfTensor(ref));
  if (offset === undefined) throw new Unpaged([ref]);
  return { dtype, offset, shape, strides: denseStrides(shape) };
}

/**
 * Looks at several tensors, so that all that are missing are brought at once.
 * @throws Unpaged naming every one of them that is not in memory
 */
export function together<T>(looks: readonly (() => T)[]): T[] {
  const missing: TensorRef[] = [];
  const found = looks.map((look) => {
    try {
      return look();
    } catch (error) {
      if (!(error instanceof Unpaged)) throw error;
      missing.push(...error.refs);
      return null;
    }
  });
  if (missing.length > 0) throw new Unpaged(missing);
  return found as T[];
}

/** What a look gives; null where it needs elements that were not kept. */
export function unlessNotKept<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof NotKept) return null;
    throw error;
  }
}
