import * as derived from "../state/derived.ts";
import { STOPS } from "../ui/color-scale.ts";
import { Mark } from "../ui/marks.tsx";

/** What colours, marks and arrows mean. */
export function Legend() {
  const { title, ticks } = derived.overlay.value;
  return (
    <div class="legend" role="note" aria-label="Legend">
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
          pass
        </span>
        <span>
          <Mark kind="zero" />
          zeros
        </span>
        <span>
          <Mark kind="fail" />
          fail
        </span>
        <span>
          <Mark kind="nan" />
          NaN, Inf
        </span>
        <span>
          <Mark kind="inconclusive" />
          inconclusive
        </span>
        <span>
          <Mark kind="none" />
          no grad
        </span>
        <span>
          <svg width="14" height="14" aria-hidden="true">
            <path d="M7 14V7" stroke="var(--edge)" stroke-width="3" />
            <path d="M7 0 2 7.5h10z" fill="var(--edge)" />
          </svg>
          done
        </span>
        <span>
          <svg width="14" height="14" aria-hidden="true">
            <path d="M7 0v8" stroke="var(--edge-wait)" stroke-width="1.25" />
            <path d="M7 13.500 3.500 7.500h7z" fill="var(--edge-wait)" />
          </svg>
          waits
        </span>
      </div>
      <div>edge width: share of gradient</div>
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
    <div class="legend-line" role="note" aria-label="Legend">
      <span class="title">{title}</span>
      <span>{ticks[0]}</span>
      <Scale />
      <span>{ticks.at(-1)}</span>
    </div>
  );
}
