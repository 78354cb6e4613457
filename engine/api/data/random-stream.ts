import { philox } from "../../kernels/reference/random.ts";

/** Random numbers that depend on the seed alone: the same on every machine, whatever else is drawn. */
export class RandomStream {
  readonly #seed: number;
  #counter = 0;
  readonly #words = new Uint32Array(4);
  #left = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  #word(): number {
    if (this.#left === 0) {
      philox(this.#counter++, this.#seed, this.#words);
      this.#left = 4;
    }
    return this.#words[4 - this.#left--]!;
  }

  /** Uniform in [low, high), of 32 bits. */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.#word() / 2 ** 32);
  }

  /** Box and Muller, 1958. */
  normal(mean = 0, std = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return mean + std * radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A whole number in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** The numbers below n in random order. Fisher and Yates. */
  permutation(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
