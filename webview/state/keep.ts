import { effect } from "@preact/signals";
import { saveState } from "./actions.ts";
import { expanded, viewport } from "./navigation.ts";
import { inspectorWidth, overlayName } from "./ui.ts";

const QUIET_MS = 500;

/** Tells the host what to remember, once the user has paused. */
export function keepState(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let first = true;
  effect(() => {
    void [expanded.value, viewport.value, inspectorWidth.value, overlayName.value];
    if (first) {
      first = false;
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(() => void saveState(), QUIET_MS);
  });
}
