import type { AttributeValue } from "../../recording/attributes.ts";
import { Arguments, type AtenCall, type Candidate, type Mapping } from "./aten-call.ts";
import { entry } from "./aten-index.ts";

const REDUCTIONS = ["none", "mean", "sum"] as const;

const plain =
  (record: string): Mapping =>
  () => ({ record, attributes: {} });

/** An op of two tensors, or of one and a number. */
const binary =
  (record: string): Mapping =>
  (given) =>
    given.call.inputs.length === 2
      ? { record, attributes: {} }
      : { record: `${record}.number`, attributes: { value: given.number(1, "other", NaN) } };

const toShape =
  (record: string): Mapping =>
  ({ call }) => ({ record, attributes: { shape: call.shape } });

/** The same elements in another shape, whatever was said of it. */
const reshaped =
  (record: string, ...keywords: readonly string[]): Mapping =>
  (given) => {
    given.rest(1, keywords[0] ?? "shape");
    for (const [at, keyword] of keywords.entries()) given.get(at + 1, keyword);
    return toShape(record)(given);
  };

const over =
  (record: string): Mapping =>
  (given) => ({ record, attributes: { dims: given.axes(1, "dim"), keepdim: given.flag(2, "keepdim", false) } });

/** With Bessel's correction, which has had two names. */
const moments =
  (record: string): Mapping =>
  (given) => {
    const isFlag = typeof given.get(1, "dim") === "boolean";
    const dims = isFlag ? Array.from({ length: given.rank }, (_, axis) => axis) : given.axes(1, "dim");
    const unbiased = isFlag ? given.flag(1, "dim", true) : given.flag(2, "unbiased", true);
    const correction = given.number(2, "correction", unbiased ? 1 : 0);
    const attributes = { dims, keepdim: given.flag(3, "keepdim", false), correction: unbiased ? correction || 1 : 0 };
    return { record, attributes };
  };

const along =
  (record: string, otherwise = 0): Mapping =>
  (given) => {
    given.get(3, "_stacklevel");
    return { record, attributes: { dim: given.axis(1, "dim", otherwise) } };
  };

/** The larger of two, or the largest of all. Along an axis torch gives the gradient to one of those that tie: another rule. */
const extreme =
  (record: string): Mapping =>
  (given) =>
    given.call.inputs.length === 2
      ? { record: `${record}imum`, attributes: {} }
      : { record, attributes: { dims: given.axes(1, "none"), keepdim: false } };

const permuted =
  (record: string, dims: (given: Arguments) => readonly number[]): Mapping =>
  (given) => ({ record, attributes: { dims: dims(given) } });

function swapped(rank: number, a: number, b: number): readonly number[] {
  return Array.from({ length: rank }, (_, axis) => (axis === a ? b : axis === b ? a : axis));
}

const convolution =
  (record: string, axes: number): Mapping =>
  (given) => {
    given.get(2, "bias");
    if (typeof given.get(4, "padding") === "string") return null;
    return {
      record,
      attributes: {
        stride: given.each(3, "stride", axes, 1),
        padding: given.each(4, "padding", axes, 0),
        dilation: given.each(5, "dilation", axes, 1),
        groups: given.number(6, "groups", 1),
      },
    };
  };

const pooling =
  (record: string, axes: number): Mapping =>
  (given) => {
    const kernel = given.each(1, "kernel_size", axes, 1);
    const stride = given.get(2, "stride");
    const isGiven = Array.isArray(stride) ? stride.length > 0 : typeof stride === "number";
    const attributes = {
      kernel,
      stride: isGiven ? given.each(2, "stride", axes, 1) : kernel,
      padding: given.each(3, "padding", axes, 0),
    };
    if (record.startsWith("max")) {
      const dilation = given.each(4, "dilation", axes, 1);
      return { record, attributes: { ...attributes, dilation, ceilMode: given.flag(5, "ceil_mode", false) } };
    }
    const ceilMode = given.flag(4, "ceil_mode", false);
    const countIncludePad = given.flag(5, "count_include_pad", true);
    const dilation = Array.from({ length: axes }, () => 1);
    return { record, attributes: { ...attributes, dilation, ceilMode, countIncludePad } };
  };

