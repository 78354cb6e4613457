import { EngineError } from "../../context/engine-error.ts";
import { eye } from "../../core/creation.ts";
import type { Shape } from "../../core/shape.ts";
import { Tensor } from "../../core/tensor.ts";
import * as linalg from "../linalg/public.ts";
import { randn, rand } from "../tensor/random.ts";
import type { Categorical } from "./discrete.ts";
import { Distribution, parametersOf, sumRightmost, type Operand } from "./distribution.ts";
import { Normal } from "./continuous.ts";

/** A distribution whose last batch axes are counted as one event. */
export class Independent extends Distribution {
  readonly baseDist: Distribution;
  readonly #count: number;

  constructor(base: Distribution, count: number) {
    if (!Number.isInteger(count) || count < 0 || count > base.batchShape.length) {
      throw new EngineError(
        "shape",
        `Independent: ${count} axes cannot be taken of a batch of ${base.batchShape.length}`,
      );
    }
    const cut = base.batchShape.length - count;
    super(base.batchShape.slice(0, cut), [...base.batchShape.slice(cut), ...base.eventShape]);
    this.baseDist = base;
    this.#count = count;
  }

  override get hasRsample(): boolean {
    return this.baseDist.hasRsample;
  }

  override sample(sampleShape: Shape = []): Tensor {
    return this.baseDist.sample(sampleShape);
  }

  override rsample(sampleShape: Shape = []): Tensor {
    return this.baseDist.rsample(sampleShape);
  }

