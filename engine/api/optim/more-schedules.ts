import { EngineError } from "../../context/engine-error.ts";
import { checkOptions } from "../../context/options.ts";
import { LRScheduler } from "./lr-scheduler.ts";
import type { Optimizer } from "./optimizer.ts";

/** Schedulers that go from one factor to another, and those that are made of others. */

export interface LinearOptions {
  readonly startFactor?: number;
  readonly endFactor?: number;
  /** Steps until the end factor is reached. */
  readonly totalIters?: number;
}

/** The first rate times a factor that goes evenly from `startFactor` to `endFactor`. PyTorch: `LinearLR`. */
export class LinearLR extends LRScheduler {
  readonly #from: number;
  readonly #to: number;
  readonly #steps: number;

  constructor(optimizer: Optimizer, options: LinearOptions = {}) {
    super(optimizer);
    checkOptions("LinearLR", options, ["startFactor", "endFactor", "totalIters"]);
    this.#from = options.startFactor ?? 1 / 3;
    this.#to = options.endFactor ?? 1;
    this.#steps = options.totalIters ?? 5;
    for (const group of optimizer.paramGroups) group.lr *= this.#from;
  }

  protected override rate(_: number, base: number): number {
    const share = Math.min(this.lastEpoch, this.#steps) / this.#steps;
    return base * (this.#from + (this.#to - this.#from) * share);
  }
}

/** The first rate times `factor` until `totalIters` steps are done. PyTorch: `ConstantLR`. */
export class ConstantLR extends LRScheduler {
  readonly #factor: number;
  readonly #steps: number;

  constructor(optimizer: Optimizer, options: { readonly factor?: number; readonly totalIters?: number } = {}) {
    super(optimizer);
    checkOptions("ConstantLR", options, ["factor", "totalIters"]);
    this.#factor = options.factor ?? 1 / 3;
    this.#steps = options.totalIters ?? 5;
    for (const group of optimizer.paramGroups) group.lr *= this.#factor;
  }

  protected override rate(_: number, base: number): number {
    return this.lastEpoch < this.#steps ? base * this.#factor : base;
  }
}

/** Falls to 0 in `totalIters` steps along a power. PyTorch: `PolynomialLR`. */
export class PolynomialLR extends LRScheduler {
  readonly #steps: number;
  readonly #power: number;

  constructor(optimizer: Optimizer, options: { readonly totalIters?: number; readonly power?: number } = {}) {
    super(optimizer);
    checkOptions("PolynomialLR", options, ["totalIters", "power"]);
    this.#steps = options.totalIters ?? 5;
    this.#power = options.power ?? 1;
  }

  protected override rate(_: number, base: number): number {
    return base * (1 - Math.min(this.lastEpoch, this.#steps) / this.#steps) ** this.#power;
  }
}

/** Multiplies by `factor(step)` at every step. PyTorch: `MultiplicativeLR`. */
export class MultiplicativeLR extends LRScheduler {
  readonly #factor: (step: number) => number;

  constructor(optimizer: Optimizer, factor: (step: number) => number) {
    super(optimizer);
    this.#factor = factor;
  }

  protected override rate(current: number): number {
    return current * this.#factor(this.lastEpoch);
  }
}

/** Half a cosine that starts anew after `t0` steps, then after `tMult` times as many. Loshchilov and Hutter, 2017. */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  readonly #tMult: number;
  readonly #etaMin: number;
  #length: number;
  #at = 0;

  constructor(optimizer: Optimizer, t0: number, options: { readonly tMult?: number; readonly etaMin?: number } = {}) {
    super(optimizer);
    checkOptions("CosineAnnealingWarmRestarts", options, ["tMult", "etaMin"]);
    if (!Number.isInteger(t0) || t0 < 1) {
      throw new EngineError("value", `CosineAnnealingWarmRestarts: t0 must be a whole number above 0, found ${t0}`);
    }
    this.#length = t0;
    this.#tMult = options.tMult ?? 1;
    this.#etaMin = options.etaMin ?? 0;
  }

  override step(): void {
    if (++this.#at >= this.#length) {
      this.#at -= this.#length;
      this.#length *= this.#tMult;
    }
    super.step();
  }

  protected override rate(_: number, base: number): number {
    return this.#etaMin + ((base - this.#etaMin) * (1 + Math.cos((Math.PI * this.#at) / this.#length))) / 2;
  }
}
