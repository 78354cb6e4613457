/** Numbers of a run as points of a path: where one is not finite the path is broken. */
export interface CurveRange {
  readonly low: number;
  readonly high: number;
  /** Whether heights are logarithms. */
  readonly log: boolean;
}

/** Numbers over this many decades are seen on a logarithmic scale only. */
const DECADES = 2;

/** A range that holds all finite numbers; null where there are none. */
export function rangeOf(curves: readonly (readonly number[])[]): CurveRange | null {
  let [low, high] = [Infinity, -Infinity];
  for (const curve of curves) {
    for (const value of curve) {
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return null;
  const log = low > 0 && Math.log10(high / low) > DECADES;
  return { low, high, log };
}

/** Where a number lies in a range, from 0 to 1. */
export function heightIn({ low, high, log }: CurveRange, value: number): number {
  if (high === low) return 0.5;
  return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/**
 * An SVG path through at most twice as many points as the box is wide; of more, the extremes of each pixel. It is broken at
 * numbers that are not finite, and goes on past null, where there is none. A number that has none beside it is a line of no
 * length: a dot, where lines have round ends.
 */
export function curvePath(
  values: readonly (number | null)[],
  range: CurveRange,
  box: { readonly width: number; readonly height: number },
  /** How many passes the width stands for. */
  length = values.length,
): string {
  const step = box.width / Math.max(1, length - 1);
  const y = (value: number): string => (box.height * (1 - heightIn(range, value))).toFixed(1);
  let path = "";
  let isDown = false;
  let isDot = false;
  const lift = (): void => {
    if (isDot) path += "h0";
    [isDown, isDot] = [false, false];
  };
  const put = (i: number, value: number | null): void => {
    if (value === null) return;
    if (!Number.isFinite(value) || (range.log && value <= 0)) lift();
    else {
      isDot = !isDown;
      path += `${isDown ? "L" : "M"}${(i * step).toFixed(1)} ${y(value)}`;
      isDown = true;
    }
  };
  const bucket = Math.max(1, Math.ceil(1 / Math.max(step, 1e-9)));
  if (bucket === 1) values.forEach((value, i) => put(i, value));
  else {
    for (let start = 0; start < values.length; start += bucket) {
      const part = values.slice(start, start + bucket).filter((value) => value !== null);
      if (part.length === 0) continue;
      const finite = part.filter(Number.isFinite);
      if (finite.length === 0) put(start, Number.NaN);
      else {
        put(start, Math.min(...finite));
        put(start, Math.max(...finite));
      }
    }
  }
  lift();
  return path;
}
