import "./compared.css";
import { t } from "../../engine/language/translate.ts";
import { COMPARED, COMPARED_STRIDE, type CheckRow } from "../../engine/protocol/check.ts";
import { element } from "../state/ui.ts";
import { formatNumber } from "../ui/format.ts";

const SIZE = 132;
const MARGIN = 6;
/** Rows of the table. */
const MOST_ROWS = 8;
/** Off by more than its error bar, and by more than this share of the largest: worth a colour. */
const WORTH_A_COLOUR = 1e-4;

interface Point {
  readonly index: readonly number[];
  readonly analytic: number;
  readonly numeric: number;
  readonly errorBar: number;
  readonly isOff: boolean;
}

/** Every compared element of a gradient: the rule's number against finite differences, and those that differ most. */
export function ComparedSection({ row, shape }: { readonly row: CheckRow; readonly shape: readonly number[] }) {
  const points = pointsOf(row, shape);
  if (points.length < 2) return null;
  const gap = ({ analytic, numeric }: Point): number => Math.abs(analytic - numeric);
  const worst = points.toSorted((a, b) => gap(b) - gap(a)).slice(0, MOST_ROWS);
  return (
    <section>
      <h3>
        {t("Analytic against numeric")}
        <span class="spacer" />
        <span class="dim">
          {points.length < row.of ? t`${String(points.length)} of ${String(row.of)}` : t`all ${String(row.of)}`}
        </span>
      </h3>
      <div class="compared">
        <Scatter points={points} />
        <table>
          <thead>
            <tr>
              <th scope="col">{t("element")}</th>
              <th scope="col">{t("analytic")}</th>
              <th scope="col">{t("numeric")}</th>
            </tr>
          </thead>
          <tbody>
            {worst.map((point) => (
              <tr key={point.index.join()} class={point.isOff ? "off" : ""}>
                <th scope="row">
                  <button type="button" class="link" onClick={() => (element.value = point.index)}>
                    [{point.index.join(", ")}]
                  </button>
                </th>
                <td>{formatNumber(point.analytic)}</td>
                <td title={`± ${formatNumber(point.errorBar)}`}>{formatNumber(point.numeric)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** On the diagonal the two agree. One scale for both axes, symmetric around zero where there are both signs. */
function Scatter({ points }: { readonly points: readonly Point[] }) {
  const numbers = points.flatMap(({ analytic, numeric }) => [analytic, numeric]).filter(Number.isFinite);
  const low = Math.min(0, ...numbers);
  const high = Math.max(0, ...numbers);
  const place = (x: number): number => MARGIN + ((x - low) / (high - low || 1)) * (SIZE - 2 * MARGIN);
  const off = points.filter(({ isOff }) => isOff).length;
  const zero = place(0);
  return (
    <svg
      width={SIZE}
      height={SIZE}
      role="img"
      aria-label={t`${String(points.length)} elements, ${String(off)} off the diagonal`}
    >
      <path d={`M${zero} 0V${SIZE}M0 ${SIZE - zero}H${SIZE}`} class="axis" />
      <path d={`M0 ${SIZE}L${SIZE} 0`} class="diagonal" />
      {points.map(({ index, analytic, numeric, isOff }) =>
        Number.isFinite(analytic) && Number.isFinite(numeric) ? (
          <circle
            key={index.join()}
            class={isOff ? "off" : ""}
            cx={place(numeric)}
            cy={SIZE - place(analytic)}
            r={isOff ? 2.5 : 1.75}
          />
        ) : null,
      )}
      <text x={SIZE - 2} y={SIZE - 2} text-anchor="end">
        {t("numeric")}
      </text>
      <text x={2} y={9}>
        {t("analytic")}
      </text>
    </svg>
  );
}

function pointsOf({ elements, verdict }: CheckRow, shape: readonly number[]): Point[] {
  if (!elements) return [];
  const points: Point[] = [];
  let largest = 0;
  for (let at = 0; at < elements.length; at += COMPARED_STRIDE) {
    const number = (name: keyof typeof COMPARED): number => elements[at + COMPARED[name]] ?? NaN;
    const [analytic, numeric, errorBar] = [number("analytic"), number("numeric"), number("errorBar")];
    largest = Math.max(largest, Math.abs(analytic) || 0, Math.abs(numeric) || 0);
    points.push({ index: indexOf(number("element"), shape), analytic, numeric, errorBar, isOff: false });
  }
  if (verdict === "pass") return points;
  return points.map((point) => {
    const gap = Math.abs(point.analytic - point.numeric);
    return { ...point, isOff: !(gap <= 5 * point.errorBar + WORTH_A_COLOUR * largest) };
  });
}

function indexOf(flat: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = flat;
  for (const size of shape.toReversed()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}
