import "./heat-map.css";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../engine/language/translate.ts";
import type { HeatMap, NodeDetail } from "../../engine/protocol/inspection.ts";
import { chooseCell, chosenElement, elementOfCell } from "../state/detail.ts";
import { axes, element, slice, theme, window_ } from "../state/ui.ts";
import { formatNumber } from "../ui/format.ts";
import { RangeSlider } from "../ui/range-slider.tsx";
import { ContactSheet } from "./contact-sheet.tsx";
import { paint } from "./picture.ts";

const SIDE = 192;
const THINNEST = 22;

interface HeatMapProps {
  readonly picture: HeatMap;
  readonly of: NodeDetail;
  /** What is said beside the picture, below the sliders. */
  readonly children: preact.ComponentChildren;
}

/** A slice of a tensor as an image: hover reads an element, click or arrow keys choose it. */
export function HeatMapView({ picture, of, children }: HeatMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const hovered = useSignal<{ row: number; column: number } | null>(null);
  const kind = theme.value;
  useEffect(() => {
    if (canvas.current) paint(canvas.current, picture, kind);
  }, [picture, kind]);
  const [top, left, height, width] = picture.window;
  const [cssWidth, cssHeight] = displaySize(height, width);
  const chosen = chosenElement();
  const cellAt = (event: MouseEvent): { row: number; column: number } => {
    const bounds = (event.currentTarget as Element).getBoundingClientRect();
    const row = Math.floor(((event.clientY - bounds.top) / bounds.height) * picture.rows);
    const column = Math.floor(((event.clientX - bounds.left) / bounds.width) * picture.columns);
    return {
      row: Math.min(picture.rows - 1, Math.max(0, row)),
      column: Math.min(picture.columns - 1, Math.max(0, column)),
    };
  };
  const [down, across] = picture.axes;
  const box = chosen ? boxOf(picture, chosen, cssWidth, cssHeight) : null;
  const cell = hovered.value;
  const sampled = picture.rows < height || picture.columns < width;
  return (
    <div class="heat">
      <div class="image" style={{ width: `${String(cssWidth)}px`, height: `${String(cssHeight)}px` }}>
        <canvas
          ref={canvas}
          style={{ width: `${String(cssWidth)}px`, height: `${String(cssHeight)}px` }}
          tabIndex={0}
          role="img"
          aria-label={
            chosen
              ? t`Heat map, ${height} by ${width} elements; chosen: [${chosen.join(", ")}]. Arrow keys choose another element.`
              : t`Heat map, ${height} by ${width} elements. Arrow keys choose another element.`
          }
          onMouseMove={(event) => (hovered.value = cellAt(event))}
          onMouseLeave={() => (hovered.value = null)}
          onClick={(event) => {
            const { row, column } = cellAt(event);
            void chooseCell(of, picture, row, column);
          }}
          onKeyDown={(event) => moveElement(event, picture, chosen)}
        />
        {box && <b style={box} />}
      </div>
      <div class="pairs">
        {down >= 0 && (
          <AxisWindow
            name={picture.shape.length > 2 ? t`axis ${String(down)}` : t("rows")}
            size={picture.shape[down] ?? 1}
            from={top}
            count={height}
            onChange={(from, count) => (window_.value = [from, left, count, width])}
          />
        )}
        {across >= 0 && (
          <AxisWindow
            name={
              picture.shape.length > 2
                ? t`axis ${String(across)}`
                : picture.shape.length === 1
                  ? t("elements")
                  : t("columns")
            }
            size={picture.shape[across] ?? 1}
            from={left}
            count={width}
            onChange={(from, count) => (window_.value = [top, from, height, count])}
          />
        )}
        <div style={{ marginTop: "8px" }}>
          <span class="dim">{cell ? t("under the pointer") : t("element")}</span>
          <b class="mono">[{(cell ? elementOfCell(picture, cell.row, cell.column) : (chosen ?? [])).join(", ")}]</b>
        </div>
        {cell ? (
          <div>
            <span class="dim">{sampled ? t("largest here") : t("element")}</span>
            <span class="mono">{formatNumber(picture.cells[cell.row * picture.columns + cell.column] ?? NaN)}</span>
          </div>
        ) : (
          children
        )}
        {picture.cells.some(Number.isFinite) && (
          <>
            <div class="gradient-bar" />
            <div>
              <span class="mono dim">{formatNumber(-picture.scale)}</span>
              <span class="mono dim">{formatNumber(picture.scale)}</span>
            </div>
          </>
        )}
      </div>
      {picture.shape.length > 2 && <OtherAxes picture={picture} of={of} />}
      <ContactSheet picture={picture} of={of} />
    </div>
  );
}

