import { batch } from "@preact/signals";
import { t } from "../../engine/language/translate.ts";
import type { EngineEvents, SessionState } from "../../engine/protocol/engine.ts";
import type { Panel, PanelStart, PanelState } from "../../engine/protocol/panel.ts";
import type { RankStates } from "../../engine/protocol/ranks.ts";
import { OVERLAYS } from "../graph/overlay.ts";
import { clamped, GRAPH_SHARE, INSPECTOR_WIDTH } from "../layout/arrangement.ts";
import { compareWhenReady, compareWith, merged } from "./comparing.ts";
import { setCursor } from "./cursor-moves.ts";
import * as navigation from "./navigation.ts";
import { ask, engineGone, host, inspect } from "./partners.ts";
import { refreshPasses, refreshStatistics } from "./passes.ts";
import * as resources from "./resources.ts";
import { forgetRanks, rankStates, rankStrip, readRanks, readStrip } from "./ranks.ts";
import { reveal, select } from "./selecting.ts";
import { forgetTraining, readTraining, rerun, trainingGrew } from "./training.ts";
import * as ui from "./ui.ts";

/** Asks the host what is to be shown. */
export async function begin(): Promise<PanelStart> {
  const start = await host().ready();
  resources.file.value = start.file;
  resources.session.value = start.session;
  resources.failure.value = start.failure;
  if (start.state) restore(start.state);
  resources.started.value = true;
  if (start.session) void readState();
  return start;
}

async function readState(): Promise<void> {
  await readRanks();
  // Taken as it arrives: what the engine tells after this answer is newer than it.
  const state = await ask<SessionState>(inspect().state());
  if (state) setState(state);
  void readTraining();
}

function setState(state: SessionState): void {
  batch(() => {
    resources.sessionState.value = state;
    const mayFail = state.kind === "stopped" || state.kind === "ended";
    resources.failure.value = mayFail ? (state.failure ?? null) : null;
    if (state.kind === "running" && state.loss !== null) {
      resources.losses.value = [...resources.losses.value, state.loss].slice(-resources.MOST_LOSSES);
    }
    if (state.kind !== "stopped") ui.playing.value = false;
  });
  if (state.kind === "stopped" || (state.kind === "ended" && state.cursor)) {
    if (state.cursor) {
      // The run may have noted more of a pass that is shown already; one that is not yet is asked for with all that is known of it.
      const isShown = resources.graph.value?.pass === state.cursor.pass;
      setCursor(state.cursor);
      if (isShown) void refreshStatistics(state.cursor.pass);
    }
    void refreshPasses();
  }
}

/** What the engine process pushes. */
export const events: EngineEvents = {
  stateChanged: setState,
  cursorMoved: setCursor,
  output(lines, dropped) {
    const all = [...resources.output.value.lines, ...lines].slice(-resources.MOST_LINES);
    resources.output.value = { lines: all, dropped };
  },
  checkProgress(job, pass, done, total, rows) {
    batch(() => {
      if (resources.check.value?.job === job) resources.check.value = { job, done, total };
      if (resources.graph.value?.pass === pass && rows.length > 0) {
        resources.checkRows.value = merged(resources.checkRows.value, rows);
      }
    });
  },
  // What is being saved is shown by the editor.
  saveProgress() {},
  recordingSaved() {},
  // Passes that go by and breakpoints are the editor's concern; the panel shows the pass it stands in.
  passReported() {},
  breakpointsChanged() {},
  rerunProgress(job, done, total) {
    rerun.value = { job, done, total };
  },
  trainingLogGrew: trainingGrew,
  // They come from the host, which knows whether the file is still the text that ran.
  findingsChanged() {},
  ranksChanged(states) {
    const before = rankStates.value;
    if (before && before.shown !== states.shown) forgetPasses();
    rankStates.value = states;
    const pass = resources.graph.value?.pass;
    const haveStopped = standing(states) > (before ? standing(before) : 0);
    if (pass !== undefined && haveStopped) void readStrip(pass);
  },
  warned(failure) {
    ui.toast.value = failure;
  },
};

/** How many ranks can be asked. */
function standing({ ranks }: RankStates): number {
  return ranks.filter(({ kind }) => kind === "stopped" || kind === "ended").length;
}

/** Passes of another rank have the same numbers, and are other passes. */
function forgetPasses(): void {
  batch(() => {
    resources.cursor.value = null;
    resources.graph.value = null;
    resources.statistics.value = null;
    resources.checkRows.value = [];
    resources.passes.value = [];
    resources.detail.value = null;
    resources.comparison.value = null;
    resources.whatIf.value = null;
    rankStrip.value = null;
  });
}

function restore(state: PanelState): void {
  navigation.expanded.value = new Set(state.expanded);
  ui.inspectorWidth.value = clamped(state.inspectorWidth, INSPECTOR_WIDTH);
  ui.graphShare.value = clamped(state.graphShare, GRAPH_SHARE);
  ui.flowChoice.value = state.flow;
  ui.sideOpen.value = state.side;
  ui.lensOpen.value = state.lens;
  const overlay = OVERLAYS.find((name) => name === state.overlay);
  if (overlay) ui.overlayName.value = overlay;
}

/** A session starts from its own stop: nothing of the one before it is selected, found, said or zoomed to. */
function forgetSession(): void {
  resources.failure.value = null;
  resources.sessionState.value = { kind: "idle" };
  resources.output.value = { lines: [], dropped: 0 };
  resources.losses.value = [];
  resources.check.value = null;
  forgetPasses();
  navigation.selection.value = null;
  navigation.forgetPlaces();
  navigation.lastNode.value = -1;
  navigation.framing.value = "first";
  navigation.cameraWish.value = null;
  forgetTraining();
  forgetRanks();
  resources.trial.value = null;
  ui.findingsOpen.value = false;
  ui.shownFinding.value = "";
  ui.toast.value = null;
  ui.searchText.value = "";
  ui.hitIndex.value = -1;
  ui.playing.value = false;
}

/** What the extension host asks of the panel. */
export const panel: Panel = {
  sessionChanged(session, file, failure) {
    batch(() => {
      resources.session.value = session;
      resources.file.value = file;
      if (session) forgetSession();
      else {
        resources.check.value = null;
        ui.playing.value = false;
        resources.failure.value = failure ?? resources.failure.value;
      }
    });
    if (session) void readState();
    else engineGone({ kind: "request", message: t("the session has ended"), site: null });
  },
  reveal(node) {
    select({ kind: "node", node });
    reveal(node);
  },
  whatIfChanged(shown) {
    resources.whatIf.value = shown;
  },
  compare(mode) {
    compareWhenReady(mode);
  },
  compareWith(file, pass) {
    void compareWith(file, pass);
  },
  findingsChanged(findings) {
    resources.findings.value = findings;
    if (findings.length === 0) ui.findingsOpen.value = false;
  },
  trialChanged(trial) {
    resources.trial.value = trial;
  },
  showFinding(key) {
    ui.shownFinding.value = key;
    ui.findingsOpen.value = true;
  },
};
