import type { PassNumber } from "../autograd/history.ts";
import type { CapturedStack } from "../context/call-stack.ts";
import { runtime } from "../core/runtime.ts";
import { elementCount } from "../core/shape.ts";
import type { Region } from "../memory/arena.ts";
import { BYTES_PER_ELEMENT } from "../protocol/dtype.ts";
import type { NodeId, PassId, SiteId } from "../protocol/ids.ts";
import { HELD_AS } from "../protocol/recorded-dtype.ts";
import type { PassData } from "../recording/recording.ts";
import { keyOfTensor, type TensorRef } from "../recording/tensor-ref.ts";
import { decodeElements } from "./decode-elements.ts";
import { Unpaged } from "./paged-tensors.ts";
import { tensorsOf } from "./pass-source.ts";
import type { ReadablePass } from "./readable-pass.ts";
import { StructurePass } from "./structure-pass.ts";

/** Numbers that an op is run again on, or that it gives, row-major; an int64 or a truth is a number as well. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** What an op gives when it is run again; for each operand null where nothing is passed back. */
export interface RanOp {
  readonly outputs: readonly Numbers[];
  readonly gradients: readonly (Numbers | null)[] | null;
}

/** What the recorder of another framework keeps of a pass that ran in this thread. */
export interface ForeignSource {
  readonly data: PassData;
  /** The call that ran the pass. */
  readonly site: SiteId;
  /** Bytes of all tensors. */
  readonly bytes: number;
  readonly stacks: ReadonlyMap<number, CapturedStack>;
  /** What user code threw in the middle of the pass. */
  readonly failure: unknown;
  /** The elements of a tensor that the pass holds. Tensors of one buffer share their memory. */
  elements(ref: TensorRef): Uint8Array;
  /**
   * Sets aside whatever the framework is in the middle of, before {@link run}.
   * @returns what puts it back, also when code was ended in the middle
   */
  setAside(): () => void;
  /** Runs an op again on other operands, and its gradient where there are cotangents of its results. */
  run(row: number, inputs: readonly Numbers[], cotangents: readonly (Numbers | null)[] | null): RanOp;
}

/** A foreign pass as other threads of the process read it: its columns, and where its tensors are in shared memory. */
export interface ForeignRecord {
  readonly id: PassId;
  readonly ordinal: number;
  readonly data: PassData;
  readonly offsets: ReadonlyMap<string, number>;
}

/**
 * A pass that another framework ran in this thread. Its tensors stay where the framework has them until a reader asks: they
 * are copied to shared memory then, so that a training that nobody looks at copies nothing.
 */
export class ForeignPass implements PassNumber {
  readonly id: PassId;
  readonly within: PassId | null;
  readonly outermost: PassId;
  readonly isKept: boolean;
  /** How many passes had ended before this one; set when it ends. */
  ordinal = -1;
  readonly keptBytes: number;
  readonly source: ForeignSource;
  readonly #offsets = new Map<string, number>();
  /** Where what lies in a buffer was copied to, by its place in it: a slice begins where the whole does. */
  readonly #shared = new Map<ArrayBufferLike, Map<string, number>>();
  /** What the copies are in; whoever holds the pass holds them. */
  readonly #regions: Region[] = [];
  readonly #pass: StructurePass;

  constructor(number: PassNumber, source: ForeignSource) {
    this.id = number.id;
    this.within = number.within;
    this.outermost = number.outermost;
    this.isKept = number.isKept;
    this.keptBytes = source.bytes;
    this.source = source;
    this.#pass = new StructurePass(source.data, this.#offsets);
  }

  /** The pass without its elements. */
  get columns(): ReadablePass {
    return this.#pass;
  }

  /** Runs a reader on the pass, and copies what it asks for. */
  read<T>(reader: (pass: ReadablePass) => T): T {
    for (;;) {
      try {
        return reader(this.#pass);
      } catch (error) {
        if (!(error instanceof Unpaged)) throw error;
        for (const ref of error.refs) this.#copy(ref);
      }
    }
  }

  /** The pass with all its tensors in shared memory. */
  readable(): ReadablePass {
    for (const ref of tensorsOf(this.#pass)) this.#copy(ref);
    return this.#pass;
  }

  record(): ForeignRecord {
    this.readable();
    return { id: this.id, ordinal: this.ordinal, data: this.source.data, offsets: this.#offsets };
  }

  #copy(ref: TensorRef): void {
    const key = keyOfTensor(ref);
    if (this.#offsets.has(key)) return;
    const row = "edge" in ref ? this.#pass.input(ref.edge) : ref.row;
    const dtype = this.#pass.dtype(row);
    const held = HELD_AS[dtype];
    if (held === null) return;
    const bytes = this.source.elements(ref);
    const places = this.#shared.get(bytes.buffer) ?? new Map<string, number>();
    this.#shared.set(bytes.buffer, places);
    const place = `${bytes.byteOffset} ${bytes.byteLength} ${dtype}`;
    const known = places.get(place);
    if (known !== undefined) {
      this.#offsets.set(key, known);
      return;
    }
    const count = elementCount(this.#pass.shape(row));
    const offset = runtime.arena.allocate(Math.max(1, count) * BYTES_PER_ELEMENT[held]);
    const { region } = runtime.arena;
    if (this.#regions.at(-1) !== region) this.#regions.push(region);
    decodeElements(runtime.memory, offset, bytes, dtype, count);
    this.#offsets.set(key, offset);
    places.set(place, offset);
  }
}

/** The leaves of a foreign pass that have a gradient, in order. */
export function leavesOf(pass: ReadablePass): NodeId[] {
  const leaves: NodeId[] = [];
  for (let row = 0; row < pass.rows; row++) {
    if (!pass.isOp(row) && pass.holds(row, "gradient")) leaves.push(row as NodeId);
  }
  return leaves;
}
