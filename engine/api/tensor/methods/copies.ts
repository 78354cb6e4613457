import { apply } from "../../../ops/apply.ts";
import { convert } from "../../../ops/conversion.ts";
import { clone, contiguous } from "../../../ops/copying.ts";
import type { DType } from "../../../protocol/dtype.ts";
import { expectCpu, expectDType, isDevice, type Device } from "../../../core/dtypes.ts";
import { checkOptions } from "../../../context/options.ts";
import { Tensor } from "../../../core/tensor.ts";

declare module "../../../core/tensor.ts" {
  interface Tensor {
    /** A copy; gradients flow through it. */
    clone(): Tensor;
    /** This when it is dense and row-major, else a dense copy. */
    contiguous(): Tensor;
    /** This in another dtype, or in that of another tensor; itself when it has that dtype already. */
    to(dtype: DType | Tensor): Tensor;
    to(device: string | Device, dtype?: DType): Tensor;
    to(options: { readonly dtype?: DType; readonly device?: string | Device }): Tensor;
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

/**
 * The dtype that `.to(…)` names; null where it names the CPU alone, which is where everything is.
 * @param target a dtype, a device, or both in an object
 * @throws EngineError for any other device, and for a dtype that there is not
 */
export function targetDType(op: string, target: unknown, dtype?: unknown): DType | null {
  if (isDevice(target)) {
    expectCpu(op, target);
    return dtype === undefined || typeof dtype === "boolean" ? null : expectDType(op, dtype);
  }
  if (typeof target !== "object" || target === null) return expectDType(op, target);
  checkOptions(op, target, ["dtype", "device", "nonBlocking", "copy"]);
  const given = target as { readonly dtype?: unknown; readonly device?: unknown };
  if (given.device !== undefined) expectCpu(op, given.device);
  return given.dtype === undefined ? null : expectDType(op, given.dtype);
}

proto.clone = function () {
  return apply(clone, [this]);
};
proto.contiguous = function () {
  return contiguous(this);
};
proto.to = function (this: Tensor, target: unknown, dtype?: unknown) {
  if (target instanceof Tensor) return convert(this, target.dtype);
  const wanted = targetDType("to", target, dtype);
  return wanted === null ? this : convert(this, wanted);
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
