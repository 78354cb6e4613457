import { labelOf } from "../../engine/recording/graph-rows.ts";
import { elementText } from "./edit-text.ts";
import { run } from "../state/host.ts";
import { shownWhatIf } from "../state/derived.ts";
import { graph } from "../state/resources.ts";
import { t } from "../../engine/language/translate.ts";
import { formatNumber } from "../ui/format.ts";
import { Mark } from "../ui/marks.tsx";

/** Edits that are named; more are counted. */
const MOST_NAMED = 3;

/** What was set to other values, what becomes of the loss, and the way back. */
export function WhatIfNote() {
  const shown = shownWhatIf.value;
  const pass = graph.value;
  if (!shown || !pass) return null;
  const { edits, result } = shown;
  const named = edits.slice(0, MOST_NAMED).map((edit) => {
    const of = edit.plane === "gradient" ? "∇ " : "";
    return `${of}${labelOf(pass, edit.node) || t("an element")}${elementText(pass, edit)} = ${formatNumber(edit.value)}`;
  });
  const more = edits.length - MOST_NAMED;
  const what = t("What if {0}", more > 0 ? t("{0} and {1} more", named.join(", "), more) : named.join(", "));
  const [before = NaN, after = NaN] = result.loss;
  return (
    <div class="headline warning" role="status" aria-label={t("What if")}>
      <Mark kind="inconclusive" label={t("what if")} />
      <p>
        {Number.isNaN(before)
          ? `${what}.`
          : t("{0}: the loss would be {1} instead of {2}.", what, formatNumber(after), formatNumber(before))}{" "}
        {t("Changed cards show old → new; nothing recorded changes.")}
      </p>
      <span class="ways">
        <button type="button" class="link" onClick={() => void run("undoEdits")}>
          {t("Undo")}
        </button>
      </span>
    </div>
  );
}
