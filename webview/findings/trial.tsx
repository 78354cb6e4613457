import { t } from "../../engine/language/translate.ts";
import type { FixTrial } from "../../engine/protocol/finding.ts";
import { act } from "../state/host.ts";
import { formatNumber } from "../ui/format.ts";
import { curvePath, rangeOf } from "../../engine/recording/curve.ts";

const WIDTH = 160;
const HEIGHT = 72;

/** What became of a fix that was tried: the losses without it and with it, side by side. */
export function Trial({ trial }: { readonly trial: FixTrial }) {
  switch (trial.kind) {
    case "running":
      return (
        <p class="trial" role="status">
          {trial.part === "with"
            ? t`Running with the fix: ${passesText(trial.passes)}`
            : t`Running without the fix: ${passesText(trial.passes)}`}{" "}
          <button type="button" class="link" onClick={() => void act("cancel", trial.key)}>
            {t("Cancel")}
          </button>
        </p>
      );
    case "failed":
      return (
        <p class="trial error" role="status">
          {t`With the fix the file fails: ${trial.failure.message}`} {t("Nothing was edited.")}
        </p>
      );
    case "done":
      return <Compared trial={trial} />;
  }
}

function Compared({ trial }: { readonly trial: Extract<FixTrial, { kind: "done" }> }) {
  const range = rangeOf([trial.without, trial.with]);
  const length = Math.max(trial.without.length, trial.with.length);
  const others = trial.left.filter(({ severity }) => severity !== "note").length;
  return (
    <div class="trial" role="status">
      <div class="curves">
        {(["without", "with"] as const).map((part) => (
          <figure key={part}>
            <svg width={WIDTH} height={HEIGHT} role="img" aria-label={courseOf(part, trial[part])}>
              <path class="axis" d={`M0 ${String(HEIGHT - 0.5)}H${String(WIDTH)}`} />
              {range && (
                <path
                  class={`curve ${part}`}
                  d={curvePath(trial[part], range, { width: WIDTH, height: HEIGHT - 4 }, length)}
                />
              )}
            </svg>
            <figcaption>{courseOf(part, trial[part])}</figcaption>
          </figure>
        ))}
      </div>
      <p>
        {trial.gone ? t("The finding is gone with the fix") : t("With the fix the same is found again")}
        {others > 0 ? (others === 1 ? t("; 1 other is left") : t`; ${others} others are left`) : ""}
        {range ? (range.log ? t(". Both curves have one logarithmic scale") : t(". Both curves have one scale")) : ""}
        {t(". Nothing was edited.")}
      </p>
    </div>
  );
}

function courseOf(part: "without" | "with", losses: readonly number[]): string {
  const [first, last] = [losses[0], losses.at(-1)];
  if (first === undefined || last === undefined) {
    return part === "with" ? t("with the fix: no pass") : t("without the fix: no pass");
  }
  const loss = t`loss ${formatNumber(first)} → ${formatNumber(last)} in ${losses.length} passes`;
  return part === "with" ? t`with the fix: ${loss}` : t`without the fix: ${loss}`;
}

function passesText(n: number): string {
  return n === 1 ? t("1 pass") : t`${n} passes`;
}
