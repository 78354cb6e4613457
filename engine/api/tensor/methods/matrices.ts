import { composite } from "../../../context/scope.ts";
import { EngineError, formatShape } from "../../../context/engine-error.ts";
import { apply } from "../../../ops/apply.ts";
import * as matrices from "../../../ops/matrices.ts";
import { expectNumber, expectTensor, resultType } from "../../../ops/operands.ts";
import { convert } from "../../../ops/conversion.ts";
import { matrixTransposed } from "../../../ops/view-ops.ts";
import { Tensor } from "../../../core/tensor.ts";
import { defineReadOnly } from "../properties.ts";

declare module "../../../core/tensor.ts" {
  interface Tensor {
    /** The matrix product; leading axes are a batch and broadcast, vectors count as one row or column. */
    matmul(other: Tensor): Tensor;
    /** The product of two matrices. */
    mm(other: Tensor): Tensor;
    /** The products of two batches of matrices. */
    bmm(other: Tensor): Tensor;
    /** A matrix times a vector. */
    mv(vector: Tensor): Tensor;
    /** The inner product of two vectors. */
    dot(other: Tensor): Tensor;
    /** The product of every pair of elements of two vectors. */
    outer(other: Tensor): Tensor;
    /** beta · this + alpha · a b. */
    addmm(a: Tensor, b: Tensor, options?: { readonly beta?: number; readonly alpha?: number }): Tensor;
    /** beta · this + alpha · (matrix · vector). */
    addmv(matrix: Tensor, vector: Tensor, options?: { readonly beta?: number; readonly alpha?: number }): Tensor;
    /** beta · this + alpha · a b, for batches. */
    baddbmm(a: Tensor, b: Tensor, options?: { readonly beta?: number; readonly alpha?: number }): Tensor;
    /** The transpose of a matrix, as a view. */
    t(): Tensor;
    /** The transpose of a matrix, as a view. */
    readonly T: Tensor;
    /** The last two axes swapped, as a view. */
    readonly mT: Tensor;
    /** The sum of a matrix's diagonal. */
    trace(): Tensor;
    /** The Kronecker product. */
    kron(other: Tensor): Tensor;
  }
}

const proto = Tensor.prototype;

proto.matmul = function (other) {
  return apply(matrices.matmul, [this, expectTensor("matmul", other)]);
};
proto.mm = function (other) {
  return apply(matrices.mm, [this, expectTensor("mm", other)]);
};
proto.bmm = function (other) {
  return apply(matrices.bmm, [this, expectTensor("bmm", other)]);
};
proto.mv = function (vector) {
  return apply(matrices.mv, [this, expectTensor("mv", vector)]);
};
proto.dot = function (other) {
  return apply(matrices.dot, [this, expectTensor("dot", other)]);
};
proto.outer = function (other) {
  const dtype = resultType(this, expectTensor("outer", other));
  return apply(matrices.outer, [convert(this, dtype), convert(other, dtype)]);
};
proto.addmm = function (a, b, options) {
  return added("addmm", this, () => expectTensor("addmm", a).mm(b), options);
};
proto.addmv = function (matrix, vector, options) {
  return added("addmv", this, () => expectTensor("addmv", matrix).mv(vector), options);
};
proto.baddbmm = function (a, b, options) {
  return added("baddbmm", this, () => expectTensor("baddbmm", a).bmm(b), options);
};

function added(
  op: string,
  bias: Tensor,
  product: () => Tensor,
  options: { beta?: number; alpha?: number } | undefined,
): Tensor {
  const beta = expectNumber(op, options?.beta ?? 1, "beta to be a number");
  const alpha = expectNumber(op, options?.alpha ?? 1, "alpha to be a number");
  return composite(op, () => matrices.addmm(op, bias, product(), beta, alpha));
}

proto.t = function () {
  if (this.rank > 2) {
    throw new EngineError("shape", `t: expected at most two axes, found ${formatShape(this.shape)}`, {
      fix: "use .transpose(dim0, dim1)",
    });
  }
  return apply(matrixTransposed, [this], { dims: this.shape.map((_, axis) => this.rank - 1 - axis) });
};
defineReadOnly("T", function () {
  return this.permute(this.shape.map((_, axis) => this.rank - 1 - axis));
});
defineReadOnly("mT", function () {
  return this.transpose(-2, -1);
});

proto.trace = function () {
  if (this.rank !== 2) throw new EngineError("shape", `trace: expected a matrix, found ${formatShape(this.shape)}`);
  return this.diagonal().sum();
};
proto.kron = function (other) {
  expectTensor("kron", other);
  const rank = Math.max(this.rank, other.rank);
  const own = [...new Array<number>(rank - this.rank).fill(1), ...this.shape];
  const theirs = [...new Array<number>(rank - other.rank).fill(1), ...other.shape];
  const left = this.reshape(own.flatMap((size) => [size, 1]));
  const right = other.reshape(theirs.flatMap((size) => [1, size]));
  return left.mul(right).reshape(own.map((size, axis) => size * theirs[axis]!));
};
