import { readElementsIn } from "../core/elements.ts";
import { elementCount, isDense } from "../core/shape.ts";
import type { View } from "../core/view.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import { BYTES_PER_ELEMENT, type DType } from "../protocol/dtype.ts";
import type { RecordedDType } from "../protocol/recorded-dtype.ts";
import type { NewElements } from "../recording/file/safetensors.ts";
import { encodeElements } from "./encode-elements.ts";

/** Written at a time: large enough that a call costs nothing, small enough that nothing waits for it. */
const PIECE_BYTES = 4 * 2 ** 20;

/**
 * Tensors in this process's memory as they are stored: one object for the same elements in the same order. A large pass has
 * twenty thousand, so those that are stored as they lie take no more than three numbers each.
 */
export class HeldTensors {
  readonly #memory: SharedMemory;
  /** By where the first element is: a dense tensor is the same elements however it is shaped. */
  readonly #inPlace = new Map<number, InPlace>();
  readonly #rewritten = new Map<string, NewElements>();

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  of(view: View, dtype: RecordedDType): NewElements {
    const { offset, shape, strides } = view;
    const dense = isDense(shape, strides);
    // Memory holds int64 as doubles, and types that the engine does not have as float32.
    if (dense && dtype === view.dtype && dtype !== "int64") {
      return this.#placed(offset, offset + elementCount(shape) * BYTES_PER_ELEMENT[dtype], dtype);
    }
    const order = dense ? elementCount(shape) : `${shape.join()} ${strides.join()}`;
    const key = `${dtype} ${view.dtype} ${offset} ${order}`;
    let found = this.#rewritten.get(key);
    if (found === undefined) {
      found = { pieces: () => [encodeElements(readElementsIn(this.#memory, view), dtype)] };
      this.#rewritten.set(key, found);
    }
    return found;
  }

  #placed(start: number, end: number, dtype: DType): InPlace {
    const first = this.#inPlace.get(start);
    let one = first;
    while (one && (one.end !== end || one.dtype !== dtype)) one = one.next;
    if (one) return one;
    const made = new InPlace(this.#memory, start, end, dtype, first);
    this.#inPlace.set(start, made);
    return made;
  }
}

/** Elements that memory holds as they are stored. */
class InPlace implements NewElements {
  readonly memory: SharedMemory;
  readonly start: number;
  readonly end: number;
  readonly dtype: DType;
  /** Another that begins at the same place. */
  readonly next: InPlace | undefined;

  constructor(memory: SharedMemory, start: number, end: number, dtype: DType, next: InPlace | undefined) {
    this.memory = memory;
    this.start = start;
    this.end = end;
    this.dtype = dtype;
    this.next = next;
  }

  pieces(): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    for (let at = this.start; at < this.end; at += PIECE_BYTES) {
      pieces.push(this.memory.u8.subarray(at, Math.min(at + PIECE_BYTES, this.end)));
    }
    return pieces;
  }
}
