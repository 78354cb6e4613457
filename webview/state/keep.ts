import { effect } from "@preact/signals";
import { saveState } from "./host.ts";
import type { PanelState } from "../../engine/protocol/panel.ts";
import { expanded, viewport } from "./navigation.ts";
import { file } from "./resources.ts";
import { inspectorWidth, overlayName } from "./ui.ts";

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
      selected: null,
    };
    if (first) {
      first = false;
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(() => void saveState(state), QUIET_MS);
  });
}
