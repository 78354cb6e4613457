import type { TfDType, TfEngine, TfTensor } from "./tfjs-engine.ts";

/** The elements of a recorded tensor. The same object for tensors that share their elements. */
export interface HeldElements {
  /** As a recording stores them; null where they were not kept. */
  readonly bytes: Uint8Array | null;
}

const NOT_KEPT: HeldElements = { bytes: null };

/**
 * Keeps elements of tensors beyond their disposal. What a kernel has computed is never written again, so that it is enough
 * to hold on to the array in which the cpu back end has it; a back end with memory of its own gives a copy in any case.
 */
export class TensorData {
  readonly #engine: TfEngine;
  readonly #known = new WeakMap<object, Map<TfDType, HeldElements>>();

  constructor(engine: TfEngine) {
    this.#engine = engine;
  }

  /** Holds what a kernel has computed. */
  ofResult(tensor: TfTensor): HeldElements {
    return this.#held(tensor, false);
  }

  /** Holds any other tensor. The program may have made it from an array that it writes to again, so it is copied. */
  ofInput(tensor: TfTensor): HeldElements {
    return this.#held(tensor, true);
  }

  #held(tensor: TfTensor, copy: boolean): HeldElements {
    // A cast that loses nothing shares its elements with what was cast, in whose form they are.
    let byDType = this.#known.get(tensor.dataId);
    if (!byDType) this.#known.set(tensor.dataId, (byDType = new Map<TfDType, HeldElements>()));
    let held = byDType.get(tensor.dtype);
    if (!held) byDType.set(tensor.dtype, (held = this.#read(tensor, copy)));
    return held;
  }

  #read({ dataId, dtype }: TfTensor, copy: boolean): HeldElements {
    if (dtype === "string") return NOT_KEPT;
    const values = this.#engine.readSync(dataId);
    if (!ArrayBuffer.isView(values)) return NOT_KEPT;
    const form = FORMS[dtype];
    if (values instanceof form) {
      return { bytes: copy && !this.#isCopied(dataId) ? bytesOf(values).slice() : bytesOf(values) };
    }
    return { bytes: bytesOf(form.from(values as unknown as ArrayLike<number>)) };
  }

  /** Whether what was read is a copy already: only of what the WASM back end has in its memory is it known. */
  #isCopied(dataId: object): boolean {
    const backend = this.#engine.state.tensorInfo?.get(dataId)?.backend;
    return typeof backend === "object" && backend !== null && "wasm" in backend;
  }
}

/** The arrays that elements are in where they are stored. */
const FORMS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, complex64: Float32Array } as const;

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
