import { currentSite, onLabel } from "../context/site.ts";
import type { GradNode } from "./grad-node.ts";
import type { Device } from "./dtypes.ts";
import { EngineError, formatShape } from "../context/engine-error.ts";
import { formatNested, nested, readElement, readElements, type NestedArray } from "./elements.ts";
import { BYTES_PER_ELEMENT, type DType } from "../protocol/dtype.ts";
import type { SiteId } from "../protocol/ids.ts";
import { runtime } from "./runtime.ts";
import type { Origin } from "./origin.ts";
import { noteRead } from "./reads.ts";
import { programObserver } from "../context/program-observer.ts";
import { checkSizes, denseStrides, elementCount, isDense, type Shape } from "./shape.ts";
import { Storage } from "./storage.ts";
import { nameTensor } from "./variable-names.ts";
import type { View } from "./view.ts";
import { widened } from "./widening.ts";

/**
 * `forward`: it was computed in a custom Function's forward from what requires a gradient. `backward`: a custom Function's
 * backward cut it off, by `detach` or `noGrad`, although the gradients that it returns are made to be differentiated again.
 */
export type CutKind = "detach" | "no-grad" | "integer" | "forward" | "backward";

/** What cut a tensor off from the graph that made it, so that a missing gradient can be explained. */
export interface CutMark {
  readonly kind: CutKind;
  readonly site: SiteId;
  /** What was cut off. Weak: a cut must not keep the graph behind it alive. */
  readonly source: WeakRef<Tensor> | null;
  /** The custom Function that did it. */
  readonly by?: string;
}

export interface TensorOptions {
  readonly dtype?: DType;
  readonly requiresGrad?: boolean;
  /** The CPU, which is all there is. */
  readonly device?: string | Device;
}

/** Called with the cotangent; may give another in its place. */
export type TensorHook = (grad: Tensor) => Tensor | void;

/**
 * What few tensors have. Results of ops and cotangents are made by the million, and what is kept for each of them costs
 * more than its elements do, so all of this is one object that comes when it is needed. For the same reason the classes
 * of which there is one for every op have no private methods: V8 marks each object of a class that has some.
 */
class Rest {
  current: Tensor | null = null;
  cut: CutMark | null = null;
  origin: Origin | null = null;
  hooks: TensorHook[] | null = null;
  retainsGradFor: Tensor | null = null;
  sweep = 0;
  row = -1;
  requiresGrad = false;
  grad: Tensor | null = null;
}

/**
 * An n-dimensional array in shared memory, and its place in the graph that gradients flow back through. Names and
 * behaviour follow `torch.Tensor`. Ops are methods; each family adds its own, see engine/tensor/methods.
 */
export class Tensor implements View {
  #storage: Storage;
  #elementOffset: number;
  #shape: Shape;
  #strides: readonly number[];
  /** The tensor whose elements a view shows; never a view itself. */
  base: Tensor | null = null;
  /**
   * Counts the writes in place that changed the graph behind this or a view of it. A view notes its base's count when
   * its node is made, and is behind when they differ. Negative: a view that must not be written, see
   * engine/core/view-origin.ts.
   */
  generation = 0;
  /** The variable it was first assigned to, or a parameter's path in its module. */
  label = "";
  /** The call that created it. */
  site: SiteId;

  #node: GradNode | null = null;
  #rest: Rest | null = null;

  constructor(storage: Storage, shape: Shape, strides: readonly number[], elementOffset = 0) {
    this.#storage = storage;
    this.#shape = shape;
    if (shape.length > MOST_AXES) refuseAxes(shape.length);
    if (elementCount(shape) > MOST_ELEMENTS) refuseElements(shape);
    this.#strides = strides;
    this.#elementOffset = elementOffset;
    this.site = currentSite();
  }

  get storage(): Storage {
    return this.#storage;
  }

  /** First element, counted in elements from the start of the storage. */
  get elementOffset(): number {
    return this.#elementOffset;
  }

  get shape(): Shape {
    return this.#shape;
  }

  get strides(): readonly number[] {
    return this.#strides;
  }

  /** Asks the object and nobody else: `instanceof` runs the traps of a Proxy, which are the program's. */
  static is(value: object): value is Tensor {
    return #node in value;
  }

  /** Makes `tensor` show other elements from now on: whoever holds it holds these. PyTorch: `Tensor.set_`. */
  static setElements(tensor: Tensor, to: Pick<Tensor, "storage" | "shape" | "strides" | "elementOffset">): void {
    tensor.#storage = to.storage;
    tensor.#shape = to.shape;
    tensor.#strides = to.strides;
    tensor.#elementOffset = to.elementOffset;
  }

  /** A new dense tensor; its elements are not set. */
  static empty(shape: Shape, dtype: DType): Tensor {
    const count = elementCount(shape);
    // Not a number where a size was left out or is none.
    if (!(count >= 0)) refuseSizes(shape);
    return new Tensor(Storage.allocate(widened(dtype), count), shape, denseStrides(shape));
  }

