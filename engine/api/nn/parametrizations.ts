import { byPlace } from "../../context/keywords.ts";
import type { Tensor } from "../../core/tensor.ts";
import { expectParameter } from "./derived-field.ts";
import { Module } from "./module.ts";
import { registerParametrization, type Parametrization } from "./parametrize.ts";
import {
  iterate,
  overSpectralNorm,
  spectralNormArguments,
  startVectors,
  type SpectralNormOptions,
} from "./spectral-norm.ts";
import { asMatrix, fromDirection, normExcept, type WeightNormOptions } from "./weight-norm.ts";

/** A weight from its lengths g and its direction v. */
class WeightNorm extends Module implements Parametrization {
  readonly dim: number | null;

  constructor(dim: number | null) {
    super();
    this.dim = dim;
  }

  override forward(g: Tensor, v: Tensor): Tensor {
    return fromDirection(g, v, this.dim);
  }

  rightInverse(weight: Tensor): readonly Tensor[] {
    return [normExcept(weight, this.dim), weight];
  }
}

/**
 * As `utils.weightNorm`, with the lengths at `parametrizations.weight.original0` and the direction at `original1`.
 * PyTorch: `torch.nn.utils.parametrizations.weight_norm`.
 */
export function weightNorm<M extends Module>(module: M, name?: string | WeightNormOptions, dim?: number | null): M;
export function weightNorm(...args: readonly unknown[]): Module {
  const [module, name = "weight", dim = 0] = byPlace("weightNorm", { places: ["module", "name", "dim"] }, args) as [
    Module,
    string?,
    (number | null)?,
  ];
  return registerParametrization(module, name, new WeightNorm(dim), { unsafe: true });
}

/** How many iterations come before the first call. */
const FIRST_ITERATIONS = 15;

/** A weight over its largest singular value, which each call in training comes nearer to. */
class SpectralNorm extends Module implements Parametrization {
  readonly #iterations: number;
  readonly #eps: number;
  readonly #dim: number;
  _u!: Tensor;
  _v!: Tensor;

  constructor(weight: Tensor, iterations: number, eps: number, dim: number) {
    super();
    this.#iterations = iterations;
    this.#eps = eps;
    this.#dim = dim;
    if (weight.rank === 1) return;
    const matrix = asMatrix(weight.detach(), dim);
    const { u, v } = startVectors(matrix, eps);
    this.registerBuffer("_u", u);
    this.registerBuffer("_v", v);
    this.#iterate(matrix, FIRST_ITERATIONS);
  }

  /** Here u comes before v: the transpose of what `utils.spectralNorm` does. */
  #iterate(matrix: Tensor, times: number): void {
    for (let i = 0; i < times; i++) {
      ({ u: this._v, v: this._u } = iterate(matrix.t(), { u: this._v, v: this._u }, this.#eps));
    }
  }

  override forward(weight: Tensor): Tensor {
    if (weight.rank === 1) return weight.div(weight.norm(2, 0, true).clamp({ min: this.#eps }));
    if (this.training) this.#iterate(asMatrix(weight.detach(), this.#dim), this.#iterations);
    return overSpectralNorm(weight, this.#dim, { u: this._u, v: this._v });
  }

  rightInverse(value: Tensor): Tensor {
    return value;
  }
}

/**
 * As `utils.spectralNorm`, with the weight that is learned at `parametrizations.weight.original`.
 * PyTorch: `torch.nn.utils.parametrizations.spectral_norm`.
 */
export function spectralNorm<M extends Module>(
  module: M,
  name?: string | SpectralNormOptions,
  nPowerIterations?: number,
  eps?: number,
  dim?: number | null,
): M;
export function spectralNorm(...args: readonly unknown[]): Module {
  const { module, name, iterations, eps, dim } = spectralNormArguments(args);
  const weight = expectParameter("spectralNorm", module, name);
  return registerParametrization(module, name, new SpectralNorm(weight, iterations, eps, dim));
}
