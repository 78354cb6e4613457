import type { Tensor } from "../core/tensor.ts";

/** Results that may be taken in their order too, as those of PyTorch's named tuples: `[values, indices]`, `[0]`. */
export interface InOrder {
  readonly 0: Tensor;
  readonly 1: Tensor;
  [Symbol.iterator](): IterableIterator<Tensor>;
}

class NamedResults {
  get 0(): unknown {
    return all(this)[0];
  }

  get 1(): unknown {
    return all(this)[1];
  }

  get 2(): unknown {
    return all(this)[2];
  }

  [Symbol.iterator](): IterableIterator<unknown> {
    return all(this).values();
  }
}

function all(results: NamedResults): unknown[] {
  return Object.values(results) as unknown[];
}

/** @param results by name, in the order in which PyTorch gives them. */
export function namedResults<T extends Readonly<Record<string, Tensor>>>(results: T): T & InOrder {
  return Object.assign(new NamedResults(), results) as unknown as T & InOrder;
}
