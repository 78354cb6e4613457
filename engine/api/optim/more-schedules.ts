import { LRScheduler } from "./lr-scheduler.ts";
import type { Optimizer } from "./optimizer.ts";
import { expectCount, settings } from "../settings.ts";

/** Schedulers that multiply the rate, and a cosine that starts anew. */

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

  protected override first(base: number): number {
    return base * this.#from;
  }

  // From step to step, so that others may change the rate as well: what comes of both is their product.
  protected override rate(current: number): number {
    if (this.lastEpoch > this.#steps) return current;
    const rise = (this.#to - this.#from) / this.#steps;
    return current * (1 + rise / (this.#from + (this.lastEpoch - 1) * rise));
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

  protected override first(base: number): number {
    return base * this.#factor;
  }

  protected override rate(current: number, base: number): number {
    if (this.lastEpoch !== this.#steps) return current;
    return this.#factor === 0 ? base : current / this.#factor;
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

  protected override rate(current: number): number {
    if (this.lastEpoch > this.#steps) return current;
    const left = this.#steps - this.lastEpoch;
    return current * (left / (left + 1)) ** this.#power;
  }
}

/** Multiplies by `factor(step)` at every step. PyTorch: `MultiplicativeLR`. */
export class MultiplicativeLR extends LRScheduler {
  readonly #factor: (step: number) => number;

  constructor(optimizer: Optimizer, factor: (step: number) => number) {
    super(optimizer);
    this.#factor = factor;
  }

  protected override first(_: number, current: number): number {
    return current;
  }

  protected override rate(current: number): number {
    return current * this.#factor(this.lastEpoch);
  }
}

/** Half a cosine that starts anew after `t0` steps, then after `tMult` times as many. Loshchilov and Hutter, 2017. */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  readonly #tMult: number;
  readonly #etaMin: number;
  readonly #first: number;
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
    this.#first = this.#length = expectCount("CosineAnnealingWarmRestarts", "t0", given.t0);
    this.#tMult = expectCount("CosineAnnealingWarmRestarts", "tMult", given.tMult);
    this.#etaMin = given.etaMin;
  }

  override restart(): void {
    this.#at = 0;
    this.#length = this.#first;
    super.restart();
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
