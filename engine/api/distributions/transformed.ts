import { EngineError } from "../../context/engine-error.ts";
import { tensor } from "../../core/creation.ts";
import type { Shape } from "../../core/shape.ts";
import { Tensor } from "../../core/tensor.ts";
import { Independent } from "./combined.ts";
import { Normal, Uniform } from "./continuous.ts";
import { Distribution, parametersOf, requireParameter, sumRightmost, type Operand } from "./distribution.ts";
import { StickBreakingTransform } from "./event-transforms.ts";
import { AffineTransform, ComposeTransform, PowerTransform, Transform } from "./transforms.ts";

/** What transforms make of the draws of another distribution. PyTorch: `torch.distributions.TransformedDistribution`. */
export class TransformedDistribution extends Distribution {
  readonly baseDist: Distribution;
  readonly transform: Transform;

  constructor(baseDist: Distribution, transforms: Transform | readonly Transform[]) {
    if (!(baseDist instanceof Distribution)) {
      throw new EngineError("value", "TransformedDistribution: expected a distribution and its transforms");
    }
    const transform = transforms instanceof Transform ? transforms : new ComposeTransform(transforms);
    super(baseDist.batchShape, transform.forwardShape(baseDist.eventShape));
    this.baseDist = baseDist;
    this.transform = transform;
  }

  override get hasRsample(): boolean {
    return this.baseDist.hasRsample;
  }

  override rsample(sampleShape: Shape = []): Tensor {
    return this.transform.forward(this.baseDist.rsample(sampleShape));
  }

  override sample(sampleShape: Shape = []): Tensor {
    return this.transform.forward(this.baseDist.sample(sampleShape)).detach();
  }

  override logProb(value: Operand): Tensor {
    const y = value instanceof Tensor ? value : tensor(value);
    const x = this.transform.inverse(y);
    const apart = this.eventShape.length - this.transform.eventDim;
    const stretched = sumRightmost(this.transform.logAbsDetJacobian(x, y), apart);
    return this.baseDist.logProb(x).sub(stretched);
  }

  override cdf(value: Operand): Tensor {
    return this.baseDist.cdf(this.transform.inverse(value instanceof Tensor ? value : tensor(value)));
  }

  override icdf(value: Operand): Tensor {
    return this.transform.forward(this.baseDist.icdf(value));
  }
}

const isPositive = (value: number): boolean => value > 0;

/** Between 0 and 1, much as a beta variable, with densities that need no gamma function. */
export class Kumaraswamy extends TransformedDistribution {
  readonly concentration1: Tensor;
  readonly concentration0: Tensor;

  constructor(concentration1: Operand, concentration0: Operand) {
    const [a, b] = parametersOf("Kumaraswamy", concentration1, concentration0) as [Tensor, Tensor];
    requireParameter("Kumaraswamy", "concentration1", a, isPositive, "above 0");
    requireParameter("Kumaraswamy", "concentration0", b, isPositive, "above 0");
    const flip = new AffineTransform(1, -1);
    super(new Uniform(a.detach().mul(0), a.detach().mul(0).add(1)), [
      new PowerTransform(b.reciprocal()),
      flip,
      new PowerTransform(a.reciprocal()),
    ]);
    this.concentration1 = a;
    this.concentration0 = b;
  }

  override get mean(): Tensor {
    const [a, b] = [this.concentration1, this.concentration0];
    const first = a.reciprocal().add(1);
    return b.mul(first.lgamma().add(b.lgamma()).sub(first.add(b).lgamma()).exp());
  }
}

/** Shares that add up to 1, whose logits are normal. PyTorch: `torch.distributions.LogisticNormal`. */
export class LogisticNormal extends TransformedDistribution {
  readonly loc: Tensor;
  readonly scale: Tensor;

  constructor(loc: Tensor, scale: Operand) {
    const [at, spread] = parametersOf("LogisticNormal", loc, scale) as [Tensor, Tensor];
    if (at.rank === 0) throw new EngineError("shape", "LogisticNormal: loc needs an axis of logits");
    super(new Independent(new Normal(at, spread), 1), new StickBreakingTransform());
    this.loc = at;
    this.scale = spread;
  }
}
