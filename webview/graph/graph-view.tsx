import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { select as d3select } from "d3-selection";
import { zoom as d3zoom, zoomIdentity, type ZoomBehavior } from "d3-zoom";
import { useEffect, useRef } from "preact/hooks";
import { anchor, selectItem, toggleGroup, wanted } from "../state/actions.ts";
import * as derived from "../state/derived.ts";
import { revealed, viewport, viewportFile } from "../state/navigation.ts";
import { graph, statistics } from "../state/resources.ts";
import { reducedMotion } from "../state/ui.ts";
import { countVerdicts, type CardContext } from "./card-model.ts";
import { Content, setCurrentContent } from "./graph-content.tsx";
import { setGraphControls } from "./graph-controls.ts";
import { activate, isRepetition, onGraphKey, stepInstance } from "./graph-keys.ts";
import { STEPPER_WIDTH } from "./group-frame.tsx";
import { groupOfItem, type Item } from "./hierarchy.ts";
import { moduleColors } from "./module-color.ts";
import { domId } from "./node-card.tsx";
import { shownItem, type Box, type Scene } from "./scene.ts";
import {
  bringingIntoView,
  contains,
  detailAt,
  fitted,
  grown,
  hitAt,
  placedIn,
  visibleBox,
  type View,
} from "./view-box.ts";

