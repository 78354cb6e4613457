import type { TfEngine, TfTensor } from "./tfjs-engine.ts";

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
  readonly #known = new WeakMap<object, HeldElements>();

  constructor(engine: TfEngine) {
    this.#engine = engine;
  }

  /** Of what a kernel has computed. */
  ofResult(tensor: TfTensor): HeldElements {
    return this.#held(tensor, false);
  }

  /** Of any tensor: what the program made it from may be an array that it writes to again, so it is copied. */
  ofInput(tensor: TfTensor): HeldElements {
    return this.#held(tensor, true);
  }

  #held(tensor: TfTensor, copy: boolean): HeldElements {
    const known = this.#known.get(tensor.dataId);
    if (known !== undefined) return known;
    const held = this.#read(tensor, copy);
    this.#known.set(tensor.dataId, held);
    return held;
  }

  #read(tensor: TfTensor, copy: boolean): HeldElements {
    if (tensor.dtype === "string") return NOT_KEPT;
    const values = this.#engine.readSync(tensor.dataId);
    if (!ArrayBuffer.isView(values)) return NOT_KEPT;
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return { bytes: copy ? bytes.slice() : bytes };
  }
}
