import { elementsOf } from "../../ops/dense.ts";
import { elementCount } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { Optimizer, zerosOf, type Move, type ParameterGroup, type Parameters } from "./optimizer.ts";

export interface RMSpropOptions {
  lr: number;
  alpha: number;
  eps: number;
  weightDecay: number;
  momentum: number;
  centered: boolean;
  maximize: boolean;
}

/** Divides by a running root mean square of the gradient. Hinton, 2012. PyTorch: `torch.optim.RMSprop`. */
export class RMSprop extends Optimizer<RMSpropOptions> {
  constructor(params: Parameters<RMSpropOptions>, options: Partial<RMSpropOptions> = {}) {
    super(
      params,
      {
        lr: 0.01,
        alpha: 0.99,
        eps: 1e-8,
        weightDecay: 0,
        momentum: 0,
        centered: false,
        maximize: false,
      },
      options,
    );
  }

  protected override check(group: ParameterGroup<RMSpropOptions>): void {
    super.check(group);
    this.requireAtLeast(group.alpha, 0, "alpha");
    this.requireAtLeast(group.eps, 0, "eps");
    this.requireAtLeast(group.momentum, 0, "momentum");
    this.requireAtLeast(group.weightDecay, 0, "weightDecay");
  }

  protected override updateAll(moves: readonly Move[], group: ParameterGroup<RMSpropOptions>): void {
    for (const { param, values, grad } of moves) {
      let state = this.state.get(param);
      if (!state) {
        state = { squareAvg: zerosOf(param), momentumBuffer: zerosOf(param), gradAvg: zerosOf(param) };
        this.state.set(param, state);
      }
      const { squareAvg, momentumBuffer, gradAvg } = state as { [name: string]: Tensor };
      const { lr, alpha, eps, weightDecay, momentum, centered, maximize } = group;
      const { elements, start: p } = elementsOf(values);
      const g = elementsOf(grad).start;
      const s = elementsOf(squareAvg!).start;
      const b = elementsOf(momentumBuffer!).start;
      const m = elementsOf(gradAvg!).start;
      const count = elementCount(values.shape);
      for (let i = 0; i < count; i++) {
        const gradient = (maximize ? -1 : 1) * elements[g + i]! + weightDecay * elements[p + i]!;
        const square = (elements[s + i] = alpha * elements[s + i]! + (1 - alpha) * gradient * gradient);
        let variance = square;
        if (centered) {
          const mean = (elements[m + i] = alpha * elements[m + i]! + (1 - alpha) * gradient);
          variance -= mean * mean;
        }
        let step = gradient / (Math.sqrt(variance) + eps);
        if (momentum > 0) step = elements[b + i] = momentum * elements[b + i]! + step;
        elements[p + i] = elements[p + i]! - lr * step;
      }
    }
  }
}
