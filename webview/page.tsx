import { useEffect, useRef } from "preact/hooks";
import { t } from "../engine/language/translate.ts";
import "./page.css";
import { ComparisonNote } from "./comparison/comparison-note.tsx";
import { GraphPane } from "./graph/graph-pane.tsx";
import { Findings } from "./findings/findings.tsx";
import { Headline } from "./headline/headline.tsx";
import { Inspector } from "./inspector/inspector.tsx";
import { clamped, GRAPH_SHARE, INSPECTOR_WIDTH } from "./layout/arrangement.ts";
import { Divider } from "./layout/divider.tsx";
import { LessonCard } from "./lesson/lesson-card.tsx";
import { PaneTabs } from "./layout/pane-tabs.tsx";
import { ScalarLens } from "./lens/scalar-lens.tsx";
import { isDeath } from "./screens/death.ts";
import { RankBar } from "./ranks/rank-bar.tsx";
import { Screen, Failed } from "./screens/screens.tsx";
import { failure, findings, graph, sessionState, started } from "./state/resources.ts";
import * as derived from "./state/derived.ts";
import { announcement, FIRST_SIZES, graphShare, inspectorWidth, shownPane } from "./state/ui.ts";
import { WhatIfNote } from "./what-if/what-if-note.tsx";
import { Timeline } from "./timeline/timeline.tsx";
import { trainingIsOpen } from "./state/training.ts";
import { TrainingView } from "./training/training-view.tsx";
import { Toolbar } from "./toolbar/toolbar.tsx";
import { IconButton } from "./ui/icon.tsx";
import { Toast } from "./ui/toast.tsx";
import { Help } from "./ui/help.tsx";

export function Page() {
  if (!started.value) return null;
  const running = sessionState.value.kind === "running";
  return (
    <>
      {graph.value && !running ? <PassPage /> : <ScreenPage />}
      <Toast />
      <Help />
      <div class="spoken-only" role="status" aria-live="polite">
        {announcement.value}
      </div>
    </>
  );
}

/** What there is where no pass can be shown. A program that never got to one may have findings all the same. */
function ScreenPage() {
  const running = sessionState.value.kind === "running";
  const hasFindings = !running && findings.value.length > 0;
  if (!hasFindings && !trainingIsOpen.value) return <Screen />;
  return (
    <div class="page">
      {hasFindings && <Findings open />}
      <Screen />
      <TrainingView />
    </div>
  );
}

/** A pass: toolbar, graph and inspector as the panel's size allows, timeline. */
function PassPage() {
  const arrangement = derived.arrangement.value;
  const shown = shownPane.value;
  const showsGraph = arrangement !== "tabs" || shown === "graph";
  const showsInspector = arrangement !== "tabs" || shown === "inspector";
  return (
    <div class={`page in-${arrangement}`}>
      <Toolbar />
      <RankBar />
      <Headline />
      <Findings />
      <ComparisonNote />
      <WhatIfNote />
      <LessonCard />
      {arrangement === "tabs" && <PaneTabs />}
      <Panes>
        {/* The drawing keeps its place and its zoom while the other tab is in front. */}
        <div class="pane-place graph-place" hidden={!showsGraph}>
          <GraphPane />
          {derived.lensIsOpen.value && <ScalarLens />}
        </div>
        {showsInspector && (
          <aside class="inspector-place" aria-label={t("Inspector")}>
            {arrangement !== "tabs" && <PaneDivider />}
            <Inspector />
          </aside>
        )}
      </Panes>
      <TrainingView />
      <Timeline />
      {failure.value && isDeath(failure.value) && (
        <div class="notice">
          <Failed failure={failure.value} />
          <IconButton icon="close" name={t("Hide")} class="small close" onClick={() => (failure.value = null)} />
        </div>
      )}
    </div>
  );
}

function Panes({ children }: { readonly children: preact.ComponentChildren }) {
  const style =
    derived.arrangement.value === "beside"
      ? { gridTemplateColumns: `minmax(0, 1fr) ${String(inspectorWidth.value)}px` }
      : derived.arrangement.value === "stacked"
        ? {
            gridTemplateRows: `minmax(0, ${String(graphShare.value)}fr) minmax(0, ${String(1 - graphShare.value)}fr)`,
          }
        : {};
  return (
    <div class="panes" style={style}>
      {children}
    </div>
  );
}

function PaneDivider() {
  const around = useRef<HTMLElement | null>(null);
  useEffect(() => {
    around.current = document.querySelector<HTMLElement>(".panes");
  }, []);
  if (derived.arrangement.value === "beside") {
    const set = (width: number): void => {
      inspectorWidth.value = Math.round(clamped(width, INSPECTOR_WIDTH));
    };
    return (
      <Divider
        name={t("Width of the inspector")}
        orientation="vertical"
        value={inspectorWidth.value}
        {...INSPECTOR_WIDTH}
        step={16}
        onPoint={(x) => set(document.documentElement.clientWidth - x)}
        onMove={(by) => set(inspectorWidth.value - by)}
        onReset={() => (inspectorWidth.value = FIRST_SIZES.inspectorWidth)}
      />
    );
  }
  const set = (share: number): void => {
    graphShare.value = clamped(share, GRAPH_SHARE);
  };
  return (
    <Divider
      name={t("Height of the graph")}
      orientation="horizontal"
      value={graphShare.value * 100}
      least={GRAPH_SHARE.least * 100}
      most={GRAPH_SHARE.most * 100}
      step={4}
      onPoint={(_, y) => {
        const box = around.current?.getBoundingClientRect();
        if (box && box.height > 0) set((y - box.top) / box.height);
      }}
      onMove={(by) => set(graphShare.value + by / 100)}
      onReset={() => (graphShare.value = FIRST_SIZES.graphShare)}
    />
  );
}
