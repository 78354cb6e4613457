import { t } from "../../engine/language/translate.ts";
import type { RecordedDType } from "../../engine/protocol/recorded-dtype.ts";
import { STATISTIC, type TensorSummary } from "../../engine/protocol/inspection.ts";
import { elementText, isWhole, numberText, percentText } from "../../engine/recording/number-text.ts";

export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** "[64, 128] float32". */
export function typeText(shape: readonly number[], dtype: RecordedDType): string {
  return `${shapeText(shape)} ${dtype}`;
}

/**
 * A tensor's content in one line: its elements when they are few, else norm, range and what is unusual about it.
 * "norm 97.0, 0 … 6.35, 38.3 % zero".
 */
export function contentText(summary: TensorSummary): string {
  const { statistics, elements } = summary;
  const count = statistics[STATISTIC.count] ?? 0;
  const { dtype } = summary;
  const whole = isWhole(dtype);
  if (count === 0) return t("no elements");
  if (elements && elements.length === 1) return elementText(elements[0] ?? NaN, dtype);
  if (elements && elements.length <= 6) {
    return `[${Array.from(elements, (value) => elementText(value, dtype)).join(", ")}]`;
  }
  if (dtype === "bool") return t`${percentText((statistics[STATISTIC.positives] ?? 0) / count)} true`;
  const parts: string[] = [];
  if (!whole) parts.push(t`norm ${numberText(statistics[STATISTIC.norm] ?? NaN)}`);
  if ((statistics[STATISTIC.finite] ?? 0) > 0) {
    const low = elementText(statistics[STATISTIC.min] ?? NaN, dtype);
    const high = elementText(statistics[STATISTIC.max] ?? NaN, dtype);
    parts.push(`${low} … ${high}`);
  }
  const zeros = statistics[STATISTIC.zeros] ?? 0;
  if (zeros === count) parts.push(t("all zero"));
  else if (zeros > 0 && !whole) parts.push(t`${percentText(zeros / count)} zero`);
  return [...parts, ...troubles(summary)].join(", ");
}

/** "3 NaN", "1 Inf": what must never go unseen. */
export function troubles(summary: TensorSummary): string[] {
  const nans = summary.statistics[STATISTIC.nans] ?? 0;
  const infinities =
    (summary.statistics[STATISTIC.positiveInfinities] ?? 0) + (summary.statistics[STATISTIC.negativeInfinities] ?? 0);
  const result: string[] = [];
  if (nans > 0) result.push(`${nans} NaN`);
  if (infinities > 0) result.push(`${infinities} Inf`);
  return result;
}
