"""Densities, entropies, moments and divergences of distributions. Draws are random: their formulas are not compared."""

import torch
from torch import distributions as D

from declare import ByDtype, Family
from specs import literal, normal, positive, probabilities, unit

family = Family("distributions")
case = family.case


def within(float32, float64):
    return ByDtype(
        float32={"relative": float32, "absolute": float32}, float64={"relative": float64, "absolute": float64}
    )


NEAR = within(5e-4, 1e-8)


def each(name, js, make, methods, **inputs):
    for method, code in methods.items():
        py = {
            "logProb": lambda d, v: d.log_prob(v),
            "cdf": lambda d, v: d.cdf(v),
            "icdf": lambda d, v: d.icdf(v),
            "entropy": lambda d, v: d.entropy(),
            "mean": lambda d, v: d.mean,
            "variance": lambda d, v: d.variance,
            "stddev": lambda d, v: d.stddev,
        }[method]
        used = {k: s for k, s in inputs.items() if k != "v" or "v" in code}
        case(
            name,
            f"const d = {js}; return d.{code};",
            lambda _make=make, _ask=py, **given: _ask(_make(**{k: x for k, x in given.items() if k != "v"}), given.get("v")),
            second=False,
            tolerance=NEAR,
            **used,
        )


DENSITY = {"logProb": "logProb(v)"}
MOMENTS = {"entropy": "entropy()", "mean": "mean", "variance": "variance", "stddev": "stddev"}
FULL = {**DENSITY, **MOMENTS}
loc, scale = normal(3), positive(3)
each("Normal", "new distributions.Normal(loc, scale)", lambda loc, scale: D.Normal(loc, scale), {**FULL, "cdf": "cdf(v)"}, loc=loc, scale=scale, v=normal(2, 3))
each("Normal", "new distributions.Normal(loc, scale)", lambda loc, scale: D.Normal(loc, scale), {"icdf": "icdf(v)"}, loc=loc, scale=scale, v=unit(3))
each("Normal", "new distributions.Normal(0, scale)", lambda scale: D.Normal(0.0, scale), DENSITY, scale=scale, v=normal(3))
each("Laplace", "new distributions.Laplace(loc, scale)", lambda loc, scale: D.Laplace(loc, scale), {**FULL, "cdf": "cdf(v)"}, loc=loc, scale=scale, v=normal(3))
each("Cauchy", "new distributions.Cauchy(loc, scale)", lambda loc, scale: D.Cauchy(loc, scale), {**DENSITY, "cdf": "cdf(v)", "entropy": "entropy()"}, loc=loc, scale=scale, v=normal(3))
each("Gumbel", "new distributions.Gumbel(loc, scale)", lambda loc, scale: D.Gumbel(loc, scale), FULL, loc=loc, scale=scale, v=normal(3))
each("LogNormal", "new distributions.LogNormal(loc, scale)", lambda loc, scale: D.LogNormal(loc, scale), FULL, loc=loc, scale=scale, v=positive(3))
each("Uniform", "new distributions.Uniform(lo, lo.add(width))", lambda lo, width: D.Uniform(lo, lo + width), MOMENTS, lo=normal(3), width=positive(3))
each("Uniform", "new distributions.Uniform(lo.mul(0), width.add(9))", lambda lo, width: D.Uniform(lo * 0, width + 9), {**DENSITY, "cdf": "cdf(v)"}, lo=normal(3), width=positive(3), v=positive(3).constant())
each("Exponential", "new distributions.Exponential(rate)", lambda rate: D.Exponential(rate), {**FULL, "cdf": "cdf(v)"}, rate=positive(3), v=positive(3))
each("HalfNormal", "new distributions.HalfNormal(scale)", lambda scale: D.HalfNormal(scale), FULL, scale=scale, v=positive(3))
each("HalfCauchy", "new distributions.HalfCauchy(scale)", lambda scale: D.HalfCauchy(scale), {**DENSITY, "entropy": "entropy()"}, scale=scale, v=positive(3))
each("Weibull", "new distributions.Weibull(scale, k)", lambda scale, k: D.Weibull(scale, k), {**DENSITY, "entropy": "entropy()", "mean": "mean"}, scale=scale, k=positive(3), v=positive(3))
each("Gamma", "new distributions.Gamma(a, b)", lambda a, b: D.Gamma(a, b), FULL, a=positive(3), b=positive(3), v=positive(3))
each("Chi2", "new distributions.Chi2(a)", lambda a: D.Chi2(a), FULL, a=positive(3), v=positive(3))
each("Beta", "new distributions.Beta(a, b)", lambda a, b: D.Beta(a, b), FULL, a=positive(3), b=positive(3), v=unit(3))
each("Dirichlet", "new distributions.Dirichlet(a)", lambda a: D.Dirichlet(a), {"entropy": "entropy()", "mean": "mean"}, a=positive(2, 3))
case("Dirichlet", "new distributions.Dirichlet(a).logProb(v.softmax(-1))", lambda a, v: D.Dirichlet(a).log_prob(v.softmax(-1)), second=False, tolerance=NEAR, a=positive(2, 3), v=normal(2, 3))
each("StudentT", "new distributions.StudentT(df, loc, scale)", lambda df, loc, scale: D.StudentT(df, loc, scale), DENSITY, df=positive(3), loc=loc, scale=scale, v=normal(3))
bits = literal([0.0, 1.0, 1.0]).constant()
for js, make, spec in [
    ("new distributions.Bernoulli(p)", lambda p: D.Bernoulli(p), unit(3)),
    ("new distributions.Bernoulli({ logits: p })", lambda p: D.Bernoulli(logits=p), normal(3)),
]:
    each("Bernoulli", js, make, {**DENSITY, "entropy": "entropy()", "mean": "mean", "variance": "variance"}, p=spec, v=bits)
