import { EngineError } from "../../../context/engine-error.ts";
import { apply } from "../../../ops/apply.ts";
import { convert } from "../../../ops/conversion.ts";
import { clone, contiguous } from "../../../ops/copying.ts";
import { describeValue } from "../../../ops/operands.ts";
import { DTYPES, type DType } from "../../../protocol/dtype.ts";
import { Tensor } from "../../../core/tensor.ts";

declare module "../../../core/tensor.ts" {
  interface Tensor {
    /** A copy; gradients flow through it. */
    clone(): Tensor;
    /** This when it is dense and row-major, else a dense copy. */
    contiguous(): Tensor;
    /** This in another dtype, or in that of another tensor; itself when it has that dtype already. */
    to(dtype: DType | Tensor): Tensor;
    type(dtype: DType): Tensor;
    /** This as float32. */
    float(): Tensor;
    /** This as float64. */
    double(): Tensor;
    /** This as int64, cut towards 0. */
    long(): Tensor;
    /** This as int64: there is one integer dtype. */
    int(): Tensor;
    /** Where this is not 0. */
    bool(): Tensor;
    /** This itself: there is one device. */
    cpu(): Tensor;
  }
}

const proto = Tensor.prototype;

proto.clone = function () {
  return apply(clone, [this]);
};
proto.contiguous = function () {
  return contiguous(this);
};
proto.to = function (dtype) {
  if (dtype instanceof Tensor) return convert(this, dtype.dtype);
  if (!DTYPES.includes(dtype)) {
    throw new EngineError(
      "dtype",
      `to: there is no dtype ${typeof dtype === "string" ? JSON.stringify(dtype) : describeValue(dtype)}`,
      {
        fix: `use one of ${DTYPES.map((name) => `"${name}"`).join(", ")}`,
      },
    );
  }
  return convert(this, dtype);
};
proto.type = function (dtype) {
  return this.to(dtype);
};
proto.float = function () {
  return convert(this, "float32");
};
proto.double = function () {
  return convert(this, "float64");
};
proto.long = function () {
  return convert(this, "int64");
};
proto.int = function () {
  return convert(this, "int64");
};
proto.bool = function () {
  return convert(this, "bool");
};
proto.cpu = function () {
  return this;
};
