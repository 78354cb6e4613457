import { select as d3select } from "d3-selection";
import { zoom as d3zoom, zoomIdentity, type ZoomBehavior } from "d3-zoom";
import type { View } from "./view-box.ts";

const GLIDE_MS = 130;
const SCALES: [number, number] = [0.02, 3];

interface CameraEvents {
  /** Asked for with every change of the view; `byHand` when a wheel or a drag made it. */
  readonly moved: (view: View, byHand: boolean) => void;
}

/** Pans and zooms a drawing: by wheel and drag, and where it is sent. */
export class Camera {
  readonly #svg: SVGSVGElement;
  readonly #zoom: ZoomBehavior<SVGSVGElement, unknown>;
  readonly #onWheel: (event: WheelEvent) => void;
  #view: View = { x: 0, y: 0, k: 1 };
  #size = { width: 0, height: 0 };
  #goal: View | null = null;
  #frame = 0;

  constructor(svg: SVGSVGElement, { moved }: CameraEvents) {
    this.#svg = svg;
    this.#zoom = d3zoom<SVGSVGElement, unknown>()
      .scaleExtent(SCALES)
      // Its own way to know the size asks the page for a layout, with every move.
      .extent(() => [
        [0, 0],
        [this.#size.width, this.#size.height],
      ])
      .clickDistance(4)
      .filter((event: MouseEvent | WheelEvent) =>
        event.type === "wheel" ? event.ctrlKey || event.metaKey : event.button === 0,
      )
      .wheelDelta((event) => -event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.006))
      .on("zoom", ({ transform, sourceEvent }: { transform: View; sourceEvent: Event | null }) => {
        this.#view = { x: transform.x, y: transform.y, k: transform.k };
        moved(this.#view, sourceEvent !== null);
      });
    const selected = d3select(svg);
    selected.call(this.#zoom).on("dblclick.zoom", null);
    this.#onWheel = (event) => {
      if (event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.#stop();
      const { k } = this.#view;
      const unit = event.deltaMode === 1 ? 16 : 1;
      const [dx, dy] = event.shiftKey ? [event.deltaY, event.deltaX] : [event.deltaX, event.deltaY];
      this.#zoom.translateBy(selected, (-dx * unit) / k, (-dy * unit) / k);
      moved(this.#view, true);
    };
    svg.addEventListener("wheel", this.#onWheel, { passive: false });
  }

  /** Where the camera stands; where it is going to, while it glides. */
  get view(): View {
    return this.#goal ?? this.#view;
  }

  resize(width: number, height: number): void {
    this.#size = { width, height };
  }

  goTo(view: View, smoothly: boolean): void {
    this.#stop();
    if (smoothly) this.#glide(view);
    else this.#put(view);
  }

  zoomBy(factor: number): void {
    this.#stop();
    this.#zoom.scaleBy(d3select(this.#svg), factor);
  }

  dispose(): void {
    this.#stop();
    this.#svg.removeEventListener("wheel", this.#onWheel);
    d3select(this.#svg).on(".zoom", null);
  }

  #put(view: View): void {
    this.#zoom.transform(d3select(this.#svg), zoomIdentity.translate(view.x, view.y).scale(view.k));
  }

  #glide(to: View): void {
    const from = this.#view;
    const started = performance.now();
    this.#goal = to;
    const frame = (now: number): void => {
      const t = Math.min(1, Math.max(0, (now - started) / GLIDE_MS));
      const s = 1 - (1 - t) ** 3;
      const between = (a: number, b: number): number => a + (b - a) * s;
      if (t >= 1) this.#goal = null;
      this.#put({ x: between(from.x, to.x), y: between(from.y, to.y), k: between(from.k, to.k) });
      if (t < 1) this.#frame = requestAnimationFrame(frame);
    };
    this.#frame = requestAnimationFrame(frame);
  }

  #stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#goal = null;
  }
}
