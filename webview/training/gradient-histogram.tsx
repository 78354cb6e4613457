import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { t } from "../../engine/language/translate.ts";
import type { GradientHistograms } from "../../engine/protocol/training-log.ts";
import { ask, inspect } from "../state/partners.ts";
import { losses, loggedPasses, histogramOf } from "../state/training.ts";
import { theme } from "../state/ui.ts";
import { NORM_SCALE, stopAt } from "../ui/color-scale.ts";
import { formatNumber } from "../ui/format.ts";
import { bucketOfPass } from "./pass-places.ts";

const HEIGHT = 75;
/** As many passes as have room beside each other. */
const MOST_PASSES = 48;

/** How one parameter's gradient is spread over its elements, pass by pass: from its least to its largest, upwards. */
export function GradientHistogram({ width }: { readonly width: number }) {
  const read = useSignal<{ readonly name: string; readonly found: GradientHistograms } | null>(null);
  const name = losses.value?.rows.find(({ id }) => id === histogramOf.value)?.name ?? null;
  useEffect(() => {
    if (name === null) return;
    let isWanted = true;
    void ask(inspect().gradientHistograms(name, MOST_PASSES)).then((found) => {
      if (isWanted) read.value = found && { name, found };
    });
    return () => (isWanted = false);
  }, [name, loggedPasses.value]);
  // While the file runs, what was read last stands until the next is there.
  const found = read.value?.name === name ? read.value.found : null;
  if (name === null || !found || !losses.value) return null;
  const { bound } = found;
  const reading = losses.value;
  const histograms = found.histograms.filter(({ pass }) => bucketOfPass(reading, pass) >= 0);
  const left = (pass: number): number => (bucketOfPass(reading, pass) / reading.firstPasses.length) * width;
  const colors = NORM_SCALE[theme.value];
  const text = t`${name}: how its gradient is spread, from ${formatNumber(-bound)} to ${formatNumber(bound)}, in ${histograms.length} passes that are kept`;
  return (
    <figure class="histogram" aria-label={text}>
      <figcaption>
        {text}{" "}
        <button type="button" class="link" onClick={() => (histogramOf.value = -1)}>
          {t("Hide")}
        </button>
      </figcaption>
      <svg width={width} height={HEIGHT} role="img" aria-label={text}>
        {histograms.map(({ pass, counts }, i) => {
          const next = histograms[i + 1];
          const from = left(pass);
          const wide = Math.max(2, (next ? left(next.pass) : width) - from);
          const most = Math.max(1, ...counts);
          const tall = HEIGHT / counts.length;
          return (
            <g key={pass}>
              <title>{t`pass ${pass + 1}`}</title>
              {Array.from(counts, (count, bin) =>
                count === 0 ? null : (
                  <rect
                    key={bin}
                    x={from}
                    y={HEIGHT - (bin + 1) * tall}
                    width={wide}
                    height={tall}
                    fill={colors[stopAt(Math.sqrt(count / most))]}
                  />
                ),
              )}
            </g>
          );
        })}
        <line class="zero" x1="0" x2={width} y1={HEIGHT / 2} y2={HEIGHT / 2} />
      </svg>
    </figure>
  );
}
