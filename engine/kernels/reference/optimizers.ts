import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { AdamMove, Kernels, SgdMove } from "../kernels.ts";
import { countOf, elementsOf, startOf } from "./elements.ts";

type OptimizerKernels = Pick<Kernels, "sgd" | "adam">;

export function optimizerKernels(memory: SharedMemory): OptimizerKernels {
  return {
    /** torch.optim.SGD. */
    sgd(moves, options) {
      for (const move of moves) moveBySgd(memory, move, options);
    },
    /** torch.optim.Adam, and with `decoupled` weight decay torch.optim.AdamW. */
    adam(moves, options) {
      for (const move of moves) moveByAdam(memory, move, options);
    },
  };
}

function moveBySgd(memory: SharedMemory, move: SgdMove, options: Parameters<Kernels["sgd"]>[1]): void {
  const { parameter, grad, momentum, out, first } = move;
  const elements = elementsOf(memory, parameter.dtype);
  const [p, g, o] = [startOf(parameter), startOf(grad), startOf(out)];
  const m = momentum ? startOf(momentum) : -1;
  const { lr, dampening, weightDecay, nesterov, maximize } = options;
  for (let i = 0; i < countOf(parameter.shape); i++) {
    const value = elements[p + i] ?? 0;
    let step = (maximize ? -1 : 1) * (elements[g + i] ?? 0) + weightDecay * value;
    if (m >= 0) {
      const buffer = first ? step : options.momentum * (elements[m + i] ?? 0) + (1 - dampening) * step;
      elements[m + i] = buffer;
      step = nesterov ? step + options.momentum * buffer : buffer;
    }
    elements[o + i] = value - lr * step;
  }
}

function moveByAdam(memory: SharedMemory, move: AdamMove, options: Parameters<Kernels["adam"]>[1]): void {
  const { parameter, grad, mean, variance, maxVariance, out, step } = move;
  const elements = elementsOf(memory, parameter.dtype);
  const [p, g, o] = [startOf(parameter), startOf(grad), startOf(out)];
  const [m, v] = [startOf(mean), startOf(variance)];
  const most = maxVariance ? startOf(maxVariance) : -1;
  const { lr, beta1, beta2, eps, weightDecay, decoupled, maximize } = options;
  const correction1 = 1 - beta1 ** step;
  const correction2 = Math.sqrt(1 - beta2 ** step);
  for (let i = 0; i < countOf(parameter.shape); i++) {
    let value = elements[p + i] ?? 0;
    let gradient = (maximize ? -1 : 1) * (elements[g + i] ?? 0);
    if (decoupled) value *= 1 - lr * weightDecay;
    else gradient += weightDecay * value;
    const first = beta1 * (elements[m + i] ?? 0) + (1 - beta1) * gradient;
    const second = beta2 * (elements[v + i] ?? 0) + (1 - beta2) * gradient * gradient;
    elements[m + i] = first;
    elements[v + i] = second;
    const largest = most >= 0 ? Math.max(elements[most + i] ?? 0, second) : second;
    if (most >= 0) elements[most + i] = largest;
    elements[o + i] = value - ((lr / correction1) * first) / (Math.sqrt(largest) / correction2 + eps);
  }
}
