import { composite } from "../../context/scope.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { checkOptions } from "../../context/options.ts";
import { apply } from "../../ops/apply.ts";
import * as matrices from "../../ops/matrix-functions.ts";
import { expectInteger, expectTensor, floating } from "../../ops/operands.ts";
import { eye, fromNumbers } from "../../core/creation.ts";
import { elementCount, normalizeDim, sameShape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Dims, KeepdimKeyword } from "../tensor/methods/reductions.ts";
import { namedResults, type InOrder } from "../../ops/named-results.ts";

/** What model files see as `linalg`: matrices in the last two axes, any axes before them a batch. */

function matrix(op: string, x: unknown): Tensor {
  const given = floating(expectTensor(op, x));
  if (given.rank < 2) throw new EngineError("shape", `${op}: expected a matrix, found ${formatShape(given.shape)}`);
  return given;
}

/** The inverse. @throws EngineError on a singular matrix. */
export function inv(a: Tensor): Tensor {
  return apply(matrices.inverse, [matrix("inv", a)]);
}

/** The determinant. */
export function det(a: Tensor): Tensor {
  return apply(matrices.det, [matrix("det", a)]);
}

/** The determinant as a sign and the logarithm of its magnitude. */
export function slogdet(a: Tensor): { readonly sign: Tensor; readonly logabsdet: Tensor } & InOrder {
  const x = matrix("slogdet", a);
  return namedResults({ sign: apply(matrices.detSign, [x]), logabsdet: apply(matrices.logAbsDet, [x]) });
}

/** X of A X = B; B may be vectors. */
export function solve(a: Tensor, b: Tensor, options: { readonly left?: boolean } = {}): Tensor {
  checkOptions("solve", options, ["left"]);
  const x = matrix("solve", a);
  const isVector = b.rank === 1 || (b.rank === x.rank - 1 && sameShape(b.shape, x.shape.slice(0, -1)));
  return composite("solve", () => {
    const inverse = inv(x);
    if (options.left === false) return b.matmul(inverse);
    return isVector ? inverse.matmul(b.unsqueeze(-1)).squeeze(-1) : inverse.matmul(b);
  });
}

export interface TriangularOptions {
  readonly upper: boolean;
  readonly left?: boolean;
  readonly unitriangular?: boolean;
}

/** X of A X = B, of A only one triangle. */
export function solveTriangular(a: Tensor, b: Tensor, options: TriangularOptions): Tensor {
  checkOptions("solveTriangular", options, ["upper", "left", "unitriangular"]);
  const x = matrix("solveTriangular", a);
  return composite("solveTriangular", () => {
    let part = options.upper ? x.triu() : x.tril();
    if (options.unitriangular === true) {
      const ones = eye(x.shape[x.rank - 1]!, { dtype: x.dtype });
      part = (options.upper ? x.triu(1) : x.tril(-1)).add(ones);
    }
    return options.left === false ? b.matmul(inv(part)) : inv(part).matmul(b);
  });
}

/** L of A = L Lᵀ, or with `upper` Lᵀ. @throws EngineError unless A is positive definite. */
export function cholesky(a: Tensor, options: { readonly upper?: boolean } = {}): Tensor {
  checkOptions("cholesky", options, ["upper"]);
  const l = apply(matrices.cholesky, [matrix("cholesky", a)]);
  return options.upper === true ? l.mT : l;
}

export interface Eigen extends InOrder {
  readonly eigenvalues: Tensor;
  readonly eigenvectors: Tensor;
}

/** Eigenvalues, in order, and eigenvectors, as columns, of symmetric matrices. It reads the lower triangle of A. */
export function eigh(a: Tensor): Eigen {
  const x = matrix("eigh", a);
  return composite("eigh", () => {
    const packed = apply(matrices.eigh, [x]);
    const eigenvectors = packed.narrow(-2, 1, x.shape[x.rank - 1]!);
    return namedResults({ eigenvalues: packed.select(-2, 0), eigenvectors });
  });
}

export function eigvalsh(a: Tensor): Tensor {
  return eigh(a).eigenvalues;
}

export interface SingularValues extends InOrder {
  readonly U: Tensor;
  readonly S: Tensor;
  readonly Vh: Tensor;
  readonly 2: Tensor;
}

