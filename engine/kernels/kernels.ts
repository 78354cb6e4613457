import type { View } from "../core/view.ts";

/** Elementwise functions of one operand. Out dtype equals the operand's, except the predicates, which give bool. */
export type UnaryFunction =
  | "neg"
  | "abs"
  | "sign"
  | "floor"
  | "ceil"
  | "round"
  | "trunc"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "log2"
  | "log10"
  | "sqrt"
  | "rsqrt"
  | "reciprocal"
  | "square"
  | "erf"
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh"
  | "tanh"
  | "sigmoid"
  | "relu"
  | "softplus"
  /** x · Φ(x), with Φ the normal distribution function. */
  | "gelu"
  | "silu"
  | "logicalNot"
  | "isnan"
  | "isinf"
  | "isfinite";

/** Elementwise functions of two operands of one dtype. Comparisons and logic give bool. */
export type BinaryFunction =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "pow"
  | "maximum"
  | "minimum"
  | "remainder"
  | "floorDivide"
  | "atan2"
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "logicalAnd"
  | "logicalOr"
  | "logicalXor"
  /** Cotangents fused with the mask or slope they pass through; the first operand is the cotangent. */
  | "reluBackward"
  | "tanhBackward"
  | "sigmoidBackward"
  | "geluBackward"
  | "siluBackward";

export type Reduction = "sum" | "prod" | "max" | "min" | "argmax" | "argmin" | "any" | "all" | "sumOfSquares";

/** Spatial geometry of a convolution or pooling over two axes; one-dimensional ones pass height 1. */
export interface Window2d {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
}

/** One pass over a tensor's elements. `min`, `max`, `mean` and `std` (unbiased; 0 of one element) are over the finite ones. */
export interface Statistics {
  readonly count: number;
  readonly finite: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
  /** Euclidean norm of all elements; NaN or Infinity when any element is. */
  readonly norm: number;
  readonly zeros: number;
  readonly positives: number;
  readonly nans: number;
  readonly positiveInfinities: number;
  readonly negativeInfinities: number;
}

/** What a training log keeps of a parameter in one pass. */
export interface ParameterMeasures {
  /** Euclidean norms; NaN or Infinity when any element is. */
  readonly gradient: number;
  readonly value: number;
  /** Norm of what the parameter has moved by. */
  readonly update: number;
  /** Elements of the gradient that are zero, and that are not finite. */
  readonly zeros: number;
  readonly notFinite: number;
  /** Largest magnitude among the gradient's finite elements; 0 where there are none. */
  readonly largest: number;
}

/** A parameter in an optimizer's step. All views of one are dense and of one dtype. */
interface Move {
  readonly parameter: View;
  readonly grad: View;
  readonly out: View;
}

export interface SgdMove extends Move {
  /** Null without momentum. */
  readonly momentum: View | null;
  /** Whether this is the parameter's first step, which fills the buffer. */
  readonly first: boolean;
}

export interface AdamMove extends Move {
  readonly mean: View;
  readonly variance: View;
  /** Null but for AMSGrad. */
  readonly maxVariance: View | null;
  /** Counted from 1. */
  readonly step: number;
}

/** As many products as `gemm` sums up before it adds to what is there already. */
export const GEMM_DEPTH = 256;

/**
 * Everything the engine asks of raw memory. Shapes are checked by the op that calls; kernels trust them.
 * Outputs named `out` are dense and row-major unless said otherwise; inputs may have any strides, zero included.
 * The result is the same for any number of threads.
 */
