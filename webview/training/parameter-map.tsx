import { useEffect, useRef } from "preact/hooks";
import { t } from "../../engine/language/translate.ts";
import type { LogColumn } from "../../engine/protocol/training-log.ts";
import { histogramOf, losses, map, mapQuantity, pointedRow } from "../state/training.ts";
import { theme } from "../state/ui.ts";
import { decadesOf, logPosition, NORM_SCALE, stopAt } from "../ui/color-scale.ts";

const ROW = 13;
const MOST_HEIGHT = 104;

/** Parameters down, passes across, coloured by one quantity; what is not finite is crossed out in the colour of errors. */
export function ParameterMap({ width }: { readonly width: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const reading = map.value;
  const columns = reading?.columns ?? [];
  const height = columns.length * ROW;
  useEffect(() => {
    if (canvas.current && columns.length > 0) draw(canvas.current, columns, width, height);
  }, [reading, width, theme.value]);
  if (!reading || columns.length === 0) return null;
  const point = (event: PointerEvent): void => {
    const { top } = (event.currentTarget as Element).getBoundingClientRect();
    const row = Math.floor((event.clientY - top) / ROW);
    pointedRow.value = row >= 0 && row < columns.length ? row : -1;
  };
  return (
    <div class="map-place" style={{ maxHeight: `${String(MOST_HEIGHT)}px` }}>
      <div class="map" style={{ height: `${String(height)}px` }} onPointerMove={point}>
        <canvas
          ref={canvas}
          aria-hidden="true"
          style={{ width: `${String(width)}px`, height: `${String(height)}px` }}
        />
        {columns.map((column, i) => (
          <span
            key={column.row}
            class={i === pointedRow.value ? "name pointed" : "name"}
            style={{ top: `${String(i * ROW)}px` }}
            title={t("Click: histogram of its gradient over the passes")}
            onPointerDown={(event) => event.stopPropagation()}
            onPointerUp={(event) => {
              event.stopPropagation();
              histogramOf.value = histogramOf.value === column.row ? -1 : column.row;
            }}
          >
            {losses.value?.rows.find(({ id }) => id === column.row)?.name ?? ""}
          </span>
        ))}
      </div>
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, columns: readonly LogColumn[], width: number, height: number): void {
  const scale = devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  if (!context) return;
  const colors = NORM_SCALE[theme.peek()];
  const bad = getComputedStyle(canvas).getPropertyValue("--vscode-errorForeground");
  const isShare = mapQuantity.peek() === "zeros";
  const range = decadesOf(columns.flatMap(({ max }) => [...max]));
  columns.forEach(({ max, count, firstNotFinite }, row) => {
    const step = canvas.width / max.length;
    for (let i = 0; i < max.length; i++) {
      if (count[i] === 0) continue;
      const value = max[i] ?? NaN;
      const isBad = (firstNotFinite[i] ?? -1) >= 0 || (mapQuantity.peek() === "notFinite" && value > 0);
      const position = isShare ? value : logPosition(value, range);
      context.fillStyle = isBad ? bad : (colors[stopAt(position)] ?? "");
      const from = Math.floor(i * step);
      context.fillRect(from, row * ROW * scale, Math.max(1, Math.ceil((i + 1) * step) - from), (ROW - 1) * scale);
    }
  });
}
