import { labelOf } from "../../engine/recording/graph-rows.ts";
import { elementText } from "./edit-text.ts";
import { run } from "../state/host.ts";
import { shownWhatIf } from "../state/derived.ts";
import { graph } from "../state/resources.ts";
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
    return `${of}${labelOf(pass, edit.node) || "an element"}${elementText(pass, edit)} = ${formatNumber(edit.value)}`;
  });
  const more = edits.length > MOST_NAMED ? ` and ${String(edits.length - MOST_NAMED)} more` : "";
  const [before = NaN, after = NaN] = result.loss;
  const loss = Number.isNaN(before)
    ? ""
    : `: the loss would be ${formatNumber(after)} instead of ${formatNumber(before)}`;
  return (
    <div class="headline warning" role="status" aria-label="What if">
      <Mark kind="inconclusive" label="what if" />
      <p>
        What if {named.join(", ")}
        {more}
        {loss}. Changed cards show old → new; nothing recorded changes.
      </p>
      <span class="ways">
        <button type="button" class="link" onClick={() => void run("undoEdits")}>
          Undo
        </button>
      </span>
    </div>
  );
}
