import { EngineError } from "../../context/engine-error.ts";
import { runtime } from "../../core/runtime.ts";
import type { Tensor } from "../../core/tensor.ts";
import { Optimizer, zerosOf, type Move, type ParameterGroup, type Parameters } from "./optimizer.ts";

export interface SGDOptions {
  lr: number;
  momentum: number;
  dampening: number;
  weightDecay: number;
  nesterov: boolean;
  maximize: boolean;
}

/** Stochastic gradient descent, optionally with momentum. PyTorch: `torch.optim.SGD`. */
export class SGD extends Optimizer<SGDOptions> {
  constructor(params: Parameters<SGDOptions>, options: Partial<SGDOptions> = {}) {
    super(
      params,
      {
        lr: 1e-3,
        momentum: 0,
        dampening: 0,
        weightDecay: 0,
        nesterov: false,
        maximize: false,
      },
      options,
    );
  }

  protected override check(group: ParameterGroup<SGDOptions>): void {
    super.check(group);
    this.requireAtLeast(group.momentum, 0, "momentum");
    this.requireAtLeast(group.weightDecay, 0, "weightDecay");
    if (group.nesterov && (group.momentum <= 0 || group.dampening !== 0)) {
      throw new EngineError("value", "SGD: nesterov needs a momentum above 0 and no dampening");
    }
  }

  protected override readonly readsBefore = true;

  protected override updateAll(moves: readonly Move[], group: ParameterGroup<SGDOptions>): void {
    const all = moves.map(({ param, values, grad, before }) => {
      const known = this.state.get(param)?.["momentumBuffer"] as Tensor | undefined;
      const momentum = group.momentum === 0 ? null : (known ?? zerosOf(param));
      if (momentum !== null && known === undefined) this.state.set(param, { momentumBuffer: momentum });
      return { parameter: before, grad, momentum, out: values, first: known === undefined };
    });
    runtime.kernels.sgd(all, group);
  }
}