function AxisWindow(props: {
  readonly name: string;
  readonly size: number;
  readonly from: number;
  readonly count: number;
  readonly onChange: (from: number, count: number) => void;
}) {
  const { name, size, from, count, onChange } = props;
  return (
    <>
      <div>
        <span class="dim">{name}</span>
        <span class="mono">
          {from} … {from + count - 1}
        </span>
      </div>
      {size > 1 && (
        <RangeSlider
          name={name}
          last={size - 1}
          low={from}
          high={from + count - 1}
          onChange={(low, high) => onChange(low, high - low + 1)}
        />
      )}
    </>
  );
}

/** Which two axes are shown, and a slider for each of the others. */
function OtherAxes({ picture, of }: { readonly picture: HeatMap; readonly of: NodeDetail }) {
  const { shape } = of.value;
  const [down, across] = picture.axes;
  const choose = (pair: readonly [number, number]): void => {
    axes.value = pair;
    window_.value = null;
  };
  const options = shape.map((size, axis) => (
    <option key={axis} value={String(axis)}>
      {t`axis ${axis}`} ({size})
    </option>
  ));
  return (
    <div class="pairs other-axes">
      <label>
        <span class="dim">{t("down")}</span>
        <select
          value={String(down)}
          onChange={(event) => {
            const axis = Number(event.currentTarget.value);
            choose([axis, axis === across ? down : across]);
          }}
        >
          {options}
        </select>
      </label>
      <label>
        <span class="dim">{t("across")}</span>
        <select
          value={String(across)}
          onChange={(event) => {
            const axis = Number(event.currentTarget.value);
            choose([axis === down ? across : down, axis]);
          }}
        >
          {options}
        </select>
      </label>
      {shape.map(
        (size, axis) =>
          axis !== down &&
          axis !== across && (
            <label key={axis}>
              <span class="dim">{t`axis ${axis}`}</span>
              <input
                type="range"
                min={0}
                max={size - 1}
                value={picture.slice[axis] ?? 0}
                onInput={(event) => {
                  const next = shape.map((_, i) => picture.slice[i] ?? 0);
                  next[axis] = Number(event.currentTarget.value);
                  slice.value = next;
                  element.value = null;
                }}
              />
              <span class="mono">{picture.slice[axis] ?? 0}</span>
            </label>
          ),
      )}
    </div>
  );
}

/** Square cells where that leaves the picture readable. */
export function displaySize(rows: number, columns: number): readonly [width: number, height: number] {
  if (rows <= 0 || columns <= 0) return [SIDE, THINNEST];
  const scale = SIDE / Math.max(rows, columns);
  return [Math.max(THINNEST, Math.round(columns * scale)), Math.max(THINNEST, Math.round(rows * scale))];
}

function boxOf(picture: HeatMap, index: readonly number[], cssWidth: number, cssHeight: number) {
  const [down, across] = picture.axes;
  const [top, left, height, width] = picture.window;
  const row = down < 0 ? 0 : (index[down] ?? 0) - top;
  const column = across < 0 ? 0 : (index[across] ?? 0) - left;
  if (row < 0 || column < 0 || row >= height || column >= width) return null;
  for (const [axis, at] of index.entries()) {
    if (axis !== down && axis !== across && at !== (picture.slice[axis] ?? 0)) return null;
  }
  const cellHeight = Math.max(7, cssHeight / height);
  const cellWidth = Math.max(7, cssWidth / width);
  return {
    left: `${String(((column + 0.5) / width) * cssWidth - cellWidth / 2)}px`,
    top: `${String(((row + 0.5) / height) * cssHeight - cellHeight / 2)}px`,
    width: `${String(cellWidth)}px`,
    height: `${String(cellHeight)}px`,
  };
}

function moveElement(event: KeyboardEvent, picture: HeatMap, chosen: readonly number[] | null): void {
  if (!chosen || event.altKey || event.ctrlKey || event.metaKey) return;
  const [down, across] = picture.axes;
  const next = [...chosen];
  const move = (axis: number, by: number): void => {
    if (axis < 0) return;
    const size = picture.shape[axis] ?? 1;
    next[axis] = Math.min(size - 1, Math.max(0, (next[axis] ?? 0) + by));
  };
  if (event.key === "ArrowUp") move(down, -1);
  else if (event.key === "ArrowDown") move(down, 1);
  else if (event.key === "ArrowLeft") move(across, -1);
  else if (event.key === "ArrowRight") move(across, 1);
  else if (event.key === "Home") move(across, -Infinity);
  else if (event.key === "End") move(across, Infinity);
  else return;
  event.preventDefault();
  event.stopPropagation();
  element.value = next;
}
