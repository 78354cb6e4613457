import { rand, randn } from "../tensor/random.ts";
import type { Shape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { Distribution, parametersOf, requireParameter, type Operand } from "./distribution.ts";

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);
const isPositive = (value: number): boolean => value > 0;

/** Uniform on (0, 1): never 0, of which the logarithm is taken. */
function openUniform(shape: Shape, like: Tensor): Tensor {
  return rand(shape, { dtype: like.dtype === "float64" ? "float64" : "float32" }).clamp({
    min: like.dtype === "float64" ? 1e-16 : 6e-8,
  });
}

function noise(shape: Shape, like: Tensor): Tensor {
  return randn(shape, { dtype: like.dtype === "float64" ? "float64" : "float32" });
}

/** A distribution of numbers with a place and a width. */
abstract class LocationScale extends Distribution {
  readonly loc: Tensor;
  readonly scale: Tensor;

  constructor(loc: Operand, scale: Operand) {
    const [a, b] = parametersOf(new.target.name, loc, scale) as [Tensor, Tensor];
    requireParameter(new.target.name, "scale", b, isPositive, "above 0");
    super(a.shape);
    this.loc = a;
    this.scale = b;
  }

  /** (value − loc) / scale. */
  protected standardised(value: Operand): Tensor {
    return this.value(value, this.loc).sub(this.loc).div(this.scale);
  }
}

/** The normal distribution. PyTorch: `torch.distributions.Normal`. */
export class Normal extends LocationScale {
  protected override reparameterised(shape: Shape): Tensor {
    return this.loc.add(this.scale.mul(noise(shape, this.loc)));
  }

  override logProb(value: Operand): Tensor {
    return this.standardised(value).square().mul(-0.5).sub(this.scale.log()).sub(HALF_LOG_2PI);
  }

  override cdf(value: Operand): Tensor {
    return this.standardised(value).div(Math.SQRT2).erf().add(1).mul(0.5);
  }

  override icdf(value: Operand): Tensor {
    return this.loc.add(this.scale.mul(this.value(value, this.loc).mul(2).sub(1).erfinv()).mul(Math.SQRT2));
  }

  override entropy(): Tensor {
    return this.scale.log().add(0.5 + HALF_LOG_2PI);
  }

  override get mean(): Tensor {
    return this.loc;
  }

  override get mode(): Tensor {
    return this.loc;
  }

  override get stddev(): Tensor {
    return this.scale;
  }

  override get variance(): Tensor {
    return this.scale.square();
  }
}

/** Two exponential sides. */
export class Laplace extends LocationScale {
  protected override reparameterised(shape: Shape): Tensor {
    const u = openUniform(shape, this.loc).sub(0.5).mul(0.9999998);
    return this.loc.sub(this.scale.mul(u.sign().mul(u.abs().mul(-2).log1p())));
  }

  override logProb(value: Operand): Tensor {
    return this.standardised(value).abs().neg().sub(this.scale.mul(2).log());
  }

  override cdf(value: Operand): Tensor {
    const z = this.standardised(value);
    return z.sign().mul(z.abs().neg().expm1()).mul(-0.5).add(0.5);
  }

  override icdf(value: Operand): Tensor {
    const term = this.value(value, this.loc).sub(0.5);
    return this.loc.sub(this.scale.mul(term.sign()).mul(term.abs().mul(-2).log1p()));
  }

  override entropy(): Tensor {
    return this.scale.mul(2).log().add(1);
  }

  override get mean(): Tensor {
    return this.loc;
  }

  override get mode(): Tensor {
    return this.loc;
  }

  override get variance(): Tensor {
    return this.scale.square().mul(2);
  }
}

/** Tails so heavy that there is no mean. */
export class Cauchy extends LocationScale {
  protected override reparameterised(shape: Shape): Tensor {
    return this.loc.add(this.scale.mul(openUniform(shape, this.loc).sub(0.5).mul(Math.PI).tan()));
  }

  override logProb(value: Operand): Tensor {
    return this.standardised(value).square().log1p().add(this.scale.log()).add(Math.log(Math.PI)).neg();
  }

