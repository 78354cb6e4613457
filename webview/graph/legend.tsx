import { t } from "../../engine/language/translate.ts";
import * as derived from "../state/derived.ts";
import { STOPS } from "../ui/color-scale.ts";
import { Mark } from "../ui/marks.tsx";

/** What colours, marks and arrows mean. */
export function Legend() {
  const { title, ticks } = derived.overlay.value;
  return (
    <div class="legend" role="note" aria-label={t("Legend")}>
      <div class="title">{title}</div>
      <Scale />
      <div class="ticks">
        {ticks.map((tick) => (
          <span key={tick}>{tick}</span>
        ))}
      </div>
      <div class="two">
        <span>
          <Mark kind="pass" />
          {t("pass")}
        </span>
        <span>
          <Mark kind="zero" />
          {t("zeros")}
        </span>
        <span>
          <Mark kind="fail" />
          {t("fail")}
        </span>
        <span>
          <Mark kind="nan" />
          {t("NaN, Inf")}
        </span>
        <span>
          <Mark kind="inconclusive" />
          {t("inconclusive")}
        </span>
        <span>
          <Mark kind="none" />
          {t("no grad")}
        </span>
        <span>
          <svg width="14" height="14" aria-hidden="true">
            <path d="M7 14V7" stroke="var(--edge)" stroke-width="3" />
            <path d="M7 0 2 7.5h10z" fill="var(--edge)" />
          </svg>
          {t("done")}
        </span>
        <span>
          <svg width="14" height="14" aria-hidden="true">
            <path d="M7 0v8" stroke="var(--edge-wait)" stroke-width="1.25" />
            <path d="M7 13.500 3.500 7.500h7z" fill="var(--edge-wait)" />
          </svg>
          {t("waits")}
        </span>
      </div>
      <div>{t("edge width: share of gradient")}</div>
    </div>
  );
}

function Scale() {
  return (
    <div class="scale" aria-hidden="true">
      {Array.from({ length: STOPS }, (_, i) => (
        <i key={i} style={{ background: `var(--g${String(i)})` }} />
      ))}
    </div>
  );
}

/** What colours mean, where one line is all there is room for. */
export function LegendLine() {
  const { title, ticks } = derived.overlay.value;
  return (
    <div class="legend-line" role="note" aria-label={t("Legend")}>
      <span class="title">{title}</span>
      <span>{ticks[0]}</span>
      <Scale />
      <span>{ticks.at(-1)}</span>
    </div>
  );
}
