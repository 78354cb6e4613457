import { t } from "../../engine/language/translate.ts";
interface RangeSliderProps {
  readonly name: string;
  /** Values go from 0 to this. */
  readonly last: number;
  readonly low: number;
  readonly high: number;
  readonly onChange: (low: number, high: number) => void;
}

/** A slider with two ends, made of two native ones, so that keys and screen readers work as everywhere. */
export function RangeSlider({ name, last, low, high, onChange }: RangeSliderProps) {
  const percent = (value: number): string => `${String((value / Math.max(1, last)) * 100)}%`;
  return (
    <div class="range">
      <i style={{ left: percent(low), width: `calc(${percent(high)} - ${percent(low)})` }} />
      <input
        type="range"
        min={0}
        max={last}
        value={low}
        aria-label={t`${name}, first`}
        onInput={(event) => onChange(Math.min(Number(event.currentTarget.value), high), high)}
      />
      <input
        type="range"
        min={0}
        max={last}
        value={high}
        aria-label={t`${name}, last`}
        onInput={(event) => onChange(low, Math.max(Number(event.currentTarget.value), low))}
      />
    </div>
  );
}