/** The drawing: pans and zooms by itself, draws only what is in view, and on a step only changes colours. */
export function GraphView() {
  const svg = useRef<SVGSVGElement>(null);
  const content = useRef<SVGGElement>(null);
  const size = useSignal({ width: 0, height: 0 });
  // What is drawn: more than what is seen, so that most frames of a pan need no new elements.
  const drawn = useSignal<Box>({ x: 0, y: 0, width: 0, height: 0 });
  const detail = useComputed(() => detailAt(viewport.value.k));
  const moving = useSignal(false);
  const zoomer = useRef<ZoomBehavior<SVGSVGElement, unknown> | null>(null);
  const shownScene = useRef<Scene | null>(null);

  const applyView = (view: View): void => {
    content.current?.setAttribute(
      "transform",
      `translate(${String(view.x)} ${String(view.y)}) scale(${String(view.k)})`,
    );
    viewport.value = view;
    const seen = visibleBox(view, size.value.width, size.value.height);
    const tooMuch = drawn.value.width > seen.width * 4;
    if (!contains(drawn.value, seen) || tooMuch) drawn.value = grown(seen, 0.5);
  };

  const setView = (view: View, smooth = false): void => {
    const node = svg.current;
    if (!node || !zoomer.current) return;
    const transform = zoomIdentity.translate(view.x, view.y).scale(view.k);
    if (smooth && !reducedMotion.value) glide(node, zoomer.current, viewport.value, view);
    else zoomer.current.transform(d3select(node), transform);
  };

  useEffect(() => {
    const node = svg.current;
    if (!node) return;
    const behaviour = d3zoom<SVGSVGElement, unknown>()
      .scaleExtent([0.02, 3])
      .clickDistance(4)
      .filter((event: MouseEvent | WheelEvent) =>
        event.type === "wheel" ? event.ctrlKey || event.metaKey : event.button === 0,
      )
      .wheelDelta((event) => -event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.006))
      .on("zoom", ({ transform }: { transform: View }) =>
        applyView({ x: transform.x, y: transform.y, k: transform.k }),
      );
    zoomer.current = behaviour;
    const selected = d3select(node);
    selected.call(behaviour).on("dblclick.zoom", null);
    const onWheel = (event: WheelEvent): void => {
      if (event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const { k } = viewport.value;
      const unit = event.deltaMode === 1 ? 16 : 1;
      const [dx, dy] = event.shiftKey ? [event.deltaY, event.deltaX] : [event.deltaX, event.deltaY];
      behaviour.translateBy(selected, (-dx * unit) / k, (-dy * unit) / k);
    };
    node.addEventListener("wheel", onWheel, { passive: false });
    const observer = new ResizeObserver(([entry]) => {
      if (!entry) return;
      const { width, height } = entry.contentRect;
      size.value = { width, height };
      applyView(viewport.value);
    });
    observer.observe(node);
    return () => {
      observer.disconnect();
      node.removeEventListener("wheel", onWheel);
      selected.on(".zoom", null);
    };
  }, []);

  // A new layout: the clicked card stays where it is on the page; a first one is brought into view.
  useSignalEffect(() => {
    const next = derived.scene.value;
    const { width, height } = size.value;
    const tree = derived.hierarchy.value;
    if (width === 0 || next.placed.length === 0 || !tree) return;
    const before = shownScene.current;
    shownScene.current = next;
    if (before === next) return;
    const view = viewport.peek();
    const held = anchor.value;
    const goal = wanted.value;
    if (goal !== null) {
      wanted.value = null;
      const item = shownItem(next, tree, goal);
      const box = item === null ? undefined : next.byItem.get(item);
      moving.value = before !== null;
      if (box) setView(bringingIntoView({ ...view, k: Math.max(view.k, 0.7) }, box, width, height), true);
    } else if (held !== null && before) {
      anchor.value = null;
      const from = before.byItem.get(held);
      const to = next.byItem.get(held);
      moving.value = true;
      if (from && to) setView({ ...view, x: view.x + (from.x - to.x) * view.k, y: view.y + (from.y - to.y) * view.k });
    } else if (!before || graph.peek()?.file !== viewportFile.peek()) {
      // The graph of a file that is run again is shown where it stood.
      const stays =
        graph.peek()?.file === viewportFile.peek() && placedIn(next, visibleBox(view, width, height)).length > 0;
      setView(stays ? view : firstView(next, derived.currentItem.peek(), width, height));
    }
    viewportFile.value = graph.peek()?.file ?? null;
    const settled = setTimeout(() => (moving.value = false), 220);
    return () => clearTimeout(settled);
  });

  // The cursor's card is kept in view.
  useSignalEffect(() => {
    const item = derived.currentItem.value;
    const box = item === null ? undefined : derived.scene.peek().byItem.get(item);
    const { width, height } = size.peek();
    if (!box || width === 0 || shownScene.current !== derived.scene.peek()) return;
    const view = viewport.peek();
    // Not under the list of parameters either.
    const covered = derived.parametersAreOpen.peek() && width > 600 ? LIST_ROOM : 0;
    const next = bringingIntoView(view, box, width - covered, height, 32);
    if (next !== view) setView(next, true);
  });
  useSignalEffect(() => {
    if (revealed.value === 0 || wanted.value === null) return;
    const tree = derived.hierarchy.peek();
    const item = tree ? shownItem(derived.scene.peek(), tree, wanted.value) : null;
    // Where nothing has to open, no layout will follow to do this.
    if (item === null || item !== wanted.value) return;
    const box = derived.scene.peek().byItem.get(item);
    wanted.value = null;
    const { width, height } = size.peek();
    if (box) setView(bringingIntoView({ ...viewport.peek() }, box, width, height), true);
  });

  setGraphControls({
    fit: () => {
      const { width, height } = size.value;
      setView(wholeView(derived.scene.value, width, height), true);
    },
    show: (item) => {
      const box = item === null ? undefined : derived.scene.value.byItem.get(item);
      const { width, height } = size.value;
      if (!box) return;
      const k = Math.min(1, (width - 48) / box.width, (height - 48) / box.height);
      setView({ k, x: width / 2 - (box.x + box.width / 2) * k, y: height / 2 - (box.y + box.height / 2) * k }, true);
    },
    zoomBy: (factor) => {
      if (svg.current && zoomer.current) zoomer.current.scaleBy(d3select(svg.current), factor);
    },
    centreOn: (x, y) => {
      const { k } = viewport.value;
      setView({ k, x: size.value.width / 2 - x * k, y: size.value.height / 2 - y * k });
    },
    size: () => size.value,
  });

  const at = (event: MouseEvent) => {
    const bounds = svg.current?.getBoundingClientRect();
    const view = viewport.value;
    const x = (event.clientX - (bounds?.left ?? 0) - view.x) / view.k;
    const y = (event.clientY - (bounds?.top ?? 0) - view.y) / view.k;
    const hit = hitAt(derived.scene.value, x, y);
    return hit ? { ...hit, x: x - hit.placed.x, y: y - hit.placed.y } : null;
  };
  const onClick = (event: MouseEvent): void => {
    const hit = at(event);
    if (!hit) return;
    const { item, open, width } = hit.placed;
    if (hit.chevron) toggleGroup(groupOfItem(item));
    else if (open && hit.y < 24 && hit.x > width - STEPPER_WIDTH - 8 && isRepetition(item)) {
      stepInstance(item, hit.x > width - 8 - STEPPER_WIDTH / 2 ? 1 : -1);
    } else selectItem(item);
  };
  const onDoubleClick = (event: MouseEvent): void => {
    const hit = at(event);
    if (hit && !hit.chevron) activate(hit.placed.item);
  };

  const context = useComputed((): CardContext | null => {
    const pass = graph.value;
    const tree = derived.hierarchy.value;
    const order = derived.schedule.value;
    if (!pass || !tree || !order) return null;
    return {
      graph: pass,
      hierarchy: tree,
      schedule: order,
      statistics: statistics.value,
      verdicts: derived.verdicts.value,
      groupVerdicts: groupVerdicts.value,
      overlay: derived.overlay.value,
      groupNumber: derived.groupNumber.value,
      position: derived.position.value,
      current: derived.currentItem.value,
    };
  });
  const groupVerdicts = useComputed(() =>
    derived.hierarchy.value ? countVerdicts(derived.hierarchy.value, derived.verdicts.value) : new Map(),
  );
  const colors = useComputed(() => (derived.hierarchy.value ? moduleColors(derived.hierarchy.value) : () => "none"));
  const selected = derived.selectedItem.value;
  const scene = derived.scene.value;
  setCurrentContent(context.value && { context: context.value, scene, colors: colors.value, selected: null });

  return (
    <svg
      ref={svg}
      class={moving.value ? "drawing moving" : "drawing"}
      tabindex={0}
      role="tree"
      aria-label="Graph of the pass"
      {...(selected !== null && scene.byItem.has(selected) && detail.value !== "blocks"
        ? { "aria-activedescendant": domId(selected) }
        : {})}
      onClick={onClick}
      onDblClick={onDoubleClick}
      onKeyDown={onGraphKey}
    >
      <g ref={content} role="none">
        {context.value && (
          <Content
            context={context.value}
            scene={scene}
            box={drawn.value}
            detail={detail.value}
            colors={colors.value}
            selected={selected}
          />
        )}
      </g>
    </svg>
  );
}