each("Geometric", "new distributions.Geometric(p)", lambda p: D.Geometric(p), {**DENSITY, "entropy": "entropy()", "mean": "mean"}, p=unit(3), v=literal([0.0, 1.0, 3.0]).constant())
counts = literal([0.0, 1.0, 4.0]).constant()
for js, make, spec in [
    ("new distributions.NegativeBinomial(n, p)", lambda n, p: D.NegativeBinomial(n, p), unit(3)),
    ("new distributions.NegativeBinomial(n, { logits: p })", lambda n, p: D.NegativeBinomial(n, logits=p), normal(3)),
]:
    each("NegativeBinomial", js, make, {**DENSITY, "mean": "mean", "variance": "variance"}, n=positive(3), p=spec, v=counts)
each("FisherSnedecor", "new distributions.FisherSnedecor(a.add(5), b.add(5))", lambda a, b: D.FisherSnedecor(a + 5, b + 5), {**DENSITY, "mean": "mean", "variance": "variance"}, a=positive(3), b=positive(3), v=positive(3))
# PyTorch's Bessel function is a polynomial that is right to seven digits.
case("VonMises", "new distributions.VonMises(loc, k).logProb(v)", lambda loc, k, v: D.VonMises(loc, k).log_prob(v), second=False, tolerance=within(5e-4, 2e-6), loc=normal(3), k=positive(3), v=normal(3))
case("LogisticNormal", "new distributions.LogisticNormal(loc, scale).logProb(v.softmax(-1))", lambda loc, scale, v: D.LogisticNormal(loc, scale).log_prob(v.softmax(-1)), second=False, tolerance=NEAR, loc=normal(2, 3), scale=positive(2, 3), v=normal(2, 4))
for name, js, make in [
    ("StickBreakingTransform", "new distributions.StickBreakingTransform()", D.StickBreakingTransform),
    ("SoftmaxTransform", "new distributions.SoftmaxTransform()", D.SoftmaxTransform),
    ("AbsTransform", "new distributions.AbsTransform()", D.AbsTransform),
    ("IndependentTransform", "new distributions.IndependentTransform(new distributions.ExpTransform(), 1)", lambda: D.IndependentTransform(D.ExpTransform(), 1)),
]:
    case(name, f"{js}.forward(x)", lambda x, make=make: make()(x), second=False, tolerance=NEAR, x=normal(2, 3))
