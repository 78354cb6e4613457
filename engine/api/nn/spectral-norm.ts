import { byPlace } from "../../context/keywords.ts";
import { composite } from "../../context/scope.ts";
import { noGrad } from "../../context/grad-mode.ts";
import { EngineError } from "../../context/engine-error.ts";
import { randn } from "../tensor/random.ts";
import type { Tensor } from "../../core/tensor.ts";
import { normalize } from "../functional/normalisation.ts";
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "./convolution.ts";
import { DerivedFields, expectParameter } from "./derived-field.ts";
import type { Module } from "./module.ts";
import { asMatrix } from "./weight-norm.ts";

const derived = new DerivedFields("spectralNorm");

/** The vectors of the largest singular value of a matrix, as far as the iterations have come. */
export interface SingularVectors {
  readonly u: Tensor;
  readonly v: Tensor;
}

/** Random vectors of length 1 for a matrix [rows, columns]. */
export function startVectors(matrix: Tensor, eps: number): SingularVectors {
  const [rows, columns] = matrix.shape as [number, number];
  const unit = (size: number): Tensor =>
    noGrad(() => normalize(randn([size], { dtype: matrix.dtype }), { dim: 0, eps }));
  return { u: unit(rows), v: unit(columns) };
}

/** A step of the power iteration: v ← Wᵀu / ‖Wᵀu‖, then u ← Wv / ‖Wv‖. No gradient flows through it. */
export function iterate(matrix: Tensor, { u }: SingularVectors, eps: number): SingularVectors {
  return noGrad(() => {
    const v = normalize(matrix.t().mv(u), { dim: 0, eps });
    return { u: normalize(matrix.mv(v), { dim: 0, eps }), v };
  });
}

/** W / σ with σ = uᵀ W v. Miyato and others, 2018. */
export function overSpectralNorm(weight: Tensor, dim: number, { u, v }: SingularVectors): Tensor {
  return composite("spectralNorm", () => weight.div(u.dot(asMatrix(weight, dim).mv(v))));
}

/** The axis of the outputs in a layer's weight. */
export function outputAxis(module: Module): number {
  const isTransposed = [ConvTranspose1d, ConvTranspose2d, ConvTranspose3d].some((kind) => module instanceof kind);
  return isTransposed ? 1 : 0;
}

export interface SpectralNormOptions {
  readonly name?: string;
  readonly nPowerIterations?: number;
  readonly eps?: number;
  readonly dim?: number | null;
}

/** The arguments of both forms of `spectralNorm`. */
export function spectralNormArguments(args: readonly unknown[]): {
  readonly module: Module;
  readonly name: string;
  readonly iterations: number;
  readonly eps: number;
  readonly dim: number;
} {
  const [module, name = "weight", iterations = 1, eps = 1e-12, dim = null] = byPlace(
    "spectralNorm",
    { places: ["module", "name", "nPowerIterations", "eps", "dim"] },
    args,
  ) as [Module, string?, number?, number?, (number | null)?];
  expectParameter("spectralNorm", module, name);
  if (!(Number.isInteger(iterations) && iterations > 0)) {
    throw new EngineError("value", `spectralNorm: nPowerIterations must be 1 or more, found ${iterations}`);
  }
  return { module, name, iterations, eps, dim: dim ?? outputAxis(module) };
}

/**
 * Divides a module's weight by its largest singular value: `weight_orig` is learned in place of `weight`, which each call
 * computes from it; the buffers `weight_u` and `weight_v` come nearer with each call in training.
 * PyTorch: `torch.nn.utils.spectral_norm`.
 * @returns the module
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
  const field = (of: "orig" | "u" | "v"): Tensor => Reflect.get(module, `${name}_${of}`) as Tensor;
  const compute = (iterates: boolean): Tensor => {
    const original = field("orig");
    let vectors: SingularVectors = { u: field("u"), v: field("v") };
    if (iterates) {
      const matrix = asMatrix(original.detach(), dim);
      for (let i = 0; i < iterations; i++) vectors = iterate(matrix, vectors, eps);
      Reflect.set(module, `${name}_u`, vectors.u);
      Reflect.set(module, `${name}_v`, vectors.v);
    }
    return overSpectralNorm(original, dim, vectors);
  };
  const started = startVectors(asMatrix(weight.detach(), dim), eps);
  const register = (): void => {
    module.registerParameter(`${name}_orig`, weight);
    module.registerBuffer(`${name}_u`, started.u);
    module.registerBuffer(`${name}_v`, started.v);
  };
  // Nothing has been divided before the first call, and taking it away is no step of the iteration.
  derived.put(module, name, register, {
    first: () => weight.detach(),
    beforeCall: () => compute(module.training),
    last: () => compute(false),
  });
  return module;
}

/** Undoes {@link spectralNorm}: the weight is a parameter again. PyTorch: `torch.nn.utils.remove_spectral_norm`. */
export function removeSpectralNorm<M extends Module>(module: M, name = "weight"): M {
  derived.remove(module, name, [`${name}_orig`, `${name}_u`, `${name}_v`]);
  return module;
}
