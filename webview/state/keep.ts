import { effect } from "@preact/signals";
import { saveState } from "./host.ts";
import type { PanelState } from "../../engine/protocol/panel.ts";
import { expanded } from "./navigation.ts";
import { file } from "./resources.ts";
import { flowChoice, graphShare, inspectorWidth, lensOpen, overlayName, sideOpen } from "./ui.ts";

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
      inspectorWidth: inspectorWidth.value,
      graphShare: graphShare.value,
      flow: flowChoice.value,
      side: sideOpen.value,
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
