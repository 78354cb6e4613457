import type { NodeId } from "../protocol/ids.ts";
import type { Terms } from "../protocol/inspection.ts";
import { unflatten } from "../core/element-index.ts";
import type { ReadablePass } from "./readable-pass.ts";

/** Terms shown one by one; the rest are summed. */
const MOST_TERMS = 5;

interface Term {
  readonly consumer: number;
  /** Flat; -1 for a term that belongs to no one element. */
  readonly element: number;
  readonly factors: Float64Array;
  readonly size: number;
}

/** A sum of products, its largest terms kept apart. */
export class LargestTerms {
  count = 0;
  sum = 0;
  /** Largest first. */
  readonly #kept: Term[] = [];

  add(consumer: number, element: number, upstream: number, local: number, product: number): void {
    this.count++;
    this.sum += product;
    // What is not a number spoils the sum, so it is what a person looks for.
    const size = Number.isNaN(product) ? Infinity : Math.abs(product);
    const kept = this.#kept;
    if (kept.length === MOST_TERMS && size <= kept[MOST_TERMS - 1]!.size) return;
    const term = { consumer, element, factors: Float64Array.of(upstream, local, product), size };
    const at = kept.findIndex((one) => one.size < size);
    kept.splice(at < 0 ? kept.length : at, 0, term);
    if (kept.length > MOST_TERMS) kept.pop();
  }

  taken(reader: ReadablePass): Terms {
    const kept = this.#kept;
    const others = this.count - kept.length;
    return {
      terms: kept.map(({ consumer, element, factors }) => ({
        consumer: consumer as NodeId,
        consumerIndex: element < 0 ? [] : unflatten(reader.shape(consumer), element),
        factors,
      })),
      others: Float64Array.of(others === 0 ? 0 : this.sum - kept.reduce((sum, { factors }) => sum + factors[2]!, 0)),
      othersCount: others,
    };
  }
}
