import { LRScheduler } from "./lr-scheduler.ts";
import type { Optimizer } from "./optimizer.ts";
import { expectCount, settings } from "../settings.ts";

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

  /** @param given the options, or their values by place */
  constructor(optimizer: Optimizer, ...given: readonly [LinearOptions?] | readonly number[]) {
    const names = ["startFactor", "endFactor", "totalIters"] as const;
    const options = settings("LinearLR", names, given, { startFactor: 1 / 3, endFactor: 1, totalIters: 5 });
    super(optimizer);
    this.#from = options.startFactor;
    this.#to = options.endFactor;
    this.#steps = options.totalIters;
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

  /** @param given the options, or their values by place */
  constructor(
    optimizer: Optimizer,
    ...given: readonly [{ readonly factor?: number; readonly totalIters?: number }?] | readonly number[]
  ) {
    const options = settings("ConstantLR", ["factor", "totalIters"], given, { factor: 1 / 3, totalIters: 5 });
    super(optimizer);
    this.#factor = options.factor;
    this.#steps = options.totalIters;
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

  /** @param given the options, or their values by place */
  constructor(
    optimizer: Optimizer,
    ...given: readonly [{ readonly totalIters?: number; readonly power?: number }?] | readonly number[]
  ) {
    const options = settings("PolynomialLR", ["totalIters", "power"], given, { totalIters: 5, power: 1 });
    super(optimizer);
    this.#steps = options.totalIters;
    this.#power = options.power;
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

  constructor(
    optimizer: Optimizer,
    t0: number | { readonly t0: number; readonly tMult?: number; readonly etaMin?: number },
    tMult?: number | { readonly tMult?: number; readonly etaMin?: number },
    etaMin?: number | { readonly etaMin?: number },
  ) {
    const names = ["t0", "tMult", "etaMin"] as const;
    const given = settings("CosineAnnealingWarmRestarts", names, [t0, tMult, etaMin], { tMult: 1, etaMin: 0 });
    super(optimizer);
    this.#length = expectCount("CosineAnnealingWarmRestarts", "t0", given.t0);
    this.#tMult = expectCount("CosineAnnealingWarmRestarts", "tMult", given.tMult);
    this.#etaMin = given.etaMin;
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
