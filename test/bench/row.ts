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

/** Measures one row after another. */
export type Suite = (options: SuiteOptions) => AsyncGenerator<Row, void>;

/** A Markdown table's head for {@link lineOf}. */
export const HEAD = tableLines([["work", "threads", "ours", "against", "ratio", "goal", "met"], Array(7).fill("---")]);

export function lineOf(row: Row): string {
  return tableLines([
    [
      row.work,
      String(row.threads),
      `${numberText(row.ours)} ${row.unit}`,
      row.peer === null ? (row.note ?? "–") : `${row.peer}: ${numberText(row.peerValue)}`,
      numberText(row.ratio),
      row.goal,
      row.met === null ? "–" : row.met ? "yes" : "**no**",
    ],
  ]);
}

function tableLines(lines: readonly (readonly string[])[]): string {
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function numberText(value: number | null): string {
  return value === null ? "–" : Number(value.toPrecision(3)).toString();
}

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