function singularValues(U: Tensor, S: Tensor, Vh: Tensor): SingularValues {
  return namedResults({ U, S, Vh }) as unknown as SingularValues;
}

/**
 * A = U diag(S) Vh, the thin form, by the eigenvectors of AᵀA: singular values below some 1e-8 of the largest are not
 * resolved. As in PyTorch the signs of the vectors are free.
 */
export function svd(a: Tensor, options: { readonly fullMatrices?: boolean } = {}): SingularValues {
  checkOptions("svd", options, ["fullMatrices"]);
  const x = matrix("svd", a);
  const [rows, columns] = [x.shape[x.rank - 2]!, x.shape[x.rank - 1]!];
  if (options.fullMatrices !== false && rows !== columns) {
    throw new EngineError("value", "svd: only the thin form is computed", { fix: "pass { fullMatrices: false }" });
  }
  return composite("svd", () => {
    if (rows < columns) {
      const { U, S, Vh } = svd(x.mT, { fullMatrices: false });
      return singularValues(Vh.mT, S, U.mT);
    }
    const { eigenvalues, eigenvectors } = eigh(x.mT.matmul(x));
    const S = eigenvalues.flip(-1).clamp({ min: 0 }).sqrt();
    const V = eigenvectors.flip(-1);
    return singularValues(x.matmul(V).div(S.unsqueeze(-2)), S, V.mT);
  });
}

export function svdvals(a: Tensor): Tensor {
  return svd(a, { fullMatrices: false }).S;
}

/** The signs that Householder's reflections give the diagonal of R, which PyTorch's QR has. */
function householderSigns(x: Tensor): Tensor {
  const [rows, columns] = [x.shape[x.rank - 2]!, x.shape[x.rank - 1]!];
  const values = x.toFloat64Array();
  const count = values.length / (rows * columns);
  const signs: number[] = [];
  for (let m = 0; m < count; m++) {
    const a = values.slice(m * rows * columns, (m + 1) * rows * columns);
    for (let k = 0; k < columns; k++) {
      let norm = 0;
      for (let i = k; i < rows; i++) norm += a[i * columns + k]! ** 2;
      const top = a[k * columns + k]!;
      const isLast = k === rows - 1;
      const diagonal = isLast ? top : (top >= 0 ? -1 : 1) * Math.sqrt(norm);
      signs.push(diagonal < 0 ? -1 : 1);
      if (isLast || norm === 0) continue;
      const v = Array.from({ length: rows - k }, (_, i) => a[(k + i) * columns + k]! - (i === 0 ? diagonal : 0));
      const length = v.reduce((sum, value) => sum + value * value, 0);
      for (let j = k; j < columns; j++) {
        const dot = v.reduce((sum, value, i) => sum + value * a[(k + i) * columns + j]!, 0);
        v.forEach((value, i) => (a[(k + i) * columns + j]! -= (2 * value * dot) / length));
      }
    }
  }
  return fromNumbers(signs, [...x.shape.slice(0, -2), columns], x.dtype);
}

/** A = Q R with orthonormal columns in Q and R upper triangular; A has full rank and at least as many rows as columns. */
export function qr(a: Tensor, mode: "reduced" = "reduced"): { readonly Q: Tensor; readonly R: Tensor } & InOrder {
  const x = matrix("qr", a);
  if ((mode as string) !== "reduced" || x.shape[x.rank - 2]! < x.shape[x.rank - 1]!) {
    throw new EngineError(
      "value",
      "qr: only the reduced form of matrices with at least as many rows as columns is computed",
    );
  }
  return composite("qr", () => {
    const signs = householderSigns(x);
    const upper = cholesky(x.mT.matmul(x)).mT;
    return namedResults({ Q: x.matmul(inv(upper)).mul(signs.unsqueeze(-2)), R: upper.mul(signs.unsqueeze(-1)) });
  });
}

/** The inverse of a tensor whose first `ind` axes and whose others are as long together. PyTorch: `linalg.tensorinv`. */
export function tensorinv(a: Tensor, ind = 2): Tensor {
  const x = expectTensor("tensorinv", a);
  const [rows, columns] = [x.shape.slice(0, ind), x.shape.slice(ind)];
  const [n, m] = [elementCount(rows), elementCount(columns)];
  if (n !== m) {
    throw new EngineError(
      "shape",
      `tensorinv: the first ${ind} axes of ${formatShape(x.shape)} have ${n} elements together, the others ${m}`,
    );
  }
  return composite("tensorinv", () => inv(x.reshape([n, m])).reshape([...columns, ...rows]));
}

