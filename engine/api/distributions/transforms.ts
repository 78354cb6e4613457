import { EngineError } from "../../context/engine-error.ts";
import { tensor } from "../../core/creation.ts";
import type { Shape } from "../../core/shape.ts";
import { Tensor } from "../../core/tensor.ts";
import { softplus } from "../functional/activations.ts";
import { sumRightmost, type Operand } from "./distribution.ts";

/**
 * A differentiable change of variables, element by element, with an inverse. PyTorch: `torch.distributions.Transform`.
 */
export abstract class Transform {
  abstract forward(x: Tensor): Tensor;

  abstract inverse(y: Tensor): Tensor;

  /** ln |dy / dx|, from both ends: of each element, or of each event where elements go together. */
  abstract logAbsDetJacobian(x: Tensor, y: Tensor): Tensor;

  /** How many of the last axes go together. */
  get eventDim(): number {
    return 0;
  }

  /** What becomes of a shape. */
  forwardShape(shape: Shape): Shape {
    return shape;
  }

  /** The way back as a transform of its own. PyTorch: `transform.inv`. */
  get inv(): Transform {
    return new InverseTransform(this);
  }
}

class InverseTransform extends Transform {
  readonly of: Transform;

  constructor(of: Transform) {
    super();
    this.of = of;
  }

  override get inv(): Transform {
    return this.of;
  }

  override forward(x: Tensor): Tensor {
    return this.of.inverse(x);
  }

  override inverse(y: Tensor): Tensor {
    return this.of.forward(y);
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    return this.of.logAbsDetJacobian(y, x).neg();
  }

  override get eventDim(): number {
    return this.of.eventDim;
  }
}

/** loc + scale · x. */
export class AffineTransform extends Transform {
  readonly loc: Operand;
  readonly scale: Operand;

  constructor(loc: Operand, scale: Operand) {
    super();
    this.loc = loc;
    this.scale = scale;
  }

  override forward(x: Tensor): Tensor {
    return x.mul(this.scale).add(this.loc);
  }

  override inverse(y: Tensor): Tensor {
    return y.sub(this.loc).div(this.scale);
  }

  override logAbsDetJacobian(x: Tensor): Tensor {
    const scale = this.scale instanceof Tensor ? this.scale : tensor(this.scale, { dtype: x.dtype });
    return scale.abs().log().expandAs(x.add(scale));
  }
}

export class ExpTransform extends Transform {
  override forward(x: Tensor): Tensor {
    return x.exp();
  }

  override inverse(y: Tensor): Tensor {
    return y.log();
  }

  override logAbsDetJacobian(x: Tensor): Tensor {
    return x;
  }
}

export class SigmoidTransform extends Transform {
  override forward(x: Tensor): Tensor {
    return x.sigmoid();
  }

  override inverse(y: Tensor): Tensor {
    return y.log().sub(y.neg().log1p());
  }

  override logAbsDetJacobian(x: Tensor): Tensor {
    return softplus(x.neg()).neg().sub(softplus(x));
  }
}

export class TanhTransform extends Transform {
  override forward(x: Tensor): Tensor {
    return x.tanh();
  }

  override inverse(y: Tensor): Tensor {
    return y.atanh();
  }

  override logAbsDetJacobian(x: Tensor): Tensor {
    return x
      .neg()
      .add(Math.LN2)
      .sub(softplus(x.mul(-2)))
      .mul(2);
  }
}

export class SoftplusTransform extends Transform {
  override forward(x: Tensor): Tensor {
    return softplus(x);
  }

  override inverse(y: Tensor): Tensor {
    return y.neg().expm1().neg().log().add(y);
  }

  override logAbsDetJacobian(x: Tensor): Tensor {
    return softplus(x.neg()).neg();
  }
}

/** x to a power, for x above 0. */
export class PowerTransform extends Transform {
  readonly exponent: Operand;

  constructor(exponent: Operand) {
    super();
    this.exponent = exponent;
  }

  override forward(x: Tensor): Tensor {
    return x.pow(this.exponent);
  }

  override inverse(y: Tensor): Tensor {
    return y.pow(this.exponent instanceof Tensor ? this.exponent.reciprocal() : 1 / this.exponent);
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    return y.mul(this.exponent).div(x).abs().log();
  }
}

/** One after the other. */
export class ComposeTransform extends Transform {
  readonly parts: readonly Transform[];

  constructor(parts: readonly Transform[]) {
    super();
    for (const part of parts as readonly unknown[]) {
      if (part instanceof Transform) continue;
      throw new EngineError("value", `ComposeTransform: expected an array of transforms, found ${typeof part}`);
    }
    this.parts = parts;
  }

  override forward(x: Tensor): Tensor {
    return this.parts.reduce((value, part) => part.forward(value), x);
  }

  override inverse(y: Tensor): Tensor {
    return this.parts.reduceRight((value, part) => part.inverse(value), y);
  }

  override get eventDim(): number {
    return Math.max(0, ...this.parts.map((part) => part.eventDim));
  }

  override forwardShape(shape: Shape): Shape {
    return this.parts.reduce((given, part) => part.forwardShape(given), shape);
  }

  override logAbsDetJacobian(x: Tensor): Tensor {
    let value = x;
    let total: Tensor | null = null;
    for (const part of this.parts) {
      const next = part.forward(value);
      const stretched = sumRightmost(part.logAbsDetJacobian(value, next), this.eventDim - part.eventDim);
      total = total === null ? stretched : total.add(stretched);
      value = next;
    }
    return total ?? x.mul(0);
  }
}
