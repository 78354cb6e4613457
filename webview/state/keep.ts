import { effect } from "@preact/signals";
import { saveState } from "./host.ts";
import type { PanelState } from "../../engine/protocol/panel.ts";
import { hierarchy } from "./derived.ts";
import { expanded, selection, viewport, wantedSelection } from "./navigation.ts";
import { file, graph } from "./resources.ts";
import { selectionKey } from "./selection-key.ts";
import { inspectorWidth, lensOpen, overlayName } from "./ui.ts";

const QUIET_MS = 500;

/** Tells the host what to remember, once the user has paused. */
export function keepState(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let first = true;
  effect(() => {
    const state: PanelState = {
      file: file.value,
      expanded: [...expanded.value],
      overlay: overlayName.value,
      viewport: viewport.value,
      inspectorWidth: inspectorWidth.value,
      // Before a pass is there, what was remembered is still what is wanted.
      selected: selectionKey(selection.value, graph.value, hierarchy.value) ?? wantedSelection.peek(),
      lens: lensOpen.value,
    };
    if (first) {
      first = false;
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(() => void saveState(state), QUIET_MS);
  });
}