/** X of Σ A[…, x] X[x] = B. PyTorch: `linalg.tensorsolve`. */
export function tensorsolve(a: Tensor, b: Tensor): Tensor {
  const [x, y] = [expectTensor("tensorsolve", a), expectTensor("tensorsolve", b)];
  const unknown = x.shape.slice(y.rank);
  if (elementCount(unknown) !== y.numel() || !sameShape(x.shape.slice(0, y.rank), y.shape)) {
    throw new EngineError(
      "shape",
      `tensorsolve: ${formatShape(x.shape)} does not map as many numbers to ${formatShape(y.shape)}`,
    );
  }
  const n = y.numel();
  return composite("tensorsolve", () => solve(x.reshape([n, n]), y.reshape([n])).reshape(unknown));
}

/** The pseudo-inverse, of full rank. */
export function pinv(a: Tensor): Tensor {
  const x = matrix("pinv", a);
  const tall = x.shape[x.rank - 2]! >= x.shape[x.rank - 1]!;
  return composite("pinv", () => (tall ? inv(x.mT.matmul(x)).matmul(x.mT) : x.mT.matmul(inv(x.matmul(x.mT)))));
}

/** X that makes ‖A X − B‖ least. */
export function lstsq(a: Tensor, b: Tensor): { readonly solution: Tensor } {
  return { solution: composite("lstsq", () => pinv(a).matmul(b)) };
}

/** A to a whole power; below 0 of the inverse. */
export function matrixPower(a: Tensor, n: number): Tensor {
  const x = matrix("matrixPower", a);
  expectInteger("matrixPower", n, "the power");
  if (n < 0) return matrixPower(inv(x), -n);
  return composite("matrixPower", () => {
    let [result, base]: [Tensor | null, Tensor] = [null, x];
    for (let left = n; left > 0; left = Math.floor(left / 2)) {
      if (left % 2 === 1) result = result === null ? base : result.matmul(base);
      if (left > 1) base = base.matmul(base);
    }
    return result ?? eye(x.shape[x.rank - 1]!, { dtype: x.dtype }).expand(x.shape);
  });
}

/** e^A = Σ Aᵏ / k!, by scaling, the series, and squaring. */
export function matrixExp(a: Tensor): Tensor {
  const x = matrix("matrixExp", a);
  const largest = x.numel() === 0 ? 0 : x.detach().abs().sum(-1).max().item();
  const squarings = Math.max(0, Math.ceil(Math.log2(Math.max(largest, 1e-300))) + 2);
  return composite("matrixExp", () => {
    const scaled = x.mul(2 ** -squarings);
    const one = eye(x.shape[x.rank - 1]!, { dtype: x.dtype });
    // By Horner: at a norm of ¼ fourteen terms leave 1e-20.
    let sum = one.expand(x.shape);
    for (let k = 14; k >= 1; k--)
      sum = scaled
        .matmul(sum)
        .mul(1 / k)
        .add(one);
    for (let i = 0; i < squarings; i++) sum = sum.matmul(sum);
    return sum;
  });
}

type NormOptions = { readonly dim?: Dims; readonly keepdim?: boolean };

/** The p-norm of vectors: of all elements, or along `dim`. */
export function vectorNorm(x: Tensor, ord = 2, options: NormOptions = {}): Tensor {
  checkOptions("vectorNorm", options, ["dim", "keepdim"]);
  return floating(expectTensor("vectorNorm", x)).norm(ord, options.dim ?? null, options.keepdim);
}

type MatrixOrder = number | "fro" | "nuc";

