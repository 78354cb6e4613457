import { byPlace } from "../../context/keywords.ts";
import { checkOptions } from "../../context/options.ts";
import { EngineError } from "../../context/engine-error.ts";
import { programObserver } from "../../context/program-observer.ts";
import type { Optimizer } from "./optimizer.ts";
import { expectCount, settings, withoutEnd } from "../settings.ts";

/** What `optim.lrScheduler` offers. A scheduler sets the learning rate of each of an optimizer's groups. */

/** Learning rates of each group as functions of the number of steps. */
export abstract class LRScheduler {
  readonly optimizer: Optimizer;
  /** Each group's rate before any scheduler changed it. */
  readonly baseLrs: readonly number[];
  /** Steps so far. */
  lastEpoch = 0;

  constructor(optimizer: Optimizer) {
    this.optimizer = optimizer;
    // One that is made later starts from the same rate, as PyTorch's do, whatever those before it have set.
    this.baseLrs = optimizer.paramGroups.map((group) => (group.initialLr ??= group.lr));
    programObserver()?.schedulerMade(this);
  }

  step(): void {
    this.lastEpoch++;
    this.optimizer.paramGroups.forEach((group, i) => (group.lr = this.rate(group.lr, this.baseLrs[i]!)));
    programObserver()?.schedulerStepped(this);
  }

  /** Begins anew, as a scheduler does whose turn comes later than its making. */
  restart(): void {
    this.lastEpoch = 0;
    this.optimizer.paramGroups.forEach((group, i) => (group.lr = this.first(this.baseLrs[i]!, group.lr)));
  }

  getLastLr(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  /** The rate before the first step, of a group that started with `base` and now has `current`. */
  protected first(base: number, _current: number): number {
    return base;
  }

  /** The rate after `lastEpoch` steps, of a group that now has `current` and started with `base`. */
  protected abstract rate(current: number, base: number): number;
}

/** Multiplies by `gamma` every `stepSize` steps. PyTorch: `StepLR`. */
export class StepLR extends LRScheduler {
  readonly #stepSize: number;
  readonly #gamma: number;

  constructor(
    optimizer: Optimizer,
    stepSize: number | { readonly stepSize: number; readonly gamma?: number },
    gamma?: number | { readonly gamma?: number },
  ) {
    const given = settings("StepLR", ["stepSize", "gamma"], [stepSize, gamma], { gamma: 0.1 });
    super(optimizer);
    this.#stepSize = expectCount("StepLR", "stepSize", given.stepSize);
    this.#gamma = given.gamma;
  }

  protected override rate(current: number): number {
    return this.lastEpoch % this.#stepSize === 0 ? current * this.#gamma : current;
  }
}

/** Multiplies by `gamma` at each of the given steps. PyTorch: `MultiStepLR`. */
export class MultiStepLR extends LRScheduler {
  readonly #milestones: readonly number[];
  readonly #gamma: number;

  constructor(
    optimizer: Optimizer,
    milestones: readonly number[] | { readonly milestones: readonly number[]; readonly gamma?: number },
    gamma?: number | { readonly gamma?: number },
  ) {
    const [steps, factor = 0.1] = byPlace(
      "MultiStepLR",
      { places: ["milestones", "gamma"] },
      withoutEnd([milestones, gamma]),
    );
    if (!Array.isArray(steps)) throw new EngineError("value", "MultiStepLR: milestones must be an array of steps");
    super(optimizer);
    this.#milestones = steps as readonly number[];
    this.#gamma = settings("MultiStepLR", ["gamma"], [factor]).gamma;
  }

  protected override rate(current: number): number {
    const times = this.#milestones.filter((milestone) => milestone === this.lastEpoch).length;
    return current * this.#gamma ** times;
  }
}

/** Multiplies by `gamma` at every step. PyTorch: `ExponentialLR`. */
export class ExponentialLR extends LRScheduler {
  readonly #gamma: number;

  constructor(optimizer: Optimizer, gamma: number | { readonly gamma: number }) {
    const given = settings("ExponentialLR", ["gamma"], [gamma]);
    super(optimizer);
    this.#gamma = given.gamma;
  }

