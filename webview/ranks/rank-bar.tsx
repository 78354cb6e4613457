import "./rank-bar.css";
import { t } from "../../engine/language/translate.ts";
import type { RankState } from "../../engine/protocol/ranks.ts";
import { rankStates, showRank } from "../state/ranks.ts";

/** The ranks of the run: how each stands, and a way to show it. */
export function RankBar() {
  const states = rankStates.value;
  if (!states) return null;
  return (
    <div class="rank-bar" role="toolbar" aria-label={t("Ranks")}>
      {states.ranks.map((state) => {
        const standing = standingOf(state);
        return (
          <button
            key={state.rank}
            type="button"
            class={state.failure ? "failed" : state.kind}
            aria-pressed={state.rank === states.shown}
            disabled={state.kind === "missing"}
            title={state.failure?.message ?? standing}
            onClick={() => void showRank(state.rank)}
          >
            {t`rank ${state.rank}`} <span class="dim">{standing}</span>
          </button>
        );
      })}
    </div>
  );
}

/** "pass 3", "waits in all_reduce, line 12". */
function standingOf({ kind, passes, waitsIn, failure }: RankState): string {
  if (failure) return t("failed");
  if (kind === "missing") return t("has no recording");
  if (kind === "starting") return t("has not started");
  if (kind === "ended") return t("has ended");
  if (kind === "stopped") return t`pass ${passes}`;
  if (!waitsIn) return t("running");
  return waitsIn.site ? t`waits in ${waitsIn.call}, line ${waitsIn.site.line}` : t`waits in ${waitsIn.call}`;
}
