import { EngineError } from "../../context/engine-error.ts";
import { checkOptions } from "../../context/options.ts";
import { LRScheduler } from "./lr-scheduler.ts";
import type { LearningRate, Optimizer } from "./optimizer.ts";

/** Schedulers of the rate and of the momentum, which falls while the rate rises. */

/** What a group may have besides its rate. */
type MomentumGroup = LearningRate & { momentum?: number; betas?: readonly [number, number] };

/** Sets the momentum of a group, or the first beta. */
function setMomentum(group: MomentumGroup, momentum: number): void {
  if (group.betas !== undefined) group.betas = [momentum, group.betas[1]];
  else if (group.momentum !== undefined) group.momentum = momentum;
}

/** A scheduler that sets the momentum of every group beside its rate, from the first step on. */
abstract class MomentumScheduler extends LRScheduler {
  override restart(): void {
    super.restart();
    this.#setMomentum();
  }

  override step(): void {
    super.step();
    this.#setMomentum();
  }

  protected override first(base: number, current: number): number {
    return this.rate(current, base);
  }

  /** The momentum at this step; null where it is left as it is. */
  protected abstract momentum(): number | null;

  #setMomentum(): void {
    const momentum = this.momentum();
    if (momentum === null) return;
    for (const group of this.optimizer.paramGroups) setMomentum(group, momentum);
  }
}

export interface CyclicOptions {
  /** Steps in which the rate rises. */
  readonly stepSizeUp?: number;
  /** Steps in which it falls; as many as it rises, where this is left out. */
  readonly stepSizeDown?: number;
  /** Whether each cycle is as high as the first, half as high as the one before, or lower by `gamma` with every step. */
  readonly mode?: "triangular" | "triangular2" | "exp_range";
  readonly gamma?: number;
  /** The height of a cycle in place of `mode`, by its number, or by the number of the step. */
  readonly scaleFn?: (at: number) => number;
  readonly scaleMode?: "cycle" | "iterations";
  readonly cycleMomentum?: boolean;
  readonly baseMomentum?: number;
  readonly maxMomentum?: number;
}

/** Rises from `baseLr` to `maxLr` and falls again, over and over. Smith, 2017. PyTorch: `CyclicLR`. */
export class CyclicLR extends MomentumScheduler {
  readonly #baseLr: number;
  readonly #maxLr: number;
  readonly #up: number;
  readonly #length: number;
  readonly #heightOf: (cycle: number, step: number) => number;
  readonly #momentum: { readonly base: number; readonly max: number } | null;

  constructor(optimizer: Optimizer, baseLr: number, maxLr: number, options: CyclicOptions = {}) {
    checkOptions("CyclicLR", options, [
      "stepSizeUp",
      "stepSizeDown",
      "mode",
      "gamma",
      "scaleFn",
      "scaleMode",
      "cycleMomentum",
      "baseMomentum",
      "maxMomentum",
    ]);
    const { stepSizeUp = 2000, mode = "triangular", gamma = 1, scaleFn, scaleMode = "cycle" } = options;
    const { cycleMomentum = true, baseMomentum = 0.8, maxMomentum = 0.9 } = options;
    const heights = {
      triangular: () => 1,
      triangular2: (cycle: number) => 2 ** (1 - cycle),
      exp_range: (_: number, step: number) => gamma ** step,
    };
    if (scaleFn === undefined && !(mode in heights)) {
      throw new EngineError("value", `CyclicLR: mode must be one of ${Object.keys(heights).join(", ")}, found ${mode}`);
    }
    if (cycleMomentum && !("momentum" in optimizer.defaults || "betas" in optimizer.defaults)) {
      throw new EngineError("value", `CyclicLR: ${optimizer.constructor.name} has no momentum to cycle`, {
        fix: "pass { cycleMomentum: false }",
      });
    }
    super(optimizer);
    this.#baseLr = baseLr;
    this.#maxLr = maxLr;
    this.#up = stepSizeUp;
    this.#length = stepSizeUp + (options.stepSizeDown ?? stepSizeUp);
    this.#heightOf =
      scaleFn === undefined ? heights[mode] : (cycle, step) => scaleFn(scaleMode === "cycle" ? cycle : step);
    this.#momentum = cycleMomentum ? { base: baseMomentum, max: maxMomentum } : null;
    this.restart();
  }

  protected override rate(): number {
    return this.#baseLr + (this.#maxLr - this.#baseLr) * this.#height();
  }

  protected override momentum(): number | null {
    if (this.#momentum === null) return null;
    const { base, max } = this.#momentum;
    return max - (max - base) * this.#height();
  }

  /** Where between the two rates this step is. */
  #height(): number {
    const at = this.lastEpoch % this.#length;
    const share = at <= this.#up ? at / this.#up : (this.#length - at) / (this.#length - this.#up);
    return share * this.#heightOf(1 + Math.floor(this.lastEpoch / this.#length), this.lastEpoch);
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

/** Rises to `maxLr`, then falls far below the first rate. Smith and Topin, 2018. PyTorch: `OneCycleLR`. */
export class OneCycleLR extends MomentumScheduler {
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
    this.restart();
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

  protected override momentum(): number | null {
    const { cycleMomentum, baseMomentum, maxMomentum } = this.#options;
    return cycleMomentum ? this.#between(maxMomentum, baseMomentum, maxMomentum) : null;
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
