import { EngineError } from "../../../context/engine-error.ts";
import { apply } from "../../../ops/apply.ts";
import { expectInteger, floating } from "../../../ops/operands.ts";
import * as special from "../../../ops/special-functions.ts";
import { Tensor } from "../../../core/tensor.ts";
import * as linalg from "../../linalg/public.ts";
import { namedResults, type InOrder } from "../../../ops/named-results.ts";

declare module "../../../core/tensor.ts" {
  interface Tensor {
    /** ln |Γ(x)|. */
    lgamma(): Tensor;
    /** ψ(x), the derivative of ln Γ(x). */
    digamma(): Tensor;
    /** The n-th derivative of ψ. */
    polygamma(n: number): Tensor;
    /** ln Γ_p(x), the multivariate one. */
    mvlgamma(p: number): Tensor;
    /** The inverse of erf. */
    erfinv(): Tensor;
    /** I₀(x), the modified Bessel function of order 0. */
    i0(): Tensor;
    inverse(): Tensor;
    det(): Tensor;
    logdet(): Tensor;
    slogdet(): { readonly sign: Tensor; readonly logabsdet: Tensor };
    cholesky(upper?: boolean): Tensor;
    qr(): { readonly Q: Tensor; readonly R: Tensor } & InOrder;
    /** The thin singular value decomposition, with V (not Vᵀ) third. */
    svd(): { readonly U: Tensor; readonly S: Tensor; readonly V: Tensor } & InOrder;
    pinverse(): Tensor;
    matrixExp(): Tensor;
    matrixPower(n: number): Tensor;
  }
}

const proto = Tensor.prototype;

proto.lgamma = function () {
  return apply(special.lgamma, [floating(this)]);
};
proto.digamma = function () {
  return apply(special.polygamma, [floating(this)], { n: 0 });
};
proto.polygamma = function (n) {
  if (expectInteger("polygamma", n, "n") < 0)
    throw new EngineError("value", `polygamma: n must not be negative, got ${n}`);
  return apply(special.polygamma, [floating(this)], { n });
};
proto.mvlgamma = function (p) {
  if (expectInteger("mvlgamma", p, "p") < 1) throw new EngineError("value", `mvlgamma: p must be positive, got ${p}`);
  let sum = this.lgamma();
  for (let i = 1; i < p; i++) sum = sum.add(this.sub(i / 2).lgamma());
  return sum.add((p * (p - 1) * Math.log(Math.PI)) / 4);
};
proto.erfinv = function () {
  return apply(special.erfinv, [floating(this)]);
};
proto.i0 = function () {
  return apply(special.i0, [floating(this)]);
};
proto.inverse = function () {
  return linalg.inv(this);
};
proto.det = function () {
  return linalg.det(this);
};
proto.logdet = function () {
  return this.det().log();
};
proto.slogdet = function () {
  return linalg.slogdet(this);
};
proto.cholesky = function (upper = false) {
  return linalg.cholesky(this, { upper });
};
proto.qr = function () {
  return linalg.qr(this);
};
proto.svd = function () {
  const { U, S, Vh } = linalg.svd(this, { fullMatrices: false });
  return namedResults({ U, S, V: Vh.mT });
};
proto.pinverse = function () {
  return linalg.pinv(this);
};
proto.matrixExp = function () {
  return linalg.matrixExp(this);
};
proto.matrixPower = function (n) {
  return linalg.matrixPower(this, n);
};
