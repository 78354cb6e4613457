import { elementsOf } from "../../ops/dense.ts";
import { elementCount } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { Optimizer, zerosOf, type Move, type ParameterGroup, type Parameters } from "./optimizer.ts";

export interface AdadeltaOptions {
  lr: number;
  rho: number;
  eps: number;
  weightDecay: number;
  maximize: boolean;
}

/** Steps whose size follows from the steps before. Zeiler, 2012. PyTorch: `torch.optim.Adadelta`. */
export class Adadelta extends Optimizer<AdadeltaOptions> {
  constructor(params: Parameters<AdadeltaOptions>, options: Partial<AdadeltaOptions> = {}) {
    super(params, { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false }, options);
  }

  protected override updateAll(moves: readonly Move[], group: ParameterGroup<AdadeltaOptions>): void {
    for (const { param, values, grad } of moves) {
      const state = this.state.get(param) ?? { squareAvg: zerosOf(param), accDelta: zerosOf(param) };
      this.state.set(param, state);
      const { lr, rho, eps } = group;
      const { elements, start: p } = elementsOf(values);
      const g = elementsOf(grad).start;
      const s = elementsOf(state["squareAvg"] as Tensor).start;
      const d = elementsOf(state["accDelta"] as Tensor).start;
      for (let i = 0; i < elementCount(values.shape); i++) {
        const gradient = (group.maximize ? -1 : 1) * elements[g + i]! + group.weightDecay * elements[p + i]!;
        const square = (elements[s + i] = rho * elements[s + i]! + (1 - rho) * gradient * gradient);
        const delta = (Math.sqrt(elements[d + i]! + eps) / Math.sqrt(square + eps)) * gradient;
        elements[d + i] = rho * elements[d + i]! + (1 - rho) * delta * delta;
        elements[p + i] = elements[p + i]! - lr * delta;
      }
    }
  }
}

export interface AdamaxOptions {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  maximize: boolean;
}

/** Adam by the largest gradient instead of the root of their squares. Kingma and Ba, 2015. */
export class Adamax extends Optimizer<AdamaxOptions> {
  constructor(params: Parameters<AdamaxOptions>, options: Partial<AdamaxOptions> = {}) {
    super(params, { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false }, options);
  }

  protected override check(group: ParameterGroup<AdamaxOptions>): void {
    super.check(group);
    this.requireBetas(group.betas);
  }

  protected override updateAll(moves: readonly Move[], group: ParameterGroup<AdamaxOptions>): void {
    for (const { param, values, grad } of moves) {
      const state = this.state.get(param) ?? { step: 0, expAvg: zerosOf(param), expInf: zerosOf(param) };
      this.state.set(param, state);
      const step = ((state["step"] as number) += 1);
      const [beta1, beta2] = group.betas;
      const rate = group.lr / (1 - beta1 ** step);
      const { elements, start: p } = elementsOf(values);
      const g = elementsOf(grad).start;
      const m = elementsOf(state["expAvg"] as Tensor).start;
      const u = elementsOf(state["expInf"] as Tensor).start;
      for (let i = 0; i < elementCount(values.shape); i++) {
        const gradient = (group.maximize ? -1 : 1) * elements[g + i]! + group.weightDecay * elements[p + i]!;
        const mean = (elements[m + i] = beta1 * elements[m + i]! + (1 - beta1) * gradient);
        const most = (elements[u + i] = Math.max(beta2 * elements[u + i]!, Math.abs(gradient) + group.eps));
        elements[p + i] = elements[p + i]! - (rate * mean) / most;
      }
    }
  }
}

export interface NAdamOptions extends AdamaxOptions {
  momentumDecay: number;
}

/** Adam with Nesterov's momentum. Dozat, 2016. PyTorch: `torch.optim.NAdam`. */
export class NAdam extends Optimizer<NAdamOptions> {
  constructor(params: Parameters<NAdamOptions>, options: Partial<NAdamOptions> = {}) {
    super(
      params,
      { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, momentumDecay: 4e-3, maximize: false },
      options,
    );
  }

  protected override updateAll(moves: readonly Move[], group: ParameterGroup<NAdamOptions>): void {
    for (const { param, values, grad } of moves) {
      const fresh = { step: 0, muProduct: 1, expAvg: zerosOf(param), expAvgSq: zerosOf(param) };
      const state = this.state.get(param) ?? fresh;
      this.state.set(param, state);
      const step = ((state["step"] as number) += 1);
      const [beta1, beta2] = group.betas;
      const momentum = (at: number): number => beta1 * (1 - 0.5 * 0.96 ** (at * group.momentumDecay));
      const product = ((state["muProduct"] as number) *= momentum(step));
      const { elements, start: p } = elementsOf(values);
      const g = elementsOf(grad).start;
      const m = elementsOf(state["expAvg"] as Tensor).start;
      const v = elementsOf(state["expAvgSq"] as Tensor).start;
      for (let i = 0; i < elementCount(values.shape); i++) {
        const gradient = (group.maximize ? -1 : 1) * elements[g + i]! + group.weightDecay * elements[p + i]!;
        const mean = (elements[m + i] = beta1 * elements[m + i]! + (1 - beta1) * gradient);
        const square = (elements[v + i] = beta2 * elements[v + i]! + (1 - beta2) * gradient * gradient);
        const root = Math.sqrt(square / (1 - beta2 ** step)) + group.eps;
        const now = (group.lr * (1 - momentum(step)) * gradient) / (1 - product);
        const next = (group.lr * momentum(step + 1) * mean) / (1 - product * momentum(step + 1));
        elements[p + i] = elements[p + i]! - (now + next) / root;
      }
    }
  }
}

/** Adam that waits until the spread of the gradients is known. Liu and others, 2020. PyTorch: `torch.optim.RAdam`. */
export class RAdam extends Optimizer<AdamaxOptions> {
  constructor(params: Parameters<AdamaxOptions>, options: Partial<AdamaxOptions> = {}) {
    super(params, { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false }, options);
  }

  protected override updateAll(moves: readonly Move[], group: ParameterGroup<AdamaxOptions>): void {
    for (const { param, values, grad } of moves) {
      const state = this.state.get(param) ?? { step: 0, expAvg: zerosOf(param), expAvgSq: zerosOf(param) };
      this.state.set(param, state);
      const step = ((state["step"] as number) += 1);
      const [beta1, beta2] = group.betas;
      const [bias1, bias2] = [1 - beta1 ** step, 1 - beta2 ** step];
      const longest = 2 / (1 - beta2) - 1;
      const length = longest - (2 * step * beta2 ** step) / bias2;
      const factor =
        length > 5
          ? Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length))
          : null;
      const { elements, start: p } = elementsOf(values);
      const g = elementsOf(grad).start;
      const m = elementsOf(state["expAvg"] as Tensor).start;
      const v = elementsOf(state["expAvgSq"] as Tensor).start;
      for (let i = 0; i < elementCount(values.shape); i++) {
        const gradient = (group.maximize ? -1 : 1) * elements[g + i]! + group.weightDecay * elements[p + i]!;
        const mean = (elements[m + i] = beta1 * elements[m + i]! + (1 - beta1) * gradient);
        const square = (elements[v + i] = beta2 * elements[v + i]! + (1 - beta2) * gradient * gradient);
        const scale = factor === null ? 1 : (factor * Math.sqrt(bias2)) / (Math.sqrt(square) + group.eps);
        elements[p + i] = elements[p + i]! - (group.lr * mean * scale) / bias1;
      }
    }
  }
}
