import { isGradEnabled, noGrad } from "../../context/grad-mode.ts";
import { where } from "../tensor/functions.ts";
import { rand, randn } from "../tensor/random.ts";
import type { Shape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { gammaDerivative } from "./gamma-derivative.ts";
import { Distribution, drawEach, parametersOf, requireParameter, type Operand } from "./distribution.ts";

const isPositive = (value: number): boolean => value > 0;

/** A draw of Γ(α, 1). Marsaglia and Tsang, 2000. */
export function drawGamma(alpha: number): number {
  if (alpha < 1) return drawGamma(alpha + 1) * Math.max(rand([], { dtype: "float64" }).item(), 1e-300) ** (1 / alpha);
  const d = alpha - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = randn([], { dtype: "float64" }).item();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = rand([], { dtype: "float64" }).item();
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Draws of Γ(α, 1) of a shape; they move with α as draws of the same rank do. */
function gammas(alpha: Tensor, shape: Shape): Tensor {
  const values = alpha.toFloat64Array();
  const draws = drawEach(alpha, shape, (at) => drawGamma(values[at]!));
  if (!isGradEnabled() || !alpha.requiresGrad) return draws;
  const digammas = noGrad(() => alpha.digamma()).toFloat64Array();
  const drawn = draws.toFloat64Array();
  let next = 0;
  const slopes = drawEach(alpha, shape, (at) => gammaDerivative(values[at]!, drawn[next++]!, digammas[at]!));
  return draws.add(alpha.sub(alpha.detach()).mul(slopes));
}

/** Waiting for several events. */
export class Gamma extends Distribution {
  readonly concentration: Tensor;
  readonly rate: Tensor;

  constructor(concentration: Operand, rate: Operand) {
    const [a, b] = parametersOf(new.target.name, concentration, rate) as [Tensor, Tensor];
    requireParameter(new.target.name, "concentration", a, isPositive, "above 0");
    requireParameter(new.target.name, "rate", b, isPositive, "above 0");
    super(a.shape);
    this.concentration = a;
    this.rate = b;
  }

  protected override reparameterised(shape: Shape): Tensor {
    return gammas(this.concentration, shape).div(this.rate);
  }

  override logProb(value: Operand): Tensor {
    const [a, b, x] = [this.concentration, this.rate, this.value(value, this.rate)];
    return a.sub(1).mul(x.log()).add(a.mul(b.log())).sub(b.mul(x)).sub(a.lgamma());
  }

  override entropy(): Tensor {
    const a = this.concentration;
    return a.sub(this.rate.log()).add(a.lgamma()).add(a.rsub(1).mul(a.digamma()));
  }

  override get mean(): Tensor {
    return this.concentration.div(this.rate);
  }

  override get mode(): Tensor {
    return this.concentration.sub(1).div(this.rate).clamp({ min: 0 });
  }

  override get variance(): Tensor {
    return this.concentration.div(this.rate.square());
  }
}

/** The sum of squares of `df` normal variables. */
export class Chi2 extends Gamma {
  readonly df: Tensor;

  constructor(df: Operand) {
    const [a] = parametersOf("Chi2", df) as [Tensor];
    super(a.mul(0.5), 0.5);
    this.df = a;
  }
}

/** The ratio of two mean squares. PyTorch: `torch.distributions.FisherSnedecor`. */
export class FisherSnedecor extends Distribution {
  readonly df1: Tensor;
  readonly df2: Tensor;

  constructor(df1: Operand, df2: Operand) {
    const [a, b] = parametersOf("FisherSnedecor", df1, df2) as [Tensor, Tensor];
    requireParameter("FisherSnedecor", "df1", a, isPositive, "above 0");
    requireParameter("FisherSnedecor", "df2", b, isPositive, "above 0");
    super(a.shape);
    this.df1 = a;
    this.df2 = b;
  }

  protected override reparameterised(shape: Shape): Tensor {
    const meanSquare = (df: Tensor): Tensor => gammas(df.mul(0.5), shape).div(df.mul(0.5));
    return meanSquare(this.df1).div(meanSquare(this.df2));
  }

  override logProb(value: Operand): Tensor {
    const x = this.value(value, this.df1);
    const [a, b, ratio] = [this.df1.mul(0.5), this.df2.mul(0.5), this.df1.div(this.df2)];
    const norm = a.add(b).lgamma().sub(a.lgamma()).sub(b.lgamma());
    const density = a.mul(ratio.log()).add(a.sub(1).mul(x.log()));
    return norm.add(density).sub(a.add(b).mul(ratio.mul(x).log1p()));
  }

  override get mean(): Tensor {
    const b = this.df2;
    return where(b.gt(2), b.div(b.sub(2)), NaN);
  }

  override get variance(): Tensor {
    const [a, b] = [this.df1, this.df2];
    const divisor = a.mul(b.sub(2).square()).mul(b.sub(4));
    return where(b.gt(4), b.square().mul(2).mul(a.add(b).sub(2)).div(divisor), NaN);
  }
}

/** One over a gamma variable. */
export class InverseGamma extends Distribution {
  readonly concentration: Tensor;
  readonly rate: Tensor;

  constructor(concentration: Operand, rate: Operand) {
    const [a, b] = parametersOf("InverseGamma", concentration, rate) as [Tensor, Tensor];
    super(a.shape);
    this.concentration = a;
    this.rate = b;
  }

  protected override reparameterised(shape: Shape): Tensor {
    return this.rate.div(gammas(this.concentration, shape));
  }

  override logProb(value: Operand): Tensor {
    const [a, b, x] = [this.concentration, this.rate, this.value(value, this.rate)];
    return a.mul(b.log()).sub(a.lgamma()).sub(a.add(1).mul(x.log())).sub(b.div(x));
  }
}

/** The distribution of a share that lies between 0 and 1. */
export class Beta extends Distribution {
  readonly concentration1: Tensor;
  readonly concentration0: Tensor;

  constructor(concentration1: Operand, concentration0: Operand) {
    const [a, b] = parametersOf("Beta", concentration1, concentration0) as [Tensor, Tensor];
    requireParameter("Beta", "concentration1", a, isPositive, "above 0");
    requireParameter("Beta", "concentration0", b, isPositive, "above 0");
    super(a.shape);
    this.concentration1 = a;
    this.concentration0 = b;
  }

  protected override reparameterised(shape: Shape): Tensor {
    const first = gammas(this.concentration1, shape);
    return first.div(first.add(gammas(this.concentration0, shape)));
  }

  override logProb(value: Operand): Tensor {
    const [a, b, x] = [this.concentration1, this.concentration0, this.value(value, this.concentration1)];
    const density = a.sub(1).mul(x.log()).add(b.sub(1).mul(x.neg().log1p()));
    return density.add(a.add(b).lgamma()).sub(a.lgamma()).sub(b.lgamma());
  }

  override entropy(): Tensor {
    const [a, b] = [this.concentration1, this.concentration0];
    const total = a.add(b);
    const norm = a.lgamma().add(b.lgamma()).sub(total.lgamma());
    return norm.sub(a.sub(1).mul(a.digamma())).sub(b.sub(1).mul(b.digamma())).add(total.sub(2).mul(total.digamma()));
  }

  override get mean(): Tensor {
    return this.concentration1.div(this.concentration1.add(this.concentration0));
  }

  override get variance(): Tensor {
    const total = this.concentration1.add(this.concentration0);
    return this.concentration1.mul(this.concentration0).div(total.square().mul(total.add(1)));
  }
}

/** The distribution of shares that add up to 1 along the last axis. */
export class Dirichlet extends Distribution {
  readonly concentration: Tensor;

  constructor(concentration: Tensor) {
    requireParameter("Dirichlet", "concentration", concentration, isPositive, "above 0");
    super(concentration.shape.slice(0, -1), concentration.shape.slice(-1));
    this.concentration = concentration;
  }

  protected override reparameterised(shape: Shape): Tensor {
    const each = gammas(this.concentration, shape);
    return each.div(each.sum(-1, true));
  }

  override logProb(value: Tensor): Tensor {
    const a = this.concentration;
    return value.log().mul(a.sub(1)).sum(-1).add(a.sum(-1).lgamma()).sub(a.lgamma().sum(-1));
  }

  override entropy(): Tensor {
    const a = this.concentration;
    const [k, total] = [a.shape[a.rank - 1]!, a.sum(-1)];
    const norm = a.lgamma().sum(-1).sub(total.lgamma());
    return norm.sub(total.rsub(k).mul(total.digamma())).sub(a.sub(1).mul(a.digamma()).sum(-1));
  }

  override get mean(): Tensor {
    return this.concentration.div(this.concentration.sum(-1, true));
  }
}

/** Student's t. */
export class StudentT extends Distribution {
  readonly df: Tensor;
  readonly loc: Tensor;
  readonly scale: Tensor;

  constructor(df: Operand, loc: Operand = 0, scale: Operand = 1) {
    const [a, b, c] = parametersOf("StudentT", df, loc, scale) as [Tensor, Tensor, Tensor];
    super(a.shape);
    [this.df, this.loc, this.scale] = [a, b, c];
  }

  protected override reparameterised(shape: Shape): Tensor {
    const z = gammas(this.df.div(2), shape).mul(2);
    const x = randn(shape, { dtype: this.df.dtype === "float64" ? "float64" : "float32" });
    return this.loc.add(this.scale.mul(x.mul(z.div(this.df).rsqrt())));
  }

  override logProb(value: Operand): Tensor {
    const y = this.value(value, this.loc).sub(this.loc).div(this.scale);
    const half = this.df.div(2);
    const norm = this.scale
      .log()
      .add(this.df.log().mul(0.5))
      .add(0.5 * Math.log(Math.PI))
      .add(half.lgamma())
      .sub(half.add(0.5).lgamma());
    return half.add(0.5).neg().mul(y.square().div(this.df).log1p()).sub(norm);
  }
}
