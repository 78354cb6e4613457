import * as derived from "../state/derived.ts";
import { cameraWish, viewport } from "../state/navigation.ts";
import { drawingSize } from "../state/ui.ts";
import { stopAt } from "../ui/color-scale.ts";
import { nodeState } from "./progress.ts";
import { groupOfItem, isGroupItem } from "./group.ts";
import { visibleBox } from "./view-box.ts";

const WIDTH = 126;
const HEIGHT = 106;
/** More cards than this cannot be told apart at this size. */
const MOST_CARDS = 600;

/** The whole drawing in small, with a rectangle for what is seen. Click or drag moves the view. */
export function Minimap() {
  const scene = derived.scene.value;
  const tree = derived.hierarchy.value;
  const order = derived.schedule.value;
  if (!tree || !order || scene.placed.length === 0) return null;
  const scale = Math.min((WIDTH - 12) / scene.width, (HEIGHT - 12) / scene.height);
  const left = (WIDTH - scene.width * scale) / 2;
  const top = (HEIGHT - scene.height * scale) / 2;
  const stride = Math.ceil(scene.placed.length / MOST_CARDS);
  const overlay = derived.overlay.value;
  const position = derived.position.value;
  const current = derived.currentItem.value;
  const go = (event: PointerEvent): void => {
    if (event.buttons === 0) return;
    const bounds = (event.currentTarget as Element).getBoundingClientRect();
    const x = (event.clientX - bounds.left - left) / scale;
    const y = (event.clientY - bounds.top - top) / scale;
    cameraWish.value = { kind: "centre", x, y };
  };
  return (
    <div class="minimap" aria-hidden="true" onPointerDown={go} onPointerMove={go}>
      <svg width={WIDTH} height={HEIGHT}>
        <g transform={`translate(${String(left)} ${String(top)}) scale(${String(scale)})`}>
          {scene.placed.map((one, i) => {
            if (!one.open && i % stride !== 0 && one.item !== current) return null;
            const node = isGroupItem(one.item) ? (tree.groups[groupOfItem(one.item)]?.lastNode ?? -1) : one.item;
            const done = node >= 0 && nodeState(order, node, position) === "done";
            const value = overlay.value(node);
            const lit = (done || !overlay.needsGradient) && !Number.isNaN(value);
            return (
              <rect
                key={one.item}
                x={one.x}
                y={one.y}
                width={one.width}
                height={one.height}
                fill={
                  one.open
                    ? "var(--frame)"
                    : lit
                      ? `var(--g${String(stopAt(overlay.position(value)))})`
                      : "var(--map-wait)"
                }
                stroke={one.item === current ? "var(--accent)" : one.open ? "var(--frame-line)" : "none"}
                stroke-width={(one.item === current ? 2 : 1) / scale}
              />
            );
          })}
        </g>
        <Seen scale={scale} left={left} top={top} />
      </svg>
    </div>
  );
}

/** Apart from the cards, because it changes with every frame of a pan and they do not. */
function Seen({ scale, left, top }: { readonly scale: number; readonly left: number; readonly top: number }) {
  const size = drawingSize.value;
  const box = visibleBox(viewport.value, size.width, size.height);
  return (
    <rect
      x={left + box.x * scale}
      y={top + box.y * scale}
      width={Math.max(0, box.width * scale)}
      height={Math.max(0, box.height * scale)}
      fill="var(--fg)"
      fill-opacity={0.05}
      stroke="var(--edge-wait)"
    />
  );
}
