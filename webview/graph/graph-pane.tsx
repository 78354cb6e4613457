import "./graph-pane.css";
import { t } from "../../engine/language/translate.ts";
import * as derived from "../state/derived.ts";
import { viewport } from "../state/navigation.ts";
import { show, showWhole, zoomBy } from "../state/selecting.ts";
import { flowChoice, sideOpen } from "../state/ui.ts";
import { FLOW_CHOICES, type FlowChoice } from "../layout/arrangement.ts";
import { count } from "../ui/format.ts";
import { IconButton } from "../ui/icon.tsx";
import { graph } from "../state/resources.ts";
import { Breadcrumbs } from "./breadcrumbs.tsx";
import { GraphView } from "./graph-view.tsx";
import { Legend, LegendLine } from "./legend.tsx";
import { Minimap } from "./minimap.tsx";
import { ParameterList } from "./parameter-list.tsx";

/** The drawing, the line that says where one is, and what helps to read it beside or below: nothing lies over it. */
export function GraphPane() {
  const open = derived.sideIsOpen.value;
  return (
    <main class={open ? "graph with-side" : "graph"}>
      <div class="graph-head">
        <Breadcrumbs />
        <span class="spacer" />
        <Zoom />
      </div>
      <div class="drawing-place">
        <GraphView />
        <LayingOut />
      </div>
      {open ? (
        <div class="graph-side" role="group" aria-label={t("Parameters, legend and map")} tabIndex={0}>
          <ParameterList />
          <Minimap />
          <Legend />
        </div>
      ) : (
        <LegendLine />
      )}
    </main>
  );
}

function Zoom() {
  return (
    <div class="zoom-controls" role="group" aria-label={t("View")}>
      <IconButton
        icon="target"
        name={t("Show the current node")}
        keys="C"
        class="small"
        onClick={() => show(derived.currentItem.value ?? derived.selectedItem.value)}
      />
      <IconButton icon="screen-full" name={t("Show the whole graph")} keys="F" class="small" onClick={showWhole} />
      <IconButton icon="remove" name={t("Smaller")} keys="-" class="small" onClick={() => zoomBy(1 / 1.25)} />
      <span class="mono">{Math.round(viewport.value.k * 100)} %</span>
      <IconButton icon="add" name={t("Larger")} keys="+" class="small" onClick={() => zoomBy(1.25)} />
      <FlowButton />
      <IconButton
        icon="layout-sidebar-right"
        name={t("Parameters, map and legend")}
        class="small"
        pressed={derived.sideIsOpen.value}
        onClick={() => (sideOpen.value = !derived.sideIsOpen.value)}
      />
    </div>
  );
}

const FLOW_NAMES: Readonly<Record<FlowChoice, string>> = {
  auto: t("by the shape of the pane"),
  down: t("from top to bottom"),
  right: t("from left to right"),
};

/** Goes through the choices: by the pane's shape, down, to the right. */
function FlowButton() {
  const next = FLOW_CHOICES[(FLOW_CHOICES.indexOf(flowChoice.value) + 1) % FLOW_CHOICES.length] ?? "auto";
  return (
    <IconButton
      icon={derived.flow.value === "down" ? "arrow-down" : "arrow-right"}
      name={t`The forward pass runs ${FLOW_NAMES[flowChoice.value]}; choose: ${FLOW_NAMES[next]}`}
      class="small"
      onClick={() => (flowChoice.value = next)}
    />
  );
}

/** Until the first cards are placed, what is being done about it. */
function LayingOut() {
  if (derived.scene.value.placed.length > 0 || !derived.layingOut.value) return null;
  return (
    <p class="laying-out dim" role="status">
      {t`laying out ${count(graph.value?.nodeCount ?? 0, "node")}…`}
    </p>
  );
}
