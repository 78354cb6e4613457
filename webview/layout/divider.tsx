import { t } from "../../engine/language/translate.ts";
import "./divider.css";

interface DividerProps {
  readonly name: string;
  /** Which way the line between the panes runs. */
  readonly orientation: "vertical" | "horizontal";
  /** In percent or pixels, as `least` and `most` are. */
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly step: number;
  /** Asked to stand where the pointer is. */
  readonly onPoint: (x: number, y: number) => void;
  readonly onMove: (by: number) => void;
  readonly onReset: () => void;
}

/** The line between two panes: dragged, or moved with the arrow keys; a double click gives it back its first place. */
export function Divider(props: DividerProps) {
  const { name, orientation, value, least, most, step, onPoint, onMove, onReset } = props;
  const [back, forward] = orientation === "vertical" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
  return (
    <div
      class={`divider ${orientation}`}
      role="separator"
      aria-orientation={orientation}
      aria-label={name}
      aria-valuemin={Math.round(least)}
      aria-valuemax={Math.round(most)}
      aria-valuenow={Math.round(value)}
      title={t`${name}: drag, or use the arrow keys`}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (event.buttons !== 0) onPoint(event.clientX, event.clientY);
      }}
      onDblClick={onReset}
      onKeyDown={(event) => {
        const by = event.key === back ? -step : event.key === forward ? step : 0;
        if (by === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        onMove(by);
      }}
    />
  );
}
