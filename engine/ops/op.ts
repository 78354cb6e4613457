import type { DType } from "../protocol/dtype.ts";
import type { Attributes } from "../recording/attributes.ts";
import type { Tensor } from "../core/tensor.ts";

/** What a rule may read of the application it differentiates. Reading a value that has changed since throws. */
export interface Application<A extends Attributes = Attributes> {
  readonly attributes: A;
  /** An input that the op's `saves` lists. */
  input(index: number): Tensor;
  /** The result, if the op's `saves` lists it. */
  readonly output: Tensor;
  /** Shape and dtype of any input; always known. */
  shape(index: number): readonly number[];
  dtype(index: number): DType;
  readonly inputCount: number;
  readonly outputShape: readonly number[];
}

/**
 * A vector-Jacobian product: from the cotangent `g` of the result, the cotangent of one input. Written in ops, so that
 * it can be differentiated again. It may have the shape of the result: where the op broadcast, the engine reduces it.
 */
export type VectorJacobianProduct<A extends Attributes = Attributes> = (g: Tensor, at: Application<A>) => Tensor;

/** Where a view finds its elements in its input's storage: strides and offset in elements. */
export interface ViewGeometry {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Where a tensor's elements are in its storage: what the geometry of a view follows from. */
export interface Placed {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly elementOffset: number;
}

/** What to show people of an op, in TeX. `backward` has one entry per input: its cotangent. */
export interface Formula {
  readonly forward: string;
  readonly backward: readonly string[];
}

interface OpBase<A extends Attributes> {
  /** Unique. Two forms of one op (with a tensor, with a number) differ here and share their `name`. */
  readonly id: string;
  /** As a model file writes it: "matmul". */
  readonly name: string;
  /** One rule per input; a function for ops with any number of inputs. `null`: that input gets no cotangent. */
  readonly vjp:
    readonly (VectorJacobianProduct<A> | null)[] | ((g: Tensor, at: Application<A>, index: number) => Tensor | null);
  /**
   * Adds the cotangent of an input to `sum`, which has its shape, in the loop that computes it: of what is used again and
   * again, as a recurrent weight is, what `vjp` gives need not be written down. The sum has the bits that adding that would
   * give; false where they might differ, and nothing was done. An op that has this gives by `vjp` what nobody else holds, or `g`.
   */
  readonly addCotangent?: (g: Tensor, at: Application<A>, index: number, sum: Tensor) => boolean;
  /**
   * Cotangents of several inputs from one loop over the elements, to the bit what `vjp` gives one by one; undefined where
   * `vjp` is asked for that input after all. `wanted` says which inputs get one. Never for a pass that is recorded itself.
   */
  readonly together?: (g: Tensor, at: Application<A>, wanted: readonly boolean[]) => readonly (Tensor | undefined)[];
  /** Inputs and result that the rules read; kept for the backward pass. */
  readonly saves: readonly (number | "output")[];
  /**
   * The rules read a number operand, which PyTorch keeps like a tensor: a second backward pass without `retainGraph`
   * is refused although `saves` is empty.
   */
  readonly keepsNumbers?: boolean;
  readonly formula: Formula;
  /**
   * Where the op is not differentiable: gives, for these inputs, an integer per element that says which smooth piece
   * was taken (which side of 0, which element won). Two evaluations with equal pieces lie on one smooth piece.
   */
  readonly pieces?: (inputs: readonly Tensor[], attributes: A, output: Tensor) => Tensor;
  /** In words, for the documentation: "x = 0". */
  readonly kinks?: string;
  /**
   * What keeps a gradient from an operand while the result has one: units that are switched off where the result is zero, or a
   * mask that takes other elements. Absent where a gradient of zero says nothing of the sort.
   */
  readonly blocks?: "units" | "mask";
  /** The result's elements are elements of the inputs, copied: whoever asks where a gradient came from looks past it. */
  readonly copies?: true;
  /** Each element of the result follows from the operands' elements at its place alone, once they are broadcast. */
  readonly elementwise?: true;
  /** Constant between its kinks: whatever depends on the result does not change with the operands. */
  readonly flat?: true;
  /** Affine in each floating-point operand while the others are held, as a product is. So is every view. */
  readonly affine?: true;
  /** Floating-point operations of the forward. */
  readonly flops?: (inputs: readonly Tensor[], attributes: A, output: Tensor) => number;
}

/** An op that computes new elements. */
export interface ComputeOp<A extends Attributes = Attributes> extends OpBase<A> {
  /** Shape and dtype of the result. @throws EngineError naming the op and what does not fit. */
  readonly infer: (
    inputs: readonly Tensor[],
    attributes: A,
  ) => { readonly shape: readonly number[]; readonly dtype: DType };
  /** Fills the dense result. */
  readonly compute: (inputs: readonly Tensor[], attributes: A, out: Tensor) => void;
  readonly view?: undefined;
  readonly part?: undefined;
}

/** An op whose result shares its input's elements. */
export interface ViewOp<A extends Attributes = Attributes> extends OpBase<A> {
  /** The result is some of the input's elements, each once: its cotangent is added to theirs in place. */
  readonly part?: true;
  /** Geometry of the result. @throws EngineError naming the op and what does not fit. */
  readonly view: (input: Placed, attributes: A) => ViewGeometry;
}

/**
 * One op, one record: what it computes, how it is differentiated, how it is shown and checked. Everything that knows
 * about an op reads it from here.
 */
export type Op<A extends Attributes = Attributes> = ComputeOp<A> | ViewOp<A>;

export function isAffine(op: Op): boolean {
  return op.affine === true || op.view !== undefined;
}

const byId = new Map<string, Op>();

/** Registers a record under its id, by which other threads find it. */
export function defineOp<A extends Attributes>(record: Op<A>): Op<A> {
  if (byId.has(record.id)) throw new Error(`op ${record.id} is defined twice`);
  const op = withEveryField(record);
  // A record is only ever applied to the attributes it was made for; the table forgets which.
  byId.set(record.id, op as unknown as Op);
  return op;
}

/**
 * The record with all fields that an op may have, in one order. The engine reads a dozen of them for every op of a program and
 * every step of a pass, and V8 looks a field up by its name where objects come in more than four forms.
 */
function withEveryField<A extends Attributes>(record: Op<A>): Op<A> {
  const { infer, compute } = record.view === undefined ? record : { infer: undefined, compute: undefined };
  const op: { [Field in keyof (ComputeOp<A> & ViewOp<A>)]-?: unknown } = {
    id: record.id,
    name: record.name,
    view: record.view,
    infer,
    compute,
    vjp: record.vjp,
    saves: record.saves,
    addCotangent: record.addCotangent,
    together: record.together,
    part: record.part,
    keepsNumbers: record.keepsNumbers,
    elementwise: record.elementwise,
    flat: record.flat,
    affine: record.affine,
    formula: record.formula,
    pieces: record.pieces,
    kinks: record.kinks,
    blocks: record.blocks,
    copies: record.copies,
    flops: record.flops,
  };
  return op as unknown as Op<A>;
}

export function opById(id: string): Op | undefined {
  return byId.get(id);
}

/** All records, in the order in which they were defined. */
export function allOps(): readonly Op[] {
  return [...byId.values()];
}