/** The whole drawing, beside the legend where there is room. */
function wholeView(scene: Scene, width: number, height: number): View {
  const left = width >= 560 && matchMedia("(min-width: 801px)").matches ? LEGEND_ROOM : 0;
  const top = 32;
  const view = fitted({ x: 0, y: 0, width: scene.width, height: scene.height }, width - left, height - top, 12);
  return { ...view, x: view.x + left, y: view.y + top };
}

const LEGEND_ROOM = 200;
const LIST_ROOM = 244;
const FOOT = 48;

function firstView(scene: Scene, current: Item | null, width: number, height: number): View {
  const whole = wholeView(scene, width, height);
  const box = current === null ? undefined : scene.byItem.get(current);
  if (whole.k >= 0.7 || !box) return whole;
  const k = 0.85;
  const y = height / 2 - (box.y + box.height / 2) * k;
  // No more empty room below the loss than it needs.
  const lowest = height - FOOT - scene.height * k;
  return { k, x: width / 2 - (box.x + box.width / 2) * k, y: Math.min(32, Math.max(y, lowest)) };
}

let gliding = 0;

/** Moves the view in an eighth of a second. */
function glide(node: SVGSVGElement, zoomer: ZoomBehavior<SVGSVGElement, unknown>, from: View, to: View): void {
  cancelAnimationFrame(gliding);
  const started = performance.now();
  const frame = (now: number): void => {
    const t = Math.min(1, Math.max(0, (now - started) / 130));
    const s = 1 - (1 - t) ** 3;
    const view = { x: from.x + (to.x - from.x) * s, y: from.y + (to.y - from.y) * s, k: from.k + (to.k - from.k) * s };
    zoomer.transform(d3select(node), zoomIdentity.translate(view.x, view.y).scale(view.k));
    if (t < 1) gliding = requestAnimationFrame(frame);
  };
  gliding = requestAnimationFrame(frame);
}