  protected override rate(current: number): number {
    return current * this.#gamma;
  }
}

/** The first rate times `factor(step)`. PyTorch: `LambdaLR`. */
export class LambdaLR extends LRScheduler {
  readonly #factor: (step: number) => number;

  constructor(optimizer: Optimizer, factor: (step: number) => number) {
    super(optimizer);
    this.#factor = factor;
    this.restart();
  }

  protected override first(base: number): number {
    return base * this.#factor(0);
  }

  protected override rate(_: number, base: number): number {
    return base * this.#factor(this.lastEpoch);
  }
}

/** Falls from the first rate to `etaMin` along half a cosine in `tMax` steps. PyTorch: `CosineAnnealingLR`. */
export class CosineAnnealingLR extends LRScheduler {
  readonly #tMax: number;
  readonly #etaMin: number;

  constructor(
    optimizer: Optimizer,
    tMax: number | { readonly tMax: number; readonly etaMin?: number },
    etaMin?: number | { readonly etaMin?: number },
  ) {
    const given = settings("CosineAnnealingLR", ["tMax", "etaMin"], [tMax, etaMin], { etaMin: 0 });
    super(optimizer);
    this.#tMax = expectCount("CosineAnnealingLR", "tMax", given.tMax);
    this.#etaMin = given.etaMin;
  }

  // From step to step, so that a change of the rate by hand carries on; past tMax the cosine goes up again.
  protected override rate(current: number, base: number): number {
    const [t, tMax, low] = [this.lastEpoch, this.#tMax, this.#etaMin];
    if ((t - 1 - tMax) % (2 * tMax) === 0) return current + ((base - low) * (1 - Math.cos(Math.PI / tMax))) / 2;
    const factor = (1 + Math.cos((Math.PI * t) / tMax)) / (1 + Math.cos((Math.PI * (t - 1)) / tMax));
    return factor * (current - low) + low;
  }
}

export interface PlateauOptions {
  /** Whether the metric should fall or rise. */
  readonly mode?: "min" | "max";
  readonly factor?: number;
  /** Steps without an improvement before the rate is lowered. */
  readonly patience?: number;
  readonly threshold?: number;
  readonly thresholdMode?: "rel" | "abs";
  /** Steps to wait after lowering the rate. */
  readonly cooldown?: number;
  readonly minLr?: number;
  readonly eps?: number;
}

/** Lowers the rate when a metric stops improving. PyTorch: `ReduceLROnPlateau`. */
export class ReduceLROnPlateau {
  readonly #optimizer: Optimizer;
  readonly #options: Required<PlateauOptions>;
  #best: number;
  #bad = 0;
  #cooling = 0;

  constructor(optimizer: Optimizer, options: PlateauOptions = {}) {
    checkOptions("ReduceLROnPlateau", options, [
      "mode",
      "factor",
      "patience",
      "threshold",
      "thresholdMode",
      "cooldown",
      "minLr",
      "eps",
    ]);
    this.#optimizer = optimizer;
    this.#options = {
      mode: "min",
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: "rel",
      cooldown: 0,
      minLr: 0,
      eps: 1e-8,
      ...options,
    };
    this.#best = this.#options.mode === "min" ? Infinity : -Infinity;
  }

  step(metric: number | { item(): number }): void {
    const value = typeof metric === "number" ? metric : metric.item();
    const { factor, patience, cooldown, minLr, eps } = this.#options;
    if (this.#isBetter(value)) {
      this.#best = value;
      this.#bad = 0;
    } else this.#bad++;
    if (this.#cooling > 0) {
      this.#cooling--;
      this.#bad = 0;
    }
    if (this.#bad <= patience) return;
    for (const group of this.#optimizer.paramGroups) {
      const lowered = Math.max(group.lr * factor, minLr);
      if (group.lr - lowered > eps) group.lr = lowered;
    }
    this.#cooling = cooldown;
    this.#bad = 0;
  }

  getLastLr(): number[] {
    return this.#optimizer.paramGroups.map((group) => group.lr);
  }

  #isBetter(value: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const margin = thresholdMode === "abs" ? threshold : Math.abs(this.#best) * threshold;
    if (!Number.isFinite(this.#best)) return mode === "min" ? value < this.#best : value > this.#best;
    return mode === "min" ? value < this.#best - margin : value > this.#best + margin;
  }
}