  override cdf(value: Operand): Tensor {
    return this.standardised(value).atan().div(Math.PI).add(0.5);
  }

  override icdf(value: Operand): Tensor {
    return this.value(value, this.loc).sub(0.5).mul(Math.PI).tan().mul(this.scale).add(this.loc);
  }

  override entropy(): Tensor {
    return this.scale.log().add(Math.log(4 * Math.PI));
  }

  override get mode(): Tensor {
    return this.loc;
  }
}

const EULER = 0.5772156649015329;

/** The distribution of the largest of many. PyTorch: `torch.distributions.Gumbel`. */
export class Gumbel extends LocationScale {
  protected override reparameterised(shape: Shape): Tensor {
    return this.loc.sub(
      this.scale.mul(
        openUniform(shape, this.loc)
          .clamp({ max: 1 - 6e-8 })
          .log()
          .neg()
          .log(),
      ),
    );
  }

  override logProb(value: Operand): Tensor {
    const z = this.standardised(value).neg();
    return z.sub(z.exp()).sub(this.scale.log());
  }

  override cdf(value: Operand): Tensor {
    return this.standardised(value).neg().exp().neg().exp();
  }

  override entropy(): Tensor {
    return this.scale.log().add(1 + EULER);
  }

  override get mean(): Tensor {
    return this.loc.add(this.scale.mul(EULER));
  }

  override get mode(): Tensor {
    return this.loc;
  }

  override get variance(): Tensor {
    return this.scale.square().mul(Math.PI ** 2 / 6);
  }
}

/** Equal density from `low` up to `high`. */
export class Uniform extends Distribution {
  readonly low: Tensor;
  readonly high: Tensor;

  constructor(low: Operand, high: Operand) {
    const [a, b] = parametersOf("Uniform", low, high) as [Tensor, Tensor];
    requireParameter("Uniform", "high - low", b.sub(a), isPositive, "above 0");
    super(a.shape);
    this.low = a;
    this.high = b;
  }

  protected override reparameterised(shape: Shape): Tensor {
    const u = rand(shape, { dtype: this.low.dtype === "float64" ? "float64" : "float32" });
    return this.low.add(u.mul(this.high.sub(this.low)));
  }

  override logProb(value: Operand): Tensor {
    const x = this.value(value, this.low);
    const inside = x.ge(this.low).logicalAnd(x.lt(this.high)).to(this.low.dtype);
    return inside.log().sub(this.high.sub(this.low).log());
  }

  override cdf(value: Operand): Tensor {
    return this.value(value, this.low).sub(this.low).div(this.high.sub(this.low)).clamp(0, 1);
  }

  override icdf(value: Operand): Tensor {
    return this.value(value, this.low).mul(this.high.sub(this.low)).add(this.low);
  }

  override entropy(): Tensor {
    return this.high.sub(this.low).log();
  }

  override get mean(): Tensor {
    return this.high.add(this.low).div(2);
  }

  override get variance(): Tensor {
    return this.high.sub(this.low).square().div(12);
  }
}

/** Times between events that come at a rate. */
export class Exponential extends Distribution {
  readonly rate: Tensor;

  constructor(rate: Operand) {
    const [a] = parametersOf("Exponential", rate) as [Tensor];
    requireParameter("Exponential", "rate", a, isPositive, "above 0");
    super(a.shape);
    this.rate = a;
  }

  protected override reparameterised(shape: Shape): Tensor {
    return openUniform(shape, this.rate).log().neg().div(this.rate);
  }

  override logProb(value: Operand): Tensor {
    return this.rate.log().sub(this.rate.mul(this.value(value, this.rate)));
  }

  override cdf(value: Operand): Tensor {
    return this.rate.neg().mul(this.value(value, this.rate)).exp().rsub(1);
  }

  override icdf(value: Operand): Tensor {
    return this.value(value, this.rate).neg().log1p().neg().div(this.rate);
  }

  override entropy(): Tensor {
    return this.rate.log().rsub(1);
  }

  override get mean(): Tensor {
    return this.rate.reciprocal();
  }

  override get mode(): Tensor {
    return this.rate.mul(0);
  }

