import "./toolbar.css";
import { t } from "../../engine/language/translate.ts";
import { OVERLAYS, type OverlayName } from "../graph/overlay.ts";
import { cancelCheck, compare } from "../state/comparing.ts";
import { moveCursor, selectPass } from "../state/cursor-moves.ts";
import { nextHit, stepInto } from "../state/selecting.ts";
import { run } from "../state/host.ts";
import * as derived from "../state/derived.ts";
import { check, cursor, file, passes, session, sessionState } from "../state/resources.ts";
import { loggedPasses, trainingIsOpen, trainingOpen } from "../state/training.ts";
import { helpOpen, hitIndex, overlayName, playing, searchText } from "../state/ui.ts";
import { fileName, formatNumber } from "../ui/format.ts";
import { Icon, IconButton } from "../ui/icon.tsx";
import { Mark } from "../ui/marks.tsx";
import { ExportMenu } from "./export-menu.tsx";

export function Toolbar() {
  return (
    <header class="toolbar">
      <h1 class="spoken-only">{t`Gradients of ${file.value === null ? t("the model") : fileName(file.value)}`}</h1>
      <Stepping />
      <PassPicker />
      <i class="break" />
      <OverlayPicker />
      <Search />
      <Comparison />
      <span class="counts">
        <Verdicts />
        <IconButton
          icon="debug-breakpoint-conditional"
          name={
            derived.isRecording.value
              ? t("This is a recording: its program is gone, and cannot stop anywhere")
              : t("Stop when…")
          }
          disabled={!session.value || sessionState.value.kind !== "stopped"}
          onClick={() => void run("stopWhen")}
        />
        {loggedPasses.value > 0 && (
          <IconButton
            icon="graph-line"
            name={t("Training: curves of all passes")}
            pressed={trainingIsOpen.value}
            onClick={() => (trainingOpen.value = !trainingIsOpen.value)}
          />
        )}
        <ExportMenu />
        <IconButton icon="question" name={t("Keyboard shortcuts")} keys="?" onClick={() => (helpOpen.value = true)} />
      </span>
    </header>
  );
}

function Stepping() {
  const at = cursor.value;
  const dead = !session.value || !at;
  const atStart = dead || at.position <= 0;
  const atEnd = dead || at.position >= at.head;
  return (
    <div class="group-of-buttons" role="toolbar" aria-label={t("Stepping")}>
      <IconButton
        icon="first"
        name={t("To the start")}
        keys="Home"
        disabled={atStart}
        onClick={() => moveCursor({ to: "start" })}
      />
      <IconButton
        icon="debug-step-back"
        name={t("Step back")}
        keys="Shift+F10"
        class="step"
        disabled={atStart}
        onClick={() => moveCursor({ by: -1 })}
      />
      <IconButton
        icon={playing.value ? "debug-pause" : "play"}
        name={playing.value ? t("Pause playing") : t("Play the steps")}
        keys="P"
        disabled={dead}
        onClick={() => (playing.value = !playing.value)}
      />
      <IconButton
        icon="debug-step-over"
        name={t("Step")}
        keys="F10"
        class="step"
        disabled={atEnd}
        onClick={() => moveCursor({ by: 1 })}
      />
      <IconButton
        icon="debug-step-into"
        name={t("Step into")}
        keys="F11"
        class="step"
        disabled={atEnd}
        onClick={stepInto}
      />
      <IconButton
        icon="debug-step-out"
        name={t("Step out of the module")}
        keys="Shift+F11"
        class="step"
        disabled={atEnd}
        onClick={() => moveCursor({ out: "next" })}
      />
      <IconButton
        icon="last"
        name={t("To the end")}
        keys="End"
        disabled={atEnd}
        onClick={() => moveCursor({ to: "end" })}
      />
    </div>
  );
}

