import { checkOptions } from "../../context/options.ts";
import { runtime } from "../../core/runtime.ts";
import type { Tensor } from "../../core/tensor.ts";
import { Optimizer, zerosOf, type Move, type ParameterGroup, type Parameters } from "./optimizer.ts";

export interface AdamOptions {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  amsgrad: boolean;
  maximize: boolean;
}

const DEFAULTS: AdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
};

/** Kingma and Ba, 2015. PyTorch: `torch.optim.Adam`. */
export class Adam extends Optimizer<AdamOptions> {
  /** Whether weight decay shrinks the parameter itself instead of adding to its gradient. */
  protected readonly decoupled: boolean = false;

  constructor(params: Parameters<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, DEFAULTS, options);
  }

  protected override check(group: ParameterGroup<AdamOptions>): void {
    super.check(group);
    this.requireAtLeast(group.eps, 0, "eps");
    this.requireAtLeast(group.weightDecay, 0, "weightDecay");
    this.requireBetas(group.betas);
  }

  protected override readonly readsBefore = true;

  protected override updateAll(moves: readonly Move[], group: ParameterGroup<AdamOptions>): void {
    const all = moves.map(({ param, values, grad, before }) => {
      let state = this.state.get(param);
      if (!state) {
        const maxExpAvgSq = group.amsgrad ? zerosOf(param) : null;
        state = { step: 0, expAvg: zerosOf(param), expAvgSq: zerosOf(param), maxExpAvgSq };
        this.state.set(param, state);
      }
      const { expAvg, expAvgSq, maxExpAvgSq } = state as { [name: string]: Tensor };
      const step = (state["step"] as number) + 1;
      state["step"] = step;
      const memory = { mean: expAvg!, variance: expAvgSq!, maxVariance: maxExpAvgSq ?? null };
      return { parameter: before, grad, out: values, step, ...memory };
    });
    runtime.kernels.adam(all, {
      lr: group.lr,
      beta1: group.betas[0],
      beta2: group.betas[1],
      eps: group.eps,
      weightDecay: group.weightDecay,
      decoupled: this.decoupled,
      maximize: group.maximize,
    });
  }
}

/** Adam with weight decay apart from the gradient. Loshchilov and Hutter, 2019. PyTorch: `torch.optim.AdamW`. */
export class AdamW extends Adam {
  protected override readonly decoupled = true;

  constructor(params: Parameters<AdamOptions>, options: Partial<AdamOptions> = {}) {
    checkOptions("AdamW", options, Object.keys(DEFAULTS));
    super(params, { weightDecay: 0.01, ...options });
  }
}