const sized =
  (record: string, axes: number): Mapping =>
  (given) => ({ record, attributes: { size: given.each(1, "output_size", axes, 1) } });

function bounded(given: Arguments, min: AttributeValue | undefined, max: AttributeValue | undefined): Candidate | null {
  const bound = (value: AttributeValue | undefined): number | null => (typeof value === "number" ? value : null);
  if (given.call.inputs.length > 1) return null;
  return { record: "clamp", attributes: { min: bound(min), max: bound(max) } };
}

/** To another dtype, on the same device. */
const converted: Mapping = (given) => {
  given.get(1, "dtype");
  given.get(2, "non_blocking");
  const { dtype } = given.call;
  return dtype === null ? null : { record: "to", attributes: { dtype } };
};

const crossEntropy: Mapping = (given) => {
  given.get(2, "weight");
  const reduction = REDUCTIONS[given.number(3, "reduction", 1)];
  if (reduction === undefined || given.number(5, "label_smoothing", 0) !== 0) return null;
  return { record: "crossEntropy", attributes: { reduction, ignoreIndex: given.number(4, "ignore_index", -100) } };
};

const negativeLogLikelihood: Mapping = (given) => {
  given.get(2, "weight");
  const reduction = REDUCTIONS[given.number(3, "reduction", 1)];
  if (reduction === undefined) return null;
  const ignoreIndex = given.number(4, "ignore_index", -100);
  return { record: "nllLoss", attributes: { reduction, ignoreIndex, as: "nllLoss" } };
};

const layerNorm: Mapping = (given) => {
  const normalized = given.get(1, "normalized_shape");
  for (const [place, name] of [
    [2, "weight"],
    [3, "bias"],
    [5, "cudnn_enable"],
  ] as const) {
    given.get(place, name);
  }
  const eps = given.number(4, "eps", 1e-5);
  return Array.isArray(normalized) ? { record: "layerNorm", attributes: { eps, normalized } } : null;
};

/** By the statistics of the batch, which the record takes for itself, or by those that it is given. */
const batchNorm: Mapping = (given) => {
  for (const [place, name] of [
    [1, "weight"],
    [2, "bias"],
    [3, "running_mean"],
    [4, "running_var"],
    [6, "momentum"],
    [8, "cudnn_enabled"],
  ] as const) {
    given.get(place, name);
  }
  const eps = given.number(7, "eps", 1e-5);
  return given.flag(5, "training", false)
    ? { record: "batchNorm", attributes: { eps, normalized: [] } }
    : { record: "fixedNormalisation", attributes: { eps } };
};

const squaredError: Mapping = (given) => {
  const reduction = REDUCTIONS[given.number(2, "reduction", 1)];
  return reduction === undefined ? null : { record: "squaredError", attributes: { reduction } };
};

const norm: Mapping = (given) => {
  const p = given.number(1, "p", 2);
  return { record: "norm", attributes: { p, dims: given.axes(2, "dim"), keepdim: given.flag(3, "keepdim", false) } };
};

const padded: Mapping = (given) => {
  const said = given.get(1, "pad");
  if (!Array.isArray(said) || (given.get(2, "mode") ?? "constant") !== "constant") return null;
  const { rank } = given;
  const frame = said as readonly number[];
  const side = (which: 0 | 1): number[] =>
    Array.from({ length: rank }, (_, axis) => frame[2 * (rank - 1 - axis) + which] ?? 0);
  return { record: "pad", attributes: { before: side(0), after: side(1), value: given.number(3, "value", 0) } };
};