/** The passes that are kept, and on to the next one. */
function PassPicker() {
  const list = passes.value;
  const at = cursor.value;
  const index = list.findIndex((one) => one.pass === at?.pass);
  const kept = list.filter((one) => one.kept || one.pass === at?.pass);
  const keptIndex = kept.findIndex((one) => one.pass === at?.pass);
  const stopped = session.value && sessionState.value.kind === "stopped";
  const name = (one: (typeof list)[number]): string =>
    t`pass ${String(one.pass + 1)} of ${String(list.length)}${one.loss === null ? "" : t` · loss ${formatNumber(one.loss)}`}`;
  return (
    <span class="field small">
      <IconButton
        icon="chevron-left"
        name={t("Previous kept pass")}
        class="small"
        disabled={keptIndex <= 0}
        onClick={() => {
          const one = kept[keptIndex - 1];
          if (one) void selectPass(one.pass);
        }}
      />
      <select
        aria-label={t("Pass")}
        value={String(at?.pass ?? "")}
        onChange={(event) => {
          const one = kept[event.currentTarget.selectedIndex];
          if (one) void selectPass(one.pass);
        }}
      >
        {index < 0 && <option value="">{at ? t`pass ${String(at.pass + 1)}` : t("no pass")}</option>}
        {kept.slice(-500).map((one) => (
          <option key={one.pass} value={String(one.pass)}>
            {name(one)}
          </option>
        ))}
      </select>
      {keptIndex >= 0 && keptIndex < kept.length - 1 ? (
        <IconButton
          icon="chevron-right"
          name={t("Next kept pass")}
          class="small"
          onClick={() => {
            const one = kept[keptIndex + 1];
            if (one) void selectPass(one.pass);
          }}
        />
      ) : (
        <IconButton
          icon="debug-continue"
          name={
            derived.isRecording.value
              ? t("This is a recording: its program is gone, and cannot continue")
              : t("Continue to the next backward()")
          }
          keys="F5"
          class="small step"
          disabled={!stopped}
          onClick={() => void run("continue")}
        />
      )}
    </span>
  );
}

function OverlayPicker() {
  return (
    <span class="field">
      <Icon name="graph" />
      <select
        aria-label={t("Colour by")}
        value={overlayName.value}
        onChange={(event) => (overlayName.value = event.currentTarget.value as OverlayName)}
      >
        {OVERLAYS.map((name) => (
          <option key={name} value={name}>
            {t(name)}
          </option>
        ))}
      </select>
    </span>
  );
}

function Search() {
  const hits = derived.hits.value;
  const { problem } = derived.query.value;
  const text = searchText.value;
  const at = hitIndex.value;
  const status =
    text === ""
      ? ""
      : (problem ?? (hits.length === 0 ? "none" : `${at < 0 ? "–" : String(at + 1)} / ${String(hits.length)}`));
  return (
    <span class="field search small">
      <Icon name="search" />
      <input
        id="search"
        type="search"
        placeholder={t("Search op, shape, nan…")}
        aria-label={t("Search the graph")}
        aria-describedby="search-status"
        title={t(
          "relu   [64, *]   module:fc1   nan   zero   verdict:fail   grad.norm > 1   value.zeros >= 50%   bytes > 1e6",
        )}
        value={text}
        onInput={(event) => {
          searchText.value = event.currentTarget.value;
          hitIndex.value = -1;
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") nextHit(event.shiftKey ? -1 : 1);
          else if (event.key === "Escape") {
            searchText.value = "";
            event.currentTarget.blur();
          }
        }}
      />
      <span id="search-status" class="mono dim" role="status">
        {status}
      </span>
      {text !== "" && hits.length > 0 && (
        <>
          <IconButton icon="arrow-up" name={t("Previous hit")} class="small" onClick={() => nextHit(-1)} />
          <IconButton icon="arrow-down" name={t("Next hit")} class="small" onClick={() => nextHit(1)} />
        </>
      )}
    </span>
  );
}

function Comparison() {
  const running = check.value;
  if (!running) {
    return (
      <vscode-button
        onClick={() => void compare()}
        disabled={!session.value || !cursor.value}
        title={t("Compare every gradient with finite differences")}
      >
        <span class="compare-long">{t("Compare with finite differences")}</span>
        <span class="compare-short">{t("Compare")}</span>
      </vscode-button>
    );
  }
  const share = running.total > 0 ? running.done / running.total : 0;
  return (
    <span class="counts" role="status">
      <div
        class="progress"
        role="progressbar"
        aria-label={t("Comparing with finite differences")}
        aria-valuemin={0}
        aria-valuemax={running.total}
        aria-valuenow={running.done}
      >
        <i style={{ width: `${String(share * 100)}%` }} />
      </div>
      <span class="dim">
        {running.total > 0 ? t`comparing ${running.done} of ${running.total}` : t`comparing ${running.done}`}
      </span>
      <button type="button" class="link" onClick={() => void cancelCheck()}>
        {t("Cancel")}
      </button>
    </span>
  );
}

function Verdicts() {
  const counts = derived.verdictCounts.value;
  const show = (verdict: "pass" | "fail" | "inconclusive"): void => {
    searchText.value = `verdict:${verdict}`;
    hitIndex.value = -1;
    nextHit(1);
  };
  return (
    <span class="counts">
      {(["pass", "fail", "inconclusive"] as const).map(
        (verdict) =>
          counts[verdict] > 0 && (
            <button
              key={verdict}
              type="button"
              class={verdict}
              title={t`${counts[verdict]} ${t(verdict)}: show`}
              aria-label={t`${counts[verdict]} ${t(verdict)}: show them`}
              onClick={() => show(verdict)}
            >
              <span>
                <Mark kind={verdict} />
                {counts[verdict]}
              </span>
            </button>
          ),
      )}
    </span>
  );
}
