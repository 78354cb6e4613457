import type { SiteId } from "../protocol/ids.ts";
import { originOf, originOfReads, startEpoch, tracksOrigins, type Origin } from "./origin.ts";
import { programObserver } from "../context/program-observer.ts";
import { currentSite } from "../context/site.ts";
import type { Tensor } from "./tensor.ts";

/** A value of the graph that became plain numbers: whatever is made of those gets no gradient. */
export interface Read {
  readonly site: SiteId;
  /** The method by which it was read: "item". */
  readonly by: string;
  readonly origin: Origin;
  /** At most {@link MOST_VALUES} of them. */
  readonly values: readonly number[];
}

const MOST_READS = 64;
const MOST_VALUES = 16;

/** The newest reads, oldest first. */
let reads: Read[] = [];

/** Notes that numbers of a tensor left the graph, when a gradient could have flowed back through it. */
export function noteRead(by: string, tensor: Tensor, values: ArrayLike<number>): void {
  if (!tracksOrigins() || (!tensor.requiresGrad && tensor.origin?.fromGraph !== true)) return;
  if (!tensor.requiresGrad) programObserver()?.readOff();
  if (reads.length === MOST_READS) reads = reads.slice(MOST_READS / 2);
  reads.push({ site: currentSite(), by, origin: originOf(tensor), values: Array.from(values).slice(0, MOST_VALUES) });
}

/** The origin of a tensor made of numbers that were read off the graph. */
export function originOfNumbers(
  op: { readonly id: string; readonly name: string },
  sources: readonly Read[],
  result: Tensor,
): Origin {
  const through = [...new Set(sources)].map(({ site, by, origin }) =>
    originOfReads({ id: "read", name: by }, [origin], { site, shape: result.shape }),
  );
  return originOfReads(op, through, result);
}

/** The newest reads of numbers that could have been made into a tensor, newest first. */
export function recentReads(): readonly Read[] {
  return reads.toReversed();
}

/** From here on only later reads count: a pass has run. */
export function forgetReads(): void {
  reads = [];
  startEpoch();
}

/** The read that a number most likely came from. Small whole numbers come from anywhere. */
export function readOf(value: number): Read | null {
  if (Number.isInteger(value) && Math.abs(value) < 1000) return null;
  return reads.findLast(({ values }) => values.includes(value)) ?? null;
}