for name, js, make in [
    ("StickBreakingTransform", "new distributions.StickBreakingTransform()", D.StickBreakingTransform),
    ("IndependentTransform", "new distributions.IndependentTransform(new distributions.ExpTransform(), 1)", lambda: D.IndependentTransform(D.ExpTransform(), 1)),
]:
    case(name, f"const t = {js}; const y = t.forward(x); return t.logAbsDetJacobian(x, y);", lambda x, make=make: make().log_abs_det_jacobian(x, make()(x)), second=False, tolerance=NEAR, x=normal(2, 3))
    case(name, f"const t = {js}; return t.inverse(t.forward(x));", lambda x, make=make: make().inv(make()(x)), second=False, tolerance=NEAR, x=normal(2, 3))
classes = literal([2.0, 0.0]).constant()
for js, make, spec in [
    ("new distributions.Categorical(p)", lambda p: D.Categorical(p), positive(2, 3)),
    ("new distributions.Categorical({ logits: p })", lambda p: D.Categorical(logits=p), normal(2, 3)),
]:
    each("Categorical", js, make, {**DENSITY, "entropy": "entropy()"}, p=spec, v=classes)
each("OneHotCategorical", "new distributions.OneHotCategorical({ logits: p })", lambda p: D.OneHotCategorical(logits=p), {**DENSITY, "entropy": "entropy()", "mean": "mean"}, p=normal(2, 3), v=literal([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]).constant())
each("Poisson", "new distributions.Poisson(r)", lambda r: D.Poisson(r), DENSITY, r=positive(3), v=literal([0.0, 2.0, 5.0]).constant())
each("Binomial", "new distributions.Binomial(5, p)", lambda p: D.Binomial(5, p), {**DENSITY, "mean": "mean", "variance": "variance"}, p=unit(3), v=literal([0.0, 2.0, 5.0]).constant())
each("Multinomial", "new distributions.Multinomial(4, p)", lambda p: D.Multinomial(4, p), DENSITY, p=positive(3), v=literal([1.0, 2.0, 1.0]).constant())
each("Independent", "new distributions.Independent(new distributions.Normal(loc, scale), 1)", lambda loc, scale: D.Independent(D.Normal(loc, scale), 1), {**DENSITY, "entropy": "entropy()"}, loc=normal(2, 3), scale=positive(2, 3), v=normal(2, 3))
L = "new distributions.MultivariateNormal(loc, { scaleTril: s.tril(-1).add(s.exp().diagonal().diag()) })"
make_l = lambda loc, s: D.MultivariateNormal(loc, scale_tril=s.tril(-1) + s.exp().diagonal().diag())  # noqa: E731
each("MultivariateNormal", L, make_l, {**DENSITY, "entropy": "entropy()", "variance": "variance"}, loc=normal(3), s=normal(3, 3), v=normal(2, 3))
case(
    "MixtureSameFamily",
    "new distributions.MixtureSameFamily(new distributions.Categorical({ logits: w }), new distributions.Normal(loc, scale)).logProb(v)",
    lambda w, loc, scale, v: D.MixtureSameFamily(D.Categorical(logits=w), D.Normal(loc, scale)).log_prob(v),
    second=False,
    tolerance=NEAR,
    w=normal(3),
    loc=normal(3),
    scale=positive(3),
    v=normal(4),
)
case(
    "RelaxedBernoulli",
    "new distributions.RelaxedBernoulli(0.7, { logits: l }).logProb(v)",
    lambda l, v: D.RelaxedBernoulli(torch.tensor(0.7, dtype=l.dtype), logits=l).log_prob(v),
    second=False,
    tolerance=within(2e-3, 1e-7),
    l=normal(3),
    v=literal([0.2, 0.5, 0.7]).constant(),
)
case(
    "RelaxedOneHotCategorical",
    "new distributions.RelaxedOneHotCategorical(0.7, { logits: l }).logProb(v.softmax(-1))",
    lambda l, v: D.RelaxedOneHotCategorical(torch.tensor(0.7, dtype=l.dtype), logits=l).log_prob(v.softmax(-1)),
    second=False,
    tolerance=NEAR,
    l=normal(3),
    v=normal(3),
)
for name, js, make, inputs in [
    ("Normal", "distributions.Normal", D.Normal, dict(a=normal(3), b=positive(3), c=normal(3), d=positive(3))),
    ("Laplace", "distributions.Laplace", D.Laplace, dict(a=normal(3), b=positive(3), c=normal(3), d=positive(3))),
    ("Gamma", "distributions.Gamma", D.Gamma, dict(a=positive(3), b=positive(3), c=positive(3), d=positive(3))),
    ("Beta", "distributions.Beta", D.Beta, dict(a=positive(3), b=positive(3), c=positive(3), d=positive(3))),
]:
    case(
        "klDivergence",
        f"distributions.klDivergence(new {js}(a, b), new {js}(c, d))",
        lambda a, b, c, d, m=make: D.kl_divergence(m(a, b), m(c, d)),
        second=False,
        tolerance=NEAR,
        **inputs,
    )
