import { byPlace } from "../../context/keywords.ts";
import { checkOptions } from "../../context/options.ts";
import { EngineError } from "../../context/engine-error.ts";
import { programObserver } from "../../context/program-observer.ts";
import type { LearningRate, Optimizer } from "./optimizer.ts";
import { expectCount, settings, withoutEnd } from "../settings.ts";

/** What `optim.lrScheduler` offers. A scheduler sets the learning rate of each of an optimizer's groups. */

/** Learning rates of each group as functions of the number of steps. */
export abstract class LRScheduler {
  readonly optimizer: Optimizer;
  /** Each group's rate when the scheduler was made. */
  readonly baseLrs: readonly number[];
  /** Steps so far. */
  lastEpoch = 0;

  constructor(optimizer: Optimizer) {
    this.optimizer = optimizer;
    this.baseLrs = optimizer.paramGroups.map((group) => group.lr);
    programObserver()?.schedulerMade(this);
  }

  step(): void {
    this.lastEpoch++;
    this.optimizer.paramGroups.forEach((group, i) => (group.lr = this.rate(group.lr, this.baseLrs[i]!)));
    programObserver()?.schedulerStepped(this);
  }

  getLastLr(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
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
    optimizer.paramGroups.forEach((group, i) => (group.lr = this.baseLrs[i]! * factor(0)));
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

export interface OneCycleOptions {
  /** All steps; or `epochs` times `stepsPerEpoch`. */
  readonly totalSteps?: number;
  readonly epochs?: number;
  readonly stepsPerEpoch?: number;
  /** Share of the steps in which the rate rises. */
  readonly pctStart?: number;
  readonly annealStrategy?: "cos" | "linear";
  /** Whether the momentum (or the first beta) falls while the rate rises. */
  readonly cycleMomentum?: boolean;
  readonly baseMomentum?: number;
  readonly maxMomentum?: number;
  /** maxLr over the first rate. */
  readonly divFactor?: number;
  /** The first rate over the last. */
  readonly finalDivFactor?: number;
  /** Fall to the first rate as steeply as it rose, and only then below it. */
  readonly threePhase?: boolean;
}

/** What a group may have besides its rate. */
type MomentumGroup = LearningRate & { momentum?: number; betas?: readonly [number, number] };

/** Rises to `maxLr`, then falls far below the first rate. Smith and Topin, 2018. PyTorch: `OneCycleLR`. */
export class OneCycleLR extends LRScheduler {
  readonly #maxLr: number;
  readonly #totalSteps: number;
  readonly #options: Required<Omit<OneCycleOptions, "totalSteps" | "epochs" | "stepsPerEpoch">>;

  constructor(optimizer: Optimizer, maxLr: number, options: OneCycleOptions) {
    super(optimizer);
    checkOptions("OneCycleLR", options, [
      "totalSteps",
      "epochs",
      "stepsPerEpoch",
      "pctStart",
      "annealStrategy",
      "cycleMomentum",
      "baseMomentum",
      "maxMomentum",
      "divFactor",
      "finalDivFactor",
      "threePhase",
    ]);
    const { totalSteps, epochs, stepsPerEpoch, ...rest } = options;
    const total = totalSteps ?? (epochs ?? NaN) * (stepsPerEpoch ?? NaN);
    if (!Number.isInteger(total) || total < 1) {
      throw new EngineError(
        "value",
        "OneCycleLR: needs totalSteps, or epochs and stepsPerEpoch, as whole numbers above 0",
      );
    }
    this.#maxLr = maxLr;
    this.#totalSteps = total;
    this.#options = {
      pctStart: 0.3,
      annealStrategy: "cos",
      cycleMomentum: true,
      baseMomentum: 0.85,
      maxMomentum: 0.95,
      divFactor: 25,
      finalDivFactor: 1e4,
      threePhase: false,
      ...rest,
    };
    for (const group of optimizer.paramGroups) group.lr = this.rate();
    this.#setMomentum();
  }

  override step(): void {
    super.step();
    this.#setMomentum();
  }

  protected override rate(): number {
    const { divFactor, finalDivFactor } = this.#options;
    if (this.lastEpoch >= this.#totalSteps) {
      throw new EngineError(
        "value",
        `OneCycleLR: step ${this.lastEpoch} is beyond the ${this.#totalSteps} steps of the cycle`,
        { fix: "make totalSteps the number of all steps" },
      );
    }
    const first = this.#maxLr / divFactor;
    return this.#between(first, this.#maxLr, first / finalDivFactor);
  }

  #setMomentum(): void {
    const { cycleMomentum, baseMomentum, maxMomentum } = this.#options;
    if (!cycleMomentum) return;
    const momentum = this.#between(maxMomentum, baseMomentum, maxMomentum);
    for (const group of this.optimizer.paramGroups as MomentumGroup[]) {
      if (group.betas !== undefined) group.betas = [momentum, group.betas[1]];
      else if (group.momentum !== undefined) group.momentum = momentum;
    }
  }

  /** The value at this step of one that goes from `first` to `peak` and on to `last`. */
  #between(first: number, peak: number, last: number): number {
    const { pctStart, annealStrategy, threePhase } = this.#options;
    const top = pctStart * this.#totalSteps - 1;
    const end = this.#totalSteps - 1;
    const phases = threePhase
      ? [
          { until: top, from: first, to: peak },
          { until: 2 * top, from: peak, to: first },
          { until: end, from: first, to: last },
        ]
      : [
          { until: top, from: first, to: peak },
          { until: end, from: peak, to: last },
        ];
    let start = 0;
    for (const { until, from, to } of phases) {
      if (this.lastEpoch <= until || until === end) {
        const share = (this.lastEpoch - start) / (until - start);
        return annealStrategy === "linear"
          ? from + (to - from) * share
          : to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
      }
      start = until;
    }
    return last;
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
