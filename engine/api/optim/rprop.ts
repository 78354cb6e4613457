import { EngineError } from "../../context/engine-error.ts";
import { elementsOf } from "../../ops/dense.ts";
import { elementCount } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { Optimizer, zerosOf, type Move, type ParameterGroup, type Parameters } from "./optimizer.ts";

export interface RpropOptions {
  /** The first step of every element. */
  lr: number;
  /** What a step is multiplied with where the gradient has changed its sign, and where it has kept it. */
  etas: readonly [number, number];
  /** The smallest and the largest step. */
  stepSizes: readonly [number, number];
  maximize: boolean;
}

/** Steps by the sign of the gradient alone, each element with a size of its own. Riedmiller and Braun, 1993. */
export class Rprop extends Optimizer<RpropOptions> {
  constructor(params: Parameters<RpropOptions>, options: Partial<RpropOptions> = {}) {
    super(params, { lr: 0.01, etas: [0.5, 1.2], stepSizes: [1e-6, 50], maximize: false }, options);
  }

  protected override check(group: ParameterGroup<RpropOptions>): void {
    super.check(group);
    const [minus, plus] = group.etas;
    if (!(minus > 0 && minus < 1 && plus > 1)) {
      throw new EngineError(
        "value",
        `Rprop: etas must be one between 0 and 1 and one above 1, found ${minus}, ${plus}`,
      );
    }
  }

  protected override updateAll(moves: readonly Move[], group: ParameterGroup<RpropOptions>): void {
    for (const { param, values, grad } of moves) {
      const state = this.state.get(param) ?? { prev: zerosOf(param), stepSize: zerosOf(param, group.lr) };
      this.state.set(param, state);
      const [minus, plus] = group.etas;
      const [least, most] = group.stepSizes;
      const { elements, start: p } = elementsOf(values);
      const g = elementsOf(grad).start;
      const before = elementsOf(state["prev"] as Tensor).start;
      const size = elementsOf(state["stepSize"] as Tensor).start;
      for (let i = 0; i < elementCount(values.shape); i++) {
        const gradient = (group.maximize ? -1 : 1) * elements[g + i]!;
        const turn = gradient * elements[before + i]!;
        const factor = turn > 0 ? plus : turn < 0 ? minus : 1;
        const step = (elements[size + i] = Math.min(most, Math.max(least, elements[size + i]! * factor)));
        // Where the sign has changed, the element waits for a step.
        const used = (elements[before + i] = turn < 0 ? 0 : gradient);
        elements[p + i] = elements[p + i]! - Math.sign(used) * step;
      }
    }
  }
}
