import type { Tensor } from "../../core/tensor.ts";
import type { Dims, SpreadOptions, ValuesAndIndices } from "./methods/reductions.ts";
import { expectTensor } from "../../ops/operands.ts";

// The methods of Tensor as functions of their tensor, as the torch namespace has them: `exp(x)` is `x.exp()`.

type Method = {
  [K in keyof Tensor & string]: Tensor[K] extends (...args: never[]) => unknown ? K : never;
}[keyof Tensor & string];
/** With all ways to call a method, of which there are three at most. */
type AsFunction<K extends Method> = Tensor[K] extends {
  (...args: infer Args1): infer Result1;
  (...args: infer Args2): infer Result2;
  (...args: infer Args3): infer Result3;
}
  ? {
      (x: Tensor, ...args: Args1): Result1;
      (x: Tensor, ...args: Args2): Result2;
      (x: Tensor, ...args: Args3): Result3;
    }
  : Tensor[K] extends (...args: infer Args) => infer Result
    ? (x: Tensor, ...args: Args) => Result
    : never;

function asFunction<K extends Method>(name: K): AsFunction<K> {
  const call = (x: unknown, ...args: readonly unknown[]): unknown => {
    const tensor = expectTensor(name, x);
    // Methods are added to the prototype when the engine starts; they are looked up when they are called.
    return Reflect.apply(tensor[name] as (...args: readonly unknown[]) => unknown, tensor, args);
  };
  return call as AsFunction<K>;
}

