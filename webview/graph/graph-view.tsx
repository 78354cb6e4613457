import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../engine/language/translate.ts";
import { openInstance, selectItem, toggleGroup } from "../state/selecting.ts";
import { showRank } from "../state/ranks.ts";
import * as derived from "../state/derived.ts";
import { framing, viewport } from "../state/navigation.ts";
import { drawingSize } from "../state/ui.ts";
import { Camera } from "./camera.ts";
import { followWith } from "./follow.ts";
import { Content } from "./graph-content.tsx";
import { activate, isRepetition, onGraphKey, stepInstance } from "./graph-keys.ts";
import { STEPPER_WIDTH } from "./group-frame.tsx";
import { groupOfItem } from "./group.ts";
import { domId, instanceAt } from "./node-card.tsx";
import type { Box } from "./scene.ts";
import { contains, detailAt, grown, hitAt, visibleBox, type View } from "./view-box.ts";

/** The drawing: pans and zooms by itself, draws only what is in view, and on a step only changes colours. */
export function GraphView() {
  const svg = useRef<SVGSVGElement>(null);
  const content = useRef<SVGGElement>(null);
  // What is drawn: more than what is seen, so that most frames of a pan need no new elements.
  const drawn = useSignal<Box>({ x: 0, y: 0, width: 0, height: 0 });
  const detail = useComputed(() => detailAt(viewport.value.k));
  const moving = useSignal(false);

  useEffect(() => {
    const node = svg.current;
    if (!node) return;
    const show = (view: View): void => {
      const { x, y, k } = view;
      content.current?.setAttribute("transform", `translate(${String(x)} ${String(y)}) scale(${String(k)})`);
      viewport.value = view;
      const { width, height } = drawingSize.peek();
      const seen = visibleBox(view, width, height);
      const tooMuch = drawn.peek().width > seen.width * 4;
      if (!contains(drawn.peek(), seen) || tooMuch) drawn.value = grown(seen, 0.5);
    };
    const camera = new Camera(node, {
      moved: (view, byHand) => {
        if (byHand) framing.value = "hand";
        show(view);
      },
    });
    const observer = new ResizeObserver(([entry]) => {
      if (!entry) return;
      const { width, height } = entry.contentRect;
      camera.resize(width, height);
      drawingSize.value = { width, height };
      show(camera.view);
    });
    observer.observe(node);
    const unfollow = followWith(camera, (isMoving) => (moving.value = isMoving));
    return () => {
      unfollow();
      observer.disconnect();
      camera.dispose();
    };
  }, []);

  const at = (event: MouseEvent) => {
    const bounds = svg.current?.getBoundingClientRect();
    const view = viewport.value;
    const x = (event.clientX - (bounds?.left ?? 0) - view.x) / view.k;
    const y = (event.clientY - (bounds?.top ?? 0) - view.y) / view.k;
    const hit = hitAt(derived.scene.value, x, y);
    return hit ? { ...hit, x: x - hit.placed.x, y: y - hit.placed.y } : null;
  };
  const onClick = (event: MouseEvent): void => {
    const rank = event.target instanceof Element ? event.target.getAttribute("data-rank") : null;
    if (rank !== null) return void showRank(Number(rank));
    const hit = at(event);
    if (!hit) return;
    const { item, open, width } = hit.placed;
    if (hit.chevron) toggleGroup(groupOfItem(item));
    else if (open && hit.y < 24 && hit.x > width - STEPPER_WIDTH - 8 && isRepetition(item)) {
      stepInstance(item, hit.x > width - 8 - STEPPER_WIDTH / 2 ? 1 : -1);
    } else {
      const group = item < 0 ? derived.hierarchy.value?.groups[groupOfItem(item)] : undefined;
      const instance = open || !group ? null : instanceAt(group.instances.length, hit.x, hit.y, hit.placed);
      if (group && instance !== null) openInstance(group, instance);
      else selectItem(item);
    }
  };
  const onDoubleClick = (event: MouseEvent): void => {
    const hit = at(event);
    if (hit && !hit.chevron) activate(hit.placed.item);
  };

  const selected = derived.selectedItem.value;
  const scene = derived.scene.value;
  const context = derived.cardContext.value;

  return (
    <svg
      ref={svg}
      class={moving.value ? "drawing moving" : "drawing"}
      tabindex={0}
      role="tree"
      aria-label={t("Graph of the pass")}
      {...(selected !== null && scene.byItem.has(selected) && detail.value !== "blocks"
        ? { "aria-activedescendant": domId(selected) }
        : {})}
      onClick={onClick}
      onDblClick={onDoubleClick}
      onKeyDown={onGraphKey}
    >
      <g ref={content} role="none">
        {context && (
          <Content
            context={context}
            scene={scene}
            box={drawn.value}
            detail={detail.value}
            colors={derived.colors.value}
            selected={selected}
          />
        )}
      </g>
    </svg>
  );
}