  override logProb(value: Operand): Tensor {
    return sumRightmost(this.baseDist.logProb(value), this.#count);
  }

  override entropy(): Tensor {
    return sumRightmost(this.baseDist.entropy(), this.#count);
  }

  override get mean(): Tensor {
    return this.baseDist.mean;
  }

  override get mode(): Tensor {
    return this.baseDist.mode;
  }

  override get variance(): Tensor {
    return this.baseDist.variance;
  }

  /** @internal How many axes of the base's batch are one event. */
  get reinterpreted(): number {
    return this.#count;
  }
}

export interface CovarianceOptions {
  readonly covarianceMatrix?: Tensor;
  readonly precisionMatrix?: Tensor;
  readonly scaleTril?: Tensor;
}

/** The normal distribution of vectors. PyTorch: `torch.distributions.MultivariateNormal`. */
export class MultivariateNormal extends Distribution {
  readonly loc: Tensor;
  /** L of the covariance L Lᵀ. */
  readonly scaleTril: Tensor;

  constructor(loc: Tensor, covariance: Tensor | CovarianceOptions) {
    const given = covariance instanceof Tensor ? { covarianceMatrix: covariance } : covariance;
    const matrix = given.covarianceMatrix ?? (given.precisionMatrix && linalg.inv(given.precisionMatrix));
    if (given.scaleTril === undefined && matrix === undefined) {
      throw new EngineError("value", "MultivariateNormal: needs covarianceMatrix, precisionMatrix or scaleTril");
    }
    const scale = given.scaleTril ?? linalg.cholesky(matrix!);
    const n = loc.shape[loc.rank - 1]!;
    const batch = loc.rank - 1 >= scale.rank - 2 ? loc.shape.slice(0, -1) : scale.shape.slice(0, -2);
    super(batch, [n]);
    this.loc = loc.expand([...batch, n]);
    this.scaleTril = scale.expand([...batch, n, n]);
  }

  protected override reparameterised(shape: Shape): Tensor {
    const noise = randn(shape, { dtype: this.loc.dtype === "float64" ? "float64" : "float32" });
    return this.loc.add(this.scaleTril.matmul(noise.unsqueeze(-1)).squeeze(-1));
  }

  override logProb(value: Tensor): Tensor {
    const z = linalg.solveTriangular(this.scaleTril, value.sub(this.loc).unsqueeze(-1), { upper: false }).squeeze(-1);
    const n = this.eventShape[0]!;
    return z
      .square()
      .sum(-1)
      .mul(-0.5)
      .sub(this.#halfLogDet())
      .sub((n / 2) * Math.log(2 * Math.PI));
  }

  override entropy(): Tensor {
    const n = this.eventShape[0]!;
    return this.#halfLogDet().add((n / 2) * (1 + Math.log(2 * Math.PI)));
  }

  get covarianceMatrix(): Tensor {
    return this.scaleTril.matmul(this.scaleTril.mT);
  }

  override get mean(): Tensor {
    return this.loc;
  }

  override get mode(): Tensor {
    return this.loc;
  }

  override get variance(): Tensor {
    return this.scaleTril.square().sum(-1);
  }

  #halfLogDet(): Tensor {
    return this.scaleTril.diagonal(0, -2, -1).log().sum(-1);
  }
}

/** The same with a covariance W Wᵀ + diag(D). */
export class LowRankMultivariateNormal extends MultivariateNormal {
  readonly covFactor: Tensor;
  readonly covDiag: Tensor;

  constructor(loc: Tensor, covFactor: Tensor, covDiag: Tensor) {
    const n = loc.shape[loc.rank - 1]!;
    super(loc, covFactor.matmul(covFactor.mT).add(covDiag.unsqueeze(-1).mul(eye(n, { dtype: loc.dtype }))));
    this.covFactor = covFactor;
    this.covDiag = covDiag;
  }
}

/** One of several distributions of a family, along the last axis of its batch, by the draw of another. */
export class MixtureSameFamily extends Distribution {
  readonly mixtureDistribution: Categorical;
  readonly componentDistribution: Distribution;

  constructor(mixture: Categorical, components: Distribution) {
    super(components.batchShape.slice(0, -1), components.eventShape);
    this.mixtureDistribution = mixture;
    this.componentDistribution = components;
  }

  protected override draw(shape: Shape): Tensor {
    const outer = shape.slice(0, shape.length - this.batchShape.length - this.eventShape.length);
    const axis = outer.length + this.batchShape.length;
    const each = this.componentDistribution.sample(outer);
    let index = this.mixtureDistribution.sample(outer).reshape([...shape.slice(0, axis), 1]);
    for (let i = 0; i < this.eventShape.length; i++) index = index.unsqueeze(-1);
    const wide = index.expand([...shape.slice(0, axis), 1, ...this.eventShape]).contiguous();
    return each.gather(axis, wide).squeeze(axis);
  }

  override logProb(value: Tensor): Tensor {
    const axis = value.rank - this.eventShape.length;
    const each = this.componentDistribution.logProb(value.unsqueeze(axis));
    return each.add(this.mixtureDistribution.logits).logsumexp(-1);
  }

  override get mean(): Tensor {
    const probs = this.eventShape.reduce<Tensor>((p) => p.unsqueeze(-1), this.mixtureDistribution.probs);
    return probs.mul(this.componentDistribution.mean).sum(-1 - this.eventShape.length);
  }
}

/** e to a normal variable. */
export class LogNormal extends Distribution {
  readonly loc: Tensor;
  readonly scale: Tensor;
  readonly #base: Normal;

  constructor(loc: Operand, scale: Operand) {
    const base = new Normal(loc, scale);
    super(base.batchShape);
    this.#base = base;
    this.loc = base.loc;
    this.scale = base.scale;
  }

  protected override reparameterised(shape: Shape): Tensor {
    return this.#base.rsample(shape.slice(0, shape.length - this.batchShape.length)).exp();
  }

  override logProb(value: Operand): Tensor {
    const x = this.value(value, this.loc).log();
    return this.#base.logProb(x).sub(x);
  }

  override cdf(value: Operand): Tensor {
    return this.#base.cdf(this.value(value, this.loc).log());
  }

  override entropy(): Tensor {
    return this.#base.entropy().add(this.loc);
  }

  override get mean(): Tensor {
    return this.loc.add(this.scale.square().div(2)).exp();
  }

  override get variance(): Tensor {
    return this.scale.square().exp().sub(1).mul(this.loc.mul(2).add(this.scale.square()).exp());
  }
}

/** A Bernoulli variable softened at a temperature, through which the gradient goes. Maddison and others, 2017. */
export class RelaxedBernoulli extends Distribution {
  readonly temperature: Tensor;
  readonly logits: Tensor;

  constructor(temperature: Operand, given: { readonly probs?: Operand; readonly logits?: Operand }) {
    const raw =
      given.logits ??
      (given.probs instanceof Tensor ? given.probs.logit() : Math.log(given.probs! / (1 - given.probs!)));
    const [t, l] = parametersOf("RelaxedBernoulli", temperature, raw) as [Tensor, Tensor];
    super(l.shape);
    this.temperature = t;
    this.logits = l;
  }

  protected override reparameterised(shape: Shape): Tensor {
    const u = rand(shape, { dtype: this.logits.dtype === "float64" ? "float64" : "float32" }).clamp(1e-6, 1 - 1e-6);
    return this.logits.add(u.logit()).div(this.temperature).sigmoid();
  }

  override logProb(value: Operand): Tensor {
    const y = this.value(value, this.logits);
    const x = y.logit();
    const diff = this.logits.sub(x.mul(this.temperature));
    const logistic = this.temperature.log().add(diff).sub(diff.exp().log1p().mul(2));
    return logistic.sub(y.mul(y.rsub(1)).log());
  }
}

/** A class softened at a temperature: the Gumbel-softmax. Jang and others, 2017. */
export class RelaxedOneHotCategorical extends Distribution {
  readonly temperature: Operand;
  readonly logits: Tensor;

  constructor(temperature: Operand, given: { readonly probs?: Tensor; readonly logits?: Tensor }) {
    const raw = given.logits ?? given.probs!.log();
    super(raw.shape.slice(0, -1), raw.shape.slice(-1));
    this.temperature = temperature;
    this.logits = raw.sub(raw.logsumexp(-1, true));
  }

  protected override reparameterised(shape: Shape): Tensor {
    const u = rand(shape, { dtype: this.logits.dtype === "float64" ? "float64" : "float32" }).clamp(1e-6, 1 - 1e-6);
    return this.logits.sub(u.log().neg().log()).div(this.temperature).softmax(-1);
  }

  override logProb(value: Tensor): Tensor {
    const k = this.eventShape[0]!;
    const t = this.temperature;
    const logT = t instanceof Tensor ? t.log() : Math.log(t);
    const score = this.logits.sub(value.log().mul(t));
    const norm = score.logsumexp(-1, true);
    let factorial = 0;
    for (let i = 2; i < k; i++) factorial += Math.log(i);
    return score
      .sub(norm)
      .sub(value.log())
      .sum(-1)
      .add(typeof logT === "number" ? logT * (k - 1) : logT.mul(k - 1))
      .add(factorial);
  }
}
