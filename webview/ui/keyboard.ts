import { moveCursor } from "../state/cursor-moves.ts";
import { nextHit, show, showWhole, stepInto, travel, zoomBy } from "../state/selecting.ts";
import { openSite } from "../state/host.ts";
import * as derived from "../state/derived.ts";
import { stepElement } from "../state/lens.ts";
import { viewport } from "../state/navigation.ts";
import { graph } from "../state/resources.ts";
import { helpOpen, lensOpen, playing } from "../state/ui.ts";

const KEYS: Readonly<Record<string, () => unknown>> = {
  ".": () => moveCursor({ by: 1 }),
  ",": () => moveCursor({ by: -1 }),
  Home: () => moveCursor({ to: "start" }),
  End: () => moveCursor({ to: "end" }),
  p: () => (playing.value = !playing.value),
  i: stepInto,
  o: () => moveCursor({ out: "next" }),
  "/": () => document.querySelector<HTMLElement>("#search")?.focus(),
  n: () => nextHit(1),
  N: () => nextHit(-1),
  f: () => showWhole(),
  s: () => show(derived.selectedItem.value),
  c: () => show(derived.currentItem.value),
  "+": () => zoomBy(1.25),
  "=": () => zoomBy(1.25),
  "-": () => zoomBy(1 / 1.25),
  g: () => document.querySelector<HTMLElement>("svg.drawing")?.focus(),
  l: goToSource,
  x: () => (lensOpen.value = !derived.lensIsOpen.value),
  "[": () => derived.lensIsOpen.value && stepElement(-1),
  "]": () => derived.lensIsOpen.value && stepElement(1),
  "?": () => (helpOpen.value = !helpOpen.value),
};

function goToSource(): void {
  const pass = graph.value;
  const node = derived.inspectedNode.value;
  const site = pass && node >= 0 ? pass.sites[pass.site[node] ?? 0] : null;
  if (site) void openSite(site);
}

/** Keys of the whole panel. Whoever types into a field, and VS Code's own combinations, are left alone. */
export function listenToKeys(): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || helpOpen.value) return;
    if (event.altKey && !event.ctrlKey && !event.metaKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      event.preventDefault();
      travel(event.key === "ArrowLeft" ? -1 : 1);
      return;
    }
    if (event.altKey || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
    if (event.key === "0") {
      zoomBy(1 / viewport.value.k);
      event.preventDefault();
      return;
    }
    const act = KEYS[event.key] ?? (event.shiftKey ? undefined : KEYS[event.key.toLowerCase()]);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLElement && target.tagName.startsWith("VSCODE-TEXT"))
  );
}
