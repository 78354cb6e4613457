import "./contact-sheet.css";
import { effect, useSignal, type ReadonlySignal } from "@preact/signals";
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
  return total < 2 ? null : <Sheet picture={picture} of={of} slices={slices} total={total} />;
}

interface SheetProps {
  readonly picture: HeatMap;
  readonly of: NodeDetail;
  readonly slices: readonly (readonly number[])[];
  readonly total: number;
}

function Sheet({ picture, of, slices, total }: SheetProps) {
  const place = useRef<HTMLDivElement>(null);
  // The inspector is longer than its pane: a sheet that is scrolled out of sight asks for nothing.
  const seen = useSignal(false);
  useEffect(() => {
    if (!place.current) return;
    const observer = new IntersectionObserver((entries) => (seen.value = entries.at(-1)?.isIntersecting === true));
    observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  const chosen = picture.slice.join();
  return (
    <div ref={place} class="contact-sheet" role="group" aria-label={t("All slices")}>
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
          <Tile of={of} plane={picture.plane} axes={picture.axes} at={one} seen={seen} />
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
  /** Whether anybody can see it, where that is not always so. */
  readonly seen?: ReadonlySignal<boolean>;
}

/** One slice as a small picture. */
export function Tile({ of, plane, axes, at, seen }: TileProps) {
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
      // A canvas that was never drawn on has no drawing surface, and needs none to stay empty.
      if (shown.current && canvas.current) clear(canvas.current);
      shown.current = null;
    };
    let asking: ReturnType<typeof setTimeout> | undefined;
    const ask = (): void => {
      // The cursor may have gone back to where this gradient has not come yet: the tile is empty then, and nobody need hear.
      inspect().heatMap(of.pass, of.node, request).then(show, showNothing);
    };
    const stop = effect(() => {
      if (seen?.value !== false && asking === undefined) asking = setTimeout(ask, AT_REST);
    });
    return () => {
      wanted = false;
      stop();
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