export const abs = asFunction("abs");
export const sign = asFunction("sign");
export const floor = asFunction("floor");
export const ceil = asFunction("ceil");
export const round = asFunction("round");
export const trunc = asFunction("trunc");
export const frac = asFunction("frac");
export const neg = asFunction("neg");
export const exp = asFunction("exp");
export const exp2 = asFunction("exp2");
export const expm1 = asFunction("expm1");
export const log = asFunction("log");
export const log1p = asFunction("log1p");
export const log2 = asFunction("log2");
export const log10 = asFunction("log10");
export const sqrt = asFunction("sqrt");
export const rsqrt = asFunction("rsqrt");
export const reciprocal = asFunction("reciprocal");
export const square = asFunction("square");
export const erf = asFunction("erf");
export const erfc = asFunction("erfc");
export const sin = asFunction("sin");
export const cos = asFunction("cos");
export const tan = asFunction("tan");
export const asin = asFunction("asin");
export const acos = asFunction("acos");
export const atan = asFunction("atan");
export const atan2 = asFunction("atan2");
export const asinh = asFunction("asinh");
export const acosh = asFunction("acosh");
export const atanh = asFunction("atanh");
export const sinh = asFunction("sinh");
export const cosh = asFunction("cosh");
export const tanh = asFunction("tanh");
export const sigmoid = asFunction("sigmoid");
export const logit = asFunction("logit");
export const relu = asFunction("relu");
export const add = asFunction("add");
export const sub = asFunction("sub");
export const rsub = asFunction("rsub");
export const mul = asFunction("mul");
export const div = asFunction("div");
export const remainder = asFunction("remainder");
export const fmod = asFunction("fmod");
export const floorDivide = asFunction("floorDivide");
export const clamp = asFunction("clamp");
export const maximum = asFunction("maximum");
export const minimum = asFunction("minimum");
export const lerp = asFunction("lerp");
export const addcmul = asFunction("addcmul");
export const addcdiv = asFunction("addcdiv");
export const logaddexp = asFunction("logaddexp");
export const hypot = asFunction("hypot");
export const xlogy = asFunction("xlogy");
export const copysign = asFunction("copysign");
export const nanToNum = asFunction("nanToNum");
export const eq = asFunction("eq");
export const ne = asFunction("ne");
export const lt = asFunction("lt");
export const le = asFunction("le");
export const gt = asFunction("gt");
export const ge = asFunction("ge");
export const logicalAnd = asFunction("logicalAnd");
export const logicalOr = asFunction("logicalOr");
export const logicalXor = asFunction("logicalXor");
export const logicalNot = asFunction("logicalNot");
export const isnan = asFunction("isnan");
export const isinf = asFunction("isinf");
export const isfinite = asFunction("isfinite");
export const isclose = asFunction("isclose");
export const allclose = asFunction("allclose");
export const equal = asFunction("equal");
export const maskedFill = asFunction("maskedFill");
export const sum = asFunction("sum");
export const mean = asFunction("mean");
export const prod = asFunction("prod");
export const amax = asFunction("amax");
export const amin = asFunction("amin");
export const aminmax = asFunction("aminmax");
export const argmax = asFunction("argmax");
export const argmin = asFunction("argmin");
export const logsumexp = asFunction("logsumexp");
export const any = asFunction("any");
export const all = asFunction("all");
export const countNonzero = asFunction("countNonzero");
export const norm = asFunction("norm");
export const dist = asFunction("dist");
export const cumsum = asFunction("cumsum");
export const cumprod = asFunction("cumprod");
export const nansum = asFunction("nansum");
export const nanmean = asFunction("nanmean");
export const matmul = asFunction("matmul");
export const mm = asFunction("mm");
export const bmm = asFunction("bmm");
export const mv = asFunction("mv");
export const dot = asFunction("dot");
export const outer = asFunction("outer");
export const addmm = asFunction("addmm");
export const addmv = asFunction("addmv");
export const baddbmm = asFunction("baddbmm");
export const trace = asFunction("trace");
export const kron = asFunction("kron");
export const reshape = asFunction("reshape");
export const permute = asFunction("permute");
export const transpose = asFunction("transpose");
export const swapaxes = asFunction("swapaxes");
export const movedim = asFunction("movedim");
export const flatten = asFunction("flatten");
export const ravel = asFunction("ravel");
export const unflatten = asFunction("unflatten");
export const squeeze = asFunction("squeeze");
export const unsqueeze = asFunction("unsqueeze");
export const flip = asFunction("flip");
export const fliplr = asFunction("fliplr");
export const flipud = asFunction("flipud");
export const rot90 = asFunction("rot90");
export const roll = asFunction("roll");
export const split = asFunction("split");
export const chunk = asFunction("chunk");
export const tensorSplit = asFunction("tensorSplit");
export const unbind = asFunction("unbind");
export const repeatInterleave = asFunction("repeatInterleave");
export const tile = asFunction("tile");
export const tril = asFunction("tril");
export const triu = asFunction("triu");
export const diagonal = asFunction("diagonal");
export const diag = asFunction("diag");
export const diagEmbed = asFunction("diagEmbed");
export const broadcastTo = asFunction("broadcastTo");
export const select = asFunction("select");
export const narrow = asFunction("narrow");
export const gather = asFunction("gather");
export const scatter = asFunction("scatter");
export const scatterAdd = asFunction("scatterAdd");
export const indexSelect = asFunction("indexSelect");
export const maskedSelect = asFunction("maskedSelect");
export const take = asFunction("take");
export const takeAlongDim = asFunction("takeAlongDim");
export const nonzero = asFunction("nonzero");
export const sort = asFunction("sort");
export const argsort = asFunction("argsort");
export const topk = asFunction("topk");
export const kthvalue = asFunction("kthvalue");
export const quantile = asFunction("quantile");
export const bincount = asFunction("bincount");
export const fmax = asFunction("fmax");
export const fmin = asFunction("fmin");
export const heaviside = asFunction("heaviside");
export const sinc = asFunction("sinc");
export const signbit = asFunction("signbit");
export const cummax = asFunction("cummax");
export const cummin = asFunction("cummin");
export const logcumsumexp = asFunction("logcumsumexp");
export const diff = asFunction("diff");
export const cross = asFunction("cross");
export const inner = asFunction("inner");
export const vdot = asFunction("vdot");
export const addr = asFunction("addr");
export const varMean = asFunction("varMean");
export const stdMean = asFunction("stdMean");
export const scatterReduce = asFunction("scatterReduce");
export const softmax = asFunction("softmax");
export const logSoftmax = asFunction("logSoftmax");
export const ger = asFunction("ger");
export const clip = asFunction("clip");
export const subtract = asFunction("subtract");
export const multiply = asFunction("multiply");
export const divide = asFunction("divide");
export const clone = asFunction("clone");
export const detach = asFunction("detach");

