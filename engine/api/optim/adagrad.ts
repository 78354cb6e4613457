import { elementsOf } from "../../ops/dense.ts";
import { elementCount } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { Optimizer, zerosOf, type Move, type ParameterGroup, type Parameters } from "./optimizer.ts";

export interface AdagradOptions {
  lr: number;
  lrDecay: number;
  weightDecay: number;
  initialAccumulatorValue: number;
  eps: number;
  maximize: boolean;
}

/** Divides by the root of the sum of all squared gradients. Duchi and others, 2011. PyTorch: `torch.optim.Adagrad`. */
export class Adagrad extends Optimizer<AdagradOptions> {
  constructor(params: Parameters<AdagradOptions>, options: Partial<AdagradOptions> = {}) {
    super(
      params,
      {
        lr: 0.01,
        lrDecay: 0,
        weightDecay: 0,
        initialAccumulatorValue: 0,
        eps: 1e-10,
        maximize: false,
      },
      options,
    );
  }

  protected override check(group: ParameterGroup<AdagradOptions>): void {
    super.check(group);
    this.requireAtLeast(group.lrDecay, 0, "lrDecay");
    this.requireAtLeast(group.weightDecay, 0, "weightDecay");
    this.requireAtLeast(group.initialAccumulatorValue, 0, "initialAccumulatorValue");
    this.requireAtLeast(group.eps, 0, "eps");
  }

  protected override updateAll(moves: readonly Move[], group: ParameterGroup<AdagradOptions>): void {
    for (const { param, values, grad } of moves) {
      let state = this.state.get(param);
      if (!state) {
        state = { step: 0, sum: zerosOf(param, group.initialAccumulatorValue) };
        this.state.set(param, state);
      }
      const step = (state["step"] as number) + 1;
      state["step"] = step;
      const rate = group.lr / (1 + (step - 1) * group.lrDecay);
      const { elements, start: p } = elementsOf(values);
      const g = elementsOf(grad).start;
      const s = elementsOf(state["sum"] as Tensor).start;
      const count = elementCount(values.shape);
      for (let i = 0; i < count; i++) {
        const gradient = (group.maximize ? -1 : 1) * elements[g + i]! + group.weightDecay * elements[p + i]!;
        const sum = (elements[s + i] = elements[s + i]! + gradient * gradient);
        elements[p + i] = elements[p + i]! - (rate * gradient) / (Math.sqrt(sum) + group.eps);
      }
    }
  }
}
