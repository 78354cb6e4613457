import { EngineError } from "../../context/engine-error.ts";
import type { Tensor } from "../../core/tensor.ts";
import * as F from "../functional/public.ts";
import * as linalg from "../linalg/public.ts";
import { Exponential, Laplace, Normal, Uniform } from "./continuous.ts";
import { Independent, LogNormal, MultivariateNormal } from "./combined.ts";
import { Bernoulli, Categorical, OneHotCategorical, Poisson } from "./discrete.ts";
import { sumRightmost, type Distribution } from "./distribution.ts";
import { Beta, Dirichlet, Gamma } from "./gamma-family.ts";

type Class<D extends Distribution> = abstract new (...args: never[]) => D;

interface Rule {
  readonly p: Class<Distribution>;
  readonly q: Class<Distribution>;
  readonly divergence: (p: never, q: never) => Tensor;
}

/** Later ones first: a subclass may have a rule of its own. */
const rules: Rule[] = [];

/** Adds a formula for KL(p ‖ q). PyTorch: `torch.distributions.kl.register_kl`. */
export function registerKl<P extends Distribution, Q extends Distribution>(
  p: Class<P>,
  q: Class<Q>,
  divergence: (p: P, q: Q) => Tensor,
): void {
  rules.unshift({ p, q, divergence: divergence });
}

/** KL(p ‖ q) = E_p[ln p − ln q], where there is a formula. @throws EngineError where there is none. */
export function klDivergence(p: Distribution, q: Distribution): Tensor {
  const rule = rules.find((known) => p instanceof known.p && q instanceof known.q);
  if (rule === undefined) {
    throw new EngineError(
      "value",
      `klDivergence: there is no formula for ${p.constructor.name} and ${q.constructor.name}`,
      {
        fix: "estimate it: draw x = p.rsample(), take p.logProb(x).sub(q.logProb(x))",
      },
    );
  }
  return rule.divergence(p as never, q as never);
}

registerKl(Normal, Normal, (p, q) => {
  const ratio = p.scale.div(q.scale).square();
  const shift = p.loc.sub(q.loc).div(q.scale).square();
  return ratio.add(shift).sub(1).sub(ratio.log()).mul(0.5);
});
registerKl(LogNormal, LogNormal, (p, q) => klDivergence(new Normal(p.loc, p.scale), new Normal(q.loc, q.scale)));
registerKl(Bernoulli, Bernoulli, (p, q) => {
  const one = p.probs.mul(F.softplus(q.logits.neg()).sub(F.softplus(p.logits.neg())));
  return one.add(p.probs.rsub(1).mul(F.softplus(q.logits).sub(F.softplus(p.logits))));
});
registerKl(Categorical, Categorical, (p, q) => p.probs.mul(p.logits.sub(q.logits)).sum(-1));
registerKl(OneHotCategorical, OneHotCategorical, (p, q) => p.probs.mul(p.logits.sub(q.logits)).sum(-1));
registerKl(Exponential, Exponential, (p, q) => {
  const ratio = q.rate.div(p.rate);
  return ratio.sub(ratio.log()).sub(1);
});
registerKl(Poisson, Poisson, (p, q) => p.rate.mul(p.rate.log().sub(q.rate.log())).sub(p.rate.sub(q.rate)));
registerKl(Laplace, Laplace, (p, q) => {
  const ratio = p.scale.div(q.scale);
  const apart = p.loc.sub(q.loc).abs();
  return ratio
    .log()
    .neg()
    .add(apart.div(q.scale))
    .add(ratio.mul(apart.div(p.scale).neg().exp()))
    .sub(1);
});
registerKl(Uniform, Uniform, (p, q) => {
  const inside = q.low.le(p.low).logicalAnd(q.high.ge(p.high));
  return q.high.sub(q.low).div(p.high.sub(p.low)).log().where(inside, Infinity);
});
registerKl(Gamma, Gamma, (p, q) => {
  const [a, b] = [p.concentration, q.concentration];
  const rates = b.mul(p.rate.div(q.rate).log());
  const gammas = b.lgamma().sub(a.lgamma());
  return rates
    .add(gammas)
    .add(a.sub(b).mul(a.digamma()))
    .add(q.rate.sub(p.rate).mul(a.div(p.rate)));
});
registerKl(Beta, Beta, (p, q) => {
  const [a, b, c, d] = [p.concentration1, p.concentration0, q.concentration1, q.concentration0];
  const [total, other] = [a.add(b), c.add(d)];
  const gammas = c.lgamma().add(d.lgamma()).add(total.lgamma()).sub(a.lgamma()).sub(b.lgamma()).sub(other.lgamma());
  const digammas = a.sub(c).mul(a.digamma()).add(b.sub(d).mul(b.digamma()));
  return gammas.add(digammas).add(other.sub(total).mul(total.digamma()));
});
registerKl(Dirichlet, Dirichlet, (p, q) => {
  const [a, b] = [p.concentration, q.concentration];
  const total = a.sum(-1, true);
  const gammas = total.squeeze(-1).lgamma().sub(b.sum(-1).lgamma()).sub(a.lgamma().sub(b.lgamma()).sum(-1));
  return gammas.add(a.sub(b).mul(a.digamma().sub(total.digamma())).sum(-1));
});
registerKl(MultivariateNormal, MultivariateNormal, (p, q) => {
  const logDet = (d: MultivariateNormal): Tensor => d.scaleTril.diagonal(0, -2, -1).log().sum(-1);
  const n = p.eventShape[0]!;
  const spread = linalg.solveTriangular(q.scaleTril, p.scaleTril, { upper: false }).square().sum([-2, -1]);
  const apart = q.loc.sub(p.loc).unsqueeze(-1);
  const shift = linalg.solveTriangular(q.scaleTril, apart, { upper: false }).square().sum([-2, -1]);
  return logDet(q).sub(logDet(p)).add(spread.add(shift).sub(n).mul(0.5));
});
registerKl(Independent, Independent, (p, q) => {
  if (p.reinterpreted !== q.reinterpreted) {
    throw new EngineError("shape", "klDivergence: the two Independent count different axes as one event");
  }
  return sumRightmost(klDivergence(p.baseDist, q.baseDist), p.reinterpreted);
});
