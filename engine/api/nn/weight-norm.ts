import { byPlace } from "../../context/keywords.ts";
import { composite } from "../../context/scope.ts";
import { noGrad } from "../../context/grad-mode.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { normalizeDim } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { DerivedFields, expectParameter } from "./derived-field.ts";
import type { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

const derived = new DerivedFields("weightNorm");

/** ‖v‖ over every axis but `dim`, or over all of them, in a shape that broadcasts to v. */
export function normExcept(v: Tensor, dim: number | null): Tensor {
  if (dim === null || dim === -1) return v.norm(2);
  const kept = normalizeDim("weightNorm", dim, v.rank);
  const others = v.shape.map((_, axis) => axis).filter((axis) => axis !== kept);
  // Without another axis each element is its own norm.
  return others.length === 0 ? v.abs() : v.norm(2, others, true);
}

/** w = g v / ‖v‖. Salimans and Kingma, 2016. */
export function fromDirection(g: Tensor, v: Tensor, dim: number | null): Tensor {
  return composite("weightNorm", () => v.mul(g.div(normExcept(v, dim))));
}

export interface WeightNormOptions {
  readonly name?: string;
  /** The axis whose entries have a length each; null for one length of the whole. */
  readonly dim?: number | null;
}

/**
 * Makes a module learn the length and the direction of its weight apart: `weight_g` and `weight_v` take the place of
 * `weight`, which each call computes from them. PyTorch: `torch.nn.utils.weight_norm`.
 * @returns the module
 */
export function weightNorm<M extends Module>(module: M, name?: string | WeightNormOptions, dim?: number | null): M;
export function weightNorm(...args: readonly unknown[]): Module {
  const [module, name = "weight", dim = 0] = byPlace("weightNorm", { places: ["module", "name", "dim"] }, args) as [
    Module,
    string?,
    (number | null)?,
  ];
  const weight = expectParameter("weightNorm", module, name);
  const lengths = noGrad(() => normExcept(weight.detach(), dim).clone());
  const compute = (): Tensor => {
    const [g, v] = [`${name}_g`, `${name}_v`].map((field) => Reflect.get(module, field) as Tensor);
    return fromDirection(g!, v!, dim);
  };
  const register = (): void => {
    module.registerParameter(`${name}_g`, new Parameter(lengths));
    module.registerParameter(`${name}_v`, new Parameter(weight.detach()));
  };
  derived.put(module, name, register, { first: compute, beforeCall: compute, last: compute });
  return module;
}

/** Undoes {@link weightNorm}: the weight is a parameter again. PyTorch: `torch.nn.utils.remove_weight_norm`. */
export function removeWeightNorm<M extends Module>(module: M, name = "weight"): M {
  derived.remove(module, name, [`${name}_g`, `${name}_v`]);
  return module;
}

/** The weight of a module as a matrix whose rows are the entries along `dim`. */
export function asMatrix(weight: Tensor, dim: number): Tensor {
  const rows = normalizeDim("spectralNorm", dim, weight.rank);
  const first = rows === 0 ? weight : weight.movedim(rows, 0);
  if (weight.numel() === 0) {
    throw new EngineError("shape", `spectralNorm: the weight ${formatShape(weight.shape)} has no elements`);
  }
  return first.reshape([first.shape[0]!, -1]);
}
