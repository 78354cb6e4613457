import "./contact-sheet.css";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../engine/language/translate.ts";
import type { HeatMap, NodeDetail, Plane } from "../../engine/protocol/inspection.ts";
import { inspect } from "../state/partners.ts";
import { element, slice, theme, window_ } from "../state/ui.ts";
import { MOST_TILES, slicesOf } from "./slices.ts";
import { clear, paint } from "./picture.ts";

/** Cells of a tile's longer side: of larger slices each cell is the element of largest magnitude under it. */
const MOST_CELLS = 32;

/**
 * Milliseconds that a tensor must be shown before its tiles are asked for: whoever steps on at once, or lets the pass play, does not
 * look at them, and each is a reading of its own.
 */
const AT_REST = 120;

/** All slices of a tensor of three axes or more beside each other: the kernels of a layer, the images of a batch. A click shows one. */
export function ContactSheet({ picture, of }: { readonly picture: HeatMap; readonly of: NodeDetail }) {
  const { slices, total } = slicesOf(picture.shape, picture.axes);
  if (total < 2) return null;
  const chosen = picture.slice.join();
  return (
    <div class="contact-sheet" role="group" aria-label={t("All slices")}>
      {slices.map((one) => (
        <button
          key={one.join()}
          type="button"
          title={sliceText(one, picture.axes)}
          aria-label={sliceText(one, picture.axes)}
          aria-pressed={one.join() === chosen}
          onClick={() => {
            slice.value = one;
            element.value = null;
            window_.value = null;
          }}
        >
          <Tile of={of} plane={picture.plane} axes={picture.axes} at={one} />
        </button>
      ))}
      {total > MOST_TILES && <span class="dim">{t`${total - MOST_TILES} more`}</span>}
    </div>
  );
}

interface TileProps {
  readonly of: Pick<NodeDetail, "pass" | "node">;
  readonly plane: Plane;
  readonly axes: readonly [number, number];
  /** Where on the other axes. */
  readonly at: readonly number[];
}

/** One slice as a small picture. */
export function Tile({ of, plane, axes, at }: TileProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const shown = useRef<HeatMap | null>(null);
  const kind = theme.value;
  useEffect(() => {
    let wanted = true;
    // What was shown stays until there is another, and muted: it is the last tensor's, or of the last step.
    canvas.current?.classList.add("past");
    const request = { plane, axes, slice: at, maxRows: MOST_CELLS, maxColumns: MOST_CELLS };
    const show = (answer: HeatMap): void => {
      if (!wanted) return;
      shown.current = answer;
      if (!canvas.current) return;
      canvas.current.classList.remove("past");
      paint(canvas.current, answer, theme.peek());
    };
    const showNothing = (): void => {
      if (!wanted) return;
      shown.current = null;
      if (canvas.current) clear(canvas.current);
    };
    const asking = setTimeout(() => {
      // The cursor may have gone back to where this gradient has not come yet: the tile is empty then, and nobody need hear.
      inspect().heatMap(of.pass, of.node, request).then(show, showNothing);
    }, AT_REST);
    return () => {
      wanted = false;
      clearTimeout(asking);
    };
  }, [of, plane, axes.join(), at.join()]);
  useEffect(() => {
    if (canvas.current && shown.current) paint(canvas.current, shown.current, kind);
  }, [kind]);
  return <canvas ref={canvas} aria-hidden="true" />;
}

/** "[3, 0, :, :]" */
function sliceText(at: readonly number[], [down, across]: readonly [number, number]): string {
  return `[${at.map((index, axis) => (axis === down || axis === across ? ":" : String(index))).join(", ")}]`;
}
