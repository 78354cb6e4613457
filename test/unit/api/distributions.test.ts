import assert from "node:assert/strict";
import { gammaDerivative } from "../../../engine/api/distributions/gamma-derivative.ts";
import { distributions as D, manualSeed, ones, tensor, type Tensor } from "../../../engine/index.ts";

const COUNT = 4000;

describe("draws of a distribution", () => {
  const cases: readonly (readonly [name: string, distribution: D.Distribution, mean: number, variance: number])[] = [
    ["Normal", new D.Normal(1, 2), 1, 4],
    ["Laplace", new D.Laplace(1, 0.5), 1, 0.5],
    ["Gumbel", new D.Gumbel(0, 1), 0.5772, 1.645],
    ["Uniform", new D.Uniform(-1, 3), 1, 4 / 3],
    ["Exponential", new D.Exponential(2), 0.5, 0.25],
    ["HalfNormal", new D.HalfNormal(1), 0.798, 0.363],
    ["LogNormal", new D.LogNormal(0, 0.5), 1.133, 0.3646],
    ["Gamma", new D.Gamma(0.5, 2), 0.25, 0.125],
    ["Beta", new D.Beta(2, 3), 0.4, 0.04],
    ["StudentT", new D.StudentT(10), 0, 1.25],
    ["Bernoulli", new D.Bernoulli(0.3), 0.3, 0.21],
    ["Geometric", new D.Geometric(0.5), 1, 2],
    ["Poisson, small", new D.Poisson(3), 3, 3],
    ["Poisson, large", new D.Poisson(60), 60, 60],
    ["Binomial", new D.Binomial(10, 0.3), 3, 2.1],
    ["Categorical", new D.Categorical(tensor([1, 1, 2])), 1.25, 0.6875],
  ];
  for (const [name, distribution, mean, variance] of cases) {
    it(`have the mean and the variance: ${name}`, () => {
      manualSeed(7);
      const drawn = distribution.sample([COUNT]).double();
      // Five standard errors; of a variance a tenth.
      assert.ok(Math.abs(drawn.mean().item() - mean) < 5 * Math.sqrt(variance / COUNT), `mean ${drawn.mean().item()}`);
      assert.ok(Math.abs(drawn.var().item() / variance - 1) < 0.25, `variance ${drawn.var().item()}`);
    });
  }

  it("have sample, batch and event shape, and no gradient", () => {
    const scale = ones(2, 3, { requiresGrad: true });
    assert.deepEqual(new D.Normal(0, scale).sample([4]).shape, [4, 2, 3]);
    assert.equal(new D.Normal(0, scale).sample().requiresGrad, false);
    assert.deepEqual(new D.Categorical(ones(2, 3)).sample([4, 5]).shape, [4, 5, 2]);
    assert.deepEqual(new D.OneHotCategorical(ones(2, 3)).sample([4]).shape, [4, 2, 3]);
    assert.deepEqual(new D.Dirichlet(ones(2, 3)).sample([4]).shape, [4, 2, 3]);
    assert.deepEqual(new D.Multinomial(5, ones(3)).sample([4]).sum(-1).tolist(), [5, 5, 5, 5]);
    assert.deepEqual(new D.MultivariateNormal(ones(2), { scaleTril: tensor([[1, 0], [1, 1]]) }).sample([3]).shape, [3, 2]); // prettier-ignore
    const mixture = new D.MixtureSameFamily(new D.Categorical(ones(3)), new D.Normal(tensor([-9, 0, 9]), 0.1));
    assert.deepEqual(mixture.sample([5]).shape, [5]);
  });

  it("carry the gradient where they are a function of noise: z = μ + σ ε", () => {
    const [loc, scale] = [tensor([1, 2], { requiresGrad: true }), tensor([0.5, 3], { requiresGrad: true })];
    manualSeed(3);
    const z = new D.Normal(loc, scale).rsample();
    z.sum().backward();
    const noise = z.detach().sub(loc.detach()).div(scale.detach());
    assert.deepEqual(loc.grad!.tolist(), [1, 1]);
    assert.ok(scale.grad!.allclose(noise, { atol: 1e-5 }));
  });

  it("refuse to carry it where they are not", () => {
    assert.throws(() => new D.Poisson(1).rsample(), /Poisson: rsample: its draws carry no gradient .*logProb\(draw\)/);
    assert.throws(() => new D.Categorical(ones(2)).rsample(), /Categorical: rsample/);
    assert.equal(new D.Poisson(1).hasRsample, false);
    assert.equal(new D.Normal(0, 1).hasRsample, true);
  });

  it("say which divergence there is no formula for", () => {
    assert.throws(
      () => D.klDivergence(new D.Cauchy(0, 1), new D.Gamma(1, 1)),
      /klDivergence: there is no formula for Cauchy and Gamma; estimate it/,
    );
    class Own extends D.Normal {}
    D.registerKl(Own, Own, (p: D.Normal): Tensor => p.loc.mul(0).add(5));
    assert.equal(D.klDivergence(new Own(0, 1), new Own(0, 1)).item(), 5);
  });
});

describe("draws of the gamma family carry a gradient", () => {
  it("that is ∂z/∂α at the rank of the draw", () => {
    // What torch._standard_gamma_grad gives, which is an approximation itself.
    for (const [alpha, z, slope] of [
      [0.3, 0.1, 0.7894044],
      [0.9, 2, 1.738303],
      [4, 5.5, 1.2174235],
      [150, 160, 1.0337412],
      [0.3, 12, 5.75105],
      [2, 40, 3.36894],
    ] as const) {
      const digamma = tensor(alpha, { dtype: "float64" }).digamma().item();
      assert.ok(Math.abs(gammaDerivative(alpha, z, digamma) / slope - 1) < 2e-3, `${alpha}, ${z}`);
    }
  });

  it("whose mean is that of the mean", () => {
    manualSeed(5);
    const alpha = tensor([0.7, 3], { dtype: "float64", requiresGrad: true });
    const mean = (draws: Tensor): void => draws.mean(0).sum().backward();
    mean(new D.Gamma(alpha, 2).rsample([COUNT]));
    // E z = α / β.
    for (const slope of alpha.grad!.toFloat64Array()) assert.ok(Math.abs(slope - 0.5) < 0.05, `${slope}`);
    alpha.grad = null;
    mean(new D.Beta(alpha, 2).rsample([COUNT]));
    // E x = α / (α + β), whose derivative is β / (α + β)².
    const expected = [2 / 2.7 ** 2, 2 / 5 ** 2];
    alpha.grad!.toFloat64Array().forEach((slope, i) => assert.ok(Math.abs(slope - expected[i]!) < 0.03, `${slope}`));
    assert.equal(new D.Dirichlet(alpha).rsample([2]).requiresGrad, true);
    assert.equal(new D.StudentT(alpha).rsample([2]).requiresGrad, true);
    assert.equal(new D.Gamma(alpha, 1).sample().requiresGrad, false);
  });
});
