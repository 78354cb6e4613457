import { ones } from "../../core/creation.ts";
import { EngineError } from "../../context/engine-error.ts";
import type { Shape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { logsigmoid } from "../functional/activations.ts";
import { cat } from "../tensor/functions.ts";
import { sumRightmost } from "./distribution.ts";
import { ComposeTransform, Transform } from "./transforms.ts";

/** Transforms of several elements together, and those that have no density. */

/** Nothing is changed. */
export const identityTransform = new ComposeTransform([]);

/** Elements of a transform counted as one event along the last axes. */
export class IndependentTransform extends Transform {
  readonly baseTransform: Transform;
  readonly #count: number;

  constructor(base: Transform, count: number) {
    super();
    this.baseTransform = base;
    this.#count = count;
  }

  override get eventDim(): number {
    return this.baseTransform.eventDim + this.#count;
  }

  override forward(x: Tensor): Tensor {
    return this.baseTransform.forward(x);
  }

  override inverse(y: Tensor): Tensor {
    return this.baseTransform.inverse(y);
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    return sumRightmost(this.baseTransform.logAbsDetJacobian(x, y), this.#count);
  }
}

/** Several to one: there is no density to carry over. */
abstract class Folding extends Transform {
  override logAbsDetJacobian(): Tensor {
    throw new EngineError("value", `${this.constructor.name}: several values become one, so there is no Jacobian`);
  }
}

/** The magnitude. */
export class AbsTransform extends Folding {
  override forward(x: Tensor): Tensor {
    return x.abs();
  }

  override inverse(y: Tensor): Tensor {
    return y;
  }
}

/** Shares along the last axis. */
export class SoftmaxTransform extends Folding {
  override get eventDim(): number {
    return 1;
  }

  override forward(x: Tensor): Tensor {
    return x.softmax(-1);
  }

  override inverse(y: Tensor): Tensor {
    return y.log();
  }
}

/** n numbers to n + 1 shares, each a part of what those before it left. PyTorch: `StickBreakingTransform`. */
export class StickBreakingTransform extends Transform {
  override get eventDim(): number {
    return 1;
  }

  override forwardShape(shape: Shape): Shape {
    return [...shape.slice(0, -1), shape.at(-1)! + 1];
  }

  override forward(x: Tensor): Tensor {
    const parts = this.#centred(x).sigmoid();
    const one = ones([...x.shape.slice(0, -1), 1], { dtype: x.dtype });
    const left = cat([one, parts.rsub(1).cumprod(-1)], -1);
    return cat([parts, one], -1).mul(left);
  }

  override inverse(y: Tensor): Tensor {
    const shares = y.narrow(-1, 0, y.shape.at(-1)! - 1);
    const left = shares.cumsum(-1).rsub(1).clamp({ min: 1e-37 });
    return shares.log().sub(left.log()).add(offsets(shares).log());
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    const centred = this.#centred(x);
    const shares = y.narrow(-1, 0, x.shape.at(-1)!);
    return logsigmoid(centred).sub(centred).add(shares.log()).sum(-1);
  }

  /** Zeros are even shares. */
  #centred(x: Tensor): Tensor {
    return x.sub(offsets(x).log());
  }
}

/** n, …, 2, 1 along the last axis. */
function offsets(like: Tensor): Tensor {
  const n = like.shape.at(-1)!;
  return ones([n], { dtype: like.dtype })
    .cumsum(0)
    .rsub(n + 1);
}
