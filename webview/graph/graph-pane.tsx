import * as derived from "../state/derived.ts";
import { viewport } from "../state/navigation.ts";
import { IconButton } from "../ui/icon.tsx";
import { Breadcrumbs } from "./breadcrumbs.tsx";
import { graphControls } from "./graph-controls.ts";
import { GraphView } from "./graph-view.tsx";
import { Legend } from "./legend.tsx";
import { Minimap } from "./minimap.tsx";
import { ParameterList } from "./parameter-list.tsx";

/** The drawing with what lies over it. */
export function GraphPane() {
  return (
    <main class="graph">
      <GraphView />
      <Breadcrumbs />
      <ParameterList />
      <Legend />
      <div class="zoom-controls" role="group" aria-label="Zoom">
        <IconButton
          icon="target"
          name="Show the current node"
          keys="C"
          onClick={() => graphControls()?.show(derived.currentItem.value ?? derived.selectedItem.value)}
        />
        <IconButton icon="screen-full" name="Show the whole graph" keys="F" onClick={() => graphControls()?.fit()} />
        <IconButton icon="remove" name="Smaller" keys="-" onClick={() => graphControls()?.zoomBy(1 / 1.25)} />
        <Zoom />
        <IconButton icon="add" name="Larger" keys="+" onClick={() => graphControls()?.zoomBy(1.25)} />
      </div>
      <Minimap />
    </main>
  );
}

function Zoom() {
  return <span class="mono">{Math.round(viewport.value.k * 100)} %</span>;
}