  override get variance(): Tensor {
    return this.rate.pow(-2);
  }
}

/** The magnitude of a normal variable. */
export class HalfNormal extends Distribution {
  readonly scale: Tensor;
  readonly #base: Normal;

  constructor(scale: Operand) {
    const base = new Normal(0, scale);
    super(base.batchShape);
    this.#base = base;
    this.scale = base.scale;
  }

  protected override reparameterised(shape: Shape): Tensor {
    return this.scale.mul(noise(shape, this.scale)).abs();
  }

  override logProb(value: Operand): Tensor {
    const x = this.value(value, this.scale);
    return this.#base.logProb(x).add(Math.LN2).where(x.ge(0), -Infinity);
  }

  override cdf(value: Operand): Tensor {
    return this.#base.cdf(value).mul(2).sub(1);
  }

  override entropy(): Tensor {
    return this.#base.entropy().sub(Math.LN2);
  }

  override get mean(): Tensor {
    return this.scale.mul(Math.sqrt(2 / Math.PI));
  }

  override get variance(): Tensor {
    return this.scale.square().mul(1 - 2 / Math.PI);
  }
}

/** The magnitude of a Cauchy variable. */
export class HalfCauchy extends Distribution {
  readonly scale: Tensor;
  readonly #base: Cauchy;

  constructor(scale: Operand) {
    const base = new Cauchy(0, scale);
    super(base.batchShape);
    this.#base = base;
    this.scale = base.scale;
  }

  protected override reparameterised(shape: Shape): Tensor {
    return this.#base.rsample(shape.slice(0, shape.length - this.batchShape.length)).abs();
  }

  override logProb(value: Operand): Tensor {
    const x = this.value(value, this.scale);
    return this.#base.logProb(x).add(Math.LN2).where(x.ge(0), -Infinity);
  }

  override entropy(): Tensor {
    return this.#base.entropy().sub(Math.LN2);
  }
}

/** Wear that grows or falls with age. */
export class Weibull extends Distribution {
  readonly scale: Tensor;
  readonly concentration: Tensor;

  constructor(scale: Operand, concentration: Operand) {
    const [a, b] = parametersOf("Weibull", scale, concentration) as [Tensor, Tensor];
    requireParameter("Weibull", "scale", a, isPositive, "above 0");
    requireParameter("Weibull", "concentration", b, isPositive, "above 0");
    super(a.shape);
    this.scale = a;
    this.concentration = b;
  }

  protected override reparameterised(shape: Shape): Tensor {
    return this.scale.mul(openUniform(shape, this.scale).log().neg().pow(this.concentration.reciprocal()));
  }

  override logProb(value: Operand): Tensor {
    const [k, scaled] = [this.concentration, this.value(value, this.scale).div(this.scale)];
    return k.div(this.scale).log().add(k.sub(1).mul(scaled.log())).sub(scaled.pow(k));
  }

  override entropy(): Tensor {
    const k = this.concentration;
    return k.reciprocal().rsub(1).mul(EULER).add(this.scale.div(k).log()).add(1);
  }

  override get mean(): Tensor {
    return this.scale.mul(this.concentration.reciprocal().add(1).lgamma().exp());
  }
}

/** A power law from `scale` on. */
export class Pareto extends Distribution {
  readonly scale: Tensor;
  readonly alpha: Tensor;

  constructor(scale: Operand, alpha: Operand) {
    const [a, b] = parametersOf("Pareto", scale, alpha) as [Tensor, Tensor];
    super(a.shape);
    this.scale = a;
    this.alpha = b;
  }

  protected override reparameterised(shape: Shape): Tensor {
    return this.scale.mul(openUniform(shape, this.scale).log().neg().div(this.alpha).exp());
  }

  override logProb(value: Operand): Tensor {
    const x = this.value(value, this.scale);
    return this.alpha.log().add(this.alpha.mul(this.scale.log())).sub(this.alpha.add(1).mul(x.log()));
  }

  override entropy(): Tensor {
    return this.scale.div(this.alpha).log().add(this.alpha.reciprocal().add(1));
  }
}