const MAPPINGS: Readonly<Record<string, Mapping>> = {
  ...Object.fromEntries(
    (
      "exp expm1 log log1p log2 log10 sqrt rsqrt reciprocal square erf relu tanh sigmoid sign floor ceil round trunc abs neg " +
      "sin cos tan asin acos atan sinh cosh asinh acosh atanh atan2 where clone matmul mm bmm mv dot outer lgamma erfinv " +
      "silu linear maximum minimum"
    )
      .split(" ")
      .map((name) => [name, plain(name)]),
  ),
  add: binary("add"),
  sub: binary("sub"),
  mul: binary("mul"),
  div: binary("div"),
  true_divide: binary("div"),
  rsub: (given) => ({ record: "number.sub", attributes: { value: given.number(1, "other", NaN) } }),
  pow: (given) => {
    const base = given.get(0, "self");
    return base === undefined ? binary("pow")(given) : { record: "number.pow", attributes: { value: Number(base) } };
  },
  contiguous: plain("clone"),
  gelu: plain("gelu"),
  log_sigmoid: plain("logsigmoid"),
  logsigmoid: plain("logsigmoid"),
  softplus: plain("softplus"),
  relu6: () => ({ record: "relu6", attributes: { min: 0, max: 6 } }),
  selu: () => ({ record: "selu", attributes: { alpha: 1.6732632423543772, scale: 1.0507009873554805 } }),
  leaky_relu: (given) => ({ record: "leakyRelu", attributes: { slope: given.number(1, "negative_slope", 0.01) } }),
  elu: (given) => ({ record: "elu", attributes: { alpha: given.number(1, "alpha", 1), scale: 1 } }),
  hardtanh: (given) => ({
    record: "hardtanh",
    attributes: { min: given.number(1, "min_val", -1), max: given.number(2, "max_val", 1) },
  }),
  clamp: (given) => bounded(given, given.get(1, "min"), given.get(2, "max")),
  clip: (given) => bounded(given, given.get(1, "min"), given.get(2, "max")),
  clamp_min: (given) => bounded(given, given.get(1, "min"), null),
  clamp_max: (given) => bounded(given, null, given.get(1, "max")),
  masked_fill: (given) => ({ record: "maskedFill", attributes: { value: given.number(2, "value", NaN) } }),
  sum: over("sum"),
  mean: over("mean"),
  logsumexp: over("logsumexp"),
  amax: over("amax"),
  amin: over("amin"),
  var: moments("var"),
  std: moments("std"),
  max: extreme("max"),
  min: extreme("min"),
  prod: over("prod"),
  norm,
  linalg_vector_norm: norm,
  frobenius_norm: (given) => {
    const [dims, keepdim] = [given.axes(1, "dim"), given.flag(2, "keepdim", false)];
    return { record: "norm", attributes: { p: 2, dims, keepdim } };
  },
  softmax: along("softmax", -1),
  log_softmax: along("logSoftmax", -1),
  cumsum: along("cumsum"),
  cat: along("cat"),
  concat: along("cat"),
  stack: (given) => {
    const dim = given.number(1, "dim", 0);
    return { record: "stack", attributes: { dim: dim < 0 ? dim + given.rank + 1 : dim } };
  },
  gather: along("gather"),
  index_select: along("indexSelect"),
  embedding: (given) => {
    for (const [place, name] of [
      [2, "padding_idx"],
      [3, "scale_grad_by_freq"],
      [4, "sparse"],
    ] as const) {
      given.get(place, name);
    }
    return { record: "embedding", attributes: {} };
  },
  view: reshaped("view", "size"),
  reshape: reshaped("reshape", "shape"),
  flatten: reshaped("flatten", "start_dim", "end_dim"),
  unflatten: reshaped("unflatten", "dim", "sizes"),
  squeeze: reshaped("squeeze", "dim"),
  unsqueeze: reshaped("unsqueeze", "dim"),
  expand: reshaped("expand", "size"),
  broadcast_to: reshaped("expand", "size"),
  t: permuted("t", ({ rank }) => (rank === 2 ? [1, 0] : [0])),
  T: permuted("permute", ({ rank }) => Array.from({ length: rank }, (_, axis) => rank - 1 - axis)),
  mT: permuted("transpose", ({ rank }) => swapped(rank, rank - 2, rank - 1)),
  transpose: permuted("transpose", (given) => swapped(given.rank, given.axis(1, "dim0", 0), given.axis(2, "dim1", 1))),
  swapaxes: permuted("transpose", (given) => swapped(given.rank, given.axis(1, "axis0", 0), given.axis(2, "axis1", 1))),
  permute: permuted("permute", (given) => given.restAxes(1, "dims")),
  select: (given) => {
    const dim = given.axis(1, "dim", 0);
    const index = given.number(2, "index", 0);
    const size = given.call.inputs[0]?.shape[dim] ?? 0;
    return { record: "select", attributes: { dim, index: index < 0 ? index + size : index } };
  },
  narrow: (given) => {
    const attributes = { dim: given.axis(1, "dim", 0), start: given.number(2, "start", 0), step: 1 };
    return { record: "narrow", attributes: { ...attributes, length: given.number(3, "length", 0) } };
  },
  __getitem__: entry,
  diagonal: (given) => {
    const attributes = { offset: given.number(1, "offset", 0), dim1: given.axis(2, "dim1", 0) };
    return { record: "diagonal", attributes: { ...attributes, dim2: given.axis(3, "dim2", 1) } };
  },
  unfold: (given) => {
    const attributes = { dim: given.axis(1, "dimension", 0), size: given.number(2, "size", 1) };
    return { record: "unfold", attributes: { ...attributes, step: given.number(3, "step", 1) } };
  },
  float: converted,
  double: converted,
  half: converted,
  bfloat16: converted,
  to: converted,
  type_as: converted,
  flip: (given) => ({ record: "flip", attributes: { dims: given.restAxes(1, "dims") } }),
  roll: (given) => {
    const [shifts, dims] = [given.each(1, "shifts", 1, 0), given.get(2, "dims")];
    return typeof dims === "number"
      ? { record: "roll", attributes: { shifts, dims: [given.axis(2, "dims", 0)] } }
      : null;
  },
  repeat: (given) => ({ record: "repeat", attributes: { repeats: given.rest(1, "repeats") } }),
  tril: (given) => ({ record: "tril", attributes: { diagonal: given.number(1, "diagonal", 0) } }),
  triu: (given) => ({ record: "triu", attributes: { diagonal: given.number(1, "diagonal", 0) } }),
  conv1d: convolution("conv1d", 1),
  conv2d: convolution("conv2d", 2),
  max_pool1d: pooling("maxPool1d", 1),
  max_pool2d: pooling("maxPool2d", 2),
  max_pool2d_with_indices: pooling("maxPool2d", 2),
  avg_pool1d: pooling("avgPool1d", 1),
  avg_pool2d: pooling("avgPool2d", 2),
  adaptive_avg_pool1d: sized("adaptiveAvgPool1d", 1),
  adaptive_avg_pool2d: sized("adaptiveAvgPool2d", 2),
  layer_norm: layerNorm,
  batch_norm: batchNorm,
  mse_loss: squaredError,
  cross_entropy_loss: crossEntropy,
  nll_loss: negativeLogLikelihood,
  nll_loss_nd: negativeLogLikelihood,
  binary_cross_entropy: (given) => {
    given.get(2, "weight");
    return REDUCTIONS[given.number(3, "reduction", 1)] === "none"
      ? { record: "binaryCrossEntropy", attributes: {} }
      : null;
  },
  pad: padded,
};

/**
 * The record of ours that stands for a call of torch, if it proves itself. Null where there is none: what our record cannot
 * be told, such as another dtype of the result, makes another op of it.
 */
export function candidateOf(call: AtenCall): Candidate | null {
  // What writes in place computes the same: its result is the row's value.
  const name = /^[a-z].*[^_]_$/u.test(call.name) ? call.name.slice(0, -1) : call.name;
  const mapping = Object.hasOwn(MAPPINGS, name) ? MAPPINGS[name] : undefined;
  if (mapping === undefined) return null;
  const given = new Arguments(call);
  const found = mapping(given);
  if (found === null || given.saysMore || Object.values(found.attributes).some(Number.isNaN)) return null;
  return found;
}
