import { batch, effect } from "@preact/signals";
import * as derived from "../state/derived.ts";
import { cameraWish, framing } from "../state/navigation.ts";
import { drawingSize, reducedMotion } from "../state/ui.ts";
import { aim, type Sight } from "./aim.ts";
import type { Camera } from "./camera.ts";

/** How long cards take to their new places. */
const SETTLED_MS = 220;

/** Sends the camera where it is wished, and keeps the current node in view, until disposed of. */
export function followWith(camera: Camera, settling: (isMoving: boolean) => void): () => void {
  let before: Sight | null = null;
  let settled: ReturnType<typeof setTimeout> | undefined;
  const stop = effect(() => {
    const scene = derived.scene.value;
    const size = drawingSize.value;
    const current = derived.currentItem.value;
    const selected = derived.selectedItem.value;
    const wish = cameraWish.value;
    const tree = derived.hierarchy.value;
    if (scene.placed.length === 0 || !tree) {
      // The next scene is another pass of another session: it gets a first view of its own.
      before = null;
      return;
    }
    if (size.width === 0 || size.height === 0) return;
    if (wish?.kind === "zoom") {
      batch(() => {
        cameraWish.value = null;
        framing.value = "hand";
      });
      camera.zoomBy(wish.by);
      return;
    }
    const now = { scene, size, current, selected, tree };
    const aimed = aim(camera.view, framing.peek(), before, now, wish);
    const rearranged = before !== null && before.scene !== scene;
    before = now;
    if (rearranged) {
      settling(true);
      clearTimeout(settled);
      settled = setTimeout(() => settling(false), SETTLED_MS);
    }
    batch(() => {
      framing.value = aimed.framing;
      if (aimed.fulfilled) cameraWish.value = null;
    });
    if (aimed.view !== camera.view) camera.goTo(aimed.view, aimed.smoothly && !reducedMotion.peek());
  });
  return () => {
    stop();
    clearTimeout(settled);
  };
}