/** A norm of matrices: "fro", "nuc", 1, −1, 2, −2, Infinity or −Infinity. */
export function matrixNorm(a: Tensor, ord: MatrixOrder = "fro", options: Partial<KeepdimKeyword> = {}): Tensor {
  checkOptions("matrixNorm", options, ["keepdim"]);
  const x = matrix("matrixNorm", a);
  const shaped = (y: Tensor): Tensor => (options.keepdim === true ? y.unsqueeze(-1).unsqueeze(-1) : y);
  if (ord === "fro") return x.norm(2, [-2, -1], options.keepdim);
  return composite("matrixNorm", () => {
    if (ord === "nuc") return shaped(svdvals(x).sum(-1));
    const by = Math.abs(ord) === 2 ? svdvals(x) : x.abs().sum(Math.abs(ord) === 1 ? -2 : -1);
    if (Math.abs(ord) !== 1 && Math.abs(ord) !== 2 && Math.abs(ord) !== Infinity) {
      throw new EngineError("value", `matrixNorm: there is no matrix norm of order ${ord}`);
    }
    return shaped(ord > 0 ? by.amax(-1) : by.amin(-1));
  });
}

/** A norm: of vectors, or with two dims (or a named order) of matrices. */
export function norm(x: Tensor, ord?: MatrixOrder | null, options: NormOptions = {}): Tensor {
  checkOptions("norm", options, ["dim", "keepdim"]);
  const { dim = null, keepdim = false } = options;
  const overTwo = Array.isArray(dim) && dim.length === 2;
  const isMatrix = typeof ord === "string" || (typeof ord === "number" && (overTwo || (dim === null && x.rank === 2)));
  if (!isMatrix) return vectorNorm(x, ord ?? 2, options);
  const [first, second] = overTwo ? (dim as unknown as readonly [number, number]) : [-2, -1];
  const axes = [normalizeDim("norm", first, x.rank), normalizeDim("norm", second, x.rank)];
  const out = matrixNorm(x.movedim(axes, [-2, -1]), ord);
  return keepdim ? axes.sort((p, q) => p - q).reduce((y, axis) => y.unsqueeze(axis), out) : out;
}

/** The largest singular value over the smallest, or another norm of A and of its inverse. */
export function cond(a: Tensor, p: MatrixOrder | null = null): Tensor {
  if (p === null || p === 2) {
    const s = svdvals(a);
    return s.select(-1, 0).div(s.select(-1, -1));
  }
  return matrixNorm(a, p).mul(matrixNorm(inv(a), p));
}

/** How many singular values are above rounding. int64. */
export function matrixRank(a: Tensor, options: { readonly tol?: number } = {}): Tensor {
  checkOptions("matrixRank", options, ["tol"]);
  const x = matrix("matrixRank", a).detach().double();
  const s = svdvals(x);
  // Singular values come by way of their squares: rounding is the root of what it else would be.
  const limit = options.tol ?? s.amax(-1, true).mul(1e-7);
  return s.gt(limit).sum(-1);
}

/** The product of several matrices. */
export function multiDot(tensors: readonly Tensor[]): Tensor {
  return tensors.slice(1).reduce((product, x) => product.matmul(x), tensors[0]!);
}

export function matmul(a: Tensor, b: Tensor): Tensor {
  return expectTensor("matmul", a).matmul(b);
}

/** The cross product along an axis of size 3. */
export function cross(a: Tensor, b: Tensor, options: { readonly dim?: number } = {}): Tensor {
  return expectTensor("cross", a).cross(b, options.dim ?? -1);
}

/** Σ a b along an axis. */
export function vecdot(a: Tensor, b: Tensor, options: { readonly dim?: number } = {}): Tensor {
  return expectTensor("vecdot", a)
    .mul(b)
    .sum(options.dim ?? -1);
}

/** The diagonal of the last two axes, as a view. */
export function diagonal(
  a: Tensor,
  options: { readonly offset?: number; readonly dim1?: number; readonly dim2?: number } = {},
): Tensor {
  return matrix("diagonal", a).diagonal(options.offset ?? 0, options.dim1 ?? -2, options.dim2 ?? -1);
}

/** Rows of the powers of each element: 1, x, x², … */
export function vander(x: Tensor, options: { readonly N?: number } = {}): Tensor {
  const count = options.N ?? expectTensor("vander", x).shape[x.rank - 1]!;
  const exponents = fromNumbers(
    Array.from({ length: count }, (_, i) => i),
    [count],
    x.dtype,
  );
  return composite("vander", () => x.unsqueeze(-1).pow(exponents));
}
