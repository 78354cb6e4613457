import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { Kernels } from "../kernels.ts";
import { elementsOf, startOf } from "./elements.ts";

type LossKernels = Pick<Kernels, "crossEntropy" | "crossEntropyBackward">;

export function lossKernels(memory: SharedMemory): LossKernels {
  return {
    crossEntropy(logits, classes, losses, logSums, ignoreIndex) {
      const from = elementsOf(memory, logits.dtype);
      const [rows = 0, columns = 0] = logits.shape;
      const lossElements = elementsOf(memory, losses.dtype);
      const sumElements = elementsOf(memory, logSums.dtype);
      for (let r = 0; r < rows; r++) {
        const row = startOf(logits) + r * columns;
        let max = -Infinity;
        for (let c = 0; c < columns; c++) max = Math.max(max, from[row + c] ?? 0);
        let sum = 0;
        for (let c = 0; c < columns; c++) sum += Math.exp((from[row + c] ?? 0) - max);
        const logSum = Math.log(sum);
        const target = memory.f64[startOf(classes) + r * (classes.strides[0] ?? 1)] ?? 0;
        sumElements[startOf(logSums) + r] = logSum;
        lossElements[startOf(losses) + r] = target === ignoreIndex ? 0 : logSum - ((from[row + target] ?? 0) - max);
      }
    },
    crossEntropyBackward(grad, logits, classes, logSums, out, ignoreIndex) {
      const from = elementsOf(memory, logits.dtype);
      const to = elementsOf(memory, out.dtype);
      const grads = elementsOf(memory, grad.dtype);
      const sums = elementsOf(memory, logSums.dtype);
      const [rows = 0, columns = 0] = logits.shape;
      for (let r = 0; r < rows; r++) {
        const target = memory.f64[startOf(classes) + r * (classes.strides[0] ?? 1)] ?? 0;
        const cotangent = target === ignoreIndex ? 0 : (grads[startOf(grad) + r * (grad.strides[0] ?? 1)] ?? 0);
        const logSum = sums[startOf(logSums) + r] ?? 0;
        let max = -Infinity;
        for (let c = 0; c < columns; c++) max = Math.max(max, from[startOf(logits) + r * columns + c] ?? 0);
        for (let c = 0; c < columns; c++) {
          const probability = Math.exp((from[startOf(logits) + r * columns + c] ?? 0) - max - logSum);
          const value = (probability - (c === target ? 1 : 0)) * cotangent;
          to[startOf(out) + r * columns + c] = cotangent === 0 ? 0 : value;
        }
      }
    },
  };
}