export const abs_ = asFunction("abs_");
export const absolute = asFunction("absolute");
export const acos_ = asFunction("acos_");
export const acosh_ = asFunction("acosh_");
export const addbmm = asFunction("addbmm");
export const addmv_ = asFunction("addmv_");
export const adjoint = asFunction("adjoint");
export const arccos = asFunction("arccos");
export const arccos_ = asFunction("arccos_");
export const arccosh = asFunction("arccosh");
export const arccosh_ = asFunction("arccosh_");
export const arcsin = asFunction("arcsin");
export const arcsin_ = asFunction("arcsin_");
export const arcsinh = asFunction("arcsinh");
export const arcsinh_ = asFunction("arcsinh_");
export const arctan = asFunction("arctan");
export const arctan2 = asFunction("arctan2");
export const arctan_ = asFunction("arctan_");
export const arctanh = asFunction("arctanh");
export const arctanh_ = asFunction("arctanh_");
export const argwhere = asFunction("argwhere");
export const asStrided = asFunction("asStrided");
export const asin_ = asFunction("asin_");
export const asinh_ = asFunction("asinh_");
export const atan_ = asFunction("atan_");
export const atanh_ = asFunction("atanh_");
export const ceil_ = asFunction("ceil_");
export const clamp_ = asFunction("clamp_");
export const clampMax = asFunction("clampMax");
export const clampMax_ = asFunction("clampMax_");
export const clampMin = asFunction("clampMin");
export const clampMin_ = asFunction("clampMin_");
export const clip_ = asFunction("clip_");
export const corrcoef = asFunction("corrcoef");
export const cos_ = asFunction("cos_");
export const cosh_ = asFunction("cosh_");
export const cov = asFunction("cov");
export const deg2rad = asFunction("deg2rad");
export const deg2rad_ = asFunction("deg2rad_");
export const det = asFunction("det");
export const detach_ = asFunction("detach_");
export const diagflat = asFunction("diagflat");
export const diagonalScatter = asFunction("diagonalScatter");
export const digamma = asFunction("digamma");
export const dsplit = asFunction("dsplit");
export const erf_ = asFunction("erf_");
export const erfc_ = asFunction("erfc_");
export const erfinv = asFunction("erfinv");
export const exp2_ = asFunction("exp2_");
export const exp_ = asFunction("exp_");
export const expm1_ = asFunction("expm1_");
export const fill_ = asFunction("fill_");
export const fix = asFunction("fix");
export const fix_ = asFunction("fix_");
export const floatPower = asFunction("floatPower");
export const floor_ = asFunction("floor_");
export const frac_ = asFunction("frac_");
export const greater = asFunction("greater");
export const greaterEqual = asFunction("greaterEqual");
export const histc = asFunction("histc");
export const hsplit = asFunction("hsplit");
export const i0 = asFunction("i0");
export const i0_ = asFunction("i0_");
export const indexAdd = asFunction("indexAdd");
export const indexCopy = asFunction("indexCopy");
export const indexFill = asFunction("indexFill");
export const indexPut = asFunction("indexPut");
export const indexPut_ = asFunction("indexPut_");
export const inverse = asFunction("inverse");
export const isNonzero = asFunction("isNonzero");
export const isSameSize = asFunction("isSameSize");
export const isneginf = asFunction("isneginf");
export const isposinf = asFunction("isposinf");
export const ldexp = asFunction("ldexp");
export const ldexp_ = asFunction("ldexp_");
export const less = asFunction("less");
export const lessEqual = asFunction("lessEqual");
export const lgamma = asFunction("lgamma");
export const log10_ = asFunction("log10_");
export const log1p_ = asFunction("log1p_");
export const log2_ = asFunction("log2_");
export const log_ = asFunction("log_");
export const logaddexp2 = asFunction("logaddexp2");
export const logdet = asFunction("logdet");
export const logit_ = asFunction("logit_");
export const maskedScatter = asFunction("maskedScatter");
export const matrixExp = asFunction("matrixExp");
export const matrixPower = asFunction("matrixPower");
export const mode = asFunction("mode");
export const moveaxis = asFunction("moveaxis");
export const msort = asFunction("msort");
export const mvlgamma = asFunction("mvlgamma");
export const nanToNum_ = asFunction("nanToNum_");
export const narrowCopy = asFunction("narrowCopy");
export const neg_ = asFunction("neg_");
export const negative = asFunction("negative");
export const negative_ = asFunction("negative_");
export const notEqual = asFunction("notEqual");
export const numel = asFunction("numel");
export const pinverse = asFunction("pinverse");
export const polygamma = asFunction("polygamma");
export const rad2deg = asFunction("rad2deg");
export const rad2deg_ = asFunction("rad2deg_");
export const reciprocal_ = asFunction("reciprocal_");
export const relu_ = asFunction("relu_");
export const renorm = asFunction("renorm");
export const round_ = asFunction("round_");
export const rsqrt_ = asFunction("rsqrt_");
export const selectScatter = asFunction("selectScatter");
export const sgn = asFunction("sgn");
export const sigmoid_ = asFunction("sigmoid_");
export const sin_ = asFunction("sin_");
export const sinc_ = asFunction("sinc_");
export const sinh_ = asFunction("sinh_");
export const sliceScatter = asFunction("sliceScatter");
export const slogdet = asFunction("slogdet");
export const splitWithSizes = asFunction("splitWithSizes");
export const sqrt_ = asFunction("sqrt_");
export const square_ = asFunction("square_");
export const svd = asFunction("svd");
export const swapdims = asFunction("swapdims");
export const t = asFunction("t");
export const tan_ = asFunction("tan_");
export const tanh_ = asFunction("tanh_");
export const trueDivide = asFunction("trueDivide");
export const trunc_ = asFunction("trunc_");
const variance = asFunction("var");
export { variance as var };
export const vsplit = asFunction("vsplit");
export const xlogy_ = asFunction("xlogy_");
export const zero_ = asFunction("zero_");

