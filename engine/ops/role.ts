/**
 * What an op's result is to somebody who argues about a model: probabilities, logarithms of them, a layer's output. Ops
 * of one role are the same thing to a finding.
 */
export type OpRole =
  /** Non-negative, summing to 1 along `dim`. */
  | "softmax"
  | "log-softmax"
  | "sigmoid"
  | "log-sigmoid"
  | "tanh"
  /** Zero for all that is negative. */
  | "rectifier"
  /** Another nonlinearity that works element by element. */
  | "activation"
  /** Cuts values off at bounds. */
  | "clamp"
  | "cross-entropy"
  | "nll"
  | "binary-cross-entropy"
  /** An affine function of its first input, with parameters of its own. */
  | "linear"
  | "convolution"
  | "product"
  | "lookup"
  | "batch-norm"
  | "layer-norm"
  | "recurrent-cell"
  | "pooling"
  | "sum"
  | "mean"
  | "variance"
  | "norm"
  | "extreme"
  | "add"
  | "subtract"
  | "multiply"
  | "divide"
  | "negate"
  | "square"
  | "power"
  | "absolute"
  | "exponential"
  | "logarithm"
  | "square-root"
  | "inverse-trigonometric"
  | "log-sum-exp"
  | "softplus"
  /** The same numbers in the same order of axes, seen in another shape. */
  | "reshape"
  /** The same numbers with axes changing places. */
  | "permute"
  /** The same numbers, or some of them. */
  | "part"
  /** The same numbers, repeated. */
  | "repeat"
  | "join"
  | "pick"
  | "convert"
  | "where"
  | "mask-fill"
  | "position"
  | "rounding"
  | "comparison"
  | "other";

const BY_ROLE: Readonly<Partial<Record<OpRole, readonly string[]>>> = {
  softmax: ["softmax"],
  "log-softmax": ["logSoftmax"],
  sigmoid: ["sigmoid"],
  "log-sigmoid": ["logsigmoid"],
  tanh: ["tanh"],
  rectifier: ["relu", "relu6"],
  activation: ["gelu", "silu", "leakyRelu", "elu", "selu", "erf", "sin", "cos"],
  softplus: ["softplus"],
  clamp: ["clamp", "hardtanh"],
  "cross-entropy": ["crossEntropy"],
  nll: ["nllLoss"],
  "binary-cross-entropy": ["binaryCrossEntropy"],
  linear: ["linear"],
  convolution: ["conv1d", "conv2d", "convTranspose1d", "convTranspose2d"],
  product: ["matmul", "mm", "bmm", "mv", "dot", "outer"],
  lookup: ["embedding"],
  "batch-norm": ["batchNorm", "fixedNormalisation"],
  "layer-norm": ["layerNorm"],
  "recurrent-cell": ["lstmCell"],
  pooling: [
    "maxPool1d",
    "maxPool2d",
    "avgPool1d",
    "avgPool2d",
    "adaptiveAvgPool1d",
    "adaptiveAvgPool2d",
    "adaptiveMaxPool1d",
    "adaptiveMaxPool2d",
  ],
  sum: ["sum"],
  mean: ["mean"],
  variance: ["var", "std"],
  norm: ["norm"],
  extreme: ["amax", "amin", "max", "min", "maximum", "minimum"],
  add: ["add", "add.number"],
  subtract: ["sub", "sub.number", "number.sub"],
  multiply: ["mul", "mul.number"],
  divide: ["div", "div.number", "number.div", "reciprocal"],
  negate: ["neg"],
  square: ["square"],
  power: ["pow", "pow.number", "number.pow"],
  absolute: ["abs"],
  exponential: ["exp", "expm1"],
  logarithm: ["log", "log1p", "log2", "log10"],
  "square-root": ["sqrt", "rsqrt"],
  "inverse-trigonometric": ["asin", "acos", "acosh", "atanh"],
  "log-sum-exp": ["logsumexp"],
  reshape: ["view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze"],
  permute: ["permute", "transpose", "t", "movedim"],
  part: ["alias", "slice", "narrow", "split", "chunk", "select", "unbind", "diagonal", "asStrided", "detach"],
  repeat: ["expand", "repeat", "repeatInterleave"],
  join: ["cat", "stack"],
  pick: ["gather", "index", "indexSelect", "take", "maskedSelect"],
  convert: ["to", "clone"],
  where: ["where"],
  "mask-fill": ["maskedFill"],
  position: ["argmax", "argmin", "argsort", "cummax.position", "cummin.position"],
  rounding: ["sign", "floor", "ceil", "round", "trunc", "floorDivide", "floorDivide.number"],
  comparison: [
    ...["eq", "ne", "lt", "le", "gt", "ge"].flatMap((name) => [name, `${name}.number`]),
    "isnan",
    "isinf",
    "isfinite",
  ],
};

const roles = new Map<string, OpRole>(
  Object.entries(BY_ROLE).flatMap(([role, ids]) => ids.map((id) => [id, role as OpRole] as const)),
);

/** The role of an op by the id of its record. */
export function roleOf(id: string): OpRole {
  return roles.get(id) ?? "other";
}

/** The same numbers in another arrangement, all of them or some. */
export function keepsNumbers(role: OpRole): boolean {
  switch (role) {
    case "reshape":
    case "permute":
    case "part":
    case "repeat":
    case "join":
    case "pick":
    case "convert":
      return true;
    default:
      return false;
  }
}