  /**
   * What this has become through writes in place that were recorded: a tensor over the same storage that stands for it
   * in everything recorded from then on. Nodes that are older hold this object itself, which stays what it was.
   */
  get current(): Tensor | null {
    return this.#rest === null ? null : this.#rest.current;
  }

  set current(current: Tensor | null) {
    (this.#rest ??= new Rest()).current = current;
  }

  get cut(): CutMark | null {
    return this.#rest === null ? null : this.#rest.cut;
  }

  set cut(cut: CutMark | null) {
    if (cut !== this.cut) (this.#rest ??= new Rest()).cut = cut;
  }

  /** Where a leaf, or what gets no gradient, came from, once somebody needed to know. */
  get origin(): Origin | null {
    return this.#rest === null ? null : this.#rest.origin;
  }

  set origin(origin: Origin | null) {
    if (origin !== this.origin) (this.#rest ??= new Rest()).origin = origin;
  }

  get hooks(): TensorHook[] | null {
    return this.#rest === null ? null : this.#rest.hooks;
  }

  set hooks(hooks: TensorHook[] | null) {
    if (hooks !== this.hooks) (this.#rest ??= new Rest()).hooks = hooks;
  }

  /** Where the gradient is kept in `.grad` although this is no leaf: the tensor that the user holds. */
  get retainsGradFor(): Tensor | null {
    return this.#rest === null ? null : this.#rest.retainsGradFor;
  }

  set retainsGradFor(tensor: Tensor | null) {
    if (tensor !== this.retainsGradFor) (this.#rest ??= new Rest()).retainsGradFor = tensor;
  }

  /** As a leaf: the row that the walk `sweep` gave this; −1 where it did not come here. See {@link GradNode}. */
  rowIn(sweep: number): number {
    return this.#rest !== null && this.#rest.sweep === sweep ? this.#rest.row : -1;
  }

  /** Gives this leaf its row in the walk `sweep`. */
  putRow(sweep: number, row: number): void {
    const own = (this.#rest ??= new Rest());
    own.sweep = sweep;
    own.row = row;
  }

  get dtype(): DType {
    return this.storage.dtype;
  }

  get elementBytes(): number {
    return BYTES_PER_ELEMENT[this.storage.dtype];
  }

  /** Byte offset of the first element: with shape, strides and dtype, what a kernel needs. */
  get offset(): number {
    return this.storage.offset + this.elementOffset * BYTES_PER_ELEMENT[this.storage.dtype];
  }

  /** The number of axes. PyTorch: `x.dim()`. */
  get rank(): number {
    return this.shape.length;
  }

  /** What stands for this in what is recorded now: itself, unless it or its base was changed in place. */
  get version(): Tensor {
    if (this.base !== null && this.generation !== this.base.generation) refreshView(this);
    return this.#rest === null ? this : (this.#rest.current ?? this);
  }

  /** What made this, when a gradient may flow back through it; null for leaves and constants. */
  get node(): GradNode | null {
    return this.version.#node;
  }

  /** What made this object, whatever became of it through writes in place: what the graph goes by. */
  get ownNode(): GradNode | null {
    return this.#node;
  }

  set ownNode(node: GradNode | null) {
    this.#node = node;
  }

  /** The label, with the variable of the module that a parameter belongs to: for where labels alone are not unique. */
  get qualifiedLabel(): string {
    return this.label;
  }

  /** What holds this among the tensors that are learned together; null of one that is in no model. */
  get model(): { parameters(): Iterable<Tensor> } | null {
    return null;
  }

  get isLeaf(): boolean {
    return this.node === null;
  }

  get requiresGrad(): boolean {
    const { version } = this;
    return version.ownRequiresGrad;
  }

  /** Whether this object requires a gradient, whatever became of it. */
  get ownRequiresGrad(): boolean {
    return this.#node !== null || (this.#rest !== null && this.#rest.requiresGrad);
  }

  /** @throws EngineError for integer tensors, and for results of ops. */
  set requiresGrad(flag: boolean) {
    this.requiresGrad_(flag);
  }

  /** PyTorch: `x.requires_grad_()`. */
  requiresGrad_(flag = true): this {
    if (flag && !isFloating(this.dtype)) {
      throw new EngineError(
        "dtype",
        `requiresGrad: only floating-point tensors can require a gradient, this is ${this.dtype}`,
        {
          fix: "convert it with .float()",
        },
      );
    }
    if (!flag && this.node !== null) {
      throw new EngineError("autograd", "requiresGrad: only leaf tensors can stop requiring a gradient", {
        fix: "use .detach() on the result of an op",
      });
    }
    programObserver()?.gradientsSwitched(this, flag);
    const { version } = this;
    if (flag || version.#rest !== null) (version.#rest ??= new Rest()).requiresGrad = flag;
    return this;
  }

  /** What backward passes have accumulated; null before the first and after `zeroGrad`. */
  get grad(): Tensor | null {
    const rest = (this.current ?? this).#rest;
    return rest === null ? null : rest.grad;
  }

  set grad(grad: Tensor | null) {
    const given: unknown = grad;
    if (given !== null && (typeof given !== "object" || !Tensor.is(given))) {
      throw new EngineError("value", `grad: a tensor or null can be assigned, this is ${typeof given}`, {
        fix: "write x.grad = null to begin anew",
      });
    }
    if (grad !== null && (grad.shape.length !== this.shape.length || grad.shape.some((n, i) => n !== this.shape[i]))) {
      throw new EngineError(
        "shape",
        `grad: a gradient of shape ${formatShape(grad.shape)} cannot be assigned to a tensor of shape ${formatShape(this.shape)}`,
      );
    }
    const holder = this.current ?? this;
    if (grad !== null || holder.#rest !== null) (holder.#rest ??= new Rest()).grad = grad;
  }

  /** Zeros of this dtype. PyTorch: `x.new_zeros`. */
  newZeros(shape: Shape): Tensor {
    checkSizes("newZeros", shape);
    const out = Tensor.empty(shape, this.dtype);
    runtime.kernels.fill(out, 0);
    return out;
  }

  /** Number of elements. */
  numel(): number {
    return elementCount(this.shape);
  }

  dim(): number {
    return this.shape.length;
  }

  size(): Shape;
  size(dim: number): number;
  size(dim?: number): Shape | number {
    if (dim === undefined) return this.shape;
    const size = this.shape[dim < 0 ? dim + this.shape.length : dim];
    if (size === undefined)
      throw new EngineError("shape", `size: dim ${dim} is out of range for ${formatShape(this.shape)}`);
    return size;
  }

  isContiguous(): boolean {
    return isDense(this.shape, this.strides);
  }

  /**
   * The single element as a number; booleans give 0 or 1.
   * @throws EngineError unless there is exactly one element.
   */
  item(): number {
    if (this.numel() !== 1) {
      throw new EngineError(
        "shape",
        `item: only a tensor of one element has an item, this is ${formatShape(this.shape)}`,
      );
    }
    const value = readElement(this.dtype, this.offset);
    noteRead("item", this, [value]);
    return value;
  }

  /** Elements in row-major order, as numbers (booleans as 0 and 1). */
  toArray(): number[] {
    return Array.from(this.toFloat64Array());
  }

  /** Elements in row-major order. A copy. */
  toFloat64Array(): Float64Array {
    const elements = readElements(this);
    noteRead("toArray", this, elements);
    return elements;
  }

  /** Elements as nested arrays, as PyTorch's `tolist()`; a number for a scalar, booleans for dtype bool. */
  tolist(): NestedArray {
    return nested(this.toFloat64Array(), this.shape, this.dtype);
  }

  toString(): string {
    const values = this.numel() <= 64 ? formatNested(this.tolist()) : formatShape(this.shape);
    const suffix = this.node ? `, gradFn: ${this.node.name}` : this.requiresGrad ? ", requiresGrad: true" : "";
    return `tensor(${values}${this.dtype === "float32" ? "" : `, dtype: ${this.dtype}`}${suffix})`;
  }

  /**
   * What JavaScript's own operators take a tensor for: `loss > 10` and `grad.norm() * 2` read its one element.
   * @throws EngineError for a number of a tensor that has several elements.
   */
  [Symbol.toPrimitive](hint: "number" | "string" | "default"): number | string {
    if (hint !== "number") return this.toString();
    if (this.numel() === 1) return this.item();
    const shape = formatShape(this.shape);
    throw new EngineError(
      "value",
      `a tensor of shape ${shape} is no one number: JavaScript's operators do not work element by element`,
    );
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** As many axes as PyTorch has; every array of axes in the kernels is made for so many. */
export const MOST_AXES = 64;

function refuseAxes(count: number): never {
  throw new EngineError("shape", `a tensor has at most ${MOST_AXES} axes, this would have ${count}`);
}

/** Kernels count elements in 32 bits. Memory holds fewer; a view may show one element any number of times. */
const MOST_ELEMENTS = 2 ** 31 - 1;

function refuseElements(shape: Shape): never {
  throw new EngineError(
    "shape",
    `a tensor has at most ${MOST_ELEMENTS} elements, ${formatShape(shape)} would have ${elementCount(shape)}`,
  );
}

function sizeText(size: unknown): string {
  return typeof size === "number" ? String(size) : size === undefined ? "?" : typeof size;
}

function refuseSizes(shape: readonly unknown[]): never {
  throw new EngineError(
    "value",
    `a tensor's sizes must be whole numbers, these are [${shape.map(sizeText).join(", ")}]`,
    { fix: "was a size left out, or given by name where it stands by place?" },
  );
}

let refreshView: (view: Tensor) => void = () => {};

/** How a view gets a node again after its base was changed in place. This module knows nothing of ops. */
export function onStaleView(refresh: (view: Tensor) => void): void {
  refreshView = refresh;
}

export function isFloating(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float64";
}

onLabel((value, name) => {
  if (Tensor.is(value)) nameTensor(value, name);
});
