/** What model files see as `distributions`. */
export {
  Independent,
  LogNormal,
  LowRankMultivariateNormal,
  MixtureSameFamily,
  MultivariateNormal,
  RelaxedBernoulli,
  RelaxedOneHotCategorical,
} from "./combined.ts";
export {
  Cauchy,
  Exponential,
  Gumbel,
  HalfCauchy,
  HalfNormal,
  Laplace,
  Normal,
  Pareto,
  Uniform,
  Weibull,
} from "./continuous.ts";
export {
  Bernoulli,
  Binomial,
  Categorical,
  Geometric,
  Multinomial,
  OneHotCategorical,
  OneHotCategoricalStraightThrough,
  Poisson,
} from "./discrete.ts";
export { Distribution } from "./distribution.ts";
export { Beta, Chi2, Dirichlet, FisherSnedecor, Gamma, InverseGamma, StudentT } from "./gamma-family.ts";
export { NegativeBinomial } from "./negative-binomial.ts";
export { Kumaraswamy, LogisticNormal, TransformedDistribution } from "./transformed.ts";
export {
  AffineTransform,
  ComposeTransform,
  ExpTransform,
  PowerTransform,
  SigmoidTransform,
  SoftplusTransform,
  TanhTransform,
  Transform,
} from "./transforms.ts";
export { VonMises } from "./von-mises.ts";
export {
  AbsTransform,
  identityTransform,
  IndependentTransform,
  SoftmaxTransform,
  StickBreakingTransform,
} from "./event-transforms.ts";
export { klDivergence, registerKl } from "./kl-divergence.ts";