for js, make, spec in [
    ("distributions.Bernoulli", D.Bernoulli, unit),
    ("distributions.Categorical", D.Categorical, positive),
    ("distributions.Exponential", D.Exponential, positive),
    ("distributions.Poisson", D.Poisson, positive),
    ("distributions.Dirichlet", D.Dirichlet, positive),
]:
    case(
        "klDivergence",
        f"distributions.klDivergence(new {js}(a), new {js}(b))",
        lambda a, b, m=make: D.kl_divergence(m(a), m(b)),
        second=False,
        tolerance=NEAR,
        a=spec(3),
        b=spec(3),
    )
case(
    "klDivergence",
    f"const p = {L}; const q = new distributions.MultivariateNormal(m, {{ scaleTril: eye(3, {{ dtype: m.dtype }}) }}); return distributions.klDivergence(p, q);",
    lambda loc, s, m: D.kl_divergence(make_l(loc, s), D.MultivariateNormal(m, scale_tril=torch.eye(3, dtype=m.dtype))),
    second=False,
    tolerance=NEAR,
    loc=normal(3),
    s=normal(3, 3),
    m=normal(3),
)
family.refuses("Normal", "value", "new distributions.Normal(0, -1)", lambda: D.Normal(0.0, -1.0), mentions=("scale", "-1"))
family.refuses("Bernoulli", "value", "new distributions.Bernoulli(2)", lambda: D.Bernoulli(2.0), mentions=("probs",))
family.refuses("Categorical", "value", "new distributions.Categorical()", lambda: D.Categorical(), mentions=("probs", "logits"))

T = D.transforms
for js, make, values in [
    ("AffineTransform(1, -2)", lambda: T.AffineTransform(1.0, -2.0), normal(3)),
    ("ExpTransform()", lambda: T.ExpTransform(), positive(3)),
    ("SigmoidTransform()", lambda: T.SigmoidTransform(), unit(3)),
    ("TanhTransform()", lambda: T.TanhTransform(), unit(3)),
    ("SoftplusTransform()", lambda: T.SoftplusTransform(), positive(3)),
]:
    each(
        "TransformedDistribution",
        f"new distributions.TransformedDistribution(new distributions.Normal(loc, scale), new distributions.{js})",
        lambda loc, scale, make=make: D.TransformedDistribution(D.Normal(loc, scale), make()),
        DENSITY,
        loc=normal(3),
        scale=positive(3),
        v=values,
    )
each(
    "TransformedDistribution",
    "new distributions.TransformedDistribution(new distributions.Normal(loc, 1), [new distributions.TanhTransform(), new distributions.AffineTransform(1, 2), new distributions.PowerTransform(2)])",
    lambda loc: D.TransformedDistribution(D.Normal(loc, 1.0), [T.TanhTransform(), T.AffineTransform(1.0, 2.0), T.PowerTransform(torch.tensor(2.0, dtype=loc.dtype))]),
    DENSITY,
    loc=normal(3),
    v=literal([1.2, 2.5, 0.6]),
)
each("Kumaraswamy", "new distributions.Kumaraswamy(a, b)", lambda a, b: D.Kumaraswamy(a, b), {**DENSITY, "mean": "mean"}, a=positive(3), b=positive(3), v=unit(3))
