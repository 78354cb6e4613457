import { EngineError, formatShape } from "../context/engine-error.ts";
import { readElements } from "../core/elements.ts";
import { Tensor } from "../core/tensor.ts";
import { apply } from "./apply.ts";
import { elementsOf } from "./dense.ts";
import { defineOp, type ComputeOp, type Op } from "./op.ts";

// Square matrices in the last two axes; axes before are a batch. All are computed in double precision.

/** @throws EngineError unless `x` is square matrices of floats. */
function requireSquare(op: string, x: Tensor): number {
  const n = x.shape[x.rank - 1];
  if (x.rank < 2 || n === undefined || x.shape[x.rank - 2] !== n) {
    throw new EngineError("shape", `${op}: expected square matrices, found ${formatShape(x.shape)}`);
  }
  return n;
}

function square(op: string): ComputeOp["infer"] {
  return ([x]) => {
    requireSquare(op, x!);
    return { shape: x!.shape, dtype: x!.dtype };
  };
}

/** Fills the result with what `of` gives for each matrix, row by row; it may have another size than the matrix. */
function eachMatrix(of: (matrix: Float64Array, n: number) => ArrayLike<number>): ComputeOp["compute"] {
  return ([x], _, out) => {
    const n = x!.shape[x!.rank - 1]!;
    const values = readElements(x!);
    const { elements, start } = elementsOf(out);
    let at = start;
    for (let from = 0; from < values.length; from += n * n) {
      const result = of(values.slice(from, from + n * n), n);
      for (let i = 0; i < result.length; i++) elements[at++] = result[i]!;
    }
  };
}

/** LU with partial pivoting, in place. @returns the rows' order and the sign of their permutation. */
function factorise(a: Float64Array, n: number): { readonly order: number[]; readonly sign: number } {
  const order = Array.from({ length: n }, (_, i) => i);
  let sign = 1;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]!) > Math.abs(a[pivot * n + k]!)) pivot = i;
    if (pivot !== k) {
      for (let j = 0; j < n; j++) [a[k * n + j], a[pivot * n + j]] = [a[pivot * n + j]!, a[k * n + j]!];
      [order[k], order[pivot]] = [order[pivot]!, order[k]!];
      sign = -sign;
    }
    const top = a[k * n + k]!;
    if (top === 0) continue;
    for (let i = k + 1; i < n; i++) {
      const factor = (a[i * n + k]! /= top);
      for (let j = k + 1; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!;
    }
  }
  return { order, sign };
}

function invert(a: Float64Array, n: number): Float64Array {
  const { order } = factorise(a, n);
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    if (a[i * n + i] === 0) {
      throw new EngineError("value", "inverse: the matrix is singular, it has no inverse", {
        fix: "add a small multiple of eye(n), or use linalg.pinv",
      });
    }
  }
  for (let column = 0; column < n; column++) {
    for (let i = 0; i < n; i++) {
      let value = order[i] === column ? 1 : 0;
      for (let j = 0; j < i; j++) value -= a[i * n + j]! * out[j * n + column]!;
      out[i * n + column] = value;
    }
    for (let i = n - 1; i >= 0; i--) {
      let value = out[i * n + column]!;
      for (let j = i + 1; j < n; j++) value -= a[i * n + j]! * out[j * n + column]!;
      out[i * n + column] = value / a[i * n + i]!;
    }
  }
  return out;
}

export const inverse: Op = defineOp({
  id: "inverse",
  name: "inverse",
  infer: square("inverse"),
  compute: eachMatrix(invert),
  vjp: [(g, at) => at.output.mT.matmul(g).matmul(at.output.mT).neg()],
  saves: ["output"],
  formula: { forward: "A^{-1}", backward: ["-Y^\\top \\bar Y\\, Y^\\top"] },
  flops: ([x]) => 2 * x!.numel() * x!.shape[x!.rank - 1]!,
});

const ofEach: (op: string) => ComputeOp["infer"] = (op) => (inputs) => {
  requireSquare(op, inputs[0]!);
  return { shape: inputs[0]!.shape.slice(0, -2), dtype: inputs[0]!.dtype };
};

/** A cotangent of one number per matrix, as one that stretches over the matrix. */
function perMatrix(g: Tensor): Tensor {
  return g.unsqueeze(-1).unsqueeze(-1);
}

export const det: Op = defineOp({
  id: "det",
  name: "det",
  infer: ofEach("det"),
  compute: eachMatrix((a, n) => {
    const { sign } = factorise(a, n);
    let product = sign;
    for (let i = 0; i < n; i++) product *= a[i * n + i]!;
    return [product];
  }),
  vjp: [(g, at) => perMatrix(g.mul(at.output)).mul(apply(inverse, [at.input(0)]).mT)],
  saves: [0, "output"],
  formula: { forward: "\\det A", backward: ["\\bar y\\, y\\, A^{-\\top}"] },
});

export const logAbsDet: Op = defineOp({
  id: "logabsdet",
  name: "slogdet",
  infer: ofEach("slogdet"),
  compute: eachMatrix((a, n) => {
    factorise(a, n);
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.log(Math.abs(a[i * n + i]!));
    return [sum];
  }),
  vjp: [(g, at) => perMatrix(g).mul(apply(inverse, [at.input(0)]).mT)],
  saves: [0],
  formula: { forward: "\\ln |\\det A|", backward: ["\\bar y\\, A^{-\\top}"] },
});

