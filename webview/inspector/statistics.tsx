import "./statistics.css";
import { t } from "../../engine/language/translate.ts";
import { STATISTIC, type TensorSummary } from "../../engine/protocol/inspection.ts";
import { logHistogram } from "../state/ui.ts";
import { percentText } from "../../engine/recording/number-text.ts";
import { formatElement, formatNumber } from "../ui/format.ts";

const WIDTH = 88;
const HEIGHT = 36;

/** Norm, range, zeros and signs of a tensor beside its histogram. */
export function Statistics(props: {
  readonly title: string;
  readonly summary: TensorSummary;
  /** What it would be with what somebody has set: "2.00 → 3.00". */
  readonly whatIf?: string | undefined;
}) {
  return (
    <>
      <Recorded {...props} />
      {props.whatIf !== undefined && (
        <p class="what-if">
          <span class="dim">{t("what if")}</span> <span class="mono">{props.whatIf}</span>
        </p>
      )}
    </>
  );
}

function Recorded({ title, summary }: { readonly title: string; readonly summary: TensorSummary }) {
  const { statistics, dtype } = summary;
  const at = (name: keyof typeof STATISTIC): number => statistics[STATISTIC[name]] ?? NaN;
  const total = at("count");
  if (total === 0) {
    return (
      <div class="statistics">
        <h3>{title}</h3>
        <span class="dim">{t("no elements")}</span>
      </div>
    );
  }
  if (total === 1) {
    return (
      <div class="statistics">
        <h3>{title}</h3>
        <span class="mono">{formatElement(summary.elements?.[0] ?? at("mean"), dtype)}</span>
      </div>
    );
  }
  const unusual = at("nans") + at("positiveInfinities") + at("negativeInfinities");
  return (
    <div class="statistics">
      <div>
        <h3>{title}</h3>
        <Histogram summary={summary} title={title} />
      </div>
      <div>
        {Number.isFinite(at("min")) && <Figures summary={summary} />}
        {unusual > 0 && (
          <div class="row nan">
            <span />
            <span>
              {at("nans") > 0 && `${String(at("nans"))} NaN `}
              {at("positiveInfinities") > 0 && `${String(at("positiveInfinities"))} +Inf `}
              {at("negativeInfinities") > 0 && `${String(at("negativeInfinities"))} −Inf`}
            </span>
            <span />
          </div>
        )}
      </div>
    </div>
  );
}

/** Figures of the finite elements. Where there are none, there is nothing to say. */
function Figures({ summary: { statistics, dtype } }: { readonly summary: TensorSummary }) {
  const at = (name: keyof typeof STATISTIC): number => statistics[STATISTIC[name]] ?? NaN;
  const positive = at("positives") / at("count");
  const zero = at("zeros") / at("count");
  const negative = Math.max(0, 1 - positive - zero - at("nans") / at("count"));
  return (
    <>
      <div class="row">
        <span>{t("norm")}</span>
        <span class="mono">{formatNumber(at("norm"))}</span>
        <span class="mono">
          <span class="dim sans">{t("zero")}</span> {percentText(zero)}
        </span>
      </div>
      <div class="row">
        <span>{t("range")}</span>
        <span class="mono">
          {formatElement(at("min"), dtype)} … {formatElement(at("max"), dtype)}
        </span>
        <span />
      </div>
      <div class="row">
        <span>{t("mean")}</span>
        <span class="mono">
          {formatNumber(at("mean"))} <span class="dim">±</span> {formatNumber(at("std"))}
        </span>
        <span />
      </div>
      <div class="row centred">
        <span>{t("sign")}</span>
        <span
          class="sign"
          role="img"
          aria-label={t`${percentText(negative)} negative, ${percentText(positive)} positive`}
        >
          <i style={{ width: `${String(negative * 100)}%`, background: "var(--negative)" }} />
          <i style={{ width: `${String(zero * 100)}%`, background: "var(--track)" }} />
          <i style={{ width: `${String(positive * 100)}%`, background: "var(--positive)" }} />
        </span>
        <span class="mono" style={{ paddingLeft: "8px" }}>
          {percentText(positive)} +
        </span>
      </div>
    </>
  );
}

/** Bars from the smallest to the largest finite element; orange below zero, blue above. */
function Histogram({ summary, title }: { readonly summary: TensorSummary; readonly title: string }) {
  const { histogram, statistics } = summary;
  const min = statistics[STATISTIC.min] ?? NaN;
  const max = statistics[STATISTIC.max] ?? NaN;
  if (!Number.isFinite(min)) return <span class="dim">{t("nothing finite")}</span>;
  const scale = logHistogram.value ? Math.log1p : (x: number): number => x;
  const top = scale(histogram.reduce((a, b) => Math.max(a, b), 1));
  const bins = histogram.length;
  const width = WIDTH / bins;
  const zeroAt = min < 0 && max > 0 ? (-min / (max - min)) * WIDTH : null;
  return (
    <button
      type="button"
      class="histogram"
      aria-pressed={logHistogram.value}
      aria-label={
        logHistogram.value
          ? t`Histogram of the ${title.toLowerCase()}, logarithmic counts`
          : t`Histogram of the ${title.toLowerCase()}, linear counts`
      }
      title={logHistogram.value ? t("logarithmic counts: click for linear") : t("linear counts: click for logarithmic")}
      onClick={() => (logHistogram.value = !logHistogram.value)}
    >
      <svg width={WIDTH} height={HEIGHT} aria-hidden="true">
        {Array.from(histogram, (n, i) => {
          if (n === 0) return null;
          const height = Math.max(1, (scale(n) / top) * 30);
          const middle = min + ((i + 0.5) / bins) * (max - min);
          const holdsZero = min === 0 && i === 0;
          const fill = holdsZero ? "var(--quiet-fill)" : middle < 0 ? "var(--negative)" : "var(--positive)";
          return (
            <rect
              key={i}
              x={i * width}
              y={34 - height}
              width={Math.max(0.8, width - 0.8)}
              height={height}
              fill={fill}
            />
          );
        })}
        <path d={`M0 34.500H${String(WIDTH)}`} stroke="var(--card-line)" />
        {zeroAt !== null && <path d={`M${String(zeroAt)} 4V36`} stroke="var(--dim)" stroke-dasharray="1 2" />}
      </svg>
    </button>
  );
}
