import { elementsOf } from "../../ops/dense.ts";
import { elementCount } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { Optimizer, zerosOf, type Move, type ParameterGroup, type Parameters } from "./optimizer.ts";

export interface ASGDOptions {
  lr: number;
  /** How fast the rate and the parameters decay. */
  lambd: number;
  /** The power with which the rate decays. */
  alpha: number;
  /** The step at which averaging begins. */
  t0: number;
  weightDecay: number;
  maximize: boolean;
}

/** Gradient descent that keeps an average of where it has been, `ax`. Polyak and Juditsky, 1992. PyTorch: `torch.optim.ASGD`. */
export class ASGD extends Optimizer<ASGDOptions> {
  constructor(params: Parameters<ASGDOptions>, options: Partial<ASGDOptions> = {}) {
    super(params, { lr: 0.01, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0, maximize: false }, options);
  }

  protected override check(group: ParameterGroup<ASGDOptions>): void {
    super.check(group);
    this.requireAtLeast(group.weightDecay, 0, "weightDecay");
  }

  protected override updateAll(moves: readonly Move[], group: ParameterGroup<ASGDOptions>): void {
    for (const { param, values, grad } of moves) {
      const state = this.state.get(param) ?? { step: 0, eta: group.lr, mu: 1, ax: zerosOf(param) };
      this.state.set(param, state);
      const step = ((state["step"] as number) += 1);
      const { eta, mu } = state as { readonly eta: number; readonly mu: number };
      const { lr, lambd, alpha, t0, weightDecay, maximize } = group;
      const { elements, start: p } = elementsOf(values);
      const g = elementsOf(grad).start;
      const a = elementsOf(state["ax"] as Tensor).start;
      for (let i = 0; i < elementCount(values.shape); i++) {
        const gradient = (maximize ? -1 : 1) * elements[g + i]! + weightDecay * elements[p + i]!;
        const moved = (elements[p + i] = elements[p + i]! * (1 - lambd * eta) - eta * gradient);
        elements[a + i] = elements[a + i]! + (moved - elements[a + i]!) * mu;
      }
      state["eta"] = lr / (1 + lambd * lr * step) ** alpha;
      state["mu"] = 1 / Math.max(1, step - t0);
    }
  }
}
