import type { LogColumn } from "../../engine/protocol/training-log.ts";
import { curvePath, type CurveRange } from "../../engine/recording/curve.ts";
import { columnsOf, isLogarithmic, isSmoothed, losses } from "../state/training.ts";
import { formatNumber } from "../ui/format.ts";
import { smoothed } from "./smoothed.ts";

export const CURVE_HEIGHT = 72;
const EDGE = 2;

/** The loss of each line that calls backward(): a line of means, and a band from the least to the largest of each bucket. */
export function LossCurves({ width }: { readonly width: number }) {
  const columns = columnsOf(losses.value, "loss");
  const range = rangeOf(columns.flatMap(({ min, max }) => [...min, ...max]));
  if (!range) return <svg class="curves" width={width} height={CURVE_HEIGHT} aria-hidden="true" />;
  // From the middle of the first column below to that of the last.
  const inset = width / 2 / Math.max(1, columns[0]?.mean.length ?? 1);
  const box = { width: width - 2 * inset, height: CURVE_HEIGHT - 2 * EDGE };
  return (
    <svg class="curves" width={width} height={CURVE_HEIGHT} aria-hidden="true">
      <g transform={`translate(${inset.toFixed(1)} ${String(EDGE)})`}>
        {columns.map((column, i) => (
          <g key={column.row} class={`loss-${String(i % 4)}`}>
            <path class="band" d={band(column, range, box)} />
            <path
              class="curve"
              d={curvePath(isSmoothed.value ? smoothed(courseOf(column)) : courseOf(column), range, box)}
            />
          </g>
        ))}
      </g>
      <text x="-6" y="10">
        {formatNumber(range.high)}
      </text>
      <text x="-6" y={CURVE_HEIGHT - 3}>
        {formatNumber(range.low)}
      </text>
    </svg>
  );
}

/** The means, null where no pass of the bucket came from this line: of two losses that take turns, each has every other pass. */
function courseOf({ mean, count }: LogColumn): (number | null)[] {
  return Array.from(mean, (value, i) => (count[i] === 0 ? null : value));
}

function rangeOf(values: readonly number[]): CurveRange | null {
  const finite = values.filter((value) => Number.isFinite(value) && (!isLogarithmic.value || value > 0));
  if (finite.length === 0) return null;
  const [low, high] = finite.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  return { low, high, log: isLogarithmic.value };
}

/** The outline of a band: along the largest, and back along the least. */
function band(
  { min, max }: { readonly min: Float64Array; readonly max: Float64Array },
  range: CurveRange,
  box: { readonly width: number; readonly height: number },
): string {
  if (min.every((value, i) => value === max[i] || Number.isNaN(value))) return "";
  const step = box.width / Math.max(1, min.length - 1);
  const point = (value: number, i: number): string | null => {
    if (!Number.isFinite(value) || (range.log && value <= 0)) return null;
    const share =
      range.high === range.low
        ? 0.5
        : range.log
          ? Math.log(value / range.low) / Math.log(range.high / range.low)
          : (value - range.low) / (range.high - range.low);
    return `${(i * step).toFixed(1)} ${(box.height * (1 - share)).toFixed(1)}`;
  };
  const up = Array.from(max, point).filter((one) => one !== null);
  const down = Array.from(min, point).filter((one) => one !== null);
  return up.length === 0 ? "" : `M${[...up, ...down.reverse()].join("L")}Z`;
}
