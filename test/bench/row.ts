/** One measurement, and what it is measured against. */
export interface Row {
  readonly suite: string;
  readonly work: string;
  readonly threads: number;
  readonly ours: number;
  readonly unit: string;
  readonly peer: string | null;
  readonly peerValue: number | null;
  /** Ours in units of the peer's, or of what the goal speaks of. */
  readonly ratio: number | null;
  readonly goal: string;
  readonly met: boolean | null;
  /** Why there is no peer, or what the ratio is of. */
  readonly note?: string;
}

export interface SuiteOptions {
  /** Shorter measurements, for a look in passing. */
  readonly quick: boolean;
}

export type Suite = (options: SuiteOptions) => Promise<readonly Row[]>;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

/** Median milliseconds of a call, after enough of them for V8 to have compiled it and for memory to be in use again. */
export function timeOf(work: () => void, { quick }: SuiteOptions, least = 15): number {
  const start = performance.now();
  const [warm, longest, calls] = quick ? [300, 2000, 40] : [1000, 6000, 150];
  for (let i = 0; i < 3 || elapsed() < warm || (i < calls && elapsed() < longest); i++) work();
  function elapsed(): number {
    return performance.now() - start;
  }
  const times: number[] = [];
  const end = performance.now() + (quick ? 400 : 1500);
  while (performance.now() < end || times.length < least) {
    const begin = performance.now();
    work();
    times.push(performance.now() - begin);
  }
  return median(times);
}
