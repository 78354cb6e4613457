import { setting } from "../settings.ts";
import { checkOptions } from "../../context/options.ts";
import { noGrad } from "../../context/grad-mode.ts";
import { EngineError } from "../../context/engine-error.ts";
import { runtime } from "../../core/runtime.ts";
import { fromNumbers } from "../../core/creation.ts";
import { Tensor } from "../../core/tensor.ts";
import { dense } from "../../ops/dense.ts";
import { programObserver } from "../../context/program-observer.ts";

/** What `nn.utils` offers. */

function asList(parameters: Tensor | Iterable<Tensor>): readonly Tensor[] {
  return parameters instanceof Tensor ? [parameters] : [...parameters];
}

function gradients(list: readonly Tensor[]): Tensor[] {
  return list.map((parameter) => parameter.grad).filter((grad) => grad !== null);
}

/**
 * Scales the gradients so that the norm of all of them together is at most `largest`, PyTorch's `maxNorm`.
 * PyTorch: `torch.nn.utils.clip_grad_norm_`.
 * @returns the norm before, a scalar.
 */
export function clipGradNorm_(
  parameters: Tensor | Iterable<Tensor>,
  largest: number | { readonly maxNorm: number },
  options: { readonly normType?: number; readonly errorIfNonfinite?: boolean } = {},
): Tensor {
  checkOptions("clipGradNorm_", options, ["normType", "errorIfNonfinite"]);
  const { normType = 2, errorIfNonfinite = false } = options;
  const maxNorm = setting("clipGradNorm_", "maxNorm", largest);
  const list = asList(parameters);
  const grads = gradients(list);
  const norms = grads.map((grad) => norm(grad, normType));
  const total =
    normType === Infinity ? Math.max(0, ...norms) : norms.reduce((sum, n) => sum + n ** normType, 0) ** (1 / normType);
  if (errorIfNonfinite && !Number.isFinite(total)) {
    throw new EngineError("value", `clipGradNorm_: the norm of the gradients is ${total}`, {
      fix: "find the first gradient that is not finite",
    });
  }
  programObserver()?.clipped("norm", list, maxNorm, total);
  const factor = Math.min(1, maxNorm / (total + 1e-6));
  for (const grad of grads) scale(grad, factor);
  return fromNumbers([total], [], grads[0]?.dtype ?? "float32");
}

/** The norm of several tensors together, a scalar. PyTorch: `torch.nn.utils.get_total_norm`. */
export function getTotalNorm(tensors: Tensor | Iterable<Tensor>, normType = 2): Tensor {
  const list = asList(tensors);
  const norms = list.map((tensor) => norm(tensor, normType));
  const total =
    normType === Infinity ? Math.max(0, ...norms) : norms.reduce((sum, n) => sum + n ** normType, 0) ** (1 / normType);
  return fromNumbers([total], [], list[0]?.dtype ?? "float32");
}

/** Scales the gradients as `clipGradNorm_` does, by a norm that is known. PyTorch: `clip_grads_with_norm_`. */
export function clipGradsWithNorm_(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number,
  totalNorm: Tensor | number,
): void {
  const total = typeof totalNorm === "number" ? totalNorm : totalNorm.item();
  const factor = Math.min(1, maxNorm / (total + 1e-6));
  for (const grad of gradients(asList(parameters))) scale(grad, factor);
}

function norm(grad: Tensor, normType: number): number {
  if (normType === 2) return runtime.kernels.statistics(dense(grad)).norm;
  let [sum, largest] = [0, 0];
  for (const value of grad.toFloat64Array()) {
    const size = Math.abs(value);
    sum += size ** normType;
    if (size > largest || Number.isNaN(size)) largest = size;
  }
  return normType === Infinity ? largest : sum ** (1 / normType);
}

function scale(grad: Tensor, factor: number): void {
  const before = noGrad(() => grad.detach().mul(factor));
  grad.storage.prepareWrite(true);
  runtime.kernels.copy(before, grad);
}

/** Clamps every element of the gradients to ±`clipValue`. PyTorch: `torch.nn.utils.clip_grad_value_`. */
export function clipGradValue_(parameters: Tensor | Iterable<Tensor>, clipValue: number): void {
  setting("clipGradValue_", "clipValue", clipValue);
  const list = asList(parameters);
  const grads = gradients(list);
  const observer = programObserver();
  if (observer) observer.clipped("value", list, clipValue, Math.max(0, ...grads.map((grad) => norm(grad, Infinity))));
  for (const grad of grads) {
    const copy = dense(grad);
    grad.storage.prepareWrite(true);
    runtime.kernels.clamp(copy, -clipValue, clipValue, grad);
  }
}
