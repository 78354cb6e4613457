import { curvePath, heightIn, rangeOf } from "../../engine/recording/curve.ts";

const WIDTH = 144;
const HEIGHT = 32;
const EDGE = 3;

/** A small curve of a number's course over the passes, with the pass that is meant. The numbers stand beside it. */
export function Sparkline({
  values,
  at,
  label,
}: {
  readonly values: readonly number[];
  readonly at: number | null;
  readonly label: string;
}) {
  const range = rangeOf([values]);
  if (!range || values.length < 3) return null;
  const box = { width: WIDTH - 2 * EDGE, height: HEIGHT - 2 * EDGE };
  const broken = values.findIndex((value) => !Number.isFinite(value));
  const marked = broken >= 0 ? broken : at;
  const x = marked === null ? 0 : (marked / Math.max(1, values.length - 1)) * box.width;
  const value = marked === null ? Number.NaN : (values[marked] ?? Number.NaN);
  return (
    <svg class="sparkline" width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <g transform={`translate(${String(EDGE)} ${String(EDGE)})`}>
        <path class="curve" d={curvePath(values, range, box)} />
        {marked !== null && <path class="place" d={`M${x.toFixed(1)} 0V${String(box.height)}`} />}
        {marked !== null && Number.isFinite(value) && (
          <circle class="place" cx={x} cy={box.height * (1 - heightIn(range, value))} r="2.5" />
        )}
      </g>
    </svg>
  );
}