export interface Kernels {
  /** Copies, converting the dtype; `out` may have any strides. Both have the same shape. */
  copy(x: View, out: View): void;
  /** `out` may have any strides. */
  fill(out: View, value: number): void;
  unary(fn: UnaryFunction, x: View, out: View): void;
  /** `a` and `b` are already broadcast to `out.shape` by zero strides. */
  binary(fn: BinaryFunction, a: View, b: View, out: View): void;
  /** The same with a number as one operand. */
  binaryScalar(fn: BinaryFunction, a: View, b: number, out: View): void;
  scalarBinary(fn: BinaryFunction, a: number, b: View, out: View): void;
  /** out = condition ? a : b; all broadcast to `out.shape`. */
  where(condition: View, a: View, b: View, out: View): void;
  /** out = clamp(x, min, max); infinities for a missing bound. NaN stays NaN. */
  clamp(x: View, min: number, max: number, out: View): void;
  /** Reduces over `dims` (sorted, non-negative); `out` has the kept axes in order. argmax and argmin give the first. */
  reduce(fn: Reduction, x: View, dims: readonly number[], out: View): void;
  cumsum(x: View, dim: number, out: View): void;
  /** out[…, m, n] (+)= Σk a[…, m, k] · b[…, k, n] (+ bias[n]); batch axes broadcast by zero strides. Any strides for a, b. */
  gemm(a: View, b: View, out: View, options?: { readonly bias?: View; readonly accumulate?: boolean }): void;
  /**
   * Cross-entropy of each row of dense logits [R, C] against int64 classes [R]: losses [R] and log Σ exp(x − max x) [R],
   * which keeps its digits where the logits are large. A row whose class is `ignoreIndex` has loss 0.
   */
  crossEntropy(logits: View, classes: View, losses: View, logSums: View, ignoreIndex: number): void;
  /** out = (softmax(logits) − one-hot(classes)) · grad; `grad` [R] may have stride 0. Ignored rows give 0. */
  crossEntropyBackward(grad: View, logits: View, classes: View, logSums: View, out: View, ignoreIndex: number): void;
  /** Along the last axis of dense `x`. */
  softmax(x: View, out: View, log: boolean): void;
  /** Cotangent of the input of softmax (`y` its output) or logSoftmax. */
  softmaxBackward(grad: View, y: View, out: View, log: boolean): void;
  /** x [N, C, H, W], weight [O, C / groups, kh, kw], bias [O] or null, out [N, O, Ho, Wo]. All dense. */
  conv2d(x: View, weight: View, bias: View | null, out: View, window: Window2d, groups: number): void;
  /** Cotangent of `x`, which is also the forward of a transposed convolution. */
  conv2dInput(grad: View, weight: View, out: View, window: Window2d, groups: number): void;
  conv2dWeight(grad: View, x: View, out: View, window: Window2d, groups: number): void;
  /** `indices` (int64, of out's shape) hold the flat position in each H × W plane. Padding never wins; NaN does. */
  maxPool2d(x: View, out: View, indices: View, window: Window2d): void;
  /** Cotangent of the input: each of `grad` is added where `indices` say, in each H × W plane of `out`. */
  maxPool2dBackward(grad: View, indices: View, out: View): void;
  avgPool2d(x: View, out: View, window: Window2d, countIncludePad: boolean): void;
  avgPool2dBackward(grad: View, out: View, window: Window2d, countIncludePad: boolean): void;
  /** out[i] = x[index[i]] for flat positions in dense `x`. */
  take(x: View, index: View, out: View): void;
  /** out[index[i]] = or += src[i], in order of i; `out` dense. */
  put(out: View, index: View, src: View, accumulate: boolean): void;
  /** Rows of x [R, C] (dense rows) picked by int64 index [M] into out [M, C]. */
  indexRows(x: View, index: View, out: View): void;
  /** out[index[m]] += src[m], rows, in order of m. */
  addRows(out: View, index: View, src: View): void;
  /** Stable, along the last axis of dense `x`; NaN counts as largest. `values` may be null. */
  sort(x: View, descending: boolean, values: View | null, indices: View): void;
  /** Layer normalisation over the last axis of dense x [R, C]; also gives mean [R] and 1/σ [R]. */
  layerNorm(x: View, weight: View | null, bias: View | null, out: View, mean: View, rstd: View, eps: number): void;
  /** Cotangents of layerNorm, each of which may be left out. `mean` and `rstd` are the forward's. */
  layerNormBackward(
    grad: View,
    x: View,
    weight: View | null,
    mean: View,
    rstd: View,
    outs: { readonly x: View | null; readonly weight: View | null; readonly bias: View | null },
  ): void;
  /** Mean [C] and biased variance [C] of dense x [N, C, L] over N and L. */
  channelMoments(x: View, mean: View, variance: View): void;
  /** out = (x − mean) · rstd · weight + bias per channel of dense x [N, C, L]. */
  batchNorm(x: View, weight: View | null, bias: View | null, mean: View, rstd: View, out: View): void;
  /** Cotangents of batchNorm. With `training` the mean and variance are functions of `x`, else constants. */
  batchNormBackward(
    grad: View,
    x: View,
    weight: View | null,
    mean: View,
    rstd: View,
    training: boolean,
    outs: { readonly x: View | null; readonly weight: View | null; readonly bias: View | null },
  ): void;
  /**
   * The pointwise part of an LSTM step. Gates [N, 4H] (i, f, g, o before their nonlinearities) and cell [N, H] give
   * out [6, N, H]: the next hidden and cell state, and the gates after their nonlinearities.
   */
  lstmCell(gates: View, cell: View, out: View): void;
  /** Cotangents of `gates` and `cell`, each of which may be left out, from that of the forward's result `y`. */
  lstmCellBackward(
    grad: View,
    y: View,
    cell: View,
    outs: { readonly gates: View | null; readonly cell: View | null },
  ): void;
  /**
   * Uniform in [0, 1) or standard normal from a counter-based generator: the same on every machine. Dense `out`.
   * Element i depends on `seed` and `counter` + ⌊i / 2⌋ alone, so the next call's counter must be higher by ⌈count / 2⌉.
   */
  uniform(out: View, seed: number, counter: number): void;
  normal(out: View, seed: number, counter: number): void;
  statistics(x: View): Statistics;
  /** A gradient and its parameter in one sweep. All three have one shape and dtype; `before` may be `value` itself. */
  parameterMeasures(gradient: View, value: View, before: View): ParameterMeasures;
  /** Counts in `bins` equal bins over [low, high]; elements outside or not finite are left out. */
  histogram(x: View, low: number, high: number, bins: number): Uint32Array;
  /**
   * A step of every parameter of `moves`, from `parameter` to `out`, which may be the same, and in place on the state.
   * Formulas are PyTorch's.
   */
  sgd(
    moves: readonly SgdMove[],
    options: {
      readonly lr: number;
      readonly momentum: number;
      readonly dampening: number;
      readonly weightDecay: number;
      readonly nesterov: boolean;
      readonly maximize: boolean;
    },
  ): void;
  adam(
    moves: readonly AdamMove[],
    options: {
      readonly lr: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly eps: number;
      readonly weightDecay: number;
      readonly decoupled: boolean;
      readonly maximize: boolean;
    },
  ): void;
}
