import { GraphPane } from "./graph/graph-pane.tsx";
import { Inspector } from "./inspector/inspector.tsx";
import { ScalarLens } from "./lens/scalar-lens.tsx";
import { Screen, Failed } from "./screens/screens.tsx";
import { failure, graph, sessionState, started } from "./state/resources.ts";
import { announcement, inspectorWidth, lensOpen } from "./state/ui.ts";
import { Timeline } from "./timeline/timeline.tsx";
import { Toolbar } from "./toolbar/toolbar.tsx";
import { IconButton } from "./ui/icon.tsx";
import { Toast } from "./ui/toast.tsx";
import { Help } from "./ui/help.tsx";

export function Page() {
  if (!started.value) return null;
  const running = sessionState.value.kind === "running";
  return (
    <>
      {graph.value && !running ? (
        <div class="page" style={{ "--inspector-width": `${String(inspectorWidth.value)}px` }}>
          <Toolbar />
          <GraphPane />
          {lensOpen.value && <ScalarLens />}
          <Timeline />
          <Inspector />
          {failure.value && (
            <div class="notice">
              <Failed failure={failure.value} />
              <IconButton icon="close" name="Hide" class="small close" onClick={() => (failure.value = null)} />
            </div>
          )}
        </div>
      ) : (
        <Screen />
      )}
      <Toast />
      <Help />
      <div class="spoken-only" role="status" aria-live="polite">
        {announcement.value}
      </div>
    </>
  );
}