/** The largest element of all; with `dim` the largest along it and where they are; or the larger of two tensors. */
export function max(x: Tensor, other?: Tensor): Tensor;
export function max(x: Tensor, dim: number, keepdim?: boolean): ValuesAndIndices;
export function max(x: Tensor, dim?: number | Tensor, keepdim?: boolean): Tensor | ValuesAndIndices {
  return expectTensor("max", x).max(dim as number, keepdim);
}

/** The smallest element of all; with `dim` the smallest along it and where they are; or the smaller of two tensors. */
export function min(x: Tensor, other?: Tensor): Tensor;
export function min(x: Tensor, dim: number, keepdim?: boolean): ValuesAndIndices;
export function min(x: Tensor, dim?: number | Tensor, keepdim?: boolean): Tensor | ValuesAndIndices {
  return expectTensor("min", x).min(dim as number, keepdim);
}

/** The lower of the middle elements; with `dim` along it, and where they are. */
export function median(x: Tensor): Tensor;
export function median(x: Tensor, dim: number, keepdim?: boolean): ValuesAndIndices;
export function median(x: Tensor, dim?: number, keepdim?: boolean): Tensor | ValuesAndIndices {
  return dim === undefined ? expectTensor("median", x).median() : expectTensor("median", x).median(dim, keepdim);
}

/** The standard deviation, divided by n − 1 unless `unbiased` is false. */
export function std(x: Tensor, dim?: Dims | SpreadOptions, options?: SpreadOptions): Tensor {
  return expectTensor("std", x).std(dim, options);
}

/** The distinct elements in order. */
export function unique(x: Tensor): Tensor {
  return expectTensor("unique", x).unique();
}
