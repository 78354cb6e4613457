import { t } from "../../engine/language/translate.ts";
import type { FixTrial, LossCourse } from "../../engine/protocol/finding.ts";
import type { Site } from "../../engine/protocol/site.ts";
import { act } from "../state/host.ts";
import { formatNumber } from "../ui/format.ts";
import { curvePath, rangeOf } from "../../engine/recording/curve.ts";
import { Place } from "./place.tsx";

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
            {t("Stop")}
          </button>
        </p>
      );
    case "failed":
      return (
        <p class="trial error" role="status">
          {t`The fix could not be tried: ${trial.failure.message}`} {t("Nothing was edited.")}
        </p>
      );
    case "done":
      return <Compared trial={trial} />;
  }
}

type Done = Extract<FixTrial, { kind: "done" }>;

function Compared({ trial }: { readonly trial: Done }) {
  const range = rangeOf([trial.without.losses, trial.with.losses]);
  const { text, site, isBad } = verdictOf(trial);
  return (
    <div class="trial" role="status">
      <div class="curves">
        {(["without", "with"] as const).map((part) => (
          <figure key={part}>
            <svg width={WIDTH} height={HEIGHT} role="img" aria-label={courseText(part, trial[part])}>
              <path class="axis" d={`M0 ${String(HEIGHT - 0.5)}H${String(WIDTH)}`} />
              {range && (
                <path
                  class={`curve ${part}`}
                  d={curvePath(trial[part].losses, range, { width: widthOf(part, trial), height: HEIGHT - 4 })}
                />
              )}
            </svg>
            <figcaption>{courseText(part, trial[part])}</figcaption>
          </figure>
        ))}
      </div>
      <p class={isBad ? "error" : ""}>
        {text}
        {site && (
          <>
            {" ("}
            <Place site={site} />)
          </>
        )}
        {range ? (range.log ? t(". Both curves have one logarithmic scale") : t(". Both curves have one scale")) : ""}
        {t(". Nothing was edited.")}
      </p>
    </div>
  );
}

/** The curve of the shorter run is as much shorter. */
function widthOf(part: "without" | "with", trial: Done): number {
  return (WIDTH * trial[part].passes) / Math.max(1, trial.without.passes, trial.with.passes);
}

/** What became of the run with the fix, without a full stop, and the line that it is about. */
function verdictOf(trial: Done): {
  readonly text: string;
  readonly site: Site | null;
  readonly isBad: boolean;
} {
  const { end, with: course } = trial;
  const ran = passesText(course.passes);
  switch (end.kind) {
    case "failed": {
      const { message, site } = end.failure;
      const text =
        course.passes === 0
          ? t`With the fix the file fails before its first pass: ${message}`
          : t`With the fix the file fails after ${ran}: ${message}`;
      return { text, site, isBad: true };
    }
    case "ended":
      if (end.by === "person")
        return { text: t`You ended the run with the fix after ${ran}`, site: end.site, isBad: false };
      return {
        text:
          end.by === "passes"
            ? t`With the fix the file does not come to its end as it did without it: it was ended after ${ran}`
            : t`With the fix the file does not go on: after ${ran} no other ended for long, and it was ended`,
        site: end.site,
        isBad: true,
      };
    case "whole": {
      if (course.passes === 0)
        return { text: t("With the fix the file has no loss to compare"), site: null, isBad: true };
      if (course.notFiniteFrom !== null) {
        const pass = String(course.notFiniteFrom + 1);
        return { text: t`With the fix the loss is not finite from pass ${pass} on`, site: course.site, isBad: true };
      }
      const others = end.left.filter(({ severity }) => severity !== "note").length;
      const text =
        (end.gone ? t("The finding is gone with the fix") : t("With the fix the same is found again")) +
        (others > 0 ? (others === 1 ? t("; 1 other is left") : t`; ${others} others are left`) : "");
      return { text, site: null, isBad: !end.gone };
    }
  }
}

function courseText(part: "without" | "with", { losses, passes }: LossCourse): string {
  const [first, last] = [losses[0], losses.at(-1)];
  if (first === undefined || last === undefined) {
    return part === "with" ? t("with the fix: no pass") : t("without the fix: no pass");
  }
  const loss =
    passes === 1
      ? t`loss ${formatNumber(first)} in 1 pass`
      : t`loss ${formatNumber(first)} → ${formatNumber(last)} in ${passes} passes`;
  return part === "with" ? t`with the fix: ${loss}` : t`without the fix: ${loss}`;
}

function passesText(n: number): string {
  return n === 1 ? t("1 pass") : t`${n} passes`;
}