export const detSign: Op = defineOp({
  id: "detsign",
  name: "slogdet",
  infer: ofEach("slogdet"),
  compute: eachMatrix((a, n) => {
    let { sign } = factorise(a, n);
    for (let i = 0; i < n; i++) sign *= Math.sign(a[i * n + i]!);
    return [sign];
  }),
  vjp: [null],
  saves: [],
  formula: { forward: "\\operatorname{sign} \\det A", backward: [""] },
});

/** The lower triangle with its diagonal halved. */
function phi(x: Tensor): Tensor {
  const n = x.shape[x.rank - 1]!;
  const half = Tensor.empty([n, n], x.dtype);
  const { elements, start } = elementsOf(half);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) elements[start + i * n + j] = i > j ? 1 : i === j ? 0.5 : 0;
  return x.mul(half);
}

/**
 * Makes a matrix symmetric, in place: the mean of it and its transpose. PyTorch reads the lower triangle and gives both a
 * gradient, which is then the derivative of nothing; for a matrix that is symmetric the two agree.
 */
function symmetrise(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i] = (a[i * n + j]! + a[j * n + i]!) / 2;
  }
}

/** L of A = L Lᵀ for the symmetric part of A. Murray, 2016. */
export const cholesky: Op = defineOp({
  id: "cholesky",
  name: "cholesky",
  infer: square("cholesky"),
  compute: eachMatrix((a, n) => {
    symmetrise(a, n);
    const l = new Float64Array(n * n);
    for (let j = 0; j < n; j++) {
      for (let i = j; i < n; i++) {
        let sum = a[i * n + j]!;
        for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
        if (i === j) {
          if (!(sum > 0)) {
            throw new EngineError(
              "value",
              `cholesky: the matrix is not positive definite: its leading minor of order ${j + 1} is not positive`,
              { fix: "add a small multiple of eye(n)" },
            );
          }
          l[j * n + j] = Math.sqrt(sum);
        } else l[i * n + j] = sum / l[j * n + j]!;
      }
    }
    return l;
  }),
  vjp: [
    (g, at) => {
      const l = at.output;
      const inverted = apply(inverse, [l]);
      const s = inverted.mT.matmul(phi(l.mT.matmul(g.tril()))).matmul(inverted);
      return s.add(s.mT).mul(0.5);
    },
  ],
  saves: ["output"],
  formula: {
    forward: "L : L L^\\top = A",
    backward: ["\\operatorname{sym}(L^{-\\top} \\Phi(L^\\top \\bar L) L^{-1})"],
  },
});

/** Eigenvalues in order and eigenvectors as columns, by Jacobi's rotations, of the symmetric part of `a`. */
function eigenOf(a: Float64Array, n: number): { readonly values: Float64Array; readonly vectors: Float64Array } {
  symmetrise(a, n);
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  const size = a.reduce((sum, x) => sum + x * x, 0);
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p * n + q]! ** 2;
    if (!(off > 1e-32 * size)) break;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const apq = a[p * n + q]!;
        if (apq === 0) continue;
        const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[k * n + p]!, a[k * n + q]!];
          a[k * n + p] = c * x - s * y;
          a[k * n + q] = s * x + c * y;
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[p * n + k]!, a[q * n + k]!];
          a[p * n + k] = c * x - s * y;
          a[q * n + k] = s * x + c * y;
          const [u, w] = [v[k * n + p]!, v[k * n + q]!];
          v[k * n + p] = c * u - s * w;
          v[k * n + q] = s * u + c * w;
        }
      }
    }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[i * n + i]! - a[j * n + j]!);
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) vectors[i * n + j] = v[i * n + order[j]!]!;
  return { values: Float64Array.from(order, (i) => a[i * n + i]!), vectors };
}

/**
 * Decomposes the symmetric parts of matrices [..., n, n]: the first row of the result [..., n + 1, n] holds the eigenvalues, in
 * order, and the rows below it the eigenvectors as columns. Their sign is free: only what does not depend on it has a gradient
 * that means something.
 */
export const eigh: Op = defineOp({
  id: "eigh",
  name: "eigh",
  infer: ([x]) => {
    const n = requireSquare("eigh", x!);
    return { shape: [...x!.shape.slice(0, -2), n + 1, n], dtype: x!.dtype };
  },
  compute: eachMatrix((a, n) => {
    const { values, vectors } = eigenOf(a, n);
    return Float64Array.of(...values, ...vectors);
  }),
  vjp: [
    (g, at) => {
      const y = at.output;
      const n = y.shape[y.rank - 1]!;
      const [values, v] = [y.select(-2, 0), y.narrow(-2, 1, n)];
      const [gValues, gv] = [g.select(-2, 0), g.narrow(-2, 1, n)];
      const gaps = values.unsqueeze(-2).sub(values.unsqueeze(-1));
      const inverted = gaps.add(gaps.eq(0).to(gaps.dtype)).reciprocal().maskedFill(gaps.eq(0), 0);
      const inner = v.mT.matmul(gv).mul(inverted).add(gValues.diagEmbed());
      const a = v.matmul(inner).matmul(v.mT);
      return a.add(a.mT).mul(0.5);
    },
  ],
  saves: ["output"],
  formula: {
    forward: "V \\Lambda V^\\top = A",
    backward: ["V (\\bar\\Lambda + \\tfrac{V^\\top \\bar V}{\\lambda_j - \\lambda_i}) V^\\top"],
  },
});
